#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple> // tie
#include <utility>
#include <vector>

#include "terastal/sched/dream_drop.hpp"
#include "terastal/sched/dream_tuning.hpp"
#include "terastal/sched/map_score.hpp"
#include "terastal/sched/registry.hpp"

namespace terastal {

/// The parts of DREAM.
struct DreamOptions {
  std::string name = "dream";
  MapScoreOptions score;
  std::optional<Duration> tuning_window; ///< nothing: the weights stay; else they are tuned online
  bool smart_drop = false;
  std::uint32_t drop_cap = 2;     ///< frames of a task that may be dropped among its last `drop_window`
  std::uint32_t drop_window = 10; ///< released frames
  bool supernet = false;          ///< choose among the networks of tasks that have alternatives
};

/// DREAM: while an accelerator is idle, the pair of ready layer and idle accelerator with the largest MapScore runs;
/// ties go to the earlier release, then the lower accelerator, then task and job. Work-conserving. O(ready · types) a
/// decision; O(ready · accelerators) where the platform gives the energy of context switches.
///
/// Smart frame drop, supernet switching and online tuning are options. Supernet switching (our reading): with its first
/// layer a job takes the most accurate network whose to-go fits its slack, else the one with the smallest to-go; at the
/// task's switch points it chooses again.
class DreamScheduler : public Scheduler {
 public:
  explicit DreamScheduler(MapScoreOptions score) : DreamScheduler(with_score(score)) {}
  explicit DreamScheduler(DreamOptions options)
      : options_(std::move(options)), score_(options_.score),
        drop_(options_.drop_cap, options_.drop_window, options_.supernet) {
    if (options_.tuning_window) tuner_.emplace(*options_.tuning_window, score_.alpha, score_.beta);
  }

  [[nodiscard]] std::string_view name() const override { return options_.name; }
  [[nodiscard]] bool work_conserving() const override { return true; }
  [[nodiscard]] bool may_drop() const override {
    return options_.smart_drop || score_.guard == MapScoreOptions::LateGuard::drop;
  }
  [[nodiscard]] Observer* feedback() override { return tuner_ ? &*tuner_ : nullptr; }

  void prepare(const Scenario& scenario) override {
    by_energy_ = std::any_of(scenario.platform.types.begin(), scenario.platform.types.end(),
                             [](const AcceleratorType& t) { return t.context_energy_pj > 0.0; });
    first_.clear();
    preferences_.clear();
    for (TaskIndex t = 0; t < scenario.tasks.size(); ++t) {
      first_.push_back(preferences_.size());
      for (std::uint32_t a = 0; a <= scenario.tasks[t].alternatives.size(); ++a) {
        preferences_.push_back(Preferences(scenario.network_of(t, a), scenario.platform));
      }
    }
    drop_.prepare(scenario);
    if (tuner_) tuner_->prepare(scenario);
  }

