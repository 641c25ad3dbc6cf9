#pragma once

#include <algorithm> // max, max_element
#include <cmath>     // abs, isfinite
#include <cstddef>
#include <limits>
#include <utility> // swap
#include <vector>

namespace terastal {

/// A bound on how well work can be spread over kinds of accelerators.
struct MappingBound {
  double lower = 0.0;          ///< no mapping, fractional or not, has a smaller largest load
  double upper = 0.0;          ///< a fractional mapping has this one; lower and upper differ by rounding when solved
  std::vector<double> weights; ///< of the kinds, sum 1: the proof of `lower`
  int rounds = 0;
};

/// Smallest possible largest load over all fractional mappings of pieces of work to kinds of accelerators:
///
///     min over x ≥ 0 with Σ_k x(j, k) = 1 of max_k Σ_j x(j, k) · demand[j][k] / capacity[k]
///
/// `demand[j][k]` is the share of one accelerator's time that piece j takes when all of it runs on kind k, infinite
/// where it cannot run; each piece needs a finite one. A result above 1 means that no schedule whatsoever keeps up.
///
/// The linear programme is solved by column generation: a revised simplex method over mappings, with as many rows as
/// kinds and one more; the best mapping for given weights takes each piece where weight · demand / capacity is least.
/// By weak duality any weights give a lower bound, so `lower` holds whatever the rounding, and even where the method
/// stops early (10⁴ rounds); it is lowered by the largest rounding error of its own sum.
[[nodiscard]] MappingBound mapping_bound(const std::vector<std::vector<double>>& demand,
                                         const std::vector<double>& capacity);

namespace detail {

/// Simplex method for min v such that a mixture of mappings loads no kind above v.
class MappingProgramme {
 public:
  MappingProgramme(const std::vector<std::vector<double>>& demand, const std::vector<double>& capacity)
      : kinds_(capacity.size()), load_(demand) {
    for (auto& piece : load_) {
      for (std::size_t k = 0; k < kinds_; ++k) piece[k] /= capacity[k];
    }
  }

  MappingBound solve() {
    start();
    MappingBound bound;
    for (bound.rounds = 1; bound.rounds < kMostRounds; ++bound.rounds) {
      const std::vector<double> y = duals();
      const std::vector<double> weights = normalised(y);
      const Column best = cheapest_mapping(weights);
      const double value = dot(weights, best) * (1.0 - rounding());
      if (bound.weights.empty() || value > bound.lower) {
        bound.lower = std::max(0.0, value);
        bound.weights = weights;
      }
      bound.upper = primal_[objective_row()];
      if (bound.upper - bound.lower <= kSolved * bound.upper) break;
      const std::size_t negative = most_negative(y);
      const Column entering = negative < kinds_ ? slack(negative) : mapping_column(best);
      if (!pivot(entering, negative < kinds_ ? Kind::slack : Kind::mapping)) break;
    }
    return bound;
  }

 private:
  using Column = std::vector<double>;
  enum class Kind { slack, mapping, objective };
  static constexpr int kMostRounds = 10'000;
  static constexpr double kSolved = 1e-11;
  static constexpr double kTiny = 1e-12;

  [[nodiscard]] double rounding() const {
    return (static_cast<double>(load_.size() + kinds_) + 8.0) * 2.0 * std::numeric_limits<double>::epsilon();
  }

  /// Loads of the kinds when each piece goes where it is cheapest at these weights; of equal ones to the fastest.
  [[nodiscard]] Column cheapest_mapping(const std::vector<double>& weights) const {
    Column loads(kinds_, 0.0);
    for (const auto& piece : load_) {
      std::size_t best = kinds_;
      for (std::size_t k = 0; k < kinds_; ++k) {
        if (!std::isfinite(piece[k])) continue;
        const bool first = best == kinds_;
        const double difference = first ? 0.0 : weights[k] * piece[k] - weights[best] * piece[best];
        if (first || difference < 0.0 || (difference == 0.0 && piece[k] < piece[best])) best = k;
      }
      loads[best] += piece[best];
    }
    return loads;
  }

  [[nodiscard]] double dot(const std::vector<double>& weights, const Column& loads) const {
    double sum = 0.0;
    for (std::size_t k = 0; k < kinds_; ++k) sum += weights[k] * loads[k];
    return sum;
  }

  // Rows: one for each kind, Σ λ(s) · load(s, k) + slack(k) − v = 0, and Σ λ(s) = 1.
  [[nodiscard]] Column slack(std::size_t kind) const {
    Column column(kinds_ + 1, 0.0);
    column[kind] = 1.0;
    return column;
  }
  [[nodiscard]] Column mapping_column(Column loads) const {
    loads.push_back(1.0);
    return loads;
  }

