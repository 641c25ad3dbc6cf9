#pragma once

#include <algorithm> // sort, unique
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "terastal/sim/view.hpp"

namespace terastal {

/// How much denser a job's sample is than the mean, by the layers that it has finished: the mean over them of (1 −
/// sparsity measured in its sample) / (1 − mean sparsity of the layer over all samples). 1 before any has finished and
/// where nothing was measured.
///
/// Source: the monitor of Dysta's harness (MICRO 2023). In a network that is not a chain the layers counted are those
/// that the ready one depends on, run or skipped (our reading).
class SparsityMonitor {
 public:
  void reset(const Scenario& scenario) {
    tasks_.clear();
    for (TaskIndex t = 0; t < scenario.tasks.size(); ++t) tasks_.push_back(means_of(scenario.network_of(t)));
    sums_.clear();
    factors_.clear();
  }

  /// To be called once for every layer that has become ready. O(1) in chains, O(layers) in other networks.
  void add(const SystemView& view, ReadyId id) {
    if (id >= factors_.size()) factors_.resize(std::size_t{2} * id + 16, 1.0);
    const Job& job = view.job(id);
    const bool measured = job.sample != kNoSample && !tasks_[job.task].mean_density.empty();
    if (!measured) {
      factors_[id] = 1.0;
    } else {
      factors_[id] = view.network(id).chain ? factor_in_chain(view, id) : factor_in_dag(view, id);
    }
  }

  /// Of the job of a ready layer that was added.
  [[nodiscard]] double factor(ReadyId id) const { return factors_[id]; }

 private:
  struct Means {
    std::vector<double> mean_density;                ///< per layer: 1 − mean sparsity; empty where none is measured
    std::vector<std::vector<LayerIndex>> depends_on; ///< per layer, directly or not; empty for chains
  };

  /// Of a job of a chain: the sum over the layers that it has run; those it skipped are not among them.
  struct Sum {
    double value = 0.0;
    std::uint32_t layers = 0;
    LayerIndex ready = kNone; ///< the layer that was added last; it has run when another one is added
    TaskIndex task = kNone;
    JobIndex job = 0;
  };

  [[nodiscard]] static Means means_of(const Network& network) {
    Means means;
    const std::vector<double>& sparsity = network.samples.sparsity;
    if (sparsity.empty()) return means;
    const std::size_t layers = network.layers.size();
    const std::size_t samples = network.samples.ids.size();
    for (std::size_t l = 0; l < layers; ++l) {
      double sum = 0.0;
      for (std::size_t s = 0; s < samples; ++s) sum += sparsity[s * layers + l];
      means.mean_density.push_back(1.0 - sum / static_cast<double>(samples));
    }
    if (!network.chain) means.depends_on = dependencies(network);
    return means;
  }

  [[nodiscard]] static std::vector<std::vector<LayerIndex>> dependencies(const Network& network) {
    std::vector<std::vector<LayerIndex>> all;
    for (const Layer& layer : network.layers) {
      std::vector<LayerIndex> mine = layer.predecessors;
      for (const LayerIndex p : layer.predecessors) mine.insert(mine.end(), all[p].begin(), all[p].end());
      std::sort(mine.begin(), mine.end());
      mine.erase(std::unique(mine.begin(), mine.end()), mine.end());
      all.push_back(std::move(mine));
    }
    return all;
  }

  [[nodiscard]] double ratio(const SystemView& view, ReadyId id, LayerIndex finished) const {
    const double density = 1.0 - view.measured_sparsity(id, finished).value_or(0.0);
    return density / tasks_[view.job(id).task].mean_density[finished];
  }

  double factor_in_chain(const SystemView& view, ReadyId id) {
    const JobSlot slot = view.layer(id).job;
    const Job& job = view.job(id);
    const LayerIndex layer = view.layer(id).layer;
    if (slot >= sums_.size()) sums_.resize(std::size_t{2} * slot + 16);
    Sum& sum = sums_[slot];
    if (sum.task != job.task || sum.job != job.index) sum = {0.0, 0, layer, job.task, job.index};
    if (sum.ready != layer) {
      sum.value += ratio(view, id, sum.ready);
      ++sum.layers;
      sum.ready = layer;
    }
    return sum.layers == 0 ? 1.0 : sum.value / static_cast<double>(sum.layers);
  }

  [[nodiscard]] double factor_in_dag(const SystemView& view, ReadyId id) const {
    const std::vector<LayerIndex>& finished = tasks_[view.job(id).task].depends_on[view.layer(id).layer];
    double sum = 0.0;
    for (const LayerIndex l : finished) sum += ratio(view, id, l);
    return finished.empty() ? 1.0 : sum / static_cast<double>(finished.size());
  }

  std::vector<Means> tasks_;
  std::vector<Sum> sums_;       ///< by job slot
  std::vector<double> factors_; ///< by ready id
};

} // namespace terastal
