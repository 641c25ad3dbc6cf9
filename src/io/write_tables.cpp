#include "io/write_tables.hpp"

#include <algorithm> // any_of, all_of, sort
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "io/columns.hpp"
#include "io/part_columns.hpp"
#include "io/shape_fields.hpp"
#include "io/type_columns.hpp"
#include "terastal/core/int128.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"

namespace terastal::io {
namespace {

/// A cell as the reader takes it for this text: blanks at its ends and a `#` at the start of a line count only in
/// quotes.
std::string cell_text(const std::string& text) {
  if (text.empty() || (trim(text) == text && text.front() != '#')) return csv_field(text);
  std::string quoted = csv_field(text);
  return quoted.front() == '"' ? quoted : '"' + quoted + '"';
}

void add_line(std::string& text, const std::vector<WrittenColumn>& columns, std::optional<std::size_t> row) {
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (c > 0) text += ',';
    text += cell_text(row ? columns[c].cells[*row] : columns[c].name);
  }
  text += '\n';
}

/// Adds a column unless every cell of it is empty.
void add_if_filled(std::vector<WrittenColumn>& columns, WrittenColumn column) {
  const bool filled = std::any_of(column.cells.begin(), column.cells.end(), [](const auto& c) { return !c.empty(); });
  if (filled) columns.push_back(std::move(column));
}

template <typename Row, typename Text>
WrittenColumn column_of(std::string name, const std::vector<Row>& rows, Text text) {
  WrittenColumn column{std::move(name), {}};
  for (const Row& row : rows) column.cells.push_back(text(row));
  return column;
}

/// Whole cycles whose time is exactly this one.
std::optional<std::uint64_t> whole_cycles(Duration time, std::uint64_t clock_hz) {
  if (clock_hz == 0) return std::nullopt;
  constexpr uint128 pico = 1'000'000'000'000;
  const uint128 cycles = (static_cast<uint128>(time.count()) * clock_hz + pico / 2) / pico;
  if (cycles > static_cast<uint128>(1) << 53) return std::nullopt;
  const auto result = static_cast<std::uint64_t>(cycles);
  return cycles_to_time(std::to_string(result), clock_hz) == time ? std::optional(result) : std::nullopt;
}

/// A column of times, kCannotRun as an empty cell, in cycles if all are whole.
WrittenColumn time_column(const std::string& prefix, const std::vector<Duration>& times, std::uint64_t clock_hz) {
  const bool cycles = clock_hz > 0 && std::all_of(times.begin(), times.end(), [&](Duration time) {
                        return time == kCannotRun || whole_cycles(time, clock_hz);
                      });
  return column_of(prefix + (cycles ? "_cycles" : "_ps"), times, [&](Duration time) {
    if (time == kCannotRun) return std::string{};
    return std::to_string(cycles ? *whole_cycles(time, clock_hz) : static_cast<std::uint64_t>(time.count()));
  });
}

void add_percentiles(std::vector<WrittenColumn>& columns, const Network& network, const std::vector<OptionIndex>& rows,
                     TypeIndex type, const WrittenType& written) {
  constexpr std::array<Duration TimePercentiles::*, kPercentiles.size()> members{
      &TimePercentiles::p50, &TimePercentiles::p95, &TimePercentiles::p99};
  for (std::size_t p = 0; p < members.size(); ++p) {
    std::vector<Duration> times;
    for (const OptionIndex o : rows) {
      const TimePercentiles percentiles = network.percentiles_of(o, type);
      times.push_back(percentiles.measured() ? percentiles.*members[p] : kCannotRun);
    }
    add_if_filled(columns, time_column(fmt::format("{}_p{}", written.name, kPercentiles[p]), times, written.clock_hz));
  }
}

/// Times of groups of accelerators. Empty columns too: without one a cost model would fill them.
void add_groups(std::vector<WrittenColumn>& columns, const Network& network, const std::vector<OptionIndex>& rows,
                const WrittenType& type, std::size_t first) {
  if (network.group_latency.empty()) return;
  const std::size_t all = network.group_latency.size() / network.options.size();
  for (std::size_t g = 0; g < type.group_sizes.size(); ++g) {
    std::vector<Duration> times;
    for (const OptionIndex o : rows) times.push_back(network.group_latency[o * all + first + g]);
    columns.push_back(time_column(group_name(type.name, type.group_sizes[g]), times, type.clock_hz));
  }
}

/// What fusion needs to know; empty cells where it is not known.
void add_parts(std::vector<WrittenColumn>& columns, const Network& network, const std::vector<OptionIndex>& rows,
               TypeIndex type, const WrittenType& written) {
  constexpr std::array<Duration FusionParts::*, kPartNames.size()> members{&FusionParts::compute, &FusionParts::memory};
  for (std::size_t p = 0; written.fusion && p < members.size(); ++p) {
    std::vector<Duration> times;
    for (const OptionIndex o : rows) {
      const FusionParts parts = network.fusion_parts_of(o, type);
      times.push_back(parts.known() ? parts.*members[p] : kCannotRun);
    }
    add_if_filled(columns, time_column(part_name(written.name, p), times, written.clock_hz));
  }
}

void add_costs(std::vector<WrittenColumn>& columns, const Network& network, const std::vector<OptionIndex>& rows,
               const std::vector<WrittenType>& types) {
  std::size_t group = 0;
  for (TypeIndex t = 0; t < types.size(); ++t) {
    const std::size_t first_group = group;
    group += types[t].group_sizes.size();
    if (types[t].name.empty()) continue;
    std::vector<Duration> times;
    for (const OptionIndex o : rows) times.push_back(network.latency_of(o, t));
    columns.push_back(time_column(types[t].name, times, types[t].clock_hz));
    add_groups(columns, network, rows, types[t], first_group);
    add_parts(columns, network, rows, t, types[t]);
    add_percentiles(columns, network, rows, t, types[t]);
    add_if_filled(columns, column_of(types[t].name + "_nj", rows, [&](OptionIndex o) {
                    const double energy = network.energy_of(o, t);
                    return energy == 0.0 ? std::string{} : format_number(energy);
                  }));
    add_if_filled(columns, column_of(types[t].name + "_traffic_bytes", rows, [&](OptionIndex o) {
                    const double traffic = network.traffic_of(o, t);
                    return traffic == 0.0 ? std::string{} : format_number(traffic);
                  }));
  }
}

/// What the reader assumes when a dimension is left out.
std::uint64_t default_of(const ShapeField& field, const LayerShape& shape) {
  if (field.member == &LayerShape::out_y) return default_output(shape.y, shape.stride_y, shape.kind);
  if (field.member == &LayerShape::out_x) return default_output(shape.x, shape.stride_x, shape.kind);
  return 1;
}

void add_shapes(std::vector<WrittenColumn>& columns, const Network& network, const std::vector<OptionIndex>& rows) {
  for (const ShapeField& field : kShapeFields) {
    const bool shown = std::any_of(rows.begin(), rows.end(), [&](OptionIndex o) {
      const auto& shape = network.options[o].shape;
      return shape && (field.needed || *shape.*field.member != default_of(field, *shape));
    });
    if (!shown) continue;
    columns.push_back(column_of(std::string(field.name), rows, [&](OptionIndex o) {
      const auto& shape = network.options[o].shape;
      return shape ? std::to_string(*shape.*field.member) : std::string{};
    }));
  }
}

/// The operator's name; that of the shape's kind where it would be read as another.
std::string operator_text(const std::string& op, const std::optional<LayerShape>& shape) {
  return !shape || operator_kind(op) == shape->kind ? op : std::string(to_string(shape->kind));
}

std::string predecessors_text(const Network& network, const Layer& layer) {
  std::vector<std::string> names;
  for (const LayerIndex p : layer.predecessors) names.push_back(network.layers[p].name);
  return names.empty() ? "-" : join(names, "|");
}

/// A number, unless the reader assumes it.
std::string unless_default(std::uint64_t value, std::uint64_t assumed) {
  return value == assumed ? std::string{} : std::to_string(value);
}

/// A variant and the layer that it replaces.
struct VariantRow {
  const Layer* layer;
  OptionIndex option;
};

/// In the order of their bits, which the reader gives by row.
std::vector<VariantRow> variant_rows(const Network& network) {
  std::vector<VariantRow> rows;
  for (const Layer& layer : network.layers) {
    for (OptionIndex o = 1; o < layer.option_count; ++o) rows.push_back({&layer, layer.first_option + o});
  }
  std::sort(rows.begin(), rows.end(), [&](const VariantRow& a, const VariantRow& b) {
    return network.options[a.option].variants < network.options[b.option].variants;
  });
  return rows;
}

} // namespace

