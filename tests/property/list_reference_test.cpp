#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "property/random_scenario.hpp"
#include "property/shadow.hpp"
#include "terastal/sched/list_scheduler.hpp"

// The list policies against a second implementation that sorts everything anew at every decision.
namespace terastal::testing {
namespace {

struct ListPolicy {
  const char* id;
  PriorityRule rule;
  const char* placement;

  [[nodiscard]] std::string text() const {
    const std::string order = rule == PriorityRule::ready ? ":order=ready" : "";
    return std::string(id) + ":placement=" + placement + order;
  }
  friend void PrintTo(const ListPolicy& p, std::ostream* out) { *out << p.text(); }
};

/// What a layer is ordered by; `since` is when it became ready.
std::int64_t key(const Situation& s, const Waiting& w, PriorityRule rule, Time since) {
  const Network& n = s.network(w);
  const auto remaining = [&] { return path_from(n, w.layer, fastest_latencies(s.scenario, n)).count(); };
  switch (rule) {
  case PriorityRule::release:
    return to_ps(w.release);
  case PriorityRule::ready:
    return to_ps(since);
  case PriorityRule::deadline:
    return to_ps(w.deadline);
  case PriorityRule::laxity:
    return (w.deadline - s.now).count() - remaining();
  case PriorityRule::remaining:
    return remaining();
  case PriorityRule::period:
    return mean_period(s.scenario, w.task).count();
  case PriorityRule::relative_deadline:
    return s.scenario.tasks[w.task].deadline.count();
  case PriorityRule::priority:
    return w.priority;
  }
  return 0;
}

/// Decides like a list policy. In networks that are not chains, layers of one job may tie: then any of them may be
/// first.
class ListReference {
 public:
  explicit ListReference(const ListPolicy& policy) : policy_(policy) {}

  Answer decide(const Situation& s) {
    note_ready(s);
    return std::string(policy_.placement) == "earliest_finish" ? plan(s) : first_that_fits(s);
  }

  [[nodiscard]] bool agree(const Situation& s, const Answer& expected, const Answer& actual) const {
    if (equal_answers(s, expected, actual)) return true;
    if (expected.starts.size() != 1 || actual.starts.size() != 1 || !actual.drops.empty()) return false;
    const Waiting& want = find(s, expected.starts[0].ready);
    const Waiting& got = find(s, actual.starts[0].ready);
    return std::tie(want.task, want.job) == std::tie(got.task, got.job) && key_of(s, want) == key_of(s, got) &&
           actual.starts[0].option == s.layer(got).first_option && place(s, got) == actual.starts[0].accelerator;
  }

 private:
  using LayerId = std::tuple<TaskIndex, JobIndex, LayerIndex>;

  static const Waiting& find(const Situation& s, ReadyId id) {
    return *std::find_if(s.waiting.begin(), s.waiting.end(), [&](const Waiting& w) { return w.id == id; });
  }

  /// A layer becomes ready when its job is released or one of its layers ends: the last of both when it is first seen.
  void note_ready(const Situation& s) {
    for (const Waiting& w : s.waiting) since_.emplace(LayerId{w.task, w.job, w.layer}, w.last_served);
  }

  [[nodiscard]] std::int64_t key_of(const Situation& s, const Waiting& w) const {
    return key(s, w, policy_.rule, since_.at({w.task, w.job, w.layer}));
  }

  [[nodiscard]] std::vector<Waiting> in_order(const Situation& s) const {
    std::vector<Waiting> order = s.waiting;
    std::stable_sort(order.begin(), order.end(), [&](const Waiting& a, const Waiting& b) {
      return std::tuple(key_of(s, a), a.task, a.job) < std::tuple(key_of(s, b), b.task, b.job);
    });
    return order;
  }

