#include <cstdint>
#include <initializer_list>
#include <set>

#include <gtest/gtest.h>

#include "terastal/core/digest.hpp"

namespace terastal {
namespace {

std::uint64_t digest(std::initializer_list<std::uint64_t> words) {
  Digest d;
  for (const std::uint64_t word : words) d.add(word);
  return d.value();
}

// Digests are compared between machines and versions. The values come from an independent implementation (Python).
TEST(Digest, IsPinned) {
  EXPECT_EQ(digest({}), 0xD9FD512C2033F772U);
  EXPECT_EQ(digest({1, 2, 3}), 0xA29D0C130F4BE2ADU);
}

TEST(Digest, DependsOnEveryWordAndOnTheOrder) {
  const std::uint64_t base = digest({1, 2, 3});
  for (const std::uint64_t other : {digest({2, 1, 3}), digest({1, 3, 2}), digest({1, 2}), digest({1, 2, 3, 0}),
                                    digest({0, 1, 2, 3}), digest({1, 2, 4}), digest({1, 2, 3 | 1ULL << 63})}) {
    EXPECT_NE(other, base);
  }
  EXPECT_NE(digest({0}), digest({}));
  EXPECT_NE(digest({0, 0}), digest({0}));
}

TEST(Digest, AsksWithoutChanging) {
  Digest d;
  d.add(5);
  const std::uint64_t first = d.value();
  EXPECT_EQ(d.value(), first);
  d.add(6);
  EXPECT_EQ(d.value(), digest({5, 6}));
}

TEST(Digest, NoCollisionsAmongSimilarSequences) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t a = 0; a < 300; ++a) {
    for (std::uint64_t b = 0; b < 300; ++b) seen.insert(digest({a, b}));
  }
  EXPECT_EQ(seen.size(), 90'000U);
}

} // namespace
} // namespace terastal
