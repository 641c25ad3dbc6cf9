#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "terastal/sched/registry.hpp"

namespace terastal {

/// DREAM's MapScore and its open points, as settings.
struct MapScoreOptions {
  enum class Combine : std::uint8_t { product, sum };       ///< urgency · preference, or urgency + preference
  enum class ToGo : std::uint8_t { mean, min };             ///< remaining time over accelerators
  enum class LateGuard : std::uint8_t { raw, clamp, drop }; ///< what a slack ≤ 0 does

  double alpha = 1.0; ///< weight of starvation
  double beta = 1.0;  ///< weight of energy
  Combine combine = Combine::product;
  ToGo to_go = ToGo::mean;
  LateGuard guard = LateGuard::clamp;
  double urgency_cap = 1.0; ///< largest urgency
};

/// The terms of MapScore for one ready layer on one accelerator.
struct MapScoreTerms {
  double to_go_s = 0.0;            ///< seconds of remaining work
  double slack_s = 0.0;            ///< deadline − now, seconds
  double latency_preference = 1.0; ///< sum of latencies over accelerators / latency here
  double starvation = 0.0;         ///< time since last served / mean latency of the layer
  double energy_preference = 0.0;  ///< sum of energies over accelerators / energy here; 0 when energies are not given
  double switch_cost = 0.0;        ///< energy of the context switch / energy of the layer here
};

/// to-go / slack, guarded. `raw`: negative when late, as in Dysta's harness. `clamp`: the slack is at least 1 ps.
[[nodiscard]] inline double map_urgency(const MapScoreTerms& t, const MapScoreOptions& options) {
  constexpr double kOnePicosecond = 1e-12;
  const double slack =
      options.guard == MapScoreOptions::LateGuard::raw ? t.slack_s : std::max(t.slack_s, kOnePicosecond);
  return std::min(options.urgency_cap, t.to_go_s / slack);
}

/// MapScore = urgency ∘ latency preference + alpha · starvation + beta · (energy preference − switch cost).
///
/// Source: DREAM (Kim et al., ASPLOS 2023) as we read it; its text was not available to us. One accelerator and beta =
/// 0 give the form of Dysta's harness. Larger is better.
[[nodiscard]] inline double map_score(const MapScoreTerms& t, const MapScoreOptions& options) {
  const double urgency = map_urgency(t, options);
  const double mapping = options.combine == MapScoreOptions::Combine::product ? urgency * t.latency_preference
                                                                              : urgency + t.latency_preference;
  return mapping + options.alpha * t.starvation + options.beta * (t.energy_preference - t.switch_cost);
}

/// DREAM, mapping only: while an accelerator is idle, the pair of ready layer and idle accelerator with the largest
/// MapScore runs; ties go to the earlier release, then the lower accelerator, then task and job. Work-conserving.
/// Frame drop, supernet switching, switch energy and tuning of the weights are not part of this policy.
/// O(ready · idle) a decision.
class DreamScheduler : public Scheduler {
 public:
  explicit DreamScheduler(MapScoreOptions options) : options_(options) {}

  [[nodiscard]] std::string_view name() const override { return "dream"; }
  [[nodiscard]] bool work_conserving() const override { return true; }
  [[nodiscard]] bool may_drop() const override { return options_.guard == MapScoreOptions::LateGuard::drop; }

  void prepare(const Scenario& scenario) override {
    preferences_.clear();
    for (TaskIndex t = 0; t < scenario.tasks.size(); ++t) {
      preferences_.push_back(Preferences(scenario.network_of(t), scenario.platform));
    }
  }

  void dispatch(const SystemView& view, Decisions& out) override {
    Best best;
    for (const ReadyId id : view.ready()) {
      const double slack = to_seconds(view.job(id).deadline - view.now());
      if (options_.guard == MapScoreOptions::LateGuard::drop && slack <= 0.0) {
        out.drop(id);
        continue;
      }
      score_layer(view, id, slack, best);
    }
    // Dropped jobs leave first; the engine asks again for the rest.
    if (out.drops().empty() && best.id != kNone) out.start(best.id, view.original(best.id), best.accelerator);
  }

