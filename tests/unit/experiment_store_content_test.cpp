#include <algorithm> // reverse
#include <cmath>     // nan
#include <limits>

#include <sqlite3.h>

#include "terastal/core/error.hpp"
#include "terastal/sweep/query.hpp"
#include "unit/store_support.hpp"

namespace terastal {
namespace {

using namespace test;
using Store = StoreTest;

/// Runs SQL on a file as another program would.
void execute(const std::string& path, const char* sql) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  char* message = nullptr;
  EXPECT_EQ(sqlite3_exec(handle, sql, nullptr, nullptr, &message), SQLITE_OK) << (message ? message : "");
  sqlite3_free(message);
  sqlite3_close(handle);
}

TEST_F(Store, GivesBackWhatWasAdded) {
  const SweepIdentity identity = small_identity();
  make_store(path("s"), identity, numbers(0, identity.cells));
  const StoredResults results(path("s"));
  EXPECT_EQ(identity_digest(results.identity()), identity_digest(identity));
  EXPECT_EQ(results.identity().inputs.back().path, "b.yaml");
  const StoreCounts counts = results.counts();
  EXPECT_EQ(counts.done, 113U); // of 120 the cells 16, 33, … 118 fail
  EXPECT_EQ(counts.failed, 7U);
  EXPECT_EQ(counts.missing, 0U);
  EXPECT_EQ(results.tasks(), (std::vector<std::string>{"audio", "vision"}));

  std::vector<CellRow> rows;
  std::vector<CellIndex> cells;
  StoreSelection everything;
  everything.tasks = {"", "vision", "audio"};
  results.for_each(everything, [&](const StoreRow& row) {
    EXPECT_EQ(row.values, values_of(identity, row.cell.cell));
    EXPECT_EQ(row.cell.digest, result_of(row.cell.cell).digest);
    rows.push_back(row.row);
    cells.push_back(row.cell.cell);
  });
  ASSERT_EQ(rows.size(), 3U * 113U);
  for (std::size_t i = 0; i < rows.size(); i += 3) {
    const auto expected = result_of(cells[i]).rows; // all, vision, audio: kept by name
    EXPECT_EQ(rows[i], expected[0]);
    EXPECT_EQ(rows[i + 1], expected[2]);
    EXPECT_EQ(rows[i + 2], expected[1]);
  }
  const auto failed = results.failed({});
  ASSERT_EQ(failed.size(), 7U);
  EXPECT_EQ(failed[0].cell, 16U);
  EXPECT_EQ(failed[0].error, "cell 16 cannot run");
  EXPECT_EQ(failed[0].values, values_of(identity, 16));
}

TEST_F(Store, NumbersKeepEveryBitExceptNanAndNegativeZero) {
  SweepIdentity identity = small_identity();
  const std::vector<double> values = {0.1,
                                      -0.0,
                                      std::numeric_limits<double>::denorm_min(),
                                      std::numeric_limits<double>::max(),
                                      std::numeric_limits<double>::infinity(),
                                      9007199254740993.0,
                                      std::nan("")};
  {
    ResultStore store(path("s"), identity);
    for (std::size_t i = 0; i < values.size(); ++i) {
      CellResult result = result_of(i);
      result.rows = {CellRow{"", std::numeric_limits<std::int64_t>::max(), 0, 0, 0, {values[i], std::nullopt}}};
      store.add(values_of(identity, i), result);
    }
  }
  std::vector<std::optional<double>> found;
  StoredResults(path("s")).for_each({}, [&](const StoreRow& row) {
    found.push_back(row.row.values[0]);
    EXPECT_FALSE(row.row.values[1]);
    EXPECT_EQ(row.row.released, 9223372036854775807U);
  });
  ASSERT_EQ(found.size(), values.size());
  for (std::size_t i = 0; i + 1 < values.size(); ++i) EXPECT_EQ(found[i], values[i]);
  EXPECT_FALSE(std::signbit(*found[1]));
  EXPECT_FALSE(found.back());
}

TEST_F(Store, CountsBeyondWhatSqliteHoldsAreRefused) {
  ResultStore store(path("s"), small_identity());
  CellResult result = result_of(0);
  result.rows[0].released = 9223372036854775808U;
  EXPECT_EQ(message_of<Error>([&] { store.add(values_of(small_identity(), 0), result); }),
            "cannot write '" + path("s") + "': 9223372036854775808 is above 2^63 - 1");
}

TEST_F(Store, DigestDoesNotDependOnOrderBatchesOrPages) {
  const SweepIdentity identity = small_identity(50);
  const auto all = numbers(0, identity.cells);
  const std::string expected = make_store(path("ascending"), identity, all);
  EXPECT_EQ(expected.size(), 64U);

  auto backwards = all;
  std::reverse(backwards.begin(), backwards.end());
  EXPECT_EQ(make_store(path("backwards"), identity, backwards), expected);

  { // one cell a batch, over several openings
    for (CellIndex from = 0; from < identity.cells; from += 100) {
      ResultStore store(path("batches"), identity);
      for (CellIndex c = from; c < from + 100; ++c) {
        add_cells(store, identity, {c});
        store.commit();
      }
    }
  }
  EXPECT_EQ(store_digest(path("batches")), expected);
  EXPECT_NE(read_bytes(path("batches")), read_bytes(path("ascending")));

  execute(path("backwards"), "PRAGMA page_size = 1024; VACUUM");
  EXPECT_EQ(store_digest(path("backwards")), expected);
}

TEST_F(Store, DigestKnowsEveryPartOfAResult) {
  const SweepIdentity identity = small_identity();
  const CellResult base = result_of(1);
  int stores = 0;
  const auto digest_with = [&](const auto& change) {
    CellResult result = base;
    auto values = values_of(identity, 1);
    SweepIdentity changed = identity;
    change(result, values, changed);
    const std::string file = path(std::to_string(++stores));
    { ResultStore(file, changed).add(values, result); }
    return store_digest(file);
  };
  const std::string same = digest_with([](auto&, auto&, auto&) {});
  EXPECT_EQ(digest_with([](CellResult& r, auto&, auto&) { std::swap(r.rows[1], r.rows[2]); }), same);
  EXPECT_EQ(digest_with([](auto&, auto&, SweepIdentity& i) { i.version = "2"; }), same);
  EXPECT_EQ(digest_with([](auto&, auto&, SweepIdentity& i) { i.inputs[0].path = "/elsewhere/a.yaml"; }), same);

  EXPECT_NE(digest_with([](CellResult& r, auto&, auto&) { r.cell = 2; }), same);
  EXPECT_NE(digest_with([](CellResult& r, auto&, auto&) { ++r.digest; }), same);
  EXPECT_NE(digest_with([](CellResult& r, auto&, auto&) { r.error = "no"; }), same);
  EXPECT_NE(digest_with([](CellResult& r, auto&, auto&) { r.rows.pop_back(); }), same);
  EXPECT_NE(digest_with([](CellResult& r, auto&, auto&) { r.rows[1].task = "x"; }), same);
  EXPECT_NE(digest_with([](CellResult& r, auto&, auto&) { ++r.rows[0].dropped; }), same);
  EXPECT_NE(digest_with([](CellResult& r, auto&, auto&) { r.rows[0].values[0] = 0.5; }), same);
  EXPECT_NE(digest_with([](CellResult& r, auto&, auto&) { std::swap(r.rows[0].values[0], r.rows[0].values[1]); }),
            same);
  EXPECT_NE(digest_with([](auto&, auto& values, auto&) { values[1] = "1.2"; }), same);
  EXPECT_NE(digest_with([](auto&, auto&, SweepIdentity& i) { i.inputs[0].sha256 = "ab"; }), same);
  EXPECT_NE(digest_with([](auto&, auto&, SweepIdentity& i) { i.metrics[0] = "sla"; }), same);
}

TEST_F(Store, GoesOnWhereItStopped) {
  const SweepIdentity identity = small_identity();
  make_store(path("s"), identity, {3, 1, 16});
  {
    ResultStore store(path("s"), identity);
    EXPECT_EQ(store.cells(), (std::vector<CellIndex>{1, 3, 16}));
    add_cells(store, identity, {2});
    EXPECT_EQ(store.cells(), (std::vector<CellIndex>{1, 2, 3, 16}));
  }
  EXPECT_EQ(StoredResults(path("s")).counts().missing, 116U);
  EXPECT_EQ(store_digest(path("s")), make_store(path("t"), identity, {1, 2, 3, 16}));
}

TEST_F(Store, ACellTwiceIsRefusedAndWhatWasCommittedStays) {
  const SweepIdentity identity = small_identity();
  const std::string expected = make_store(path("expected"), identity, {1});
  {
    ResultStore store(path("s"), identity);
    add_cells(store, identity, {1});
    store.commit();
    add_cells(store, identity, {2});
    EXPECT_THROW(add_cells(store, identity, {1}), Error);
    EXPECT_THROW(add_cells(store, identity, {4}), Error); // it says so until it is opened again
  }
  EXPECT_EQ(store_digest(path("s")), expected);
}

TEST_F(Store, FailedCellsAreForgottenWhenAsked) {
  const SweepIdentity identity = small_identity();
  make_store(path("s"), identity, {15, 16, 17, 33});
  ResultStore store(path("s"), identity);
  EXPECT_EQ(store.forget_failed(), 2U);
  EXPECT_EQ(store.forget_failed(), 0U);
  EXPECT_EQ(store.cells(), (std::vector<CellIndex>{15, 17}));
  add_cells(store, identity, {16});
}

TEST_F(Store, SomeOfTheFailedCellsAreForgotten) {
  const SweepIdentity identity = small_identity();
  make_store(path("s"), identity, {15, 16, 17, 33, 50});
  ResultStore store(path("s"), identity);
  std::vector<CellIndex> asked;
  EXPECT_EQ(store.forget_failed([&](CellIndex cell) {
    asked.push_back(cell);
    return cell == 33;
  }),
            1U);
  EXPECT_EQ(asked, (std::vector<CellIndex>{16, 33, 50}));
  EXPECT_EQ(store.cells(), (std::vector<CellIndex>{15, 16, 17, 50}));
  EXPECT_EQ(store.failed(), 2U);
}

TEST_F(Store, WhatItHoldsCanBeSeenWithoutWriting) {
  const SweepIdentity identity = small_identity();
  EXPECT_TRUE(stored_cells(path("s"), identity).empty());
  EXPECT_FALSE(std::filesystem::exists(path("s")));
  write_bytes(path("empty"), "");
  EXPECT_TRUE(stored_cells(path("empty"), identity).empty());
  EXPECT_EQ(read_bytes(path("empty")), "");
  ResultStore store(path("s"), identity);
  add_cells(store, identity, {15, 16, 17});
  store.commit();
  EXPECT_EQ(stored_cells(path("s"), identity), (std::vector<CellIndex>{15, 16, 17})); // while it is written
  EXPECT_EQ(stored_cells(path("s"), identity, false), (std::vector<CellIndex>{15, 17}));
  SweepIdentity other = identity;
  other.name = "other";
  EXPECT_NE(message_of<InputError>([&] { (void)stored_cells(path("s"), other); }).find("another sweep"),
            std::string::npos);
}

TEST_F(Store, ReadersSeeOneStateWhileCellsAreAdded) {
  const SweepIdentity identity = small_identity();
  ResultStore store(path("s"), identity);
  add_cells(store, identity, {0, 1});
  store.commit();
  const StoredResults before(path("s"));
  add_cells(store, identity, {2});
  EXPECT_EQ(StoredResults(path("s")).counts().done, 2U); // not committed
  store.commit();
  EXPECT_EQ(before.counts().done, 2U);
  EXPECT_EQ(StoredResults(path("s")).counts().done, 3U);
}

TEST_F(Store, AClosedStoreIsOneFile) {
  make_store(path("s"), small_identity(), {1});
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_)) ++files;
  EXPECT_EQ(files, 1U);
}

TEST_F(Store, AxesCannotHaveTheNamesOfColumns) {
  for (const char* name : {"cell", "Task", "error", "metric", "cells", "n", "mean", "sd", "ci_low", "ci_high",
                           "miss_rate", "load", "LOAD", ""}) {
    SweepIdentity identity = small_identity();
    identity.axes[2] = name;
    EXPECT_EQ(message_of<InputError>([&] { ResultStore(path("s"), identity); }),
              "error: the axis '" + std::string(name) +
                  "' needs another name: it is the name of a column of results already");
  }
  EXPECT_FALSE(std::filesystem::exists(path("s")));
  SweepIdentity odd = small_identity();
  odd.axes = {"a \"b\"", "select", "policy", "α"};
  make_store(path("odd"), odd, {1});
  EXPECT_EQ(StoredResults(path("odd")).identity().axes, odd.axes);
}

} // namespace
} // namespace terastal
