#pragma once

#include <algorithm>
#include <ostream>

#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"
#include "terastal/sim/observer.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// Writes one CSV row per job when it ends, to a stream; memory does not grow.
///
/// Columns: task, job, release_ps, deadline_ps (absolute), end_ps, status (met | late | dropped), response_ps,
/// tardiness_ps, variants (names joined by |), accuracy, energy_nj, counted (0 | 1: inside [warm-up, horizon)).
class JobRecordWriter : public Observer {
 public:
  /// Writes the header. The stream and the scenario must outlive the writer.
  JobRecordWriter(std::ostream& out, const Scenario& scenario);

  [[nodiscard]] unsigned interests() const override { return job_ends; }
  void on_job_end(const JobEndEvent& e) override;

 private:
  std::ostream* out_;
  const Scenario* scenario_;
};

inline JobRecordWriter::JobRecordWriter(std::ostream& out, const Scenario& scenario)
    : out_(&out), scenario_(&scenario) {
  *out_
      << "task,job,release_ps,deadline_ps,end_ps,status,response_ps,tardiness_ps,variants,accuracy,energy_nj,counted\n";
}

inline void JobRecordWriter::on_job_end(const JobEndEvent& e) {
  const Network& network = scenario_->network_of(e.task);
  const bool counted = e.root_release >= Time{scenario_->warm_up} && e.root_release < Time{scenario_->horizon};
  const char* status = e.dropped ? "dropped" : e.late() ? "late" : "met";
  *out_ << csv_field(scenario_->tasks[e.task].name) << ',' << e.job << ',' << to_ps(e.release) << ','
        << to_ps(e.deadline) << ',' << to_ps(e.time) << ',' << status << ',';
  if (!e.dropped) {
    *out_ << (e.time - e.release).count() << ',' << std::max(Duration::zero(), e.time - e.deadline).count() << ',';
  } else {
    *out_ << ",,";
  }
  *out_ << csv_field(network.set_name(e.variants)) << ',';
  if (!e.dropped) *out_ << format_number(network.accuracy.accuracy(e.variants).value());
  *out_ << ',' << format_number(e.energy_nj) << ',' << (counted ? 1 : 0) << '\n';
}

} // namespace terastal
