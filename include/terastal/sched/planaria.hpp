#pragma once

#include <memory>

#include "terastal/sched/planaria_spatial.hpp"
#include "terastal/sched/planaria_temporal.hpp"
#include "terastal/sched/registry.hpp"

namespace terastal {

/// The policy `planaria` and its settings.
[[nodiscard]] inline PolicyInfo planaria_policy() {
  PolicyInfo info;
  info.id = "planaria";
  info.summary = "Planaria's score: largest weight / slack first; or its division of accelerators among jobs";
  info.source =
      "Ghodrati et al., MICRO 2020; temporal: Dysta's harness, on several accelerators; spatial: their simulator";
  info.our_reading = true;
  info.settings = {
      Setting::choice("form", "temporal", {"temporal", "spatial"},
                      "temporal: whole accelerators; spatial: each job has a share of them, changed at tiles"),
      detail::all_late_setting(),
  };
  info.make = [](const Settings& s) -> std::unique_ptr<Scheduler> {
    if (s.choice("form") == "spatial") return std::make_unique<SpatialPlanariaScheduler>();
    return std::make_unique<TemporalPlanariaScheduler>(detail::all_late_of(s));
  };
  return info;
}

} // namespace terastal
