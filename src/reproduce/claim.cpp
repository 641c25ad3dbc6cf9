#include "terastal/reproduce/claim.hpp"

#include <algorithm> // find, max
#include <cmath>     // abs, sqrt
#include <utility>   // move

namespace terastal {
namespace {

constexpr double kPercent = 100.0;

void set(ClaimFigure& figure, ClaimVerdict verdict, std::string reason) {
  figure.verdict = verdict;
  figure.reason = std::move(reason);
}

void judge_direction(Direction wanted, ClaimFigure& figure) {
  const double sign = wanted == Direction::less ? -1.0 : 1.0;
  const double low = figure.ours->low();
  const double high = figure.ours->high();
  if (low <= 0.0 && high >= 0.0) return set(figure, ClaimVerdict::inconclusive, "the interval holds 0");
  if (low * sign > 0.0) return set(figure, ClaimVerdict::agrees, "same direction");
  set(figure, ClaimVerdict::differs, "opposite direction");
}

/// Where an interval lies, against the published change.
std::string direction_of(double published, const MeanEstimate& ours) {
  if (ours.low() <= 0.0 && ours.high() >= 0.0) return "no clear direction";
  return ours.mean * published > 0.0 ? "same direction" : "opposite direction";
}

std::string how_it_differs(const Claim& claim, const MeanEstimate& ours) {
  const double published = *claim.published;
  if (claim.against.empty()) return ours.mean < published ? "smaller" : "larger";
  const std::string direction = direction_of(published, ours);
  if (direction != "same direction") return direction;
  return direction + (std::abs(ours.mean) < std::abs(published) ? ", smaller" : ", larger");
}

void judge_number(const Claim& claim, ClaimFigure& figure) {
  const double published = *claim.published;
  const MeanEstimate& ours = *figure.ours;
  const bool overlap = published >= ours.low() - claim.within && published <= ours.high() + claim.within;
  const std::string direction = claim.against.empty() ? "same direction" : direction_of(published, ours);
  if (!overlap || direction == "opposite direction") {
    return set(figure, ClaimVerdict::differs, how_it_differs(claim, ours));
  }
  if (direction != "same direction") return set(figure, ClaimVerdict::inconclusive, "the interval holds 0");
  if (*ours.half_width > std::max(std::abs(published) / 2.0, claim.within)) {
    return set(figure, ClaimVerdict::inconclusive, "the interval is too wide");
  }
  // A single run is no mean to be near to.
  if (!claim.one_run && std::abs(ours.mean - published) > claim.within) {
    return set(figure, ClaimVerdict::inconclusive, "the interval reaches the published number, our mean does not");
  }
  set(figure, ClaimVerdict::agrees,
      claim.one_run && *ours.half_width > 0.0 ? "among single runs here" : "near the published number");
}

/// The values of an axis that a filter leaves, in the tables' order.
std::vector<std::string> left_by(const SampleFilter& filter, const std::string& axis,
                                 const std::vector<const ExperimentTable*>& tables) {
  for (const auto& [name, values] : filter) {
    if (name == axis) return values;
  }
  std::vector<std::string> result;
  for (const ExperimentTable* table : tables) {
    const auto a = table->axis(axis);
    if (!a) continue;
    for (const std::string& v : table->axis_values[*a]) {
      if (std::find(result.begin(), result.end(), v) == result.end()) result.push_back(v);
    }
  }
  return result;
}

ClaimFigure evaluate_best(const Claim& claim, const std::vector<const ExperimentTable*>& tables) {
  const double sign = claim.published.value_or(-1.0) < 0.0 ? -1.0 : 1.0;
  Claim one = claim;
  one.best_over.clear();
  ClaimFigure best;
  judge(one, best);
  for (const std::string& value : left_by(claim.where, claim.best_over, tables)) {
    one.where = with(claim.where, claim.best_over, {value});
    ClaimFigure figure = evaluate(one, tables);
    if (!figure.ours || (best.ours && sign * figure.ours->mean <= sign * best.ours->mean)) continue;
    figure.best = value;
    best = std::move(figure);
  }
  return best;
}

} // namespace

ClaimFigure evaluate(const Claim& claim, const std::vector<const ExperimentTable*>& tables) {
  if (!claim.best_over.empty()) return evaluate_best(claim, tables);
  ClaimFigure figure;
  double factor = 1.0;
  for (const ExperimentTable* table : tables) {
    if (const auto m = table->measure(claim.measure)) factor = table->measures[*m].factor;
  }
  const auto mean_of = [&](const std::string& policy) {
    auto mean = mean_over_seeds(tables, claim.measure, with(claim.where, "policy", {policy}), claim.over);
    return mean ? std::optional(mean->scaled(factor)) : std::nullopt;
  };
  figure.value = mean_of(claim.policy);
  if (claim.against.empty()) {
    figure.ours = figure.value;
    // From the mean's half-width, t · s / √n, to that of a further run.
    if (claim.one_run && figure.ours && figure.ours->half_width) {
      *figure.ours->half_width *= std::sqrt(static_cast<double>(figure.ours->n) + 1.0);
    }
  } else {
    figure.base = mean_of(claim.against);
    const auto change = change_over_seeds(tables, claim.measure, with(claim.where, "policy", {claim.against}),
                                          with(claim.where, "policy", {claim.policy}), claim.over);
    if (change) figure.ours = change->scaled(kPercent);
  }
  judge(claim, figure);
  return figure;
}

void judge(const Claim& claim, ClaimFigure& figure) {
  if (!figure.ours) {
    const bool zero = figure.base && figure.base->mean == 0.0;
    return set(figure, ClaimVerdict::inconclusive, zero ? "a share of 0 is undefined" : "there is no value");
  }
  if (!figure.ours->half_width) {
    return set(figure, ClaimVerdict::inconclusive,
               figure.ours->n < 2 ? "one replication tells nothing" : "the interval is undefined");
  }
  if (claim.published) return judge_number(claim, figure);
  judge_direction(claim.direction.value_or(Direction::less), figure);
}

const char* to_string(ClaimVerdict verdict) {
  if (verdict == ClaimVerdict::agrees) return "agrees";
  return verdict == ClaimVerdict::differs ? "differs" : "inconclusive";
}

} // namespace terastal
