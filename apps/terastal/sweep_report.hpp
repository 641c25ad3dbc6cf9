#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "terastal/sweep/rank_team.hpp"
#include "terastal/sweep/run_sweep.hpp"
#include "terminal.hpp"

namespace terastal::cli {

/// What the command line asks for.
struct SweepRequest {
  std::string store; ///< path
  SweepOptions options;
  bool dry_run = false;
  bool measure = false;
  bool retry_failed = false;
  bool allow_failed = false;
  bool quiet = false;
  RankTeam* team = nullptr; ///< other processes that run cells too

  /// Of all processes.
  [[nodiscard]] std::size_t threads() const { return options.threads + (team == nullptr ? 0 : team->threads()); }
};

/// `0.4 s`, `25 s`, `3 min 20 s`, `5 h 10 min`.
[[nodiscard]] std::string time_text(double seconds);

// All on standard error; nothing when the request is quiet, but for failures.

/// That there are so many cells that counting them takes a while.
void show_counting(const Sweep& sweep, const SweepRequest& request);
/// What is going to be done.
void show_plan(const Sweep& sweep, const SweepPlan& plan, const SweepRequest& request);
/// What it is going to cost, when the first cells have run.
void show_cost(const SweepPlan& plan, const SweepRequest& request, Progress& progress);
/// What was done.
void show_end(const SweepSummary& summary, const SweepRequest& request);
/// The first cells that failed, and how many more.
void show_failures(const Sweep& sweep, const SweepSummary& summary);

/// Tells how far the reading of a sweep is when it takes long: on a terminal all the time, elsewhere once.
class ReadingTeller {
 public:
  explicit ReadingTeller(bool quiet);
  void operator()(std::size_t done, std::size_t total);

 private:
  bool quiet_;
  bool told_ = false;
  Progress line_;
};

/// Tells how far a sweep is: on a terminal all the time, elsewhere once a minute.
class SweepTeller {
 public:
  explicit SweepTeller(bool quiet);
  void operator()(const SweepProgress& progress);
  [[nodiscard]] Progress& line() { return line_; }

 private:
  using Clock = std::chrono::steady_clock;

  bool quiet_;
  Progress line_;
  Clock::time_point last_ = Clock::now();
};

} // namespace terastal::cli