  [[nodiscard]] std::optional<AcceleratorIndex> place(const Situation& s, const Waiting& w) const {
    const OptionIndex original = s.layer(w).first_option;
    const Network& n = s.network(w);
    TypeIndex fastest = 0;
    for (TypeIndex t = 0; t < n.type_count; ++t) {
      if (n.latency_of(original, t) < n.latency_of(original, fastest)) fastest = t;
    }
    const bool preferred_only = std::string(policy_.placement) == "preferred_only";
    std::optional<AcceleratorIndex> best;
    for (AcceleratorIndex a = 0; a < s.idle.size(); ++a) {
      if (s.idle[a] == 0 || !s.can_run(w, original, a)) continue;
      if (preferred_only && s.scenario.platform.accelerators[a].type != fastest) continue;
      if (!best || (!preferred_only && s.cost(w, original, a) < s.cost(w, original, *best))) best = a;
    }
    return best;
  }

  [[nodiscard]] Answer first_that_fits(const Situation& s) const {
    for (const Waiting& w : in_order(s)) {
      if (const auto a = place(s, w)) return {{{w.id, s.layer(w).first_option, *a}}, {}};
    }
    return {};
  }

  /// Each in order on the accelerator that would finish it first, busy ones and those already promised included.
  [[nodiscard]] Answer plan(const Situation& s) const {
    Answer answer;
    std::vector<Time> free_at = s.free_at;
    std::vector<char> promised(free_at.size(), 0);
    for (const Waiting& w : in_order(s)) {
      const OptionIndex original = s.layer(w).first_option;
      Time finish = kNever;
      AcceleratorIndex best = 0;
      for (AcceleratorIndex a = 0; a < free_at.size(); ++a) {
        if (!s.can_run(w, original, a) || free_at[a] + s.cost(w, original, a) >= finish) continue;
        finish = free_at[a] + s.cost(w, original, a);
        best = a;
      }
      if (s.idle[best] != 0 && promised[best] == 0) answer.starts.push_back({w.id, original, best});
      promised[best] = 1;
      free_at[best] = finish;
    }
    return answer;
  }

  const ListPolicy& policy_;
  std::map<LayerId, Time> since_;
};

class ListPolicies : public ::testing::TestWithParam<ListPolicy> {};

TEST_P(ListPolicies, TakeTheSameDecisions) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr int kSystems = 150;
#else
  constexpr int kSystems = 500;
#endif
  const ListPolicy& policy = GetParam();
  ScenarioFeatures features;
  features.dags = std::string(policy.placement) != "earliest_finish"; // a plan depends on how layers of a job tie
  std::size_t compared = 0;
  check_property(13, kSystems, [&] {
    const Scenario s = random_scenario(features);
    ListReference reference(policy);
    compared += compare_with(
        s, policy.text(), [&](const Situation& x) { return reference.decide(x); },
        [&](const Situation& x, const Answer& expected, const Answer& actual) {
          return reference.agree(x, expected, actual);
        });
  });
  EXPECT_GT(compared, 10U * kSystems) << "decisions were compared";
}

std::vector<ListPolicy> every_order_and_placement() {
  std::vector<ListPolicy> all;
  for (const char* placement : {"fastest_idle", "earliest_finish", "preferred_only"}) {
    for (const auto& [id, rule] :
         {std::pair{"fcfs", PriorityRule::release}, std::pair{"fcfs", PriorityRule::ready},
          std::pair{"edf", PriorityRule::deadline}, std::pair{"llf", PriorityRule::laxity},
          std::pair{"sjf", PriorityRule::remaining}, std::pair{"rm", PriorityRule::period},
          std::pair{"dm", PriorityRule::relative_deadline}, std::pair{"fp", PriorityRule::priority}}) {
      all.push_back({id, rule, placement});
    }
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Orders, ListPolicies, ::testing::ValuesIn(every_order_and_placement()), [](const auto& p) {
  std::string name = p.param.text();
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == ':' || c == '='; }, '_');
  return name;
});

} // namespace
} // namespace terastal::testing
