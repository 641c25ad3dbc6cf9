#include "terastal/report/event_log.hpp"

#include <utility>

#include <fmt/format.h>

#include "terastal/core/units.hpp"

namespace terastal {
namespace {

std::string at(Time t) { return fmt::format("{:>14.6f} ms", static_cast<double>(to_ps(t)) / 1e9); }

} // namespace

EventLog::EventLog(const Scenario& scenario, Detail detail, Sink sink)
    : scenario_(&scenario), detail_(detail), sink_(std::move(sink)) {}

unsigned EventLog::interests() const {
  const unsigned jobs = releases | job_ends;
  return detail_ == Detail::layers ? jobs | starts | finishes : jobs;
}

std::string EventLog::job(TaskIndex task, JobIndex index) const {
  return fmt::format("{}#{}", scenario_->tasks[task].name, index);
}

std::string EventLog::layer(TaskIndex task, JobIndex index, LayerIndex layer) const {
  return fmt::format("{}/{}", job(task, index), scenario_->network_of(task).layers[layer].name);
}

void EventLog::on_release(const ReleaseEvent& e) {
  sink_(Detail::jobs, fmt::format("{} release {}, deadline in {}", at(e.time), job(e.task, e.job),
                                  format_duration_short(e.deadline - e.time)));
}

void EventLog::on_start(const StartEvent& e) {
  const Option& option = scenario_->network_of(e.task).options[e.option];
  sink_(Detail::layers,
        fmt::format("{} start   {}{} on {}, {}{}{}", at(e.time), layer(e.task, e.job, e.layer),
                    option.variants == 0 ? "" : " as " + option.name,
                    scenario_->platform.accelerators[e.accelerator].name, format_duration_short(e.finish - e.time),
                    e.setup == Duration::zero() ? "" : " of which set-up " + format_duration_short(e.setup),
                    e.fused == Fused::second ? ", with the layer before" : ""));
}

void EventLog::on_finish(const FinishEvent& e) {
  sink_(Detail::layers, fmt::format("{} finish  {} on {}", at(e.time), layer(e.task, e.job, e.layer),
                                    scenario_->platform.accelerators[e.accelerator].name));
}

void EventLog::on_job_end(const JobEndEvent& e) {
  const std::string variants = scenario_->network_of(e.task).set_name(e.variants);
  const std::string late = e.late() ? ", late by " + format_duration_short(e.time - e.deadline) : "";
  sink_(Detail::jobs,
        fmt::format("{} {} {}, response {}{}{}", at(e.time), e.dropped ? "drop   " : "done   ", job(e.task, e.job),
                    format_duration_short(e.time - e.release), late, variants.empty() ? "" : ", variants " + variants));
}

} // namespace terastal
