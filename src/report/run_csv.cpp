#include <optional>

#include "report/csv.hpp"
#include "report/numbers.hpp"
#include "report/run_formats.hpp"
#include "terastal/experiment/metric_table.hpp"

namespace terastal {
namespace {

constexpr const char* kHeader =
    "scenario,policy,seed,complete,task,network,released,completed,late,dropped,miss_rate,job_weighted_miss_rate,"
    "response_mean_ms,response_p50_ms,response_p95_ms,response_p99_ms,response_max_ms,"
    "tardiness_mean_ms,tardiness_p50_ms,tardiness_p95_ms,tardiness_p99_ms,tardiness_max_ms,"
    "end_to_end_mean_ms,end_to_end_p50_ms,end_to_end_p95_ms,end_to_end_p99_ms,end_to_end_max_ms,"
    "longest_miss_run,mk_violations,accuracy_mean,accuracy_loss,energy_mj";

constexpr const char* kServiceHeader =
    "isolated_ms,xrbench_real_time_score,xrbench_energy_score,xrbench_experience_score";

/// The columns above, then those of the metrics that have none among the rest.
void write_header(std::ostream& out, bool service) {
  out << kHeader;
  if (service) {
    out << ',' << kServiceHeader;
    for (const MetricInfo& m : metric_table()) {
      if (m.service) out << ',' << m.key;
    }
  }
  out << '\n';
}

void add_service(CsvRow& row, const RunResult& r, std::size_t task) {
  if (!r.service) return;
  const TaskService& s = r.service->tasks[task];
  row.add(s.isolated_s * 1e3).add(s.xrbench.real_time).add(s.xrbench.energy).add(s.xrbench.experience);
  for (const MetricInfo& m : metric_table()) {
    if (m.service) row.add(m.of_task != nullptr ? m.of_task(r, task) : std::nullopt);
  }
}

void add_service(CsvRow& row, const RunResult& r) {
  if (!r.service) return;
  row.blank(4);
  for (const MetricInfo& m : metric_table()) {
    if (m.service) row.add(m.of_run(r));
  }
}

CsvRow start_row(const RunResult& r) {
  CsvRow row;
  row.add(r.scenario).add(r.policy).add(r.seed).add(r.complete);
  return row;
}

void add(CsvRow& row, const DurationSummary& s) {
  row.add(s.mean_s * 1e3).add(to_ms(s.p50)).add(to_ms(s.p95)).add(to_ms(s.p99)).add(to_ms(s.max));
}

CsvRow task_row(const RunResult& r, std::size_t index) {
  const TaskResult& t = r.tasks[index];
  CsvRow row = start_row(r);
  row.add(t.task).add(t.network).add(t.released).add(t.completed).add(t.late).add(t.dropped);
  row.add(t.miss_rate).add(t.miss_rate);
  add(row, t.response);
  add(row, t.tardiness);
  if (t.end_to_end) {
    add(row, *t.end_to_end);
  } else {
    row.blank(5);
  }
  row.add(t.longest_miss_run).add(t.firm_violations).add(t.accuracy_mean).add(t.accuracy_loss).add(t.energy_mj);
  add_service(row, r, index);
  return row;
}

/// Sums and means over tasks; what has no meaning over tasks stays empty.
CsvRow all_row(const RunResult& r) {
  std::uint64_t released = 0;
  std::uint64_t completed = 0;
  std::uint64_t late = 0;
  std::uint64_t dropped = 0;
  for (const TaskResult& t : r.tasks) {
    released += t.released;
    completed += t.completed;
    late += t.late;
    dropped += t.dropped;
  }
  CsvRow row = start_row(r);
  row.add("_all").blank().add(released).add(completed).add(late).add(dropped);
  row.add(r.mean_miss_rate).add(r.weighted_miss_rate).blank(18).add(r.mean_accuracy_loss).add(r.energy_mj);
  add_service(row, r);
  return row;
}

} // namespace

void write_run_csv(std::ostream& out, const RunReport& report) {
  const RunResult& r = *report.result;
  write_header(out, r.service.has_value());
  for (std::size_t t = 0; t < r.tasks.size(); ++t) out << task_row(r, t);
  out << all_row(r);
}

} // namespace terastal
