#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "terastal/experiment/bootstrap.hpp"
#include "terastal/experiment/sequential.hpp"
#include "terastal/experiment/statistics.hpp"

// Experiments on values whose mean is known: how often an interval holds it.
namespace terastal::bench {

struct Coverage {
  std::size_t experiments = 0;
  std::size_t covered = 0;
  std::size_t above = 0;     ///< the whole interval lies above the truth
  std::size_t below = 0;     ///< the whole interval lies below the truth
  double mean_width = 0.0;   ///< half of high − low, mean over the experiments
  double replications = 0.0; ///< mean over the experiments
  std::size_t unreached = 0; ///< sequential experiments that ended at the cap

  [[nodiscard]] double share() const { return static_cast<double>(covered) / static_cast<double>(experiments); }

  void add(const MeanEstimate& e, double truth) {
    ++experiments;
    if (e.low() > truth) {
      ++above;
    } else if (e.high() < truth) {
      ++below;
    } else {
      ++covered;
    }
    const auto count = static_cast<double>(experiments);
    mean_width += ((e.high() - e.low()) / 2.0 - mean_width) / count;
    replications += (static_cast<double>(e.n) - replications) / count;
  }
};

/// How an experiment makes an interval.
enum class Method { student_t, bca, textbook_bca };

inline MeanEstimate estimate(std::span<const double> values, Method method) {
  if (method == Method::student_t) return estimate_mean(values);
  if (method == Method::bca) return estimate_mean(values, kConfidence, IntervalMethod::bca);
  MeanEstimate result = estimate_mean(values);
  result.bootstrap = bootstrap_mean(values).interval;
  return result;
}

/// Experiments of n replications each, on disjoint parts of the values.
inline Coverage cover(std::span<const double> values, double truth, std::size_t n, std::size_t experiments,
                      Method method) {
  Coverage result;
  for (std::size_t i = 0; i < experiments && (i + 1) * n <= values.size(); ++i) {
    result.add(estimate(values.subspan(i * n, n), method), truth);
  }
  return result;
}

/// Experiments that end when the interval is narrow enough, each on the values after the one before.
inline Coverage cover_sequentially(std::span<const double> values, double truth, const StoppingRule& rule,
                                   std::size_t experiments, Method method = Method::student_t) {
  Coverage result;
  for (std::size_t start = 0; result.experiments < experiments && start + rule.cap <= values.size();) {
    MeanEstimate e;
    bool reached = false;
    std::size_t n = 0;
    do {
      n = next_decision(rule, n);
      e = estimate(values.subspan(start, n), method);
      reached = narrow_enough({e, e.mean}, rule.precision);
    } while (!reached && n < rule.cap);
    result.add(e, truth);
    result.unreached += reached ? 0 : 1;
    start += n;
  }
  return result;
}

/// Sample variance; 0 where it is nothing but rounding.
inline double variance(std::span<const double> values) {
  double mean = 0.0;
  for (const double v : values) mean += v / static_cast<double>(values.size());
  double squares = 0.0;
  for (const double v : values) squares += (v - mean) * (v - mean);
  const double result = squares / static_cast<double>(values.size() - 1);
  return result > 1e-24 * mean * mean ? result : 0.0;
}

/// Variances of the difference of two systems run on the same seeds, and on different ones.
struct PairedVariances {
  double paired = 0.0;
  double unpaired = 0.0;

  [[nodiscard]] double factor() const { return unpaired / paired; }
};

/// `a` and `b` hold one value per seed. What a pair of different seeds gives is measured on a[i] − b[i + 1].
inline PairedVariances paired_variances(std::span<const double> a, std::span<const double> b) {
  std::vector<double> paired(a.size());
  std::vector<double> unpaired(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    paired[i] = a[i] - b[i];
    unpaired[i] = a[i] - b[(i + 1) % b.size()];
  }
  return {variance(paired), variance(unpaired)};
}

} // namespace terastal::bench
