#include "io/network_tables.hpp"

#include <limits>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "io/rows.hpp"
#include "io/shape_reader.hpp"
#include "io/type_columns.hpp"

namespace terastal::io {
namespace {

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

/// The column `after`: nothing for an empty cell (the layer before), no layers for `-`.
std::optional<std::vector<Reference>> predecessors(const Row& row) {
  const Cell* cell = row.cell("after");
  if (cell == nullptr || cell->text.empty()) return std::nullopt;
  if (cell->text == "-") return std::vector<Reference>{};
  return row.names("after");
}

TableSpec with_shapes(TableSpec spec) {
  spec.percentiles = true;
  add_shape_columns(spec);
  return spec;
}

/// Times and shape of a row; a shape with errors might have given the times.
struct RowCosts {
  Times times;
  std::optional<LayerShape> shape;
};

RowCosts read_costs(const TypeColumns& types, const Row& row, std::size_t r, const std::string& owner,
                    Diagnostics& diagnostics) {
  const ShapeRead read = read_shape(row, owner, diagnostics);
  RowCosts costs{types.read(r), read.shape};
  costs.times.broken = costs.times.broken || read.broken;
  return costs;
}

/// The column `sparsity`, a share below 1.
std::optional<double> read_sparsity(const Row& row) {
  const auto sparsity = row.number("sparsity", 0.0, false, 1.0);
  if (!sparsity || *sparsity < 1.0) return sparsity;
  row.refuse("sparsity", "a number >= 0 and below 1");
  return std::nullopt;
}

} // namespace

const TableSpec& layer_table_spec() {
  static const TableSpec spec = with_shapes(
      {{{"layer", true}, {"op"}, {"macs"}, {"output_bytes"}, {"after"}, {"block"}, {"skip"}, {"exit"}}, {}, true});
  return spec;
}

const TableSpec& variant_table_spec() {
  static const TableSpec spec =
      with_shapes({{{"layer", true}, {"variant", true}, {"op"}, {"gamma"}, {"accuracy_cost"}}, {}, true});
  return spec;
}

const TableSpec& accuracy_table_spec() {
  // No quantities: a subject that no column can have.
  static const TableSpec spec{{{"variants", true}, {"accuracy", true}}, {"-"}, false};
  return spec;
}

const TableSpec& sample_table_spec() {
  static const TableSpec spec{{{"sample", true}, {"layer", true}, {"sparsity"}}, {}, true};
  return spec;
}

void read_layer_table(const Table& table, const Binding& binding, NetworkDraft& network, Diagnostics& diagnostics) {
  const Header header(table, layer_table_spec(), type_names(binding.platform), diagnostics);
  const auto source = network.samples ? TypeColumns::Source::samples : TypeColumns::Source::table_or_shapes;
  const TypeColumns types(table, header, binding, source, diagnostics);
  network.layers.emplace();
  network.layers_complete = table.complete() && header.find("layer");
  if (!header.find("layer")) return;
  if (table.rows() == 0 && table.complete()) diagnostics.error(table.header_position(), "the table has no layers");
  for (std::size_t r = 0; r < table.rows(); ++r) {
    const Row row(table, header, r, diagnostics);
    const std::string name = row.name("layer").value_or("");
    RowCosts costs = read_costs(types, row, r, "layer " + in_quotes(name), diagnostics);
    LayerDraft layer{name,
                     row.position("layer"),
                     row.text("op"),
                     costs.shape,
                     row.natural("macs"),
                     row.natural("output_bytes"),
                     row.text("block"),
                     predecessors(row),
                     std::move(costs.times),
                     row.number("skip", 0.0, false, 1.0).value_or(0.0),
                     row.number("exit", 0.0, false, 1.0).value_or(0.0)};
    network.layers_complete = network.layers_complete && !layer.name.empty();
    network.layers->push_back(std::move(layer));
  }
}

void read_variant_table(const Table& table, const Binding& binding, NetworkDraft& network, Diagnostics& diagnostics) {
  const Header header(table, variant_table_spec(), type_names(binding.platform), diagnostics);
  const TypeColumns types(table, header, binding, TypeColumns::Source::table_or_shapes, diagnostics);
  network.variants_complete = table.complete() && header.find("layer") && header.find("variant");
  if (!header.find("layer") || !header.find("variant")) return;
  for (std::size_t r = 0; r < table.rows(); ++r) {
    const Row row(table, header, r, diagnostics);
    const std::string name = row.name("variant").value_or("");
    RowCosts costs = read_costs(types, row, r, "variant " + in_quotes(name), diagnostics);
    VariantDraft variant{name,
                         row.position("variant"),
                         {row.name("layer").value_or(""), row.position("layer")},
                         row.number("gamma", 0.0, true, kUnlimited).value_or(0.0),
                         row.number("accuracy_cost", 0.0, false, 1.0),
                         !row.text("accuracy_cost").empty(),
                         costs.shape,
                         std::move(costs.times)};
    network.variants_complete = network.variants_complete && !variant.name.empty();
    network.variants.push_back(std::move(variant));
  }
}

void read_accuracy_table(const Table& table, NetworkDraft& network, Diagnostics& diagnostics) {
  const Header header(table, accuracy_table_spec(), {}, diagnostics);
  if (!header.find("variants") || !header.find("accuracy")) return;
  for (std::size_t r = 0; r < table.rows(); ++r) {
    const Row row(table, header, r, diagnostics);
    const auto accuracy = row.number("accuracy", 0.0, false, kUnlimited);
    if (!accuracy && row.cell("accuracy")->text.empty()) row.refuse("accuracy", "a number >= 0");
    if (accuracy) network.accuracy->sets.push_back({row.names("variants"), *accuracy, row.position("variants")});
  }
}

void read_sample_table(const Table& table, const Binding& binding, NetworkDraft& network, Diagnostics& diagnostics) {
  const Header header(table, sample_table_spec(), type_names(binding.platform), diagnostics);
  const TypeColumns types(table, header, binding, TypeColumns::Source::table, diagnostics);
  SamplesDraft samples;
  samples.position = table.header_position();
  samples.complete = table.complete() && header.find("sample") && header.find("layer");
  if (table.rows() == 0 && table.complete()) diagnostics.error(table.header_position(), "the table has no samples");
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  const bool readable = header.find("sample") && header.find("layer");
  for (std::size_t r = 0; readable && r < table.rows(); ++r) {
    const Row row(table, header, r, diagnostics);
    const auto id = row.integer("sample", 0, most);
    if (!id && row.cell("sample")->text.empty()) row.refuse("sample", "a whole number >= 0");
    const auto layer = row.name("layer");
    if (id && layer) {
      samples.rows.push_back(
          {*id, *layer, row.position("layer"), types.read(r), read_sparsity(row), !row.text("sparsity").empty()});
    } else {
      samples.complete = false;
    }
  }
  network.samples = std::move(samples);
}

} // namespace terastal::io
