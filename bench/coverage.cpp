// How often intervals hold the truth, and what paired seeds are worth: the figures and tables of docs/statistics.md.
//
//   bench_coverage FOLDER    writes coverage, sequential, family, scenarios and crn.csv, coverage.svg and
//                            crn.svg there
//
// Seeds are fixed and the results do not depend on the number of threads.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "coverage_experiments.hpp"
#include "coverage_figures.hpp"
#include "coverage_tools.hpp"
#include "terastal/experiment/holm.hpp"
#include "terastal/io/load.hpp"
#include "terastal/sched/default_policies.hpp"
#include "toy_queue.hpp"

namespace terastal::bench {
namespace {

constexpr std::size_t kRuns = 80'000;
constexpr std::size_t kExperiments = 2000;
constexpr std::size_t kPairedRuns = 200;    ///< of the papers' scenarios
constexpr std::size_t kScenarioRuns = 4000; ///< of those whose coverage is looked at
constexpr std::array<std::size_t, 4> kReplications = {5, 10, 20, 40};

/// The values of one measure over all runs.
struct Measure {
  std::string name;
  double truth;
  double ToyRun::*member;
  std::vector<double> values = {};
};

std::vector<ToyRun> toy_runs(const ToyQueue& queue, double speed, std::size_t count) {
  const Scenario scenario = toy_scenario(queue, speed);
  const Policy fcfs = default_policies().parse("fcfs");
  std::vector<ToyRun> runs(count);
  in_parallel(count, [&](std::size_t i) { runs[i] = run_toy(queue, scenario, fcfs, i + 1); });
  return runs;
}

std::vector<double> column(const std::vector<ToyRun>& runs, double ToyRun::*member) {
  std::vector<double> values;
  for (const ToyRun& run : runs) values.push_back(run.*member);
  return values;
}

std::vector<Measure> measures_of(const ToyQueue& queue, const std::vector<ToyRun>& runs) {
  const ToyRun truth = toy_answer(queue);
  std::vector<Measure> measures = {{"miss rate, 1 in 10", truth.often, &ToyRun::often},
                                   {"miss rate, 1 in 100", truth.rarely, &ToyRun::rarely},
                                   {"mean response in ms", truth.response_ms, &ToyRun::response_ms}};
  for (Measure& m : measures) m.values = column(runs, m.member);
  return measures;
}

const char* name_of(Method method) {
  switch (method) {
  case Method::student_t:
    return "t";
  case Method::bca:
    return "bca";
  case Method::textbook_bca:
    break;
  }
  return "textbook bca";
}

std::vector<CoveragePoint> write_coverage(const std::string& folder, const std::vector<Measure>& measures) {
  std::vector<CoveragePoint> points;
  for (const Measure& m : measures) {
    for (const Method method : {Method::student_t, Method::bca, Method::textbook_bca}) {
      for (const std::size_t n : kReplications) points.push_back({m.name, method, n, {}});
    }
  }
  const auto measure_of = [&](std::size_t point) -> const Measure& {
    return measures[point / (points.size() / measures.size())];
  };
  in_parallel(points.size(), [&](std::size_t i) {
    const Measure& m = measure_of(i);
    points[i].coverage = cover(m.values, m.truth, points[i].n, kExperiments, points[i].method);
  });
  File file(folder + "/coverage.csv");
  file << "measure,truth,mean_of_all_runs,intervals,replications,experiments,coverage,interval_above,interval_below,"
          "mean_half_width\n";
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Measure& m = measure_of(i);
    const Coverage& c = points[i].coverage;
    file << fmt::format("\"{}\",{},{:.6f},{},{},{},{},{},{},{:.6f}\n", m.name, m.truth, estimate_mean(m.values).mean,
                        name_of(points[i].method), points[i].n, c.experiments, c.share(), c.above, c.below,
                        c.mean_width);
  }
  file.close();
  return points;
}

/// Experiments that add replications until the interval is narrow enough.
void write_sequential(const std::string& folder, const std::vector<Measure>& measures) {
  struct Case {
    std::size_t measure;
    Method method;
    StoppingRule rule;
    Coverage coverage = {};
  };
  std::vector<Case> cases;
  for (std::size_t m = 0; m < measures.size(); ++m) {
    // About 15, 30 and 60 replications.
    const double deviation = std::sqrt(variance(measures[m].values));
    for (const double n : {15.0, 30.0, 60.0}) {
      const double width = std::stod(fmt::format("{:.2g}", 1.96 * deviation / std::sqrt(n)));
      for (const auto& [first, step] : {std::pair(10, 10), std::pair(10, 1), std::pair(5, 5), std::pair(2, 1)}) {
        cases.push_back({m,
                         Method::student_t,
                         {{width, false}, static_cast<std::size_t>(first), static_cast<std::size_t>(step), 1000}});
      }
      cases.push_back({m, Method::bca, {{width, false}, 10, 10, 1000}});
    }
  }
  in_parallel(cases.size(), [&](std::size_t i) {
    const Measure& m = measures[cases[i].measure];
    cases[i].coverage = cover_sequentially(m.values, m.truth, cases[i].rule, kExperiments, cases[i].method);
  });
  File file(folder + "/sequential.csv");
  file << "measure,intervals,half_width,first,step,experiments,mean_replications,coverage,interval_above,interval_"
          "below\n";
  for (const Case& c : cases) {
    file << fmt::format("\"{}\",{},{},{},{},{},{:.1f},{:.4f},{},{}\n", measures[c.measure].name, name_of(c.method),
                        c.rule.precision.half_width, c.rule.first, c.rule.step, c.coverage.experiments,
                        c.coverage.replications, c.coverage.share(), c.coverage.above, c.coverage.below);
  }
  file.close();
}

/// How often a family of comparisons of a system with itself, on other seeds, shows a difference.
void write_family(const std::string& folder, const Measure& measure) {
  constexpr std::size_t kReplicationsEach = 10;
  File file(folder + "/family.csv");
  file << "comparisons,replications,experiments,any_difference_unadjusted,any_difference_holm\n";
  for (const std::size_t members : {1, 4, 12, 24}) {
    const std::size_t used = members * 2 * kReplicationsEach;
    const std::size_t experiments = std::min(kExperiments, measure.values.size() / used);
    std::size_t unadjusted = 0;
    std::size_t adjusted = 0;
    for (std::size_t e = 0; e < experiments; ++e) {
      std::vector<double> p_values;
      for (std::size_t m = 0; m < members; ++m) {
        const auto values = std::span(measure.values).subspan(e * used + m * 2 * kReplicationsEach);
        const auto c =
            compare_paired(values.first(kReplicationsEach), values.subspan(kReplicationsEach, kReplicationsEach));
        p_values.push_back(paired_p_value(c).value());
      }
      const auto any = [](const std::vector<double>& p) {
        return std::any_of(p.begin(), p.end(), [](double value) { return value <= 0.05; });
      };
      unadjusted += any(p_values) ? 1 : 0;
      adjusted += any(holm_adjusted(p_values)) ? 1 : 0;
    }
    const auto count = static_cast<double>(experiments);
    file << fmt::format("{},{},{},{:.4f},{:.4f}\n", members, kReplicationsEach, experiments,
                        static_cast<double>(unadjusted) / count, static_cast<double>(adjusted) / count);
  }
  file.close();
}

/// Miss rates (mean over tasks) of one scenario and policy, seeds 1, 2, …
std::vector<double> miss_rates(const Scenario& scenario, const Policy& policy, std::size_t count = kPairedRuns) {
  std::vector<double> values(count);
  in_parallel(count, [&](std::size_t i) {
    RunOptions options;
    options.seed = i + 1;
    options.service.reset();
    values[i] = run(scenario, policy, options).mean_miss_rate;
  });
  return values;
}

LoadedScenario paper_scenario(const std::string& name) {
  return load_scenario(std::string(TERASTAL_SOURCE_DIR) + "/workloads/papers/" + name + ".yaml");
}

/// Coverage of the mean of many runs of papers' scenarios, whose true mean nobody knows.
void write_scenarios(const std::string& folder) {
  File file(folder + "/scenarios.csv");
  file << "scenario,policy,runs,mean,standard_deviation,intervals,replications,experiments,coverage,interval_above,"
          "interval_below\n";
  for (const char* name : {"terastal/multi_camera_heavy_6k"}) {
    const LoadedScenario loaded = paper_scenario(name);
    for (const char* policy : {"fcfs", "terastal"}) {
      const auto values = miss_rates(loaded.scenario, default_policies().parse(policy), kScenarioRuns);
      const double mean = estimate_mean(values).mean;
      for (const Method method : {Method::student_t, Method::bca}) {
        for (const std::size_t n : {10, 20, 40}) {
          const Coverage c = cover(values, mean, n, kScenarioRuns / n, method);
          file << fmt::format("{},{},{},{:.6f},{:.6f},{},{},{},{:.4f},{},{}\n", loaded.scenario.name, policy,
                              kScenarioRuns, mean, std::sqrt(variance(values)), name_of(method), n, c.experiments,
                              c.share(), c.above, c.below);
        }
      }
    }
    std::cerr << name << " covered\n";
  }
  file.close();
}

std::vector<PairingPoint> toy_pairing(const ToyQueue& queue, const std::vector<ToyRun>& runs) {
  std::vector<PairingPoint> points;
  const std::vector<ToyRun> base(runs.begin(), runs.begin() + kExperiments);
  for (const double speed : {1.02, 1.05, 1.1, 1.2}) {
    const auto faster = toy_runs(queue, speed, kExperiments);
    for (const auto& [name, member] :
         {std::pair("miss rate, 1 in 10", &ToyRun::often), std::pair("mean response", &ToyRun::response_ms)}) {
      const auto pair = paired_variances(column(base, member), column(faster, member));
      points.push_back(
          {"D/M/1 queue", fmt::format("{:.0f} % faster, {}", (speed - 1.0) * 100.0, name), kExperiments, pair});
    }
  }
  return points;
}

std::vector<PairingPoint> paper_pairing() {
  std::vector<PairingPoint> points;
  for (const char* name :
       {"terastal/multi_camera_light_4k", "terastal/multi_camera_heavy_4k", "terastal/multi_camera_heavy_6k",
        "terastal/ar_social_4k", "terastal/ar_social_6k", "terastal/ar_gaming_light_4k", "terastal/ar_gaming_heavy_6k",
        "dream/ar_call_4k", "dream/drone_outdoor_4k", "moca/moca_set_c_qos_m", "veltair/veltair_mix"}) {
    const LoadedScenario loaded = paper_scenario(name);
    const auto registry = default_policies();
    const auto fcfs = miss_rates(loaded.scenario, registry.parse("fcfs"));
    for (const char* policy : {"edf", "dream", "terastal"}) {
      const auto other = miss_rates(loaded.scenario, registry.parse(policy));
      points.push_back({loaded.scenario.name, policy, kPairedRuns, paired_variances(fcfs, other)});
    }
    std::cerr << name << " done\n";
  }
  return points;
}

void write_pairing(const std::string& folder, const std::vector<PairingPoint>& points) {
  File file(folder + "/crn.csv");
  file << "scenario,against_first,replications,variance_paired,variance_unpaired,factor\n";
  for (const PairingPoint& p : points) {
    const std::string factor = p.variances.paired > 0.0 ? fmt::format("{:.3g}", p.variances.factor()) : "";
    file << fmt::format("{},\"{}\",{},{:.4g},{:.4g},{}\n", p.scenario, p.what, p.replications, p.variances.paired,
                        p.variances.unpaired, factor);
  }
  file.close();
}

void write_all(const std::string& folder) {
  const ToyQueue queue;
  const auto runs = toy_runs(queue, 1.0, kRuns);
  std::cerr << kRuns << " runs of the queue done\n";
  const auto measures = measures_of(queue, runs);
  write_file(folder + "/coverage.svg", draw_coverage(write_coverage(folder, measures)));
  write_sequential(folder, measures);
  write_family(folder, measures.front());
  write_scenarios(folder);
  auto points = toy_pairing(queue, runs);
  for (auto& p : paper_pairing()) points.push_back(std::move(p));
  write_pairing(folder, points);
  write_file(folder + "/crn.svg", draw_pairing(points));
}

} // namespace
} // namespace terastal::bench

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "Usage: bench_coverage FOLDER\n";
    return 2;
  }
  try {
    terastal::bench::write_all(argv[1]);
  } catch (const std::exception& e) {
    std::cerr << "bench_coverage: " << e.what() << '\n';
    return 4;
  }
  return 0;
}
