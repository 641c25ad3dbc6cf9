#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "terastal/experiment/statistics.hpp"

namespace terastal {

/// A number that an experiment measures, as it is shown.
struct Measure {
  std::string id;
  std::string title;
  std::string unit;    ///< as shown; empty for a plain number
  double factor = 1.0; ///< from the value to that unit
};

/// One run, or what counts as one: its place on the axes, its replication, what was measured.
struct Sample {
  std::vector<std::string> values;             ///< by ExperimentTable::axes
  std::string seed;                            ///< the replication; runs of one seed met the same arrivals
  std::vector<std::optional<double>> measured; ///< by ExperimentTable::measures
};

/// What an experiment found, run by run.
struct ExperimentTable {
  std::vector<std::string> axes;                     ///< names, without the seed
  std::vector<std::vector<std::string>> axis_values; ///< by axis, in the order that reports use
  std::vector<Measure> measures;
  std::vector<Sample> samples;

  /// Position of an axis, or of a measure by its id; nothing without.
  [[nodiscard]] std::optional<std::size_t> axis(const std::string& name) const;
  [[nodiscard]] std::optional<std::size_t> measure(const std::string& id) const;
};

/// Which samples: on every named axis the value is one of the list's.
using SampleFilter = std::vector<std::pair<std::string, std::vector<std::string>>>;

/// How samples of one seed become one number.
enum class Averaging : std::uint8_t {
  mean,
  geometric,          ///< 0 when a value is; without a value when one is below
  geometric_of_means, ///< not seed by seed: the mean over seeds of each cell first, then the geometric mean over cells
};

/// One number for each seed, in the order of seeds: the average of all samples of the tables that fit. Samples without
/// a value do not count; an axis that a table lacks fits nothing. O(samples). Precondition: not geometric_of_means.
[[nodiscard]] std::vector<std::pair<std::string, double>> by_seed(const std::vector<const ExperimentTable*>& tables,
                                                                  const std::string& measure,
                                                                  const SampleFilter& filter, Averaging averaging);

/// The mean over seeds of `by_seed`, in the measure's own unit. Of geometric_of_means, which has no number for a seed,
/// the interval is the jackknife's (Tukey 1958: leave out one seed after the other), with Student's t.
[[nodiscard]] std::optional<MeanEstimate> mean_over_seeds(const std::vector<const ExperimentTable*>& tables,
                                                          const std::string& measure, const SampleFilter& filter,
                                                          Averaging averaging);

/// average(other) / average(base) − 1 over the seeds that both have: the interval is that of a ratio of paired means
/// (delta method), of geometric_of_means the jackknife's over pairs. Nothing when there are none, or the base is 0.
[[nodiscard]] std::optional<MeanEstimate> change_over_seeds(const std::vector<const ExperimentTable*>& tables,
                                                            const std::string& measure, const SampleFilter& base,
                                                            const SampleFilter& other, Averaging averaging);

/// A filter with one axis' values replaced or added.
[[nodiscard]] SampleFilter with(SampleFilter filter, const std::string& axis, std::vector<std::string> values);

} // namespace terastal