  void dispatch(const SystemView& view, Decisions& out) override {
    if (tuner_) std::tie(score_.alpha, score_.beta) = tuner_->weights(view.now());
    if (options_.smart_drop) {
      if (const ReadyId dropped = drop_.choose(view); dropped != kNone) return out.drop(dropped);
    }
    Best best;
    for (const ReadyId id : view.ready()) {
      const double slack = to_seconds(view.job(id).deadline - view.now());
      if (score_.guard == MapScoreOptions::LateGuard::drop && slack <= 0.0) {
        out.drop(id);
        continue;
      }
      score_layer(view, id, slack, best);
    }
    // Dropped jobs leave first; the engine asks again for the rest.
    if (out.drops().empty() && best.id != kNone) start(view, best, out);
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

  static DreamOptions with_score(MapScoreOptions score) {
    DreamOptions options;
    options.score = score;
    return options;
  }

  [[nodiscard]] double to_go(const NetworkEstimates& estimates, LayerIndex layer) const {
    const bool mean = score_.to_go == MapScoreOptions::ToGo::mean;
    return to_seconds(mean ? estimates.mean_tail[layer] : estimates.fastest_tail[layer]);
  }

  void score_layer(const SystemView& view, ReadyId id, double slack, Best& best) const {
    const Job& job = view.job(id);
    const LayerIndex layer = view.layer(id).layer;
    const Preferences& preferences = preferences_[first_[job.task] + job.alternative];
    const auto types = static_cast<TypeIndex>(view.platform().types.size());
    MapScoreTerms terms;
    terms.to_go_s = to_go(job.tables->estimates, layer);
    terms.slack_s = slack;
    terms.starvation = to_seconds(view.now() - job.last_served) / preferences.mean_s[layer];
    const auto consider = [&](AcceleratorIndex a, TypeIndex t) {
      if (a == kNone || view.latency(id, view.original(id), t) == kCannotRun) return;
      terms.latency_preference = preferences.latency[layer * types + t];
      terms.energy_preference = preferences.energy[layer * types + t];
      if (by_energy_) terms.switch_cost = switch_cost(view, id, a);
      const double score = map_score(terms, score_);
      if (best.id == kNone || better(view, score, id, a, best)) best = {id, a, score};
    };
    if (by_energy_) {
      for (AcceleratorIndex a = 0; a < view.accelerator_count(); ++a) {
        if (view.is_idle(a)) consider(a, view.type_of(a));
      }
      return;
    }
    // The score is the same on all accelerators of a type, so the lowest idle one of each type stands for it.
    for (TypeIndex t = 0; t < types; ++t) consider(view.idle().first(t), t);
  }

  /// Energy of the context switch / energy of the layer; 0 where the table has no energy.
  [[nodiscard]] static double switch_cost(const SystemView& view, ReadyId id, AcceleratorIndex a) {
    const double layer = view.energy_nj(id, view.original(id), view.type_of(a));
    return layer > 0.0 ? view.context_energy_nj(id, a) / layer : 0.0;
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

  void start(const SystemView& view, const Best& best, Decisions& out) const {
    const Job& job = view.job(best.id);
    const bool choose = options_.supernet && !job.tables->task->alternatives.empty();
    const std::uint32_t network = choose ? choose_network(view, best.id, best.accelerator) : job.alternative;
    if (network == job.alternative) return out.start(best.id, view.original(best.id), best.accelerator);
    const LayerIndex layer = view.layer_in(best.id, network);
    out.use_network(best.id, network);
    out.start(best.id, view.tables(job.task, network).layers[layer].original, best.accelerator);
  }

  /// Of the networks the job may run from here on, on this accelerator: the most accurate whose to-go fits the slack,
  /// else the one with the smallest to-go; ties keep the one that is listed first.
  [[nodiscard]] std::uint32_t choose_network(const SystemView& view, ReadyId id, AcceleratorIndex a) const {
    const Job& job = view.job(id);
    const double slack = to_seconds(job.deadline - view.now());
    const auto count = static_cast<std::uint32_t>(job.tables->task->alternatives.size() + 1);
    std::optional<std::uint32_t> fitting;
    std::uint32_t lightest = job.alternative;
    double best_accuracy = 0.0;
    double least_to_go = to_go(job.tables->estimates, view.layer(id).layer);
    for (std::uint32_t n = 0; n < count; ++n) {
      const LayerIndex layer = view.layer_in(id, n);
      if (layer == kNone) continue;
      const TaskTables& tables = view.tables(job.task, n);
      const OptionIndex original = tables.layers[layer].original;
      if (tables.network->latency_of(original, view.type_of(a)) == kCannotRun) continue;
      const double time = to_go(tables.estimates, layer);
      const double accuracy = tables.network->accuracy.baseline();
      if (time <= slack && (!fitting || accuracy > best_accuracy)) {
        fitting = n;
        best_accuracy = accuracy;
      }
      if (time >= least_to_go) continue;
      lightest = n;
      least_to_go = time;
    }
    return fitting.value_or(lightest);
  }

  DreamOptions options_;
  MapScoreOptions score_;
  SmartFrameDrop drop_;
  std::optional<DreamTuner> tuner_;
  std::vector<std::size_t> first_;       ///< of each task, in preferences_
  std::vector<Preferences> preferences_; ///< of each task's networks
  bool by_energy_ = false;               ///< scores differ between the accelerators of a type
};

/// What a policy of the DREAM family is when nothing is set.
struct DreamPreset {
  std::string id = "dream";
  std::string summary = "DREAM's MapScore: urgency, latency preference, starvation and energy in one score; further "
                        "parts by settings";
  bool tuning = false;
  bool smart_drop = false;
  bool supernet = false;
};

/// A policy of the DREAM family and its settings.
[[nodiscard]] inline PolicyInfo dream_policy(const DreamPreset& preset = {}) {
  PolicyInfo info;
  info.id = preset.id;
  info.summary = preset.summary;
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
      Setting::flag("tuning", preset.tuning, "tune alpha and beta in [0, 2] online, starting from the values given"),
      Setting::duration("tuning_window", std::chrono::milliseconds(200), "time for which a pair of weights is tried",
                        std::chrono::milliseconds(1)),
      Setting::flag("smart_drop", preset.smart_drop, "drop frames that will be late when that can help others"),
      Setting::integer("drop_cap", 2, 0, 64, "smart_drop: most frames dropped among a task's last drop_window"),
      Setting::integer("drop_window", 10, 1, 1000, "smart_drop: released frames that drop_cap counts"),
      Setting::flag("supernet", preset.supernet, "choose among the networks of tasks that have alternatives"),
  };
  info.make = [id = preset.id](const Settings& s) {
    using Score = MapScoreOptions;
    DreamOptions options;
    options.name = id;
    Score& score = options.score;
    score.alpha = s.number("alpha");
    score.beta = s.number("beta");
    score.combine = s.choice("combine") == "sum" ? Score::Combine::sum : Score::Combine::product;
    score.to_go = s.choice("togo") == "min" ? Score::ToGo::min : Score::ToGo::mean;
    const std::string& guard = s.choice("guard");
    score.guard = guard == "raw"    ? Score::LateGuard::raw
                  : guard == "drop" ? Score::LateGuard::drop
                                    : Score::LateGuard::clamp;
    score.urgency_cap = s.number("urgency_cap");
    if (s.flag("tuning")) options.tuning_window = s.duration("tuning_window");
    options.smart_drop = s.flag("smart_drop");
    options.drop_cap = static_cast<std::uint32_t>(s.integer("drop_cap"));
    options.drop_window = static_cast<std::uint32_t>(s.integer("drop_window"));
    options.supernet = s.flag("supernet");
    return std::make_unique<DreamScheduler>(options);
  };
  return info;
}

/// The three stages of DREAM that its ablation names, all with tuning.
[[nodiscard]] inline std::vector<PolicyInfo> dream_presets() {
  return {
      dream_policy({"dream-mapscore", "DREAM: MapScore with weights tuned online", true, false, false}),
      dream_policy({"dream-smartdrop", "DREAM: tuned MapScore and smart frame drop", true, true, false}),
      dream_policy({"dream-full", "DREAM: tuned MapScore, smart frame drop, supernet switching", true, true, true})};
}

} // namespace terastal
