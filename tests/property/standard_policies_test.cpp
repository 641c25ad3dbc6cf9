#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "property/random_scenario.hpp"
#include "property/shadow.hpp"
#include "property/textbook.hpp"
#include "terastal/sched/policies.hpp"

// prema, planaria, sdrm3, dysta, edzl and heft against second implementations, decision by decision; and what theory
// says of EDZL.
namespace terastal::testing {
namespace {

double seconds(Duration d) { return static_cast<double>(d.count()) * 1e-12; }

Duration remaining(const Situation& s, const Waiting& w) {
  const Network& n = s.network(w);
  return path_from(n, w.layer, fastest_latencies(s.scenario, n));
}

/// Longest path of fastest latencies through the whole network.
double isolated(const Situation& s, const Waiting& w) {
  const Network& n = s.network(w);
  Duration longest{0};
  for (LayerIndex l = 0; l < n.layers.size(); ++l)
    longest = std::max(longest, path_from(n, l, fastest_latencies(s.scenario, n)));
  return seconds(longest);
}

double weight(const Situation& s, const Waiting& w) { return s.scenario.tasks[w.task].weight; }

/// The idle accelerator that finishes the unchanged layer first.
std::optional<AcceleratorIndex> fastest_idle(const Situation& s, const Waiting& w) {
  const OptionIndex original = s.layer(w).first_option;
  std::optional<AcceleratorIndex> best;
  for (AcceleratorIndex a = 0; a < s.idle.size(); ++a) {
    if (s.idle[a] == 0 || !s.can_run(w, original, a)) continue;
    if (!best || s.cost(w, original, a) < s.cost(w, original, *best)) best = a;
  }
  return best;
}

/// Layers that can start now, in order of (release, task, job, layer).
std::vector<Waiting> startable(const Situation& s) {
  std::vector<Waiting> result;
  for (const Waiting& w : s.waiting) {
    if (fastest_idle(s, w)) result.push_back(w);
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const Waiting& a, const Waiting& b) { return a.release < b.release; });
  return result;
}

Answer start(const Situation& s, const Waiting* w) {
  if (w == nullptr) return {};
  return {{{w->id, s.layer(*w).first_option, *fastest_idle(s, *w)}}, {}};
}

/// The first of those with the smallest key.
template <typename Key>
const Waiting* smallest(const std::vector<Waiting>& layers, Key key) {
  const Waiting* best = nullptr;
  for (const Waiting& w : layers) {
    if (best == nullptr || key(w) < key(*best)) best = &w;
  }
  return best;
}

/// As Dysta's harness chooses: in order of arrival, a leader that is negative loses to whatever comes after it.
template <typename Score>
const Waiting* harness_choice(const std::vector<Waiting>& layers, Score score, bool negative_leaders_lose) {
  const Waiting* best = nullptr;
  for (const Waiting& w : layers) {
    const bool wins = best == nullptr || (negative_leaders_lose && score(*best) < 0.0) || score(w) > score(*best);
    if (wins) best = &w;
  }
  return best;
}

class PremaReference {
 public:
  explicit PremaReference(bool compounds) : compounds_(compounds) {}

  Answer decide(const Situation& s) {
    for (const Waiting& w : s.waiting) advance(s, w);
    const std::vector<Waiting> layers = startable(s);
    double largest = 0.0;
    for (const Waiting& w : layers) {
      const State& state = states_.at({w.task, w.job});
      if (!compounds_ || state.first != s.now) largest = std::max(largest, state.token);
    }
    const double level = largest >= 9.0 ? 9.0 : largest >= 3.0 ? 3.0 : largest >= 1.0 ? 1.0 : 0.0;
    std::vector<Waiting> candidates;
    for (const Waiting& w : layers) {
      if (states_.at({w.task, w.job}).token >= level) candidates.push_back(w);
    }
    return start(s, smallest(candidates, [&](const Waiting& w) { return remaining(s, w); }));
  }

 private:
  struct State {
    double token = 0.0;
    Time first{};
    Time last{};
  };

  void advance(const Situation& s, const Waiting& w) {
    const auto [it, is_new] = states_.try_emplace({w.task, w.job}, State{weight(s, w), s.now, s.now});
    State& state = it->second;
    if (is_new) {
      if (!compounds_) state.token += weight(s, w) * (seconds(s.now - w.release) / isolated(s, w));
      return;
    }
    if (state.last == s.now) return;
    const Time from = compounds_ ? w.last_served : std::max(state.last, w.last_served);
    state.token += weight(s, w) * (seconds(s.now - from) / isolated(s, w));
    state.last = s.now;
  }

