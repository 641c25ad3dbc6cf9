#include "terastal/sweep/cells.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "terastal/core/error.hpp"
#include "terastal/core/random.hpp"

namespace terastal {
namespace {

/// Axes with so many values each, called a0, a1, …
Sweep with_axes(const std::vector<std::size_t>& counts) {
  Sweep sweep;
  for (std::size_t a = 0; a < counts.size(); ++a) {
    SweepAxis axis;
    axis.name = "a" + std::to_string(a);
    for (std::size_t v = 0; v < counts[a]; ++v) axis.values.push_back(std::to_string(v));
    sweep.axes.push_back(axis);
  }
  return sweep;
}

std::vector<CellIndex> all(const SweepCells& cells) {
  std::vector<CellIndex> list;
  for (auto cell = cells.next(0); cell; cell = cells.next(*cell + 1)) list.push_back(*cell);
  return list;
}

std::vector<CellIndex> all(PendingCells pending) {
  std::vector<CellIndex> list;
  while (const auto cell = pending.next()) list.push_back(*cell);
  return list;
}

TEST(SweepCells, TheLastAxisVariesFastest) {
  const Sweep sweep = with_axes({2, 3, 4});
  const SweepCells cells(sweep);
  EXPECT_EQ(cells.total(), 24U);
  EXPECT_EQ(cells.size(), 24U);
  EXPECT_EQ(cells.values_of(0), (std::vector<std::size_t>{0, 0, 0}));
  EXPECT_EQ(cells.values_of(1), (std::vector<std::size_t>{0, 0, 1}));
  EXPECT_EQ(cells.values_of(4), (std::vector<std::size_t>{0, 1, 0}));
  EXPECT_EQ(cells.values_of(23), (std::vector<std::size_t>{1, 2, 3}));
  EXPECT_EQ(cells.texts_of(23), (std::vector<std::string>{"1", "2", "3"}));
  for (CellIndex cell = 0; cell < cells.total(); ++cell) EXPECT_EQ(cells.number_of(cells.values_of(cell)), cell);
}

TEST(SweepCells, WhatIsLeftOutKeepsItsNumber) {
  Sweep sweep = with_axes({2, 3, 2});
  sweep.skips = {{{{0, {1}}, {1, {0, 2}}}}, {{{2, {1}}}}};
  const SweepCells cells(sweep);
  // Of 000 001 010 011 020 021 100 101 110 111 120 121: second entry leaves out those that end in 1, first 10x and 12x.
  EXPECT_EQ(all(cells), (std::vector<CellIndex>{0, 2, 4, 8}));
  EXPECT_EQ(cells.size(), 4U);
  EXPECT_EQ(cells.total(), 12U);
}

// Random axes and entries against a look at every cell.
TEST(SweepCells, SkippingAndCountingAgreeWithEveryCellLookedAt) {
  RandomStream random(1, 0, Purpose::policy);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random.uniform() * static_cast<double>(n)); };
  for (int round = 0; round < 300; ++round) {
    std::vector<std::size_t> counts(1 + below(5));
    for (std::size_t& count : counts) count = 1 + below(4);
    Sweep sweep = with_axes(counts);
    for (std::size_t e = below(4); e > 0; --e) {
      SweepSkip skip;
      for (std::size_t a = 0; a < counts.size(); ++a) {
        SweepSkip::Condition condition{a, {}};
        for (std::size_t v = 0; v < counts[a]; ++v) {
          if (below(2) == 0) condition.values.push_back(v);
        }
        if (below(2) == 0 && !condition.values.empty()) skip.conditions.push_back(condition);
      }
      if (!skip.conditions.empty()) sweep.skips.push_back(skip);
    }
    const SweepCells cells(sweep);
    std::vector<CellIndex> expected;
    for (CellIndex cell = 0; cell < cells.total(); ++cell) {
      const auto values = cells.values_of(cell);
      const bool out = std::any_of(sweep.skips.begin(), sweep.skips.end(), [&](const SweepSkip& skip) {
        return std::all_of(skip.conditions.begin(), skip.conditions.end(), [&](const auto& c) {
          return std::find(c.values.begin(), c.values.end(), values[c.axis]) != c.values.end();
        });
      });
      EXPECT_EQ(cells.skipped(cell), out);
      if (!out) expected.push_back(cell);
    }
    EXPECT_EQ(all(cells), expected);
    EXPECT_EQ(cells.size(), expected.size());
  }
}

TEST(SweepCells, ManyCellsAreCountedWithoutGoingThroughThem) {
  Sweep sweep = with_axes({1000, 1000, 1000, 1000});
  sweep.skips = {{{{1, {0, 1}}, {2, {5}}}}, {{{0, {7}}}}};
  const SweepCells cells(sweep);
  EXPECT_EQ(cells.total(), 1'000'000'000'000U);
  // 999 values of the first axis, times 10^6 − 2 pairs of the next two, times 1000.
  EXPECT_EQ(cells.size(), 999ULL * 999'998ULL * 1000ULL);
  // A thousand million cells are passed at once.
  EXPECT_EQ(cells.next(7'000'000'000), 8'000'000'000U);
}

TEST(SweepCells, TooManyCellsAreRefused) {
  const std::vector<std::size_t> most(5, 1000);
  const Sweep sweep = with_axes(most);
  EXPECT_EQ(SweepCells(sweep).total(), 1'000'000'000'000'000U);
  const Sweep larger = with_axes({2, 1000, 1000, 1000, 1000, 501});
  EXPECT_THROW(SweepCells{larger}, Error);
}

TEST(PendingCells, ShardsDivideWhatIsNotLeftOut) {
  Sweep sweep = with_axes({5, 7, 3});
  sweep.skips = {{{{1, {2, 3}}}}, {{{0, {4}}, {2, {0}}}}};
  const SweepCells cells(sweep);
  const std::vector<CellIndex> everything = all(cells);
  for (const std::uint64_t count : {1U, 2U, 3U, 8U, 200U}) {
    std::set<CellIndex> together;
    std::size_t smallest = everything.size();
    std::size_t largest = 0;
    for (std::uint64_t index = 1; index <= count; ++index) {
      const auto part = all(PendingCells(cells, {index, count}, {}));
      EXPECT_TRUE(std::is_sorted(part.begin(), part.end()));
      for (const CellIndex cell : part) EXPECT_TRUE(together.insert(cell).second);
      smallest = std::min(smallest, part.size());
      largest = std::max(largest, part.size());
    }
    EXPECT_EQ(std::vector<CellIndex>(together.begin(), together.end()), everything);
    EXPECT_LE(largest - smallest, 1U);
  }
}

TEST(PendingCells, ShardsDoNotDependOnWhatIsHeld) {
  const Sweep sweep = with_axes({4, 5});
  const SweepCells cells(sweep);
  EXPECT_EQ(all(PendingCells(cells, {2, 4}, {})), (std::vector<CellIndex>{1, 5, 9, 13, 17}));
  EXPECT_EQ(all(PendingCells(cells, {2, 4}, {0, 5, 6, 17})), (std::vector<CellIndex>{1, 9, 13}));
  EXPECT_EQ(all(PendingCells(cells, {1, 1}, all(cells))), std::vector<CellIndex>{});
}

} // namespace
} // namespace terastal
