#pragma once

#include <algorithm> // sort
#include <array>
#include <cmath> // abs
#include <cstddef>
#include <string>
#include <vector>

#include "terastal/cost/costed_network.hpp"

namespace terastal {

/// A cost model's estimate beside what a table says of the same layer on the same target.
struct CostError {
  std::string network;
  std::string layer;
  std::string variant; ///< empty for the original
  LayerShape shape;
  double table_s = 0.0;
  double model_s = 0.0;
  double latency_error = 0.0; ///< model / table − 1
  double table_nj = 0.0;      ///< 0: the table gives no energy
  double model_nj = 0.0;
  double energy_error = 0.0; ///< model / table − 1; 0 where the table gives no energy
  CostTerm bound = CostTerm::compute;
};

/// How the errors of one quantity are spread.
struct ErrorSpread {
  static constexpr std::array<double, 4> kLimits = {0.001, 0.01, 0.05, 0.10};

  std::size_t count = 0;
  std::array<double, 4> within{}; ///< share of errors whose magnitude is at most each of `kLimits`
  double median = 0.0;            ///< of the magnitudes
  double largest = 0.0;           ///< of the magnitudes
  double total = 0.0;             ///< sum of the estimates / sum of the table − 1
};

/// The errors of one target over all networks.
struct TargetErrors {
  std::string target;
  std::string label; ///< the cost model with its settings
  std::vector<CostError> errors;

  [[nodiscard]] ErrorSpread latency() const;
  /// Over the layers whose energy the table gives.
  [[nodiscard]] ErrorSpread energy() const;
  /// The `count` largest errors of latency, the largest first; of equal ones the earlier in the tables.
  [[nodiscard]] std::vector<CostError> worst(std::size_t count) const;
};

/// Compares estimates with tables, for each target that is a type and has a model. Precondition: the networks were
/// bound to a platform without cost models, so that their latencies are those of the tables, and have the same targets.
[[nodiscard]] std::vector<TargetErrors> compare_with_tables(const std::vector<CostedNetwork>& networks);

// -- implementation

namespace detail {

/// Spread of (estimate, table) pairs.
inline ErrorSpread spread_of(const std::vector<std::pair<double, double>>& pairs) {
  ErrorSpread result;
  result.count = pairs.size();
  if (pairs.empty()) return result;
  std::vector<double> magnitudes;
  double estimates = 0.0;
  double tables = 0.0;
  for (const auto& [estimate, table] : pairs) {
    magnitudes.push_back(std::abs(estimate / table - 1.0));
    estimates += estimate;
    tables += table;
  }
  std::sort(magnitudes.begin(), magnitudes.end());
  const auto count = static_cast<double>(pairs.size());
  for (std::size_t i = 0; i < ErrorSpread::kLimits.size(); ++i) {
    const auto end = std::upper_bound(magnitudes.begin(), magnitudes.end(), ErrorSpread::kLimits[i]);
    result.within[i] = static_cast<double>(end - magnitudes.begin()) / count;
  }
  result.median = magnitudes[magnitudes.size() / 2];
  result.largest = magnitudes.back();
  result.total = estimates / tables - 1.0;
  return result;
}

inline void add_errors(TargetErrors& result, const CostedNetwork& costed, std::size_t target) {
  const Network& network = costed.network;
  for (const Layer& layer : network.layers) {
    for (OptionIndex o = layer.first_option; o < layer.first_option + layer.option_count; ++o) {
      const auto& estimate = costed.estimate(o, target);
      const Duration latency = network.latency_of(o, static_cast<TypeIndex>(target));
      if (!estimate || latency == kCannotRun) continue;
      CostError error;
      error.network = network.name;
      error.layer = layer.name;
      error.variant = network.options[o].name;
      error.shape = *network.options[o].shape;
      error.table_s = to_seconds(latency);
      error.model_s = to_seconds(latency_of(*estimate, costed.targets[target].model->clock_hz()));
      error.latency_error = error.model_s / error.table_s - 1.0;
      error.table_nj = network.energy_of(o, static_cast<TypeIndex>(target));
      error.model_nj = estimate->energy_nj;
      if (error.table_nj > 0.0) error.energy_error = error.model_nj / error.table_nj - 1.0;
      error.bound = estimate->bound;
      result.errors.push_back(std::move(error));
    }
  }
}

} // namespace detail

inline ErrorSpread TargetErrors::latency() const {
  std::vector<std::pair<double, double>> pairs;
  for (const CostError& error : errors) pairs.emplace_back(error.model_s, error.table_s);
  return detail::spread_of(pairs);
}

inline ErrorSpread TargetErrors::energy() const {
  std::vector<std::pair<double, double>> pairs;
  for (const CostError& error : errors) {
    if (error.table_nj > 0.0) pairs.emplace_back(error.model_nj, error.table_nj);
  }
  return detail::spread_of(pairs);
}

inline std::vector<CostError> TargetErrors::worst(std::size_t count) const {
  std::vector<CostError> sorted = errors;
  std::stable_sort(sorted.begin(), sorted.end(), [](const CostError& a, const CostError& b) {
    return std::abs(a.latency_error) > std::abs(b.latency_error);
  });
  sorted.resize(std::min(count, sorted.size()));
  return sorted;
}

inline std::vector<TargetErrors> compare_with_tables(const std::vector<CostedNetwork>& networks) {
  std::vector<TargetErrors> result;
  if (networks.empty()) return result;
  for (std::size_t t = 0; t < networks.front().targets.size(); ++t) {
    const CostTarget& target = networks.front().targets[t];
    if (target.model == nullptr || !target.type) continue;
    TargetErrors errors{target.name, target.label, {}};
    for (const CostedNetwork& costed : networks) detail::add_errors(errors, costed, t);
    result.push_back(std::move(errors));
  }
  return result;
}

} // namespace terastal
