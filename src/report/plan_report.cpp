#include "terastal/report/plan_report.hpp"

#include "report/plan_formats.hpp"

namespace terastal {

std::vector<const TaskPlan*> shown_tasks(const PlanReport& report) {
  std::vector<const TaskPlan*> result;
  for (const TaskPlan& t : report.plan->tasks) {
    if (!report.task || *report.task == t.task) result.push_back(&t);
  }
  return result;
}

void write(std::ostream& out, const PlanReport& report, Format format, bool color) {
  switch (format) {
  case Format::table:
    return write_plan_table(out, report, color);
  case Format::json:
    return write_plan_json(out, report);
  case Format::csv:
    return write_plan_csv(out, report);
  case Format::jsonl:
    return write_plan_jsonl(out, report);
  }
}

} // namespace terastal
