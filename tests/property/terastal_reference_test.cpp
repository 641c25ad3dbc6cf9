#include <algorithm>
#include <functional>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "property/random_scenario.hpp"
#include "property/shadow.hpp"

// Terastal's budgets and dispatch against a second implementation of the algorithms, decision by decision.
namespace terastal::testing {
namespace {

struct Variation {
  std::string settings; ///< as the policy takes them
  bool variants = true;
  std::string budgets = "level";
  bool gain = true;

  friend void PrintTo(const Variation& v, std::ostream* out) { *out << "terastal" << v.settings; }
};

/// Latencies of a layer's original, each once, slowest first.
std::vector<Duration> choices(const Scenario& s, const Network& n, LayerIndex l) {
  std::set<Duration, std::greater<>> distinct;
  for (const auto& a : s.platform.accelerators) distinct.insert(n.latency_of(n.layers[l].first_option, a.type));
  distinct.erase(kCannotRun);
  return {distinct.begin(), distinct.end()};
}

Duration whole_path(const Network& n, const std::vector<Duration>& durations) {
  Duration longest{0};
  for (LayerIndex l = 0; l < n.layers.size(); ++l) longest = std::max(longest, path_to(n, l, durations));
  return longest;
}

/// Algorithm 1: one level for all layers, raised until the slowest remaining choices fit.
std::vector<Duration> one_level(const Scenario& s, const Network& n, Duration deadline) {
  std::size_t most = 1;
  for (LayerIndex l = 0; l < n.layers.size(); ++l) most = std::max(most, choices(s, n, l).size());
  std::vector<Duration> chosen;
  for (std::size_t level = 1; level <= most; ++level) {
    chosen.clear();
    for (LayerIndex l = 0; l < n.layers.size(); ++l) {
      const auto mine = choices(s, n, l);
      chosen.push_back(mine[std::min(level, mine.size()) - 1]);
    }
    if (whole_path(n, chosen) <= deadline) break;
  }
  return chosen;
}

/// A level per layer: the layer of a longest path with the largest gap to its next choice is lowered first.
std::vector<Duration> greedy_levels(const Scenario& s, const Network& n, Duration deadline) {
  std::vector<std::vector<Duration>> left;
  std::vector<Duration> chosen;
  for (LayerIndex l = 0; l < n.layers.size(); ++l) {
    left.push_back(choices(s, n, l));
    chosen.push_back(left[l].front());
  }
  while (whole_path(n, chosen) > deadline) {
    std::optional<LayerIndex> lower;
    for (LayerIndex l = 0; l < n.layers.size(); ++l) {
      if (left[l].size() == 1) continue;
      if (path_to(n, l, chosen) + path_from(n, l, chosen) - chosen[l] != whole_path(n, chosen)) continue;
      if (!lower || left[l][0] - left[l][1] > left[*lower][0] - left[*lower][1]) lower = l;
    }
    if (!lower) break;
    left[*lower].erase(left[*lower].begin());
    chosen[*lower] = left[*lower].front();
  }
  return chosen;
}

/// Virtual deadlines of a task's layers, relative to the release.
std::vector<Duration> virtual_deadlines(const Scenario& s, TaskIndex task, const std::string& rule) {
  const Network& n = s.network_of(task);
  const Duration deadline = s.tasks[task].deadline;
  std::vector<Duration> weights(n.layers.size(), Duration{1}); // rule equal
  if (rule == "level") weights = one_level(s, n, deadline);
  if (rule == "greedy") weights = greedy_levels(s, n, deadline);
  if (rule == "min") weights = fastest_latencies(s, n);
  if (rule == "mean") weights = mean_latencies(s, n);
  std::vector<Duration> result;
  for (LayerIndex l = 0; l < n.layers.size(); ++l) {
    const Duration through = path_to(n, l, weights) + path_from(n, l, weights) - weights[l];
    const int128 exact = static_cast<int128>(deadline.count()) * path_to(n, l, weights).count() / through.count();
    result.emplace_back(static_cast<Duration::rep>(exact));
  }
  return result;
}

/// A way to run a waiting layer.
struct Way {
  std::size_t waiting = 0; ///< index into the situation's list
  OptionIndex option = 0;
  AcceleratorIndex accelerator = 0;
  Time finish{};
};

/// Algorithm 2.
class Algorithm2 {
 public:
  Algorithm2(const Scenario& s, const Variation& variation) : variation_(variation) {
    for (TaskIndex t = 0; t < s.tasks.size(); ++t) deadlines_.push_back(virtual_deadlines(s, t, variation.budgets));
  }

