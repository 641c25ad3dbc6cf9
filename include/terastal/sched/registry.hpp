#pragma once

#include "terastal/core/plugin.hpp"
#include "terastal/sim/scheduler.hpp"

namespace terastal {

/// A policy's name, origin, settings, and how to make its scheduler.
using PolicyInfo = PluginInfo<Scheduler>;
/// A policy with its settings, ready to make schedulers.
using Policy = Plugin<Scheduler>;

/// The policies a program knows. Start from `builtin_policies()` and `add` your own.
class PolicyRegistry : public PluginRegistry<Scheduler> {
 public:
  PolicyRegistry() : PluginRegistry("policy") {}
};

} // namespace terastal
