#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "terastal/core/time.hpp"

namespace terastal {

/// A job that shares the subarrays with others.
struct PlanariaTenant {
  double weight = 1.0;             ///< above 0
  Duration slack{0};               ///< deadline − now
  std::vector<Duration> estimates; ///< remaining time on a group of each available size, above 0
};

/// Planaria's division of subarrays among jobs.
///
/// Source: the scheduler of the authors' simulator (MICRO 2020). A job *fits* on the smallest size that meets its
/// deadline. If all fit together, each gets that size, and the spare ones go in proportion to weight / remaining time.
/// If not, jobs that could meet their deadline alone are served by descending weight / (slack · size), then share what
/// is left in proportion to it; if there is none, all share in proportion to weight / remaining time on everything.
/// Shares are rounded, and the error is repaired: what is missing goes to the jobs with the largest weight, what is too
/// much is taken one by one in ascending weight.
///
/// Differences, ours: halves round away from zero; a remainder goes to the first of the jobs instead of a random one;
/// what is missing goes to jobs with a share only; where no job can be in time, what rounding leaves goes one by one by
/// score, so that somebody runs; shares are cut down to available sizes, and what that frees lets jobs step up to the
/// next size, by score. Ties go by position.
class PlanariaAllocation {
 public:
  /// `sizes`: available group sizes, ascending from 1, none above `arrays`. Sets `share(i)`. O(jobs · (log jobs + sizes
  /// + arrays)).
  void allocate(const std::vector<PlanariaTenant>& tenants, const std::vector<std::uint32_t>& sizes,
                std::uint32_t arrays) {
    arrays_ = left_ = arrays;
    const std::size_t count = tenants.size();
    shares_.assign(count, 0);
    base_.assign(count, 0);
    score_.assign(count, 0.0);
    least_.clear();
    for (const PlanariaTenant& t : tenants) least_.push_back(least_size(t, sizes));
    const bool all = std::none_of(least_.begin(), least_.end(), [](std::uint32_t n) { return n == 0; });
    const bool none = std::all_of(least_.begin(), least_.end(), [](std::uint32_t n) { return n == 0; });
    if (none) {
      share_among_hopeless(tenants);
    } else {
      all&& std::accumulate(least_.begin(), least_.end(), std::uint64_t{0}) <= arrays ? fit(tenants, sizes)
                                                                                      : serve_by_score(tenants);
      share_spare();
      repair(tenants);
    }
    fit_to_sizes(sizes);
  }

  [[nodiscard]] std::uint32_t share(std::size_t tenant) const { return shares_[tenant]; }

 private:
  /// 0 if no size meets the deadline.
  [[nodiscard]] static std::uint32_t least_size(const PlanariaTenant& t, const std::vector<std::uint32_t>& sizes) {
    for (std::size_t k = 0; k < sizes.size(); ++k) {
      if (t.estimates[k] <= t.slack) return sizes[k];
    }
    return 0;
  }

  /// Indices of the tenants by descending score.
  void sort_by_score() {
    order_.resize(score_.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) { return score_[a] > score_[b]; });
  }

  void give(std::size_t tenant, std::uint32_t arrays) {
    shares_[tenant] += arrays;
    left_ -= arrays;
  }

  void fit(const std::vector<PlanariaTenant>& tenants, const std::vector<std::uint32_t>& sizes) {
    for (std::size_t i = 0; i < tenants.size(); ++i) {
      const auto k = static_cast<std::size_t>(std::find(sizes.begin(), sizes.end(), least_[i]) - sizes.begin());
      score_[i] = tenants[i].weight / to_seconds(tenants[i].estimates[k]);
      base_[i] = least_[i];
      give(i, least_[i]);
    }
    sort_by_score();
  }

