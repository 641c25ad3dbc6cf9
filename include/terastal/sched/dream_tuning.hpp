#pragma once

#include <algorithm> // min
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "terastal/offline/pattern_search.hpp"
#include "terastal/offline/uxcost.hpp"
#include "terastal/sim/observer.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// Tunes DREAM's weights while the system runs: each window of time runs with one pair of weights, its UXCost is the
/// value of that pair, and a pattern search over [0, 2]² picks the next. When the search is done its best pair stays,
/// until the UXCost of a window differs by more than a quarter from the best value; then it starts again from there.
///
/// Our reading: that DREAM tunes online, step by step, is published; windows, objective and rule of restart are ours.
/// A window's UXCost counts the jobs that ended in it; without energies in the tables it is the sum of violation rates.
class DreamTuner : public Observer {
 public:
  DreamTuner(Duration window, double alpha, double beta)
      : window_(window), alpha_(alpha), beta_(beta), search_(options(alpha, beta)) {}

  [[nodiscard]] unsigned interests() const override { return job_ends; }

  /// Forgets everything; before a run.
  void prepare(const Scenario& scenario) {
    parts_.assign(scenario.tasks.size(), {});
    largest_nj_.assign(scenario.tasks.size(), {});
    for (TaskIndex t = 0; t < scenario.tasks.size(); ++t) {
      for (std::uint32_t a = 0; a <= scenario.tasks[t].alternatives.size(); ++a) {
        largest_nj_[t].push_back(largest_energy_nj(scenario.network_of(t, a)));
      }
    }
    search_ = PatternSearch(options(alpha_, beta_));
    window_end_ = Time{window_};
  }

  void on_job_end(const JobEndEvent& e) override {
    UxcostPart& part = parts_[e.task];
    ++part.released;
    part.violated += e.missed() ? 1U : 0U;
    part.energy_nj += e.energy_nj;
    if (e.dropped) return;
    ++part.completed;
    part.largest_energy_nj += largest_nj_[e.task][e.alternative];
  }

  /// The weights (alpha, beta) to use now.
  [[nodiscard]] std::pair<double, double> weights(Time now) {
    if (now >= window_end_) close_window(now);
    return {search_.point()[0], search_.point()[1]};
  }

  [[nodiscard]] const PatternSearch& search() const { return search_; }

 private:
  static PatternSearchOptions options(double alpha, double beta) {
    constexpr double most = 2.0;
    PatternSearchOptions o;
    o.start = {std::min(alpha, most), std::min(beta, most)};
    o.low = {0.0, 0.0};
    o.high = {most, most};
    return o;
  }

  void close_window(Time now) {
    const auto cost = window_cost();
    for (UxcostPart& part : parts_) part = {};
    window_end_ = checked_add(window_end_, window_ * ((now - window_end_) / window_ + 1));
    if (!cost) return; // nothing ended: the weights are tried for another window
    if (!search_.done()) return search_.tell(*cost);
    constexpr double change = 0.25;
    if (std::abs(*cost - search_.best_value()) <= change * search_.best_value()) return;
    search_ = PatternSearch(options(search_.best()[0], search_.best()[1]));
  }

  [[nodiscard]] std::optional<double> window_cost() const {
    if (const auto cost = uxcost(parts_)) return cost;
    double violations = 0.0;
    bool any = false;
    for (const UxcostPart& part : parts_) {
      const auto rate = uxcost_violations(part);
      any = any || rate;
      violations += rate.value_or(0.0);
    }
    return any ? std::optional(violations) : std::nullopt;
  }

  Duration window_;
  double alpha_;
  double beta_;
  std::vector<UxcostPart> parts_;
  std::vector<std::vector<double>> largest_nj_; ///< of each task's networks
  PatternSearch search_;
  Time window_end_{};
};

} // namespace terastal