 private:
  /// Terms that depend on the layer and the accelerator type only: `layers × types`, and the mean latency per layer.
  struct Preferences {
    Preferences(const Network& network, const Platform& platform) {
      for (const auto& layer : network.layers) {
        double latency_sum = 0.0;
        double energy_sum = 0.0;
        double runnable = 0.0;
        for (const auto& a : platform.accelerators) {
          const Duration d = network.latency_of(layer.first_option, a.type);
          if (d == kCannotRun) continue;
          latency_sum += to_seconds(d);
          energy_sum += network.energy_of(layer.first_option, a.type);
          runnable += 1.0;
        }
        mean_s.push_back(latency_sum / runnable);
        for (TypeIndex t = 0; t < network.type_count; ++t) {
          const Duration d = network.latency_of(layer.first_option, t);
          const double here = network.energy_of(layer.first_option, t);
          latency.push_back(d == kCannotRun ? 0.0 : latency_sum / to_seconds(d));
          energy.push_back(here > 0.0 ? energy_sum / here : 0.0);
        }
      }
    }

    std::vector<double> latency;
    std::vector<double> energy;
    std::vector<double> mean_s;
  };

  struct Best {
    ReadyId id = kNone;
    AcceleratorIndex accelerator = kNone;
    double score = 0.0;
  };

  void score_layer(const SystemView& view, ReadyId id, double slack, Best& best) const {
    const Job& job = view.job(id);
    const LayerIndex layer = view.layer(id).layer;
    const NetworkEstimates& estimates = view.tables(job.task).estimates;
    const Preferences& preferences = preferences_[job.task];
    const bool mean = options_.to_go == MapScoreOptions::ToGo::mean;
    const auto types = static_cast<TypeIndex>(view.platform().types.size());
    MapScoreTerms terms;
    terms.to_go_s = to_seconds(mean ? estimates.mean_tail[layer] : estimates.fastest_tail[layer]);
    terms.slack_s = slack;
    terms.starvation = to_seconds(view.now() - job.last_served) / preferences.mean_s[layer];
    // The score is the same on all accelerators of a type, so the lowest idle one of each type stands for it.
    for (TypeIndex t = 0; t < types; ++t) {
      const AcceleratorIndex a = view.idle().first(t);
      if (a == kNone || view.latency(id, view.original(id), t) == kCannotRun) continue;
      terms.latency_preference = preferences.latency[layer * types + t];
      terms.energy_preference = preferences.energy[layer * types + t];
      const double score = map_score(terms, options_);
      if (best.id == kNone || better(view, score, id, a, best)) best = {id, a, score};
    }
  }

  [[nodiscard]] static bool better(const SystemView& view, double score, ReadyId id, AcceleratorIndex a,
                                   const Best& best) {
    if (score != best.score) return score > best.score;
    const Job& challenger = view.job(id);
    const Job& holder = view.job(best.id);
    if (challenger.release != holder.release) return challenger.release < holder.release;
    if (a != best.accelerator) return a < best.accelerator;
    if (challenger.task != holder.task) return challenger.task < holder.task;
    if (challenger.index != holder.index) return challenger.index < holder.index;
    return view.layer(id).layer < view.layer(best.id).layer;
  }

  MapScoreOptions options_;
  std::vector<Preferences> preferences_;
};

/// The policy `dream` and its settings.
[[nodiscard]] inline PolicyInfo dream_policy() {
  PolicyInfo info;
  info.id = "dream";
  info.summary = "DREAM's MapScore: urgency, latency preference, starvation and energy in one score";
  info.source = "Kim et al., ASPLOS 2023; text not available to us: formula from Dysta's harness and recollection";
  info.our_reading = true;
  info.settings = {
      Setting::number("alpha", 1.0, 0.0, 1e6, "weight of starvation"),
      Setting::number("beta", 1.0, 0.0, 1e6, "weight of the energy preference"),
      Setting::choice("combine", "product", {"product", "sum"}, "how urgency and latency preference combine"),
      Setting::choice("togo", "mean", {"mean", "min"}, "remaining time: mean or smallest over accelerators"),
      Setting::choice(
          "guard", "clamp", {"raw", "clamp", "drop"},
          "slack at or below zero: raw: negative urgency; clamp: slack at least 1 ps; drop: the job is dropped"),
      Setting::number("urgency_cap", 1.0, 0.0, 1e12, "largest urgency"),
  };
  info.make = [](const Settings& s) {
    using Options = MapScoreOptions;
    Options options;
    options.alpha = s.number("alpha");
    options.beta = s.number("beta");
    options.combine = s.choice("combine") == "sum" ? Options::Combine::sum : Options::Combine::product;
    options.to_go = s.choice("togo") == "min" ? Options::ToGo::min : Options::ToGo::mean;
    const std::string& guard = s.choice("guard");
    options.guard = guard == "raw"    ? Options::LateGuard::raw
                    : guard == "drop" ? Options::LateGuard::drop
                                      : Options::LateGuard::clamp;
    options.urgency_cap = s.number("urgency_cap");
    return std::make_unique<DreamScheduler>(options);
  };
  return info;
}

} // namespace terastal
