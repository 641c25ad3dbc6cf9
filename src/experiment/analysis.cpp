#include "terastal/experiment/analysis.hpp"

#include <algorithm> // any_of, find, max, min

#include <fmt/format.h>

#include "experiment/analysis_model.hpp"
#include "terastal/core/units.hpp"
#include "terastal/model/estimates.hpp"
#include "terastal/offline/analysis/utilisation_bounds.hpp"

namespace terastal {
namespace {

/// Applies the tests to one scenario.
class Analyser {
 public:
  Analyser(const Scenario& scenario, const AnalysisOptions& options) : scenario_(scenario) {
    result_.options = options;
    if (options.policies.empty()) result_.options.policies = analysed_policies();
    mapped_ = map_layers(scenario, options);
    result_.sites = mapped_.sites;
  }

  ScenarioAnalysis run() {
    describe_tasks();
    describe_mapping();
    test_load();
    test_fastest_paths();
    for (const Island& island : islands_of(mapped_)) test_island(scenario_, mapped_, island, result_);
    test_global();
    for (const std::string& policy : result_.options.policies) result_.policies.push_back(conclude(policy));
    return std::move(result_);
  }

 private:
  // -- what is analysed

  void describe_tasks() {
    for (const MappedTask& task : mapped_.tasks) {
      AnalysedTask described;
      described.task = task.task;
      described.period = task.period;
      described.jitter = task.jitter;
      described.sites = task.sites;
      described.reason = task.reason;
      if (task.reason.empty()) described.wcet = task.wcet();
      for (const std::string& policy : result_.options.policies) {
        TaskFinding finding;
        finding.policy = policy;
        described.findings.push_back(finding);
      }
      result_.tasks.push_back(std::move(described));
    }
  }

  void describe_mapping() {
    const Platform& p = scenario_.platform;
    const LayerMapping mapping = result_.options.mapping;
    const bool by_type = mapping == LayerMapping::fastest ||
                         (mapping == LayerMapping::pinned && p.types.size() == p.accelerators.size());
    if (p.accelerators.size() == 1) {
      result_.holds_for = "these policies, any placement";
    } else if (by_type) {
      result_.holds_for = "these policies with placement=preferred_only";
    } else {
      result_.holds_for = "these priorities, by a dispatcher that keeps layers on their accelerators";
    }
  }

  // -- tests of all policies

  void test_load() {
    result_.originals = least_load(scenario_, false);
    const bool variants = std::any_of(scenario_.networks.begin(), scenario_.networks.end(),
                                      [](const Network& n) { return !n.variant_names.empty(); });
    if (variants) result_.with_variants = least_load(scenario_, true);
    add_load("load", result_.originals);
    if (variants) add_load("load_variants", result_.with_variants);
  }

  void add_load(const std::string& test, const LoadBound& load) {
    constexpr double kMargin = 1e-9;
    TestFinding finding{test, "any", "", Strength::necessary, Finding::not_applicable, load.reason};
    if (load.bound) {
      const bool overload = load.bound->lower > 1.0 + kMargin;
      finding.finding = overload ? Finding::not_schedulable : Finding::open;
      finding.reason = fmt::format("least load {:.4f}", load.bound->lower);
    }
    result_.tests.push_back(finding);
  }

  void test_fastest_paths() {
    TestFinding finding{"fastest_path", "any", "", Strength::necessary, Finding::open, ""};
    Duration least_slack = Duration::max();
    for (TaskIndex t = 0; t < scenario_.tasks.size(); ++t) {
      const Task& task = scenario_.tasks[t];
      if (task.execution.kind != ExecutionTimes::Kind::equal || scenario_.network_of(t).probabilistic()) {
        finding.finding = Finding::not_applicable;
        finding.reason = task.name + ": times differ between jobs";
        break;
      }
      const Network& network = scenario_.network_of(t);
      Duration path{0};
      for (const Duration d : estimate(network, scenario_.platform).fastest_tail) path = std::max(path, d);
      if (task.deadline - path >= least_slack) continue;
      least_slack = task.deadline - path;
      const bool late = least_slack < Duration::zero();
      if (late) finding.finding = Finding::not_schedulable;
      finding.reason = fmt::format("{}: {} {} {}", task.name, format_duration_short(path), late ? ">" : "≤",
                                   format_duration_short(task.deadline));
    }
    result_.tests.push_back(finding);
  }

  /// Global EDF on several accelerators of one type.
  void test_global() {
    const auto& policies = result_.options.policies;
    const bool edf = std::find(policies.begin(), policies.end(), "edf") != policies.end();
    const Platform& p = scenario_.platform;
    if (!edf || p.accelerators.size() < 2 || p.types.size() > 1) return;
    if (result_.options.mapping != LayerMapping::fastest) return;
    const std::string& where = mapped_.sites.front().name;
    for (const MappedTask& task : mapped_.tasks) {
      std::string reason = task.reason;
      if (reason.empty() && !task.chain) reason = "layers of a job may run at once";
      if (reason.empty() && task.jitter > Duration::zero()) reason = "releases have jitter";
      if (!reason.empty()) {
        result_.tests.push_back({"global_edf", "edf", where, Strength::sufficient, Finding::not_applicable,
                                 scenario_.tasks[task.task].name + ": " + reason});
        return;
      }
    }
    std::vector<SequentialTask> tasks;
    for (const MappedTask& task : mapped_.tasks) tasks.push_back(task.sequential());
    const bool accepted = global_edf_density_accepts(tasks, p.accelerators.size());
    double sum = 0.0;
    double largest = 0.0;
    for (const SequentialTask& t : tasks) {
      const double density = to_seconds(t.wcet) / to_seconds(std::min(t.deadline, t.period));
      sum += density;
      largest = std::max(largest, density);
    }
    const auto m = static_cast<double>(p.accelerators.size());
    result_.tests.push_back({"global_edf", "edf", where, Strength::sufficient,
                             accepted ? Finding::schedulable : Finding::open,
                             fmt::format("densities {:.4f}, bound {:.4f}", sum, m - (m - 1.0) * largest)});
  }

  // -- conclusions

  PolicyFinding conclude(const std::string& policy) const {
    for (const TestFinding& t : result_.tests) {
      const bool concerns = t.policy == "any" || t.policy == policy;
      // Variants are not used by these policies.
      if (concerns && t.finding == Finding::not_schedulable && !analysis_test(t.test).ideal) {
        const bool offsets = t.strength == Strength::exact;
        return {policy, Finding::not_schedulable, t.test + (offsets ? ", for some offsets: " : ": ") + t.reason};
      }
    }
    PolicyFinding result{policy, Finding::schedulable, ""};
    for (const AnalysedTask& task : result_.tasks) {
      for (const TaskFinding& own : task.findings) {
        if (own.policy != policy || own.finding == Finding::schedulable) continue;
        return {policy, own.finding, scenario_.tasks[task.task].name + ": " + own.reason};
      }
    }
    return result;
  }

  const Scenario& scenario_;
  MappedScenario mapped_;
  ScenarioAnalysis result_;
};

} // namespace

bool ScenarioAnalysis::schedulable() const {
  return std::any_of(policies.begin(), policies.end(),
                     [](const PolicyFinding& p) { return p.finding == Finding::schedulable; });
}

ScenarioAnalysis analyse(const Scenario& scenario, const AnalysisOptions& options) {
  return Analyser(scenario, options).run();
}

} // namespace terastal
