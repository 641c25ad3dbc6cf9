#include "terastal/report/cost_report.hpp"

#include "report/cost_report_formats.hpp"

namespace terastal {

std::vector<CostedOption> costed_options(const Network& network) {
  std::vector<CostedOption> result;
  for (const Layer& layer : network.layers) {
    for (OptionIndex o = 0; o < layer.option_count; ++o) result.push_back({&layer, layer.first_option + o});
  }
  return result;
}

CostTotals cost_totals(const CostedNetwork& costed, std::size_t target) {
  const Network& network = costed.network;
  CostTotals totals;
  double estimated_s = 0.0;
  double estimated_macs = 0.0;
  double element_cycles = 0.0;
  for (const Layer& layer : network.layers) {
    const Duration latency = costed.latency(layer.first_option, target);
    if (latency == kCannotRun) continue;
    ++totals.layers;
    totals.latency_s += to_seconds(latency);
    totals.energy_nj += costed.energy_nj(layer.first_option, target);
    totals.macs += static_cast<double>(layer.macs);
    const auto& estimate = costed.estimate(layer.first_option, target);
    if (!estimate) continue;
    const double seconds = estimate->cycles / costed.targets[target].model->clock_hz();
    estimated_s += seconds;
    totals.bound_share[static_cast<std::size_t>(estimate->bound)] += seconds;
    estimated_macs += static_cast<double>(network.options[layer.first_option].shape->macs());
    element_cycles += estimate->cycles * costed.targets[target].pes;
  }
  if (element_cycles > 0.0) totals.utilisation = estimated_macs / element_cycles;
  if (estimated_s > 0.0) {
    for (double& share : totals.bound_share) share /= estimated_s;
  }
  return totals;
}

void write(std::ostream& out, const CostReport& report, Format format, bool color) {
  switch (format) {
  case Format::table:
    return write_cost_table(out, report, color);
  case Format::json:
    return write_cost_json(out, report);
  case Format::csv:
    return write_cost_csv(out, report);
  case Format::jsonl:
    return write_cost_jsonl(out, report);
  }
}

} // namespace terastal