std::string csv_text(const std::vector<WrittenColumn>& columns) {
  std::string text;
  add_line(text, columns, std::nullopt);
  for (std::size_t r = 0; r < columns.front().cells.size(); ++r) add_line(text, columns, r);
  return text;
}

std::vector<WrittenColumn> layer_columns(const Network& network, const std::vector<WrittenType>& types) {
  const auto& layers = network.layers;
  std::vector<OptionIndex> originals;
  for (const Layer& layer : layers) originals.push_back(layer.first_option);
  const auto shape_of = [&](const Layer& layer) -> const auto& { return network.options[layer.first_option].shape; };
  std::vector<WrittenColumn> columns;
  columns.push_back(column_of("layer", layers, [](const Layer& layer) { return layer.name; }));
  add_if_filled(columns,
                column_of("op", layers, [&](const Layer& layer) { return operator_text(layer.op, shape_of(layer)); }));
  add_shapes(columns, network, originals);
  add_if_filled(columns, column_of("macs", layers, [&](const Layer& layer) {
                  return unless_default(layer.macs, shape_of(layer) ? shape_of(layer)->macs() : 0);
                }));
  add_if_filled(columns, column_of("output_bytes", layers, [&](const Layer& layer) {
                  return unless_default(layer.output_bytes, shape_of(layer) ? shape_of(layer)->output_elements() : 0);
                }));
  if (!network.chain) {
    columns.push_back(
        column_of("after", layers, [&](const Layer& layer) { return predecessors_text(network, layer); }));
  }
  add_if_filled(columns, column_of("block", layers, [](const Layer& layer) { return layer.block; }));
  const auto probability = [](double p) { return p == 0.0 ? std::string{} : format_number(p); };
  add_if_filled(columns, column_of("skip", layers, [&](const Layer& l) { return probability(l.skip_probability); }));
  add_if_filled(columns, column_of("exit", layers, [&](const Layer& l) { return probability(l.exit_probability); }));
  add_costs(columns, network, originals, types);
  return columns;
}

