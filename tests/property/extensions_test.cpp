#include <algorithm>
#include <cstdlib> // abs
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "property/event_log.hpp"
#include "property/random_scenario.hpp"
#include "terastal/core/random.hpp"

// Preemption, groups, fusion, context energy, supernets, skipped layers and early exits, used without any sense:
// whatever a scheduler does that is legal, the schedule checker agrees, every job ends, and the run is the same twice.
namespace terastal::testing {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kCases = 500;
#else
constexpr int kCases = 2000;
#endif

/// Decides by chance; asked at every instant.
class Erratic : public Scheduler {
 public:
  explicit Erratic(std::uint64_t seed) : seed_(seed), random_(seed, 0, Purpose::policy) {}
  [[nodiscard]] std::string_view name() const override { return "erratic"; }
  [[nodiscard]] bool preemptive() const override { return true; }
  void prepare(const Scenario&) override {
    random_ = RandomStream(seed_, 0, Purpose::policy);
    stops_ = 0;
  }

  void dispatch(const SystemView& view, Decisions& out) override {
    stop_something(view, out);
    if (!out.stops().empty() || fuse_something(view, out)) return;
    for (const ReadyId id : view.ready()) {
      if (start_somewhere(view, id, out)) return;
    }
  }

 private:
  bool with(double probability) { return random_.uniform() < probability; }

  void stop_something(const SystemView& view, Decisions& out) {
    for (AcceleratorIndex a = 0; a < view.accelerator_count(); ++a) {
      if (view.is_idle(a) || !view.platform().types[view.type_of(a)].preemption || stops_ >= 400) continue;
      if (view.partner(a) != nullptr) continue;
      if (!with(0.15)) continue;
      ++stops_; // an end to killing, so that the run ends
      out.stop(a, with(0.3) ? StopMode::kill : StopMode::checkpoint);
      return;
    }
  }

  bool fuse_something(const SystemView& view, Decisions& out) {
    for (AcceleratorIndex a = 0; a < view.accelerator_count(); ++a) {
      if (!view.is_idle(a) || !view.platform().types[view.type_of(a)].fusion || !with(0.5)) continue;
      for (const ReadyId x : view.ready()) {
        for (const ReadyId y : view.ready()) {
          if (view.layer(x).job == view.layer(y).job || view.progress(x).begun() || view.progress(y).begun()) continue;
          const Duration time = view.fused_latency(x, view.original(x), y, view.original(y), view.type_of(a));
          if (time == kCannotRun || !with(0.5)) continue;
          out.fuse(x, view.original(x), y, view.original(y), a);
          return true;
        }
      }
    }
    return false;
  }

  bool start_somewhere(const SystemView& view, ReadyId id, Decisions& out) {
    std::uint32_t network = view.job(id).alternative;
    LayerIndex layer = view.layer(id).layer;
    const auto count = static_cast<std::uint32_t>(view.job(id).tables->task->alternatives.size() + 1);
    for (std::uint32_t n = 0; n < count; ++n) {
      if (n == view.job(id).alternative || !view.may_use_network(id, n) || !with(0.5)) continue;
      network = n;
      layer = view.layer_in(id, n);
      break;
    }
    const TaskTables& tables = view.tables(view.job(id).task, network);
    const Progress progress = view.progress(id);
    OptionIndex option = progress.begun() ? progress.option : tables.layers[layer].original;
    const bool same = network == view.job(id).alternative && !progress.begun();
    for (OptionIndex o = tables.layers[layer].original + 1; same && o < tables.layers[layer].end; ++o) {
      if (view.allowed(id, o) && with(0.4)) option = o;
    }
    for (AcceleratorIndex a = 0; a < view.accelerator_count(); ++a) {
      const TypeIndex type = view.type_of(a);
      if (!view.is_idle(a) || tables.network->latency_of(option, type) == kCannotRun) continue;
      if (network != view.job(id).alternative) out.use_network(id, network);
      out.start(id, option, a, group(view, tables, option, type));
      return true;
    }
    return false;
  }

  std::uint32_t group(const SystemView& view, const TaskTables& tables, OptionIndex option, TypeIndex type) {
    std::uint32_t chosen = 1;
    for (const std::uint32_t size : view.platform().types[type].group_sizes) {
      const std::size_t cell = option * view.platform().group_columns() + view.platform().group_column(type, size);
      const bool runs = tables.network->group_latency[cell] != kCannotRun;
      if (runs && view.idle_count(type) >= size && with(0.6)) chosen = size;
    }
    return chosen;
  }

