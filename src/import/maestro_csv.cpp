#include "terastal/import/maestro_csv.hpp"

#include <algorithm> // find
#include <filesystem>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "import/layers.hpp"
#include "import/notes.hpp"
#include "import/table_build.hpp"
#include "io/columns.hpp"
#include "io/csv.hpp"
#include "io/files.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"
#include "terastal/import/maestro.hpp"

namespace terastal {
namespace {

using io::in_quotes;

/// One layer's result.
struct ResultRow {
  std::string layer;
  Duration latency{0};
  double energy_nj = 0.0;
  std::uint64_t macs = 0;
  io::Position position;
};

/// The rows of one network in one file.
struct Result {
  std::string network;
  std::string type;
  std::vector<ResultRow> rows;
  io::Position position;
};

class ResultReader {
 public:
  ResultReader(const io::Table& table, const MaestroCsvOptions& options, io::Diagnostics& diagnostics)
      : table_(table), options_(options), diagnostics_(diagnostics) {}

  Result read(const std::string& type) {
    Result result{{}, type, {}, table_.header_position()};
    const auto network = needed("Neural Network Name");
    const auto layer = needed("Layer Number");
    const auto cycles = needed("Runtime (Cycles)");
    const auto energy = needed("Activity count-based Energy (nJ)");
    const auto macs = find("Num MACs");
    if (!network || !layer || !cycles || !energy) return result;
    choose_network(*network, result);
    for (std::size_t r = 0; r < table_.rows(); ++r) {
      if (table_.at(r, *network).text != result.network) continue;
      result.rows.push_back(
          {std::string(table_.at(r, *layer).text), latency(table_.at(r, *cycles)), energy_nj(table_.at(r, *energy)),
           macs ? parse_unsigned(table_.at(r, *macs).text).value_or(0) : 0, table_.position(table_.at(r, *layer))});
    }
    return result;
  }

 private:
  std::optional<std::size_t> find(std::string_view heading) const {
    for (std::size_t i = 0; i < table_.header().size(); ++i) {
      if (table_.header()[i].text == heading) return i;
    }
    return std::nullopt;
  }

  std::optional<std::size_t> needed(std::string_view heading) {
    const auto index = find(heading);
    if (!index) {
      diagnostics_.error(table_.header_position(),
                         fmt::format("missing column '{}': is this a result file of MAESTRO?", heading));
    }
    return index;
  }

