#include "terastal/experiment/statistics.hpp"

#include <algorithm> // all_of, max, minmax_element
#include <cmath>     // abs, ldexp, sqrt
#include <vector>

#include <boost/math/distributions/students_t.hpp>

#include "terastal/experiment/bootstrap.hpp"

namespace terastal {
namespace {

double mean_of(std::span<const double> values) {
  double sum = 0.0;
  for (const double v : values) sum += v;
  return values.empty() ? 0.0 : sum / static_cast<double>(values.size());
}

/// Standard error of the mean; needs two values.
double standard_error(std::span<const double> values, double mean) {
  double squares = 0.0;
  for (const double v : values) squares += (v - mean) * (v - mean);
  const auto n = static_cast<double>(values.size());
  return std::sqrt(squares / (n - 1.0) / n);
}

/// Ratio of two paired means, less one. Precondition: base_mean is not zero.
MeanEstimate relative_change(std::span<const double> base, double base_mean, std::span<const double> other,
                             double level) {
  const double ratio = mean_of(other) / base_mean;
  std::vector<double> residuals(base.size());
  for (std::size_t i = 0; i < base.size(); ++i) residuals[i] = (other[i] - ratio * base[i]) / base_mean;
  MeanEstimate result = estimate_mean(residuals, level);
  result.mean = ratio - 1.0;
  return result;
}

/// Whether differences of such values differ by more than the values' rounding.
bool have_spread(std::span<const double> differences, std::span<const double> base, std::span<const double> other) {
  constexpr double rounding = 1e-12; // of sums over jobs
  if (differences.empty()) return false;
  double largest = 0.0;
  for (const double v : base) largest = std::max(largest, std::abs(v));
  for (const double v : other) largest = std::max(largest, std::abs(v));
  const auto [least, most] = std::minmax_element(differences.begin(), differences.end());
  return *most - *least > rounding * largest;
}

/// How intervals of few replications are resampled.
BootstrapOptions widened(double level) {
  BootstrapOptions options;
  options.level = level;
  options.expand = true;
  return options;
}

} // namespace

double student_t(std::size_t degrees, double level) {
  const boost::math::students_t distribution(static_cast<double>(degrees));
  return boost::math::quantile(boost::math::complement(distribution, (1.0 - level) / 2.0));
}

std::optional<double> MeanEstimate::reach() const {
  return half_width ? std::optional(std::max(mean - low(), high() - mean)) : std::nullopt;
}

bool PairedComparison::tells() const {
  if (!difference.half_width) return false;
  return spread || exact || std::ldexp(1.0, 1 - static_cast<int>(difference.n)) <= 1.0 - level;
}

MeanEstimate MeanEstimate::scaled(double factor) const {
  MeanEstimate result = *this;
  result.mean *= factor;
  result.standard_error *= factor;
  if (result.half_width) *result.half_width *= factor;
  if (result.bootstrap) result.bootstrap = {bootstrap->low * factor, bootstrap->high * factor};
  return result;
}

MeanEstimate estimate_mean(std::span<const double> values, double level, IntervalMethod method) {
  MeanEstimate result;
  result.n = values.size();
  result.mean = mean_of(values);
  if (result.n < 2) return result;
  result.standard_error = standard_error(values, result.mean);
  result.half_width = student_t(result.n - 1, level) * result.standard_error;
  if (method == IntervalMethod::bca) result.bootstrap = bootstrap_mean(values, widened(level)).interval;
  return result;
}

PairedComparison compare_paired(std::span<const double> base, std::span<const double> other, double level,
                                IntervalMethod method) {
  std::vector<double> differences(base.size());
  for (std::size_t i = 0; i < base.size(); ++i) differences[i] = other[i] - base[i];

  PairedComparison result;
  result.identical = std::all_of(differences.begin(), differences.end(), [](double d) { return d == 0.0; });
  result.spread = have_spread(differences, base, other);
  result.level = level;
  result.difference = estimate_mean(differences, level, method);
  const double base_mean = mean_of(base);
  if (base_mean == 0.0) return result;
  result.relative = relative_change(base, base_mean, other, level);
  if (method == IntervalMethod::bca && base.size() >= 2) {
    result.relative->bootstrap = bootstrap_relative_change(base, other, widened(level)).interval;
  }
  return result;
}

} // namespace terastal
