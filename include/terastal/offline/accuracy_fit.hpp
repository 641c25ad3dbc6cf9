#pragma once

#include <algorithm> // clamp, find, lower_bound, max, sort, unique
#include <cmath>     // abs, exp, log
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility> // pair
#include <vector>

#include "terastal/core/error.hpp"
#include "terastal/core/text.hpp"
#include "terastal/model/accuracy.hpp"

namespace terastal {

/// How the loss of a set of variants is predicted where it was not measured.
enum class LossModel : std::uint8_t {
  additive,       ///< losses of the single variants add up
  multiplicative, ///< accuracies of the single variants, relative to the baseline, multiply
  fitted,         ///< a factor for each variant, by least squares on log accuracy over all measured sets
  fitted_pairs    ///< the same with a factor for each pair of variants too
};

[[nodiscard]] std::vector<std::string> loss_model_names();
[[nodiscard]] std::string to_string(LossModel model);
/// \throws InputError for a name that is none of `loss_model_names()`.
[[nodiscard]] LossModel loss_model(const std::string& name);

/// Sets whose accuracy is below this share of the baseline count as this share when logarithms are taken.
inline constexpr double kLeastFittedAccuracy = 1e-3;

/// Predicts the accuracy of sets, relative to the baseline, from a table of measured ones.
class AccuracyPredictor {
 public:
  /// `left_out` is a set that is treated as not measured; 0: none.
  AccuracyPredictor(const AccuracyModel& measured, LossModel model, VariantSet left_out = 0);

  /// accuracy(set) / baseline from 0 to 1; 1 for the empty set (a prediction promises no gain). Nothing where the
  /// measured sets do not say: a single variant that was not measured (additive, multiplicative), or a factor that no
  /// measured set determines (fitted).
  [[nodiscard]] std::optional<double> relative(VariantSet set) const;

 private:
  void take_singles(const AccuracyModel& measured, VariantSet left_out);
  void fit(const AccuracyModel& measured, VariantSet left_out);
  /// Indices of the terms of a set; nothing when there is no such term.
  [[nodiscard]] std::optional<std::vector<std::size_t>> terms_of(VariantSet set) const;

  LossModel model_;
  std::vector<VariantSet> terms_; ///< the single variants and pairs that have a value; ascending
  std::vector<double> values_;    ///< losses, or logarithms of factors; one for each term
};

/// How far predictions are from what was measured, over the sets of two and more variants; in shares of the baseline.
struct PredictionError {
  std::size_t sets = 0;   ///< that could be predicted
  std::size_t others = 0; ///< that could not
  double mean = 0.0;      ///< of the absolute error
  double largest = 0.0;
};

/// The error of a model on a table of measured sets. Additive and multiplicative predict from the single variants.
/// Fitted models know all sets or, with `leave_one_out`, all but the one that they predict.
[[nodiscard]] PredictionError prediction_error(const AccuracyModel& measured, LossModel model,
                                               bool leave_one_out = false);

// -- implementation

inline std::vector<std::string> loss_model_names() { return {"additive", "multiplicative", "fitted", "fitted-pairs"}; }

inline std::string to_string(LossModel model) { return loss_model_names()[static_cast<std::size_t>(model)]; }

inline LossModel loss_model(const std::string& name) {
  const auto names = loss_model_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    throw InputError("unknown accuracy model '" + name + "'" + did_you_mean(name, names) +
                     "; allowed: " + join(names, ", "));
  }
  return static_cast<LossModel>(found - names.begin());
}

namespace detail {

/// The variants of a set, one bit each.
inline std::vector<VariantSet> single_variants(VariantSet set) {
  std::vector<VariantSet> singles;
  for (; set != 0; set &= set - 1) singles.push_back(set & (~set + 1));
  return singles;
}

/// The single variants of a set and, if wanted, its pairs.
inline std::vector<VariantSet> factors_of(VariantSet set, bool pairs) {
  const std::vector<VariantSet> singles = single_variants(set);
  std::vector<VariantSet> factors = singles;
  for (std::size_t i = 0; pairs && i < singles.size(); ++i) {
    for (std::size_t j = i + 1; j < singles.size(); ++j) factors.push_back(singles[i] | singles[j]);
  }
  return factors;
}

/// A symmetric system of equations, solved by elimination with the largest remaining diagonal as pivot.
class NormalEquations {
 public:
  explicit NormalEquations(std::size_t size) : size_(size), matrix_(size * size), right_(size) {}

  /// Adds an observation: the sum of these unknowns is `value`.
  void add(const std::vector<std::size_t>& unknowns, double value) {
    for (const std::size_t i : unknowns) {
      for (const std::size_t j : unknowns) at(i, j) += 1.0;
      right_[i] += value;
    }
  }

