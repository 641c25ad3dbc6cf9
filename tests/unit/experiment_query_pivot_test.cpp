#include <cmath> // sqrt

#include "terastal/core/error.hpp"
#include "terastal/sweep/query.hpp"
#include "unit/store_support.hpp"

namespace terastal {
namespace {

using namespace test;

/// Four cells for each policy and load: seeds 1 to 3 (the store lacks one), two scenarios.
class QueryPivot : public StoreTest {
 protected:
  QueryPivot() {
    identity_.name = "pivot";
    identity_.document = "{}";
    identity_.axes = {"scenario", "load", "policy", "seed"};
    identity_.axis_values = {{"s1", "s2"}, {"0.8", "1.20"}, {"edf", "a,b:x=1|2"}, {"1", "2", "3"}};
    identity_.metrics = {"miss_rate", "energy_mj"};
    identity_.cells = 24;
    identity_.version = "1";
    ResultStore store(path("s"), identity_);
    for (CellIndex c = 0; c < 24; ++c) {
      if (c == 23) continue;
      const auto values = values_of(identity_, c);
      // Rate = seed + 10 · (scenario is s2) + 100 · (load is 1.20) + 1000 · (the second policy).
      const double rate = static_cast<double>(c % 3 + 1) + 10.0 * static_cast<double>(c / 12) +
                          100.0 * static_cast<double>(c / 6 % 2) + 1000.0 * static_cast<double>(c / 3 % 2);
      CellResult result;
      result.cell = c;
      for (const char* task : {"", "y", "x"}) {
        const double own = *task == 'x' ? rate / 2 : rate;
        result.rows.push_back({task, 1, 1, 0, 0, {own, *task == '\0' ? std::nullopt : std::optional(own)}});
      }
      store.add(values, result);
    }
  }

  [[nodiscard]] Pivot pivot(const std::string& spec, const std::string& where = "", const std::string& task = "all") {
    const StoredResults results(path("s"));
    StoreSelection selection;
    if (!where.empty()) selection.where = parse_where(where, identity_);
    parse_tasks(task, results, selection);
    return make_pivot(results, selection, parse_pivot(spec, identity_));
  }

