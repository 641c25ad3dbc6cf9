#include <algorithm> // sort

#include <fmt/format.h>

#include "report/conditions.hpp"
#include "report/cost_report_formats.hpp"
#include "report/numbers.hpp"
#include "report/text_table.hpp"
#include "terastal/core/units.hpp"

namespace terastal {
namespace {

std::string energy_text(double nanojoules) { return nanojoules == 0.0 ? "" : short_energy_mj(nanojoules * 1e-6); }

std::string share_text(const std::optional<double>& share) { return share ? percent(*share) : ""; }

/// `12.3 M`.
std::string count_text(double count) {
  constexpr std::array<std::pair<double, const char*>, 3> scales{{{1e9, " G"}, {1e6, " M"}, {1e3, " k"}}};
  for (const auto& [scale, name] : scales) {
    if (count >= scale) return short_number(count / scale) + name;
  }
  return short_number(count);
}

/// Cycles as whole numbers; models of rates have fractions, of which people need none.
std::string cycles_text(double cycles) { return fmt::format("{:.0f}", cycles); }

std::string latency_text(Duration latency) {
  return latency == kCannotRun ? "cannot run" : format_duration_short(latency);
}

Conditions conditions(const CostedNetwork& costed) {
  Conditions result;
  for (const CostTarget& target : costed.targets) {
    const std::string clock =
        target.model ? fmt::format(" at {}", detail::quantity_text(target.model->clock_hz(), Dimension::frequency)) : "";
    result.emplace_back(target.name, target.model ? target.label + clock : "the network's table");
  }
  return result;
}

void write_totals(std::ostream& out, const CostedNetwork& costed, bool color) {
  TextTable table({{"on"}, {"layers"}, {"latency"}, {"energy"}, {"MACs"}, {"utilisation"}, {"time by what bounds it", true}});
  for (std::size_t t = 0; t < costed.targets.size(); ++t) {
    const CostTotals totals = cost_totals(costed, t);
    std::string bounds;
    for (std::size_t term = 0; term < kCostTermNames.size(); ++term) {
      if (totals.bound_share[term] == 0.0) continue;
      bounds += fmt::format("{}{} {}", bounds.empty() ? "" : ", ", kCostTermNames[term], percent(totals.bound_share[term]));
    }
    const std::size_t all = costed.network.layers.size();
    const bool complete = totals.layers == all;
    table.add({{costed.targets[t].name, Ink::bold},
               {complete ? std::to_string(all) : fmt::format("{} of {}", totals.layers, all),
                complete ? Ink::plain : Ink::bad},
               {short_time_s(totals.latency_s)},
               {energy_text(totals.energy_nj)},
               {count_text(totals.macs)},
               {share_text(totals.utilisation)},
               {bounds}});
  }
  write_heading(out, "Totals, originals only", color);
  table.write(out, color);
}

/// `conv1`, and for a variant `  conv1_r2`.
std::string option_name(const Network& network, const CostedOption& row) {
  return row.is_variant() ? "  " + network.options[row.option].name : row.layer->name;
}

/// The options of a target's table: all, or those of the slowest layers, slowest first.
std::vector<CostedOption> shown_options(const CostedNetwork& costed, std::size_t target, std::size_t top) {
  std::vector<CostedOption> rows = costed_options(costed.network);
  if (top == 0) return rows;
  const auto runs = [&](const CostedOption& row) {
    return !row.is_variant() && costed.network.latency_of(row.option, static_cast<TypeIndex>(target)) != kCannotRun;
  };
  rows.erase(std::remove_if(rows.begin(), rows.end(), [&](const CostedOption& row) { return !runs(row); }), rows.end());
  std::stable_sort(rows.begin(), rows.end(), [&](const CostedOption& a, const CostedOption& b) {
    return costed.network.latency_of(a.option, static_cast<TypeIndex>(target)) >
           costed.network.latency_of(b.option, static_cast<TypeIndex>(target));
  });
  rows.resize(std::min(rows.size(), top));
  return rows;
}

void write_layers(std::ostream& out, const CostedNetwork& costed, std::size_t target, std::size_t top, bool color) {
  const Network& network = costed.network;
  TextTable table({{"layer"}, {"op", true}, {"MACs"}, {"latency"}, {"cycles"}, {"energy"}, {"bound by", true},
                   {"utilisation"}, {"model alone"}});
  const std::vector<CostedOption> rows = shown_options(costed, target, top);
  for (const CostedOption& row : rows) {
    const auto& shape = network.options[row.option].shape;
    const auto& estimate = costed.estimate(row.option, target);
    const Duration latency = network.latency_of(row.option, static_cast<TypeIndex>(target));
    const bool overruled = estimate && costed.from_table(row.option, target);
    table.add({{option_name(network, row)},
               {row.is_variant() ? "" : row.layer->op},
               {shape ? count_text(static_cast<double>(shape->macs())) : ""},
               {latency_text(latency), latency == kCannotRun ? Ink::faint : Ink::plain},
               {estimate ? cycles_text(estimate->cycles) : ""},
               {latency == kCannotRun ? "" : energy_text(network.energy_of(row.option, static_cast<TypeIndex>(target)))},
               {estimate ? std::string(to_string(estimate->bound)) : latency == kCannotRun ? "" : "(table)", Ink::faint},
               {share_text(costed.utilisation(row.option, target))},
               {overruled ? latency_text(latency_of(*estimate, costed.targets[target].model->clock_hz())) : "",
                Ink::faint}});
  }
  const std::string which =
      top == 0 ? "layers" : fmt::format("the {} slowest of {} layers", rows.size(), network.layers.size());
  write_heading(out, costed.targets[target].name + ": " + which, color);
  table.write(out, color);
}

std::string shape_text(const LayerShape& s) {
  std::string text = fmt::format("{} N {} K {} C {}, kernel {}x{}, input {}x{}, output {}x{}", to_string(s.kind), s.n, s.k,
                                 s.c, s.r, s.s, s.y, s.x, s.out_y, s.out_x);
  if (s.stride_y != 1 || s.stride_x != 1) text += fmt::format(", stride {}x{}", s.stride_y, s.stride_x);
  if (s.groups != 1) text += fmt::format(", {} groups", s.groups);
  if (s.operands != 1) text += fmt::format(", {} operands", s.operands);
  return text;
}

/// Every term of one implementation of a layer, one line for each target.
void write_terms(std::ostream& out, const CostedNetwork& costed, const CostedOption& row, bool color) {
  const Network& network = costed.network;
  const auto& shape = network.options[row.option].shape;
  std::vector<TextTable::Column> columns = {{"on"}, {"latency"}, {"cycles"}};
  for (const std::string_view term : kCostTermNames) columns.push_back({std::string(term)});
  for (const char* name : {"bound by", "utilisation", "energy", "L1 accesses", "L2 accesses", "DRAM bytes", "model alone"}) {
    columns.push_back({name, std::string_view(name) == "bound by"});
  }
  TextTable table(std::move(columns));
  for (std::size_t t = 0; t < costed.targets.size(); ++t) {
    const Duration latency = network.latency_of(row.option, static_cast<TypeIndex>(t));
    const auto& estimate = costed.estimate(row.option, t);
    std::vector<Cell> cells = {{costed.targets[t].name, Ink::bold}, {latency_text(latency)}};
    if (!estimate) {
      cells.resize(14);
      table.add(std::move(cells));
      continue;
    }
    cells.push_back({cycles_text(estimate->cycles)});
    for (const double cycles : estimate->terms) cells.push_back({cycles == 0.0 ? "" : cycles_text(cycles)});
    cells.push_back({std::string(to_string(estimate->bound))});
    cells.push_back({share_text(costed.utilisation(row.option, t))});
    cells.push_back({energy_text(network.energy_of(row.option, static_cast<TypeIndex>(t)))});
    for (const double count : {estimate->l1_accesses, estimate->l2_accesses, estimate->dram_bytes}) {
      cells.push_back({count == 0.0 ? "" : count_text(count)});
    }
    const bool overruled = costed.from_table(row.option, t);
    cells.push_back({overruled ? latency_text(latency_of(*estimate, costed.targets[t].model->clock_hz())) : ""});
    table.add(std::move(cells));
  }
  const std::string name = row.is_variant() ? fmt::format("{}, variant {}", row.layer->name, network.options[row.option].name)
                                            : row.layer->name;
  write_heading(out, fmt::format("{}: {}", name, shape ? shape_text(*shape) : "no shape"), color);
  if (shape) {
    out << fmt::format("  {} MACs, {} input, {} weight and {} output elements\n", shape->macs(), shape->input_elements(),
                       shape->weight_elements(), shape->output_elements());
  }
  table.write(out, color);
}

} // namespace

void write_cost_table(std::ostream& out, const CostReport& report, bool color) {
  bool first = true;
  for (const CostedNetwork& costed : report.networks) {
    if (!first) out << '\n';
    first = false;
    write_conditions(out, costed.network.name, costed.network.description, conditions(costed), color);
    if (report.layer) {
      for (const CostedOption& row : costed_options(costed.network)) {
        if (row.layer->name == *report.layer) write_terms(out, costed, row, color);
      }
      continue;
    }
    write_totals(out, costed, color);
    for (std::size_t t = 0; t < costed.targets.size(); ++t) write_layers(out, costed, t, report.top, color);
  }
}

} // namespace terastal
