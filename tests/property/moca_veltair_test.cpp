#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "property/property_check.hpp"
#include "property/random_scenario.hpp"
#include "support/builders.hpp"
#include "terastal/model/granularity.hpp"

// MoCA and VELTAIR: legal on every platform, and equal to simpler policies where theirs come down to those.
namespace terastal::testing {
namespace {

using Finish = std::map<std::pair<TaskIndex, JobIndex>, Time>;

/// Runs a policy and holds the schedule to the rules.
Finish finish_of(const Scenario& s, const std::string& policy) {
  validate(s);
  const auto scheduler = testing::known_policies().parse(policy).make();
  Simulator simulator(s, *scheduler);
  ScheduleChecker checker(s, {scheduler->work_conserving(), 20, scheduler->may_drop()});
  Recorder events;
  simulator.add_observer(checker);
  simulator.add_observer(events);
  simulator.run();
  checker.finish();
  RC_ASSERT(checker.errors() == std::vector<std::string>{});
  return events.finish;
}

void add_traffic(Scenario& s) {
  s.platform.memory_bytes_per_second = 1e9 * pick(1, 10);
  for (Network& n : s.networks) {
    for (const Duration d : n.latency) {
      n.traffic_bytes.push_back(d == kCannotRun ? 0.0 : 1e9 * pick(0, 10) * to_seconds(d));
    }
  }
}

/// Some layers cannot run on some groups; times need not fall with the size.
void add_groups(Scenario& s) {
  for (AcceleratorType& type : s.platform.types) {
    const auto index = static_cast<TypeIndex>(&type - s.platform.types.data());
    const auto count = std::count_if(s.platform.accelerators.begin(), s.platform.accelerators.end(),
                                     [&](const Accelerator& a) { return a.type == index; });
    for (const std::uint32_t size : {2U, 3U, 4U}) {
      if (size <= count && chance(60)) type.group_sizes.push_back(size);
    }
  }
  for (Network& n : s.networks) {
    for (std::size_t i = 0; i < n.options.size() * s.platform.group_columns(); ++i) {
      n.group_latency.push_back(chance(15) ? kCannotRun : pick_ms(1, 10));
    }
  }
}

/// Layers that jobs may pass by, or after which they may be complete.
void add_skips(Scenario& s) {
  for (Network& n : s.networks) {
    for (Layer& layer : n.layers) {
      if (chance(30)) layer.skip_probability = 0.5;
      if (n.chain && chance(20)) layer.exit_probability = 0.3;
    }
  }
}

std::string pick_from(const std::vector<std::string>& texts) {
  return texts[static_cast<std::size_t>(pick(0, static_cast<int>(texts.size()) - 1))];
}

std::string random_moca() {
  return "moca:placement=" + pick_from({"job", "layer"}) + ":depth=" + pick_from({"1", "2", "6"}) +
         ":scores=" + pick_from({"own", "artifact"}) + ":capacity=" + pick_from({"50", "100", "150"}) +
         ":pairing=" + pick_from({"true", "false"});
}

std::string random_veltair() {
  return "veltair:blocks=" + pick_from({"dynamic", "average", "layer", "model"}) +
         ":shortage=" + pick_from({"wait", "run"}) + ":versions=" + pick_from({"original", "neutral", "valid"});
}

TEST(Moca, IsLegalEverywhere) {
  check_property(1, 300, [] {
    Scenario s = random_scenario();
    if (chance(60)) add_traffic(s);
    if (chance(30)) add_skips(s);
    finish_of(s, random_moca());
  });
}

TEST(Veltair, IsLegalEverywhere) {
  check_property(2, 300, [] {
    Scenario s = random_scenario();
    if (chance(30)) {
      add_traffic(s);
    } else if (chance(80)) {
      add_groups(s);
    }
    if (chance(30)) add_skips(s);
    finish_of(s, random_veltair());
  });
}

/// Accelerators of one type without set-up costs and chains: what is shown of MoCA and VELTAIR below holds there.
Scenario plain_chains() {
  ScenarioFeatures features;
  features.setup_costs = features.late_rules = features.dags = false;
  Scenario s = random_scenario(features);
  s.platform.types.resize(1);
  for (Accelerator& a : s.platform.accelerators) a.type = 0;
  s.platform.transfers.clear();
  for (Network& n : s.networks) {
    Network one = n;
    one.type_count = 1;
    one.latency.clear();
    one.energy_nj.assign(n.options.size(), 0.0);
    for (OptionIndex o = 0; o < n.options.size(); ++o)
      one.latency.push_back(n.fastest(o) == kCannotRun ? Duration{1ms} : n.fastest(o));
    one.samples = {};
    n = one;
  }
  for (Task& t : s.tasks) {
    if (t.execution.kind == ExecutionTimes::Kind::samples) t.execution = {};
    if (auto* trace = std::get_if<TraceArrivals>(&t.arrivals)) {
      for (TraceEntry& e : trace->entries) e.sample.reset();
    }
  }
  return s;
}

TEST(Veltair, BlocksOfOneLayerOnSingleAcceleratorsAreFcfs) {
  check_property(3, 200, [] {
    const Scenario s = plain_chains();
    RC_ASSERT(finish_of(s, "veltair:blocks=layer:versions=original") == finish_of(s, "fcfs"));
  });
}

TEST(Veltair, WithoutGroupsAWholeJobIsOneBlock) {
  check_property(4, 200, [] {
    Scenario s = plain_chains();
    for (Task& t : s.tasks) t.execution = {}; // pieces draw one factor, layers their own
    const Finish blocks = finish_of(s, "veltair:versions=original");
    for (Network& n : s.networks) n = merge_layers(n, Granularity::model, 1.0);
    RC_ASSERT(blocks == finish_of(s, "fcfs"));
  });
}

TEST(Moca, ThrottlingNeedsASharedMemory) {
  check_property(5, 200, [] {
    Scenario s = random_scenario();
    const std::string policy = random_moca();
    RC_ASSERT(finish_of(s, policy) == finish_of(s, policy + ":throttle=false"));
  });
}

/// Jobs of one layer on equal accelerators, at most one given to each: the job with the largest priority + waited /
/// time goes to the lowest idle accelerator.
Finish largest_score_first(const Scenario& s) {
  struct Request {
    TaskIndex task;
    JobIndex job;
    Time release;
  };
  std::vector<Request> waiting;
  for (TaskIndex t = 0; t < s.tasks.size(); ++t) {
    JobIndex j = 0;
    for (const TraceEntry& e : std::get<TraceArrivals>(s.tasks[t].arrivals).entries)
      waiting.push_back({t, j++, e.release});
  }
  Finish result;
  std::vector<Time> free(s.platform.accelerators.size());
  while (!waiting.empty()) {
    Time now = std::max(*std::min_element(free.begin(), free.end()),
                        std::min_element(waiting.begin(), waiting.end(), [](const Request& a, const Request& b) {
                          return a.release < b.release;
                        })->release);
    const auto length = [&](const Request& r) { return s.network_of(r.task).latency[0]; };
    const auto score = [&](const Request& r) {
      return std::clamp(std::round(s.tasks[r.task].weight), 0.0, 11.0) +
             to_seconds(now - r.release) / to_seconds(length(r));
    };
    auto best = waiting.end();
    for (auto r = waiting.begin(); r != waiting.end(); ++r) {
      if (r->release > now) continue;
      const bool larger = best == waiting.end() || score(*r) > score(*best) ||
                          (score(*r) == score(*best) && r->release < best->release);
      if (larger) best = r;
    }
    Time& machine = *std::find_if(free.begin(), free.end(), [&](Time t) { return t <= now; });
    machine = now + length(*best);
    result[{best->task, best->job}] = machine;
    waiting.erase(best);
  }
  return result;
}

TEST(Moca, SingleLayersAtDepthOneGoByScore) {
  check_property(6, 300, [] {
    Scenario s = platform({{"npu", pick(1, 3)}});
    for (int t = pick(1, 5); t > 0; --t) {
      const auto network = add_network(s, "net" + std::to_string(t), {{pick_ms(1, 9)}});
      std::vector<Duration> times;
      Duration last{0};
      for (int j = pick(1, 6); j > 0; --j) times.push_back(last += pick_ms(0, 6));
      add_task(s, "task" + std::to_string(t), network, 10ms, releases(times)).weight = 0.5 * pick(1, 24);
    }
    RC_ASSERT(finish_of(s, "moca:depth=1") == largest_score_first(s));
  });
}

} // namespace
} // namespace terastal::testing
