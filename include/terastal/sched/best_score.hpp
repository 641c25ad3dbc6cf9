#pragma once

#include <cstdint>

#include "terastal/core/settings.hpp"
#include "terastal/sched/ready_choice.hpp"

namespace terastal {

/// What runs when every score is negative, that is when all jobs that could run are late.
enum class AllLate : std::uint8_t {
  latest_release, ///< the job that was released last: what Dysta's harness does, where a negative leader loses to any
                  ///< later job
  largest_score,  ///< the largest score, as otherwise
};

/// Keeps the ready layer with the largest score; ties go to the earlier release, then task, job and layer.
class BestScore {
 public:
  explicit BestScore(AllLate all_late) : all_late_(all_late) {}

  /// `score` is not NaN.
  void offer(const SystemView& view, ReadyId id, double score) {
    if (best_ == kNone || score > score_ || (score == score_ && goes_first(view, id, best_))) {
      best_ = id;
      score_ = score;
    }
    if (score < 0.0 && all_late_ == AllLate::latest_release && (latest_ == kNone || goes_first(view, latest_, id))) {
      latest_ = id;
    }
  }

  /// kNone if nothing was offered.
  [[nodiscard]] ReadyId best() const { return score_ < 0.0 && latest_ != kNone ? latest_ : best_; }

 private:
  AllLate all_late_;
  ReadyId best_ = kNone;
  double score_ = 0.0;
  ReadyId latest_ = kNone; ///< of those with a negative score
};

namespace detail {

inline Setting all_late_setting() {
  return Setting::choice("all_late", "latest_release", {"latest_release", "largest_score"},
                         "what runs when every score is negative; latest_release is what Dysta's harness does");
}

inline AllLate all_late_of(const Settings& s) {
  return s.choice("all_late") == "largest_score" ? AllLate::largest_score : AllLate::latest_release;
}

} // namespace detail

} // namespace terastal
