#include "terastal/sweep/run_sweep.hpp"

#include <algorithm> // binary_search, max, sort
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread> // hardware_concurrency, jthread
#include <utility>

#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

namespace terastal {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Calls `work` on so many threads at once and waits.
void on_threads(std::size_t threads, const std::function<void()>& work) {
  if (threads == 1) return work();
#if defined(__SANITIZE_THREAD__)
  // oneTBB is not built for the thread sanitizer, which takes every task that it hands over for a race.
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < threads; ++i) others.emplace_back(work);
  work();
#else
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  // More threads than cores are allowed when they are asked for.
  const tbb::global_control allowed(tbb::global_control::max_allowed_parallelism, std::max(threads, cores));
  tbb::task_arena arena(static_cast<int>(threads));
  arena.execute([&] {
    tbb::task_group group;
    for (std::size_t i = 0; i < threads; ++i) group.run(work);
    group.wait();
  });
#endif
}

/// One call of run_sweep. Every thread goes through `work`; what they share is behind two locks: one for taking cells,
/// one for what is finished. Helpers elsewhere do by the exchange what `work` does.
class Farm final : private CellExchange {
 public:
  Farm(const Sweep& sweep, const CellSink& sink, const SweepOptions& options)
      : sink_(sink), options_(options), runner_(sweep, options.scenarios, options.cost_models),
        sizes_(runner_, sweep, kSamples, options.keep_going) {
    std::vector<CellIndex> held = sink.held();
    summary_.plan = plan_sweep(sweep, runner_.cells(), sizes_, options.shard, held, options.keep_going);
    for (const SweepPart& part : summary_.plan.parts) first_.push_back(part.first);
    std::sort(first_.begin(), first_.end());
    find_parts(sweep);
    pending_.emplace(runner_.cells(), options.shard, std::move(held));
    if (!summary_.plan.complete) {
      stop_ = true;
    } else if (options_.planned) {
      options_.planned(summary_.plan);
    }
  }

  SweepSummary run() {
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    const std::uint64_t wanted = options_.threads == 0 ? cores : options_.threads;
    const auto threads = static_cast<std::size_t>(std::max<std::uint64_t>(1, std::min(wanted, summary_.plan.to_do)));
    start_ = Clock::now();
    if (options_.helpers == nullptr) {
      on_threads(threads, [this] { work(); });
    } else {
      const std::jthread own([&] { on_threads(threads, [this] { work(); }); });
      guarded([this] { options_.helpers->help(*this); });
    }
    finish();
    return std::move(summary_);
  }

 private:
  static constexpr std::size_t kSamples = 64; ///< scenarios that are looked at for the plan

  void work() {
    guarded([this] {
      while (const auto cell = next()) {
        if (is_first(*cell)) runner_.prepare(*cell);
        const auto start = Clock::now();
        const auto result = runner_.run(*cell, options_.keep_going);
        if (!result) return; // interrupted
        deliver(*result, seconds_since(start));
      }
    });
  }

  /// What `work` throws ends the sweep.
  template <typename Work>
  void guarded(Work&& work) {
    try {
      work();
    } catch (...) {
      const std::scoped_lock lock(finished_);
      if (!error_) error_ = std::current_exception();
      stop_ = true;
    }
  }

  std::optional<CellIndex> next() {
    if (stopped()) return std::nullopt;
    const std::scoped_lock lock(taking_);
    const auto cell = next_of_all();
    if (cell) ++taken_;
    return cell;
  }

  std::optional<CellIndex> next_of_all() {
    if (next_first_ < first_.size()) return first_[next_first_++];
    for (;;) {
      const auto cell = pending_->next();
      if (!cell || !is_first(*cell)) return cell;
    }
  }

  std::optional<HandedCell> take() override {
    const auto cell = next();
    if (!cell) return std::nullopt;
    const SweepPart& part = summary_.plan.parts[part_of(*cell)];
    const double jobs = sizes_.of(*cell).jobs + 1.0;
    const std::scoped_lock lock(finished_);
    if (!part.seconds_per_job) return HandedCell{*cell, std::nullopt};
    return HandedCell{*cell, jobs * *part.seconds_per_job};
  }

  [[nodiscard]] std::uint64_t left() const override { return summary_.plan.to_do - taken_; }

  [[nodiscard]] bool stopped() override { return stop_ || (options_.keep_going && !options_.keep_going()); }
  void stop() override { stop_ = true; }

  [[nodiscard]] bool is_first(CellIndex cell) const { return std::binary_search(first_.begin(), first_.end(), cell); }

  void find_parts(const Sweep& sweep) {
    using Kind = SweepAxis::Kind;
    scenario_axis_ = static_cast<std::size_t>(sweep.axis(Kind::scenario) - sweep.axes.data());
    policy_axis_ = static_cast<std::size_t>(sweep.axis(Kind::policy) - sweep.axes.data());
    policies_ = sweep.policies.size();
    part_of_.resize(sweep.scenario_files.size() * policies_);
    done_.resize(summary_.plan.parts.size());
    for (std::size_t p = 0; p < summary_.plan.parts.size(); ++p) {
      part_of_[summary_.plan.parts[p].scenario * policies_ + summary_.plan.parts[p].policy] = p;
    }
  }

