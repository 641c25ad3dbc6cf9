#include "io/network_reader.hpp"

#include <algorithm> // find
#include <utility>

#include "io/csv.hpp"
#include "io/network_tables.hpp"
#include "io/part_columns.hpp"
#include "io/shape_reader.hpp"
#include "io/type_columns.hpp"

namespace terastal::io {
namespace {

/// Opens the table that a path names; nothing after reporting why not.
std::optional<Table> open_table(const Value& path, Files& files, Diagnostics& diagnostics) {
  const auto text = path.text();
  if (!text) return std::nullopt;
  const File* file = files.open(resolve(*path.position().source, *text), path.position());
  return file == nullptr ? std::nullopt : parse_csv(*file, diagnostics);
}

std::vector<Reference> references(const Value& list) {
  std::vector<Reference> result;
  for (const Value& entry : list.entries()) {
    if (const auto name = entry.text()) result.push_back({*name, entry.position()});
  }
  return result;
}

std::optional<std::uint64_t> given_natural(const Value& value) {
  return value.given() ? value.natural() : std::nullopt;
}

AccuracyRule rule_of(const Value& model) {
  if (!model.given()) return AccuracyRule::measured;
  return model.text() == "multiplicative" ? AccuracyRule::multiplicative : AccuracyRule::additive;
}

/// One network document's reading.
class NetworkReader {
 public:
  NetworkReader(const Value& document, const Binding& binding, Files& files, Diagnostics& diagnostics)
      : document_(document), binding_(binding), files_(files), diagnostics_(diagnostics) {}

  NetworkDraft read() {
    network_.name = document_["network"].text().value_or("");
    network_.description = document_["description"].text().value_or("");
    network_.source = document_["source"].text().value_or("");
    network_.position = document_.position();
    read_samples(); // first: with samples, the layers need no times
    read_layers();
    read_variants();
    read_accuracy();
    return std::move(network_);
  }

 private:
  void read_samples() {
    const Value samples = document_["samples"];
    if (!samples.given()) return;
    if (const auto table = open_table(samples, files_, diagnostics_)) {
      read_sample_table(*table, binding_, network_, diagnostics_);
    } else {
      network_.samples.emplace().complete = false;
    }
  }

  void read_layers() {
    const Value layers = document_["layers"];
    if (!layers.given()) return;
    if (layers.is_list()) {
      network_.layers.emplace();
      for (const Value& layer : layers.entries()) read_layer(layer);
    } else if (const auto table = open_table(layers, files_, diagnostics_)) {
      read_layer_table(*table, binding_, network_, diagnostics_);
    } else {
      network_.layers.emplace();
      network_.layers_complete = false;
    }
  }

  void read_layer(const Value& value) {
    const Value name = value["name"];
    const std::string owner = "layer " + in_quotes(name.text().value_or(""));
    const ShapeRead shape = read_shape(value, owner, diagnostics_);
    LayerDraft layer{name.text().value_or(""),
                     name.position(),
                     value["op"].text().value_or(""),
                     shape.shape,
                     value["macs"].natural(),
                     given_natural(value["output_bytes"]),
                     value["block"].text().value_or(""),
                     std::nullopt,
                     read_times(value, binding_.platform, diagnostics_),
                     value["skip"].number().value_or(0.0),
                     value["exit"].number().value_or(0.0)};
    if (value["after"].usable()) layer.after = references(value["after"]);
    network_.layers_complete = network_.layers_complete && !layer.name.empty();
    const bool untimed = value.usable() && !value["latency"].given() && !value["shape"].given() && !network_.samples;
    if (untimed) {
      diagnostics_.error(value.position(), owner + ": missing key 'latency' (without samples or a shape, every layer "
                                                   "needs it)");
    }
    layer.times.broken = layer.times.broken || shape.broken || untimed;
    network_.layers->push_back(std::move(layer));
  }

  void read_variants() {
    const Value variants = document_["variants"];
    network_.variants_position = variants.position();
    if (!variants.given()) return;
    if (variants.is_list()) {
      for (const Value& variant : variants.entries()) read_variant(variant);
    } else if (const auto table = open_table(variants, files_, diagnostics_)) {
      read_variant_table(*table, binding_, network_, diagnostics_);
    } else {
      network_.variants_complete = false;
    }
  }

  void read_variant(const Value& value) {
    const Value name = value["name"];
    const std::string owner = "variant " + in_quotes(name.text().value_or(""));
    const ShapeRead shape = read_shape(value, owner, diagnostics_);
    VariantDraft variant{name.text().value_or(""),
                         name.position(),
                         {value["layer"].text().value_or(""), value["layer"].position()},
                         value["gamma"].number().value_or(0.0),
                         value["accuracy_cost"].number(),
                         value["accuracy_cost"].given(),
                         shape.shape,
                         read_times(value, binding_.platform, diagnostics_)};
    variant.times.broken = variant.times.broken || shape.broken;
    network_.variants_complete = network_.variants_complete && !variant.name.empty();
    network_.variants.push_back(std::move(variant));
  }

  void read_accuracy() {
    const Value accuracy = document_["accuracy"];
    if (!accuracy.given()) return;
    network_.accuracy.emplace();
    network_.accuracy->metric = accuracy["metric"].text().value_or("");
    network_.accuracy->baseline = accuracy["baseline"].number();
    network_.accuracy->rule = rule_of(accuracy["model"]);
    read_sets(accuracy["sets"]);
  }

  void read_sets(const Value& sets) {
    if (!sets.given()) return;
    if (sets.is_list()) {
      for (const Value& set : sets.entries()) {
        const auto value = set["accuracy"].number();
        if (value && set["variants"].usable())
          network_.accuracy->sets.push_back({references(set["variants"]), *value, set.position()});
      }
    } else if (const auto table = open_table(sets, files_, diagnostics_)) {
      read_accuracy_table(*table, network_, diagnostics_);
    }
  }

  const Value& document_;
  const Binding& binding_;
  Files& files_;
  Diagnostics& diagnostics_;
  NetworkDraft network_;
};

void add_name(std::vector<std::string>& names, const std::string& name) {
  if (names_part(name)) return; // may be 0, which a latency may not
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

void add_inline_types(const Value& list, std::vector<std::string>& names) {
  for (const Value& entry : list.entries()) {
    const Value latency = entry["latency"];
    if (!latency.is_map()) continue;
    for (const auto& [key, value] : latency.members()) add_name(names, key.text);
  }
}

void add_table_types(const Value& path, const TableSpec& spec, std::vector<std::string>& names) {
  Diagnostics scratch; // the reading that follows reports the errors
  Files files(scratch);
  const auto table = open_table(path, files, scratch);
  if (!table) return;
  const Header header(*table, spec, {}, scratch);
  for (const QuantityColumn& column : header.quantities()) {
    if (column.measure < Measure::energy) add_name(names, column.subject);
  }
}

} // namespace

NetworkDraft read_network(const Value& document, const Binding& binding, Files& files, Diagnostics& diagnostics) {
  return NetworkReader(document, binding, files, diagnostics).read();
}

std::vector<std::string> named_types(const Value& document) {
  std::vector<std::string> names;
  const Value layers = document["layers"];
  const Value variants = document["variants"];
  if (layers.is_list()) add_inline_types(layers, names);
  if (layers.is_scalar()) add_table_types(layers, layer_table_spec(), names);
  if (document["samples"].is_scalar()) add_table_types(document["samples"], sample_table_spec(), names);
  if (variants.is_list()) add_inline_types(variants, names);
  if (variants.is_scalar()) add_table_types(variants, variant_table_spec(), names);
  return names;
}

} // namespace terastal::io
