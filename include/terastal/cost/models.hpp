#pragma once

#include "terastal/cost/arrays.hpp"
#include "terastal/cost/cost_model.hpp"
#include "terastal/cost/cpu.hpp"
#include "terastal/cost/gpu.hpp"
#include "terastal/cost/roofline.hpp"
#include "terastal/cost/systolic.hpp"

namespace terastal {

/// The cost models that come with the library. A copy: add your own to it.
[[nodiscard]] inline CostModelRegistry builtin_cost_models() {
  CostModelRegistry registry;
  registry.add(ArrayCostModel::info(ArrayCostModel::Calibration::xrbench));
  registry.add(ArrayCostModel::info(ArrayCostModel::Calibration::maestro));
  registry.add(SystolicCostModel::info());
  registry.add(GpuCostModel::info());
  registry.add(CpuCostModel::info());
  registry.add(RooflineCostModel::info());
  return registry;
}

} // namespace terastal
