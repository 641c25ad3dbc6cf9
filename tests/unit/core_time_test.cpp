#include <chrono>
#include <string>
#include <type_traits>

#include <gtest/gtest.h>

#include "terastal/core/error.hpp"
#include "terastal/core/time.hpp"

namespace terastal {
namespace {

using namespace std::chrono_literals;

TEST(SimTime, CountsPicosecondsExactly) {
  EXPECT_EQ(Duration{1ns}.count(), 1'000);
  EXPECT_EQ(Duration{1s}.count(), 1'000'000'000'000);
  EXPECT_EQ(Duration{24h * 106}.count(), 9'158'400'000'000'000'000); // the range of the clock
  EXPECT_EQ(to_ps(Time{3us}), 3'000'000);
  EXPECT_EQ(to_seconds(Duration{1500ms}), 1.5);
}

// Instants and spans are different types, and neither mixes with the computer's clocks.
TEST(SimTime, IsStronglyTyped) {
  static_assert(!std::is_convertible_v<Duration, Time>);
  static_assert(!std::is_convertible_v<Time, Duration>);
  static_assert(!std::is_convertible_v<std::chrono::steady_clock::time_point, Time>);
  static_assert(!std::is_convertible_v<long, Duration>);
  static_assert(std::is_same_v<decltype(Time{} - Time{}), Duration>);
}

TEST(SimTime, SumsAtTheEdgeOfTheRange) {
  EXPECT_EQ(checked_add(Duration::max() - Duration{1}, Duration{1}), Duration::max());
  EXPECT_EQ(checked_add(Duration::max(), Duration{0}), Duration::max());
  EXPECT_EQ(checked_add(Time{Duration::max()}, Duration{-5}), Time{Duration::max() - Duration{5}});
  EXPECT_EQ(checked_add(Time{1s}, 500ms), Time{1500ms});
}

TEST(SimTime, OverflowThrows) {
  EXPECT_THROW(checked_add(Duration::max(), Duration{1}), SimulationError);
  EXPECT_THROW(checked_add(Duration::min(), Duration{-1}), SimulationError);
  EXPECT_THROW(checked_add(Time{Duration::max() - Duration{1}}, Duration{2}), SimulationError);
  try {
    checked_add(kNever, 1s);
    FAIL() << "expected an overflow";
  } catch (const SimulationError& error) {
    EXPECT_NE(std::string(error.what()).find("106 days"), std::string::npos) << error.what();
  }
}

TEST(SimTime, SentinelsAreBeyondEverythingReal) {
  EXPECT_GT(kNever, Time{24h * 106});
  EXPECT_GT(kCannotRun, Duration{24h * 106});
}

} // namespace
} // namespace terastal
