#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "property/property_check.hpp"
#include "support/builders.hpp"

// Compares a scheduler with a second implementation of it, written for clarity alone, at every single decision.
namespace terastal::testing {

/// A ready layer as the reference sees it.
struct Waiting {
  ReadyId id = kNone;
  TaskIndex task = 0;
  JobIndex job = 0;
  LayerIndex layer = 0;
  Time release{};
  Time deadline{};
  Time last_served{}; ///< when a layer of the job last finished, or its release
  VariantSet variants = 0;
  int priority = 0;
};

/// The system at a decision; what follows from past events is kept by the shadow itself and not asked of the engine.
struct Situation {
  const Scenario& scenario;
  Time now{};
  std::vector<Waiting> waiting; ///< by task, job, layer
  std::vector<Time> free_at;    ///< per accelerator, by estimates; now where idle
  std::vector<char> idle;
  std::function<Duration(const Waiting&, AcceleratorIndex)> setup;

  [[nodiscard]] const Network& network(const Waiting& w) const { return scenario.network_of(w.task); }
  [[nodiscard]] const Layer& layer(const Waiting& w) const { return network(w).layers[w.layer]; }
  [[nodiscard]] bool can_run(const Waiting& w, OptionIndex option, AcceleratorIndex a) const {
    return network(w).latency_of(option, scenario.platform.accelerators[a].type) != kCannotRun;
  }
  /// Estimated occupation.
  [[nodiscard]] Duration cost(const Waiting& w, OptionIndex option, AcceleratorIndex a) const {
    return network(w).latency_of(option, scenario.platform.accelerators[a].type) + setup(w, a);
  }
};

/// What the reference decides.
struct Answer {
  std::vector<Decision> starts;
  std::vector<ReadyId> drops;
};

using Reference = std::function<Answer(const Situation&)>;

/// Whether two answers may pass for the same; the default wants them equal.
using Agreement = std::function<bool(const Situation&, const Answer& expected, const Answer& actual)>;

inline bool equal_answers(const Situation&, const Answer& expected, const Answer& actual) {
  const auto same = [](const Decision& a, const Decision& b) {
    return a.ready == b.ready && a.option == b.option && a.accelerator == b.accelerator;
  };
  return std::equal(expected.starts.begin(), expected.starts.end(), actual.starts.begin(), actual.starts.end(), same) &&
         std::is_permutation(expected.drops.begin(), expected.drops.end(), actual.drops.begin(), actual.drops.end());
}

/// Decides as the real scheduler does, and fails the running property when the reference would not.
class Shadow : public Scheduler, public Observer {
 public:
  Shadow(const Scenario& scenario, Scheduler& real, Reference reference, Agreement agreement = equal_answers)
      : scenario_(scenario), real_(real), reference_(std::move(reference)), agreement_(std::move(agreement)),
        free_at_(scenario.platform.accelerators.size()), busy_(free_at_.size(), 0) {}

  [[nodiscard]] std::string_view name() const override { return real_.name(); }
  [[nodiscard]] bool uses_variants() const override { return real_.uses_variants(); }
  [[nodiscard]] bool work_conserving() const override { return real_.work_conserving(); }
  [[nodiscard]] bool may_drop() const override { return real_.may_drop(); }
  void prepare(const Scenario& scenario) override { real_.prepare(scenario); }

  void dispatch(const SystemView& view, Decisions& out) override {
    real_.dispatch(view, out);
    const Situation situation = look(view);
    const Answer expected = reference_(situation);
    const Answer actual{{out.starts().begin(), out.starts().end()}, {out.drops().begin(), out.drops().end()}};
    if (!agreement_(situation, expected, actual)) {
      RC_FAIL("at " + format_duration(situation.now.time_since_epoch()) + " the reference decides " +
              text(situation, expected) + ", the scheduler " + text(situation, actual));
    }
    compared_ += actual.starts.size() + actual.drops.size();
  }

  [[nodiscard]] unsigned interests() const override { return releases | starts | finishes; }
  void on_release(const ReleaseEvent& e) override { last_served_[{e.task, e.job}] = e.time; }
  void on_start(const StartEvent& e) override {
    const TypeIndex type = scenario_.platform.accelerators[e.accelerator].type;
    free_at_[e.accelerator] = e.time + e.setup + scenario_.network_of(e.task).latency_of(e.option, type);
    busy_[e.accelerator] = 1;
    variants_[{e.task, e.job}] |= scenario_.network_of(e.task).options[e.option].variants;
  }
  void on_finish(const FinishEvent& e) override {
    busy_[e.accelerator] = 0;
    last_served_[{e.task, e.job}] = e.time;
  }

