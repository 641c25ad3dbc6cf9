#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "terastal/core/int128.hpp"
#include "terastal/core/time.hpp"
#include "terastal/offline/analysis/sequential_task.hpp"

namespace terastal {

/// `weight` · part / whole; weight ≥ 0, part ≥ 0, whole > 0.
struct Ratio {
  Duration part{0};
  Duration whole{1};
  std::int64_t weight = 1;
};

/// Compares a sum of ratios with a whole number, exactly: −1 less, 0 equal, 1 greater.
///
/// The sum is written digit by digit in base 2³²; sums that are not equal differ within 2 digits per ratio, since all
/// have a common denominator below 2^(63 · ratios). O(ratios) unless the sum is that close.
[[nodiscard]] int compare_sum(const std::vector<Ratio>& ratios, std::int64_t number);

/// Σ wcet / period against 1: −1, 0 or 1.
[[nodiscard]] int compare_utilisation_with_one(const std::vector<SequentialTask>& tasks);

/// Σ wcet / period, rounded.
[[nodiscard]] double utilisation(const std::vector<SequentialTask>& tasks);

// -- implementation

inline int compare_sum(const std::vector<Ratio>& ratios, std::int64_t number) {
  constexpr int kBits = 32;
  std::vector<Duration::rep> remainders;
  int128 weights = 0;
  int128 missing = number; // number − sum so far, in units of the last digit
  for (const Ratio& r : ratios) {
    missing -= static_cast<int128>(r.part.count() / r.whole.count()) * r.weight;
    remainders.push_back(r.part.count() % r.whole.count());
    weights += r.weight;
  }
  const std::size_t most_digits = 2 * ratios.size() + 4;
  for (std::size_t digit = 0; digit < most_digits; ++digit) {
    // What the remainders add is at least 0 and less than `weights`.
    if (missing < 0) return 1;
    if (missing >= weights && missing > 0) return -1;
    missing <<= kBits;
    bool rest = false;
    for (std::size_t i = 0; i < ratios.size(); ++i) {
      const int128 shifted = static_cast<int128>(remainders[i]) << kBits;
      missing -= shifted / ratios[i].whole.count() * ratios[i].weight;
      remainders[i] = static_cast<Duration::rep>(shifted % ratios[i].whole.count());
      rest = rest || (remainders[i] != 0 && ratios[i].weight != 0);
    }
    if (!rest) return missing < 0 ? 1 : missing == 0 ? 0 : -1;
  }
  return 0;
}

inline int compare_utilisation_with_one(const std::vector<SequentialTask>& tasks) {
  std::vector<Ratio> ratios;
  for (const SequentialTask& task : tasks) ratios.push_back({task.wcet, task.period});
  return compare_sum(ratios, 1);
}

inline double utilisation(const std::vector<SequentialTask>& tasks) {
  double sum = 0.0;
  for (const SequentialTask& task : tasks) {
    sum += static_cast<double>(task.wcet.count()) / static_cast<double>(task.period.count());
  }
  return sum;
}

} // namespace terastal
