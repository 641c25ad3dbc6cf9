// A sweep on several ranks, here threads of one process: equal results, and an end with a clear message whatever
// happens to one of them.

#include "terastal/sweep/rank_team.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "sweep/rank_messages.hpp"
#include "terastal/core/error.hpp"
#include "unit/experiment_rank_support.hpp"
#include "unit/experiment_sweep_support.hpp"

namespace terastal {
namespace {

using testing::KeptCells;
using testing::RankHub;
using testing::SweepFiles;

constexpr const char* kGrid = R"(  scenario: small.yaml
  load: [0.5, 1, 1.5]
  theta: { set: accuracy_threshold, values: [0.85, 0.97] }
  policy: [edf, "terastal:variants=false", terastal]
  seed: 1..8
)";

using Rank = std::function<void(Transport&)>;

/// A sweep on ranks: rank 0 is this thread, the others run `others`, which may be fewer than they are: the last counts
/// for the rest.
class Ranks : public ::testing::Test {
 protected:
  Ranks() : sweep_(files_.load(kGrid)), task_{identity_of(sweep_), "all cells"} {}

  void with_others(std::size_t size, const Rank& rank_0, const std::vector<Rank>& others) {
    RankHub hub(size);
    std::vector<std::thread> threads;
    for (std::size_t rank = 1; rank < size; ++rank) {
      threads.emplace_back([&, rank] {
        const auto transport = hub.rank(rank);
        others[std::min(rank, others.size()) - 1](*transport);
      });
    }
    const auto transport = hub.rank(0);
    rank_0(*transport);
    for (std::thread& thread : threads) thread.join();
    finished_ = hub.finished();
  }

  [[nodiscard]] Rank member(std::size_t threads = 1) const {
    return [this, threads](Transport& transport) {
      MemberOptions options;
      options.threads = threads;
      EXPECT_TRUE(join_team(transport, sweep_, task_, options));
    };
  }

  /// Rank 0's part of a sweep.
  [[nodiscard]] Rank leader(KeptCells& kept, SweepSummary& summary, SweepOptions options = {}) const {
    return [this, &kept, &summary, options](Transport& transport) {
      RankTeam team(transport);
      team.assemble(task_);
      SweepOptions with_team = options;
      if (with_team.threads == 0) with_team.threads = 1;
      with_team.helpers = &team;
      summary = run_sweep(sweep_, kept.sink(), with_team);
    };
  }

  /// The error of rank 0 when the others do this.
  template <typename Expected>
  std::string error(const std::vector<Rank>& others, std::size_t size = 2) {
    std::string text;
    KeptCells kept;
    SweepSummary summary;
    const Rank lead = leader(kept, summary);
    with_others(
        size,
        [&](Transport& transport) {
          try {
            lead(transport);
          } catch (const Expected& e) {
            text = e.what();
          }
        },
        others);
    EXPECT_EQ(finished_, size); // everyone leaves in an orderly way
    return text;
  }

  [[nodiscard]] KeptCells alone() const {
    KeptCells kept;
    SweepOptions options;
    options.threads = 1;
    run_sweep(sweep_, kept.sink(), options);
    return kept;
  }

