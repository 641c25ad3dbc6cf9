/// What a store holds after its writer was killed, or could not write.
#include <csignal>
#include <fcntl.h>
#include <sys/resource.h> // setrlimit
#include <sys/wait.h>
#include <unistd.h>

#include "terastal/core/error.hpp"
#include "terastal/sweep/query.hpp"
#include "unit/store_support.hpp"

namespace terastal {
namespace {

using namespace test;
using StoreKill = StoreTest;

/// Cells that the store lacks.
std::vector<CellIndex> missing(const ResultStore& store, const SweepIdentity& identity) {
  std::vector<bool> held(identity.cells);
  for (const CellIndex cell : store.cells()) held[cell] = true;
  std::vector<CellIndex> cells;
  for (CellIndex c = 0; c < identity.cells; ++c) {
    if (!held[c]) cells.push_back(c);
  }
  return cells;
}

constexpr std::uint64_t kMostCellsOfChild = 200;

/// The child: goes on with the sweep, says `a` for each cell that it added and `c` for each commit. After its cells it
/// waits for its end.
[[noreturn]] void add_until_killed(const std::string& path, const SweepIdentity& identity, int pipe,
                                   std::uint64_t commit_every) {
  const auto say = [&](char what) {
    if (::write(pipe, &what, 1) != 1) ::_exit(1);
  };
  try {
    ResultStore store(path, identity);
    std::uint64_t added = 0;
    for (const CellIndex cell : missing(store, identity)) {
      add_cells(store, identity, {cell});
      say('a');
      if (++added % commit_every == 0) {
        store.commit();
        say('c');
      }
      while (added == kMostCellsOfChild) ::pause();
    }
  } catch (const std::exception&) {
    ::_exit(1);
  }
  ::_exit(1);
}

/// Runs the child and kills it after it said a number of things, at whatever it does then. \returns cells that it had
/// committed for sure.
std::uint64_t run_and_kill(const std::string& path, const SweepIdentity& identity, std::uint64_t after,
                           std::uint64_t commit_every) {
  int ends[2];
  if (::pipe(ends) != 0) return 0;
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    add_until_killed(path, identity, ends[1], commit_every);
  }
  ::close(ends[1]);
  std::uint64_t added = 0;
  std::uint64_t committed = 0;
  char what = 0;
  for (std::uint64_t said = 0; said < after && ::read(ends[0], &what, 1) == 1; ++said) {
    if (what == 'a')
      ++added;
    else
      committed = added;
  }
  ::kill(child, SIGKILL);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child failed";
  ::close(ends[0]);
  return committed;
}

TEST_F(StoreKill, NothingThatWasCommittedIsLostAndTheRestIsDoneOnce) {
  const SweepIdentity identity = small_identity(600); // 7200 cells
  const std::string expected = make_store(path("undisturbed"), identity, numbers(0, identity.cells));
  RandomStream random(1, 0, Purpose::sample);
  std::size_t held = 0;
  int kills_while_writing = 0;
  for (int round = 0; round < 30; ++round) {
    // From before anything is there to between batches; batches of 1 to 60 cells.
    const std::uint64_t after = random.below(150);
    const std::uint64_t committed = run_and_kill(path("s"), identity, after, 1 + random.below(60));
    kills_while_writing += std::filesystem::exists(path("s-wal")) ? 1 : 0;
    ResultStore store(path("s"), identity); // free again: the system took the lock back
    const std::size_t now = store.cells().size();
    EXPECT_GE(now, held + committed) << "round " << round;
    held = now;
  }
  EXPECT_GT(kills_while_writing, 10);
  EXPECT_GT(held, 300U);
  EXPECT_LT(held, identity.cells); // what is left is done undisturbed
  {
    ResultStore store(path("s"), identity);
    add_cells(store, identity, missing(store, identity));
    store.commit();
  }
  EXPECT_EQ(store_digest(path("s")), expected);
}

TEST_F(StoreKill, WhatAKilledWriterLeftCanBeReadAsItIs) {
  const SweepIdentity identity = small_identity(250);
  const std::uint64_t committed = run_and_kill(path("s"), identity, 120, 50);
  ASSERT_TRUE(std::filesystem::exists(path("s-wal")));
  const StoreCounts counts = StoredResults(path("s")).counts();
  EXPECT_GE(counts.done + counts.failed, committed);
  EXPECT_EQ(store_digest(path("s")), make_store(path("t"), identity, numbers(0, counts.done + counts.failed)));
}

TEST_F(StoreKill, AWriteErrorSaysSoAndKeepsWhatWasCommitted) {
  const SweepIdentity identity = small_identity(250);
  make_store(path("s"), identity, numbers(0, 600));
  const pid_t child = ::fork();
  if (child == 0) {
    // Files cannot grow above this size: writing fails as on a broken disk.
    std::signal(SIGXFSZ, SIG_IGN);
    const rlim_t size = std::filesystem::file_size(path("s")) / 2;
    const rlimit limit{size, size};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(9);
    try {
      ResultStore store(path("s"), identity);
      for (const CellIndex cell : missing(store, identity)) add_cells(store, identity, {cell});
      store.commit();
    } catch (const InputError&) {
      ::_exit(2);
    } catch (const Error& e) {
      const std::string text = e.what();
      const bool clear = text.find("cannot write '" + path("s") + "'") != std::string::npos &&
                         text.find("what was committed before is kept") != std::string::npos;
      ::_exit(clear ? 3 : 4);
    }
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 3);
  {
    ResultStore store(path("s"), identity);
    EXPECT_GE(store.cells().size(), 600U);
    add_cells(store, identity, missing(store, identity));
  }
  EXPECT_EQ(store_digest(path("s")), make_store(path("t"), identity, numbers(0, identity.cells)));
}

TEST_F(StoreKill, TheSecondWriterIsToldWhoTheFirstIs) {
  const SweepIdentity identity = small_identity();
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ResultStore store(path("s"), identity);
    const char byte = 'r';
    if (::write(ready[1], &byte, 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  const std::string text = message_of<Error>([&] { ResultStore(path("s"), identity); });
  EXPECT_EQ(text.rfind("'" + path("s") + "' is being written by process " + std::to_string(child) + ' ', 0), 0U)
      << text;
  EXPECT_NE(text.find("wait for it, end it, or write to another file and merge"), std::string::npos);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
  EXPECT_NO_THROW(ResultStore(path("s"), identity));
}

TEST_F(StoreKill, OneProcessCannotWriteTwiceEither) {
  const ResultStore first(path("s"), small_identity());
  EXPECT_THROW(ResultStore(path("s"), small_identity()), Error);
  std::filesystem::create_symlink(path("s"), path("link"));
  EXPECT_THROW(ResultStore(path("link"), small_identity()), Error);
}

} // namespace
} // namespace terastal
