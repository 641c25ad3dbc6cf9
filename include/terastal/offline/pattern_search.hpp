#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace terastal {

/// Where a pattern search starts, and when it ends. Points lie in a box.
struct PatternSearchOptions {
  std::vector<double> start;
  std::vector<double> low;        ///< smallest value of each coordinate
  std::vector<double> high;       ///< largest value of each coordinate
  double radius = 0.25;           ///< first step, as a share of the box
  double smallest_radius = 0.025; ///< the search ends when the step falls below it
  int most_moves = 5;             ///< or after so many moves
};

/// Minimises a function that somebody else evaluates: `point()` is to be evaluated next, `tell` takes its value. All
/// 2n neighbours at the distance of the radius are probed, clipped to the box; the best one becomes the centre if it is
/// better, else the radius is halved. Deterministic; ties keep the earlier point.
///
/// Source: compass search (Kolda, Lewis, Torczon, SIAM Review 2003). With alpha and beta in [0, 2] and these defaults
/// it is our reading of how DREAM tunes its weights: "gradient-descent-like", usually five steps.
class PatternSearch {
 public:
  explicit PatternSearch(PatternSearchOptions options)
      : options_(std::move(options)), centre_(options_.start), radius_(options_.radius), point_(centre_) {}

  /// The point to evaluate next; the best one once the search is done.
  [[nodiscard]] const std::vector<double>& point() const { return point_; }

  /// The value of `point()`; smaller is better. Precondition: not done.
  void tell(double value) {
    ++evaluations_;
    if (!has_value_) {
      has_value_ = true;
      value_ = value;
    } else if (value < probe_value_ || probe_.empty()) {
      probe_ = point_;
      probe_value_ = value;
    }
    advance();
  }

  [[nodiscard]] bool done() const { return done_; }
  /// The best point so far.
  [[nodiscard]] const std::vector<double>& best() const { return centre_; }
  /// Its value. Precondition: one value was told.
  [[nodiscard]] double best_value() const { return value_; }
  [[nodiscard]] int moves() const { return moves_; }
  [[nodiscard]] int evaluations() const { return evaluations_; }

 private:
  /// Goes to the next probe; after the last of a round, moves or halves the radius.
  void advance() {
    for (;;) {
      while (next_probe_ < 2 * centre_.size()) {
        const std::size_t axis = next_probe_ / 2;
        const double sign = next_probe_ % 2 == 0 ? 1.0 : -1.0;
        ++next_probe_;
        const double step = sign * radius_ * (options_.high[axis] - options_.low[axis]);
        const double moved = std::clamp(centre_[axis] + step, options_.low[axis], options_.high[axis]);
        if (moved == centre_[axis]) continue; // at the edge of the box
        point_ = centre_;
        point_[axis] = moved;
        return;
      }
      finish_round();
      if (done_) return;
    }
  }

  void finish_round() {
    if (!probe_.empty() && probe_value_ < value_) {
      centre_ = probe_;
      value_ = probe_value_;
      ++moves_;
    } else {
      radius_ /= 2.0;
    }
    probe_.clear();
    next_probe_ = 0;
    done_ = radius_ < options_.smallest_radius || moves_ >= options_.most_moves;
    point_ = centre_;
  }

  PatternSearchOptions options_;
  std::vector<double> centre_;
  double value_ = 0.0;
  bool has_value_ = false;
  double radius_;
  std::vector<double> point_;
  std::size_t next_probe_ = 0;
  std::vector<double> probe_; ///< the best of this round; empty before the first
  double probe_value_ = 0.0;
  int moves_ = 0;
  int evaluations_ = 0;
  bool done_ = false;
};

} // namespace terastal
