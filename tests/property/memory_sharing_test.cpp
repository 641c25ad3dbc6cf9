#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "property/property_check.hpp"
#include "support/builders.hpp"
#include "terastal/sched/ready_choice.hpp"

// The shared memory against an independent restatement: a fluid simulation in long double that fills demands step by
// step instead of sorting them, knows no events but ends and releases, and does not round.
namespace terastal::testing {
namespace {

/// A layer as the restatement knows it. Times in picoseconds, demands in bytes per second.
struct Piece {
  TaskIndex task;
  JobIndex job;
  LayerIndex layer;
  long double release;
  long double left;
  long double wanted; ///< at most its demand and its limit
  long double demand;
};

/// Ends of all layers, by (task, job, layer).
using Ends = std::map<std::tuple<TaskIndex, JobIndex, LayerIndex>, long double>;

/// The shares of what runs: all grow together, each until it has what it wants, until the capacity is used up.
std::vector<long double> fill(const std::vector<const Piece*>& running, long double capacity) {
  std::vector<long double> granted(running.size(), 0.0L);
  for (;;) {
    std::size_t growing = 0;
    long double step = capacity;
    for (std::size_t i = 0; i < running.size(); ++i) {
      if (granted[i] >= running[i]->wanted) continue;
      ++growing;
      step = std::min(step, running[i]->wanted - granted[i]);
    }
    if (growing == 0 || capacity <= 1e-6L) return granted;
    step = std::min(step, capacity / static_cast<long double>(growing));
    for (std::size_t i = 0; i < running.size(); ++i) {
      if (granted[i] < running[i]->wanted) granted[i] += step, capacity -= step;
      if (running[i]->wanted - granted[i] < 1e-6L) granted[i] = running[i]->wanted;
    }
  }
}

/// Runs each accelerator's pieces one after another, none before its release.
Ends fluid(std::vector<std::vector<Piece>> queues, long double capacity) {
  Ends ends;
  std::vector<std::size_t> at(queues.size(), 0);
  for (long double now = 0;;) {
    std::vector<const Piece*> running;
    std::vector<std::size_t> where;
    long double next = 1e30L;
    for (std::size_t a = 0; a < queues.size(); ++a) {
      if (at[a] == queues[a].size()) continue;
      const Piece& piece = queues[a][at[a]];
      if (piece.release > now) {
        next = std::min(next, piece.release);
      } else {
        running.push_back(&piece);
        where.push_back(a);
      }
    }
    if (running.empty() && next > 1e29L) return ends;
    const auto granted = fill(running, capacity);
    const auto speed = [&](std::size_t i) { return running[i]->demand > 0 ? granted[i] / running[i]->demand : 1.0L; };
    for (std::size_t i = 0; i < running.size(); ++i) next = std::min(next, now + running[i]->left / speed(i));
    for (std::size_t i = 0; i < running.size(); ++i) {
      Piece& piece = queues[where[i]][at[where[i]]];
      piece.left -= (next - now) * speed(i);
      if (piece.left > 1e-3L) continue;
      ends[{piece.task, piece.job, piece.layer}] = next;
      ++at[where[i]];
    }
    now = next;
  }
}

/// Task t runs on accelerator t mod n, jobs in order of release; each layer under the limit of its task.
class Fixed : public Scheduler {
 public:
  explicit Fixed(std::vector<double> limits) : limits_(std::move(limits)) {}
  [[nodiscard]] std::string_view name() const override { return "fixed"; }
  void dispatch(const SystemView& view, Decisions& out) override {
    for (AcceleratorIndex a = 0; a < view.accelerator_count(); ++a) {
      ReadyId first = kNone;
      for (const ReadyId id : view.ready()) {
        if (view.job(id).task % view.accelerator_count() != a) continue;
        if (first == kNone || goes_first(view, id, first)) first = id;
      }
      if (first == kNone || !view.is_idle(a)) continue;
      out.start(first, view.original(first), a);
      if (limits_[view.job(first).task] > 0.0) out.limit_memory(a, limits_[view.job(first).task]);
    }
  }

