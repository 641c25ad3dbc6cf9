#include "gate/cell_judge.hpp"

#include <algorithm> // all_of, any_of
#include <utility>

#include <fmt/format.h>

#include "gate/judge_metric.hpp"

namespace terastal {
namespace {

constexpr const char* kUnexplained =
    "event streams and inputs are equal: the program computes this number otherwise, or the baseline was edited";
constexpr const char* kNotTheSchedule =
    "the event streams are equal: not the schedule changed, but what is computed from it";

bool all_equal(const std::vector<std::uint64_t>& digests) {
  return std::all_of(digests.begin(), digests.end(), [&](std::uint64_t d) { return d == digests.front(); });
}

/// The mean over the first replications that have a value; nothing without any.
std::optional<double> mean_over(const MetricSeries& series, std::size_t replications) {
  return mean_of(
      {series.metric, {series.values.begin(), series.values.begin() + static_cast<std::ptrdiff_t>(replications)}});
}

const TaskSeries* find_task(const std::vector<TaskSeries>& tasks, const std::string& name) {
  for (const TaskSeries& t : tasks) {
    if (t.task == name) return &t;
  }
  return nullptr;
}

/// Judges a cell that both sides have.
class CellJudge {
 public:
  CellJudge(const CellContext& context, const GateCell& baseline, const GateCell& now)
      : context_(context), plan_(*context.plan), baseline_(baseline), now_(now) {
    result_.scenario = now.scenario;
    result_.policy = now.policy;
    result_.place = baseline.place;
    result_.replications = context.replications;
    for (std::size_t r = 0; r < context.replications; ++r) {
      if (baseline.digests[r] == now.digests[r]) ++result_.equal_digests;
    }
    result_.unpaired = context.unpaired;
    if (baseline.first_seed != now.first_seed) {
      result_.unpaired = fmt::format("seeds from {} on, not from {}", now.first_seed, baseline.first_seed);
    }
    exact_ = all_equal(baseline.digests) && all_equal(now.digests);
  }

  CellCheck run() {
    if (plan_.judge == Judge::exact) events();
    metrics({}, baseline_.series, now_.series);
    if (plan_.each_task) tasks();
    const auto& judged = result_.judgements;
    const bool none = std::all_of(judged.begin(), judged.end(),
                                  [](const MetricCheck& j) { return j.verdict == CheckVerdict::undefined; });
    if (none) events(); // nothing else says whether anything changed
    return std::move(result_);
  }

 private:
  void events() {
    MetricCheck j;
    j.judge = Judge::exact;
    if (!result_.same_events()) {
      j.verdict = result_.unpaired.empty() ? CheckVerdict::changed : CheckVerdict::unpaired;
      j.note = result_.unpaired.empty()
                   ? fmt::format("{} of {} event streams differ", result_.replications - result_.equal_digests,
                                 result_.replications)
                   : result_.unpaired;
    }
    result_.judgements.push_back(std::move(j));
  }

  void metrics(const std::string& task, const std::vector<MetricSeries>& baseline,
               const std::vector<MetricSeries>& now) {
    for (const MetricRule& rule : plan_.rules) {
      if (!task.empty() && rule.metric->of_task == nullptr) continue;
      const MetricSeries* before = find_series(baseline, *rule.metric);
      const MetricSeries* after = find_series(now, *rule.metric);
      if (before != nullptr && after != nullptr) {
        metric(task, rule, *before, *after);
      } else if (before != nullptr) {
        missing(task, before, nullptr, "there is no value any more");
      } else if (after != nullptr) {
        missing(task, nullptr, after, "the baseline has no value; --update adds it");
      } else {
        undefined(task, rule);
      }
    }
    if (context_.update) gone_metrics(task, baseline);
  }

  void gone_metrics(const std::string& task, const std::vector<MetricSeries>& baseline) {
    for (const MetricSeries& before : baseline) {
      const bool kept = std::any_of(plan_.rules.begin(), plan_.rules.end(),
                                    [&](const MetricRule& rule) { return rule.metric == before.metric; });
      if (!kept) missing(task, &before, nullptr, "not judged any more");
    }
  }

