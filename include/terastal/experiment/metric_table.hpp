#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "terastal/core/error.hpp"
#include "terastal/core/text.hpp"
#include "terastal/metrics/result.hpp"

namespace terastal {

/// A number that a run ends with, by name: help, validation, tables and files follow from it.
struct MetricInfo {
  const char* id;    ///< as a user names it
  const char* key;   ///< in files; ends with its unit. Ratios stay ratios (0.05 is 5 %)
  const char* title; ///< in tables
  const char* unit;  ///< in tables; empty for a plain number
  double factor;     ///< from the value to the unit of tables
  bool higher_is_better;
  bool our_reading; ///< the source leaves parts open, or was not read whole; the manual says which
  bool service;     ///< needs RunResult::service
  const char* help; ///< one line
  /// The value of a run; nothing where it has none.
  std::optional<double> (*of_run)(const RunResult& run);
  /// The part of one task; null when the metric has no such part.
  std::optional<double> (*of_task)(const RunResult& run, std::size_t task);
};

/// All metrics that comparisons offer.
[[nodiscard]] const std::vector<MetricInfo>& metric_table();

/// Their names.
[[nodiscard]] std::vector<std::string> metric_names();

/// The metric of a name. \throws InputError for an unknown one, with what is allowed.
[[nodiscard]] const MetricInfo& find_metric(std::string_view name);

/// Reads `antt,stp,miss_rate`. \throws InputError for unknown names and repetitions.
[[nodiscard]] std::vector<const MetricInfo*> parse_metrics(std::string_view list);

/// The metrics as text for a help page: one line each.
[[nodiscard]] std::string metric_help();

namespace detail {

using OptionalNumber = std::optional<double>;

/// A value of ServiceResult; nothing when the service was not gathered.
template <OptionalNumber ServiceResult::*member>
OptionalNumber of_service(const RunResult& run) {
  return run.service ? (*run.service).*member : std::nullopt;
}

template <OptionalNumber TaskService::*member>
OptionalNumber of_task_service(const RunResult& run, std::size_t task) {
  return run.service ? run.service->tasks[task].*member : std::nullopt;
}

/// Sum over the tasks that have the value.
template <OptionalNumber TaskService::*member>
OptionalNumber sum_of_tasks(const RunResult& run) {
  OptionalNumber sum;
  for (std::size_t t = 0; t < run.tasks.size(); ++t) {
    if (const auto value = of_task_service<member>(run, t)) sum = sum.value_or(0.0) + *value;
  }
  return sum;
}

template <double XrbenchScores::*member>
OptionalNumber of_task_score(const RunResult& run, std::size_t task) {
  if (!run.service) return std::nullopt;
  return 100.0 * run.service->tasks[task].xrbench.*member;
}

} // namespace detail

inline const std::vector<MetricInfo>& metric_table() {
  using Run = const RunResult&;
  using S = ServiceResult;
  using T = TaskService;
  using namespace detail;
  static const std::vector<MetricInfo> table = {
      {"miss_rate", "miss_rate", "miss rate, mean over tasks", "%", 100.0, false, false, false,
       "(late + dropped) / released, mean over tasks", [](Run r) -> OptionalNumber { return r.mean_miss_rate; },
       [](Run r, std::size_t t) -> OptionalNumber { return r.tasks[t].miss_rate; }},
      {"job_miss_rate", "job_weighted_miss_rate", "miss rate, all jobs", "%", 100.0, false, false, false,
       "(late + dropped) / released of all jobs", [](Run r) -> OptionalNumber { return r.weighted_miss_rate; },
       [](Run r, std::size_t t) -> OptionalNumber { return r.tasks[t].miss_rate; }},
      {"sla", "sla", "SLA satisfaction, all jobs", "%", 100.0, true, false, true,
       "jobs that met their deadline / all jobs", of_service<&S::sla>, of_task_service<&T::in_time>},
      {"sla_tasks", "sla_tasks", "SLA satisfaction, mean over tasks", "%", 100.0, true, false, true,
       "the same, mean over tasks", of_service<&S::sla_tasks>, of_task_service<&T::in_time>},
      {"antt", "antt", "ANTT", "", 1.0, false, false, true,
       "average normalised turnaround time: response / isolated time, mean over completed jobs", of_service<&S::antt>,
       of_task_service<&T::slowdown>},
      {"antt_tasks", "antt_tasks", "ANTT, mean over tasks", "", 1.0, false, false, true, "the same, mean over tasks",
       of_service<&S::antt_tasks>, of_task_service<&T::slowdown>},
      {"stp", "stp", "STP", "", 1.0, true, false, true,
       "system throughput: isolated time / response, mean of each task's jobs, summed over tasks", of_service<&S::stp>,
       of_task_service<&T::progress>},
      {"wst", "wst", "WST", "", 1.0, true, true, true,
       "STP with the tasks' weights, scaled to be STP when they are equal", of_service<&S::wst>, nullptr},
      {"fairness", "fairness", "fairness", "", 1.0, true, false, true,
       "smallest / largest progress of a task in proportion to its weight; 1 is fair", of_service<&S::fairness>,
       nullptr},
      {"throughput", "throughput_per_s", "throughput", "1/s", 1.0, true, false, true,
       "completed jobs / (last completion − first release)", of_service<&S::throughput_per_s>, nullptr},
      {"uxcost", "uxcost", "UXCost", "", 1.0, false, true, true,
       "DREAM's UXCost: sum of violation rates · sum of normalised energies", of_service<&S::uxcost>, nullptr},
      {"uxcost_violations", "uxcost_violations", "UXCost, violations", "", 1.0, false, true, true,
       "its first factor: violation rates, 1 / (2 · jobs) for none, summed over tasks", sum_of_tasks<&T::violations>,
       of_task_service<&T::violations>},
      {"uxcost_energy", "uxcost_energy", "UXCost, energy", "", 1.0, false, true, true,
       "its second factor: energy / energy on the worst accelerators, summed over tasks",
       sum_of_tasks<&T::energy_ratio>, of_task_service<&T::energy_ratio>},
      {"xrbench", "xrbench", "XRBench score", "", 1.0, true, false, true,
       "XRBench's overall score, 0 to 100, as its code computes it", of_service<&S::xrbench>,
       of_task_score<&XrbenchScores::code>},
      {"xrbench_clean", "xrbench_clean", "XRBench score, clean", "", 1.0, true, true, true,
       "the same: drops counted once, energy score in [0, 1], every task counted", of_service<&S::xrbench_clean>,
       of_task_score<&XrbenchScores::clean>},
      {"xrbench_clean_accuracy", "xrbench_clean_accuracy", "XRBench score, clean, accuracy", "", 1.0, true, true, true,
       "the same with accuracy as a further factor", of_service<&S::xrbench_clean_accuracy>,
       of_task_score<&XrbenchScores::clean_accuracy>},
      {"energy", "energy_mj", "energy", "mJ", 1.0, false, false, false, "of all layers run for counted jobs",
       [](Run r) -> OptionalNumber { return r.energy_mj; },
       [](Run r, std::size_t t) -> OptionalNumber { return r.tasks[t].energy_mj; }},
      {"accuracy_loss", "accuracy_loss", "accuracy loss", "%", 100.0, false, false, false,
       "1 − mean accuracy / baseline, mean over tasks with variants",
       [](Run r) -> OptionalNumber { return r.mean_accuracy_loss; },
       [](Run r, std::size_t t) -> OptionalNumber { return r.tasks[t].accuracy_loss; }},
  };
  return table;
}

inline std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  for (const MetricInfo& m : metric_table()) names.emplace_back(m.id);
  return names;
}

inline const MetricInfo& find_metric(std::string_view name) {
  for (const MetricInfo& m : metric_table()) {
    if (name == m.id) return m;
  }
  const auto names = metric_names();
  throw InputError("unknown metric '" + std::string(name) + "'" + did_you_mean(name, names) +
                   "; allowed: " + join(names, ", "));
}

inline std::vector<const MetricInfo*> parse_metrics(std::string_view list) {
  std::vector<const MetricInfo*> chosen;
  for (const std::string& name : split(list, ',')) {
    const MetricInfo* metric = &find_metric(trim(name));
    for (const MetricInfo* other : chosen) {
      if (other == metric) throw InputError("'" + std::string(metric->id) + "' is given twice");
    }
    chosen.push_back(metric);
  }
  return chosen;
}

inline std::string metric_help() {
  std::string text;
  for (const MetricInfo& m : metric_table()) {
    text += (text.empty() ? "" : "\n") + std::string(m.id) + ": " + m.help + (m.our_reading ? " (our reading)" : "");
  }
  return text;
}

} // namespace terastal