  void serve_by_score(const std::vector<PlanariaTenant>& tenants) {
    for (std::size_t i = 0; i < tenants.size(); ++i) {
      const PlanariaTenant& t = tenants[i];
      score_[i] =
          least_[i] > 0 ? t.weight / (to_seconds(t.slack) * least_[i]) : -t.weight / to_seconds(t.estimates.back());
    }
    sort_by_score();
    for (const std::size_t i : order_) {
      if (score_[i] < 0.0) break;
      base_[i] = std::min(least_[i], left_);
      give(i, base_[i]);
    }
  }

  /// What is left goes to positive scores in proportion, rounded; together they may get too much or too little.
  void share_spare() {
    double sum = 0.0;
    for (const double s : score_) sum += std::max(0.0, s);
    const double spare = left_;
    for (const std::size_t i : order_) {
      if (score_[i] > 0.0) shares_[i] += static_cast<std::uint32_t>(std::llround(score_[i] / sum * spare));
    }
  }

  void repair(const std::vector<PlanariaTenant>& tenants) {
    const auto total = std::accumulate(shares_.begin(), shares_.end(), std::uint64_t{0});
    if (total < arrays_) add_missing(tenants, static_cast<std::uint32_t>(arrays_ - total));
    if (total > arrays_) take_surplus(tenants, total - arrays_);
    left_ = 0;
  }

  void add_missing(const std::vector<PlanariaTenant>& tenants, std::uint32_t missing) {
    double largest = 0.0;
    for (std::size_t i = 0; i < tenants.size(); ++i) {
      if (score_[i] > 0.0) largest = std::max(largest, tenants[i].weight);
    }
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < tenants.size(); ++i) {
      if (score_[i] > 0.0 && tenants[i].weight == largest) chosen.push_back(i);
    }
    const auto each = static_cast<std::uint32_t>(missing / chosen.size());
    for (const std::size_t i : chosen) shares_[i] += each;
    shares_[chosen.front()] += static_cast<std::uint32_t>(missing % chosen.size());
  }

  void take_surplus(const std::vector<PlanariaTenant>& tenants, std::uint64_t surplus) {
    std::vector<std::size_t> ascending(tenants.size());
    std::iota(ascending.begin(), ascending.end(), std::size_t{0});
    std::stable_sort(ascending.begin(), ascending.end(),
                     [&](std::size_t a, std::size_t b) { return tenants[a].weight < tenants[b].weight; });
    while (surplus > 0) {
      for (const std::size_t i : ascending) {
        if (surplus == 0 || shares_[i] <= base_[i]) continue;
        --shares_[i];
        --surplus;
      }
    }
  }

  void share_among_hopeless(const std::vector<PlanariaTenant>& tenants) {
    double sum = 0.0;
    for (std::size_t i = 0; i < tenants.size(); ++i) {
      score_[i] = tenants[i].weight / to_seconds(tenants[i].estimates.back());
      sum += score_[i];
    }
    sort_by_score();
    for (const std::size_t i : order_) {
      give(i, std::min(left_, static_cast<std::uint32_t>(std::llround(score_[i] / sum * arrays_))));
    }
    while (left_ > 0 && !order_.empty()) {
      for (const std::size_t i : order_) {
        if (left_ > 0) give(i, 1);
      }
    }
  }

  void fit_to_sizes(const std::vector<std::uint32_t>& sizes) {
    for (std::uint32_t& share : shares_) {
      const auto above = std::upper_bound(sizes.begin(), sizes.end(), share);
      const std::uint32_t size = above == sizes.begin() ? 0 : *(above - 1);
      left_ += share - size;
      share = size;
    }
    for (bool stepped = true; stepped;) {
      stepped = false;
      for (const std::size_t i : order_) {
        const auto next = std::upper_bound(sizes.begin(), sizes.end(), shares_[i]);
        if (next == sizes.end() || *next - shares_[i] > left_) continue;
        give(i, *next - shares_[i]);
        stepped = true;
      }
    }
  }

  std::uint32_t arrays_ = 0;
  std::uint32_t left_ = 0; ///< not given out
  std::vector<std::uint32_t> least_, base_, shares_;
  std::vector<double> score_;
  std::vector<std::size_t> order_; ///< by descending score
};

} // namespace terastal