  /// The unknowns; nothing for one that no observation determines.
  [[nodiscard]] std::vector<std::optional<double>> solve() {
    constexpr double negligible = 1e-9; // the entries are counts of observations
    std::vector<std::size_t> pivots;
    std::vector<bool> used(size_, false);
    while (true) {
      std::size_t best = size_;
      for (std::size_t i = 0; i < size_; ++i) {
        if (!used[i] && (best == size_ || at(i, i) > at(best, best))) best = i;
      }
      if (best == size_ || at(best, best) < negligible) break;
      used[best] = true;
      pivots.push_back(best);
      eliminate(best);
    }
    std::vector<std::optional<double>> result(size_);
    for (const std::size_t p : pivots) {
      // What still hangs on an unknown without a pivot is not determined.
      bool determined = true;
      for (std::size_t j = 0; j < size_; ++j) determined = determined && (used[j] || std::abs(at(p, j)) < negligible);
      if (determined) result[p] = right_[p] / at(p, p);
    }
    return result;
  }

 private:
  double& at(std::size_t i, std::size_t j) { return matrix_[i * size_ + j]; }

  /// Takes an unknown out of all other equations.
  void eliminate(std::size_t pivot) {
    for (std::size_t i = 0; i < size_; ++i) {
      if (i == pivot || at(i, pivot) == 0.0) continue;
      const double factor = at(i, pivot) / at(pivot, pivot);
      for (std::size_t j = 0; j < size_; ++j) at(i, j) -= factor * at(pivot, j);
      at(i, pivot) = 0.0;
      right_[i] -= factor * right_[pivot];
    }
  }

  std::size_t size_;
  std::vector<double> matrix_;
  std::vector<double> right_;
};

} // namespace detail

inline AccuracyPredictor::AccuracyPredictor(const AccuracyModel& measured, LossModel model, VariantSet left_out)
    : model_(model) {
  const bool by_singles = model == LossModel::additive || model == LossModel::multiplicative;
  by_singles ? take_singles(measured, left_out) : fit(measured, left_out);
}

inline void AccuracyPredictor::take_singles(const AccuracyModel& measured, VariantSet left_out) {
  for (const auto& [set, accuracy] : measured.sets()) {
    if (set == 0 || (set & (set - 1)) != 0 || set == left_out) continue;
    terms_.push_back(set);
    values_.push_back(1.0 - accuracy / measured.baseline());
  }
}

inline void AccuracyPredictor::fit(const AccuracyModel& measured, VariantSet left_out) {
  const bool pairs = model_ == LossModel::fitted_pairs;
  for (const auto& [set, accuracy] : measured.sets()) {
    if (set == left_out) continue;
    for (const VariantSet factor : detail::factors_of(set, pairs)) terms_.push_back(factor);
  }
  std::sort(terms_.begin(), terms_.end());
  terms_.erase(std::unique(terms_.begin(), terms_.end()), terms_.end());

  detail::NormalEquations equations(terms_.size());
  for (const auto& [set, accuracy] : measured.sets()) {
    if (set == 0 || set == left_out) continue;
    equations.add(*terms_of(set), std::log(std::max(kLeastFittedAccuracy, accuracy / measured.baseline())));
  }
  const auto solved = equations.solve();
  std::vector<VariantSet> determined;
  for (std::size_t i = 0; i < terms_.size(); ++i) {
    if (!solved[i]) continue;
    determined.push_back(terms_[i]);
    values_.push_back(*solved[i]);
  }
  terms_ = std::move(determined);
}

inline std::optional<std::vector<std::size_t>> AccuracyPredictor::terms_of(VariantSet set) const {
  std::vector<std::size_t> indices;
  for (const VariantSet factor : detail::factors_of(set, model_ == LossModel::fitted_pairs)) {
    const auto found = std::lower_bound(terms_.begin(), terms_.end(), factor);
    if (found == terms_.end() || *found != factor) return std::nullopt;
    indices.push_back(static_cast<std::size_t>(found - terms_.begin()));
  }
  return indices;
}

inline std::optional<double> AccuracyPredictor::relative(VariantSet set) const {
  const auto indices = terms_of(set);
  if (!indices) return std::nullopt;
  double sum = 0.0;
  double product = 1.0;
  for (const std::size_t i : *indices) {
    sum += values_[i];
    product *= 1.0 - values_[i];
  }
  const double result = model_ == LossModel::additive         ? 1.0 - sum
                        : model_ == LossModel::multiplicative ? product
                                                              : std::exp(sum);
  return std::clamp(result, 0.0, 1.0);
}

inline PredictionError prediction_error(const AccuracyModel& measured, LossModel model, bool leave_one_out) {
  PredictionError error;
  const AccuracyPredictor knows_all(measured, model);
  double sum = 0.0;
  for (const auto& [set, accuracy] : measured.sets()) {
    if ((set & (set - 1)) == 0) continue;
    const auto predicted =
        leave_one_out ? AccuracyPredictor(measured, model, set).relative(set) : knows_all.relative(set);
    if (!predicted) {
      ++error.others;
      continue;
    }
    const double off = std::abs(*predicted - accuracy / measured.baseline());
    sum += off;
    error.largest = std::max(error.largest, off);
    ++error.sets;
  }
  if (error.sets > 0) error.mean = sum / static_cast<double>(error.sets);
  return error;
}

} // namespace terastal
