#include <algorithm> // min

#include <sys/resource.h> // setrlimit
#include <unistd.h>       // getpid

#include "terastal/core/error.hpp"
#include "terastal/sweep/query.hpp"
#include "unit/store_support.hpp"

namespace terastal {
namespace {

using namespace test;
using StoreMerge = StoreTest;

/// Cells of a shard i/n.
std::vector<CellIndex> shard(const SweepIdentity& identity, CellIndex index, CellIndex count) {
  std::vector<CellIndex> cells;
  for (CellIndex c = index - 1; c < identity.cells; c += count) cells.push_back(c);
  return cells;
}

std::size_t files_in(const std::filesystem::path& folder) {
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++files;
  return files;
}

TEST_F(StoreMerge, ShardsGiveTheStoreOfTheWhole) {
  const SweepIdentity identity = small_identity(50);
  const std::string expected = make_store(path("whole"), identity, numbers(0, identity.cells));
  for (CellIndex i = 1; i <= 3; ++i) make_store(path(std::to_string(i)), identity, shard(identity, i, 3));
  merge_stores(path("merged"), {path("3"), path("1"), path("2")});
  EXPECT_EQ(store_digest(path("merged")), expected);
  EXPECT_EQ(files_in(folder_), 5U);
  // It can be gone on with, and merged again.
  EXPECT_EQ(ResultStore(path("merged"), identity).cells().size(), identity.cells);
  merge_stores(path("again"), {path("merged"), path("2")});
  EXPECT_EQ(store_digest(path("again")), expected);
}

TEST_F(StoreMerge, EqualBytesForEqualResults) {
  const SweepIdentity identity = small_identity(50);
  make_store(path("1"), identity, shard(identity, 1, 2));
  make_store(path("2"), identity, shard(identity, 2, 2));
  merge_stores(path("a"), {path("1"), path("2")});
  merge_stores(path("b"), {path("2"), path("1")});
  EXPECT_EQ(store_digest(path("a")), store_digest(path("b")));
}

TEST_F(StoreMerge, ACellThatFailedOnceAndIsDoneElsewhereIsDone) {
  const SweepIdentity identity = small_identity();
  make_store(path("1"), identity, {15, 16});
  {
    ResultStore store(path("2"), identity);
    CellResult result = result_of(17);
    result.cell = 16;
    store.add(values_of(identity, 16), result);
    CellResult failed;
    failed.cell = 15;
    failed.error = "out of memory";
    store.add(values_of(identity, 15), failed);
  }
  merge_stores(path("a"), {path("1"), path("2")});
  merge_stores(path("b"), {path("2"), path("1")});
  EXPECT_EQ(StoredResults(path("a")).counts().failed, 0U);
  EXPECT_EQ(StoredResults(path("a")).counts().done, 2U);
  EXPECT_EQ(store_digest(path("a")), store_digest(path("b")));
}

TEST_F(StoreMerge, CellsThatDifferAreNamedAndNothingIsMade) {
  const SweepIdentity identity = small_identity();
  make_store(path("1"), identity, {1, 2});
  {
    ResultStore store(path("2"), identity);
    CellResult result = result_of(2);
    result.rows[0].values[0] = 0.25;
    store.add(values_of(identity, 2), result);
  }
  EXPECT_EQ(message_of<InputError>([&] {
              merge_stores(path("m"), {path("1"), path("2")});
            }),
            path("2") + ": error: cell 2 (a, 0.8, edf, 3) differs from that of '" + path("1") +
                "': the same cell of the same sweep must give the same results; run both again with one program");
  EXPECT_EQ(files_in(folder_), 2U);
}

TEST_F(StoreMerge, StoresOfOtherSweepsAreAllNamed) {
  make_store(path("1"), small_identity(), {1});
  SweepIdentity other = small_identity();
  other.version = "2";
  make_store(path("2"), other, {1});
  write_bytes(path("3"), "nothing");
  const std::string text = message_of<InputError>([&] {
    merge_stores(path("m"), {path("1"), path("2"), path("3"), path("4")});
  });
  EXPECT_NE(text.find(path("2") + ": error: belongs to another sweep than '" + path("1") +
                      "' (here): version '2' there, '1' here"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find(path("3") + ": error: is not a results store"), std::string::npos) << text;
  EXPECT_NE(text.find(path("4") + ": error: there is no such file"), std::string::npos) << text;
  EXPECT_FALSE(std::filesystem::exists(path("m")));
}

TEST_F(StoreMerge, MissingCellsAreCountedAndAllowedOrNot) {
  const SweepIdentity identity = small_identity();
  make_store(path("1"), identity, {3, 16});
  MergeSummary merged = merge_stores(path("m"), {path("1")}, false);
  EXPECT_EQ(merged.done, 1U);
  EXPECT_EQ(merged.failed, 1U);
  EXPECT_EQ(merged.missing, identity.cells - 2);
  EXPECT_FALSE(merged.made);
  EXPECT_EQ(files_in(folder_), 1U);
  merged = merge_stores(path("m"), {path("1")}, true);
  EXPECT_TRUE(merged.made);
  EXPECT_EQ(store_digest(path("m")), store_digest(path("1")));
  make_store(path("all"), identity, numbers(0, identity.cells));
  EXPECT_TRUE(merge_stores(path("whole"), {path("all")}, false).made);
}

// In a container every merge may have the same process number.
TEST_F(StoreMerge, WhatAKilledMergeLeftIsNoHindrance) {
  const SweepIdentity identity = small_identity();
  const std::string expected = make_store(path("1"), identity, {1, 2});
  const std::string left = path("m.part") + std::to_string(::getpid());
  make_store(left, identity, {1});
  const std::string bytes = read_bytes(left);
  write_bytes(left + "-1-wal", "of a file that is gone");
  merge_stores(path("m"), {path("1")});
  EXPECT_EQ(store_digest(path("m")), expected);
  EXPECT_EQ(read_bytes(left), bytes); // it may be somebody else's
  EXPECT_EQ(files_in(folder_), 3U);
}

/// Fewer open files for a while.
class FewFiles {
 public:
  explicit FewFiles(rlim_t most) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit fewer{std::min(most, before_.rlim_max), before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &fewer);
  }
  ~FewFiles() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  FewFiles(const FewFiles&) = delete;
  FewFiles& operator=(const FewFiles&) = delete;

 private:
  rlimit before_{};
};

TEST_F(StoreMerge, ManyMoreStoresThanFilesMayBeOpen) {
  const SweepIdentity identity = small_identity(30);
  const std::string expected = make_store(path("whole"), identity, numbers(0, identity.cells));
  std::vector<std::string> shards;
  for (CellIndex i = 1; i <= 150; ++i) {
    shards.push_back(path("shard" + std::to_string(i)));
    make_store(shards.back(), identity, shard(identity, i, 150));
  }
  const FewFiles few(110);
  const MergeSummary merged = merge_stores(path("merged"), shards, false);
  EXPECT_EQ(merged.done + merged.failed, identity.cells);
  EXPECT_EQ(store_digest(path("merged")), expected);
  EXPECT_EQ(files_in(folder_), 152U);

  // Of stores that were joined on the way the right ones are named.
  {
    ResultStore store(path("other"), identity);
    CellResult result = result_of(2);
    result.digest ^= 1U;
    store.add(values_of(identity, 2), result);
  }
  shards.push_back(path("other"));
  const std::string text = message_of<InputError>([&] { merge_stores(path("m"), shards); });
  EXPECT_EQ(
      text.rfind(path("other") + ": error: cell 2 (a, 0.8, edf, 3) differs from that of '" + path("shard3") + "'", 0),
      0U)
      << text;
  EXPECT_EQ(files_in(folder_), 153U);
}

TEST_F(StoreMerge, NoFileIsReplaced) {
  make_store(path("1"), small_identity(), {1});
  const std::string bytes = read_bytes(path("1"));
  EXPECT_EQ(message_of<Error>([&] { merge_stores(path("1"), {path("1")}); }),
            "cannot write '" + path("1") + "': it exists; use another name");
  EXPECT_EQ(read_bytes(path("1")), bytes);
}

TEST_F(StoreMerge, AFolderThatCannotBeWritten) {
  make_store(path("1"), small_identity(), {1});
  // Nobody can make a file there, root included. The file beside the output is not spoken of.
  const std::string text = message_of<Error>([&] { merge_stores("/proc/self/m", {path("1")}); });
  EXPECT_EQ(text.rfind("cannot write '/proc/self/m': ", 0), 0U) << text;
  const std::string end = ". Nothing was made, and the stores are as they were";
  ASSERT_GT(text.size(), end.size());
  EXPECT_EQ(text.substr(text.size() - end.size()), end);
}

} // namespace
} // namespace terastal
