#pragma once

#include "terastal/sched/registry.hpp"

namespace terastal {

/// `builtin_policies()` (policies.hpp), compiled once in the library rather than by everybody who asks. For a policy of
/// your own, add it to a copy.
[[nodiscard]] PolicyRegistry default_policies();

} // namespace terastal
