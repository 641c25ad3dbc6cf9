#pragma once

#include <algorithm> // min
#include <cmath>     // exp2
#include <cstddef>
#include <cstdint>
#include <vector>

#include "terastal/core/int128.hpp"
#include "terastal/core/time.hpp"
#include "terastal/offline/analysis/ratio_sum.hpp"
#include "terastal/offline/analysis/sequential_task.hpp"

namespace terastal {

/// n · (2^(1/n) − 1), the utilisation up to which n tasks are schedulable by rate-monotonic priorities; 1 for n = 0.
/// Liu and Layland 1973.
[[nodiscard]] double liu_layland_bound(std::size_t tasks);

/// Rate-monotonic priorities, preempted anywhere, deadline ≥ period, no jitter: Σ U ≤ n (2^(1/n) − 1). Sufficient. Sums
/// within 10⁻¹² of the bound are not accepted, but for one task.
[[nodiscard]] bool liu_layland_accepts(const std::vector<SequentialTask>& tasks);

/// The same with Π (U + 1) ≤ 2: accepts all that Liu and Layland's bound accepts, and more. Sufficient. Bini, Buttazzo,
/// Buttazzo 2003. Products within 10⁻¹² of 2 are not accepted, but for one task.
[[nodiscard]] bool hyperbolic_bound_accepts(const std::vector<SequentialTask>& tasks);

/// Global EDF on `accelerators` identical ones, preempted anywhere, jobs move freely: Σ δ ≤ m − (m − 1) · δ_max with
/// the density δ = wcet / min(deadline, period). Sufficient, exactly evaluated; no jitter. Goossens, Funk, Baruah 2003
/// (utilisations), Bertogna, Cirinei, Lipari 2005 (densities).
[[nodiscard]] bool global_edf_density_accepts(const std::vector<SequentialTask>& tasks, std::size_t accelerators);

/// EDF with virtual deadlines for two levels of criticality.
struct EdfVirtualDeadlines {
  bool accepted = false;
  double factor = 1.0; ///< deadlines of high tasks are shortened to factor · period until one overruns; 1: plain EDF
  double demand = 0.0; ///< left side of the test that decided; accepted when at most 1
};

/// Implicit deadlines, one accelerator, preempted anywhere. `low`: utilisation of low tasks; `high_low` and
/// `high_high`: of high tasks with their low and high budgets. low + high_high ≤ 1 is plain EDF; else x = high_low / (1
/// − low), and x · low + high_high ≤ 1 is needed. Sufficient. Baruah et al. 2012.
[[nodiscard]] EdfVirtualDeadlines edf_virtual_deadlines(double low, double high_low, double high_high);

// -- implementation

inline double liu_layland_bound(std::size_t tasks) {
  if (tasks == 0) return 1.0;
  const auto n = static_cast<double>(tasks);
  return n * (std::exp2(1.0 / n) - 1.0);
}

inline bool liu_layland_accepts(const std::vector<SequentialTask>& tasks) {
  constexpr double kMargin = 1e-12;
  if (tasks.size() <= 1) return compare_utilisation_with_one(tasks) <= 0;
  return utilisation(tasks) <= liu_layland_bound(tasks.size()) - kMargin;
}

inline bool hyperbolic_bound_accepts(const std::vector<SequentialTask>& tasks) {
  constexpr double kMargin = 1e-12;
  if (tasks.size() <= 1) return compare_utilisation_with_one(tasks) <= 0;
  double product = 1.0;
  for (const SequentialTask& task : tasks) product *= 1.0 + utilisation({task});
  return product <= 2.0 - kMargin;
}

inline bool global_edf_density_accepts(const std::vector<SequentialTask>& tasks, std::size_t accelerators) {
  std::vector<Ratio> densities;
  Ratio largest;
  for (const SequentialTask& task : tasks) {
    const Ratio density{task.wcet, std::min(task.deadline, task.period)};
    const auto cross = [](const Ratio& a, const Ratio& b) {
      return static_cast<int128>(a.part.count()) * b.whole.count();
    };
    if (cross(density, largest) > cross(largest, density)) largest = density;
    densities.push_back(density);
  }
  largest.weight = static_cast<std::int64_t>(accelerators) - 1;
  densities.push_back(largest);
  return compare_sum(densities, static_cast<std::int64_t>(accelerators)) <= 0;
}

inline EdfVirtualDeadlines edf_virtual_deadlines(double low, double high_low, double high_high) {
  EdfVirtualDeadlines result;
  result.demand = low + high_high;
  result.accepted = result.demand <= 1.0;
  if (result.accepted || low >= 1.0) return result;
  result.factor = high_low / (1.0 - low);
  result.demand = result.factor * low + high_high;
  result.accepted = result.demand <= 1.0;
  return result;
}

} // namespace terastal