  void choose_network(std::size_t column, Result& result) {
    std::vector<std::string> names;
    for (std::size_t r = 0; r < table_.rows(); ++r) {
      const std::string name(table_.at(r, column).text);
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    result.network = options_.network;
    if (names.empty()) return diagnostics_.error(table_.header_position(), "the table has no rows");
    if (options_.network.empty() && names.size() == 1) result.network = names.front();
    if (std::find(names.begin(), names.end(), result.network) != names.end()) return;
    const std::string what = options_.network.empty() ? "several networks, choose one with --network"
                                                      : "no network " + in_quotes(options_.network);
    diagnostics_.error(table_.header_position(), fmt::format("the file holds {}; it has: {}", what, join(names, ", ")));
  }

  Duration latency(const io::Cell& cell) {
    const auto time = io::cycles_to_time(cell.text, options_.clock_hz);
    if (time && *time > Duration::zero() && *time < kCannotRun) return *time;
    const bool zero = time == Duration::zero();
    diagnostics_.error(table_.position(cell),
                       fmt::format("expected a number of cycles > 0, got {}{}", in_quotes(cell.text),
                                   zero ? "; MAESTRO gives 0 where a tile of its mapping exceeds the layer" : ""));
    return kCannotRun;
  }

  double energy_nj(const io::Cell& cell) {
    const auto energy = parse_number(cell.text);
    if (energy && *energy >= 0.0) return *energy;
    diagnostics_.error(table_.position(cell), fmt::format("expected an energy >= 0, got {}", in_quotes(cell.text)));
    return 0.0;
  }

  const io::Table& table_;
  const MaestroCsvOptions& options_;
  io::Diagnostics& diagnostics_;
};

/// MAESTRO appends to a result file that exists: then all layers stand there twice or more.
bool is_repeated(const std::vector<ResultRow>& rows, std::size_t layers) {
  if (layers == 0 || rows.size() % layers != 0 || rows.size() == layers) return false;
  for (std::size_t r = layers; r < rows.size(); ++r) {
    if (rows[r].layer != rows[r % layers].layer) return false;
  }
  return true;
}

std::vector<std::string> layers_of(const Result& result) {
  std::vector<std::string> names;
  for (const ResultRow& row : result.rows) names.push_back(row.layer);
  return names;
}

/// Reports results that are not those of the network's layers. Repeated names get the same suffixes on both sides.
void check_layers(const Result& result, const Network& network, const std::string& where,
                  io::Diagnostics& diagnostics) {
  if (result.rows.size() != network.layers.size()) {
    const bool repeated = is_repeated(result.rows, network.layers.size());
    return diagnostics.error(result.position,
                             fmt::format("{} rows, but {} has {} layers{}", result.rows.size(), where,
                                         network.layers.size(),
                                         repeated ? "; MAESTRO appends to an existing file: keep one run of it" : ""));
  }
  Notes unused;
  UniqueNames unique(layers_of(result));
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const std::string name = unique.next(result.rows[l].layer, unused);
    if (name == network.layers[l].name) continue;
    return diagnostics.error(
        result.rows[l].position,
        fmt::format("layer {} stands here, but {} has {}", in_quotes(name), where, in_quotes(network.layers[l].name)));
  }
}

/// The network of the description.
Import with_shapes(const MaestroCsvOptions& options, const std::string& network) {
  MaestroOptions description{options.padding, options.strict, options.network};
  std::vector<Import> all = import_maestro(options.shapes, description);
  for (Import& import : all) {
    if (all.size() == 1 || import.network.name == network) return std::move(import);
  }
  throw InputError(std::vector<Diagnostic>{
      {options.shapes, 0, 0, fmt::format("there is no network {} in this file", in_quotes(network))}});
}

Import without_shapes(const Result& result, Notes& notes) {
  Import import;
  UniqueNames unique(layers_of(result));
  for (const ResultRow& row : result.rows) {
    append_layer(import.network, unique.next(row.layer, notes), {}, std::nullopt);
    import.network.layers.back().macs = row.macs;
  }
  finish_network(import.network);
  import.network.name = result.network;
  notes.add("shapes are not known; a MAESTRO description gives them");
  notes.add("the layers form a chain in the table's order");
  return import;
}

std::vector<Result> read_results(const std::vector<MaestroResult>& files, const MaestroCsvOptions& options,
                                 io::Files& opened, io::Diagnostics& diagnostics) {
  std::vector<Result> results;
  for (const MaestroResult& file : files) {
    const io::File* text = opened.open(file.path, {});
    const auto table = text == nullptr ? std::nullopt : io::parse_csv(*text, diagnostics);
    if (table) results.push_back(ResultReader(*table, options, diagnostics).read(file.type));
  }
  diagnostics.throw_if_any();
  return results;
}

std::vector<std::string> types_of(const std::vector<MaestroResult>& files) {
  std::vector<std::string> types;
  for (const MaestroResult& file : files) {
    if (std::find(types.begin(), types.end(), file.type) != types.end()) {
      throw InputError("accelerator type '" + file.type + "' is given for two result files");
    }
    types.push_back(file.type);
  }
  if (types.empty()) throw InputError("no result file of MAESTRO is given");
  return types;
}

} // namespace

TableImport import_maestro_csv(const std::vector<MaestroResult>& files, const MaestroCsvOptions& options) {
  const std::vector<std::string> types = types_of(files);
  io::Diagnostics diagnostics;
  io::Files opened(diagnostics);
  const std::vector<Result> results = read_results(files, options, opened, diagnostics);
  const Result& first = results.front();
  Notes notes;
  TableImport import;
  import.result = options.shapes.empty() ? without_shapes(first, notes) : with_shapes(options, first.network);
  for (const Result& result : results) {
    check_layers(result, import.result.network, options.shapes.empty() ? files.front().path : options.shapes,
                 diagnostics);
  }
  diagnostics.throw_if_any();

  Network& network = import.result.network;
  if (!options.name.empty()) network.name = options.name;
  network.source = "results of MAESTRO";
  for (const MaestroResult& file : files) network.source += " " + std::filesystem::path(file.path).filename().string();
  import.platform = platform_of(types, options.clock_hz);
  bind_to_types(network, types.size());
  for (std::size_t t = 0; t < results.size(); ++t) {
    for (std::size_t l = 0; l < network.layers.size(); ++l) {
      network.latency[l * types.size() + t] = results[t].rows[l].latency;
      network.energy_nj[l * types.size() + t] = results[t].rows[l].energy_nj;
    }
  }
  for (std::string& note : notes.sentences()) import.result.notes.push_back(std::move(note));
  return import;
}

} // namespace terastal