  void metric(const std::string& task, const MetricRule& rule, const MetricSeries& before, const MetricSeries& after) {
    const Pairs pairs = pairs_of(before, after, result_.replications);
    MetricCheck j;
    j.task = task;
    j.metric = rule.metric;
    j.judge = rule.judge;
    j.baseline = mean_over(before, result_.replications);
    j.now = mean_over(after, result_.replications);
    if (!j.baseline && !j.now) return undefined(task, rule);
    if (pairs.same_gaps) judge_pairs(j, pairs, {&rule, plan_.confidence, exact_});
    if (result_.same_events() && pairs.same_gaps && pairs.almost_equal()) {
      j.verdict = CheckVerdict::identical;
      j.note.clear();
    } else if (!result_.unpaired.empty()) {
      j.verdict = CheckVerdict::unpaired;
      j.difference.reset();
      j.note = result_.unpaired;
    } else if (!pairs.same_gaps) {
      j.verdict = CheckVerdict::missing;
      j.note = "some replications have a value on one side only";
    } else if (result_.same_events()) {
      explain(j);
    }
    result_.judgements.push_back(std::move(j));
  }

  /// Equal event streams with another number: only a changed input can be why.
  void explain(MetricCheck& j) const {
    j.note = context_.same_inputs ? kUnexplained : kNotTheSchedule;
    if (context_.same_inputs && j.verdict != CheckVerdict::regresses) j.verdict = CheckVerdict::changed;
  }

  void tasks() {
    for (const TaskSeries& before : baseline_.tasks) {
      if (const TaskSeries* after = find_task(now_.tasks, before.task)) {
        metrics(before.task, before.series, after->series);
      } else {
        whole_task(before.task, Absent::now, "the scenario has no such task any more");
      }
    }
    for (const TaskSeries& after : now_.tasks) {
      if (find_task(baseline_.tasks, after.task) != nullptr) continue;
      whole_task(after.task, Absent::baseline, "the baseline has no such task; --update adds it");
    }
  }

  void whole_task(const std::string& task, Absent absent, const char* note) {
    MetricCheck j;
    j.task = task;
    j.verdict = CheckVerdict::missing;
    j.absent = absent;
    j.note = note;
    result_.judgements.push_back(std::move(j));
  }

  void undefined(const std::string& task, const MetricRule& rule) {
    MetricCheck j;
    j.task = task;
    j.metric = rule.metric;
    j.judge = rule.judge;
    j.verdict = CheckVerdict::undefined;
    j.note = "no value on either side";
    result_.judgements.push_back(std::move(j));
  }

  /// A metric that one side has.
  void missing(const std::string& task, const MetricSeries* before, const MetricSeries* after, const char* note) {
    MetricCheck j;
    j.task = task;
    j.metric = before != nullptr ? before->metric : after->metric;
    j.verdict = CheckVerdict::missing;
    j.absent = before == nullptr ? Absent::baseline : Absent::now;
    if (before != nullptr) j.baseline = mean_over(*before, result_.replications);
    if (after != nullptr) j.now = mean_over(*after, result_.replications);
    j.note = note;
    result_.judgements.push_back(std::move(j));
  }

  const CellContext& context_;
  const GatePlan& plan_;
  const GateCell& baseline_;
  const GateCell& now_;
  bool exact_ = false;
  CellCheck result_;
};

/// A cell that only one side has: each of its metrics, or the cell as a whole when it has none.
CellCheck one_sided(const GateCell& cell, Absent absent) {
  CellCheck result;
  result.scenario = cell.scenario;
  result.policy = cell.policy;
  result.place = cell.place;
  MetricCheck j;
  j.verdict = CheckVerdict::missing;
  j.absent = absent;
  j.note = absent == Absent::now ? "the cell is not run any more" : "the baseline has no such cell; --update adds it";
  for (const MetricSeries& series : cell.series) {
    j.metric = series.metric;
    (absent == Absent::now ? j.baseline : j.now) = mean_of(series);
    result.judgements.push_back(j);
  }
  if (result.judgements.empty()) result.judgements.push_back(j);
  return result;
}

} // namespace

CellCheck judge_cell(const CellContext& context, const GateCell* baseline, const GateCell* now) {
  if (baseline == nullptr) return one_sided(*now, Absent::baseline);
  if (now == nullptr) return one_sided(*baseline, Absent::now);
  return CellJudge(context, *baseline, *now).run();
}

} // namespace terastal