  bool compounds_;
  std::map<std::pair<TaskIndex, JobIndex>, State> states_;
};

Answer planaria(const Situation& s, bool negative_leaders_lose) {
  const auto score = [&](const Waiting& w) {
    const double slack = seconds(w.deadline - s.now);
    return slack == 0.0 ? std::numeric_limits<double>::infinity() : weight(s, w) / slack;
  };
  const std::vector<Waiting> layers = startable(s);
  return start(s, harness_choice(layers, score, negative_leaders_lose));
}

Answer sdrm3(const Situation& s, double alpha, bool negative_leaders_lose) {
  const auto score = [&](const Waiting& w) {
    const double slack = seconds(w.deadline - s.now);
    const double urgency = slack == 0.0 ? 1.0 : std::min(1.0, seconds(remaining(s, w)) / slack);
    const Duration next = fastest_latencies(s.scenario, s.network(w))[w.layer];
    return urgency + alpha * (seconds(s.now - w.last_served) / seconds(next));
  };
  const std::vector<Waiting> layers = startable(s);
  return start(s, harness_choice(layers, score, negative_leaders_lose));
}

Answer dysta(const Situation& s, double beta) {
  const std::vector<Waiting> layers = startable(s);
  return start(s, smallest(layers, [&](const Waiting& w) {
                 const double left = seconds(remaining(s, w));
                 const double slack = std::max(0.0, seconds(w.deadline - s.now) - left);
                 const double waited = seconds(s.now - w.last_served) / isolated(s, w);
                 return left + beta * (slack + waited / static_cast<double>(s.waiting.size()));
               }));
}

Answer edzl(const Situation& s, const std::string& hopeless) {
  const std::vector<Waiting> layers = startable(s);
  return start(s, smallest(layers, [&](const Waiting& w) {
                 const Duration laxity = w.deadline - s.now - remaining(s, w);
                 const bool lost = laxity < Duration::zero();
                 int group = laxity <= Duration::zero() ? 0 : 1;
                 if (lost && hopeless == "deadline") group = 1;
                 if (lost && hopeless == "last") group = 2;
                 return std::pair(group, w.deadline);
               }));
}

/// Plans all waiting layers, first to last.
Answer plan_heft(const Situation& s, bool by_deadline, bool fixed) {
  std::map<TaskIndex, HeftSchedule> plans;
  for (const Waiting& w : s.waiting) plans.try_emplace(w.task, heft(heft_problem(s.network(w), s.scenario.platform)));
  std::vector<Waiting> order = s.waiting;
  const auto key = [&](const Waiting& w) {
    return std::tuple(by_deadline ? w.deadline : w.release, w.release, w.task, w.job,
                      -std::llround(plans.at(w.task).rank_u[w.layer]), w.layer);
  };
  std::sort(order.begin(), order.end(), [&](const Waiting& a, const Waiting& b) { return key(a) < key(b); });
  Answer answer;
  std::vector<Time> free_at = s.free_at;
  std::vector<char> promised(free_at.size(), 0);
  for (const Waiting& w : order) {
    const OptionIndex original = s.layer(w).first_option;
    const auto& accelerators = s.scenario.platform.accelerators;
    const TypeIndex type = accelerators[plans.at(w.task).places[w.layer].processor].type;
    std::optional<AcceleratorIndex> best;
    for (AcceleratorIndex a = 0; a < free_at.size(); ++a) {
      if (!s.can_run(w, original, a) || (fixed && accelerators[a].type != type)) continue;
      if (!best || free_at[a] + s.cost(w, original, a) < free_at[*best] + s.cost(w, original, *best)) best = a;
    }
    if (s.idle[*best] != 0 && promised[*best] == 0) answer.starts.push_back({w.id, original, *best});
    promised[*best] = 1;
    free_at[*best] += s.cost(w, original, *best);
  }
  return answer;
}

struct Policy {
  std::string text;
  std::function<Reference()> reference; ///< a fresh one for every run

