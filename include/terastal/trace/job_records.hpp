#pragma once

#include <ostream>

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

}  // namespace terastal
