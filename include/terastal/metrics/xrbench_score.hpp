#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>

namespace terastal {

/// Constants of XRBench's scores, from its code (XRBench/XRBench-MLSys2023, commit 8915666).
struct XrbenchOptions {
  double steepness_per_ms = 15.0; ///< of the real-time score around the deadline
  double max_energy_mj = 1500.0;  ///< energy of one inference at which the energy score is 0
};

/// Real-time score of a completed inference, 1 / (1 + exp(k · lateness)): near 1 before the deadline, 0.5 at it.
/// `late_ms` = completion − deadline in milliseconds, negative when early.
[[nodiscard]] inline double xrbench_real_time(double late_ms, const XrbenchOptions& options = {}) {
  return 1.0 / (1.0 + std::exp(options.steepness_per_ms * late_ms));
}

/// Energy score of a completed inference, (E_max − E) / E_max. As in the code it is not clamped: below 0 above E_max.
[[nodiscard]] inline double xrbench_energy(double energy_mj, const XrbenchOptions& options = {}) {
  return (options.max_energy_mj - energy_mj) / options.max_energy_mj;
}

/// Scores of one model (a task).
struct XrbenchScores {
  std::uint64_t completed = 0;
  std::uint64_t dropped = 0;
  double real_time = 0.0;  ///< mean over completed inferences; 0 without
  double energy = 0.0;     ///< mean over completed inferences, not clamped; 0 without
  double experience = 0.0; ///< quality of experience: completed / (completed + dropped); 0 without either
  double code = 0.0;  ///< Σ real-time · energy / (completed + dropped) · experience: what XRBench's code computes
  double clean = 0.0; ///< mean over completed of real-time · energy clamped to [0, 1], times experience
  double clean_accuracy = 0.0; ///< the same with each inference also times min(1, accuracy / baseline)
};

/// Gathers the scores of one model. One exp() an inference.
class XrbenchModel {
 public:
  explicit XrbenchModel(XrbenchOptions options = {}) : options_(options) {}

  /// An inference that was completed; `accuracy` relative to the baseline.
  void add_completed(double late_ms, double energy_mj, double accuracy = 1.0) {
    const double real_time = xrbench_real_time(late_ms, options_);
    const double energy = xrbench_energy(energy_mj, options_);
    const double clean = real_time * std::clamp(energy, 0.0, 1.0);
    ++completed_;
    real_time_ += real_time;
    energy_ += energy;
    product_ += real_time * energy;
    clean_ += clean;
    clean_accuracy_ += clean * std::min(1.0, accuracy);
  }

  void add_dropped() { ++dropped_; }

  [[nodiscard]] XrbenchScores scores() const {
    XrbenchScores s;
    s.completed = completed_;
    s.dropped = dropped_;
    if (completed_ == 0) return s;
    const auto completed = static_cast<double>(completed_);
    const auto logged = static_cast<double>(completed_ + dropped_);
    s.real_time = real_time_ / completed;
    s.energy = energy_ / completed;
    s.experience = completed / logged;
    s.code = product_ / logged * s.experience;
    s.clean = clean_ / completed * s.experience;
    s.clean_accuracy = clean_accuracy_ / completed * s.experience;
    return s;
  }

 private:
  XrbenchOptions options_;
  std::uint64_t completed_ = 0;
  std::uint64_t dropped_ = 0;
  double real_time_ = 0.0;
  double energy_ = 0.0;
  double product_ = 0.0;
  double clean_ = 0.0;
  double clean_accuracy_ = 0.0;
};

/// XRBench's overall score in [0, 100] as its code computes it: 100 · mean of `code` over the models with at least one
/// completed or dropped inference. A model that never got that far drops out of the mean. Nothing if all do.
[[nodiscard]] inline std::optional<double> xrbench_code_score(std::span<const XrbenchScores> models) {
  double sum = 0.0;
  int count = 0;
  for (const XrbenchScores& m : models) {
    if (m.completed + m.dropped == 0) continue;
    sum += m.code;
    ++count;
  }
  if (count == 0) return std::nullopt;
  return 100.0 * sum / count;
}

/// 100 · mean of one of the clean scores over all models; a model without a completed inference counts 0. In [0, 100].
/// Our reading of what the score is meant to be. Nothing without models.
[[nodiscard]] inline std::optional<double> xrbench_clean_score(std::span<const XrbenchScores> models,
                                                               double XrbenchScores::*score = &XrbenchScores::clean) {
  if (models.empty()) return std::nullopt;
  double sum = 0.0;
  for (const XrbenchScores& m : models) sum += m.*score;
  return 100.0 * sum / static_cast<double>(models.size());
}

} // namespace terastal
