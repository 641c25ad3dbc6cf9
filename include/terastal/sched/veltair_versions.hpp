#pragma once

#include <algorithm> // max
#include <cstdint>
#include <vector>

#include "terastal/sim/view.hpp"

namespace terastal {

/// Which implementations of a layer a policy may run.
enum class LayerVersions : std::uint8_t {
  original, ///< the unchanged layer only
  neutral,  ///< also variants that lose no accuracy
  valid,    ///< all that keep the job's variant set valid
};

/// The implementation of a layer that is fastest under the present load of the memory.
///
/// Our reading of VELTAIR's interference: where the memory is shared, a layer takes at least its traffic over an equal
/// share of the bandwidth, counted among it and all layers that run with traffic; elsewhere load changes nothing.
class VersionChoice {
 public:
  explicit VersionChoice(LayerVersions versions) : versions_(versions) {}

  void prepare(const Scenario& scenario) {
    neutral_.clear();
    for (TaskIndex t = 0; t < scenario.tasks.size(); ++t) neutral_.emplace_back(scenario.network_of(t), 1.0);
  }

  /// The option for a group of a type that can run the original; the original on ties, then the first.
  /// O(options + accelerators).
  [[nodiscard]] OptionIndex fastest(const SystemView& view, ReadyId id, TypeIndex type, std::uint32_t size) const {
    const OptionIndex original = view.original(id);
    if (versions_ == LayerVersions::original) return original;
    const double share = share_of_memory(view);
    OptionIndex best = original;
    double best_s = loaded_time_s(view, id, original, type, size, share);
    for (OptionIndex o = original + 1; o < view.options(id).end; ++o) {
      if (!may_run(view, id, o, type, size)) continue;
      const double s = loaded_time_s(view, id, o, type, size, share);
      if (s >= best_s) continue;
      best = o;
      best_s = s;
    }
    return best;
  }

 private:
  [[nodiscard]] bool may_run(const SystemView& view, ReadyId id, OptionIndex option, TypeIndex type,
                             std::uint32_t size) const {
    if (view.latency(id, option, type) == kCannotRun || !view.allowed(id, option)) return false;
    if (view.latency(id, option, type, size) == kCannotRun) return false;
    if (versions_ == LayerVersions::valid) return true;
    const Job& job = view.job(id);
    return neutral_[job.task].valid(job.variants | view.network(id).options[option].variants);
  }

  /// Bytes per second for one more layer; 0 where the memory is not shared.
  [[nodiscard]] static double share_of_memory(const SystemView& view) {
    const double capacity = view.platform().memory_bytes_per_second;
    if (capacity == 0.0) return 0.0;
    double users = 1.0;
    for (AcceleratorIndex a = 0; a < view.accelerator_count(); ++a) {
      if (!view.is_idle(a) && view.occupation(a).demand > 0.0) users += 1.0;
    }
    return capacity / users;
  }

  [[nodiscard]] static double loaded_time_s(const SystemView& view, ReadyId id, OptionIndex option, TypeIndex type,
                                            std::uint32_t size, double share) {
    const double alone = to_seconds(view.latency(id, option, type, size));
    return share == 0.0 ? alone : std::max(alone, view.network(id).traffic_of(option, type) / share);
  }

  LayerVersions versions_;
  std::vector<ValidSets> neutral_; ///< per task: sets that lose no accuracy
};

} // namespace terastal
