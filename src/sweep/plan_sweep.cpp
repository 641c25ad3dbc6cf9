#include "terastal/sweep/plan_sweep.hpp"

#include <algorithm> // clamp, max
#include <cmath>     // fmax

#include "terastal/core/error.hpp"
#include "terastal/core/units.hpp"

namespace terastal {
namespace {

using Kind = SweepAxis::Kind;

CellSizes::Size size_of(const Scenario& scenario) {
  CellSizes::Size size;
  size.seconds = to_seconds(scenario.horizon);
  for (TaskIndex t = 0; t < scenario.tasks.size(); ++t) {
    const Duration period = mean_period(scenario, t);
    if (period > Duration::zero()) size.jobs += size.seconds / to_seconds(period);
  }
  return size;
}

} // namespace

CellSizes::CellSizes(CellRunner& runner, const Sweep& sweep, std::size_t samples,
                     const std::function<bool()>& keep_going)
    : cells_(runner.cells()) {
  for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
    const SweepAxis& axis = sweep.axes[a];
    if (axis.kind == Kind::scenario) scenario_axis_ = a;
    if (axis.kind == Kind::load) {
      load_axis_ = a;
      for (const std::string& value : axis.values) loads_.push_back(parse_number(value).value_or(1.0));
    }
    if (axis.kind != Kind::setting) continue;
    settings_.push_back(a);
    counts_.push_back(axis.values.size());
    combinations_ *= axis.values.size();
  }
  const std::size_t scenarios = sweep.axes[scenario_axis_].values.size();
  samples_ = std::clamp<std::uint64_t>(samples / scenarios, 1, combinations_);
  for (std::size_t s = 0; s < scenarios; ++s) {
    for (std::uint64_t i = 0; i < samples_; ++i) {
      std::vector<std::size_t> values(sweep.axes.size(), 0);
      values[scenario_axis_] = s;
      // The first combination that `of` counts to this sample.
      std::uint64_t rest = (i * combinations_ + samples_ - 1) / samples_;
      for (std::size_t k = settings_.size(); k-- > 0; rest /= counts_[k]) {
        values[settings_[k]] = static_cast<std::size_t>(rest % counts_[k]);
      }
      Size size;
      try {
        if (!keep_going || keep_going()) size = size_of(*runner.scenarios().unscaled(values));
      } catch (const ChangedInput&) {
        throw;
      } catch (const Error&) {
      }
      sizes_.push_back(size);
    }
  }
}

CellSizes::Size CellSizes::of(CellIndex cell) const {
  std::uint64_t combination = 0;
  for (std::size_t k = 0; k < settings_.size(); ++k) {
    combination = combination * counts_[k] + cells_.value_of(cell, settings_[k]);
  }
  const std::uint64_t sample = combination * samples_ / combinations_;
  Size size = sizes_[cells_.value_of(cell, scenario_axis_) * samples_ + sample];
  if (load_axis_) size.jobs *= loads_[cells_.value_of(cell, *load_axis_)];
  return size;
}

std::optional<double> SweepPlan::seconds() const {
  double sum = 0.0;
  for (const SweepPart& part : parts) {
    const auto seconds = part.seconds();
    if (!seconds) return std::nullopt;
    sum += *seconds;
  }
  return sum;
}

SweepPlan plan_sweep(const Sweep& sweep, const SweepCells& cells, const CellSizes& sizes, Shard shard,
                     const std::vector<CellIndex>& held, const std::function<bool()>& keep_going) {
  constexpr std::uint64_t asked_every = 4096;
  SweepPlan plan;
  plan.total = cells.total();
  plan.left_out = cells.total() - cells.size();
  plan.shard = (cells.size() + shard.count - shard.index) / shard.count;
  plan.exact = sizes.exact();
  const auto position = [&](Kind kind) { return static_cast<std::size_t>(sweep.axis(kind) - sweep.axes.data()); };
  const std::size_t scenario_axis = position(Kind::scenario);
  const std::size_t policy_axis = position(Kind::policy);
  const std::size_t policies = sweep.policies.size();
  std::vector<SweepPart> parts(sweep.axes[scenario_axis].values.size() * policies);

  PendingCells pending(cells, shard, held);
  while (const auto cell = pending.next()) {
    if (plan.to_do % asked_every == 0 && keep_going && !keep_going()) {
      plan.complete = false;
      break;
    }
    const std::size_t scenario = cells.value_of(*cell, scenario_axis);
    const std::size_t policy = cells.value_of(*cell, policy_axis);
    SweepPart& part = parts[scenario * policies + policy];
    if (part.cells == 0) part = {scenario, policy, 0, 0.0, *cell, std::nullopt};
    const CellSizes::Size size = sizes.of(*cell);
    ++part.cells;
    part.jobs += size.jobs;
    plan.simulated_s += size.seconds;
    plan.jobs += size.jobs;
    ++plan.to_do;
  }
  plan.held = plan.shard - plan.to_do;
  for (SweepPart& part : parts) {
    if (part.cells > 0) plan.parts.push_back(part);
  }
  return plan;
}

} // namespace terastal
