#include "terastal/sched/default_policies.hpp"

#include "terastal/sched/policies.hpp"

namespace terastal {

PolicyRegistry default_policies() { return builtin_policies(); }

} // namespace terastal
