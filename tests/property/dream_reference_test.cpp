#include <algorithm>
#include <cmath>
#include <ostream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "property/random_scenario.hpp"
#include "property/shadow.hpp"

// DREAM's dispatch against a second implementation of MapScore, decision by decision.
namespace terastal::testing {
namespace {

struct Weights {
  std::string settings; ///< as the policy takes them
  double alpha = 1.0;
  double beta = 1.0;
  bool sum = false;
  bool fastest = false;
  std::string guard = "clamp";
  double cap = 1.0;

  friend void PrintTo(const Weights& w, std::ostream* out) { *out << "dream" << w.settings; }
};

/// MapScore of a layer on an accelerator, term by term.
double score(const Situation& s, const Waiting& w, AcceleratorIndex here, const Weights& weights) {
  const Network& n = s.network(w);
  const OptionIndex original = s.layer(w).first_option;
  const auto seconds = [](Duration d) { return static_cast<double>(d.count()) * 1e-12; };
  double latencies = 0.0;
  double energies = 0.0;
  double runnable = 0.0;
  for (const Accelerator& a : s.scenario.platform.accelerators) {
    if (n.latency_of(original, a.type) == kCannotRun) continue;
    latencies += seconds(n.latency_of(original, a.type));
    energies += n.energy_of(original, a.type);
    runnable += 1.0;
  }
  const TypeIndex type = s.scenario.platform.accelerators[here].type;
  const double to_go = seconds(
      path_from(n, w.layer, weights.fastest ? fastest_latencies(s.scenario, n) : mean_latencies(s.scenario, n)));
  double slack = seconds(w.deadline - s.now);
  if (weights.guard != "raw" && slack < 1e-12) slack = 1e-12;
  const double urgency = std::min(weights.cap, to_go / slack);
  const double preference = latencies / seconds(n.latency_of(original, type));
  const double starvation = seconds(s.now - w.last_served) / (latencies / runnable);
  const double energy = n.energy_of(original, type) > 0.0 ? energies / n.energy_of(original, type) : 0.0;
  return (weights.sum ? urgency + preference : urgency * preference) + weights.alpha * starvation +
         weights.beta * energy;
}

/// The pair with the largest score; on ties the earlier release, the lower accelerator, task, job, layer.
Answer best_pair(const Situation& s, const Weights& weights) {
  Answer answer;
  if (weights.guard == "drop") {
    for (const Waiting& w : s.waiting) {
      if (w.deadline <= s.now) answer.drops.push_back(w.id);
    }
    if (!answer.drops.empty()) return answer;
  }
  const Waiting* best = nullptr;
  AcceleratorIndex best_place = 0;
  double best_score = 0.0;
  for (const Waiting& w : s.waiting) {
    for (AcceleratorIndex a = 0; a < s.idle.size(); ++a) {
      if (s.idle[a] == 0 || !s.can_run(w, s.layer(w).first_option, a)) continue;
      const double mine = score(s, w, a, weights);
      const bool wins = best == nullptr || mine > best_score ||
                        (mine == best_score && std::tie(w.release, a) < std::tie(best->release, best_place));
      if (!wins) continue;
      best = &w;
      best_place = a;
      best_score = mine;
    }
  }
  if (best != nullptr) answer.starts.push_back({best->id, s.layer(*best).first_option, best_place});
  return answer;
}

/// Equal, or so close in score that the order of additions decides. Exact ties must go to the same pair.
bool agree(const Situation& s, const Answer& expected, const Answer& actual, const Weights& weights) {
  if (weights.guard == "drop" && (!expected.drops.empty() || !actual.drops.empty())) {
    // Any layer names its job, and one is enough.
    const auto jobs = [&](const Answer& answer) {
      std::vector<std::pair<TaskIndex, JobIndex>> ids;
      for (const ReadyId id : answer.drops) {
        for (const Waiting& w : s.waiting) {
          if (w.id == id) ids.emplace_back(w.task, w.job);
        }
      }
      std::sort(ids.begin(), ids.end());
      ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
      return ids;
    };
    return actual.starts.empty() && jobs(expected) == jobs(actual);
  }
  if (equal_answers(s, expected, actual)) return true;
  if (expected.starts.size() != 1 || actual.starts.size() != 1) return false;
  const auto value = [&](const Decision& d) {
    for (const Waiting& w : s.waiting) {
      if (w.id == d.ready) return score(s, w, d.accelerator, weights);
    }
    return -1e300;
  };
  const double want = value(expected.starts[0]);
  const double got = value(actual.starts[0]);
  return want != got && std::abs(want - got) <= 1e-12 * std::max(1.0, std::abs(want));
}

class DreamReference : public ::testing::TestWithParam<Weights> {};

TEST_P(DreamReference, TakesTheSameDecisions) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr int kSystems = 200;
#else
  constexpr int kSystems = 1500;
#endif
  const Weights weights = GetParam();
  std::size_t compared = 0;
  check_property(11, kSystems, [&] {
    const Scenario s = random_scenario();
    compared += compare_with(
        s, "dream" + weights.settings, [&](const Situation& x) { return best_pair(x, weights); },
        [&](const Situation& x, const Answer& expected, const Answer& actual) {
          return agree(x, expected, actual, weights);
        });
  });
  EXPECT_GT(compared, 10U * kSystems) << "decisions were compared";
}

INSTANTIATE_TEST_SUITE_P(
    Settings, DreamReference,
    ::testing::Values(Weights{}, Weights{":alpha=0:beta=0", 0.0, 0.0}, Weights{":combine=sum:beta=0.5", 1.0, 0.5, true},
                      Weights{":togo=min:alpha=0.25", 0.25, 1.0, false, true},
                      Weights{":guard=raw:beta=0", 1.0, 0.0, false, false, "raw"},
                      Weights{":guard=drop:urgency_cap=1000", 1.0, 1.0, false, false, "drop", 1000.0}),
    [](const auto& p) { return std::to_string(p.index); });

} // namespace
} // namespace terastal::testing