  std::uint64_t seed_;
  RandomStream random_;
  int stops_ = 0;
};

void extend(Scenario& s) {
  for (AcceleratorType& type : s.platform.types) {
    if (chance(60)) type.preemption = Preemption{static_cast<std::uint32_t>(pick(1, 7)), {}};
    if (type.preemption && chance(50)) type.preemption->context = {pick_ms(0, 1), chance(50) ? 1e5 : 0.0};
    const auto index = static_cast<TypeIndex>(&type - s.platform.types.data());
    const auto count = std::count_if(s.platform.accelerators.begin(), s.platform.accelerators.end(),
                                     [&](const Accelerator& a) { return a.type == index; });
    for (std::uint32_t size = 2; chance(60) && size <= count; ++size) type.group_sizes.push_back(size);
    if (chance(30)) type.context_energy_pj = 10.0 * pick(1, 9);
  }
  for (Network& n : s.networks) {
    for (Layer& l : n.layers) {
      if (&l != &n.layers.front() && chance(20)) l.skip_probability = 0.25 * pick(1, 4);
      if (n.chain && chance(15)) l.exit_probability = 0.25 * pick(1, 3);
    }
    for (OptionIndex o = 0; o < n.options.size(); ++o) {
      for (const auto& [type, size] : s.platform.groups()) {
        const Duration alone = n.latency_of(o, type);
        n.group_latency.push_back(alone == kCannotRun || chance(20) ? kCannotRun : alone / size + Duration{17});
      }
    }
  }
  add_fusion(s);
  for (Task& task : s.tasks) {
    if (!s.networks[task.network].chain || !chance(40)) continue;
    for (std::uint32_t n = 0; n < s.networks.size(); ++n) {
      if (s.networks[n].chain) task.alternatives.push_back(n);
    }
    std::size_t least = s.networks[task.network].layers.size();
    for (const std::uint32_t n : task.alternatives) least = std::min(least, s.networks[n].layers.size());
    for (LayerIndex l = 1; l < least; ++l) {
      const bool skipped = std::any_of(s.networks.begin(), s.networks.end(), [&](const Network& n) {
        return l < n.layers.size() && n.layers[l].skip_probability > 0.0;
      });
      if (!skipped && chance(50)) task.switch_points.emplace_back(task.alternatives.size() + 1, l);
    }
    if (task.execution.kind == ExecutionTimes::Kind::samples) task.execution = {};
  }
  validate(s);
}

struct Logged {
  EventLog log;
  RunResult result;
};

Logged simulate(const Scenario& s, Scheduler& scheduler) {
  Logged out;
  Simulator simulator(s, scheduler);
  Metrics metrics(s);
  simulator.add_observer(metrics);
  simulator.add_observer(out.log);
  simulator.run();
  out.result = metrics.result(simulator);
  return out;
}

TEST(Extensions, WhateverIsDoneIsLegalAndRepeatable) {
  std::size_t stops = 0;
  std::size_t kills = 0;
  std::size_t groups = 0;
  std::size_t pairs = 0;
  std::size_t changes = 0;
  std::size_t skips = 0;
  check_property(20261121, kCases, [&] {
    Scenario s = random_scenario();
    extend(s);
    Erratic policy(static_cast<std::uint64_t>(pick(1, 1000)));
    const Logged first = simulate(s, policy);
    const auto errors = judge(s, first.log.events, false);
    if (!errors.empty()) RC_FAIL(errors.front());
    RC_ASSERT(simulate(s, policy).result.digest == first.result.digest);
    std::map<std::pair<TaskIndex, JobIndex>, int> open;
    for (const ReleaseEvent& e : first.log.all<ReleaseEvent>()) ++open[{e.task, e.job}];
    for (const JobEndEvent& e : first.log.all<JobEndEvent>()) --open[{e.task, e.job}];
    for (const auto& [id, count] : open) RC_ASSERT(count == 0);
    for (const AcceleratorResult& a : first.result.accelerators) RC_ASSERT(a.utilisation <= 1.0 + 1e-12);
    for (const StopEvent& e : first.log.all<StopEvent>()) (e.killed ? kills : stops) += 1;
    for (const StartEvent& e : first.log.all<StartEvent>()) {
      groups += e.group > 1 ? 1U : 0U;
      pairs += e.fused == Fused::second ? 1U : 0U;
      changes += e.alternative > 0 ? 1U : 0U;
    }
    skips += first.log.all<SkipEvent>().size();
  });
  // The cases do exercise what they are about.
  EXPECT_GT(stops, 100U);
  EXPECT_GT(kills, 100U);
  EXPECT_GT(groups, 100U);
  EXPECT_GT(pairs, 100U);
  EXPECT_GT(changes, 100U);
  EXPECT_GT(skips, 100U);
}

// Without context costs and noise, checkpoints only cut work into pieces: what a job occupies adds up to its layers.
TEST(Extensions, CheckpointsConserveWork) {
  check_property(77, kCases / 4, [] {
    Scenario s = random_scenario({false, false, false, false, true});
    for (AcceleratorType& t : s.platform.types) t.preemption = Preemption{static_cast<std::uint32_t>(pick(2, 6)), {}};
    if (s.platform.types.size() > 1) return; // one type: the work does not depend on where it is done
    class Stopping : public Erratic {
     public:
      using Erratic::Erratic;
      void dispatch(const SystemView& view, Decisions& out) override {
        for (AcceleratorIndex a = 0; a < view.accelerator_count(); ++a) {
          if (!view.is_idle(a) && !view.stopping(a) && view.ready().size() > 0) out.stop(a);
        }
        if (out.stops().empty() || view.idle().count() > 0) {
          for (const ReadyId id : view.ready()) {
            const AcceleratorIndex a = view.idle().first(0);
            if (a == kNone) return;
            const Progress p = view.progress(id);
            return out.start(id, p.begun() ? p.option : view.original(id), a);
          }
        }
      }
    } policy(1);
    const Logged out = simulate(s, policy);
    Duration needed{0};
    for (const JobEndEvent& e : out.log.all<JobEndEvent>()) {
      for (const Layer& l : s.network_of(e.task).layers) needed += s.network_of(e.task).latency_of(l.first_option, 0);
    }
    Duration busy{0};
    for (const AcceleratorResult& a : out.result.accelerators) busy += a.busy;
    // The ends of stretches are rounded to 1 ps.
    RC_ASSERT(std::abs((busy - needed).count()) <= static_cast<std::int64_t>(2 * out.result.decisions));
  });
}

} // namespace
} // namespace terastal::testing
