#include <algorithm> // max
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <new> // bad_alloc
#include <thread>
#include <utility>
#include <vector>

#include "sweep/rank_messages.hpp"
#include "sweep/rank_times.hpp"
#include "terastal/sweep/rank_team.hpp"

namespace terastal {
namespace {

using Clock = std::chrono::steady_clock;

/// Cells that wait for the threads of this rank, and results that wait to be sent.
class Bench {
 public:
  void add(const std::vector<CellIndex>& cells) {
    const std::scoped_lock lock(mutex_);
    cells_.insert(cells_.end(), cells.begin(), cells.end());
    changed_.notify_all();
  }

  /// Waits for a cell; nothing when the work is over.
  std::optional<CellIndex> next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return over_ || !cells_.empty(); });
    if (over_) return std::nullopt;
    const CellIndex cell = cells_.front();
    cells_.pop_front();
    return cell;
  }

  void finish(TimedResult result) {
    const std::scoped_lock lock(mutex_);
    finished_.push_back(std::move(result));
  }

  /// Results so far, each once.
  std::vector<TimedResult> take_finished() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(finished_, {});
  }
  /// No cell waits.
  [[nodiscard]] bool is_dry() {
    const std::scoped_lock lock(mutex_);
    return cells_.empty();
  }

  void end() {
    const std::scoped_lock lock(mutex_);
    over_ = true;
    changed_.notify_all();
  }
  [[nodiscard]] bool over() const { return over_; }

  void fail(const std::exception_ptr& error) {
    const std::scoped_lock lock(mutex_);
    if (!error_) error_ = error;
  }
  [[nodiscard]] std::exception_ptr error() {
    const std::scoped_lock lock(mutex_);
    return error_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<CellIndex> cells_;
  std::vector<TimedResult> finished_;
  std::exception_ptr error_;
  std::atomic<bool> over_ = false;
};

/// Runs cells until the work is over.
void work(Bench& bench, CellRunner& runner) {
  try {
    while (const auto cell = bench.next()) {
      runner.prepare(*cell); // rank 0 estimates from the time of the run alone
      const auto start = Clock::now();
      auto result = runner.run(*cell, [&] { return !bench.over(); });
      if (!result) return;
      bench.finish({std::chrono::duration<double>(Clock::now() - start).count(), *std::move(result)});
    }
  } catch (...) {
    bench.fail(std::current_exception());
  }
}

std::string text_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::bad_alloc&) {
    return "out of memory";
  } catch (const std::exception& e) {
    return e.what();
  }
}

/// This rank's talk with rank 0.
class Talk {
 public:
  explicit Talk(Transport& transport) : transport_(transport) {}

  void say(std::string message) { transport_.send(0, std::move(message)); }

  void say_failure(RankFailure::Kind kind, std::string reason) {
    if (failed_) return;
    failed_ = true;
    failed_at_ = Clock::now();
    told_to_end_ = kind == RankFailure::Kind::told_to_end;
    say(write_failure({this_place(), kind, std::move(reason)}));
  }

  /// Takes what rank 0 says; cells go to the bench.
  void listen(Bench* bench) {
    while (const auto message = transport_.receive()) {
      if (kind_of(message->bytes) == RankMessageKind::dismissed) {
        dismissed_ = true;
      } else if (bench != nullptr) {
        bench->add(read_cells(message->bytes));
      }
    }
  }

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool dismissed() const { return dismissed_; }
  /// Whoever told this rank to end told rank 0 as well, perhaps, which is gone then.
  [[nodiscard]] bool given_up() const { return told_to_end_ && Clock::now() - failed_at_ > kPatienceOfMember; }

  bool part() {
    if (!dismissed_) return false;
    say(plain_message(RankMessageKind::good_bye));
    transport_.finish();
    return true;
  }

 private:
  Transport& transport_;
  bool dismissed_ = false;
  bool failed_ = false;
  bool told_to_end_ = false;
  Clock::time_point failed_at_;
};

/// Threads that are joined in any case.
class Workers {
 public:
  Workers(Bench& bench, CellRunner& runner, std::size_t threads) : bench_(bench) {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([&] { work(bench, runner); });
  }
  ~Workers() {
    bench_.end();
    for (std::thread& thread : threads_) thread.join();
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

 private:
  Bench& bench_;
  std::vector<std::thread> threads_;
};

void send_finished(Talk& talk, Bench& bench) {
  const std::vector<TimedResult> finished = bench.take_finished();
  if (!finished.empty()) talk.say(write_results(finished));
}

/// Until rank 0 says that it is over. Results are sent a few at a time, but at once when this rank may soon be idle.
void converse(Talk& talk, Bench& bench, const MemberOptions& options, Clock::duration interval) {
  Clock::time_point last_sent = Clock::now();
  while (true) {
    talk.listen(&bench);
    if (talk.dismissed() || talk.given_up()) return;
    const bool told_to_end = options.keep_going && !options.keep_going();
    const auto now = Clock::now();
    if (!talk.failed() && (told_to_end || bench.is_dry() || now - last_sent >= interval)) {
      send_finished(talk, bench);
      last_sent = now;
    }
    if (const std::exception_ptr error = bench.error()) {
      talk.say_failure(RankFailure::Kind::other, text_of(error));
    } else if (told_to_end) {
      talk.say_failure(RankFailure::Kind::told_to_end, "was told to end");
    }
    if (talk.failed()) bench.end();
    std::this_thread::sleep_for(kPause);
  }
}

} // namespace

bool join_team(Transport& transport, const Sweep& sweep, const TeamTask& task, const MemberOptions& options) {
  Talk talk(transport);
  const std::size_t threads = std::max<std::size_t>(1, options.threads);
  talk.say(write_hello({this_place(), threads, task}));
  CellRunner runner(sweep, options.scenarios, options.cost_models);
  Bench bench;
  {
    const Workers workers(bench, runner, threads);
    converse(talk, bench, options, result_interval(transport.size()));
  }
  return talk.part();
}

bool decline_team(Transport& transport, const std::string& reason, bool bad_input) {
  Talk talk(transport);
  talk.say_failure(bad_input ? RankFailure::Kind::input : RankFailure::Kind::other, reason);
  while (!talk.dismissed()) {
    talk.listen(nullptr);
    std::this_thread::sleep_for(kPause);
  }
  return talk.part();
}

} // namespace terastal
