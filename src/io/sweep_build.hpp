#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/diagnostics.hpp"
#include "io/files.hpp"
#include "io/value.hpp"
#include "terastal/io/load_sweep.hpp"

namespace terastal::io {

/// An axis as it stands in the document.
struct AxisDraft {
  SweepAxis axis;
  Position position;            ///< of its key
  std::vector<Position> values; ///< where each value stands
  bool complete = true;         ///< false when an error took values away: what names them cannot be judged
};

/// A sweep with the places of its parts.
struct SweepDraft {
  Sweep sweep; ///< without axes
  std::vector<AxisDraft> axes;
  std::vector<Position> overrides; ///< where each of Sweep::overrides stands

  /// The axis of a kind; null without.
  [[nodiscard]] const AxisDraft* find(SweepAxis::Kind kind) const;
};

/// Whether scenarios that are given by name are looked for.
enum class ScenarioNames : std::uint8_t { found, unchecked };

/// The sweep of a checked document, up to its skip entries. Reports all problems.
[[nodiscard]] SweepDraft build_sweep(const Value& document, const SweepContext& context, ScenarioNames names,
                                     Diagnostics& diagnostics);

/// The entries of `skip`, and those that follow from policies without a varied setting.
[[nodiscard]] std::vector<SweepSkip> build_skips(const Value& skip, const SweepDraft& draft,
                                                 const PolicyRegistry& policies, Diagnostics& diagnostics);

/// Loads every scenario with every value of every setting axis and reports what is wrong with them, at the value where
/// it stands in the document. \returns all files that were read, with paths relative to the sweep's folder.
[[nodiscard]] std::vector<InputFile> try_scenarios(const SweepDraft& draft, const SweepContext& context, Files& files,
                                                   Diagnostics& diagnostics);

/// A value as YAML on one line, as an override takes it.
[[nodiscard]] std::string one_line(const Node& node);

/// A value in a form that is equal for equal values: `0.9`, `0.90` and `90 %`, `0.2 s` and `200 ms`. Texts in quotes
/// stay as they are.
[[nodiscard]] std::string normal_value(const Node& node);

/// First and last of `1..20`; nothing for other texts.
[[nodiscard]] std::optional<std::pair<std::uint64_t, std::uint64_t>> ends_of_range(const std::string& text);

/// Checks a sweep's file as `validate_file` does. \throws InputError.
void check_sweep_file(const std::string& path, const CostModelRegistry& cost_models);

} // namespace terastal::io
