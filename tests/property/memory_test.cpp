#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>

#include <malloc.h>

#include <gtest/gtest.h>

#include "support/builders.hpp"

// Peak memory of a run depends on the jobs in flight, not on the jobs simulated.
namespace {

std::atomic<std::int64_t> live_bytes{0};
std::atomic<std::int64_t> peak_bytes{0};

void* counted(void* p) {
  if (p == nullptr) throw std::bad_alloc();
  const auto live = live_bytes += static_cast<std::int64_t>(malloc_usable_size(p));
  std::int64_t peak = peak_bytes;
  while (live > peak && !peak_bytes.compare_exchange_weak(peak, live)) {
  }
  return p;
}

void uncounted(void* p) noexcept {
  if (p == nullptr) return;
  live_bytes -= static_cast<std::int64_t>(malloc_usable_size(p));
  std::free(p);
}

} // namespace

// The whole program allocates through these.
void* operator new(std::size_t size) { return counted(std::malloc(size)); }
void* operator new[](std::size_t size) { return counted(std::malloc(size)); }
void* operator new(std::size_t size, std::align_val_t align) {
  const auto a = static_cast<std::size_t>(align);
  return counted(std::aligned_alloc(a, (size + a - 1) / a * a));
}
void* operator new[](std::size_t size, std::align_val_t align) { return operator new(size, align); }
// std::stable_sort allocates its buffer through these.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  void* p = std::malloc(size);
  return p == nullptr ? nullptr : counted(p);
}
void* operator new[](std::size_t size, const std::nothrow_t& tag) noexcept { return operator new(size, tag); }
void operator delete(void* p) noexcept { uncounted(p); }
void operator delete[](void* p) noexcept { uncounted(p); }
void operator delete(void* p, std::size_t) noexcept { uncounted(p); }
void operator delete[](void* p, std::size_t) noexcept { uncounted(p); }
void operator delete(void* p, std::align_val_t) noexcept { uncounted(p); }
void operator delete[](void* p, std::align_val_t) noexcept { uncounted(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { uncounted(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { uncounted(p); }

namespace terastal::testing {
namespace {

constexpr std::int64_t kMebibyte = 1 << 20;

/// Chains, a DAG, noise, cascades, bursts and dropped jobs at a load that is served.
Scenario scenario(Duration horizon) {
  Scenario s = platform({{"gpu", 1}, {"npu", 2}}, horizon);
  const auto chain = add_network(s, "chain", {{2ms, 3ms}, {1ms, 2ms}, {2ms, 2ms}});
  const auto dag = add_network(s, "dag", {{1ms, 1ms}, {2ms, 3ms}, {3ms, 2ms}, {1ms, 1ms}}, {{}, {0}, {0}, {1, 2}});
  add_task(s, "periodic", chain, 20ms, PeriodicArrivals{20ms, 0ms, 3ms}).firm = FirmRequirement{3, 5};
  add_task(s, "poisson", dag, 30ms, PoissonArrivals{40ms}).execution.kind = ExecutionTimes::Kind::exponential;
  add_task(s, "bursts", chain, 10ms, BurstArrivals{8ms, 50ms, 200ms}).late_jobs = LateJobs::drop_at_deadline;
  add_task(s, "cascade", dag, 40ms, NoArrivals{}).parent = Parent{0, 0.3, true};
  s.tasks.back().late_jobs = LateJobs::drop_hopeless;
  return s;
}

struct Usage {
  std::int64_t bytes = 0; ///< largest amount of live memory above that before the run
  std::uint64_t jobs = 0;
};

Usage use(const std::string& policy, Duration horizon) {
  const Scenario s = scenario(horizon);
  const auto scheduler = testing::known_policies().parse(policy).make();
  const std::int64_t before = live_bytes;
  peak_bytes = before;
  Simulator simulator(s, *scheduler);
  Metrics metrics(s);
  ScheduleChecker checker(s, {scheduler->work_conserving(), 20});
  simulator.add_observer(metrics);
  simulator.add_observer(checker);
  simulator.run();
  checker.finish();
  EXPECT_TRUE(checker.errors().empty());
  Usage usage;
  usage.bytes = peak_bytes - before;
  for (const TaskResult& t : metrics.result(simulator).tasks) usage.jobs += t.released;
  return usage;
}

class Memory : public ::testing::TestWithParam<const char*> {};

TEST_P(Memory, DoesNotGrowWithTheHorizon) {
  const Usage brief = use(GetParam(), 1s);
  const Usage lasting = use(GetParam(), 1000s);
  EXPECT_GT(brief.jobs, 50U);
  EXPECT_GT(lasting.jobs, 500 * brief.jobs);
  EXPECT_GT(brief.bytes, 0) << "the counter counts";
  EXPECT_LT(lasting.bytes - brief.bytes, kMebibyte)
      << brief.bytes << " bytes for " << brief.jobs << " jobs, " << lasting.bytes << " for " << lasting.jobs;
}

INSTANTIATE_TEST_SUITE_P(Policies, Memory,
                         ::testing::Values("fcfs", "edf", "edf:placement=earliest_finish", "sjf", "fp", "dream",
                                           "terastal"),
                         [](const auto& p) {
                           std::string name = p.param;
                           std::replace_if(
                               name.begin(), name.end(), [](char c) { return c == ':' || c == '='; }, '_');
                           return name;
                         });

// What keeps every job does grow, so the counter can tell.
TEST(MemoryCounter, SeesWhatARecorderKeeps) {
  const Scenario s = scenario(100s);
  const auto scheduler = testing::known_policies().parse("edf").make();
  const std::int64_t before = live_bytes;
  peak_bytes = before;
  Simulator simulator(s, *scheduler);
  Recorder recorder;
  simulator.add_observer(recorder);
  simulator.run();
  EXPECT_GT(peak_bytes - before, kMebibyte);
}

} // namespace
} // namespace terastal::testing
