#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "terastal/core/histogram.hpp"
#include "terastal/core/int128.hpp"
#include "terastal/metrics/result.hpp"

namespace terastal {

/// Collects durations into a DurationSummary: exact mean and maximum, percentiles from a histogram or, on request, from
/// all values.
class DurationStats {
 public:
  explicit DurationStats(bool exact = false) : exact_(exact) {}

  void add(Duration value) {
    sum_ += value.count();
    max_ = std::max(max_, value);
    ++count_;
    if (exact_) {
      values_.push_back(value);
    } else {
      histogram_.add(value);
    }
  }

  [[nodiscard]] DurationSummary summary() const {
    DurationSummary s;
    s.count = count_;
    if (count_ == 0) return s;
    s.mean_s = static_cast<double>(sum_) / static_cast<double>(count_) * 1e-12;
    s.max = max_;
    auto sorted = values_;
    std::sort(sorted.begin(), sorted.end());
    const auto quantile = [&](double q) {
      if (!exact_) return std::min(histogram_.quantile(q), max_);
      const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(count_)));
      return sorted[std::max<std::size_t>(rank, 1) - 1];
    };
    s.p50 = quantile(0.50);
    s.p95 = quantile(0.95);
    s.p99 = quantile(0.99);
    return s;
  }

 private:
  bool exact_;
  std::uint64_t count_ = 0;
  int128 sum_ = 0;
  Duration max_{0};
  DurationHistogram histogram_;
  std::vector<Duration> values_;
};

} // namespace terastal
