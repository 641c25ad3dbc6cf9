#include "report/reproduction_text.hpp"

#include <cmath> // abs

#include <fmt/format.h>

namespace terastal {
namespace {

std::string with_unit(const std::string& unit) { return unit.empty() ? "" : " " + unit; }

std::string unit_of(const Reproduction& reproduction, const Claim& claim) {
  return claim.against.empty() ? measure_of(reproduction, claim).unit : "%";
}

std::string format_number(double value, bool sign) {
  constexpr double smallest = 5e-4; // below, digits say nothing to people
  if (std::abs(value) < smallest) return sign ? "+0.0" : "0";
  return sign ? fmt::format("{:+.1f}", value) : fmt::format("{:.4g}", value);
}

/// Where nothing is random an interval without width would say too much.
bool every_seed_alike(const MeanEstimate& mean) {
  return mean.half_width && *mean.half_width <= 1e-9 * std::abs(mean.mean);
}

} // namespace

const Measure& measure_of(const Reproduction& reproduction, const Claim& claim) {
  const ExperimentTable& shape = reproduction.experiment(claim.from.front()).shape;
  return shape.measures[*shape.measure(claim.measure)];
}

std::string published_text(const Reproduction& reproduction, const Claim& claim) {
  if (claim.direction) return *claim.direction == Direction::less ? "less" : "more";
  const std::string sign = claim.against.empty() || *claim.published < 0.0 ? "" : "+";
  const char* best = claim.best_over.empty() ? "" : "up to ";
  return fmt::format("{}{}{:g}{}", best, sign, *claim.published, with_unit(unit_of(reproduction, claim)));
}

std::string ours_text(const Reproduction& reproduction, const Claim& claim, const ClaimFigure& figure) {
  if (!figure.ours) return "undefined";
  const bool change = !claim.against.empty();
  std::string text = format_number(figure.ours->mean, change) + with_unit(unit_of(reproduction, claim));
  if (every_seed_alike(*figure.ours)) {
    text += " (every seed alike)";
  } else if (figure.ours->half_width) {
    text +=
        fmt::format(" [{}, {}]", format_number(figure.ours->low(), change), format_number(figure.ours->high(), change));
  }
  if (claim.one_run && figure.ours->half_width && !every_seed_alike(*figure.ours)) text += " of single runs";
  if (!figure.best.empty()) text += " (" + short_label(figure.best) + ")";
  return text;
}

std::string values_text(const Reproduction& reproduction, const Claim& claim, const ClaimFigure& figure) {
  const std::string unit = with_unit(measure_of(reproduction, claim).unit);
  std::string text;
  if (figure.value) text = fmt::format("{} {}{}", claim.policy, format_number(figure.value->mean, false), unit);
  if (figure.base) text += fmt::format("; {} {}{}", claim.against, format_number(figure.base->mean, false), unit);
  return text;
}

const char* averaging_text(Averaging averaging) {
  if (averaging == Averaging::mean) return "mean";
  return averaging == Averaging::geometric ? "geometric" : "geometric_of_means";
}

std::string verdict_text(const ClaimFigure& figure) {
  return std::string(to_string(figure.verdict)) + ": " + figure.reason;
}

} // namespace terastal
