#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "property/event_log.hpp"
#include "property/random_scenario.hpp"
#include "terastal/sched/cd_msa.hpp"
#include "terastal/sched/planaria_spatial.hpp"
#include "terastal/sched/prema_preemptive.hpp"

// Policies that stop layers or run them on groups: CD-MSA, Planaria's spatial form, PREMA's mechanisms.
namespace terastal::testing {
namespace {

constexpr int kCases = 400;

using MakeScheduler = std::function<std::unique_ptr<Scheduler>()>;

std::vector<MakeScheduler> schedulers() {
  using Admission = CdMsaOptions::Admission;
  std::vector<MakeScheduler> all;
  for (const bool cooperation : {true, false}) {
    for (const Admission admission : {Admission::off, Admission::drop, Admission::demote}) {
      all.emplace_back([=] {
        return std::make_unique<CdMsaScheduler>(CdMsaOptions{cooperation, cooperation, admission});
      });
    }
  }
  all.emplace_back([] { return std::make_unique<SpatialPlanariaScheduler>(); });
  for (const TokenRule rule : {TokenRule::harness, TokenRule::elapsed}) {
    for (const PremaMechanism m :
         {PremaMechanism::drain, PremaMechanism::checkpoint, PremaMechanism::kill, PremaMechanism::dynamic}) {
      all.emplace_back([=] { return std::make_unique<PreemptivePremaScheduler>(rule, m, Duration{3ms}); });
    }
  }
  return all;
}

/// Tiles, contexts and groups on some types; probabilistic layers.
void extend(Scenario& s) {
  std::vector<std::uint32_t> counts(s.platform.types.size());
  for (const Accelerator& a : s.platform.accelerators) ++counts[a.type];
  for (std::size_t t = 0; t < counts.size(); ++t) {
    AcceleratorType& type = s.platform.types[t];
    if (chance(70)) type.preemption = Preemption{static_cast<std::uint32_t>(pick(1, 6)), {}};
    if (type.preemption && chance(50)) type.preemption->context = {pick_ms(0, 1), chance(50) ? 1e6 : 0.0};
    for (std::uint32_t size = 2; size <= counts[t]; ++size) {
      if (chance(70)) type.group_sizes.push_back(size);
    }
  }
  add_fusion(s);
  for (Network& n : s.networks) {
    for (Layer& l : n.layers) {
      if (chance(10)) l.skip_probability = 0.5;
      if (n.chain && chance(10)) l.exit_probability = 0.5;
    }
    for (OptionIndex o = 0; o < n.options.size(); ++o) {
      for (const auto& [type, size] : s.platform.groups()) {
        const Duration alone = n.latency_of(o, type);
        n.group_latency.push_back(alone == kCannotRun || chance(20) ? kCannotRun : alone / size + Duration{17});
      }
    }
  }
  for (Task& task : s.tasks) task.weight = pick(1, 12);
  validate(s);
}

TEST(PreemptivePolicies, SchedulesAreLegalCompleteAndRepeatable) {
  const std::vector<MakeScheduler> all = schedulers();
  std::vector<std::size_t> stops(all.size());
  std::vector<std::size_t> groups(all.size());
  std::vector<std::size_t> pairs(all.size());
  check_property(416, kCases / 2, [&] {
    Scenario s = random_scenario();
    extend(s);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto scheduler = all[i]();
      const LoggedRun out = logged_run(s, *scheduler);
      const auto errors = judge(s, out.log.events, out.work_conserving, out.may_drop);
      if (!errors.empty()) RC_FAIL(errors.front());
      RC_ASSERT(out.log.all<ReleaseEvent>().size() == out.log.all<JobEndEvent>().size());
      if (chance(20)) RC_ASSERT(logged_run(s, *all[i]()).result.digest == out.result.digest);
      stops[i] += out.log.all<StopEvent>().size();
      for (const StartEvent& e : out.log.all<StartEvent>()) {
        groups[i] += e.group > 1 ? 1U : 0U;
        pairs[i] += e.fused == Fused::second ? 1U : 0U;
      }
    }
  });
  // The cases do exercise what they are about.
  for (std::size_t i = 0; i < 7; ++i) EXPECT_GT(stops[i], 20U) << i;
  for (const std::size_t i : {0U, 1U, 2U, 6U}) EXPECT_GT(groups[i], 100U) << i;
  for (const std::size_t i : {0U, 1U, 2U}) EXPECT_GT(pairs[i], 10U) << i;
  for (const std::size_t i : {8U, 9U, 10U, 12U, 13U, 14U}) EXPECT_GT(stops[i], 20U) << i;
  EXPECT_EQ(stops[7] + stops[11], 0U); // drain
}

/// Adds a periodic task of `layers` layers of two units, each of two tiles.
void add_unit_tiles(Scenario& s, int layers, int period, int deadline, int phase) {
  const auto network = add_network(s, "n", std::vector<std::vector<Duration>>(static_cast<std::size_t>(layers), {2ms}));
  add_task(s, "t", network, Duration{1ms} * deadline,
           PeriodicArrivals{Duration{1ms} * period, Duration{1ms} * phase, Duration{0}});
}

// Goossens, Funk and Baruah 2003, for densities: global EDF meets all deadlines on m processors if Σδ ≤ m − (m − 1)
// δmax; EDZL meets whatever global EDF meets (Park et al. 2005). Everything happens at whole units, tiles are one unit.
TEST(CdMsa, MeetsAllDeadlinesThatGfbPromises) {
  constexpr std::array<int, 8> kPeriods{4, 6, 8, 10, 12, 15, 20, 30};
  std::size_t stops = 0;
  std::size_t full = 0; // sets beyond what one array could do
  check_property(2003, 3 * kCases, [&] {
    const int m = pick(1, 3);
    Scenario s = platform({{"array", m}}, 240ms);
    s.platform.types[0].preemption = Preemption{2, {}};
    double sum = 0.0;
    double largest = 0.0;
    for (int tries = pick(4, 14); tries > 0; --tries) {
      const int period = kPeriods[static_cast<std::size_t>(pick(0, 7))];
      const int layers = pick(1, period / 2);
      const int deadline = pick(std::max(2 * layers, period / 2), period);
      const double density = 2.0 * layers / deadline;
      const double most = std::max(largest, density);
      if (sum + density > m - (m - 1) * most + 1e-12) continue;
      sum += density;
      largest = most;
      add_unit_tiles(s, layers, period, deadline, pick(0, period - 1));
    }
    if (s.tasks.empty()) return;
    full += sum > 1.0 ? 1U : 0U;
    CdMsaScheduler scheduler(CdMsaOptions{});
    const LoggedRun out = logged_run(s, scheduler);
    for (const JobEndEvent& e : out.log.all<JobEndEvent>()) RC_ASSERT(!e.missed());
    stops += out.log.all<StopEvent>().size();
  });
  EXPECT_GT(stops, 100U);
  EXPECT_GT(full, 100U);
}

// Every admission plays all admitted jobs forward; what is refused changes nothing.
TEST(CdMsa, AdmittedJobsAreNeverLate) {
  std::size_t dropped = 0;
  std::size_t stops = 0;
  check_property(2023, 2 * kCases, [&] {
    Scenario s = random_scenario({.noise = false, .setup_costs = false, .late_rules = false, .dags = false});
    for (AcceleratorType& t : s.platform.types) {
      if (chance(80)) t.preemption = Preemption{static_cast<std::uint32_t>(pick(1, 6)), {}};
      if (t.preemption && chance(50)) t.preemption->context = {Duration{100us} * pick(0, 12), chance(50) ? 1e6 : 0.0};
    }
    CdMsaScheduler scheduler(CdMsaOptions{false, false, CdMsaOptions::Admission::drop});
    const LoggedRun out = logged_run(s, scheduler);
    for (const JobEndEvent& e : out.log.all<JobEndEvent>()) {
      RC_ASSERT(!e.late());
      dropped += e.dropped ? 1U : 0U;
    }
    stops += out.log.all<StopEvent>().size();
  });
  EXPECT_GT(dropped, 100U);
  EXPECT_GT(stops, 100U);
}

/// Planaria's division as its description reads, for sizes 1 to N, without repair of its holes where nobody can be in
/// time; ties by position.
struct Restated {
  explicit Restated(const std::vector<PlanariaTenant>& given, int arrays) : tenants(given), n(arrays) {
    for (const auto& t : tenants) {
      int least = 0;
      for (int size = n; size >= 1; --size) {
        if (t.estimates[static_cast<std::size_t>(size - 1)] <= t.slack) least = size;
      }
      needs.push_back(least);
    }
    share.assign(tenants.size(), 0);
  }

