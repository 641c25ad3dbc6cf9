#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "terastal/report/design_report.hpp"

namespace terastal {

void write_design_table(std::ostream& out, const DesignReport& report, bool color);
void write_design_json(std::ostream& out, const DesignReport& report);
void write_design_jsonl(std::ostream& out, const DesignReport& report);
void write_design_csv(std::ostream& out, const DesignReport& report);

/// Name of an accelerator type of the report's platform.
[[nodiscard]] const std::string& type_name(const DesignReport& report, TypeIndex type);

/// The network's own γ variants, and how many of them the design has (same layer and γ).
struct OwnVariants {
  std::size_t all = 0;
  std::size_t found = 0;
};
[[nodiscard]] OwnVariants own_variants(const DesignResult& result);

/// Whether a candidate is for a layer that has a γ variant of its own in the network's files.
[[nodiscard]] bool has_own_variant(const DesignResult& result, const VariantCandidate& candidate);

/// Non-empty sets of the chosen variants, and those that are valid at the network's threshold.
struct SetCount {
  std::size_t all = 0;
  std::size_t valid = 0;
};
/// Nothing when they are too many to count.
[[nodiscard]] std::optional<SetCount> count_sets(const DesignResult& result);

/// How well losses of single variants predict what was measured together.
struct CombinationCheck {
  const DesignResult* result = nullptr;
  PredictionError additive;
  PredictionError multiplicative;
  PredictionError fitted;
  PredictionError fitted_left_out; ///< each set predicted from a fit to the others
  PredictionError fitted_pairs;
  PredictionError fitted_pairs_left_out;
};
/// One entry for each network with measured sets of two and more variants.
[[nodiscard]] std::vector<CombinationCheck> combination_checks(const DesignReport& report);

/// Why an assumption is one, for people.
[[nodiscard]] std::string assumption_text(const DesignReport& report);

} // namespace terastal
