#include "terastal/sweep/query_against.hpp"

#include <algorithm> // find
#include <map>
#include <set>
#include <utility> // pair

#include "sweep/query_dimensions.hpp"
#include "terastal/experiment/holm.hpp"
#include "terastal/experiment/metric_table.hpp"

namespace terastal {
namespace {

using Key = Dimensions::Key;
using Values = std::vector<std::optional<double>>; ///< by metric

/// A cell within a row and value of the axis: its seed, and a number for its values on the other axes.
struct CellPlace {
  std::size_t seed = 0;
  std::uint64_t combination = 0;

  bool operator<(const CellPlace& other) const {
    return seed != other.seed ? seed < other.seed : combination < other.combination;
  }
};

struct CellValues {
  std::uint64_t digest = 0; ///< of the event stream
  Values values;
};

using Side = std::map<CellPlace, CellValues>;

/// The values of both sides, by replication, and what they leave out.
struct Pairs {
  std::vector<double> base;
  std::vector<double> other;
  std::uint64_t cells = 0;
  std::uint64_t left_out = 0;
  bool alike = false; ///< two or more seeds, and they make no difference to either side: nothing is random
};

struct Sums {
  double base = 0.0;
  double other = 0.0;
  std::uint64_t cells = 0;
};

std::uint64_t count_values(const Side& side, std::size_t metric) {
  std::uint64_t n = 0;
  for (const auto& [place, cell] : side) n += cell.values[metric] ? 1 : 0;
  return n;
}

Pairs pair_up(const Side& base, const Side& other, std::size_t metric) {
  std::map<std::size_t, Sums> by_seed;
  std::map<std::uint64_t, std::pair<std::uint64_t, std::uint64_t>> runs; // of each combination's first seed
  Pairs pairs;
  pairs.alike = true;
  for (const auto& [place, cell] : other) {
    const auto found = base.find(place);
    if (found == base.end()) continue;
    const CellValues& partner = found->second;
    if (!cell.values[metric] || !partner.values[metric]) continue;
    Sums& sums = by_seed[place.seed];
    sums.base += *partner.values[metric];
    sums.other += *cell.values[metric];
    ++sums.cells;
    const std::pair digests(partner.digest, cell.digest);
    if (runs.try_emplace(place.combination, digests).first->second != digests) pairs.alike = false;
  }
  for (const auto& [seed, sums] : by_seed) {
    if (sums.cells < runs.size()) continue; // a mean over other cells than the rest
    pairs.base.push_back(sums.base / static_cast<double>(sums.cells));
    pairs.other.push_back(sums.other / static_cast<double>(sums.cells));
    pairs.cells += sums.cells;
  }
  pairs.alike = pairs.alike && pairs.base.size() > 1;
  pairs.left_out = count_values(base, metric) + count_values(other, metric) - 2 * pairs.cells;
  return pairs;
}

const MetricInfo* metric_of(const SweepIdentity& identity, std::size_t metric) {
  for (const MetricInfo& m : metric_table()) {
    if (identity.metrics[metric] == m.key) return &m;
  }
  return nullptr;
}

PairedDifference difference_of(const Pairs& pairs, IntervalMethod method) {
  PairedDifference d;
  d.base = estimate_mean(pairs.base, kConfidence, method);
  d.value = estimate_mean(pairs.other, kConfidence, method);
  d.comparison = compare_paired(pairs.base, pairs.other, kConfidence, method);
  d.comparison.exact = pairs.alike;
  d.p_value = paired_p_value(d.comparison);
  d.cells = pairs.cells;
  d.left_out = pairs.left_out;
  return d;
}

class Gathering {
 public:
  Gathering(const Dimensions& dimensions, const AgainstSpec& spec) : dimensions_(dimensions), spec_(spec) {
    std::vector<std::size_t> named = spec.rows;
    named.push_back(spec.axis);
    if (dimensions.seed()) named.push_back(*dimensions.seed());
    averaged_ = other_axes(dimensions.identity(), named);
    seen_.resize(averaged_.size());
  }

