#include <cstdint>
#include <functional>
#include <queue>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "terastal/core/packed_heap.hpp"
#include "terastal/core/random.hpp"
#include "terastal/sim/event.hpp"

namespace terastal {
namespace {

struct Key {
  std::uint64_t value = 0;
  static Key largest() { return {~std::uint64_t{0}}; }
  friend bool operator<(Key a, Key b) { return a.value < b.value; }
  friend bool operator<=(Key a, Key b) { return a.value <= b.value; }
};

/// The heap under test and std::priority_queue side by side; every step compares them.
class Pair {
 public:
  void push(std::uint64_t value) {
    heap_.push({value});
    reference_.push(value);
    compare();
  }
  void pop() {
    heap_.pop();
    reference_.pop();
    compare();
  }
  [[nodiscard]] bool empty() const { return reference_.empty(); }
  [[nodiscard]] std::uint64_t top() const { return reference_.top(); }
  [[nodiscard]] std::size_t size() const { return reference_.size(); }

 private:
  void compare() {
    ASSERT_EQ(heap_.size(), reference_.size());
    ASSERT_EQ(heap_.empty(), reference_.empty());
    ASSERT_EQ(heap_.top().value, reference_.empty() ? Key::largest().value : reference_.top());
  }

  PackedHeap<Key> heap_;
  std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, std::greater<>> reference_;
};

TEST(PackedHeap, EmptyHeapSaysLargest) {
  PackedHeap<Key> heap;
  EXPECT_TRUE(heap.empty());
  EXPECT_EQ(heap.top().value, Key::largest().value);
  heap.push({5});
  heap.pop();
  EXPECT_TRUE(heap.empty());
  EXPECT_EQ(heap.top().value, Key::largest().value);
}

TEST(PackedHeap, FillsAndEmptiesLikeAPriorityQueue) {
  RandomStream random(1, 0, Purpose::policy);
  for (std::size_t size = 0; size <= 100; ++size) {
    Pair both;
    for (std::size_t i = 0; i < size; ++i) both.push(random.below(50)); // equal keys are frequent
    while (!both.empty()) both.pop();
    if (HasFatalFailure()) return;
  }
}

TEST(PackedHeap, AscendingAndDescendingInput) {
  Pair up;
  for (std::uint64_t i = 0; i < 300; ++i) up.push(i);
  while (!up.empty()) up.pop();
  Pair down;
  for (std::uint64_t i = 300; i-- > 0;) down.push(i);
  while (!down.empty()) down.pop();
}

TEST(PackedHeap, RandomSequencesOfPushesAndPops) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    RandomStream random(seed, 0, Purpose::policy);
    Pair both;
    for (int i = 0; i < 2000; ++i) {
      // Phases that grow and phases that shrink, so that it runs empty and reallocates.
      const std::uint64_t pushes_in_ten = i / 500 % 2 == 0 ? 7 : 3;
      if (both.empty() || random.below(10) < pushes_in_ten) {
        both.push(random.below(1000));
      } else {
        both.pop();
      }
      if (HasFatalFailure()) return;
    }
  }
}

// The event loop's pattern: take the smallest, push one to three that come later. The pop leaves a hole that the push
// fills.
TEST(PackedHeap, PopThenPush) {
  RandomStream random(9, 0, Purpose::policy);
  for (const std::size_t size : {1U, 2U, 4U, 5U, 6U, 20U, 21U, 22U, 85U, 500U}) {
    Pair both;
    for (std::size_t i = 0; i < size; ++i) both.push(random.below(100));
    for (int i = 0; i < 2000; ++i) {
      const std::uint64_t now = both.top();
      both.pop();
      both.push(now + random.below(100));
      if (HasFatalFailure()) return;
    }
    for (int i = 0; i < 300; ++i) { // two pops in a row close the hole; then it is filled again
      const std::uint64_t now = both.top();
      both.pop();
      if (!both.empty()) both.pop();
      while (both.size() < size) both.push(now + random.below(100));
      if (HasFatalFailure()) return;
    }
  }
}

TEST(PackedHeap, ClearForgetsEverything) {
  PackedHeap<Key> heap;
  for (std::uint64_t i = 0; i < 100; ++i) heap.push({i});
  heap.pop(); // leaves a hole
  heap.clear();
  EXPECT_TRUE(heap.empty());
  EXPECT_EQ(heap.top().value, Key::largest().value);
  heap.push({7});
  heap.push({3});
  EXPECT_EQ(heap.size(), 2U);
  EXPECT_EQ(heap.top().value, 3U);
  heap.pop();
  EXPECT_EQ(heap.top().value, 7U);
}

TEST(PackedHeap, EventsComeInTheOrderOfTheDesign) {
  const auto event = [](std::int64_t ps, EventKind kind, TaskIndex task, JobIndex job) {
    return Event(Time{Duration{ps}}, kind, task, job, 0);
  };
  const std::vector<Event> ordered{
      event(1, EventKind::timer, 5, 9),      event(2, EventKind::completion, 0, 1),
      event(2, EventKind::completion, 1, 0), event(2, EventKind::release, 0, 0),
      event(2, EventKind::release, 0, 1),    event(2, EventKind::timer, 0, 0),
      event(3, EventKind::completion, 0, 0),
  };
  PackedHeap<Event> heap;
  for (const std::size_t i : {4U, 0U, 6U, 2U, 5U, 1U, 3U}) heap.push(ordered[i]);
  for (const Event& expected : ordered) {
    EXPECT_EQ(heap.top().time(), expected.time());
    EXPECT_EQ(heap.top().low(), expected.low());
    heap.pop();
  }
}

TEST(Event, FieldsComeBackAtTheirLimits) {
  const Event e(Time{Duration::max()}, EventKind::timer, Event::kMaxTask, Event::kMaxJob, Event::kMaxPayload);
  EXPECT_EQ(e.time(), Time{Duration::max()});
  EXPECT_EQ(e.kind(), EventKind::timer);
  EXPECT_EQ(e.task(), 8191U);
  EXPECT_EQ(e.job(), (1U << 29) - 1);
  EXPECT_EQ(e.payload(), (1U << 20) - 1);
  EXPECT_TRUE(e < Event::largest());
}

} // namespace
} // namespace terastal
