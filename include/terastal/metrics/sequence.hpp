#pragma once

#include <bit>
#include <cstdint>
#include <deque>
#include <optional>

#include "terastal/sim/observer.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// Statistics over the outcomes of one task's jobs in release order, though jobs may end in any order.
///
/// Holds back outcomes until all earlier jobs have ended, so its memory is bounded by the jobs in flight.
class OutcomeSequence {
 public:
  enum class Outcome : std::uint8_t { pending, met, missed, uncounted };

  OutcomeSequence() = default;
  explicit OutcomeSequence(std::optional<FirmRequirement> firm) : firm_(firm) {}

  void add(JobIndex job, Outcome outcome) {
    if (job == next_ && held_.empty()) {
      ++next_;
      return consume(outcome);
    }
    const std::size_t place = job - next_;
    if (held_.size() <= place) held_.resize(place + 1, Outcome::pending);
    held_[place] = outcome;
    while (!held_.empty() && held_.front() != Outcome::pending) {
      consume(held_.front());
      held_.pop_front();
      ++next_;
    }
  }

  [[nodiscard]] std::uint64_t longest_miss_run() const { return longest_run_; }
  /// Windows of k consecutive counted jobs with fewer than m in time.
  [[nodiscard]] std::uint64_t firm_violations() const { return violations_; }

 private:
  void consume(Outcome outcome) {
    if (outcome == Outcome::uncounted) return;
    const bool missed = outcome == Outcome::missed;
    run_ = missed ? run_ + 1 : 0;
    longest_run_ = run_ > longest_run_ ? run_ : longest_run_;
    if (!firm_) return;
    const std::uint64_t window = firm_->k == 64 ? ~0ULL : (1ULL << firm_->k) - 1;
    met_ = (met_ << 1 | (missed ? 0U : 1U)) & window;
    ++seen_;
    if (seen_ >= static_cast<std::uint64_t>(firm_->k) && std::popcount(met_) < firm_->m) ++violations_;
  }

  std::optional<FirmRequirement> firm_;
  std::deque<Outcome> held_;
  JobIndex next_ = 0;
  std::uint64_t run_ = 0;
  std::uint64_t longest_run_ = 0;
  std::uint64_t met_ = 0; ///< the last k outcomes, newest in bit 0
  std::uint64_t seen_ = 0;
  std::uint64_t violations_ = 0;
};

} // namespace terastal
