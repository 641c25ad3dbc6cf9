#pragma once

#include <algorithm> // max
#include <cstdint>
#include <utility>
#include <vector>

#include "terastal/sim/state.hpp"

namespace terastal {

/// How waiting becomes tokens.
enum class TokenRule : std::uint8_t {
  harness, ///< at every decision the whole idle time since the job was last served is added anew, so it compounds
  elapsed, ///< time that was counted before is not counted again
};

/// PREMA's tokens of the jobs that wait. A job starts with its weight; waiting adds weight · waited / isolated time.
///
/// `harness`, the form of Dysta's harness: the first decision that sees a job gives it its weight; every later one adds
/// weight · (now − last served) / isolated time. `elapsed` (our reading): what is added is the time waited since the
/// token was last brought up to date. A token advances at most once an instant, however often the scheduler is asked.
///
/// Kept apart from any policy: a mechanism that preempts can ask for the tokens of the jobs it weighs.
class PremaTokens {
 public:
  PremaTokens() = default;
  explicit PremaTokens(TokenRule rule) : rule_(rule) {}

  /// Forgets all jobs. `isolated_s`: isolated time of each task in seconds.
  void reset(std::vector<double> isolated_s) {
    isolated_s_ = std::move(isolated_s);
    entries_.clear();
  }

  /// Brings the token of a waiting job up to date and returns it. O(1).
  double advance(JobSlot slot, const Job& job, Time now) {
    if (slot >= entries_.size()) entries_.resize(std::size_t{2} * slot + 16);
    Entry& e = entries_[slot];
    if (e.task != job.task || e.job != job.index) {
      e = {job.weight, now, now, job.task, job.index};
      if (rule_ == TokenRule::elapsed) e.token += gain(job, now - job.release);
    } else if (e.updated != now) {
      const Time from = rule_ == TokenRule::elapsed ? std::max(e.updated, job.last_served) : job.last_served;
      e.token += gain(job, now - from);
      e.updated = now;
    }
    return e.token;
  }

  /// Whether the job's token may raise the threshold: in the harness's form a job does not at the first decision that
  /// sees it. Precondition: `advance` was called for the job at `now`.
  [[nodiscard]] bool counts(JobSlot slot, Time now) const {
    return rule_ == TokenRule::elapsed || entries_[slot].seen != now;
  }

  /// The threshold that the largest token gives: the highest of the priority levels 1, 3 and 9 that it reaches; 0 below
  /// them all. Jobs whose token reaches the threshold are candidates (PREMA's text says above it; then there might be
  /// none).
  [[nodiscard]] static double threshold(double largest) {
    for (const double level : {9.0, 3.0, 1.0}) {
      if (largest >= level) return level;
    }
    return 0.0;
  }

 private:
  struct Entry {
    double token = 0.0;
    Time seen{};    ///< the first decision that saw the job
    Time updated{}; ///< the last one
    TaskIndex task = kNone;
    JobIndex job = 0;
  };

  [[nodiscard]] double gain(const Job& job, Duration waited) const {
    return job.weight * (to_seconds(waited) / isolated_s_[job.task]);
  }

  TokenRule rule_ = TokenRule::harness;
  std::vector<double> isolated_s_; ///< per task
  std::vector<Entry> entries_;     ///< by job slot
};

} // namespace terastal