  static double seconds(Duration d) { return static_cast<double>(d.count()) * 1e-12; }
  double time(std::size_t i, int size) const {
    return seconds(tenants[i].estimates[static_cast<std::size_t>(size - 1)]);
  }
  int given() const { return std::accumulate(share.begin(), share.end(), 0); }

  /// Positions by descending value.
  static std::vector<std::size_t> by(const std::vector<double>& value) {
    std::multimap<double, std::size_t, std::greater<>> sorted;
    for (std::size_t i = 0; i < value.size(); ++i) sorted.emplace(value[i], i);
    std::vector<std::size_t> order;
    for (const auto& [v, i] : sorted) order.push_back(i);
    return order;
  }

  void run() {
    std::vector<double> score;
    const bool hopeless = std::count(needs.begin(), needs.end(), 0) == static_cast<int>(needs.size());
    const bool all = std::count(needs.begin(), needs.end(), 0) == 0;
    if (hopeless) return;
    if (all && std::accumulate(needs.begin(), needs.end(), 0) <= n) {
      for (std::size_t i = 0; i < needs.size(); ++i) score.push_back(tenants[i].weight / time(i, needs[i]));
      share = needs;
    } else {
      for (std::size_t i = 0; i < needs.size(); ++i) {
        score.push_back(needs[i] == 0 ? 0.0 : tenants[i].weight / (seconds(tenants[i].slack) * needs[i]));
      }
      for (const std::size_t i : by(score)) share[i] = std::min(needs[i], n - given());
    }
    const std::vector<int> floor = share;
    const int spare = n - given();
    const double sum = std::accumulate(score.begin(), score.end(), 0.0);
    for (std::size_t i = 0; i < score.size(); ++i)
      share[i] += static_cast<int>(std::floor(score[i] / sum * spare + 0.5));
    std::vector<double> weight;
    for (std::size_t i = 0; i < score.size(); ++i) weight.push_back(score[i] > 0.0 ? tenants[i].weight : 0.0);
    const double top = *std::max_element(weight.begin(), weight.end());
    const int missing = n - given();
    const int tops = static_cast<int>(std::count(weight.begin(), weight.end(), top));
    for (std::size_t i = 0, first = 1; missing > 0 && i < score.size(); ++i) {
      if (weight[i] != top) continue;
      share[i] += missing / tops + (first == 1 ? missing % tops : 0);
      first = 0;
    }
    std::vector<double> lightest;
    for (const auto& t : tenants) lightest.push_back(-t.weight);
    while (given() > n) {
      for (const std::size_t i : by(lightest)) {
        if (given() > n && share[i] > floor[i]) --share[i];
      }
    }
  }

