#include "terastal/reproduce/samples.hpp"

#include <algorithm> // all_of, find
#include <cmath>     // exp, log
#include <cstddef>   // ptrdiff_t
#include <map>

namespace terastal {
namespace {

bool fits(const ExperimentTable& table, const Sample& sample, const SampleFilter& filter) {
  return std::all_of(filter.begin(), filter.end(), [&](const auto& condition) {
    const auto axis = table.axis(condition.first);
    return axis &&
           std::find(condition.second.begin(), condition.second.end(), sample.values[*axis]) != condition.second.end();
  });
}

/// Seeds as numbers when they are, so that 10 comes after 9.
struct SeedOrder {
  bool operator()(const std::string& a, const std::string& b) const {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  }
};

/// Values by cell (its place on the axes), then by seed.
using Cells = std::map<std::vector<std::string>, std::map<std::string, double, SeedOrder>>;

Cells cells_of(const std::vector<const ExperimentTable*>& tables, const std::string& measure,
               const SampleFilter& filter) {
  Cells cells;
  for (const ExperimentTable* table : tables) {
    const auto m = table->measure(measure);
    if (!m) continue;
    for (const Sample& sample : table->samples) {
      if (sample.measured[*m] && fits(*table, sample, filter)) cells[sample.values][sample.seed] = *sample.measured[*m];
    }
  }
  return cells;
}

/// The seeds that every cell has.
std::vector<std::string> seeds_of(const Cells& cells) {
  std::vector<std::string> result;
  if (cells.empty()) return result;
  for (const auto& [seed, value] : cells.begin()->second) {
    const bool everywhere =
        std::all_of(cells.begin(), cells.end(), [&s = seed](const auto& c) { return c.second.contains(s); });
    if (everywhere) result.push_back(seed);
  }
  return result;
}

std::vector<std::string> common(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::string> result;
  for (const std::string& seed : a) {
    if (std::find(b.begin(), b.end(), seed) != b.end()) result.push_back(seed);
  }
  return result;
}

/// Nothing when the mean of a cell is not above 0.
std::optional<double> geometric_of_means(const Cells& cells, const std::vector<std::string>& seeds) {
  double logarithms = 0.0;
  for (const auto& [place, by_seed] : cells) {
    double sum = 0.0;
    for (const std::string& seed : seeds) sum += by_seed.at(seed);
    if (!(sum > 0.0)) return std::nullopt;
    logarithms += std::log(sum / static_cast<double>(seeds.size()));
  }
  return std::exp(logarithms / static_cast<double>(cells.size()));
}

/// A statistic of all seeds, with the t-interval of the jackknife: leave out one seed after the other.
template <typename Statistic>
std::optional<MeanEstimate> jackknife(const std::vector<std::string>& seeds, const Statistic& statistic) {
  if (seeds.empty()) return std::nullopt;
  const std::optional<double> all = statistic(seeds);
  if (!all) return std::nullopt;
  MeanEstimate result;
  result.n = seeds.size();
  result.mean = *all;
  if (seeds.size() < 2) return result;
  std::vector<double> without;
  for (std::size_t left_out = 0; left_out < seeds.size(); ++left_out) {
    std::vector<std::string> rest = seeds;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(left_out));
    const std::optional<double> value = statistic(rest);
    if (!value) return result;
    without.push_back(*value);
  }
  // The pseudo-values n·all − (n − 1)·without vary (n − 1) times as much as these do.
  const MeanEstimate spread = estimate_mean(without);
  const auto factor = static_cast<double>(seeds.size() - 1);
  result.standard_error = factor * spread.standard_error;
  result.half_width = factor * spread.half_width.value_or(0.0);
  return result;
}

} // namespace

std::optional<std::size_t> ExperimentTable::axis(const std::string& name) const {
  const auto found = std::find(axes.begin(), axes.end(), name);
  if (found == axes.end()) return std::nullopt;
  return static_cast<std::size_t>(found - axes.begin());
}

std::optional<std::size_t> ExperimentTable::measure(const std::string& id) const {
  for (std::size_t m = 0; m < measures.size(); ++m) {
    if (measures[m].id == id) return m;
  }
  return std::nullopt;
}

std::vector<std::pair<std::string, double>> by_seed(const std::vector<const ExperimentTable*>& tables,
                                                    const std::string& measure, const SampleFilter& filter,
                                                    Averaging averaging) {
  const bool geometric = averaging == Averaging::geometric;
  std::map<std::string, std::vector<double>, SeedOrder> values;
  for (const ExperimentTable* table : tables) {
    const auto m = table->measure(measure);
    if (!m) continue;
    for (const Sample& sample : table->samples) {
      if (sample.measured[*m] && fits(*table, sample, filter)) values[sample.seed].push_back(*sample.measured[*m]);
    }
  }
  std::vector<std::pair<std::string, double>> result;
  for (const auto& [seed, of_seed] : values) {
    if (geometric && std::any_of(of_seed.begin(), of_seed.end(), [](double v) { return v < 0.0; })) return {};
    double sum = 0.0;
    for (const double v : of_seed) sum += geometric ? std::log(v) : v;
    const double mean = sum / static_cast<double>(of_seed.size());
    result.emplace_back(seed, geometric ? std::exp(mean) : mean);
  }
  return result;
}

std::optional<MeanEstimate> mean_over_seeds(const std::vector<const ExperimentTable*>& tables,
                                            const std::string& measure, const SampleFilter& filter,
                                            Averaging averaging) {
  if (averaging == Averaging::geometric_of_means) {
    const Cells cells = cells_of(tables, measure, filter);
    return jackknife(seeds_of(cells), [&](const auto& seeds) { return geometric_of_means(cells, seeds); });
  }
  std::vector<double> values;
  for (const auto& [seed, value] : by_seed(tables, measure, filter, averaging)) values.push_back(value);
  if (values.empty()) return std::nullopt;
  return estimate_mean(values);
}

std::optional<MeanEstimate> change_over_seeds(const std::vector<const ExperimentTable*>& tables,
                                              const std::string& measure, const SampleFilter& base,
                                              const SampleFilter& other, Averaging averaging) {
  if (averaging == Averaging::geometric_of_means) {
    const Cells before = cells_of(tables, measure, base);
    const Cells after = cells_of(tables, measure, other);
    return jackknife(common(seeds_of(before), seeds_of(after)), [&](const auto& seeds) -> std::optional<double> {
      const auto old = geometric_of_means(before, seeds);
      const auto now = geometric_of_means(after, seeds);
      return old && now ? std::optional(*now / *old - 1.0) : std::nullopt;
    });
  }
  const auto base_values = by_seed(tables, measure, base, averaging);
  const auto other_values = by_seed(tables, measure, other, averaging);
  std::vector<double> before;
  std::vector<double> after;
  for (const auto& [seed, value] : base_values) {
    const auto pair =
        std::find_if(other_values.begin(), other_values.end(), [&s = seed](const auto& o) { return o.first == s; });
    if (pair == other_values.end()) continue;
    before.push_back(value);
    after.push_back(pair->second);
  }
  if (before.empty()) return std::nullopt;
  return compare_paired(before, after).relative;
}

SampleFilter with(SampleFilter filter, const std::string& axis, std::vector<std::string> values) {
  for (auto& condition : filter) {
    if (condition.first != axis) continue;
    condition.second = std::move(values);
    return filter;
  }
  filter.emplace_back(axis, std::move(values));
  return filter;
}

} // namespace terastal
