#pragma once

#include <algorithm> // max, stable_sort
#include <cmath>     // fabs
#include <cstddef>
#include <numeric> // iota
#include <utility> // move
#include <vector>

#include "terastal/core/time.hpp"
#include "terastal/offline/lalarand/problem.hpp"

namespace terastal {

/// Every layer where it is fastest, the GPU on ties (LaLaRAND's baseline "preferable"). Where that takes a variant, the
/// layers with the largest gain get theirs first, while the accuracy stays at or above `max(theta, least_accuracy)`
/// (our reading: the baseline has no budget).
[[nodiscard]] Allocation allocate_preferred(const AllocationProblem& problem, double least_accuracy);

/// Every layer on the GPU, unchanged (vanilla PyTorch). What it cannot run goes where it is fastest.
[[nodiscard]] Allocation allocate_all_gpu(const AllocationProblem& problem);

/// The first ⌊L/2⌋ layers of each network on the GPU, the others on the CPU (the prototype's static allocation).
[[nodiscard]] Allocation allocate_static_half(const AllocationProblem& problem);

/// DART's pipelines of two stages (Xiang and Kim, RTSS 2019) as LaLaRAND's authors compare against them: one cut for
/// each task, in the order of decreasing mean utilisation, so that the two resources' utilisations stay as near as
/// possible; the first of the best cuts. \param gpu_first whether the first stage runs on the GPU (GC), else on the CPU
/// (CG).
[[nodiscard]] Allocation allocate_dart(const AllocationProblem& problem, bool gpu_first);

// -- implementation

namespace detail {

/// Where a layer is fastest, the GPU on ties.
inline LayerPlace fastest_place(const AllocationProblem& problem, const Network& network, LayerIndex layer,
                                VariantSet used, double theta, bool variants) {
  LayerPlace best{problem.main, network.layers[layer].first_option};
  Duration least = kCannotRun;
  for (const TypeIndex t : problem.types) {
    const OptionIndex option = fastest_option(network, layer, t, used, theta, variants);
    if (option == kNoOption || network.latency_of(option, t) >= least) continue;
    best = {t, option};
    least = network.latency_of(option, t);
  }
  return best;
}

/// The place of a layer on a type; where it is fastest if it cannot run there.
inline LayerPlace place_on(const AllocationProblem& problem, const AllocationTask& task, LayerIndex layer,
                           TypeIndex type, VariantSet used, bool variants) {
  const Network& network = *task.network;
  const OptionIndex wanted = fastest_option(network, layer, type, used, task.theta, variants);
  if (wanted != kNoOption) return {type, wanted};
  return fastest_place(problem, network, layer, used, task.theta, variants);
}

/// Layers before `cut` on `first`, the others on `second`.
inline NetworkAllocation cut_at(const AllocationProblem& problem, const AllocationTask& task, std::size_t cut,
                                TypeIndex first, TypeIndex second) {
  NetworkAllocation result;
  VariantSet used = 0;
  for (LayerIndex l = 0; l < task.network->layers.size(); ++l) {
    result.push_back(place_on(problem, task, l, l < cut ? first : second, used, problem.variants));
    used |= task.network->options[result.back().option].variants;
  }
  return result;
}

/// Utilisation of each layer on a type, as it would be placed.
inline std::vector<double> layer_utilisations(const AllocationProblem& problem, const AllocationTask& task,
                                              TypeIndex type) {
  std::vector<double> result;
  for (LayerIndex l = 0; l < task.network->layers.size(); ++l) {
    const LayerPlace place = place_on(problem, task, l, type, 0, problem.variants);
    result.push_back(to_seconds(task.network->latency_of(place.option, place.type)) / to_seconds(task.period));
  }
  return result;
}

/// Originals where they are fastest; then variants where they are faster still, the largest gain first.
inline NetworkAllocation preferred_places(const AllocationProblem& problem, const Network& network, double theta) {
  NetworkAllocation result;
  NetworkAllocation wanted;
  std::vector<Duration> gain;
  for (LayerIndex l = 0; l < network.layers.size(); ++l) {
    result.push_back(fastest_place(problem, network, l, 0, theta, false));
    wanted.push_back(fastest_place(problem, network, l, 0, theta, problem.variants));
    gain.push_back(network.latency_of(result[l].option, result[l].type) -
                   network.latency_of(wanted[l].option, wanted[l].type));
  }
  std::vector<LayerIndex> order(network.layers.size());
  std::iota(order.begin(), order.end(), LayerIndex{0});
  std::stable_sort(order.begin(), order.end(), [&](LayerIndex a, LayerIndex b) { return gain[a] > gain[b]; });
  VariantSet used = 0;
  for (const LayerIndex l : order) {
    const VariantSet with = used | network.options[wanted[l].option].variants;
    if (with == used || !network.accuracy.valid(with, theta)) continue;
    used = with;
    result[l] = wanted[l];
  }
  return result;
}

inline double sum_of(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double v : values) sum += v;
  return sum;
}

} // namespace detail

