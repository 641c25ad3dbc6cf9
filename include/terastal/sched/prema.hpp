#pragma once

#include <algorithm> // max
#include <chrono>    // microseconds
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "terastal/sched/isolated_times.hpp"
#include "terastal/sched/prema_preemptive.hpp"
#include "terastal/sched/prema_tokens.hpp"
#include "terastal/sched/ready_choice.hpp"
#include "terastal/sched/registry.hpp"

namespace terastal {

/// PREMA's choice among ready layers: tokens grow with weight and slowdown; of the jobs whose token reaches the
/// threshold, the one with the least remaining time runs.
///
/// Source: PREMA (Choi and Rhu, HPCA 2020) in the form of Dysta's harness (MICRO 2023), which is reproduced exactly on
/// one accelerator. Our reading: on several, layers that no idle accelerator can run are left out of the choice (their
/// tokens grow), and the chosen one goes to the idle accelerator that finishes it first. Layers are not preempted.
/// Work-conserving. O(ready · types) a decision.
class PremaScheduler : public Scheduler {
 public:
  explicit PremaScheduler(TokenRule rule) : tokens_(rule) {}

  [[nodiscard]] std::string_view name() const override { return "prema"; }
  [[nodiscard]] bool work_conserving() const override { return true; }

  void prepare(const Scenario& scenario) override { tokens_.reset(isolated_times_s(scenario)); }

  void dispatch(const SystemView& view, Decisions& out) override {
    places_.look(view);
    const double threshold = collect(view);
    ReadyId best = kNone;
    for (const Candidate& c : candidates_) {
      if (c.token < threshold) continue;
      if (best == kNone || shorter(view, c.id, best)) best = c.id;
    }
    if (best != kNone) out.start(best, view.original(best), places_.fastest(view, best));
  }

 private:
  struct Candidate {
    ReadyId id;
    double token;
  };

  /// Brings all tokens up to date and collects the layers that can start. \returns the threshold.
  double collect(const SystemView& view) {
    candidates_.clear();
    double largest = 0.0;
    for (const ReadyId id : view.ready()) {
      const JobSlot slot = view.layer(id).job;
      const double token = tokens_.advance(slot, view.job(id), view.now());
      if (!places_.can_start(view, id)) continue;
      candidates_.push_back({id, token});
      if (tokens_.counts(slot, view.now())) largest = std::max(largest, token);
    }
    return PremaTokens::threshold(largest);
  }

  [[nodiscard]] static bool shorter(const SystemView& view, ReadyId a, ReadyId b) {
    const Duration x = view.remaining(a);
    const Duration y = view.remaining(b);
    return x != y ? x < y : goes_first(view, a, b);
  }

  PremaTokens tokens_;
  IdlePlaces places_;
  std::vector<Candidate> candidates_;
};

/// The policy `prema` and its settings.
[[nodiscard]] inline PolicyInfo prema_policy() {
  PolicyInfo info;
  info.id = "prema";
  info.summary = "PREMA's tokens: shortest remaining time among jobs whose weighted slowdown reaches a level";
  info.source = "Choi and Rhu, HPCA 2020, in the form of Dysta's harness, extended to several accelerators";
  info.our_reading = true;
  info.settings = {
      Setting::choice("tokens", "harness", {"harness", "elapsed"},
                      "harness: each decision adds all idle time since last served, so it compounds; elapsed: once"),
      Setting::choice(
          "mechanism", "layer", {"layer", "drain", "checkpoint", "kill", "dynamic"},
          "how a job gives way: between layers, not at all, saved at a tile, at once, or drain or checkpoint"),
      Setting::duration(
          "quantum", std::chrono::microseconds(250),
          "the choice is made anew so often, but for mechanism=layer and kill; 0: when jobs arrive or end only"),
  };
  info.make = [](const Settings& s) -> std::unique_ptr<Scheduler> {
    const TokenRule rule = s.choice("tokens") == "elapsed" ? TokenRule::elapsed : TokenRule::harness;
    const std::string& mechanism = s.choice("mechanism");
    if (mechanism == "layer") return std::make_unique<PremaScheduler>(rule);
    const PremaMechanism m = mechanism == "drain"        ? PremaMechanism::drain
                             : mechanism == "checkpoint" ? PremaMechanism::checkpoint
                             : mechanism == "kill"       ? PremaMechanism::kill
                                                         : PremaMechanism::dynamic;
    return std::make_unique<PreemptivePremaScheduler>(rule, m, s.duration("quantum"));
  };
  return info;
}

} // namespace terastal
