// Which queue for events: the hold model (take the first, add one later) on a queue of N pending events with
// exponential increments, as in the classic comparison of event lists.
#include <cstdint>
#include <queue>
#include <string>
#include <vector>

#include <boost/heap/d_ary_heap.hpp>
#include <boost/heap/pairing_heap.hpp>

#include "ratio_reporter.hpp"
#include "terastal/core/packed_heap.hpp"
#include "terastal/core/random.hpp"
#include "terastal/sim/event.hpp"

namespace {

using namespace terastal;

struct Later {
  bool operator()(const Event& a, const Event& b) const { return b < a; }
};

template <typename Queue>
void hold(benchmark::State& state, std::size_t pending) {
  RandomStream random(1, 0, Purpose::arrivals);
  std::vector<std::int64_t> increments(1 << 16);
  for (auto& i : increments) i = static_cast<std::int64_t>(random.exponential() * 1e9) + 1;
  Queue queue;
  const auto push = [&](std::int64_t time, std::size_t i) {
    queue.push(Event(Time{Duration{time}}, EventKind::release, 0, static_cast<JobIndex>(i & 0xFFFFFU), 0));
  };
  for (std::size_t i = 0; i < pending; ++i) push(increments[i % increments.size()], i);
  std::size_t at = 0;
  for (auto _ : state) {
    const Event first = queue.top();
    queue.pop();
    push(to_ps(first.time()) + increments[at], at);
    at = (at + 1) % increments.size();
  }
  benchmark::DoNotOptimize(queue.top());
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

} // namespace

int main(int argc, char** argv) {
  using Std = std::priority_queue<Event, std::vector<Event>, Later>;
  using Dary = boost::heap::d_ary_heap<Event, boost::heap::arity<4>, boost::heap::compare<Later>>;
  using Pairing = boost::heap::pairing_heap<Event, boost::heap::compare<Later>>;
  bench::RatioReporter reporter;
  for (const std::size_t n : {std::size_t{12}, std::size_t{100}, std::size_t{10'000}}) {
    const std::string suffix = "_" + std::to_string(n);
    const auto add = [&](const std::string& name, void (*f)(benchmark::State&, std::size_t)) {
      benchmark::RegisterBenchmark((name + suffix).c_str(), f, n)->MinTime(0.1)->Repetitions(3);
      reporter.compare(name + suffix, "std_priority_queue" + suffix);
    };
    add("std_priority_queue", hold<Std>);
    add("boost_d_ary_heap_4", hold<Dary>);
    add("boost_pairing_heap", hold<Pairing>);
    add("packed_heap", hold<PackedHeap<Event>>);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  return 0;
}
