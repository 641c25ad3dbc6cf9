#include "report/csv.hpp"
#include "report/numbers.hpp"
#include "report/run_formats.hpp"

namespace terastal {
namespace {

constexpr const char* kHeader =
    "scenario,policy,seed,complete,task,network,released,completed,late,dropped,miss_rate,job_weighted_miss_rate,"
    "response_mean_ms,response_p50_ms,response_p95_ms,response_p99_ms,response_max_ms,"
    "tardiness_mean_ms,tardiness_p50_ms,tardiness_p95_ms,tardiness_p99_ms,tardiness_max_ms,"
    "end_to_end_mean_ms,end_to_end_p50_ms,end_to_end_p95_ms,end_to_end_p99_ms,end_to_end_max_ms,"
    "longest_miss_run,mk_violations,accuracy_mean,accuracy_loss,energy_mj\n";

CsvRow start_row(const RunResult& r) {
  CsvRow row;
  row.add(r.scenario).add(r.policy).add(r.seed).add(r.complete);
  return row;
}

void add(CsvRow& row, const DurationSummary& s) {
  row.add(s.mean_s * 1e3).add(to_ms(s.p50)).add(to_ms(s.p95)).add(to_ms(s.p99)).add(to_ms(s.max));
}

CsvRow task_row(const RunResult& r, const TaskResult& t) {
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
  return row;
}

} // namespace

void write_run_csv(std::ostream& out, const RunReport& report) {
  const RunResult& r = *report.result;
  out << kHeader;
  for (const TaskResult& t : r.tasks) out << task_row(r, t);
  out << all_row(r);
}

} // namespace terastal
