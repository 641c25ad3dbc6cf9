#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "terastal/sim/observer.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// Describes what happens in words, one line an event, to a sink of the caller's.
class EventLog : public Observer {
 public:
  enum class Detail : std::uint8_t {
    jobs,   ///< releases, completions, drops
    layers, ///< also starts and finishes of layers
  };
  using Sink = std::function<void(Detail, const std::string& line)>;

  /// The scenario must outlive the log.
  EventLog(const Scenario& scenario, Detail detail, Sink sink);

  [[nodiscard]] unsigned interests() const override;
  void on_release(const ReleaseEvent& e) override;
  void on_start(const StartEvent& e) override;
  void on_finish(const FinishEvent& e) override;
  void on_job_end(const JobEndEvent& e) override;

 private:
  [[nodiscard]] std::string job(TaskIndex task, JobIndex index) const;
  [[nodiscard]] std::string layer(TaskIndex task, JobIndex index, LayerIndex layer) const;

  const Scenario* scenario_;
  Detail detail_;
  Sink sink_;
};

} // namespace terastal
