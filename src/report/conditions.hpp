#pragma once

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "terastal/workload/scenario.hpp"

namespace terastal {

/// Lines of `name  value`, names in one column.
using Conditions = std::vector<std::pair<std::string, std::string>>;

/// What a scenario's results depend on: platform, tasks, horizon, late jobs, execution times.
[[nodiscard]] Conditions conditions_of(const Scenario& scenario);

/// Writes a bold title, then the lines.
void write_conditions(std::ostream& out, const std::string& title, const std::string& description,
                      const Conditions& conditions, bool color);

/// An empty line, then a bold heading.
void write_heading(std::ostream& out, const std::string& text, bool color);

} // namespace terastal
