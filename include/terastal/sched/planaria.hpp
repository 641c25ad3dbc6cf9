#pragma once

#include <memory>

#include "terastal/sched/planaria_temporal.hpp"
#include "terastal/sched/registry.hpp"

namespace terastal {

/// The policy `planaria` and its settings.
[[nodiscard]] inline PolicyInfo planaria_policy() {
  PolicyInfo info;
  info.id = "planaria";
  info.summary = "Planaria's score: largest weight / slack first";
  info.source = "Ghodrati et al., MICRO 2020, in the form of Dysta's harness, extended to several accelerators";
  info.our_reading = true;
  info.settings = {
      Setting::choice("form", "temporal", {"temporal"}, "temporal: one layer after another on whole accelerators"),
      detail::all_late_setting(),
  };
  info.make = [](const Settings& s) { return std::make_unique<TemporalPlanariaScheduler>(detail::all_late_of(s)); };
  return info;
}

} // namespace terastal
