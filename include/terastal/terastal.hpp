#pragma once

/// The whole public API.

#include "terastal/core/error.hpp"
#include "terastal/core/random.hpp"
#include "terastal/core/settings.hpp"
#include "terastal/core/time.hpp"
#include "terastal/core/units.hpp"
#include "terastal/experiment/compare.hpp"
#include "terastal/experiment/run.hpp"
#include "terastal/io/load.hpp"
#include "terastal/metrics/metrics.hpp"
#include "terastal/model/granularity.hpp"
#include "terastal/model/network.hpp"
#include "terastal/model/platform.hpp"
#include "terastal/offline/budgets.hpp"
#include "terastal/sched/policies.hpp"
#include "terastal/sim/simulator.hpp"
#include "terastal/trace/checker.hpp"
#include "terastal/trace/job_records.hpp"
#include "terastal/workload/scenario.hpp"
#include "terastal/workload/validate.hpp"
