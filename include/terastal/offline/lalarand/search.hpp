#pragma once

#include <algorithm> // copy, max
#include <cmath>     // llround
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility> // pair
#include <vector>

#include "terastal/offline/lalarand/baselines.hpp"
#include "terastal/offline/lalarand/problem.hpp"
#include "terastal/offline/lalarand/response.hpp"

namespace terastal {

struct AllocationSearchOptions {
  double least_accuracy = 0.0;            ///< relative to the baseline, on top of each task's own threshold
  std::uint64_t most_evaluations = 20000; ///< then the search gives up with the best allocation so far
};

struct AllocationSearchResult {
  Allocation allocation;
  ShortFall short_fall; ///< none: every response-time bound lies within its deadline
  std::uint64_t moves = 0;
  std::uint64_t evaluations = 0;
  bool gave_up = false; ///< `most_evaluations` was reached
};

/// Greedy allocation of layers against response-time bounds, within an accuracy budget: our stand-in for LaLaRAND's
/// heuristic, whose text was not available to us.
///
/// Starts from `allocate_preferred`, and if that ends in vain from `allocate_all_gpu`, and keeps the better end. While
/// some bound exceeds its deadline, it takes the most urgent such task and looks at moves of layers to another type, of
/// that task, of more urgent ones, and of those whose longest layer blocks it. A move takes one layer, or the
/// beginning, the end or the whole of a run of consecutive layers on one type; a layer moves once. It gets the
/// implementation that is fastest there within the budget. The move with the smallest (number of tasks beyond their
/// deadlines, sum of what they lack at their deadlines, added accuracy loss, added time) is made, the first in (rank,
/// layer) order on ties; without one that improves the first two the search ends.
[[nodiscard]] AllocationSearchResult search_allocation(const AllocationProblem& problem,
                                                       const AllocationSearchOptions& options);

namespace detail {

/// A run of layers of a task to be moved to a type.
struct LayerMove {
  std::size_t rank = 0;
  LayerIndex first = 0;
  LayerIndex end = 0;
  TypeIndex to = 0;
};

class AllocationSearch {
 public:
  AllocationSearch(const AllocationProblem& problem, const AllocationSearchOptions& options, Allocation start)
      : problem_(problem), options_(options), allocation_(std::move(start)), bounds_(problem, allocation_) {
    for (const NetworkAllocation& a : allocation_) moved_.emplace_back(a.size(), char{0});
    result_.short_fall = evaluate(ResponseBounds::kWorst);
  }

  AllocationSearchResult run() {
    while (!result_.short_fall.none() && step()) ++result_.moves;
    result_.allocation = std::move(allocation_);
    return std::move(result_);
  }

 private:
  /// What makes one move better than another; smaller first.
  using Key = std::tuple<std::uint32_t, std::int64_t, std::int64_t, Duration::rep>;

  struct Best {
    ShortFall fall = ResponseBounds::kWorst;
    Key key{};
    std::size_t rank = 0;
    LayerMove move;
    NetworkAllocation allocation;
    std::vector<ResourceLoad> loads;
    bool found = false;
  };

  ShortFall evaluate(const ShortFall& stop_at) {
    ++result_.evaluations;
    return bounds_.evaluate(stop_at);
  }

  bool step() {
    Best best;
    best.fall = result_.short_fall;
    for (const std::size_t rank : ranks_to_look_at()) {
      if (!look_at(rank, best)) break;
    }
    if (best.found) {
      bounds_.replace(best.rank, best.loads);
      std::fill(moved_[task_at(best.rank)].begin() + best.move.first,
                moved_[task_at(best.rank)].begin() + best.move.end, char{1});
      allocation_[task_at(best.rank)] = best.allocation;
    }
    // Bounds of the state as it is now, for the next step.
    const ShortFall now = bounds_.evaluate();
    result_.short_fall = now;
    return best.found;
  }

  [[nodiscard]] TaskIndex task_at(std::size_t rank) const { return problem_.by_rank[rank]; }

  /// The most urgent task beyond its deadline, what is more urgent, and what blocks it.
  [[nodiscard]] std::vector<std::size_t> ranks_to_look_at() const {
    std::size_t late = 0;
    while (bounds_.bounded(late)) ++late;
    std::vector<std::size_t> ranks;
    for (std::size_t i = 0; i <= late; ++i) ranks.push_back(i);
    for (std::size_t i = late + 1; i < bounds_.tasks(); ++i) {
      bool blocks = false;
      for (std::size_t r = 0; r < bounds_.types(); ++r) {
        const Duration::rep longest = bounds_.longest_below(late, r);
        blocks |= bounds_.load(late, r).stays > 0 && longest > 0 && bounds_.load(i, r).longest == longest;
      }
      if (blocks) ranks.push_back(i);
    }
    return ranks;
  }