 private:
  std::vector<double> limits_;
};

/// Holds what runs to the rules of max-min fairness after every instant, and adds up what is moved.
class Meter : public Observer {
 public:
  explicit Meter(const Simulator& simulator) : simulator_(simulator) {}
  [[nodiscard]] unsigned interests() const override { return instants; }

  void on_instant(const InstantEvent& e) override {
    moved += rate_ * to_seconds(e.time - last_);
    last_ = e.time;
    double wanted = 0.0;
    double largest = 0.0;
    rate_ = 0.0;
    for_each_busy([&](const Occupation& o, double want) {
      wanted += want;
      rate_ += o.speed * o.demand;
      largest = std::max(largest, o.speed * o.demand);
    });
    const double capacity = simulator_.scenario().platform.memory_bytes_per_second;
    RC_ASSERT(std::abs(rate_ - std::min(capacity, wanted)) <= 1e-9 * capacity);
    for_each_busy([&](const Occupation& o, double want) {
      const double granted = o.speed * o.demand;
      RC_ASSERT(o.speed > 0.0 && o.speed <= 1.0);
      RC_ASSERT(granted <= want * (1 + 1e-9));
      // Who wants more has as much as anybody.
      RC_ASSERT(granted >= want * (1 - 1e-9) || granted >= largest * (1 - 1e-9));
    });
  }

  double moved = 0.0; ///< bytes

 private:
  template <typename F>
  void for_each_busy(F&& f) const {
    const SystemState& state = simulator_.state();
    for (AcceleratorIndex a = 0; a < state.accelerators.size(); ++a) {
      if (state.idle.contains(a)) continue;
      const Occupation& o = state.occupations[a];
      f(o, o.limit > 0.0 ? std::min(o.limit, o.demand) : o.demand);
    }
  }

