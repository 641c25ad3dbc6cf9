#include "terastal/import/csv.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "import/csv_columns.hpp"
#include "import/csv_rows.hpp"
#include "import/layers.hpp"
#include "import/notes.hpp"
#include "import/table_build.hpp"
#include "io/csv.hpp"
#include "io/files.hpp"
#include "terastal/core/text.hpp"

namespace terastal {
namespace {

using io::in_quotes;

constexpr std::uint64_t kLargestCount = std::uint64_t{1} << 53U;

class TableImporter {
 public:
  TableImporter(const io::Table& table, const CsvOptions& options, io::Diagnostics& diagnostics)
      : table_(table), options_(options), diagnostics_(diagnostics), columns_(table, options, diagnostics),
        with_shapes_(has_shapes(columns_)) {}

  TableImport read(const std::string& file) {
    const std::filesystem::path path(file);
    Network& network = import_.result.network;
    network.name = options_.name.empty() ? path.stem().string() : options_.name;
    network.source = "table " + path.filename().string();
    if (table_.rows() == 0 && table_.complete()) diagnostics_.error(table_.header_position(), "the table has no rows");
    if (!columns_.find("layer")) {
      diagnostics_.error(table_.header_position(), "no column names the layers; give it: --column layer=HEADING");
      return {};
    }
    read_layers();
    read_measures();
    finish_network(network);
    add_general_notes();
    import_.result.notes = notes_.sentences();
    import_.columns = columns_.uses();
    return std::move(import_);
  }

 private:
  void read_layers() {
    std::vector<std::string> names;
    for (std::size_t r = 0; r < table_.rows(); ++r) names.push_back(row(r).text("layer"));
    UniqueNames unique(names);
    for (std::size_t r = 0; r < table_.rows(); ++r) {
      check_name(r, names[r]);
      const std::string name = unique.next(names[r], notes_);
      append_layer(import_.result.network, name, row(r).text("op"), shape(r, name));
      complete_layer(r, import_.result.network.layers.back());
    }
  }

  void check_name(std::size_t r, const std::string& name) {
    const bool bad = name.find('|') != std::string::npos || name.empty();
    if (bad) row(r).error("layer", fmt::format("expected the name of a layer, without '|', got {}", in_quotes(name)));
  }

  std::optional<LayerShape> shape(std::size_t r, const std::string& name) {
    const std::string op = row(r).text("op");
    const auto kind = op.empty() ? OperatorKind::conv : spelled_operator(op);
    if (!kind && options_.strict) row(r).error("op", fmt::format("unknown operator {}", in_quotes(op)));
    if (!kind) add_unknown(import_.result.unknown, op, name);
    if (!kind || !with_shapes_) return std::nullopt;
    return read_shape(row(r), columns_, name, *kind, options_.padding, notes_);
  }

  /// What the table says beside the shape.
  void complete_layer(std::size_t r, Layer& layer) {
    if (const auto macs = row(r).natural("macs", 0, kLargestCount)) layer.macs = *macs;
    if (const auto bytes = row(r).natural("output_bytes", 0, kLargestCount)) layer.output_bytes = *bytes;
    layer.block = row(r).text("block");
    const auto index = static_cast<LayerIndex>(import_.result.network.layers.size() - 1);
    const std::string after = row(r).text("after");
    if (after == "-") layer.predecessors.clear();
    if (!after.empty() && after != "-") layer.predecessors = predecessors(r, after);
    indices_.emplace(layer.name, index);
  }

  std::vector<LayerIndex> predecessors(std::size_t r, const std::string& after) {
    std::vector<LayerIndex> result;
    for (const std::string& part : split(after, '|')) {
      const std::string name(trim(part));
      const auto found = indices_.find(name);
      if (found != indices_.end()) {
        result.push_back(found->second);
      } else {
        row(r).error("after", fmt::format("there is no layer {} above this one", in_quotes(name)));
      }
    }
    return result;
  }

  void read_measures() {
    const std::vector<std::string> types = columns_.types();
    Network& network = import_.result.network;
    import_.platform = platform_of(types, options_.clock_hz);
    bind_to_types(network, types.size());
    for (const TypeMeasure& measure : columns_.measures()) {
      const TypeIndex type = *import_.platform.find_type(measure.type);
      for (std::size_t r = 0; r < table_.rows(); ++r) {
        const std::size_t cell = r * types.size() + type;
        if (measure.energy) {
          network.energy_nj[cell] = row(r).energy(measure);
        } else {
          network.latency[cell] = row(r).latency(measure, options_.clock_hz);
        }
      }
    }
  }

  void add_general_notes() {
    if (!columns_.find("after")) notes_.add("the layers form a chain in the table's order");
    if (!with_shapes_ && (columns_.find("K") || columns_.find("C"))) {
      notes_.add("shapes need columns for K, C, Y and X; the table does not have them all");
    }
    if (with_shapes_ && !columns_.find("out_y")) {
      notes_.add(options_.padding == Padding::same
                     ? "output sizes are input sizes over the stride, as with padding that keeps the size"
                     : "output sizes are those of valid convolutions: input sizes include the padding");
    }
    if (with_shapes_ && !columns_.find("op"))
      notes_.add("every layer is taken for a convolution: no column tells the operator");
  }

  [[nodiscard]] TableRow row(std::size_t r) { return {table_, columns_, r, diagnostics_}; }

  const io::Table& table_;
  const CsvOptions& options_;
  io::Diagnostics& diagnostics_;
  TableColumns columns_;
  bool with_shapes_;
  TableImport import_;
  Notes notes_;
  std::map<std::string, LayerIndex> indices_;
};

} // namespace

TableImport import_csv(const std::string& path, const CsvOptions& options) {
  io::Diagnostics diagnostics;
  io::Files files(diagnostics);
  const io::File* file = files.open(path, {});
  TableImport result;
  if (file != nullptr) {
    if (const auto table = io::parse_csv(*file, diagnostics)) {
      result = TableImporter(*table, options, diagnostics).read(path);
    }
  }
  diagnostics.throw_if_any();
  return result;
}

} // namespace terastal
