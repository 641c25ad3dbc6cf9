#include <cmath> // sqrt
#include <functional>

#include "terastal/core/error.hpp"
#include "terastal/sweep/query_against.hpp"
#include "unit/store_support.hpp"

namespace terastal {
namespace {

using namespace test;

/// Student's t for 95 % with two degrees of freedom: (2q − 1) √(2 / (4 q (1 − q))) at q = 0.975.
const double kT2 = 0.95 * std::sqrt(2.0 / (4.0 * 0.975 * 0.025));

/// Two-sided p-value of t with two degrees of freedom, from t² = n · mean² / variance: F(t) = ½ + t / (2 √(2 + t²)).
double p_of(double t_squared) { return 1.0 - std::sqrt(t_squared / (2.0 + t_squared)); }

/// Scenarios, loads, three policies, three seeds; miss_rate is a function of the places on the axes.
class QueryAgainst : public StoreTest {
 protected:
  /// Places on scenario, load, policy, seed. Nothing: the cell is not there.
  using Rate = std::function<std::optional<double>(std::size_t s, std::size_t l, std::size_t p, std::size_t seed)>;

  QueryAgainst() {
    identity_.name = "against";
    identity_.document = "{}";
    identity_.axes = {"scenario", "load", "policy", "seed"};
    identity_.axis_values = {{"s1", "s2"}, {"0.8", "1.20"}, {"edf", "fcfs", "dream:alpha=0"}, {"1", "2", "3"}};
    identity_.metrics = {"miss_rate", "sla"};
    identity_.cells = 36;
    identity_.version = "1";
  }

  /// `sla` is the rate, too; of task x it is half as much.
  /// `alike`: the seed makes no difference to the runs' events.
  void store(const Rate& rate, bool alike = false) {
    ResultStore store(path("s"), identity_);
    for (CellIndex c = 0; c < 36; ++c) {
      const auto value = rate(c / 18, c / 9 % 2, c / 3 % 3, c % 3);
      if (!value) continue;
      CellResult result;
      result.cell = c;
      result.digest = alike ? c / 3 : c;
      result.rows = {{"", 1, 1, 0, 0, {*value, *value}}, {"x", 1, 1, 0, 0, {*value / 2, *value / 2}}};
      store.add(values_of(identity_, c), result);
    }
  }

  [[nodiscard]] PairedDifferences differences(const std::string& against, const std::string& rows = "",
                                              const std::string& where = "", bool holm = false,
                                              const std::string& task = "all") {
    const StoredResults results(path("s"));
    AgainstSpec spec = parse_against(against, identity_);
    if (!rows.empty()) parse_against_rows(rows, identity_, spec);
    spec.metrics = {0};
    spec.holm = holm;
    StoreSelection selection;
    if (!where.empty()) selection.where = parse_where(where, identity_);
    parse_tasks(task, results, selection);
    return make_differences(results, selection, spec);
  }