  /// Tries all moves of one task. False when the evaluations are used up.
  bool look_at(std::size_t rank, Best& best) {
    const TaskIndex task = task_at(rank);
    const NetworkAllocation& now = allocation_[task];
    own_loads_.assign(bounds_.types(), {});
    for (std::size_t r = 0; r < bounds_.types(); ++r) own_loads_[r] = bounds_.load(rank, r);
    const auto count = static_cast<LayerIndex>(now.size());
    bool going = true;
    for (LayerIndex start = 0; start < count && going;) {
      LayerIndex end = start + 1;
      while (end < count && now[end].type == now[start].type) ++end;
      going = look_at_run(rank, start, end, best);
      start = end;
    }
    bounds_.replace(rank, own_loads_);
    return going;
  }

  /// Moves of a run [start, end) on one type: single layers, its beginnings, its ends, and the whole.
  bool look_at_run(std::size_t rank, LayerIndex start, LayerIndex end, Best& best) {
    for (const TypeIndex to : problem_.types) {
      if (to == allocation_[task_at(rank)][start].type) continue;
      for (LayerIndex l = start; l < end; ++l) {
        if (!attempt({rank, l, l + 1, to}, best)) return false;
      }
      for (LayerIndex l = start + 2; l <= end; ++l) {
        if (!attempt({rank, start, l, to}, best)) return false;
      }
      for (LayerIndex l = start + 1; l + 1 < end; ++l) {
        if (!attempt({rank, l, end, to}, best)) return false;
      }
    }
    return true;
  }

  bool attempt(const LayerMove& move, Best& best) {
    const TaskIndex task = task_at(move.rank);
    for (LayerIndex l = move.first; l < move.end; ++l) {
      if (moved_[task][l] != 0) return true;
    }
    if (!make(move)) return true;
    if (result_.evaluations >= options_.most_evaluations) {
      result_.gave_up = true;
      return false;
    }
    task_loads(problem_, task, trial_, trial_loads_);
    bounds_.replace(move.rank, trial_loads_);
    // One more than the best so far, so that ties come through to be settled.
    const ShortFall fall = evaluate({best.fall.unbounded, best.found ? best.fall.excess + 1 : best.fall.excess});
    if (!(fall < result_.short_fall) || best.fall < fall) return true;
    const Key key = key_of(task, fall);
    if (best.found && !(key < best.key)) return true;
    best = {fall, key, move.rank, move, trial_, trial_loads_, true};
    return true;
  }

  /// Fills `trial_` with the allocation after the move. False if a layer cannot run there within the budget.
  bool make(const LayerMove& move) {
    const TaskIndex task = task_at(move.rank);
    const AllocationTask& t = problem_.tasks[task];
    const double theta = std::max(t.theta, options_.least_accuracy);
    trial_ = allocation_[task];
    VariantSet used = 0;
    for (LayerIndex l = 0; l < trial_.size(); ++l) {
      if (l < move.first || l >= move.end) used |= t.network->options[trial_[l].option].variants;
    }
    for (LayerIndex l = move.first; l < move.end; ++l) {
      const OptionIndex option = fastest_option(*t.network, l, move.to, used, theta, problem_.variants);
      if (option == kNoOption) return false;
      trial_[l] = {move.to, option};
      used |= t.network->options[option].variants;
    }
    return true;
  }

  [[nodiscard]] Key key_of(TaskIndex task, const ShortFall& fall) const {
    constexpr double kUnits = 1e12;
    const Network& network = *problem_.tasks[task].network;
    const auto loss = [&](const NetworkAllocation& a) {
      return network.accuracy.loss(variants_of(network, a)).value_or(1.0);
    };
    const auto added_loss = std::llround((loss(trial_) - loss(allocation_[task])) * kUnits);
    Duration::rep added = 0;
    for (std::size_t r = 0; r < trial_loads_.size(); ++r) added += trial_loads_[r].sum - own_loads_[r].sum;
    return {fall.unbounded, fall.excess, added_loss, added};
  }

  const AllocationProblem& problem_;
  AllocationSearchOptions options_;
  Allocation allocation_;
  ResponseBounds bounds_;
  std::vector<std::vector<char>> moved_; ///< by task and layer
  AllocationSearchResult result_;
  NetworkAllocation trial_;
  std::vector<ResourceLoad> trial_loads_;
  std::vector<ResourceLoad> own_loads_; ///< of the task whose moves are tried
};

} // namespace detail

inline AllocationSearchResult search_allocation(const AllocationProblem& problem,
                                                const AllocationSearchOptions& options) {
  AllocationSearchResult found =
      detail::AllocationSearch(problem, options, allocate_preferred(problem, options.least_accuracy)).run();
  if (found.short_fall.none() || found.evaluations >= options.most_evaluations) return found;
  AllocationSearchOptions rest = options;
  rest.most_evaluations -= found.evaluations;
  AllocationSearchResult other = detail::AllocationSearch(problem, rest, allocate_all_gpu(problem)).run();
  other.evaluations += found.evaluations;
  if (other.short_fall < found.short_fall) return other;
  found.evaluations = other.evaluations;
  found.gave_up = other.gave_up;
  return found;
}

} // namespace terastal