  SweepFiles files_;
  Sweep sweep_;
  TeamTask task_;
  std::size_t finished_ = 0;
};

TEST_F(Ranks, ResultsDoNotDependOnThem) {
  const KeptCells whole = alone();
  ASSERT_EQ(whole.results.size(), 144U);
  for (const std::size_t size : {2U, 3U, 5U}) {
    KeptCells kept;
    SweepSummary summary;
    with_others(size, leader(kept, summary), {member(), member(2)});
    EXPECT_EQ(kept.results, whole.results) << size;
    EXPECT_EQ(kept.values, whole.values);
    EXPECT_EQ(kept.commits, 1);
    EXPECT_EQ(summary.done, 144U);
    EXPECT_TRUE(summary.complete);
    for (const SweepPart& part : summary.plan.parts) EXPECT_GT(part.seconds_per_job.value_or(0.0), 0.0);
    EXPECT_EQ(finished_, size);
  }
}

TEST_F(Ranks, TheOthersCanRunItAll) {
  std::atomic<std::uint64_t> done = 0;
  SweepOptions options;
  options.progress = [&](const SweepProgress& progress) { done = progress.done; };
  const auto me = std::this_thread::get_id();
  options.keep_going = [&] {
    // The thread of rank 0 that runs cells gets none before all are done; the main thread passes messages.
    while (std::this_thread::get_id() != me && done < 144) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return true;
  };
  KeptCells kept;
  SweepSummary summary;
  with_others(3, leader(kept, summary, options), {member()});
  EXPECT_EQ(summary.done, 144U);
  EXPECT_EQ(kept.results, alone().results);
}

TEST_F(Ranks, TheSweepGoesOnWithRanks) {
  const KeptCells whole = alone();
  KeptCells kept;
  for (CellIndex cell = 0; cell < 144; cell += 2) kept.results.emplace(cell, whole.results.at(cell));
  SweepSummary summary;
  with_others(2, leader(kept, summary), {member()});
  EXPECT_EQ(summary.done, 72U);
  EXPECT_EQ(kept.results, whole.results);
  with_others(2, leader(kept, summary), {member()}); // with nothing to do
  EXPECT_EQ(summary.done, 0U);
  EXPECT_TRUE(summary.complete);
}

TEST_F(Ranks, AStoppedSweepKeepsWhatIsThere) {
  std::atomic<std::uint64_t> done = 0;
  SweepOptions options;
  options.progress = [&](const SweepProgress& progress) { done = progress.done; };
  options.keep_going = [&] { return done < 20; };
  KeptCells kept;
  SweepSummary summary;
  with_others(3, leader(kept, summary, options), {member()});
  EXPECT_FALSE(summary.complete);
  EXPECT_GE(kept.results.size(), 20U);
  EXPECT_EQ(summary.done, kept.results.size());
  EXPECT_EQ(kept.commits, 1);
  with_others(3, leader(kept, summary), {member()});
  EXPECT_EQ(kept.results, alone().results);
}

TEST_F(Ranks, ARankThatIsToldToEndEndsTheSweep) {
  std::optional<std::string> lost;
  KeptCells kept;
  SweepSummary summary;
  with_others(2,
              [&](Transport& transport) {
                RankTeam team(transport);
                team.assemble(task_);
                SweepOptions options;
                options.threads = 1;
                options.helpers = &team;
                // It cannot be over before the other rank has gone.
                options.keep_going = [&] {
                  std::this_thread::sleep_for(std::chrono::milliseconds(2));
                  return true;
                };
                summary = run_sweep(sweep_, kept.sink(), options);
                lost = team.lost();
              },
              {[&](Transport& transport) {
                MemberOptions options;
                int asked = 0;
                options.keep_going = [&] { return ++asked < 5; };
                EXPECT_TRUE(join_team(transport, sweep_, task_, options));
              }});
  EXPECT_FALSE(summary.complete);
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->substr(0, 10), "rank 1 on ");
  EXPECT_NE(lost->find("was told to end"), std::string::npos);
  EXPECT_EQ(kept.commits, 1);
}

TEST_F(Ranks, AMemberWhoseLeaderIsLostLeaves) {
  // Rank 0 neither reads nor answers.
  RankHub hub(2);
  const auto transport = hub.rank(1);
  MemberOptions options;
  options.keep_going = [] { return false; };
  EXPECT_FALSE(join_team(*transport, sweep_, task_, options));
  EXPECT_EQ(hub.finished(), 0U);
}

TEST_F(Ranks, FailedCellsComeBackAsSuch) {
  sweep_ = files_.load("  scenario: small.yaml\n  h: { set: horizon, values: [100 ms, 200 ms] }\n"
                       "  w: { set: warm_up, values: [0 s, 150 ms] }\n  policy: [edf, fcfs]\n  seed: 4\n");
  task_.identity = identity_of(sweep_);
  const KeptCells whole = alone();
  KeptCells kept;
  SweepSummary summary;
  with_others(3, leader(kept, summary), {member()});
  EXPECT_EQ(kept.results, whole.results);
  EXPECT_EQ(summary.failed, 8U);
  ASSERT_EQ(summary.failures.size(), 8U);
  EXPECT_NE(summary.failures[0].error.find("'warm_up' must be less than 'horizon'"), std::string::npos);
}