  [[nodiscard]] std::size_t part_of(CellIndex cell) const {
    const SweepCells& cells = runner_.cells();
    return part_of_[cells.value_of(cell, scenario_axis_) * policies_ + cells.value_of(cell, policy_axis_)];
  }

  /// `seconds`: how long it took.
  void deliver(const CellResult& result, double seconds) override {
    const std::vector<std::string> values = runner_.cells().texts_of(result.cell);
    const double jobs = sizes_.of(result.cell).jobs + 1.0;
    const std::size_t part = part_of(result.cell);
    const std::scoped_lock lock(finished_);
    if (error_ || !add(values, result)) return;
    ++summary_.done;
    if (result.failed()) note_failure(result);
    done_[part] += jobs;
    if (is_first(result.cell)) {
      summary_.plan.parts[part].seconds_per_job = seconds / jobs;
      if (++measured_ == first_.size() && options_.measured) options_.measured(summary_.plan);
    }
    if (options_.progress) options_.progress(progress());
  }

  /// With the lock held, so that the first error of the sink is the one that is reported. \returns false after it.
  bool add(const std::vector<std::string>& values, const CellResult& result) {
    try {
      sink_.add(values, result);
      return true;
    } catch (...) {
      error_ = std::current_exception();
      stop_ = true;
      return false;
    }
  }

  void note_failure(const CellResult& result) {
    ++summary_.failed;
    if (options_.fail_fast) stop_ = true;
    auto& failures = summary_.failures;
    const auto place = std::find_if(failures.begin(), failures.end(),
                                    [&](const FailedCell& other) { return other.cell > result.cell; });
    failures.insert(place, {result.cell, result.error});
    if (failures.size() > SweepSummary::kFailures) failures.pop_back();
  }

  [[nodiscard]] SweepProgress progress() const {
    SweepProgress progress;
    progress.done = summary_.done;
    progress.total = summary_.plan.to_do;
    progress.failed = summary_.failed;
    progress.seconds = seconds_since(start_);
    if (measured_ == 0) return progress;
    const std::vector<SweepPart>& parts = summary_.plan.parts;
    double sum = 0.0;
    for (const SweepPart& part : parts) sum += part.seconds_per_job.value_or(0.0);
    const double usual = sum / static_cast<double>(measured_); // where nothing was measured yet
    double done = 0.0;
    double all = 0.0;
    for (std::size_t p = 0; p < done_.size(); ++p) {
      const double seconds_per_job = parts[p].seconds_per_job.value_or(usual);
      done += done_[p] * seconds_per_job;
      all += (parts[p].jobs + static_cast<double>(parts[p].cells)) * seconds_per_job;
    }
    if (done > 0.0) progress.seconds_left = std::max(0.0, progress.seconds * (all - done) / done);
    return progress;
  }

  void finish() {
    summary_.seconds = seconds_since(start_);
    summary_.complete = summary_.plan.complete && summary_.done == summary_.plan.to_do;
    if (!error_) return sink_.commit();
    try {
      sink_.commit();
    } catch (...) { // the first error says what is wrong
    }
    std::rethrow_exception(error_);
  }

  const CellSink& sink_;
  const SweepOptions& options_;
  CellRunner runner_;
  CellSizes sizes_;
  std::vector<CellIndex> first_;     ///< one cell of each part, ascending
  std::vector<std::size_t> part_of_; ///< by scenario and policy
  std::size_t scenario_axis_ = 0;
  std::size_t policy_axis_ = 0;
  std::size_t policies_ = 1;

  std::mutex taking_;
  std::optional<PendingCells> pending_;
  std::size_t next_first_ = 0;
  std::atomic<std::uint64_t> taken_ = 0;

  std::mutex finished_;
  SweepSummary summary_;
  std::size_t measured_ = 0; ///< of first_
  std::vector<double> done_; ///< expected jobs of the finished cells, one more for each cell, by part
  std::exception_ptr error_;

  std::atomic<bool> stop_ = false;
  Clock::time_point start_;
};

} // namespace

SweepSummary run_sweep(const Sweep& sweep, const CellSink& sink, const SweepOptions& options) {
  return Farm(sweep, sink, options).run();
}

SweepSummary run_sweep(const Sweep& sweep, ResultStore& store, const SweepOptions& options) {
  CellSink sink;
  sink.held = [&] { return store.cells(); };
  sink.add = [&](const std::vector<std::string>& values, const CellResult& result) { store.add(values, result); };
  sink.commit = [&] { store.commit(); };
  return run_sweep(sweep, sink, options);
}

} // namespace terastal
