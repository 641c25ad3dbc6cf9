#include "terastal/experiment/holm.hpp"

#include <algorithm> // max, min, stable_sort
#include <cmath>     // abs, ldexp
#include <numeric>   // iota

#include <boost/math/distributions/students_t.hpp>

namespace terastal {
namespace {

/// P(T > t) of Student's t.
double upper_tail(std::size_t degrees, double t) {
  const boost::math::students_t distribution(static_cast<double>(degrees));
  return boost::math::cdf(boost::math::complement(distribution, t));
}

} // namespace

std::optional<double> paired_p_value(const PairedComparison& comparison) {
  const MeanEstimate& d = comparison.difference;
  if (d.n < 2) return std::nullopt;
  if (comparison.identical) return 1.0;
  if (!comparison.spread) return comparison.exact ? 0.0 : std::ldexp(1.0, 1 - static_cast<int>(d.n));
  return std::min(1.0, 2.0 * upper_tail(d.n - 1, std::abs(d.mean) / d.standard_error));
}

std::vector<double> holm_adjusted(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double largest = 0.0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    const double scaled = static_cast<double>(order.size() - k) * p_values[order[k]];
    largest = std::max(largest, std::min(1.0, scaled));
    adjusted[order[k]] = largest;
  }
  return adjusted;
}

} // namespace terastal
