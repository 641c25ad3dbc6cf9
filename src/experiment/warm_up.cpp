#include "terastal/experiment/warm_up.hpp"

#include <algorithm> // all_of, max, min, sort
#include <chrono>    // ceil
#include <tuple>

#include "experiment/parallel.hpp"
#include "terastal/experiment/run.hpp"

namespace terastal {
namespace {

constexpr std::size_t kLeastKept = 5;     ///< batches; fewer can look alike by chance
constexpr std::size_t kLeastBatches = 10; ///< of a series that can tell anything

std::vector<double> batch_means(std::span<const double> series, std::size_t batch) {
  std::vector<double> means(series.size() / batch);
  for (std::size_t b = 0; b < means.size(); ++b) {
    for (const double value : series.subspan(b * batch, batch)) means[b] += value;
    means[b] /= static_cast<double>(batch);
  }
  return means;
}

/// One job of a pilot run.
struct JobPoint {
  Time release;
  TaskIndex task;
  JobIndex job;
  double value; ///< response time / relative deadline

  bool operator<(const JobPoint& o) const { return std::tie(release, task, job) < std::tie(o.release, o.task, o.job); }
};

class JobCollector : public Observer {
 public:
  explicit JobCollector(const Scenario& scenario) : scenario_(&scenario) {}

  [[nodiscard]] unsigned interests() const override { return job_ends; }
  void on_job_end(const JobEndEvent& e) override {
    const double deadline = to_seconds(scenario_->tasks[e.task].deadline);
    points_.push_back({e.release, e.task, e.job, to_seconds(e.time - e.release) / deadline});
  }

  /// In order of release. Call once, after the run.
  [[nodiscard]] std::vector<JobPoint> take() {
    std::sort(points_.begin(), points_.end());
    return std::move(points_);
  }

 private:
  const Scenario* scenario_;
  std::vector<JobPoint> points_;
};

using Pilot = std::vector<JobPoint>;

std::vector<double> average(std::span<const Pilot> pilots) {
  std::size_t length = pilots.front().size();
  for (const Pilot& pilot : pilots) length = std::min(length, pilot.size());
  std::vector<double> series(length);
  for (std::size_t k = 0; k < length; ++k) {
    for (const Pilot& pilot : pilots) series[k] += pilot[k].value;
    series[k] /= static_cast<double>(pilots.size());
  }
  return series;
}

/// A time that people can read and write.
Duration up_to_microseconds(Duration d) { return std::chrono::ceil<std::chrono::microseconds>(d); }

PolicyWarmUp warm_up_of(const std::string& policy, std::span<const Pilot> pilots) {
  PolicyWarmUp result{policy, mser(average(pilots)), {}};
  if (result.cut.deleted == 0) return result;
  for (const Pilot& pilot : pilots) {
    result.warm_up = std::max(result.warm_up, pilot[result.cut.deleted].release.time_since_epoch());
  }
  result.warm_up = up_to_microseconds(result.warm_up);
  return result;
}

} // namespace

MserCut mser(std::span<const double> series, std::size_t batch) {
  MserCut cut;
  cut.length = series.size();
  const std::vector<double> means = batch_means(series, batch);
  const std::size_t n = means.size();
  if (n < kLeastBatches) return cut;
  // Sums from the end, shifted so that a constant series gives exactly zero.
  double sum = 0.0;
  double squares = 0.0;
  std::size_t best = n;
  for (std::size_t d = n; d-- > 0;) {
    const double y = means[d] - means.back();
    sum += y;
    squares += y * y;
    const auto kept = static_cast<double>(n - d);
    const double statistic = std::max(0.0, squares - sum * sum / kept) / (kept * kept);
    if (n - d < kLeastKept || (best < n && statistic > cut.statistic)) continue;
    best = d;
    cut.statistic = statistic;
  }
  cut.deleted = best * batch;
  cut.accepted = 2 * best <= n;
  return cut;
}

WarmUpEstimate estimate_warm_up(const Scenario& scenario, const std::vector<Policy>& policies,
                                const WarmUpOptions& options) {
  const std::size_t n = options.replications;
  std::vector<Pilot> pilots(policies.size() * n);
  std::vector<char> finished(pilots.size(), 0);
  for_each_index(pilots.size(), options.threads, options.keep_going, [&](std::size_t i) {
    JobCollector collector(scenario);
    RunOptions run_options;
    run_options.seed = options.first_seed + i % n;
    run_options.service.reset();
    run_options.observers = {&collector};
    if (options.keep_going) run_options.keep_going = [&](Time) { return options.keep_going(); };
    if (!run(scenario, policies[i / n], run_options).complete) return false;
    pilots[i] = collector.take();
    finished[i] = 1;
    return true;
  });

  WarmUpEstimate result;
  result.first_seed = options.first_seed;
  result.replications = n;
  if (!std::all_of(finished.begin(), finished.end(), [](char f) { return f != 0; })) return result;
  Duration longest{0};
  bool accepted = true;
  for (std::size_t p = 0; p < policies.size(); ++p) {
    result.policies.push_back(warm_up_of(policies[p].label, std::span(pilots).subspan(p * n, n)));
    longest = std::max(longest, result.policies.back().warm_up);
    accepted = accepted && result.policies.back().cut.accepted;
  }
  if (accepted) result.warm_up = longest;
  return result;
}

} // namespace terastal
