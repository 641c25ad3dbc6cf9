#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <utility>

#include "terastal/cost/cost_model.hpp"

namespace terastal::testing {

/// Counts MACs: ceil(MACs / (pes · lanes)) + extra cycles, 2 nJ a MAC. Every kind of setting is declared once.
class ToyCostModel : public CostModel {
 public:
  explicit ToyCostModel(const Settings& settings)
      : rate_(static_cast<double>(settings.integer("pes")) * settings.number("lanes")),
        clock_hz_(settings.number("clock")),
        start_(std::ceil(static_cast<double>(settings.duration("start").count()) * 1e-12 * clock_hz_)) {
    if (settings.choice("mode") == "slow" && settings.flag("turbo")) throw InputError("'turbo' needs mode 'fast'");
  }

  [[nodiscard]] CostEstimate estimate(const LayerShape& shape) const override {
    CostEstimate estimate;
    estimate.terms = {std::ceil(static_cast<double>(shape.macs()) / rate_), 0.0, 0.0, start_};
    estimate.cycles = estimate.terms[0] + start_;
    estimate.energy_nj = 2.0 * static_cast<double>(shape.macs());
    estimate.bound = start_ > estimate.terms[0] ? CostTerm::overhead : CostTerm::compute;
    return estimate;
  }
  [[nodiscard]] double clock_hz() const override { return clock_hz_; }

 private:
  double rate_;
  double clock_hz_;
  double start_;
};

/// A registry with the toy model and one without settings, `fixed`: the toy model's defaults.
inline CostModelRegistry toy_cost_models() {
  const std::vector<Setting> settings = {
      Setting::integer("pes", 10, 1, 4096, "Processing elements."),
      Setting::quantity("clock", Dimension::frequency, 1e9, 1e6, 1e10, "Clock."),
      Setting::number("lanes", 1.0, 0.5, 8.0, "Lanes of each."),
      Setting::duration("start", Duration{0}, "Added to every layer."),
      Setting::choice("mode", "fast", {"fast", "slow"}, "A choice."),
      Setting::flag("turbo", false, "A flag."),
      Setting::quantity("buffer", Dimension::bytes, 1024.0, 1.0, 1073741824.0, "A size."),
      Setting::quantity("link", Dimension::bandwidth, 1e9, 1.0, 1e15, "A bandwidth."),
      Setting::quantity("mac", Dimension::energy, 2.0, 0.0, 1e6, "An energy.")};
  CostModelRegistry registry;
  registry.add({"toy", "counts MACs", "a test", false, settings,
                [](const Settings& s) { return std::make_unique<ToyCostModel>(s); }});
  registry.add({"fixed", "counts MACs with ten elements", "a test", false, {}, [settings](const Settings&) {
                  return std::make_unique<ToyCostModel>(Settings(settings));
                }});
  return registry;
}

} // namespace terastal::testing
