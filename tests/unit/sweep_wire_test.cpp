// What ranks write reads back, to the bit; what is cut or changed is refused.

#include "sweep/wire.hpp"

#include <cmath> // signbit
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sweep/rank_messages.hpp"
#include "terastal/core/error.hpp"

namespace terastal {
namespace {

CellResult full_result() {
  CellResult result;
  result.cell = 123'456'789'012;
  result.digest = 0xFFFF'FFFF'FFFF'FFFF;
  result.rows.push_back({"", 300, 200, 100, 127, {0.1, std::nullopt, 5e-324}});
  result.rows.push_back({"caméra", 128, 0, 16384, 1, {std::nullopt, 1.0 / 3.0, std::numeric_limits<double>::max()}});
  return result;
}

CellResult round_trip(const CellResult& result) {
  WireWriter out;
  write(out, result);
  const std::string bytes = out.take();
  WireReader in(bytes);
  CellResult read = read_cell_result(in);
  in.end();
  return read;
}

TEST(Wire, CellResultsReadBack) {
  EXPECT_EQ(round_trip(full_result()), full_result());
  EXPECT_EQ(round_trip({}), CellResult{});
  CellResult failed;
  failed.cell = 7;
  failed.error = "file.yaml:3:1: error: no such key\nand\0more";
  EXPECT_EQ(round_trip(failed), failed);
  EXPECT_TRUE(round_trip(failed).failed());
}

TEST(Wire, NumbersOfAllSizes) {
  std::vector<std::uint64_t> numbers = {0, 1, 127, 128, 16383, 16384};
  for (unsigned bit = 14; bit < 64; ++bit) {
    numbers.push_back(std::uint64_t{1} << bit);
    numbers.push_back((std::uint64_t{1} << bit) - 1);
  }
  numbers.push_back(std::numeric_limits<std::uint64_t>::max());
  WireWriter out;
  for (const std::uint64_t number : numbers) out.number(number);
  const std::string bytes = out.take();
  WireReader in(bytes);
  for (const std::uint64_t number : numbers) EXPECT_EQ(in.number(), number);
  EXPECT_NO_THROW(in.end());
}

TEST(Wire, DoublesKeepTheirBits) {
  WireWriter out;
  out.real(-0.0);
  out.real(-std::numeric_limits<double>::infinity());
  out.real(0.1 + 0.2);
  const std::string bytes = out.take();
  EXPECT_EQ(bytes.size(), 24U);
  EXPECT_EQ(bytes[7], '\x80'); // the sign of the first: the lowest byte comes first
  WireReader in(bytes);
  EXPECT_TRUE(std::signbit(in.real()));
  EXPECT_EQ(in.real(), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(in.real(), 0.1 + 0.2);
}

TEST(Wire, CutAndOverlongMessagesAreRefused) {
  WireWriter out;
  write(out, full_result());
  const std::string bytes = out.take();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    WireReader in(std::string_view(bytes).substr(0, size));
    EXPECT_THROW((void)read_cell_result(in), Error) << size;
  }
  const std::string more = bytes + 'x';
  WireReader in(more);
  (void)read_cell_result(in);
  EXPECT_THROW(in.end(), Error);
  WireReader too_large(std::string_view("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02", 10));
  EXPECT_THROW((void)too_large.number(), Error);
  WireReader no_end(std::string_view("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 11));
  EXPECT_THROW((void)no_end.number(), Error);
}

TEST(RankMessages, EachReadsBack) {
  SweepIdentity identity;
  identity.name = "grid";
  identity.document = R"({"sweep":"grid"})";
  identity.inputs = {{"a.yaml", "00ff"}, {"b.csv", "ff00"}};
  identity.axes = {"scenario", "policy"};
  identity.metrics = {"miss_rate"};
  identity.cells = 4;
  identity.version = "0.1.0 abc";
  identity.axis_values = {{"a", "b"}, {"edf", "fcfs"}};
  const Hello hello = read_hello(write_hello({{"node7", 4711}, 3, {identity, "--shard 1/2"}}));
  EXPECT_EQ(hello.place.text(), "on node7 (process 4711)");
  EXPECT_EQ(hello.threads, 3U);
  EXPECT_EQ(hello.task.options, "--shard 1/2");
  EXPECT_EQ(identity_digest(hello.task.identity), identity_digest(identity));
  ASSERT_EQ(hello.task.identity.inputs.size(), 2U);
  EXPECT_EQ(hello.task.identity.inputs[1].path, "b.csv");

  const std::vector<CellIndex> cells = {0, 5, 1'000'000};
  EXPECT_EQ(read_cells(write_cells(cells)), cells);
  EXPECT_TRUE(read_cells(write_cells({})).empty());

  const auto results = read_results(write_results({{0.25, full_result()}, {1e-6, {}}}));
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].seconds, 0.25);
  EXPECT_EQ(results[0].result, full_result());
  EXPECT_EQ(results[1].result, CellResult{});

  const RankFailure failure = read_failure(write_failure({{"node7", 1}, RankFailure::Kind::input, "no such file"}));
  EXPECT_EQ(failure.kind, RankFailure::Kind::input);
  EXPECT_EQ(failure.reason, "no such file");
}

TEST(RankMessages, KindsAreTold) {
  EXPECT_EQ(kind_of(write_cells({1})), RankMessageKind::cells);
  EXPECT_EQ(kind_of(plain_message(RankMessageKind::dismissed)), RankMessageKind::dismissed);
  EXPECT_EQ(kind_of(""), std::nullopt);
  EXPECT_EQ(kind_of("x"), std::nullopt);
  EXPECT_THROW((void)read_results(write_cells({1})), Error);
}

} // namespace
} // namespace terastal
