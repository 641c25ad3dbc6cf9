#include <algorithm> // any_of, set_difference
#include <cmath>     // sqrt
#include <iterator>  // back_inserter
#include <map>
#include <set>

#include "sweep/query_dimensions.hpp"
#include "terastal/sweep/query.hpp"

namespace terastal {
namespace {

using Key = Dimensions::Key;
using Places = std::set<std::size_t>;

/// The values of one replication in one group, averaged.
struct Replication {
  double sum = 0.0;
  std::uint64_t cells = 0;
};

/// The cells of one group.
struct Gathered {
  std::map<std::size_t, Replication> replications; ///< by seed
  std::vector<Places> seen;                        ///< by axis that is not named: values that came
};

std::vector<std::size_t> named(const PivotSpec& spec) {
  std::vector<std::size_t> dimensions = spec.rows;
  dimensions.insert(dimensions.end(), spec.columns.begin(), spec.columns.end());
  return dimensions;
}

/// Gathers rows into groups.
class Gathering {
 public:
  Gathering(const Dimensions& dimensions, const PivotSpec& spec)
      : dimensions_(dimensions), spec_(spec), unnamed_(other_axes(dimensions.identity(), named(spec))),
        seen_(unnamed_.size()) {
    for (const std::size_t a : unnamed_) {
      if (dimensions.seed() == a) seed_ = a;
    }
  }

  void add(const StoreRow& row) {
    const Key key = dimensions_.key_of(row, spec_.rows);
    const Key column = dimensions_.key_of(row, spec_.columns);
    rows_.insert(key);
    columns_.insert(column);
    const auto& value = row.row.values[spec_.metric];
    if (!value) return;
    Gathered& group = groups_[{key, column}];
    group.seen.resize(unnamed_.size());
    for (std::size_t i = 0; i < unnamed_.size(); ++i) {
      const std::size_t place = dimensions_.place(row, unnamed_[i]);
      group.seen[i].insert(place);
      seen_[i].insert(place);
    }
    combinations_.insert(dimensions_.number_of(row, unnamed_));
    Replication& replication = group.replications[seed_ ? dimensions_.place(row, *seed_) : 0];
    replication.sum += *value;
    ++replication.cells;
  }

  [[nodiscard]] Pivot result() const {
    Pivot pivot;
    pivot.spec = spec_;
    pivot.over_seeds = seed_.has_value();
    pivot.combinations = combinations_.size();
    for (const Key& row : rows_) {
      pivot.rows.push_back(dimensions_.texts(row, spec_.rows));
      auto& groups = pivot.at.emplace_back();
      for (const Key& column : columns_) {
        const auto found = groups_.find({row, column});
        groups.push_back(found == groups_.end() ? std::nullopt : std::optional(group_of(found->second)));
      }
    }
    for (const Key& column : columns_) pivot.columns.push_back(dimensions_.texts(column, spec_.columns));
    for (std::size_t i = 0; i < unnamed_.size(); ++i) {
      if (seen_[i].size() > 1 && seed_ != unnamed_[i]) pivot.averaged.push_back(name(i));
    }
    return pivot;
  }

 private:
  [[nodiscard]] std::string name(std::size_t i) const { return dimension_name(dimensions_.identity(), unnamed_[i]); }

  [[nodiscard]] PivotGroup group_of(const Gathered& gathered) const {
    PivotGroup group;
    std::vector<double> means;
    for (const auto& [seed, replication] : gathered.replications) {
      means.push_back(replication.sum / static_cast<double>(replication.cells));
      group.cells += replication.cells;
    }
    group.mean = estimate_mean(means);
    // A group has at most one cell for each combination: it lacks as many as it has fewer.
    group.lacking = combinations_.size() - group.cells;
    if (group.lacking > 0) group.lacks = lacks(gathered);
    if (means.size() < 2) return group;
    double squares = 0.0;
    for (const double mean : means) squares += (mean - group.mean.mean) * (mean - group.mean.mean);
    group.deviation = std::sqrt(squares / static_cast<double>(means.size() - 1));
    return group;
  }

  /// Values that other groups have and this one has nowhere.
  [[nodiscard]] std::vector<std::pair<std::string, std::vector<std::string>>> lacks(const Gathered& gathered) const {
    std::vector<std::pair<std::string, std::vector<std::string>>> result;
    for (std::size_t i = 0; i < unnamed_.size(); ++i) {
      Key absent;
      std::set_difference(seen_[i].begin(), seen_[i].end(), gathered.seen[i].begin(), gathered.seen[i].end(),
                          std::back_inserter(absent));
      if (absent.empty()) continue;
      auto& values = result.emplace_back(name(i), std::vector<std::string>{}).second;
      for (const std::size_t place : absent) values.push_back(dimensions_.text(unnamed_[i], place));
    }
    return result;
  }

  const Dimensions& dimensions_;
  const PivotSpec& spec_;
  std::vector<std::size_t> unnamed_; ///< axes
  std::optional<std::size_t> seed_;  ///< the axis of replications, when it is averaged
  std::vector<Places> seen_;         ///< by axis that is not named: values that came, in any group
  std::set<std::uint64_t> combinations_;
  std::set<Key> rows_;
  std::set<Key> columns_;
  std::map<std::pair<Key, Key>, Gathered> groups_;
};

} // namespace

bool Pivot::unbalanced() const {
  return std::any_of(at.begin(), at.end(), [](const auto& row) {
    return std::any_of(row.begin(), row.end(), [](const auto& group) { return group && group->lacking > 0; });
  });
}

bool names_tasks(const PivotSpec& spec, const SweepIdentity& identity) {
  const auto is_task = [&](std::size_t dimension) { return dimension == identity.axes.size(); };
  return std::any_of(spec.rows.begin(), spec.rows.end(), is_task) ||
         std::any_of(spec.columns.begin(), spec.columns.end(), is_task);
}

Pivot make_pivot(const StoredResults& results, StoreSelection selection, const PivotSpec& spec) {
  select_tasks(selection, named(spec), results.identity());
  const Dimensions dimensions(results.identity(), results.tasks());
  Gathering gathering(dimensions, spec);
  results.for_each(selection, [&](const StoreRow& row) { gathering.add(row); });
  return gathering.result();
}

} // namespace terastal
