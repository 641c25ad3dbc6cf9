#include <cmath>

#include <gtest/gtest.h>

#include "property/random_scenario.hpp"
#include "support/builders.hpp"
#include "terastal/experiment/run.hpp"

// What holds for the service of every schedule.
namespace terastal::testing {
namespace {

TEST(ServiceMetricsProperty, BoundsAndIdentities) {
  check_property(1, 150, [] {
    ScenarioFeatures features;
    features.noise = false; // else a job may beat its estimate
    const Scenario s = random_scenario(features);
    const char* policies[] = {"fcfs", "edf", "llf", "sjf:placement=earliest_finish"};
    const RunResult r = terastal::run(s, testing::known_policies().parse(policies[pick(0, 3)]));
    const ServiceResult& v = r.service.value();
    std::size_t with_jobs = 0;
    bool all_completed = true;
    for (std::size_t t = 0; t < r.tasks.size(); ++t) {
      with_jobs += r.tasks[t].released > 0 ? 1 : 0;
      all_completed = all_completed && (r.tasks[t].released == 0 || r.tasks[t].completed > 0);
      RC_ASSERT(v.tasks[t].progress.has_value() == (r.tasks[t].released > 0));
      RC_ASSERT(v.tasks[t].slowdown.value_or(1.0) >= 1.0);
      RC_ASSERT(v.tasks[t].progress.value_or(1.0) <= 1.0);
      const XrbenchScores& x = v.tasks[t].xrbench;
      RC_ASSERT(x.clean >= 0.0 && x.clean <= 1.0 && x.clean_accuracy <= x.clean);
      RC_ASSERT(x.code <= x.clean + 1e-12); // energies are far below the largest
    }
    RC_ASSERT(v.stp.has_value() == (with_jobs > 0));
    if (with_jobs == 0) return;
    const auto n = static_cast<double>(with_jobs);
    RC_ASSERT(v.antt.value_or(1.0) >= 1.0);
    RC_ASSERT(*v.stp >= 0.0 && *v.stp <= n * (1.0 + 1e-12));
    RC_ASSERT(std::abs(*v.wst - *v.stp) <= 1e-9); // all weights are equal
    RC_ASSERT(std::abs(*v.sla + r.weighted_miss_rate - 1.0) <= 1e-12);
    RC_ASSERT(std::abs(*v.sla_tasks + r.mean_miss_rate - 1.0) <= 1e-12);
    if (v.fairness) RC_ASSERT(*v.fairness >= 0.0 && *v.fairness <= 1.0);
    if (all_completed) RC_ASSERT(v.fairness.value() > 0.0);
    if (v.uxcost) RC_ASSERT(*v.uxcost > 0.0);
  });
}

// Powers of two scale without rounding.
TEST(ServiceMetricsProperty, OnlyRatiosOfWeightsMatter) {
  check_property(2, 40, [] {
    Scenario s = random_scenario();
    for (Task& task : s.tasks) task.weight = 0.5 * pick(1, 8);
    Scenario doubled = s;
    for (Task& task : doubled.tasks) task.weight *= 2.0;
    const auto policy = testing::known_policies().parse("edf");
    const ServiceResult a = terastal::run(s, policy).service.value();
    const ServiceResult b = terastal::run(doubled, policy).service.value();
    RC_ASSERT(a.wst == b.wst);
    RC_ASSERT(a.fairness == b.fairness);
  });
}

} // namespace
} // namespace terastal::testing
