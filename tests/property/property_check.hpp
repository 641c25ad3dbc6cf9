#pragma once

#include <cstdint>
#include <sstream>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <rapidcheck.h>

namespace terastal::testing {

/// Uniform-ish integer in [low, high] from the running property; shrinks towards `low`.
inline int pick(int low, int high) { return *rc::gen::inRange(low, high + 1); }

/// True in `percent` of the cases; shrinks towards false.
inline bool chance(int percent) { return pick(0, 99) >= 100 - percent; }

/// Checks a property for `cases` random cases from a fixed seed, and fails the test with the smallest counterexample.
/// In the property use `pick` and `chance` for choices and RC_ASSERT for claims.
template <typename Property>
void check_property(std::uint64_t seed, int cases, Property&& property) {
  rc::detail::TestParams params;
  params.seed = seed;
  params.maxSuccess = cases;
  const auto result = rc::detail::checkTestable(std::forward<Property>(property), rc::detail::TestMetadata{}, params);
  if (result.template is<rc::detail::SuccessResult>()) return;
  std::ostringstream message;
  rc::detail::printResultMessage(result, message);
  ADD_FAILURE() << message.str();
}

} // namespace terastal::testing
