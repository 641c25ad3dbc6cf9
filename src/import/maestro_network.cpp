#include "import/maestro_network.hpp"

#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "import/layers.hpp"
#include "import/maestro_shapes.hpp"
#include "io/utf8.hpp"
#include "terastal/core/text.hpp"

namespace terastal {
namespace maestro {
namespace {

using io::in_quotes;

bool has_window(const LayerShape& shape) { return shape.r > 1 || shape.s > 1; }

std::vector<std::string> layer_names(const NetworkBlock& block) {
  std::vector<std::string> names;
  for (const LayerBlock& layer : block.layers) names.emplace_back(layer.name.text.empty() ? "layer" : layer.name.text);
  return names;
}

/// Remarks that hold for the network as a whole.
void add_general_notes(const NetworkBlock& block, const Network& network, Padding padding, Notes& notes) {
  bool windows = false;
  for (const Option& option : network.options) windows = windows || (option.shape && has_window(*option.shape));
  if (windows) {
    notes.add(padding == Padding::valid ? "Y and X are taken to include the padding (valid convolutions), as in MAESTRO"
                                        : "Y and X are taken without padding; outputs have their size over the stride");
  }
  notes.add("the layers form a chain in file order");
  std::size_t dataflows = 0;
  for (const LayerBlock& layer : block.layers) dataflows += layer.dataflow ? 1 : 0;
  if (dataflows > 0) {
    notes.add(fmt::format("data flows of {} layer{} are left out: here they belong to the accelerator's cost model",
                          dataflows, dataflows == 1 ? "" : "s"));
  }
  if (block.fps || block.probability || !block.dependencies.empty()) {
    notes.add("FPS, Probability and Dependency are left out; 'terastal import xrbench' makes a scenario of them");
  }
}

} // namespace

Import to_network(const NetworkBlock& block, const std::string& file, const MaestroOptions& options,
                  io::Diagnostics& diagnostics) {
  Import result;
  Notes notes;
  const std::filesystem::path path(file);
  result.network.name = block.name.text.empty() ? path.stem().string() : std::string(block.name.text);
  result.network.source = "MAESTRO description " + path.filename().string();
  if (block.layers.empty()) diagnostics.error(block.name.position, "this network has no layers");
  const std::vector<std::string> names = layer_names(block);
  UniqueNames unique(names);
  for (std::size_t l = 0; l < names.size(); ++l) {
    const LayerBlock& layer = block.layers[l];
    const std::string name = unique.next(names[l], notes);
    const std::string type(layer.type->text);
    std::optional<LayerShape> shape;
    if (known_type(type)) {
      shape = shape_of(layer, name, options.padding, notes, diagnostics);
    } else if (options.strict) {
      diagnostics.error(layer.type->position,
                        fmt::format("unknown layer type {}; known: {}", in_quotes(type), known_types()));
    } else {
      add_unknown(result.unknown, type, name);
    }
    append_layer(result.network, name, type, shape);
  }
  finish_network(result.network);
  add_general_notes(block, result.network, options.padding, notes);
  result.notes = notes.sentences();
  return result;
}

namespace {

std::vector<Import> import_file(const io::File& file, const MaestroOptions& options, io::Diagnostics& diagnostics) {
  const Document document = parse(file, diagnostics);
  std::vector<Import> imports;
  std::vector<std::string> names;
  const bool broken = diagnostics.count() > 0;
  for (const NetworkBlock& block : document.networks) {
    names.emplace_back(block.name.text);
    if (!options.network.empty() && options.network != block.name.text) continue;
    // What is left of a layer list with errors says nothing about the network.
    if (broken && block.layers.empty()) continue;
    imports.push_back(to_network(block, file.source->name, options, diagnostics));
  }
  if (!broken && names.empty()) diagnostics.error({file.source, 0, 0}, "there is no 'Network' in this file");
  if (!broken && !names.empty() && imports.empty()) {
    diagnostics.error({file.source, 0, 0},
                      fmt::format("there is no network {} in this file{}; it has: {}", in_quotes(options.network),
                                  did_you_mean(options.network, names), join(names, ", ")));
  }
  diagnostics.throw_if_any();
  for (Import& import : imports) {
    if (!document.accelerators.empty()) import.notes.emplace_back("accelerators in the file are left out");
  }
  return imports;
}

} // namespace
} // namespace maestro

std::vector<Import> import_maestro(const std::string& path, const MaestroOptions& options) {
  io::Diagnostics diagnostics;
  io::Files files(diagnostics);
  const io::File* file = files.open(path, {});
  if (file == nullptr) diagnostics.throw_if_any();
  return maestro::import_file(*file, options, diagnostics);
}

std::vector<Import> parse_maestro(std::string_view text, const std::string& name, const MaestroOptions& options) {
  io::Diagnostics diagnostics;
  const io::Source source{name, {}, 0};
  const io::File file{&source, std::string(text)};
  if (io::find_invalid_utf8(text) < text.size() || text.find('\0') != std::string_view::npos) {
    diagnostics.error({&source, 0, 0}, "this is no UTF-8 text (is it a binary file?)");
    diagnostics.throw_if_any();
  }
  return maestro::import_file(file, options, diagnostics);
}

} // namespace terastal