  const Simulator& simulator_;
  Time last_{};
  double rate_ = 0.0;
};

/// What one random case is made of.
struct Case {
  Scenario scenario;
  std::vector<double> limits; ///< per task, bytes per second; 0: none
};

Case random_case(bool with_limits) {
  Case c;
  Scenario& s = c.scenario;
  s = platform({{"npu", pick(1, 4)}});
  s.platform.memory_bytes_per_second = 1e9 * pick(1, 20);
  const int tasks = pick(1, 6);
  for (int t = 0; t < tasks; ++t) {
    std::vector<std::vector<Duration>> layers;
    for (int l = pick(1, 4); l > 0; --l) {
      // Round times make ties, odd ones fractions of a picosecond.
      layers.push_back({chance(50) ? Duration{1ms} * pick(1, 8) : Duration{pick(1, 2'000'000'000)}});
    }
    const auto network = add_network(s, "net" + std::to_string(t), layers);
    for (const auto& layer : layers) {
      const double gb_per_s = chance(20) ? 0.0 : chance(50) ? pick(1, 12) : 0.01 * pick(1, 3000);
      s.networks[network].traffic_bytes.push_back(gb_per_s * 1e9 * to_seconds(layer[0]));
    }
    std::vector<Duration> times;
    Duration last{0};
    for (int j = pick(1, 4); j > 0; --j)
      times.push_back(last += chance(70) ? Duration{1ms} * pick(0, 12) : Duration{pick(0, 1'000'000'000)});
    add_task(s, "task" + std::to_string(t), network, 10ms, releases(times));
    c.limits.push_back(with_limits && chance(40) ? 1e9 * pick(1, 8) : 0.0);
  }
  return c;
}

std::vector<std::vector<Piece>> pieces_of(const Case& c) {
  std::vector<std::vector<Piece>> queues(c.scenario.platform.accelerators.size());
  for (TaskIndex t = 0; t < c.scenario.tasks.size(); ++t) {
    const Network& n = c.scenario.network_of(t);
    const auto& entries = std::get<TraceArrivals>(c.scenario.tasks[t].arrivals).entries;
    for (JobIndex j = 0; j < entries.size(); ++j) {
      for (LayerIndex l = 0; l < n.layers.size(); ++l) {
        const auto time = static_cast<long double>(n.latency[l].count());
        const long double demand = static_cast<long double>(n.traffic_bytes[l]) / time * 1e12L;
        const long double limit = c.limits[t] > 0.0 ? static_cast<long double>(c.limits[t]) : demand;
        const auto release = static_cast<long double>(to_ps(entries[j].release));
        queues[t % queues.size()].push_back({t, j, l, release, time, std::min(limit, demand), demand});
      }
    }
  }
  for (auto& queue : queues) {
    std::stable_sort(queue.begin(), queue.end(), [](const Piece& a, const Piece& b) {
      return std::tuple(a.release, a.task, a.job) < std::tuple(b.release, b.task, b.job);
    });
  }
  return queues;
}

/// Runs a case; every run is watched by the schedule checker and the meter.
Recorder simulate(const Case& c) {
  validate(c.scenario);
  Fixed policy(c.limits);
  Simulator simulator(c.scenario, policy);
  ScheduleChecker checker(c.scenario);
  Meter meter(simulator);
  Recorder events;
  simulator.add_observer(checker);
  simulator.add_observer(meter);
  simulator.add_observer(events);
  simulator.run();
  checker.finish();
  RC_ASSERT(checker.errors().empty());
  double traffic = 0.0;
  for (const FinishEvent& e : events.finished) traffic += c.scenario.network_of(e.task).traffic_bytes[e.layer];
  // Each end is rounded up by less than 1 ps.
  const double slack = 1e-12 * 30e9 * static_cast<double>(events.finished.size());
  RC_ASSERT(std::abs(meter.moved - traffic) <= 1e-9 * traffic + slack);
  return events;
}

void agrees_with_the_fluid(const Case& c) {
  const Recorder events = simulate(c);
  const Ends expected = fluid(pieces_of(c), static_cast<long double>(c.scenario.platform.memory_bytes_per_second));
  RC_ASSERT(expected.size() == events.finished.size());
  for (const FinishEvent& e : events.finished) {
    const long double end = expected.at({e.task, e.job, e.layer});
    // Rounded ends shift what follows by a few picoseconds, more where it then runs slowly.
    RC_ASSERT(std::abs(static_cast<long double>(to_ps(e.time)) - end) <= 1000.0L);
  }
}

TEST(MemorySharing, EndsAreThoseOfTheFluid) {
  check_property(1, 1000, [] { agrees_with_the_fluid(random_case(false)); });
}

TEST(MemorySharing, EndsAreThoseOfTheFluidUnderLimits) {
  check_property(2, 1000, [] { agrees_with_the_fluid(random_case(true)); });
}

TEST(MemorySharing, NobodyIsSlowerThanWithAnEqualShareAlone) {
  check_property(3, 500, [] {
    const Case c = random_case(false);
    const Recorder events = simulate(c);
    const double share =
        c.scenario.platform.memory_bytes_per_second / static_cast<double>(c.scenario.platform.accelerators.size());
    std::map<std::tuple<TaskIndex, JobIndex, LayerIndex>, Time> starts;
    for (const StartEvent& e : events.started) starts[{e.task, e.job, e.layer}] = e.time;
    for (const FinishEvent& e : events.finished) {
      const Network& n = c.scenario.network_of(e.task);
      const double alone = to_seconds(n.latency[e.layer]);
      const double bound = std::max(alone, n.traffic_bytes[e.layer] / share);
      const double took = to_seconds(e.time - starts.at({e.task, e.job, e.layer}));
      RC_ASSERT(took >= alone);
      RC_ASSERT(took <= bound * (1 + 1e-9) + 2e-12);
    }
  });
}

TEST(MemorySharing, EnoughMemoryIsNoMemory) {
  check_property(4, 500, [] {
    Case c = random_case(false);
    double most = 1.0;
    for (const Network& n : c.scenario.networks) {
      for (std::size_t i = 0; i < n.latency.size(); ++i) {
        most = std::max(most, n.traffic_bytes[i] / to_seconds(n.latency[i]));
      }
    }
    c.scenario.platform.memory_bytes_per_second =
        most * 1.001 * static_cast<double>(c.scenario.platform.accelerators.size());
    const Recorder shared = simulate(c);
    c.scenario.platform.memory_bytes_per_second = 0.0;
    Fixed policy(c.limits);
    Simulator plain(c.scenario, policy);
    Recorder events;
    plain.add_observer(events);
    plain.run();
    RC_ASSERT(shared.finish == events.finish);
  });
}

} // namespace
} // namespace terastal::testing