  const std::vector<PlanariaTenant>& tenants;
  int n;
  std::vector<int> needs;
  std::vector<int> share;
};

TEST(PlanariaAllocation, AgreesWithItsDescription) {
  int fits = 0;
  int overloads = 0;
  check_property(16, 10 * kCases, [&] {
    const int n = pick(1, 16);
    std::vector<PlanariaTenant> tenants(static_cast<std::size_t>(pick(1, 6)));
    for (auto& t : tenants) {
      t.weight = pick(1, 12);
      t.slack = Duration{1ms} * pick(-3, 12);
      const Duration work = pick_ms(1, 60);
      for (int size = 1; size <= n; ++size) t.estimates.push_back(work / size + Duration{300us});
    }
    std::vector<std::uint32_t> sizes(static_cast<std::size_t>(n));
    std::iota(sizes.begin(), sizes.end(), 1U);
    PlanariaAllocation allocation;
    allocation.allocate(tenants, sizes, static_cast<std::uint32_t>(n));
    Restated restated(tenants, n);
    restated.run();
    int total = 0;
    for (std::size_t i = 0; i < tenants.size(); ++i) total += static_cast<int>(allocation.share(i));
    RC_ASSERT(total == n);
    if (restated.given() == 0) return; // nobody can be in time
    const bool fit = std::count(restated.needs.begin(), restated.needs.end(), 0) == 0 &&
                     std::accumulate(restated.needs.begin(), restated.needs.end(), 0) <= n;
    (fit ? fits : overloads) += 1;
    for (std::size_t i = 0; i < tenants.size(); ++i) {
      RC_ASSERT(static_cast<int>(allocation.share(i)) == restated.share[i]);
      if (fit) RC_ASSERT(restated.share[i] >= restated.needs[i]);
    }
  });
  EXPECT_GT(fits, 100);
  EXPECT_GT(overloads, 100);
}

// Whatever sizes there are, shares are such sizes, and no more than there is.
TEST(PlanariaAllocation, GivesOnlyAvailableSizes) {
  check_property(17, 5 * kCases, [&] {
    const int n = pick(1, 16);
    std::vector<std::uint32_t> sizes{1};
    for (int size = 2; size <= n; ++size) {
      if (chance(40)) sizes.push_back(static_cast<std::uint32_t>(size));
    }
    std::vector<PlanariaTenant> tenants(static_cast<std::size_t>(pick(1, 20)));
    for (auto& t : tenants) {
      t.weight = pick(1, 12);
      t.slack = Duration{1ms} * pick(-3, 30);
      const Duration work = pick_ms(1, 60);
      for (const std::uint32_t size : sizes) t.estimates.push_back(work / size);
    }
    PlanariaAllocation allocation;
    allocation.allocate(tenants, sizes, static_cast<std::uint32_t>(n));
    std::uint32_t total = 0;
    for (std::size_t i = 0; i < tenants.size(); ++i) {
      const std::uint32_t share = allocation.share(i);
      RC_ASSERT(share == 0 || std::binary_search(sizes.begin(), sizes.end(), share));
      total += share;
    }
    RC_ASSERT(total > 0 && total <= static_cast<std::uint32_t>(n));
  });
}

} // namespace
} // namespace terastal::testing
