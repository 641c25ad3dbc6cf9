#include "terastal/sweep/cell_runner.hpp"

#include <algorithm> // any_of
#include <new>       // bad_alloc
#include <utility>

#include "terastal/core/error.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"
#include "terastal/experiment/run.hpp"

namespace terastal {
namespace {

/// The beginning of a message that may go on for pages.
std::string first_lines(const std::string& message) {
  constexpr std::size_t most_lines = 3;
  constexpr std::size_t most_characters = 600;
  std::vector<std::string> lines = split(message, '\n');
  const bool cut = lines.size() > most_lines;
  if (cut) lines.resize(most_lines);
  std::string text = join(lines, "\n") + (cut ? "\n…" : "");
  if (text.size() <= most_characters) return text;
  std::size_t end = most_characters;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end; // not within a character
  return text.substr(0, end) + "…";
}

CellRow row_of_all(const RunResult& run, const std::vector<const MetricInfo*>& metrics) {
  CellRow row;
  for (const TaskResult& task : run.tasks) {
    row.released += task.released;
    row.completed += task.completed;
    row.late += task.late;
    row.dropped += task.dropped;
  }
  for (const MetricInfo* metric : metrics) row.values.push_back(metric->of_run(run));
  return row;
}

CellRow row_of_task(const RunResult& run, std::size_t t, const std::vector<const MetricInfo*>& metrics) {
  const TaskResult& task = run.tasks[t];
  CellRow row{task.task, task.released, task.completed, task.late, task.dropped, {}};
  for (const MetricInfo* metric : metrics) {
    row.values.push_back(metric->of_task == nullptr ? std::nullopt : metric->of_task(run, t));
  }
  return row;
}

} // namespace

CellRunner::CellRunner(const Sweep& sweep, std::size_t scenarios, CostModelRegistry cost_models)
    : sweep_(sweep), cells_(sweep), scenarios_(sweep, scenarios, std::move(cost_models)),
      service_(std::any_of(sweep.metrics.begin(), sweep.metrics.end(), [](const auto* m) { return m->service; })) {
  for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
    if (sweep.axes[a].kind == SweepAxis::Kind::policy) policy_axis_ = a;
    if (sweep.axes[a].kind == SweepAxis::Kind::seed) seed_axis_ = a;
  }
}

std::optional<CellResult> CellRunner::run(CellIndex cell, const std::function<bool()>& keep_going) {
  CellResult failed;
  failed.cell = cell;
  try {
    return run_or_throw(cell, keep_going);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const ChangedInput&) {
    throw;
  } catch (const std::exception& e) {
    failed.error = first_lines(e.what());
    if (failed.error.empty()) failed.error = "failed without a message";
  }
  return failed;
}

void CellRunner::prepare(CellIndex cell) {
  try {
    (void)scenarios_.get(cells_.values_of(cell));
  } catch (const ChangedInput&) {
    throw;
  } catch (const Error&) {
  }
}

std::optional<CellResult> CellRunner::run_or_throw(CellIndex cell, const std::function<bool()>& keep_going) {
  const std::vector<std::size_t> values = cells_.values_of(cell);
  const std::shared_ptr<const Scenario> scenario = scenarios_.get(values);
  RunOptions options;
  if (seed_axis_) options.seed = parse_unsigned(sweep_.axes[*seed_axis_].values[values[*seed_axis_]]);
  if (!service_) options.service.reset();
  if (keep_going) options.keep_going = [&keep_going](Time) { return keep_going(); };
  const RunResult run = terastal::run(*scenario, policy_of(values), options);
  if (!run.complete) return std::nullopt;

  CellResult result;
  result.cell = cell;
  result.digest = run.digest;
  result.rows.push_back(row_of_all(run, sweep_.metrics));
  for (std::size_t t = 0; t < run.tasks.size(); ++t) result.rows.push_back(row_of_task(run, t, sweep_.metrics));
  return result;
}

Policy CellRunner::policy_of(const std::vector<std::size_t>& values) const {
  Policy policy = sweep_.policies[values[policy_axis_]];
  for (std::size_t a = 0; a < values.size(); ++a) {
    const SweepAxis& axis = sweep_.axes[a];
    if (axis.kind != SweepAxis::Kind::policy_setting || !policy.settings.declares(axis.path)) continue;
    policy.set(axis.path, axis.values[values[a]]);
  }
  return policy;
}

} // namespace terastal
