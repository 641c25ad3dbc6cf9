#pragma once

#include <cstddef>

#include "terastal/experiment/compare.hpp"

namespace terastal {

/// Fills Statistic::judgement of every difference that is judged. Returns how many that are.
std::size_t judge_together(Comparison& comparison);

} // namespace terastal
