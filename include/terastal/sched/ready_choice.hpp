#pragma once

#include <tuple>
#include <vector>

#include "terastal/sim/view.hpp"

namespace terastal {

/// Whether `a` goes before `b` where their keys tie: earlier release, then task, job and layer in file order.
[[nodiscard]] inline bool goes_first(const SystemView& view, ReadyId a, ReadyId b) {
  const Job& x = view.job(a);
  const Job& y = view.job(b);
  return std::tuple(x.release, x.task, x.index, view.layer(a).layer) <
         std::tuple(y.release, y.task, y.index, view.layer(b).layer);
}

/// The idle accelerator that runs the unchanged layer fastest, the lowest index on ties; kNone if none can. Without
/// transfers and switches accelerators of one type are equal: the lowest idle one, `first(type)` (kNone where none is
/// idle), stands for them. O(types).
template <typename First>
[[nodiscard]] AcceleratorIndex fastest_idle_by_type(const SystemView& view, ReadyId id, First first) {
  const auto types = static_cast<TypeIndex>(view.platform().types.size());
  const OptionIndex option = view.original(id);
  AcceleratorIndex best = kNone;
  Duration best_latency = kCannotRun;
  for (TypeIndex t = 0; t < types; ++t) {
    const AcceleratorIndex a = first(t);
    if (a == kNone) continue;
    const Duration latency = view.latency(id, option, t);
    if (latency < best_latency || (latency == best_latency && latency != kCannotRun && a < best)) {
      best = a;
      best_latency = latency;
    }
  }
  return best;
}

/// The same with transfers and switches, which differ between accelerators of one type. O(accelerators).
[[nodiscard]] inline AcceleratorIndex fastest_idle_by_cost(const SystemView& view, ReadyId id) {
  AcceleratorIndex best = kNone;
  Duration best_cost = kCannotRun;
  for (AcceleratorIndex a = 0; a < view.accelerator_count(); ++a) {
    if (!view.is_idle(a)) continue;
    const Duration cost = view.cost(id, view.original(id), a);
    if (cost >= best_cost) continue;
    best = a;
    best_cost = cost;
  }
  return best;
}

/// The idle accelerators as policies of one accelerator need them on several: which layers can start, and where a layer
/// would finish first. Keep one in the policy and `look` at every decision: it allocates once.
class IdlePlaces {
 public:
  /// O(types).
  void look(const SystemView& view) {
    const auto types = static_cast<TypeIndex>(view.platform().types.size());
    first_idle_.resize(types);
    for (TypeIndex t = 0; t < types; ++t) first_idle_[t] = view.idle().first(t);
  }

  /// Whether an idle accelerator can run the layer. O(types).
  [[nodiscard]] bool can_start(const SystemView& view, ReadyId id) const {
    const OptionIndex original = view.original(id);
    for (TypeIndex t = 0; t < first_idle_.size(); ++t) {
      if (first_idle_[t] != kNone && view.latency(id, original, t) != kCannotRun) return true;
    }
    return false;
  }

  /// The idle accelerator that would finish the unchanged layer first, the lowest index on ties; kNone if none can run
  /// it. O(types); O(accelerators) with transfers or switches.
  [[nodiscard]] AcceleratorIndex fastest(const SystemView& view, ReadyId id) const {
    if (view.has_setup_costs()) return fastest_idle_by_cost(view, id);
    return fastest_idle_by_type(view, id, [this](TypeIndex t) { return first_idle_[t]; });
  }

 private:
  std::vector<AcceleratorIndex> first_idle_; ///< per type: the lowest idle one; kNone if there is none
};

} // namespace terastal