TEST_F(Ranks, AnotherSweepIsRefused) {
  TeamTask other = task_;
  other.identity.inputs.at(0).sha256 = "0";
  const std::string text = error<InputError>(
      {member(), [&](Transport& transport) { EXPECT_TRUE(join_team(transport, sweep_, other, {})); }}, 3);
  EXPECT_NE(text.find("rank 2 on "), std::string::npos) << text;
  EXPECT_NE(text.find("read another sweep than rank 0: "), std::string::npos) << text;
  EXPECT_NE(text.find("see the same files"), std::string::npos) << text;
}

TEST_F(Ranks, OtherOptionsAreRefused) {
  TeamTask other = task_;
  other.options = "shard 2/2";
  const std::string text =
      error<InputError>({[&](Transport& transport) { EXPECT_TRUE(join_team(transport, sweep_, other, {})); }});
  EXPECT_NE(text.find("shard 2/2 there, all cells here"), std::string::npos) << text;
}

TEST_F(Ranks, ARankThatCannotReadTheSweepSaysWhy) {
  const Rank lacks_file = [](Transport& transport) {
    EXPECT_TRUE(decline_team(transport, "grid.yaml: error: cannot be read", true));
  };
  const std::string text = error<InputError>({member(), lacks_file}, 3);
  EXPECT_NE(text.find("rank 2 on "), std::string::npos) << text;
  EXPECT_NE(text.find("cannot take part:\ngrid.yaml: error: cannot be read"), std::string::npos) << text;
  const std::string other = error<Error>({[](Transport& transport) { decline_team(transport, "broken disk", false); }});
  EXPECT_NE(other.find("cannot go on: broken disk"), std::string::npos) << other;
}

TEST_F(Ranks, AFailureDuringTheSweepEndsIt) {
  // Says hello, takes a cell, and breaks.
  const Rank breaks = [this](Transport& transport) {
    transport.send(0, write_hello({this_place(), 1, task_}));
    while (true) {
      const auto message = transport.receive();
      if (message && kind_of(message->bytes) == RankMessageKind::cells) break;
    }
    EXPECT_TRUE(decline_team(transport, "out of memory", false));
  };
  const std::string text = error<Error>({breaks});
  EXPECT_NE(text.find("cannot go on: out of memory"), std::string::npos) << text;
}

TEST_F(Ranks, AStoreThatCannotBeWrittenEndsAll) {
  KeptCells kept;
  bool thrown = false;
  with_others(3,
              [&](Transport& transport) {
                RankTeam team(transport);
                team.assemble(task_);
                SweepOptions options;
                options.threads = 1;
                options.helpers = &team;
                CellSink sink = kept.sink();
                const auto add = sink.add;
                sink.add = [&](const std::vector<std::string>& values, const CellResult& result) {
                  if (kept.results.size() == 10) throw Error("disk full");
                  add(values, result);
                };
                try {
                  run_sweep(sweep_, sink, options);
                } catch (const Error& e) {
                  thrown = std::string(e.what()) == "disk full";
                }
              },
              {member()});
  EXPECT_TRUE(thrown);
  EXPECT_EQ(kept.results.size(), 10U);
  EXPECT_EQ(finished_, 3U);
}

TEST_F(Ranks, AnErrorOfRankZeroLetsTheOthersGo) {
  with_others(3, [&](Transport& transport) { const RankTeam team(transport); }, {member()});
  EXPECT_EQ(finished_, 3U);
}

TEST_F(Ranks, TheTeamIsCounted) {
  with_others(4,
              [&](Transport& transport) {
                RankTeam team(transport);
                team.assemble(task_);
                EXPECT_EQ(team.ranks(), 4U);
                EXPECT_EQ(team.threads(), 1U + 2U + 2U);
                EXPECT_EQ(team.machines(), 1U);
              },
              {member(), member(2)});
}

} // namespace
} // namespace terastal
