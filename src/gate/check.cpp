#include "terastal/gate/check.hpp"

#include <algorithm> // all_of, any_of, min
#include <utility>

#include "gate/cell_judge.hpp"

namespace terastal {
namespace {

const InputFile* find_input(const std::vector<InputFile>& files, const std::string& path) {
  for (const InputFile& file : files) {
    if (file.path == path) return &file;
  }
  return nullptr;
}

/// Whether a file stands in the other list under another path, as shipped ones do on other machines.
bool moved(const std::vector<InputFile>& others, const InputFile& file) {
  return std::any_of(others.begin(), others.end(), [&](const InputFile& f) { return f.sha256 == file.sha256; });
}

std::vector<InputChange> changed_inputs(const std::vector<InputFile>& before, const std::vector<InputFile>& now) {
  std::vector<InputChange> changes;
  for (const InputFile& file : before) {
    const InputFile* found = find_input(now, file.path);
    if (found == nullptr && moved(now, file)) continue;
    const std::string sha256 = found == nullptr ? std::string{} : found->sha256;
    if (sha256 != file.sha256) changes.push_back({file.path, file.sha256, sha256});
  }
  for (const InputFile& file : now) {
    if (find_input(before, file.path) == nullptr && !moved(before, file))
      changes.push_back({file.path, {}, file.sha256});
  }
  return changes;
}

/// Compares the cells of both sides; `context` lacks only what follows from them.
CheckResult compare(const Baseline& baseline, const Measurement& now, CellContext context) {
  CheckResult result;
  result.complete = now.complete;
  result.replications = std::min(baseline.plan.replications, now.replications);
  result.inputs = changed_inputs(baseline.inputs, now.inputs);
  if (result.replications == 0) return result;
  context.replications = result.replications;
  context.same_inputs = result.inputs.empty();
  for (const GateCell& cell : now.cells) {
    result.cells.push_back(judge_cell(context, find_cell(baseline.cells, cell.scenario, cell.policy), &cell));
  }
  for (const GateCell& cell : baseline.cells) {
    if (find_cell(now.cells, cell.scenario, cell.policy) != nullptr) continue;
    result.cells.push_back(judge_cell(context, &cell, nullptr));
  }
  return result;
}

bool has_values(const GateCell& cell) {
  return !cell.series.empty() ||
         std::any_of(cell.tasks.begin(), cell.tasks.end(), [](const TaskSeries& t) { return !t.series.empty(); });
}

} // namespace

const char* to_string(CheckVerdict verdict) {
  switch (verdict) {
  case CheckVerdict::identical:
    return "identical";
  case CheckVerdict::undefined:
    return "undefined";
  case CheckVerdict::passes:
    return "passes";
  case CheckVerdict::improves:
    return "improves";
  case CheckVerdict::inconclusive:
    return "inconclusive";
  case CheckVerdict::regresses:
    return "regresses";
  case CheckVerdict::changed:
    return "changed";
  case CheckVerdict::unpaired:
    return "unpaired";
  case CheckVerdict::missing:
    break;
  }
  return "missing";
}

bool fails(CheckVerdict verdict) {
  return verdict == CheckVerdict::regresses || verdict == CheckVerdict::changed || verdict == CheckVerdict::missing ||
         verdict == CheckVerdict::unpaired;
}

bool CellCheck::identical() const {
  return std::all_of(judgements.begin(), judgements.end(),
                     [](const MetricCheck& j) { return j.verdict == CheckVerdict::identical; });
}

std::size_t CheckResult::count(CheckVerdict verdict) const {
  std::size_t n = 0;
  for (const CellCheck& cell : cells) {
    for (const MetricCheck& j : cell.judgements) n += j.verdict == verdict ? 1 : 0;
  }
  return n;
}

std::size_t CheckResult::judgements() const {
  std::size_t n = 0;
  for (const CellCheck& cell : cells) n += cell.judgements.size();
  return n;
}

bool CheckResult::fails() const {
  return std::any_of(kCheckVerdicts.begin(), kCheckVerdicts.end(),
                     [this](CheckVerdict v) { return terastal::fails(v) && count(v) > 0; });
}

CheckResult check_against(const Baseline& baseline, const Measurement& now) {
  CellContext context;
  context.plan = &baseline.plan;
  return compare(baseline, now, std::move(context));
}

CheckResult compare_update(const Baseline& old, const GatePlan& plan, const Measurement& now) {
  CellContext context;
  context.plan = &plan;
  context.update = true;
  if (!same_overrides(old.plan, plan)) context.unpaired = "the scenarios are changed otherwise (set)";
  CheckResult result = compare(old, now, std::move(context));
  result.plan_changes = plan_changes(old.plan, plan);
  return result;
}

bool judges_anything(const GatePlan& plan, const Measurement& now) {
  return plan.judge == Judge::exact || std::any_of(now.cells.begin(), now.cells.end(), has_values);
}

} // namespace terastal
