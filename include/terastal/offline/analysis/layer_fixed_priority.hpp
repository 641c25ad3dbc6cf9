#pragma once

#include <algorithm> // max, min
#include <cstddef>
#include <cstdint>
#include <vector>

#include "terastal/core/int128.hpp"
#include "terastal/core/time.hpp"

namespace terastal {

/// A layer that runs on one resource, to its end. The cost of moving data to the resource is part of its time.
struct LayerOnResource {
  std::size_t resource = 0;
  Duration wcet{0};
};

/// A chain of layers, each on a resource of its own choice, requested at least `period` apart.
struct LayerTask {
  Duration period{0};
  Duration deadline{0}; ///< relative
  std::vector<LayerOnResource> layers;
  Duration jitter{0}; ///< a release may be this much later than its period says; the deadline counts from the release
};

/// What bounds a task's response time.
struct LayerResponse {
  bool bounded = false; ///< every job responds within min(deadline, period − jitter)
  Duration response{0}; ///< if bounded: at least every response time
  Duration blocking{0}; ///< part of it: layers of less urgent tasks, one for each stay on a resource
};

/// Response times of chains over single accelerators under fixed priorities, layers not preempted.
///
/// Tasks in order of priority, the most urgent first. Each resource is one server that always runs the most urgent of
/// the layers that wait for it; a layer waits for its resource from the instant at which the one before it finished.
/// A task i is bounded by the smallest R with
///
///     R = Σ_r E(i, r) + B(i) + Σ_h Σ_{r: E(i, r) > 0} ⌈(R + J(h) + R(h) − E(h, r)) / T(h)⌉ · E(h, r)
///
/// over the more urgent tasks h, where E(i, r) is the time of i's layers on r, and B(i) the longest layer of a less
/// urgent task on r, once for each stay (maximal run of consecutive layers) of i on r. R(h) − E(h, r) is how late h's
/// work may reach r: it was somewhere else before. Sufficient: responses stay within the bound, which need not be
/// reached. A task whose bound exceeds min(deadline, period − jitter) is not bounded, nor is what is less urgent than
/// it and shares a resource. Our own derivation, by the arguments of response-time analysis for tasks that suspend
/// themselves (Chen et al. 2019); not taken from a paper on layers.
///
/// Resources are numbered 0 … `resources` − 1. Pseudo-polynomial; gives up (not bounded) after 10⁷ rounds of one task.
[[nodiscard]] std::vector<LayerResponse> layer_response_times(const std::vector<LayerTask>& tasks,
                                                              std::size_t resources);

namespace detail {

/// Per task and resource: the sum of layers and the longest one.
class LayerLoads {
 public:
  LayerLoads(const std::vector<LayerTask>& tasks, std::size_t resources)
      : resources_(resources), sum_(tasks.size() * resources), longest_(tasks.size() * resources) {
    for (std::size_t t = 0; t < tasks.size(); ++t) {
      for (const LayerOnResource& layer : tasks[t].layers) {
        Duration& sum = sum_[t * resources + layer.resource];
        sum = checked_add(sum, layer.wcet);
        Duration& longest = longest_[t * resources + layer.resource];
        longest = std::max(longest, layer.wcet);
      }
    }
  }

  [[nodiscard]] Duration sum(std::size_t task, std::size_t resource) const {
    return sum_[task * resources_ + resource];
  }
  [[nodiscard]] Duration longest(std::size_t task, std::size_t resource) const {
    return longest_[task * resources_ + resource];
  }
  [[nodiscard]] std::size_t resources() const { return resources_; }
  [[nodiscard]] bool share(std::size_t a, std::size_t b) const {
    for (std::size_t r = 0; r < resources_; ++r) {
      if (sum(a, r) > Duration::zero() && sum(b, r) > Duration::zero()) return true;
    }
    return false;
  }

 private:
  std::size_t resources_;
  std::vector<Duration> sum_;
  std::vector<Duration> longest_;
};

/// One layer of a less urgent task for each stay on a resource.
inline Duration blocking_of_stays(const std::vector<LayerTask>& tasks, std::size_t task, const LayerLoads& loads) {
  const auto& layers = tasks[task].layers;
  Duration blocking{0};
  for (std::size_t l = 0; l < layers.size(); ++l) {
    if (l > 0 && layers[l].resource == layers[l - 1].resource) continue;
    Duration longest{0};
    for (std::size_t k = task + 1; k < tasks.size(); ++k) {
      longest = std::max(longest, loads.longest(k, layers[l].resource));
    }
    blocking = checked_add(blocking, longest);
  }
  return blocking;
}

/// What more urgent tasks run, at most, on the task's resources within any `window`.
inline int128 layer_interference(const std::vector<LayerTask>& tasks, std::size_t task, const LayerLoads& loads,
                                 const std::vector<LayerResponse>& found, Duration window) {
  int128 sum = 0;
  for (std::size_t r = 0; r < loads.resources(); ++r) {
    if (loads.sum(task, r) == Duration::zero()) continue;
    for (std::size_t h = 0; h < task; ++h) {
      const int128 work = loads.sum(h, r).count();
      const int128 late = static_cast<int128>(tasks[h].jitter.count()) + found[h].response.count() - work;
      const int128 reach = window.count() + late;
      const int128 period = tasks[h].period.count();
      if (work > 0) sum += (reach + period - 1) / period * work;
    }
  }
  return sum;
}

inline LayerResponse layer_response(const std::vector<LayerTask>& tasks, std::size_t task, const LayerLoads& loads,
                                    const std::vector<LayerResponse>& found) {
  constexpr int kMostRounds = 10'000'000;
  LayerResponse result;
  result.blocking = blocking_of_stays(tasks, task, loads);
  for (std::size_t h = 0; h < task; ++h) {
    if (!found[h].bounded && loads.share(h, task)) return result;
  }
  int128 alone = result.blocking.count();
  for (std::size_t r = 0; r < loads.resources(); ++r) alone += loads.sum(task, r).count();
  const int128 limit = std::min(tasks[task].deadline, tasks[task].period - tasks[task].jitter).count();
  int128 response = alone;
  for (int round = 0; round < kMostRounds && response <= limit; ++round) {
    const Duration window{static_cast<Duration::rep>(response)};
    const int128 next = alone + layer_interference(tasks, task, loads, found, window);
    if (next == response) {
      result.bounded = true;
      result.response = window;
      return result;
    }
    response = next;
  }
  return result;
}

} // namespace detail

inline std::vector<LayerResponse> layer_response_times(const std::vector<LayerTask>& tasks, std::size_t resources) {
  const detail::LayerLoads loads(tasks, resources);
  std::vector<LayerResponse> found;
  for (std::size_t t = 0; t < tasks.size(); ++t) found.push_back(detail::layer_response(tasks, t, loads, found));
  return found;
}

} // namespace terastal
