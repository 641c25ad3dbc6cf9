#include "terastal/experiment/statistics.hpp"

#include <algorithm> // all_of
#include <cmath>     // sqrt
#include <vector>

#include <boost/math/distributions/students_t.hpp>

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

} // namespace

double student_t(std::size_t degrees, double level) {
  const boost::math::students_t distribution(static_cast<double>(degrees));
  return boost::math::quantile(boost::math::complement(distribution, (1.0 - level) / 2.0));
}

MeanEstimate estimate_mean(std::span<const double> values, double level) {
  MeanEstimate result;
  result.n = values.size();
  result.mean = mean_of(values);
  if (result.n >= 2) result.half_width = student_t(result.n - 1, level) * standard_error(values, result.mean);
  return result;
}

PairedComparison compare_paired(std::span<const double> base, std::span<const double> other, double level) {
  std::vector<double> differences(base.size());
  for (std::size_t i = 0; i < base.size(); ++i) differences[i] = other[i] - base[i];

  PairedComparison result;
  result.identical = std::all_of(differences.begin(), differences.end(), [](double d) { return d == 0.0; });
  result.difference = estimate_mean(differences, level);
  const double base_mean = mean_of(base);
  if (base_mean != 0.0) result.relative = relative_change(base, base_mean, other, level);
  return result;
}

} // namespace terastal
