#include "terastal/experiment/bootstrap.hpp"

#include <algorithm> // clamp, sort
#include <cmath>     // isnan, sqrt
#include <limits>
#include <numeric> // iota
#include <vector>

#include <boost/math/distributions/normal.hpp>

#include "terastal/core/random.hpp"

namespace terastal {
namespace {

using Positions = std::vector<std::size_t>;

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
/// No task has this number, so the draws are nobody else's.
constexpr std::uint64_t kBootstrapStream = std::numeric_limits<std::uint64_t>::max();
/// Draws per resample after which a statistic counts as undefined.
constexpr std::size_t kMaxTries = 1000;

double normal_cdf(double z) { return boost::math::cdf(boost::math::normal_distribution<>(), z); }
double normal_quantile(double p) { return boost::math::quantile(boost::math::normal_distribution<>(), p); }

/// The statistic of resamples, ascending; empty when it is undefined for nearly all of them.
std::vector<double> resample(std::size_t n, const PickedStatistic& statistic, const BootstrapOptions& options) {
  RandomStream random(options.seed, kBootstrapStream, Purpose::sample);
  Positions positions(n);
  std::vector<double> values;
  for (std::size_t tries = 0; values.size() < options.resamples; ++tries) {
    if (tries == kMaxTries * options.resamples) return {};
    for (auto& position : positions) position = random.below(n);
    const double value = statistic(positions);
    if (!std::isnan(value)) values.push_back(value);
  }
  std::sort(values.begin(), values.end());
  return values;
}

/// The quantile of sorted values at rank (B + 1) · level.
double quantile_of(const std::vector<double>& sorted, double level) {
  const auto last = static_cast<double>(sorted.size());
  const double rank = std::clamp((last + 1.0) * level, 1.0, last);
  const auto below = static_cast<std::size_t>(rank);
  if (below == sorted.size()) return sorted.back();
  const double part = rank - static_cast<double>(below);
  return part == 0.0 ? sorted[below - 1] : sorted[below - 1] + part * (sorted[below] - sorted[below - 1]);
}

/// Share of the sorted values below `value`, ties counted half.
double share_below(const std::vector<double>& sorted, double value) {
  const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), value);
  const auto twice = (first - sorted.begin()) + (last - sorted.begin());
  return static_cast<double>(twice) / (2.0 * static_cast<double>(sorted.size()));
}

/// A sixth of the skewness of the statistic with one value left out; NaN where that has no spread.
double acceleration(std::size_t n, const PickedStatistic& statistic) {
  Positions positions(n - 1);
  std::iota(positions.begin(), positions.end(), std::size_t{1});
  std::vector<double> without(n);
  double mean = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    without[i] = statistic(positions);
    mean += without[i] / static_cast<double>(n);
    if (i + 1 < n) positions[i] = i;
  }
  double squares = 0.0;
  double cubes = 0.0;
  for (const double value : without) {
    const double d = mean - value;
    squares += d * d;
    cubes += d * d * d;
  }
  return squares > 0.0 ? cubes / (6.0 * squares * std::sqrt(squares)) : kUndefined;
}

/// The normal quantile at the upper end of a two-sided interval.
double wanted_quantile(std::size_t n, const BootstrapOptions& options) {
  if (!options.expand) return normal_quantile((1.0 + options.level) / 2.0);
  const auto count = static_cast<double>(n);
  return std::sqrt(count / (count - 1.0)) * student_t(n - 1, options.level);
}

/// The share of resamples below the end of a BCa interval whose normal quantile would be z without correction.
double corrected_level(double z, double bias, double a) {
  const double shifted = bias + z;
  const double stretch = 1.0 - a * shifted;
  if (stretch <= 0.0) return shifted > 0.0 ? 1.0 : 0.0;
  return normal_cdf(bias + shifted / stretch);
}

} // namespace

BootstrapEstimate bootstrap(std::size_t n, const PickedStatistic& statistic, const BootstrapOptions& options) {
  BootstrapEstimate result;
  Positions all(n);
  std::iota(all.begin(), all.end(), std::size_t{0});
  result.value = n > 0 ? statistic(all) : 0.0;
  if (n < 2) return result;
  const std::vector<double> sorted = resample(n, statistic, options);
  if (sorted.empty()) return result;

  const double z = wanted_quantile(n, options);
  Interval levels = {normal_cdf(-z), normal_cdf(z)};
  const double below = share_below(sorted, result.value);
  const double a = acceleration(n, statistic);
  if (sorted.front() != sorted.back() && below > 0.0 && below < 1.0 && !std::isnan(a)) {
    result.kind = BootstrapKind::bca;
    result.bias = normal_quantile(below);
    result.acceleration = a;
    levels = {corrected_level(-z, result.bias, a), corrected_level(z, result.bias, a)};
  }
  result.interval = Interval{quantile_of(sorted, levels.low), quantile_of(sorted, levels.high)};
  return result;
}

BootstrapEstimate bootstrap_mean(std::span<const double> values, const BootstrapOptions& options) {
  const auto mean = [&](std::span<const std::size_t> positions) {
    double sum = 0.0;
    for (const std::size_t i : positions) sum += values[i];
    return sum / static_cast<double>(positions.size());
  };
  return bootstrap(values.size(), mean, options);
}

BootstrapEstimate bootstrap_relative_change(std::span<const double> base, std::span<const double> other,
                                            const BootstrapOptions& options) {
  const auto change = [&](std::span<const std::size_t> positions) {
    double base_sum = 0.0;
    double other_sum = 0.0;
    for (const std::size_t i : positions) {
      base_sum += base[i];
      other_sum += other[i];
    }
    return base_sum != 0.0 ? other_sum / base_sum - 1.0 : kUndefined;
  };
  return bootstrap(base.size(), change, options);
}

} // namespace terastal
