#pragma once

#include "arguments.hpp"
#include "terastal/gate/baseline.hpp"

namespace terastal::cli {

/// What a new baseline runs, without its scenarios: what the options say, and defaults. \throws UsageError.
[[nodiscard]] GatePlan default_plan(const Arguments& arguments);

/// Changes a plan by the options of the command line. \throws UsageError.
void apply_options(const Arguments& arguments, GatePlan& plan);

/// A check runs what its baseline says. \throws UsageError for options that would change it.
void refuse_plan_options(const Arguments& arguments);

} // namespace terastal::cli