  [[nodiscard]] std::size_t compared() const { return compared_; }

 private:
  [[nodiscard]] Situation look(const SystemView& view) {
    Situation s{scenario_, view.now(), {}, {}, {}, {}};
    for (const ReadyId id : view.ready()) {
      const Job& job = view.job(id);
      s.waiting.push_back({id, job.task, job.index, view.layer(id).layer, job.release, job.deadline,
                           last_served_.at({job.task, job.index}), variants_[{job.task, job.index}], job.priority});
    }
    std::sort(s.waiting.begin(), s.waiting.end(), [](const Waiting& a, const Waiting& b) {
      return std::tie(a.task, a.job, a.layer) < std::tie(b.task, b.job, b.layer);
    });
    for (std::size_t a = 0; a < free_at_.size(); ++a) {
      s.idle.push_back(busy_[a] != 0 ? 0 : 1);
      s.free_at.push_back(busy_[a] != 0 ? std::max(free_at_[a], s.now) : s.now);
    }
    s.setup = [&view](const Waiting& w, AcceleratorIndex a) { return view.setup(w.id, a); };
    return s;
  }

  [[nodiscard]] static std::string text(const Situation& s, const Answer& answer) {
    std::string result = std::to_string(answer.drops.size()) + " drops and {";
    for (const Decision& d : answer.starts) {
      const auto w =
          std::find_if(s.waiting.begin(), s.waiting.end(), [&](const Waiting& x) { return x.id == d.ready; });
      result += " task " + std::to_string(w->task) + " job " + std::to_string(w->job) + " layer " +
                std::to_string(w->layer) + " option " + std::to_string(d.option) + " on " +
                std::to_string(d.accelerator) + ";";
    }
    return result + " }";
  }

  const Scenario& scenario_;
  Scheduler& real_;
  Reference reference_;
  Agreement agreement_;
  std::vector<Time> free_at_;
  std::vector<char> busy_;
  std::map<std::pair<TaskIndex, JobIndex>, Time> last_served_;
  std::map<std::pair<TaskIndex, JobIndex>, VariantSet> variants_;
  std::size_t compared_ = 0;
};

/// Runs a policy beside its reference. \returns how many decisions were compared.
inline std::size_t compare_with(const Scenario& s, const std::string& policy, const Reference& reference,
                                const Agreement& agreement = equal_answers) {
  const auto real = testing::known_policies().parse(policy).make();
  Shadow shadow(s, *real, reference, agreement);
  Simulator simulator(s, shadow);
  simulator.add_observer(shadow);
  simulator.run();
  return shadow.compared();
}

/// Longest path from the start of a network up to a layer, the layer included.
inline Duration path_to(const Network& n, LayerIndex layer, const std::vector<Duration>& durations) {
  Duration before{0};
  for (const LayerIndex p : n.layers[layer].predecessors) before = std::max(before, path_to(n, p, durations));
  return before + durations[layer];
}

/// Longest path from a layer, itself included, to the end of a network.
inline Duration path_from(const Network& n, LayerIndex layer, const std::vector<Duration>& durations) {
  Duration after{0};
  for (LayerIndex s = layer + 1; s < n.layers.size(); ++s) {
    const auto& before = n.layers[s].predecessors;
    if (std::find(before.begin(), before.end(), layer) != before.end())
      after = std::max(after, path_from(n, s, durations));
  }
  return after + durations[layer];
}

/// The original's latency on its fastest type, and its mean over the accelerators that can run it, rounded down.
inline std::vector<Duration> fastest_latencies(const Scenario& s, const Network& n) {
  std::vector<Duration> result;
  for (const Layer& layer : n.layers) {
    Duration best = kCannotRun;
    for (const auto& a : s.platform.accelerators) best = std::min(best, n.latency_of(layer.first_option, a.type));
    result.push_back(best);
  }
  return result;
}

inline std::vector<Duration> mean_latencies(const Scenario& s, const Network& n) {
  std::vector<Duration> result;
  for (const Layer& layer : n.layers) {
    Duration sum{0};
    int count = 0;
    for (const auto& a : s.platform.accelerators) {
      const Duration d = n.latency_of(layer.first_option, a.type);
      if (d == kCannotRun) continue;
      sum += d;
      ++count;
    }
    result.push_back(sum / count);
  }
  return result;
}

} // namespace terastal::testing
