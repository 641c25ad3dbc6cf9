#include <algorithm> // all_of, find_if, stable_sort

#include <fmt/format.h>

#include "experiment/analysis_model.hpp"
#include "terastal/core/units.hpp"
#include "terastal/offline/analysis/edf.hpp"
#include "terastal/offline/analysis/fixed_priority.hpp"
#include "terastal/offline/analysis/utilisation_bounds.hpp"

namespace terastal {
namespace {

/// Order of priority of a policy: tasks by key, then by index, as the list schedulers have it.
std::vector<std::size_t> priority_order(const Scenario& scenario, const std::string& policy,
                                        const MappedScenario& mapped, std::vector<std::size_t> tasks) {
  const auto key = [&](std::size_t position) -> std::int64_t {
    const TaskIndex t = mapped.tasks[position].task;
    if (policy == "rm") return mean_period(scenario, t).count();
    if (policy == "dm") return scenario.tasks[t].deadline.count();
    return scenario.tasks[t].priority;
  };
  std::stable_sort(tasks.begin(), tasks.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  return tasks;
}

std::string names_of(const std::vector<std::size_t>& sites, const MappedScenario& mapped) {
  std::string text;
  for (const std::size_t s : sites) text += (text.empty() ? "" : " ") + mapped.sites[s].name;
  return text;
}

/// Applies the tests for tasks that share accelerators.
class IslandTests {
 public:
  IslandTests(const Scenario& scenario, const MappedScenario& mapped, ScenarioAnalysis& result)
      : scenario_(scenario), mapped_(mapped), result_(result) {}

  void test(const Island& island) {
    where_ = names_of(island.sites, mapped_);
    test_utilisation(island);
    const std::string obstacle = obstacle_of(island);
    const bool one_site = island.sites.size() == 1;
    for (const std::string& policy : result_.options.policies) {
      if (policy == "edf") {
        test_edf(island, one_site || !obstacle.empty()
                             ? obstacle
                             : "layers of a job run on several accelerators: no test of EDF for that here");
      } else if (one_site) {
        test_fixed_priority(island, policy, obstacle);
      } else {
        test_chains(island, policy, obstacle);
      }
    }
    if (one_site) test_preempted_anywhere(island, obstacle);
  }

 private:
  /// Why no schedulability test applies to the island; empty when they do.
  [[nodiscard]] std::string obstacle_of(const Island& island) const {
    for (const std::size_t s : island.sites) {
      const Site& site = mapped_.sites[s];
      if (site.accelerators > 1) {
        return fmt::format(
            "type {} has {} accelerators, a layer may run on any; see the mappings pinned and partitioned",
            scenario_.platform.types[site.type].name, site.accelerators);
      }
    }
    for (const std::size_t t : island.tasks) {
      const MappedTask& task = mapped_.tasks[t];
      if (!task.reason.empty()) return scenario_.tasks[task.task].name + ": " + task.reason;
    }
    return "";
  }

  /// Σ U on each site; only where times are those of the tables.
  void test_utilisation(const Island& island) {
    constexpr double kMargin = 1e-9;
    TestFinding finding{"utilisation", "any", where_, Strength::necessary, Finding::open, ""};
    const auto fullest = *std::max_element(island.sites.begin(), island.sites.end(), [&](std::size_t a, std::size_t b) {
      return mapped_.sites[a].utilisation < mapped_.sites[b].utilisation;
    });
    const double largest = mapped_.sites[fullest].utilisation;
    const bool equal = std::all_of(island.tasks.begin(), island.tasks.end(), [&](std::size_t t) {
      const TaskIndex task = mapped_.tasks[t].task;
      return scenario_.tasks[task].execution.kind == ExecutionTimes::Kind::equal &&
             !scenario_.network_of(task).probabilistic();
    });
    const bool overload = largest > 1.0 + kMargin;
    finding.finding = !equal ? Finding::not_applicable : overload ? Finding::not_schedulable : Finding::open;
    finding.reason =
        equal ? fmt::format("load of {}: {:.4f}", mapped_.sites[fullest].name, largest) : "times differ between jobs";
    result_.tests.push_back(finding);
  }

  [[nodiscard]] std::vector<SequentialTask> sequential(const std::vector<std::size_t>& order) const {
    std::vector<SequentialTask> tasks;
    for (const std::size_t t : order) tasks.push_back(mapped_.tasks[t].sequential());
    return tasks;
  }

  void not_applicable(const std::string& test, const std::string& policy, const std::string& reason) {
    result_.tests.push_back({test, policy, where_, Strength::sufficient, Finding::not_applicable, reason});
  }

  static Finding finding_of(TestVerdict verdict, Strength strength) {
    if (verdict == TestVerdict::accepted) return Finding::schedulable;
    if (verdict == TestVerdict::gave_up) return Finding::gave_up;
    return strength == Strength::exact ? Finding::not_schedulable : Finding::open;
  }

  TaskFinding& finding_for(std::size_t task, const std::string& policy) {
    auto& findings = result_.tasks[task].findings;
    return *std::find_if(findings.begin(), findings.end(), [&](const TaskFinding& f) { return f.policy == policy; });
  }

  void set_all(const Island& island, const std::string& policy, Finding finding, const std::string& reason) {
    for (const std::size_t t : island.tasks) {
      TaskFinding& own = finding_for(t, policy);
      own.finding = finding;
      own.reason = reason;
    }
  }

  static std::string edf_reason(const EdfVerdict& v, const std::vector<SequentialTask>& tasks) {
    switch (v.verdict) {
    case TestVerdict::accepted:
      return fmt::format("utilisation {:.4f}, demand fits every window", utilisation(tasks));
    case TestVerdict::gave_up:
      return "too many windows to look at";
    case TestVerdict::refused:
      break;
    }
    if (v.window == Duration::zero()) return fmt::format("utilisation {:.4f} > 1", utilisation(tasks));
    const std::string blocking =
        v.blocking > Duration::zero() ? " and blocking of " + format_duration_short(v.blocking) : "";
    return fmt::format("a window of {} may have to hold a demand of {}{}", format_duration_short(v.window),
                       format_duration_short(v.demand), blocking);
  }

  void test_edf(const Island& island, const std::string& obstacle) {
    if (!obstacle.empty()) {
      not_applicable("edf_layers", "edf", obstacle);
      return set_all(island, "edf", Finding::not_applicable, obstacle);
    }
    const auto tasks = sequential(island.tasks);
    const bool jeffay = mapped_.exact_times && std::all_of(tasks.begin(), tasks.end(), [](const SequentialTask& t) {
                          return t.last == t.wcet && t.deadline == t.period && t.jitter == Duration::zero();
                        });
    const EdfVerdict verdict = edf_test(tasks);
    const Strength strength = jeffay ? Strength::exact : Strength::sufficient;
    const Finding finding = finding_of(verdict.verdict, strength);
    const std::string reason = edf_reason(verdict, tasks);
    result_.tests.push_back({jeffay ? "edf_single_layer" : "edf_layers", "edf", where_, strength, finding, reason});
    set_all(island, "edf", finding, finding == Finding::schedulable ? "" : reason);
  }

  void test_fixed_priority(const Island& island, const std::string& policy, const std::string& obstacle) {
    if (!obstacle.empty()) {
      not_applicable("fp_layers", policy, obstacle);
      return set_all(island, policy, Finding::not_applicable, obstacle);
    }
    const auto order = priority_order(scenario_, policy, mapped_, island.tasks);
    const auto tasks = sequential(order);
    const bool single = mapped_.exact_times && std::all_of(tasks.begin(), tasks.end(), [](const SequentialTask& t) {
                          return t.last == t.wcet && t.jitter == Duration::zero();
                        });
    const Strength strength = single ? Strength::exact : Strength::sufficient;
    const auto bounds = response_bounds(tasks);
    for (std::size_t i = 0; i < order.size(); ++i) {
      TaskFinding& own = finding_for(order[i], policy);
      own.finding = finding_of(bounds[i].verdict, strength);
      own.blocking = bounds[i].blocking;
      if (own.finding == Finding::schedulable) own.response = bounds[i].response;
      if (own.finding != Finding::schedulable) {
        own.reason = bounds[i].response
                         ? fmt::format("bound {} exceeds the deadline {}", format_duration_short(*bounds[i].response),
                                       format_duration_short(tasks[i].deadline))
                         : "no bound: too much load of its priority and above";
      }
    }
    add_by_tasks(single ? "fp_single_layer" : "fp_layers", policy, strength, order);
  }

  void test_chains(const Island& island, const std::string& policy, std::string obstacle) {
    // On one accelerator an unfinished job has always a ready layer, so a DAG there is as good as a chain.
    const bool chains = std::all_of(island.tasks.begin(), island.tasks.end(), [&](std::size_t t) {
      return mapped_.tasks[t].chain || mapped_.tasks[t].sites.size() == 1;
    });
    if (obstacle.empty() && !chains) obstacle = "a network is not a chain, and its layers run on several accelerators";
    if (!obstacle.empty()) {
      not_applicable("fp_chains", policy, obstacle);
      return set_all(island, policy, Finding::not_applicable, obstacle);
    }
    const auto order = priority_order(scenario_, policy, mapped_, island.tasks);
    std::vector<LayerTask> tasks;
    for (const std::size_t t : order) tasks.push_back(mapped_.tasks[t].layered());
    const auto bounds = layer_response_times(tasks, mapped_.sites.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
      TaskFinding& own = finding_for(order[i], policy);
      own.finding = bounds[i].bounded ? Finding::schedulable : Finding::open;
      own.blocking = bounds[i].blocking;
      if (bounds[i].bounded) own.response = bounds[i].response;
      if (!bounds[i].bounded) own.reason = "no bound within its deadline and period";
    }
    add_by_tasks("fp_chains", policy, Strength::sufficient, order);
  }

  /// A finding for the island from those of its tasks.
  void add_by_tasks(const std::string& test, const std::string& policy, Strength strength,
                    const std::vector<std::size_t>& order) {
    TestFinding finding{test, policy, where_, strength, Finding::schedulable, "every response is bounded in time"};
    for (const std::size_t t : order) {
      const TaskFinding& own = finding_for(t, policy);
      if (own.finding == Finding::schedulable) continue;
      finding.finding = own.finding;
      finding.reason = scenario_.tasks[mapped_.tasks[t].task].name + ": " + own.reason;
      break;
    }
    result_.tests.push_back(finding);
  }

  // -- tests for layers that can be preempted anywhere

  void test_preempted_anywhere(const Island& island, const std::string& obstacle) {
    const auto& policies = result_.options.policies;
    for (const std::string& policy : policies) {
      const std::string test = policy == "edf" ? "edf_demand" : "fp_preemptive";
      if (!obstacle.empty()) {
        not_applicable(test, policy, obstacle);
        continue;
      }
      const auto order = policy == "edf" ? island.tasks : priority_order(scenario_, policy, mapped_, island.tasks);
      const auto tasks = preempted_anywhere(sequential(order));
      const Strength strength = mapped_.exact_times ? Strength::exact : Strength::sufficient;
      if (policy == "edf") {
        const EdfVerdict verdict = edf_test(tasks);
        result_.tests.push_back(
            {test, policy, where_, strength, finding_of(verdict.verdict, strength), edf_reason(verdict, tasks)});
      } else {
        add_preemptive_bounds(policy, strength, order, tasks);
      }
      if (policy == "rm") test_rate_monotonic_bounds(tasks);
    }
  }

  void add_preemptive_bounds(const std::string& policy, Strength strength, const std::vector<std::size_t>& order,
                             const std::vector<SequentialTask>& tasks) {
    TestFinding finding{"fp_preemptive", policy, where_, strength, Finding::schedulable, ""};
    std::string responses;
    const auto bounds = response_bounds(tasks);
    for (std::size_t i = 0; i < order.size(); ++i) {
      const std::string& name = scenario_.tasks[mapped_.tasks[order[i]].task].name;
      if (bounds[i].verdict == TestVerdict::accepted) {
        responses += (responses.empty() ? "" : ", ") + name + " " + format_duration_short(*bounds[i].response);
      } else if (finding.finding == Finding::schedulable) {
        finding.finding = finding_of(bounds[i].verdict, strength);
        finding.reason = name + ": " +
                         (bounds[i].response ? format_duration_short(*bounds[i].response) + " > " +
                                                   format_duration_short(tasks[i].deadline)
                                             : std::string("no bound"));
      }
    }
    if (finding.finding == Finding::schedulable) finding.reason = responses;
    result_.tests.push_back(finding);
  }

  void test_rate_monotonic_bounds(const std::vector<SequentialTask>& tasks) {
    const bool fits = std::all_of(tasks.begin(), tasks.end(), [](const SequentialTask& t) {
      return t.deadline >= t.period && t.jitter == Duration::zero();
    });
    // The order is that of mean periods; the bounds need that of smallest ones.
    const bool ordered =
        std::is_sorted(tasks.begin(), tasks.end(), [](const auto& a, const auto& b) { return a.period < b.period; });
    if (!fits || !ordered) {
      const std::string reason = !fits ? "a deadline is shorter than the period, or releases have jitter"
                                       : "mean periods do not order tasks as smallest ones do";
      not_applicable("liu_layland", "rm", reason);
      return not_applicable("hyperbolic", "rm", reason);
    }
    const auto add = [&](const std::string& test, bool accepted, const std::string& reason) {
      result_.tests.push_back(
          {test, "rm", where_, Strength::sufficient, accepted ? Finding::schedulable : Finding::open, reason});
    };
    double product = 1.0;
    for (const SequentialTask& t : tasks) product *= 1.0 + utilisation({t});
    const bool below = liu_layland_accepts(tasks);
    add("liu_layland", below,
        fmt::format("{:.4f} {} {:.4f}", utilisation(tasks), below ? "≤" : "above", liu_layland_bound(tasks.size())));
    const bool within = hyperbolic_bound_accepts(tasks);
    add("hyperbolic", within, fmt::format("{:.4f} {} 2", product, within ? "≤" : "above"));
  }

  const Scenario& scenario_;
  const MappedScenario& mapped_;
  ScenarioAnalysis& result_;
  std::string where_;
};

} // namespace

void test_island(const Scenario& scenario, const MappedScenario& mapped, const Island& island,
                 ScenarioAnalysis& result) {
  IslandTests(scenario, mapped, result).test(island);
}

} // namespace terastal
