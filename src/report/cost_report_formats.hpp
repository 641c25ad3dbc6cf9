#pragma once

#include <ostream>

#include "terastal/report/cost_report.hpp"

namespace terastal {

/// One implementation of a layer.
struct CostedOption {
  const Layer* layer;
  OptionIndex option;

  [[nodiscard]] bool is_variant() const { return option != layer->first_option; }
};

/// All implementations, layer by layer.
[[nodiscard]] std::vector<CostedOption> costed_options(const Network& network);

void write_cost_table(std::ostream& out, const CostReport& report, bool color);
void write_cost_csv(std::ostream& out, const CostReport& report);
void write_cost_json(std::ostream& out, const CostReport& report);
void write_cost_jsonl(std::ostream& out, const CostReport& report);

} // namespace terastal
