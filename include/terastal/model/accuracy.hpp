#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace terastal {

/// The variants that one inference used, one bit each; at most 64 per network.
using VariantSet = std::uint64_t;

/// How the accuracy of a variant set is known.
enum class AccuracyRule : std::uint8_t {
  measured,       ///< one value per set, because accuracy is far from additive (Terastal's artifact measures every one)
  additive,       ///< baseline · (1 − sum of the variants' costs), not below 0; for tables without combinations
  multiplicative, ///< baseline · product of (1 − cost) over the variants; likewise
};

/// The name of a rule as files write it.
[[nodiscard]] constexpr const char* to_string(AccuracyRule rule) {
  switch (rule) {
  case AccuracyRule::measured:
    return "measured";
  case AccuracyRule::additive:
    return "additive";
  case AccuracyRule::multiplicative:
    break;
  }
  return "multiplicative";
}

/// Accuracy as a function of the variant set.
class AccuracyModel {
 public:
  /// No variants, accuracy 1.
  AccuracyModel() = default;

  /// `sets` holds each measured set once, with the empty set as baseline.
  static AccuracyModel measured(std::string metric, double baseline, std::vector<std::pair<VariantSet, double>> sets);
  /// `costs[v]` in [0, 1] is the loss of variant v relative to the baseline.
  static AccuracyModel additive(std::string metric, double baseline, std::vector<double> costs);
  /// The same, with losses that multiply.
  static AccuracyModel multiplicative(std::string metric, double baseline, std::vector<double> costs);

  [[nodiscard]] const std::string& metric() const { return metric_; }
  [[nodiscard]] double baseline() const { return baseline_; }
  [[nodiscard]] AccuracyRule rule() const { return rule_; }
  [[nodiscard]] bool is_measured() const { return rule_ == AccuracyRule::measured; }

  /// Accuracy of a set; nothing when it was not measured. O(log sets) if measured, else O(variants).
  [[nodiscard]] std::optional<double> accuracy(VariantSet set) const;

  /// 1 − accuracy(set) / baseline; nothing when not measured.
  [[nodiscard]] std::optional<double> loss(VariantSet set) const;

  /// accuracy(set) ≥ theta · baseline, equality included whatever the rounding of decimal numbers (0.72 is 0.9 · 0.8).
  /// The empty set is always valid; a set that was not measured never is.
  [[nodiscard]] bool valid(VariantSet set, double theta) const;

  /// The measured sets, ascending; empty for the other rules.
  [[nodiscard]] const std::vector<std::pair<VariantSet, double>>& sets() const { return sets_; }
  /// Each variant's loss relative to the baseline; empty if measured.
  [[nodiscard]] const std::vector<double>& costs() const { return costs_; }

 private:
  AccuracyRule rule_ = AccuracyRule::measured;
  std::string metric_;
  double baseline_ = 1.0;
  std::vector<std::pair<VariantSet, double>> sets_;
  std::vector<double> costs_;
};

inline AccuracyModel AccuracyModel::measured(std::string metric, double baseline,
                                             std::vector<std::pair<VariantSet, double>> sets) {
  AccuracyModel model;
  model.metric_ = std::move(metric);
  model.baseline_ = baseline;
  model.sets_ = std::move(sets);
  std::sort(model.sets_.begin(), model.sets_.end());
  return model;
}

inline AccuracyModel AccuracyModel::additive(std::string metric, double baseline, std::vector<double> costs) {
  AccuracyModel model;
  model.rule_ = AccuracyRule::additive;
  model.metric_ = std::move(metric);
  model.baseline_ = baseline;
  model.costs_ = std::move(costs);
  return model;
}

inline AccuracyModel AccuracyModel::multiplicative(std::string metric, double baseline, std::vector<double> costs) {
  AccuracyModel model = additive(std::move(metric), baseline, std::move(costs));
  model.rule_ = AccuracyRule::multiplicative;
  return model;
}

inline std::optional<double> AccuracyModel::accuracy(VariantSet set) const {
  if (set == 0) return baseline_;
  if (is_measured()) {
    const auto found = std::lower_bound(sets_.begin(), sets_.end(), set,
                                        [](const auto& entry, VariantSet s) { return entry.first < s; });
    if (found == sets_.end() || found->first != set) return std::nullopt;
    return found->second;
  }
  double sum = 0.0;
  double product = 1.0;
  for (std::size_t v = 0; v < costs_.size(); ++v) {
    if ((set >> v & 1U) == 0) continue;
    sum += costs_[v];
    product *= 1.0 - costs_[v];
  }
  return baseline_ * (rule_ == AccuracyRule::additive ? std::max(0.0, 1.0 - sum) : product);
}

inline std::optional<double> AccuracyModel::loss(VariantSet set) const {
  const auto value = accuracy(set);
  if (!value) return std::nullopt;
  return (baseline_ - *value) / baseline_;
}

inline bool AccuracyModel::valid(VariantSet set, double theta) const {
  if (set == 0) return true;
  const auto value = accuracy(set);
  constexpr double rounding = 1e-12; // relative
  return value && *value >= theta * baseline_ * (1.0 - rounding);
}

} // namespace terastal
