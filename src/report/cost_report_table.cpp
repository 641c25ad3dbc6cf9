#include <algorithm> // remove_if, stable_sort
#include <array>

#include <fmt/format.h>

#include "report/conditions.hpp"
#include "report/cost_report_formats.hpp"
#include "report/numbers.hpp"
#include "report/text_table.hpp"
#include "terastal/core/settings.hpp"
#include "terastal/core/units.hpp"

namespace terastal {
namespace {

std::string energy_text(double nanojoules) { return nanojoules == 0.0 ? "" : short_energy_mj(nanojoules * 1e-6); }

std::string share_text(const std::optional<double>& share) { return share ? percent(*share) : ""; }

/// `12.3 M`; nothing for zero.
std::string count_text(double count) {
  constexpr std::array<std::pair<double, const char*>, 3> scales{{{1e9, " G"}, {1e6, " M"}, {1e3, " k"}}};
  for (const auto& [scale, name] : scales) {
    if (count >= scale) return short_number(count / scale) + name;
  }
  return count == 0.0 ? "" : short_number(count);
}

/// Whole cycles; models of rates have fractions, of which people need none.
std::string cycles_text(double cycles) { return cycles == 0.0 ? "" : fmt::format("{:.0f}", cycles); }

Cell latency_cell(Duration latency) {
  if (latency == kCannotRun) return {"cannot run", Ink::faint};
  return {format_duration_short(latency)};
}

/// What the model says where the network's table says something else.
Cell model_cell(const CostedNetwork& costed, OptionIndex option, std::size_t target) {
  const auto model = costed.model_latency(option, target);
  const bool overruled = model && costed.from_table(option, target);
  return {overruled ? format_duration_short(*model) : "", Ink::faint};
}

Cell bound_cell(const CostedNetwork& costed, OptionIndex option, std::size_t target) {
  if (const auto& estimate = costed.estimate(option, target)) return {std::string(to_string(estimate->bound))};
  return {costed.latency(option, target) == kCannotRun ? "" : "(table)", Ink::faint};
}

Conditions conditions_of(const CostedNetwork& costed) {
  Conditions result;
  for (const CostTarget& target : costed.targets) {
    if (!target.model) {
      result.emplace_back(target.name, "the network's table");
      continue;
    }
    const std::string clock = detail::quantity_text(target.model->clock_hz(), Dimension::frequency);
    result.emplace_back(target.name, target.label + " at " + clock);
  }
  return result;
}

// -- a network as a whole

std::string bound_text(const CostTotals& totals) {
  std::string text;
  for (std::size_t term = 0; term < kCostTermNames.size(); ++term) {
    if (totals.bound_share[term] == 0.0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", kCostTermNames[term], percent(totals.bound_share[term]));
  }
  return text;
}

void write_totals(std::ostream& out, const CostedNetwork& costed, bool color) {
  TextTable table(
      {{"on"}, {"layers"}, {"latency"}, {"energy"}, {"MACs"}, {"utilisation"}, {"time by what bounds it", true}});
  const std::size_t all = costed.network.layers.size();
  for (std::size_t t = 0; t < costed.targets.size(); ++t) {
    const CostTotals totals = cost_totals(costed, t);
    const Cell layers =
        totals.layers == all ? Cell{std::to_string(all)} : Cell{fmt::format("{} of {}", totals.layers, all), Ink::bad};
    table.add({{costed.targets[t].name, Ink::bold},
               layers,
               {short_time_s(totals.latency_s)},
               {energy_text(totals.energy_nj)},
               {count_text(totals.macs)},
               {share_text(totals.utilisation)},
               {bound_text(totals)}});
  }
  write_heading(out, "Totals, originals only", color);
  table.write(out, color);
}

/// The options of a target's table: all, or the originals of the slowest layers, slowest first.
std::vector<CostedOption> shown_options(const CostedNetwork& costed, std::size_t target, std::size_t top) {
  std::vector<CostedOption> rows = costed_options(costed.network);
  if (top == 0) return rows;
  const auto skipped = [&](const CostedOption& row) {
    return row.is_variant() || costed.latency(row.option, target) == kCannotRun;
  };
  rows.erase(std::remove_if(rows.begin(), rows.end(), skipped), rows.end());
  std::stable_sort(rows.begin(), rows.end(), [&](const CostedOption& a, const CostedOption& b) {
    return costed.latency(a.option, target) > costed.latency(b.option, target);
  });
  rows.resize(std::min(rows.size(), top));
  return rows;
}

void write_layers(std::ostream& out, const CostedNetwork& costed, std::size_t target, std::size_t top, bool color) {
  const Network& network = costed.network;
  TextTable table({{"layer"},
                   {"op", true},
                   {"MACs"},
                   {"latency"},
                   {"cycles"},
                   {"energy"},
                   {"bound by", true},
                   {"utilisation"},
                   {"by the model"}});
  const std::vector<CostedOption> rows = shown_options(costed, target, top);
  for (const CostedOption& row : rows) {
    const auto& shape = network.options[row.option].shape;
    const auto& estimate = costed.estimate(row.option, target);
    table.add({{row.is_variant() ? "  " + network.options[row.option].name : row.layer->name},
               {row.is_variant() ? "" : row.layer->op},
               {shape ? count_text(static_cast<double>(shape->macs())) : ""},
               latency_cell(costed.latency(row.option, target)),
               {estimate ? cycles_text(estimate->cycles) : ""},
               {energy_text(costed.energy_nj(row.option, target))},
               bound_cell(costed, row.option, target),
               {share_text(costed.utilisation(row.option, target))},
               model_cell(costed, row.option, target)});
  }
  const std::string which =
      top == 0 ? "layers" : fmt::format("the {} slowest of {} layers", rows.size(), network.layers.size());
  write_heading(out, costed.targets[target].name + ": " + which, color);
  table.write(out, color);
}

// -- one layer in detail

std::string shape_text(const LayerShape& s) {
  std::string text = fmt::format("{} N {} K {} C {}, kernel {}x{}, input {}x{}, output {}x{}", to_string(s.kind), s.n,
                                 s.k, s.c, s.r, s.s, s.y, s.x, s.out_y, s.out_x);
  if (s.stride_y != 1 || s.stride_x != 1) text += fmt::format(", stride {}x{}", s.stride_y, s.stride_x);
  if (s.groups != 1) text += fmt::format(", {} groups", s.groups);
  if (s.operands != 1) text += fmt::format(", {} operands", s.operands);
  return text;
}

/// Every term of one implementation of a layer, one line for each target.
void write_terms(std::ostream& out, const CostedNetwork& costed, OptionIndex option, bool color) {
  TextTable table({{"on"},
                   {"latency"},
                   {"cycles"},
                   {std::string(kCostTermNames[0])},
                   {std::string(kCostTermNames[1])},
                   {std::string(kCostTermNames[2])},
                   {std::string(kCostTermNames[3])},
                   {"bound by", true},
                   {"utilisation"},
                   {"energy"},
                   {"L1 accesses"},
                   {"L2 accesses"},
                   {"DRAM bytes"},
                   {"by the model"}});
  for (std::size_t t = 0; t < costed.targets.size(); ++t) {
    const CostEstimate e = costed.estimate(option, t).value_or(CostEstimate{});
    table.add({{costed.targets[t].name, Ink::bold},
               latency_cell(costed.latency(option, t)),
               {cycles_text(e.cycles)},
               {cycles_text(e.terms[0])},
               {cycles_text(e.terms[1])},
               {cycles_text(e.terms[2])},
               {cycles_text(e.terms[3])},
               bound_cell(costed, option, t),
               {share_text(costed.utilisation(option, t))},
               {energy_text(costed.energy_nj(option, t))},
               {count_text(e.l1_accesses)},
               {count_text(e.l2_accesses)},
               {count_text(e.dram_bytes)},
               model_cell(costed, option, t)});
  }
  table.write(out, color);
}

void write_layer(std::ostream& out, const CostedNetwork& costed, const std::string& layer, bool color) {
  for (const CostedOption& row : costed_options(costed.network)) {
    if (row.layer->name != layer) continue;
    const Option& option = costed.network.options[row.option];
    const std::string name = row.is_variant() ? fmt::format("{}, variant {}", layer, option.name) : layer;
    write_heading(out, fmt::format("{}: {}", name, option.shape ? shape_text(*option.shape) : "no shape"), color);
    if (const auto& shape = option.shape) {
      out << fmt::format("  {} MACs, {} input, {} weight and {} output elements\n", shape->macs(),
                         shape->input_elements(), shape->weight_elements(), shape->output_elements());
    }
    write_terms(out, costed, row.option, color);
  }
}

} // namespace

void write_cost_table(std::ostream& out, const CostReport& report, bool color) {
  bool first = true;
  for (const CostedNetwork& costed : report.networks) {
    if (!first) out << '\n';
    first = false;
    write_conditions(out, costed.network.name, costed.network.description, conditions_of(costed), color);
    if (report.layer) {
      write_layer(out, costed, *report.layer, color);
      continue;
    }
    write_totals(out, costed, color);
    for (std::size_t t = 0; t < costed.targets.size(); ++t) write_layers(out, costed, t, report.top, color);
  }
}

} // namespace terastal