  SweepIdentity identity_;
};

TEST_F(QueryAgainst, DifferencesArePairedBySeed) {
  // edf 10 with every seed, fcfs 11, 12, 13.
  store([](auto, auto, auto p, auto seed) { return 10.0 + (p == 1 ? static_cast<double>(seed + 1) : 0.0); });
  const PairedDifferences result = differences("edf", "", "scenario=s1,load=0.8");
  ASSERT_EQ(result.all.size(), 2U);
  EXPECT_TRUE(result.over_seeds);
  EXPECT_EQ(result.judged, 0U);
  const PairedDifference& d = result.all[0];
  EXPECT_EQ(d.row, (std::vector<std::string>{"s1", "0.8"}));
  EXPECT_EQ(d.other, "fcfs");
  EXPECT_EQ(d.base.mean, 10.0);
  EXPECT_EQ(d.value.mean, 12.0);
  EXPECT_EQ(d.comparison.difference.n, 3U);
  EXPECT_EQ(d.comparison.difference.mean, 2.0);
  EXPECT_NEAR(*d.comparison.difference.half_width, kT2 / std::sqrt(3.0), 1e-12); // deviation 1
  EXPECT_NEAR(d.comparison.relative->mean, 0.2, 1e-15);
  EXPECT_NEAR(*d.comparison.relative->half_width, kT2 / std::sqrt(3.0) / 10.0, 1e-12);
  EXPECT_NEAR(*d.p_value, p_of(12.0), 1e-12);
  EXPECT_FALSE(d.adjusted_p_value);
  EXPECT_EQ(d.verdict, Verdict::inconclusive); // 2 ± 2.48
  EXPECT_EQ(d.cells, 3U);
  EXPECT_EQ(d.left_out, 0U);
  EXPECT_EQ(result.all[1].other, "dream:alpha=0");
  EXPECT_EQ(result.all[1].verdict, Verdict::identical);
}

TEST_F(QueryAgainst, HolmJudgesAllRowsTogether) {
  // Differences of fcfs: 10, 11, 12; 5, 6, 7; −3, −4, −5; 1, 2, 3. Another policy is not selected.
  store([](auto s, auto l, auto p, auto seed) {
    if (p != 1) return 20.0;
    const double step = static_cast<double>(seed);
    const double differences[] = {10.0 + step, 5.0 + step, -3.0 - step, 1.0 + step};
    return 20.0 + differences[2 * s + l];
  });
  const PairedDifferences result = differences("policy=edf", "", "policy=fcfs", true);
  ASSERT_EQ(result.all.size(), 4U);
  EXPECT_EQ(result.judged, 4U);
  const double p[] = {p_of(3 * 121.0), p_of(3 * 36.0), p_of(3 * 16.0), p_of(3 * 4.0)}; // 0.0027, 0.0091, 0.020, 0.074
  const double factor[] = {4.0, 3.0, 2.0, 1.0};
  const Verdict verdict[] = {Verdict::worse, Verdict::worse, Verdict::better, Verdict::inconclusive};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(*result.all[i].p_value, p[i], 1e-12);
    EXPECT_NEAR(*result.all[i].adjusted_p_value, factor[i] * p[i], 1e-12);
    EXPECT_EQ(result.all[i].verdict, verdict[i]) << i;
  }
  // Two more comparisons, of identical values, with p = 1: the third is then 4 · 0.0202 and no longer below 0.05.
  const PairedDifferences more = differences("edf", "", "scenario=s1|s2,load=0.8", true);
  EXPECT_EQ(more.judged, 4U);
  EXPECT_NEAR(*more.all[0].adjusted_p_value, 4.0 * p[0], 1e-12);
  EXPECT_EQ(more.all[1].verdict, Verdict::identical);
  EXPECT_NEAR(*more.all[2].adjusted_p_value, 3.0 * p[2], 1e-12);
  EXPECT_EQ(more.all[2].verdict, Verdict::inconclusive);
}

TEST_F(QueryAgainst, EqualDifferencesTellOnlyWhereNothingIsRandom) {
  const Rate rate = [](auto, auto, auto p, auto) { return static_cast<double>(p); };
  store(rate);
  const PairedDifference few = differences("edf", "rows=scenario", "policy=fcfs").all[0];
  EXPECT_EQ(few.comparison.difference.mean, 1.0);
  EXPECT_EQ(few.p_value, 0.25); // 2^(1 − 3): three seeds of equal sign
  EXPECT_EQ(few.verdict, Verdict::inconclusive);
  std::filesystem::remove(path("s"));
  store(rate, true);
  const PairedDifference known = differences("edf", "rows=scenario", "policy=fcfs").all[0];
  EXPECT_EQ(known.p_value, 0.0);
  EXPECT_EQ(known.verdict, Verdict::worse);
}

TEST_F(QueryAgainst, HigherIsBetterWhereTheMetricSaysSo) {
  store([](auto, auto, auto p, auto seed) { return p == 1 ? 20.0 + static_cast<double>(seed) : 10.0; });
  const StoredResults results(path("s"));
  AgainstSpec spec = parse_against("edf", identity_);
  EXPECT_EQ(spec.metrics, (std::vector<std::size_t>{0, 1}));
  spec.rows = {};
  const PairedDifferences result = make_differences(results, {}, spec);
  ASSERT_EQ(result.all.size(), 4U); // by metric, then policy
  EXPECT_EQ(result.all[0].verdict, Verdict::worse);
  EXPECT_EQ(result.all[2].metric, 1U);
  EXPECT_EQ(result.all[2].verdict, Verdict::better);
}

TEST_F(QueryAgainst, SeedsOfOneSideAreLeftOut) {
  store([](auto s, auto l, auto p, auto seed) -> std::optional<double> {
    if (p == 1 && s == 0 && l == 0 && seed == 1) return std::nullopt; // fcfs lacks seed 2
    if (p == 0 && s == 1) return std::nullopt;                        // edf lacks s2
    return static_cast<double>(seed * seed) + 10.0 * static_cast<double>(p);
  });
  const PairedDifferences result = differences("edf", "rows=scenario", "load=0.8");
  ASSERT_EQ(result.all.size(), 4U);
  EXPECT_EQ(result.all[0].comparison.difference.n, 2U); // seeds 1 and 3
  EXPECT_EQ(result.all[0].base.mean, 2.0);              // of 0 and 4, without the 1
  EXPECT_EQ(result.all[0].comparison.difference.mean, 10.0);
  EXPECT_EQ(result.all[0].left_out, 1U); // edf with seed 2
  EXPECT_EQ(result.all[1].comparison.difference.n, 3U);
  EXPECT_EQ(result.all[1].left_out, 0U);
  EXPECT_EQ(result.all[2].row, std::vector<std::string>{"s2"}); // shown, though it cannot be compared
  EXPECT_EQ(result.all[2].comparison.difference.n, 0U);
  EXPECT_EQ(result.all[2].left_out, 3U);
  EXPECT_FALSE(result.all[2].verdict);
  EXPECT_FALSE(result.all[2].p_value);
}

TEST_F(QueryAgainst, AxesThatAreNotNamedAreAveragedWithinASeedFirst) {
  // Differences of seed k: k + 1 at a load of 0.8, k + 11 at 1.2; fcfs lacks the latter with the last seed.
  store([](auto s, auto l, auto p, auto seed) -> std::optional<double> {
    if (p == 1 && s == 0 && l == 1 && seed == 2) return std::nullopt;
    return p == 1 ? static_cast<double>(seed + 1) + 10.0 * static_cast<double>(l) : 0.0;
  });
  const PairedDifferences result = differences("edf", "rows=scenario", "policy=fcfs");
  ASSERT_EQ(result.all.size(), 2U);
  EXPECT_EQ(result.averaged, std::vector<std::string>{"load"});
  EXPECT_EQ(result.all[1].comparison.difference.n, 3U); // not 6
  EXPECT_EQ(result.all[1].comparison.difference.mean, 7.0);
  EXPECT_EQ(result.all[1].cells, 6U);
  EXPECT_FALSE(result.all[1].comparison.relative); // of nothing
  // A seed without all loads is no mean over the same cells: seeds 1 and 2 alone, (6 + 7) / 2.
  EXPECT_EQ(result.all[0].comparison.difference.n, 2U);
  EXPECT_EQ(result.all[0].comparison.difference.mean, 6.5);
  EXPECT_EQ(result.all[0].cells, 4U);
  EXPECT_EQ(result.all[0].left_out, 3U);
}

TEST_F(QueryAgainst, AnyAxisCanBeCompared) {
  store([](auto, auto l, auto, auto seed) { return 10.0 * static_cast<double>(l) + static_cast<double>(seed); });
  const AgainstSpec spec = parse_against(" load = 1.2 ", identity_);
  EXPECT_EQ(spec.axis, 1U);
  EXPECT_EQ(spec.base, 1U);
  EXPECT_EQ(spec.rows, (std::vector<std::size_t>{0, 2})); // policies are rows now
  const PairedDifferences result = differences("load=1.2", "", "scenario=s1,policy=edf|dream:alpha=0,load=0.8");
  ASSERT_EQ(result.all.size(), 2U); // the base need not be among the values that are chosen
  EXPECT_EQ(result.all[0].row, (std::vector<std::string>{"s1", "edf"}));
  EXPECT_EQ(result.all[0].other, "0.8");
  EXPECT_EQ(result.all[0].comparison.difference.mean, -10.0);
}

TEST_F(QueryAgainst, TasksAreRows) {
  store([](auto, auto, auto p, auto) { return static_cast<double>(p); });
  const PairedDifferences result = differences("edf", "rows=task", "scenario=s1,load=0.8,policy=fcfs");
  ASSERT_EQ(result.all.size(), 1U);
  EXPECT_EQ(result.all[0].row, std::vector<std::string>{"x"});
  EXPECT_EQ(result.all[0].comparison.difference.mean, 0.5);
  EXPECT_EQ(message_of<InputError>([&] { (void)differences("edf", "rows=load", "", false, "each"); }),
            "error: several tasks: name 'task' in the pivot's rows or columns");
}

TEST_F(QueryAgainst, WithoutSeedsThereIsOnePairAndNoInterval) {
  identity_.axes.pop_back();
  identity_.axis_values.pop_back();
  {
    ResultStore store(path("s"), identity_);
    for (CellIndex c = 0; c < 12; ++c) {
      CellResult result;
      result.cell = c;
      result.rows = {{"", 1, 1, 0, 0, {c % 3 == 2 ? 0.0 : static_cast<double>(c % 3), std::nullopt}}};
      store.add(values_of(identity_, c), result);
    }
  }
  const PairedDifferences result = differences("edf", "", "scenario=s1,load=0.8");
  EXPECT_FALSE(result.over_seeds);
  EXPECT_EQ(result.all[0].comparison.difference.n, 1U);
  EXPECT_EQ(result.all[0].comparison.difference.mean, 1.0);
  EXPECT_EQ(result.all[0].verdict, Verdict::inconclusive);
  EXPECT_EQ(result.all[1].verdict, Verdict::identical);
}

TEST_F(QueryAgainst, BootstrapIntervals) {
  store([](auto, auto, auto p, auto seed) { return p == 1 ? static_cast<double>(seed + 1) : 0.0; });
  const StoredResults results(path("s"));
  AgainstSpec spec = parse_against("edf", identity_);
  spec.metrics = {0};
  spec.intervals = IntervalMethod::bca;
  const PairedDifferences result = make_differences(results, {}, spec);
  const double base[] = {0.0, 0.0, 0.0};
  const double other[] = {1.0, 2.0, 3.0};
  const PairedComparison expected = compare_paired(base, other, kConfidence, IntervalMethod::bca);
  ASSERT_TRUE(expected.difference.bootstrap);
  EXPECT_EQ(result.all[0].comparison.difference.low(), expected.difference.low());
  EXPECT_EQ(result.all[0].comparison.difference.high(), expected.difference.high());
}

TEST_F(QueryAgainst, MistakesAreExplained) {
  const auto against = [&](const char* text) {
    return message_of<InputError>([&] { (void)parse_against(text, identity_); });
  };
  EXPECT_EQ(against("edff"),
            "error: unknown value of 'policy': 'edff' (did you mean 'edf'?); allowed: edf, fcfs, dream:alpha=0");
  EXPECT_EQ(parse_against("dream:alpha=0", identity_).base, 2U);
  EXPECT_EQ(against("dream:alpha=1"), "error: unknown value of 'policy': 'dream:alpha=1' (did you mean "
                                      "'dream:alpha=0'?); allowed: edf, fcfs, dream:alpha=0");
  EXPECT_EQ(against("polcy=edf"),
            "error: unknown axis 'polcy' (did you mean 'policy'?); allowed: scenario, load, policy, seed");
  EXPECT_EQ(against("edf|fcfs"), "error: one value is needed, got 'edf|fcfs'");
  EXPECT_EQ(against("policy=edf,load=1.2"), "error: one value is needed, got 'policy=edf,load=1.2'");
  EXPECT_EQ(against("seed=1"), "error: seeds pair the cells; compare values of another axis");

  AgainstSpec spec = parse_against("edf", identity_);
  const auto rows = [&](const char* text) {
    return message_of<InputError>([&] { parse_against_rows(text, identity_, spec); });
  };
  EXPECT_EQ(rows("rows=policy"), "error: 'policy' is what is compared; it cannot stand in the rows");
  EXPECT_EQ(rows("rows=load,seed"), "error: seeds pair the cells; they cannot stand in the rows");
  EXPECT_EQ(rows("rows=load:columns=scenario"),
            "error: with --against only rows are chosen, e.g. rows=load,scenario; metrics by --metrics");

  EXPECT_EQ(parse_stored_metrics("sla, miss_rate", identity_), (std::vector<std::size_t>{1, 0}));
  EXPECT_EQ(message_of<InputError>([&] { (void)parse_stored_metrics("energy", identity_); }),
            "error: unknown metric of this sweep: 'energy'; allowed: miss_rate, sla");
  EXPECT_EQ(message_of<InputError>([&] { (void)parse_stored_metrics("sla,sla", identity_); }),
            "error: 'sla' is given twice");
  identity_.axis_values[2].resize(1);
  EXPECT_EQ(against("edf"), "error: the sweep has no other value of 'policy' than 'edf'");
}

} // namespace
} // namespace terastal