inline Allocation allocate_preferred(const AllocationProblem& problem, double least_accuracy) {
  Allocation result;
  for (const AllocationTask& task : problem.tasks) {
    result.push_back(detail::preferred_places(problem, *task.network, std::max(task.theta, least_accuracy)));
  }
  return result;
}

inline Allocation allocate_all_gpu(const AllocationProblem& problem) {
  Allocation result;
  for (const AllocationTask& task : problem.tasks) {
    NetworkAllocation& allocation = result.emplace_back();
    for (LayerIndex l = 0; l < task.network->layers.size(); ++l) {
      allocation.push_back(detail::place_on(problem, task, l, problem.main, 0, false));
    }
  }
  return result;
}

inline Allocation allocate_static_half(const AllocationProblem& problem) {
  Allocation result;
  for (const AllocationTask& task : problem.tasks) {
    result.push_back(detail::cut_at(problem, task, task.network->layers.size() / 2, problem.main, problem.second));
  }
  return result;
}

inline Allocation allocate_dart(const AllocationProblem& problem, bool gpu_first) {
  const TypeIndex first = gpu_first ? problem.main : problem.second;
  const TypeIndex second = gpu_first ? problem.second : problem.main;
  std::vector<std::vector<double>> on_first;
  std::vector<std::vector<double>> on_second;
  std::vector<double> mean;
  for (const AllocationTask& task : problem.tasks) {
    on_first.push_back(detail::layer_utilisations(problem, task, first));
    on_second.push_back(detail::layer_utilisations(problem, task, second));
    mean.push_back((detail::sum_of(on_first.back()) + detail::sum_of(on_second.back())) / 2.0);
  }
  std::vector<TaskIndex> order(problem.tasks.size());
  std::iota(order.begin(), order.end(), TaskIndex{0});
  std::stable_sort(order.begin(), order.end(), [&](TaskIndex a, TaskIndex b) { return mean[a] > mean[b]; });

  Allocation result(problem.tasks.size());
  double first_sum = 0.0;
  double second_sum = 0.0;
  for (const TaskIndex t : order) {
    const std::size_t layers = on_first[t].size();
    double before = 0.0;
    double after = detail::sum_of(on_second[t]);
    std::size_t cut = 0;
    double cut_before = 0.0;
    double cut_after = after;
    for (std::size_t c = 1; c <= layers; ++c) {
      before += on_first[t][c - 1];
      after -= on_second[t][c - 1];
      const double imbalance = std::fabs(first_sum + before - second_sum - after);
      if (!(imbalance < std::fabs(first_sum + cut_before - second_sum - cut_after))) continue;
      cut = c;
      cut_before = before;
      cut_after = after;
    }
    first_sum += cut_before;
    second_sum += cut_after;
    result[t] = detail::cut_at(problem, problem.tasks[t], cut, first, second);
  }
  return result;
}

} // namespace terastal