  /// The mapping for equal weights, v as its largest load, and the slacks of the other kinds.
  void start() {
    const Column loads = cheapest_mapping(std::vector<double>(kinds_, 1.0 / static_cast<double>(kinds_)));
    const auto largest = static_cast<std::size_t>(std::max_element(loads.begin(), loads.end()) - loads.begin());
    Column objective(kinds_ + 1, -1.0);
    objective[kinds_] = 0.0;
    for (std::size_t k = 0; k < kinds_; ++k) {
      basis_.push_back(k == largest ? objective : slack(k));
      basis_kind_.push_back(k == largest ? Kind::objective : Kind::slack);
    }
    basis_.push_back(mapping_column(loads));
    basis_kind_.push_back(Kind::mapping);
    Column right(kinds_ + 1, 0.0);
    right[kinds_] = 1.0;
    primal_ = solved(right, false);
  }

  [[nodiscard]] std::size_t objective_row() const {
    std::size_t row = 0;
    while (basis_kind_[row] != Kind::objective) ++row;
    return row;
  }

  /// Weights of the kinds that the basis implies; they may be negative before the end.
  [[nodiscard]] std::vector<double> duals() const {
    Column cost(kinds_ + 1, 0.0);
    cost[objective_row()] = 1.0;
    std::vector<double> y = solved(cost, true);
    y.pop_back();
    for (double& value : y) value = -value;
    return y;
  }

  [[nodiscard]] std::vector<double> normalised(std::vector<double> y) const {
    double sum = 0.0;
    for (double& value : y) sum += value = std::max(0.0, value);
    for (double& value : y) value = sum > 0.0 ? value / sum : 1.0 / static_cast<double>(kinds_);
    return y;
  }

  [[nodiscard]] std::size_t most_negative(const std::vector<double>& y) const {
    std::size_t worst = kinds_;
    for (std::size_t k = 0; k < kinds_; ++k) {
      if (y[k] < -kTiny && (worst == kinds_ || y[k] < y[worst])) worst = k;
    }
    return worst;
  }

  /// Brings a column into the basis; false when nothing can leave it (rounding alone is left to gain).
  bool pivot(const Column& entering, Kind kind) {
    const std::vector<double> direction = solved(entering, false);
    std::size_t leaving = kinds_ + 1;
    for (std::size_t row = 0; row <= kinds_; ++row) {
      if (basis_kind_[row] == Kind::objective || direction[row] <= kTiny) continue;
      const bool first = leaving == kinds_ + 1;
      if (first || primal_[row] * direction[leaving] < primal_[leaving] * direction[row]) leaving = row;
    }
    if (leaving == kinds_ + 1) return false;
    basis_[leaving] = entering;
    basis_kind_[leaving] = kind;
    Column right(kinds_ + 1, 0.0);
    right[kinds_] = 1.0;
    primal_ = solved(right, false);
    for (double& value : primal_) value = std::max(0.0, value);
    return true;
  }

  /// Solves basis · x = right, or its transpose, by elimination with pivoting.
  [[nodiscard]] std::vector<double> solved(std::vector<double> right, bool transpose) const {
    const std::size_t n = kinds_ + 1;
    std::vector<std::vector<double>> a(n, std::vector<double>(n));
    for (std::size_t r = 0; r < n; ++r) {
      for (std::size_t c = 0; c < n; ++c) a[r][c] = transpose ? basis_[r][c] : basis_[c][r];
    }
    for (std::size_t c = 0; c < n; ++c) {
      std::size_t best = c;
      for (std::size_t r = c + 1; r < n; ++r) best = std::abs(a[r][c]) > std::abs(a[best][c]) ? r : best;
      std::swap(a[c], a[best]);
      std::swap(right[c], right[best]);
      if (a[c][c] == 0.0) continue; // singular by rounding: the bound holds for any weights
      for (std::size_t r = 0; r < n; ++r) {
        const double factor = r == c ? 0.0 : a[r][c] / a[c][c];
        if (factor == 0.0) continue;
        for (std::size_t k = c; k < n; ++k) a[r][k] -= factor * a[c][k];
        right[r] -= factor * right[c];
      }
    }
    for (std::size_t r = 0; r < n; ++r) right[r] = a[r][r] == 0.0 ? 0.0 : right[r] / a[r][r];
    return right;
  }

  std::size_t kinds_;
  std::vector<std::vector<double>> load_; ///< demand / capacity
  std::vector<Column> basis_;
  std::vector<Kind> basis_kind_;
  std::vector<double> primal_; ///< values of the basis
};

} // namespace detail

inline MappingBound mapping_bound(const std::vector<std::vector<double>>& demand, const std::vector<double>& capacity) {
  return detail::MappingProgramme(demand, capacity).solve();
}

} // namespace terastal
