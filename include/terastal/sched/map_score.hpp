#pragma once

#include <algorithm>
#include <cstdint>

namespace terastal {

/// DREAM's MapScore and its open points, as settings.
struct MapScoreOptions {
  enum class Combine : std::uint8_t { product, sum };       ///< urgency · preference, or urgency + preference
  enum class ToGo : std::uint8_t { mean, min };             ///< remaining time over accelerators
  enum class LateGuard : std::uint8_t { raw, clamp, drop }; ///< what a slack ≤ 0 does

  double alpha = 1.0; ///< weight of starvation
  double beta = 1.0;  ///< weight of energy
  Combine combine = Combine::product;
  ToGo to_go = ToGo::mean;
  LateGuard guard = LateGuard::clamp;
  double urgency_cap = 1.0; ///< largest urgency
};

/// The terms of MapScore for one ready layer on one accelerator.
struct MapScoreTerms {
  double to_go_s = 0.0;            ///< seconds of remaining work
  double slack_s = 0.0;            ///< deadline − now, seconds
  double latency_preference = 1.0; ///< sum of latencies over accelerators / latency here
  double starvation = 0.0;         ///< time since last served / mean latency of the layer
  double energy_preference = 0.0;  ///< sum of energies over accelerators / energy here; 0 when energies are not given
  double switch_cost = 0.0;        ///< energy of the context switch / energy of the layer here
};

/// to-go / slack, guarded. `raw`: negative when late, as in Dysta's harness. `clamp`: the slack is at least 1 ps.
[[nodiscard]] inline double map_urgency(const MapScoreTerms& t, const MapScoreOptions& options) {
  constexpr double kOnePicosecond = 1e-12;
  const double slack =
      options.guard == MapScoreOptions::LateGuard::raw ? t.slack_s : std::max(t.slack_s, kOnePicosecond);
  return std::min(options.urgency_cap, t.to_go_s / slack);
}

/// MapScore = urgency ∘ latency preference + alpha · starvation + beta · (energy preference − switch cost).
///
/// Source: DREAM (Kim et al., ASPLOS 2023) as we read it; its text was not available to us. One accelerator and beta =
/// 0 give the form of Dysta's harness. Larger is better.
[[nodiscard]] inline double map_score(const MapScoreTerms& t, const MapScoreOptions& options) {
  const double urgency = map_urgency(t, options);
  const double mapping = options.combine == MapScoreOptions::Combine::product ? urgency * t.latency_preference
                                                                              : urgency + t.latency_preference;
  return mapping + options.alpha * t.starvation + options.beta * (t.energy_preference - t.switch_cost);
}

} // namespace terastal