  SweepIdentity identity_;
};

TEST_F(QueryPivot, SeedsAreTheReplications) {
  const Pivot p = pivot("rows=load:columns=policy", "scenario=s1");
  EXPECT_EQ(p.rows, (std::vector<std::vector<std::string>>{{"0.8"}, {"1.20"}}));
  EXPECT_EQ(p.columns, (std::vector<std::vector<std::string>>{{"edf"}, {"a,b:x=1|2"}}));
  EXPECT_TRUE(p.over_seeds);
  EXPECT_TRUE(p.averaged.empty());
  const PivotGroup& group = *p.at[0][0]; // 1, 2, 3
  EXPECT_EQ(group.cells, 3U);
  EXPECT_EQ(group.mean.n, 3U);
  EXPECT_EQ(group.mean.mean, 2.0);
  EXPECT_EQ(group.deviation, 1.0);
  EXPECT_NEAR(*group.mean.half_width, 4.30265272991 / std::sqrt(3.0), 1e-9); // t(2) · sd / √n
  EXPECT_EQ(p.at[1][1]->mean.mean, 1102.0);
}

TEST_F(QueryPivot, OtherAxesAreAveragedWithinASeedFirst) {
  const Pivot p = pivot("rows=policy:columns=load");
  EXPECT_EQ(p.averaged, std::vector<std::string>{"scenario"});
  const PivotGroup& group = *p.at[0][0]; // seed s: mean of s and s + 10
  EXPECT_EQ(group.cells, 6U);
  EXPECT_EQ(group.mean.n, 3U); // not 6: scenarios are no sample
  EXPECT_EQ(group.mean.mean, 7.0);
  EXPECT_EQ(group.deviation, 1.0);
  // Cell 23 (s2, 1.20, the second policy, seed 3) is missing: its seed has the first scenario alone.
  const PivotGroup& partial = *p.at[1][1]; // means 1106, 1107, 1103
  EXPECT_EQ(partial.cells, 5U);
  EXPECT_NEAR(partial.mean.mean, (1106.0 + 1107.0 + 1103.0) / 3.0, 1e-9);
  // That mean is over other cells than the rest: it lacks one of 6, of which no seed or scenario is wholly absent.
  EXPECT_TRUE(p.unbalanced());
  EXPECT_EQ(p.combinations, 6U);
  EXPECT_EQ(partial.lacking, 1U);
  EXPECT_TRUE(partial.lacks.empty());
  EXPECT_EQ(group.lacking, 0U);
  EXPECT_FALSE(pivot("rows=policy:columns=load", "scenario=s1").unbalanced());
}

TEST_F(QueryPivot, GroupsOverOtherCellsThanTheRestAreTold) {
  // Cell 23 (s2, 1.20, the second policy, seed 3) is missing: that group alone has no seed 3.
  const Pivot seeds = pivot("rows=scenario,load:columns=policy");
  EXPECT_TRUE(seeds.unbalanced());
  EXPECT_EQ(seeds.combinations, 3U);
  const PivotGroup& group = *seeds.at[3][1];
  EXPECT_EQ(group.lacking, 1U);
  ASSERT_EQ(group.lacks.size(), 1U);
  EXPECT_EQ(group.lacks[0].first, "seed");
  EXPECT_EQ(group.lacks[0].second, std::vector<std::string>{"3"});
  EXPECT_EQ(seeds.at[3][0]->lacking, 0U);
  // What all have is balanced, and a group alone as well.
  EXPECT_FALSE(pivot("rows=scenario,load:columns=policy", "seed=1|2").unbalanced());
  EXPECT_FALSE(pivot("value=miss_rate", "policy=a,b:x=1|2,load=1.2,scenario=s2").unbalanced());
  // Places without a cell are empty and not unbalanced: named, the seed leaves nothing to differ.
  EXPECT_FALSE(pivot("rows=seed:columns=policy", "scenario=s2,load=1.2").unbalanced());
}

TEST_F(QueryPivot, WithTheSeedNamedThereIsNoInterval) {
  const Pivot p = pivot("rows=seed:columns=policy,load", "scenario=s2");
  EXPECT_FALSE(p.over_seeds);
  ASSERT_EQ(p.rows.size(), 3U);
  ASSERT_EQ(p.columns.size(), 4U);
  EXPECT_EQ(p.columns[1], (std::vector<std::string>{"edf", "1.20"}));
  EXPECT_EQ(p.at[2][1]->mean.mean, 113.0);
  EXPECT_EQ(p.at[2][1]->mean.n, 1U);
  EXPECT_FALSE(p.at[2][1]->mean.half_width);
  EXPECT_FALSE(p.at[2][1]->deviation);
  EXPECT_FALSE(p.at[2][3]); // cell 23
}

TEST_F(QueryPivot, TasksAreADimension) {
  const Pivot p = pivot("rows=task:columns=policy:value=energy", "load=0.8,scenario=s1");
  EXPECT_EQ(p.rows, (std::vector<std::vector<std::string>>{{"x"}, {"y"}}));
  EXPECT_EQ(p.at[0][0]->mean.mean, 1.0);
  EXPECT_EQ(p.at[1][0]->mean.mean, 2.0);
  EXPECT_EQ(pivot("rows=task", "", "x").rows, std::vector<std::vector<std::string>>{{"x"}});
  EXPECT_EQ(pivot("rows=load", "scenario=s1,policy=edf", "x").at[0][0]->mean.mean, 1.0);
  EXPECT_EQ(message_of<InputError>([&] { (void)pivot("rows=load", "", "each"); }),
            "error: several tasks: name 'task' in the pivot's rows or columns");
}

TEST_F(QueryPivot, MetricsWithoutAValueHaveNoGroup) {
  const Pivot p = pivot("rows=load:columns=policy:value=energy_mj");
  ASSERT_EQ(p.rows.size(), 2U);
  for (const auto& row : p.at) {
    for (const auto& group : row) EXPECT_FALSE(group);
  }
}

TEST_F(QueryPivot, WithoutNamesOneGroup) {
  const Pivot p = pivot("value=miss_rate", "policy=edf,load=0.8,scenario=s1");
  ASSERT_EQ(p.at.size(), 1U);
  EXPECT_EQ(p.at[0][0]->mean.mean, 2.0);
}

TEST_F(QueryPivot, DefaultRowsAreWhatVaries) {
  PivotSpec spec = default_pivot(identity_);
  EXPECT_EQ(spec.rows, (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(spec.columns, std::vector<std::size_t>{2});
  identity_.axis_values[0].pop_back();
  EXPECT_EQ(default_pivot(identity_).rows, std::vector<std::size_t>{1});
  identity_.axis_values[1].pop_back();
  EXPECT_EQ(default_pivot(identity_).rows, std::vector<std::size_t>{0}); // the scenario, rather than nothing
}

TEST_F(QueryPivot, ConditionsFindValuesWithSeparatorsAndOtherSpellings) {
  const auto conditions = parse_where("policy=a,b:x=1|2|edf , load=1.2|0.80", identity_);
  ASSERT_EQ(conditions.size(), 2U);
  EXPECT_EQ(conditions[0].axis, 2U);
  EXPECT_EQ(conditions[0].values, (std::vector<std::size_t>{1, 0}));
  EXPECT_EQ(conditions[1].axis, 1U);
  EXPECT_EQ(conditions[1].values, (std::vector<std::size_t>{1, 0}));
}

TEST_F(QueryPivot, MistakesAreExplained) {
  const auto where = [&](const char* text) {
    return message_of<InputError>([&] { (void)parse_where(text, identity_); });
  };
  EXPECT_EQ(where("polcy=edf"),
            "error: unknown axis 'polcy' (did you mean 'policy'?); allowed: scenario, load, policy, seed");
  EXPECT_EQ(where("policy=edff"),
            "error: unknown value of 'policy': 'edff' (did you mean 'edf'?); allowed: edf, a,b:x=1|2");
  EXPECT_EQ(where("load=0.8,load=1.2"), "error: 'load' is given twice; separate its values by |");
  EXPECT_EQ(where("edf"), "error: expected AXIS=VALUE, e.g. policy=edf,load=1.2|1.4, got 'edf'");
  EXPECT_EQ(where(""), "error: expected AXIS=VALUE, e.g. policy=edf,load=1.2|1.4, got ''");
  EXPECT_EQ(where("load=0.8,"), "error: expected AXIS=VALUE, e.g. policy=edf,load=1.2|1.4, got ''");

  const auto spec = [&](const char* text) {
    return message_of<InputError>([&] { (void)parse_pivot(text, identity_); });
  };
  EXPECT_EQ(spec("row=load"), "error: unknown part 'row' (did you mean 'rows'?); allowed: rows, columns, value");
  EXPECT_EQ(spec("rows=load:columns=load"), "error: 'load' is given twice");
  EXPECT_EQ(spec("rows=load:rows=seed"), "error: 'rows' is given twice");
  EXPECT_EQ(spec("rows=lod"),
            "error: unknown axis 'lod' (did you mean 'load'?); allowed: scenario, load, policy, seed, task");
  EXPECT_EQ(spec("value=missrate"),
            "error: unknown metric of this sweep: 'missrate' (did you mean 'miss_rate'?); allowed: miss_rate, energy");
  EXPECT_EQ(spec("load"),
            "error: expected rows=AXES:columns=AXES:value=METRIC, e.g. rows=load:columns=policy, got 'load'");

  const auto columns = [&](const char* text) {
    return message_of<InputError>([&] { (void)parse_columns(text, identity_); });
  };
  EXPECT_EQ(columns("load,enrgy"), "error: unknown column 'enrgy' (did you mean 'energy'?); allowed: cell, scenario, "
                                   "load, policy, seed, task, released, completed, late, dropped, digest, miss_rate, "
                                   "energy");
  EXPECT_EQ(columns("energy,energy_mj"), "error: 'energy_mj' is given twice");

  const StoredResults results(path("s"));
  StoreSelection selection;
  EXPECT_EQ(message_of<InputError>([&] { parse_tasks("yy", results, selection); }),
            "error: unknown task 'yy' (did you mean 'y'?); allowed: all, each, x, y");
}

} // namespace
} // namespace terastal