std::vector<WrittenColumn> variant_columns(const Network& network, const std::vector<WrittenType>& types) {
  const std::vector<VariantRow> rows = variant_rows(network);
  const auto option = [&](const VariantRow& row) -> const Option& { return network.options[row.option]; };
  std::vector<OptionIndex> options;
  for (const VariantRow& row : rows) options.push_back(row.option);
  std::vector<WrittenColumn> columns;
  columns.push_back(column_of("layer", rows, [](const VariantRow& row) { return row.layer->name; }));
  columns.push_back(column_of("variant", rows, [&](const VariantRow& row) { return option(row).name; }));
  add_if_filled(columns, column_of("gamma", rows, [&](const VariantRow& row) {
                  return option(row).gamma == 0.0 ? std::string{} : format_number(option(row).gamma);
                }));
  WrittenColumn costs{"accuracy_cost", {}};
  for (const double cost : network.accuracy.costs()) costs.cells.push_back(format_number(cost));
  if (costs.cells.size() == rows.size()) add_if_filled(columns, std::move(costs));
  add_if_filled(columns,
                column_of("op", rows, [&](const VariantRow& row) { return operator_text({}, option(row).shape); }));
  add_shapes(columns, network, options);
  add_costs(columns, network, options, types);
  return columns;
}

std::vector<WrittenColumn> accuracy_columns(const Network& network) {
  const auto& sets = network.accuracy.sets();
  return {column_of("variants", sets, [&](const auto& set) { return network.set_name(set.first); }),
          column_of("accuracy", sets, [](const auto& set) { return format_number(set.second); })};
}

std::vector<WrittenColumn> sample_columns(const Network& network, const std::vector<WrittenType>& types) {
  const std::size_t layers = network.layers.size();
  std::vector<std::size_t> rows(network.samples.ids.size() * layers);
  for (std::size_t r = 0; r < rows.size(); ++r) rows[r] = r;
  std::vector<WrittenColumn> columns;
  columns.push_back(
      column_of("sample", rows, [&](std::size_t r) { return std::to_string(network.samples.ids[r / layers]); }));
  columns.push_back(column_of("layer", rows, [&](std::size_t r) { return network.layers[r % layers].name; }));
  for (TypeIndex t = 0; t < types.size(); ++t) {
    if (types[t].name.empty()) continue;
    std::vector<Duration> times;
    for (const std::size_t r : rows) times.push_back(network.samples.latency[r * network.type_count + t]);
    columns.push_back(time_column(types[t].name, times, types[t].clock_hz));
  }
  if (!network.samples.sparsity.empty()) {
    columns.push_back(
        column_of("sparsity", rows, [&](std::size_t r) { return format_number(network.samples.sparsity[r]); }));
  }
  return columns;
}

} // namespace terastal::io