  Answer operator()(const Situation& situation) const {
    Situation s = situation; // accelerators are given away in it
    Answer answer;
    std::vector<char> placed(s.waiting.size(), 0);
    const auto place = [&](const Way& way) {
      answer.starts.push_back({s.waiting[way.waiting].id, way.option, way.accelerator});
      placed[way.waiting] = 1;
      s.idle[way.accelerator] = 0;
      s.free_at[way.accelerator] = way.finish;
    };
    for (const std::size_t i : by_best_case_slack(s)) {
      for (const bool with_variants : {false, true}) {
        if (placed[i] != 0) break;
        std::optional<Way> best;
        for (const Way& way : ways(s, i)) {
          const bool original = way.option == s.layer(s.waiting[i]).first_option;
          if (original == with_variants || s.idle[way.accelerator] == 0 || way.finish > deadline(s, i)) continue;
          if (!best || way.finish < best->finish) best = way;
        }
        if (best) place(*best);
      }
    }
    while (const auto way = largest_gain(s, placed)) place(*way);
    return answer;
  }

 private:
  [[nodiscard]] Time deadline(const Situation& s, std::size_t i) const {
    const Waiting& w = s.waiting[i];
    const Duration own = w.deadline - w.release;
    const Duration usual = s.scenario.tasks[w.task].deadline;
    const int128 scaled = static_cast<int128>(deadlines_[w.task][w.layer].count()) * own.count() / usual.count();
    return w.release + Duration{static_cast<Duration::rep>(scaled)};
  }

  /// Every option that may be used on every accelerator that can run it: originals first, then by accelerator.
  [[nodiscard]] std::vector<Way> ways(const Situation& s, std::size_t i) const {
    const Waiting& w = s.waiting[i];
    const Layer& layer = s.layer(w);
    std::vector<Way> result;
    for (OptionIndex o = layer.first_option; o < layer.first_option + layer.option_count; ++o) {
      const VariantSet set = w.variants | s.network(w).options[o].variants;
      const bool variant = o != layer.first_option;
      if (variant && (!variation_.variants || !s.network(w).accuracy.valid(set, s.scenario.tasks[w.task].theta)))
        continue;
      for (AcceleratorIndex a = 0; a < s.idle.size(); ++a) {
        if (s.can_run(w, o, a)) result.push_back({i, o, a, s.free_at[a] + s.cost(w, o, a)});
      }
    }
    return result;
  }

  [[nodiscard]] std::vector<std::size_t> by_best_case_slack(const Situation& s) const {
    std::vector<std::pair<Duration, std::size_t>> order; // the list is by task, job and layer already
    for (std::size_t i = 0; i < s.waiting.size(); ++i) {
      Duration best = Duration::min();
      for (const Way& way : ways(s, i)) best = std::max(best, deadline(s, i) - way.finish);
      order.emplace_back(best, i);
    }
    std::sort(order.begin(), order.end());
    std::vector<std::size_t> result;
    for (const auto& [slack, i] : order) result.push_back(i);
    return result;
  }

  /// Stage 2: the way on an idle accelerator that gains most over waiting for a busy one.
  [[nodiscard]] std::optional<Way> largest_gain(const Situation& s, const std::vector<char>& placed) const {
    std::optional<Way> best;
    Duration best_gain{0};
    for (std::size_t i = 0; i < s.waiting.size(); ++i) {
      if (placed[i] != 0) continue;
      std::optional<Time> by_waiting;
      for (const Way& way : ways(s, i)) {
        if (s.idle[way.accelerator] == 0) by_waiting = std::min(by_waiting.value_or(kNever), way.finish);
      }
      for (const Way& way : ways(s, i)) {
        if (s.idle[way.accelerator] == 0) continue;
        const Duration gain = by_waiting && variation_.gain ? *by_waiting - way.finish : Duration::max();
        if (gain <= Duration::zero()) continue;
        const bool wins = !best || gain > best_gain || (gain == best_gain && way.finish < best->finish);
        if (!wins) continue;
        best = way;
        best_gain = gain;
      }
    }
    return best;
  }

  const Variation& variation_;
  std::vector<std::vector<Duration>> deadlines_;
};

class TerastalReference : public ::testing::TestWithParam<Variation> {};

TEST_P(TerastalReference, TakesTheSameDecisions) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr int kSystems = 200;
#else
  constexpr int kSystems = 1500;
#endif
  const Variation& variation = GetParam();
  std::size_t compared = 0;
  check_property(12, kSystems, [&] {
    const Scenario s = random_scenario();
    compared += compare_with(s, "terastal" + variation.settings, Algorithm2(s, variation));
  });
  EXPECT_GT(compared, 10U * kSystems) << "decisions were compared";
}

INSTANTIATE_TEST_SUITE_P(Settings, TerastalReference,
                         ::testing::Values(Variation{}, Variation{":variants=false", false},
                                           Variation{":budgets=false", true, "mean"},
                                           Variation{":budget_rule=greedy", true, "greedy"},
                                           Variation{":budget_rule=min", true, "min"},
                                           Variation{":budget_rule=equal", true, "equal"},
                                           Variation{":stage2=earliest_finish", true, "level", false}),
                         [](const auto& p) { return std::to_string(p.index); });

} // namespace
} // namespace terastal::testing
