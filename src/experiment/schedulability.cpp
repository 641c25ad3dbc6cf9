#include "terastal/experiment/schedulability.hpp"

#include <memory>
#include <mutex>

#include "experiment/parallel.hpp"
#include "terastal/core/error.hpp"
#include "terastal/sched/lalarand.hpp"
#include "terastal/sim/simulator.hpp"

namespace terastal {
namespace {

/// What one method did with one set.
struct Verdict {
  bool simulated = false;
  std::optional<bool> analysed;
  double loss = 0.0; ///< sum over jobs
  double largest_loss = 0.0;
  std::size_t jobs = 0;
};

/// Task set number `set` of a utilisation, under all methods.
struct SetResult {
  double utilisation = 0.0;
  std::vector<Verdict> verdicts;
  bool finished = false;
};

/// Notes whether a job missed, and what accuracy jobs lost.
class Watch : public Observer {
 public:
  Watch(const Scenario& scenario, Verdict& verdict) : scenario_(scenario), verdict_(verdict) {
    verdict_.simulated = true;
  }

  [[nodiscard]] unsigned interests() const override { return job_ends; }
  void on_job_end(const JobEndEvent& e) override {
    if (e.missed()) verdict_.simulated = false;
    const double loss = scenario_.network_of(e.task).accuracy.loss(e.variants).value_or(0.0);
    ++verdict_.jobs;
    verdict_.loss += loss;
    verdict_.largest_loss = std::max(verdict_.largest_loss, loss);
  }

 private:
  const Scenario& scenario_;
  Verdict& verdict_;
};

/// Plans made for one task set, so that methods that differ at run time only share them.
class Plans {
 public:
  explicit Plans(const Scenario& set) : set_(set) {}

  const AllocationPlan& of(const AllocationOptions& options) {
    for (const auto& [known, plan] : plans_) {
      if (known == options) return plan;
    }
    return plans_.emplace_back(options, plan_allocation(set_, options)).second;
  }

 private:
  const Scenario& set_;
  std::vector<std::pair<AllocationOptions, AllocationPlan>> plans_;
};

Verdict try_method(const Scenario& set, const SchedulabilityMethod& method, Plans& plans) {
  Verdict verdict;
  const std::unique_ptr<Scheduler> scheduler = method.policy.make();
  if (auto* lalarand = dynamic_cast<LalarandScheduler*>(scheduler.get())) {
    const LalarandOptions& options = lalarand->options();
    const AllocationPlan& plan = plans.of(options.allocation);
    const bool fixed = !options.migration && options.order != LalarandOptions::Order::laxity;
    if (fixed && plan.holds) verdict.analysed = plan.schedulable;
    lalarand->reuse(plan);
  }
  Watch watch(set, verdict);
  Simulator simulator(set, *scheduler);
  simulator.add_observer(watch);
  simulator.run([&] { return verdict.simulated; });
  if (verdict.analysed.value_or(false) && !verdict.simulated) {
    throw SimulationError("method " + method.name + ": a deadline was missed that the response-time bounds promised");
  }
  return verdict;
}

/// The task sets, each under all methods.
class TaskSets {
 public:
  TaskSets(const Scenario& pool, const std::vector<SchedulabilityMethod>& methods, const SchedulabilityOptions& options)
      : source_(pool, options.task_sets), methods_(methods), options_(options),
        results_(options.utilisations.size() * options.sets) {
    for (const double u : options.utilisations) check(u);
  }

  /// Draws and tries them all, or until interrupted.
  const std::vector<SetResult>& try_all() {
    for_each_index(results_.size(), options_.threads, options_.keep_going, [this](std::size_t i) {
      results_[i] = one_set(i);
      report();
      return true;
    });
    return results_;
  }

 private:
  void check(double utilisation) const {
    if (utilisation >= source_.smallest() && utilisation <= source_.largest()) return;
    (void)source_.draw(utilisation, RandomStream(0, 0, Purpose::arrivals)); // says what is possible
  }

  [[nodiscard]] SetResult one_set(std::size_t i) const {
    const std::size_t point = i / options_.sets;
    const RandomStream random(options_.seed, i % options_.sets, Purpose::arrivals, point);
    const Scenario set = source_.draw(options_.utilisations[point], random);
    SetResult result;
    result.utilisation = source_.utilisation(set);
    Plans plans(set);
    for (const SchedulabilityMethod& method : methods_) result.verdicts.push_back(try_method(set, method, plans));
    result.finished = true;
    return result;
  }

  void report() {
    const std::scoped_lock lock(mutex_);
    ++done_;
    if (options_.progress) options_.progress(done_, results_.size());
  }

  TaskSetSource source_;
  const std::vector<SchedulabilityMethod>& methods_;
  const SchedulabilityOptions& options_;
  std::vector<SetResult> results_;
  std::mutex mutex_;
  std::size_t done_ = 0;
};

/// Sums over the sets [first, end).
UtilisationPoint sum_up(const std::vector<SetResult>& results, std::size_t first, std::size_t end,
                        std::size_t methods) {
  UtilisationPoint point;
  point.methods.resize(methods);
  std::vector<std::size_t> jobs(methods);
  for (std::size_t i = first; i < end; ++i) {
    if (!results[i].finished) continue;
    ++point.sets;
    point.mean += results[i].utilisation;
    for (std::size_t m = 0; m < methods; ++m) {
      const Verdict& v = results[i].verdicts[m];
      MethodCount& count = point.methods[m];
      if (v.analysed) count.analysed = count.analysed.value_or(0) + (*v.analysed ? 1 : 0);
      if (!v.simulated) continue;
      ++count.simulated;
      count.accuracy_loss += v.loss;
      count.largest_loss = std::max(count.largest_loss, v.largest_loss);
      jobs[m] += v.jobs;
    }
  }
  if (point.sets > 0) point.mean /= static_cast<double>(point.sets);
  for (std::size_t m = 0; m < methods; ++m) {
    if (jobs[m] > 0) point.methods[m].accuracy_loss /= static_cast<double>(jobs[m]);
  }
  return point;
}

} // namespace

std::vector<SchedulabilityMethod> lalarand_methods() {
  PolicyRegistry registry;
  registry.add(lalarand_policy());
  std::vector<SchedulabilityMethod> methods;
  for (const char* rule : {"all_gpu", "preferred", "static", "dart_gc", "dart_cg"}) {
    methods.push_back({rule, registry.parse(std::string("lalarand:migration=false:allocation=") + rule)});
  }
  methods.push_back({"lalarand_static", registry.parse("lalarand:migration=false")});
  methods.push_back({"lalarand", registry.parse("lalarand")});
  return methods;
}

Schedulability schedulability(const Scenario& pool, const std::vector<SchedulabilityMethod>& methods,
                              const SchedulabilityOptions& options) {
  TaskSets sets(pool, methods, options);
  const std::vector<SetResult>& results = sets.try_all();
  Schedulability result;
  for (std::size_t p = 0; p < options.utilisations.size(); ++p) {
    result.points.push_back(sum_up(results, p * options.sets, (p + 1) * options.sets, methods.size()));
    result.points.back().target = options.utilisations[p];
  }
  result.total = sum_up(results, 0, results.size(), methods.size());
  result.complete = result.total.sets == results.size();
  return result;
}

} // namespace terastal