  void add(const StoreRow& row) {
    for (std::size_t i = 0; i < averaged_.size(); ++i) seen_[i].insert(dimensions_.place(row, averaged_[i]));
    const std::size_t seed = dimensions_.seed() ? dimensions_.place(row, *dimensions_.seed()) : 0;
    Side& side = rows_[dimensions_.key_of(row, spec_.rows)][dimensions_.place(row, spec_.axis)];
    side[{seed, dimensions_.number_of(row, averaged_)}] = {row.cell.digest, row.row.values};
  }

  [[nodiscard]] PairedDifferences result() const {
    PairedDifferences result;
    result.spec = spec_;
    result.over_seeds = dimensions_.seed().has_value();
    for (std::size_t i = 0; i < averaged_.size(); ++i) {
      if (seen_[i].size() > 1) result.averaged.push_back(dimension_name(dimensions_.identity(), averaged_[i]));
    }
    for (const std::size_t metric : spec_.metrics) add_metric(metric, result.all);
    judge_all(result);
    return result;
  }

 private:
  void add_metric(std::size_t metric, std::vector<PairedDifference>& all) const {
    std::set<std::size_t> others; // that any row has: what a row lacks is shown, too
    for (const auto& [key, sides] : rows_) {
      for (const auto& [place, side] : sides) others.insert(place);
    }
    others.erase(spec_.base);
    static const Side nothing;
    for (const auto& [key, sides] : rows_) {
      const auto side_of = [&sides = sides](std::size_t place) -> const Side& {
        const auto found = sides.find(place);
        return found == sides.end() ? nothing : found->second;
      };
      for (const std::size_t other : others) {
        const Side& base = side_of(spec_.base);
        if (base.empty() && side_of(other).empty()) continue;
        PairedDifference& d = all.emplace_back(difference_of(pair_up(base, side_of(other), metric), spec_.intervals));
        d.row = dimensions_.texts(key, spec_.rows);
        d.other = dimensions_.text(spec_.axis, other);
        d.metric = metric;
      }
    }
  }

  void judge_all(PairedDifferences& result) const {
    if (spec_.holm) adjust(result);
    for (PairedDifference& d : result.all) {
      const MetricInfo* metric = metric_of(dimensions_.identity(), d.metric);
      if (metric == nullptr || d.comparison.difference.n == 0) continue;
      d.verdict = d.adjusted_p_value ? judge(d.comparison, metric->higher_is_better, *d.adjusted_p_value)
                                     : judge(d.comparison, metric->higher_is_better);
    }
  }

  /// Holm's procedure over all differences that have a p-value.
  static void adjust(PairedDifferences& result) {
    std::vector<double> p_values;
    for (const PairedDifference& d : result.all) {
      if (d.p_value) p_values.push_back(*d.p_value);
    }
    const std::vector<double> adjusted = holm_adjusted(p_values);
    for (PairedDifference& d : result.all) {
      if (d.p_value) d.adjusted_p_value = adjusted[result.judged++];
    }
  }

  const Dimensions& dimensions_;
  const AgainstSpec& spec_;
  std::vector<std::size_t> averaged_;       ///< axes that are neither named nor the seed
  std::vector<std::set<std::size_t>> seen_; ///< by axis of `averaged_`: values that came
  std::map<Key, std::map<std::size_t, Side>> rows_;
};

/// The conditions, with the base among those on the axis.
void keep_base(StoreSelection& selection, const AgainstSpec& spec) {
  for (auto& condition : selection.where) {
    if (condition.axis != spec.axis) continue;
    auto& values = condition.values;
    if (std::find(values.begin(), values.end(), spec.base) == values.end()) values.push_back(spec.base);
  }
}

} // namespace

PairedDifferences make_differences(const StoredResults& results, StoreSelection selection, const AgainstSpec& spec) {
  select_tasks(selection, spec.rows, results.identity());
  keep_base(selection, spec);
  const Dimensions dimensions(results.identity(), results.tasks());
  Gathering gathering(dimensions, spec);
  results.for_each(selection, [&](const StoreRow& row) { gathering.add(row); });
  return gathering.result();
}

} // namespace terastal
