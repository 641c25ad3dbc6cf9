#pragma once

#include <ostream>
#include <vector>

#include "terastal/report/plan_report.hpp"

namespace terastal {

/// The tasks to show.
[[nodiscard]] std::vector<const TaskPlan*> shown_tasks(const PlanReport& report);

void write_plan_table(std::ostream& out, const PlanReport& report, bool color);
void write_plan_json(std::ostream& out, const PlanReport& report);
void write_plan_jsonl(std::ostream& out, const PlanReport& report);
void write_plan_csv(std::ostream& out, const PlanReport& report);

} // namespace terastal