  friend void PrintTo(const Policy& p, std::ostream* out) { *out << p.text; }
};

template <typename Decide>
Policy policy(const std::string& text, Decide decide) {
  return {text, [decide] { return Reference(decide); }};
}

Policy prema(const std::string& text, bool compounds) {
  return {text, [compounds] {
            auto state = std::make_shared<PremaReference>(compounds);
            return Reference([state](const Situation& s) { return state->decide(s); });
          }};
}

std::vector<Policy> policies() {
  using S = const Situation&;
  return {prema("prema", true),
          prema("prema:tokens=elapsed", false),
          policy("planaria", [](S s) { return planaria(s, true); }),
          policy("planaria:all_late=largest_score", [](S s) { return planaria(s, false); }),
          policy("sdrm3", [](S s) { return sdrm3(s, 1.0, true); }),
          policy("sdrm3:alpha=0", [](S s) { return sdrm3(s, 0.0, true); }),
          policy("sdrm3:alpha=0.125:all_late=largest_score", [](S s) { return sdrm3(s, 0.125, false); }),
          policy("dysta:sparsity=false", [](S s) { return dysta(s, 0.01); }),
          policy("dysta:beta=2", [](S s) { return dysta(s, 2.0); }),
          policy("edzl", [](S s) { return edzl(s, "urgent"); }),
          policy("edzl:hopeless=deadline", [](S s) { return edzl(s, "deadline"); }),
          policy("edzl:hopeless=last", [](S s) { return edzl(s, "last"); }),
          policy("heft", [](S s) { return plan_heft(s, true, false); }),
          policy("heft:order=release:placement=static", [](S s) { return plan_heft(s, false, true); })};
}

class StandardPolicies : public ::testing::TestWithParam<Policy> {};

TEST_P(StandardPolicies, TakeTheSameDecisions) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr int kSystems = 60;
#else
  constexpr int kSystems = 200;
#endif
  std::size_t compared = 0;
  check_property(17, kSystems, [&] {
    Scenario s = random_scenario();
    for (Task& task : s.tasks)
      task.weight = std::vector<double>{0.5, 1.0, 3.0, 9.0}[static_cast<std::size_t>(pick(0, 3))];
    compared += compare_with(s, GetParam().text, GetParam().reference());
  });
  EXPECT_GT(compared, 10U * kSystems) << "decisions were compared";
}

INSTANTIATE_TEST_SUITE_P(Policies, StandardPolicies, ::testing::ValuesIn(policies()), [](const auto& p) {
  std::string name = p.param.text;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == ':' || c == '=' || c == '.'; }, '_');
  return name;
});

// On one accelerator there is nothing to prefer: MapScore without energy is SDRM3.
TEST(Sdrm3AndDream, AreTheSameOnOneAccelerator) {
  int compared = 0;
  check_property(19, 400, [&] {
    const Scenario s = random_scenario();
    if (s.platform.accelerators.size() > 1) return;
    ++compared;
    RC_ASSERT(run(s, "dream:beta=0:guard=raw").result.digest == run(s, "sdrm3:all_late=largest_score").result.digest);
  });
  EXPECT_GT(compared, 20);
}

// -- EDZL in theory: periodic tasks of unit layers on identical accelerators

TEST(EdzlTheory, MeetsWhatGlobalEdfCannot) {
  // Two processors, three tasks C = 2, T = D = 3.
  const Scenario s = textbook({{0, 2, 3, 3}, {0, 2, 3, 3}, {0, 2, 3, 3}}, Preemption::unit_layers, 300, 2);
  EXPECT_EQ(misses(run(s, "edf").events), 100);
  const Outcome out = run(s, "edzl");
  EXPECT_EQ(misses(out.events), 0);
  EXPECT_EQ(first_finishes(out.events, 3), (std::vector<double>{2, 3, 3}));
}

TEST(EdzlTheory, DhallsEffect) {
  const Scenario s = textbook({{0, 2, 10, 10}, {0, 2, 10, 10}, {0, 10, 11, 11}}, Preemption::unit_layers, 110, 2);
  const Outcome edf = run(s, "edf");
  EXPECT_DOUBLE_EQ(finishes(edf.events, 2).at(0), 12.0);
  EXPECT_EQ(misses(run(s, "edzl").events), 0);
}

TEST(EdzlTheory, MissesNothingThatGlobalEdfMeets) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr int kSets = 300;
#else
  constexpr int kSets = 1500;
#endif
  int met_by_edf = 0;
  int met_by_edzl_alone = 0;
  check_property(23, kSets, [&] {
    const int cores = pick(2, 3);
    std::vector<TextbookTask> tasks;
    double utilisation = 0.0;
    for (int i = pick(cores + 1, cores + 4); i > 0; --i) {
      const int period = std::vector<int>{3, 4, 6, 8, 12}[static_cast<std::size_t>(pick(0, 4))];
      const int execution = pick(1, period);
      const double share = static_cast<double>(execution) / period;
      if (utilisation + share > cores) continue;
      utilisation += share;
      tasks.push_back({static_cast<double>(pick(0, 3)), execution, static_cast<double>(pick(execution, period)),
                       static_cast<double>(period)});
    }
    const Scenario s = textbook(tasks, Preemption::unit_layers, 48, cores);
    const auto missed = [&](const char* text) {
      const auto scheduler = testing::known_policies().parse(text).make();
      Simulator simulator(s, *scheduler);
      Recorder events;
      simulator.add_observer(events);
      simulator.run();
      return misses(events) > 0;
    };
    const bool edf_misses = missed("edf");
    const bool edzl_misses = missed("edzl");
    met_by_edf += edf_misses ? 0 : 1;
    met_by_edzl_alone += edf_misses && !edzl_misses ? 1 : 0;
    RC_ASSERT(edf_misses || !edzl_misses);
  });
  EXPECT_GT(met_by_edf, kSets / 10);
  EXPECT_GT(met_by_edzl_alone, kSets / 100);
}

} // namespace
} // namespace terastal::testing
