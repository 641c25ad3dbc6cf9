#include <algorithm> // find, find_if
#include <array>
#include <filesystem>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "import/lower_case.hpp"
#include "import/maestro_parser.hpp"
#include "import/xrbench_names.hpp"
#include "io/files.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"
#include "terastal/import/xrbench.hpp"

namespace terastal {
namespace {

using io::in_quotes;
using maestro::AcceleratorBlock;
using maestro::Entry;

constexpr std::uint64_t kClockHz = 1'000'000'000; ///< XRBench counts 10^6 cycles as one millisecond

struct Dataflow {
  std::string_view id;
  std::string_view name;
};

constexpr std::array<Dataflow, 3> kDataflows{
    {{"ws", "weight-stationary"}, {"os", "output-stationary"}, {"rs", "row-stationary"}}};

const std::vector<std::string> kNumbers = {"num_pes",    "offchip_bw",      "top_noc_bw",           "top_noc_latency",
                                           "col_noc_bw", "col_noc_latency", "global_shared_memory", "PE_local_memory"};
const std::vector<std::string> kFlags = {"top_noc_multicast", "col_noc_multicast"};

/// Bandwidth of the network on chip with which the shipped tables of a size were made; 0: there are none.
std::uint64_t bandwidth_of_tables(std::uint64_t pes) {
  if (pes == 1024 || pes == 2048) return 128;
  return pes == 4096 ? 256 : 0;
}

std::string type_name(const std::string& dataflow, std::uint64_t pes, std::uint64_t bandwidth) {
  const std::string size = pes % 1024 == 0 ? fmt::format("{}k", pes / 1024) : std::to_string(pes);
  const std::string rest = bandwidth_of_tables(pes) == bandwidth ? "" : fmt::format("_noc{}", bandwidth);
  return fmt::format("{}_{}{}", dataflow, size, rest);
}

class PlatformReader {
 public:
  PlatformReader(const maestro::Document& document, const std::vector<std::string>& dataflows,
                 io::Diagnostics& diagnostics)
      : document_(document), dataflows_(dataflows), diagnostics_(diagnostics) {}

  void read(Platform& platform) {
    std::set<std::string> names;
    for (std::size_t a = 0; a < document_.accelerators.size(); ++a) {
      const AcceleratorBlock& block = document_.accelerators[a];
      check(block);
      std::string name(block.name.text);
      if (name.empty()) name = fmt::format("acc{}", a);
      if (!names.insert(name).second) {
        diagnostics_.error(block.name.position, fmt::format("a second accelerator {}", in_quotes(name)));
      }
      platform.accelerators.push_back({name, type(block, dataflow(a), platform)});
    }
  }

 private:
  const std::string& dataflow(std::size_t accelerator) const {
    return dataflows_.size() == 1 ? dataflows_.front() : dataflows_[accelerator];
  }

  void check(const AcceleratorBlock& block) {
    if (block.nested) {
      diagnostics_.error(block.name.position,
                         "blocks within an accelerator: this is no hardware configuration of XRBench");
    }
    std::set<std::string_view> seen;
    for (const Entry& entry : block.entries) {
      if (!seen.insert(entry.key.text).second) {
        diagnostics_.error(entry.key.position, fmt::format("{} is given twice", in_quotes(entry.key.text)));
      }
      check(entry);
    }
  }

  void check(const Entry& entry) {
    const auto is_in = [&](const std::vector<std::string>& names) {
      return std::find(names.begin(), names.end(), entry.key.text) != names.end();
    };
    const std::string_view value = entry.value.text;
    if (is_in(kNumbers)) {
      const auto number = parse_unsigned(value);
      if (number && *number >= 1 && *number <= kLargestDimension) return;
      return diagnostics_.error(entry.value.position, fmt::format("expected a whole number from 1 to {}, got {}",
                                                                  kLargestDimension, in_quotes(value)));
    }
    if (is_in(kFlags)) {
      if (value == "True" || value == "False") return;
      return diagnostics_.error(entry.value.position, fmt::format("expected True or False, got {}", in_quotes(value)));
    }
    std::vector<std::string> known = kNumbers;
    known.insert(known.end(), kFlags.begin(), kFlags.end());
    diagnostics_.error(entry.key.position, fmt::format("unknown entry {}{}; allowed: {}", in_quotes(entry.key.text),
                                                       did_you_mean(entry.key.text, known), join(known, ", ")));
  }

  std::uint64_t number(const AcceleratorBlock& block, std::string_view key) {
    for (const Entry& entry : block.entries) {
      if (entry.key.text == key) return parse_unsigned(entry.value.text).value_or(1);
    }
    diagnostics_.error(block.name.position,
                       fmt::format("accelerator {} needs '{}: NUMBER'", in_quotes(block.name.text), key));
    return 1;
  }

  TypeIndex type(const AcceleratorBlock& block, const std::string& dataflow, Platform& platform) {
    AcceleratorType type;
    type.pes = number(block, "num_pes");
    const std::uint64_t bandwidth = number(block, "top_noc_bw");
    type.name = type_name(dataflow, type.pes, bandwidth);
    if (const auto known = platform.find_type(type.name)) return *known;
    type.kind = AcceleratorKind::npu;
    const auto* flow =
        std::find_if(kDataflows.begin(), kDataflows.end(), [&](const Dataflow& d) { return d.id == dataflow; });
    type.dataflow = flow->name;
    type.clock_hz = kClockHz;
    type.cost = {"xrbench", {{"dataflow", dataflow}, {"noc_bandwidth", std::to_string(bandwidth)}}};
    platform.types.push_back(std::move(type));
    return static_cast<TypeIndex>(platform.types.size() - 1);
  }

  const maestro::Document& document_;
  const std::vector<std::string>& dataflows_;
  io::Diagnostics& diagnostics_;
};

/// Whether the two bandwidths of an accelerator differ: the cost model has one.
bool has_two_bandwidths(const AcceleratorBlock& block) {
  const auto value = [&](std::string_view key) {
    const auto entry =
        std::find_if(block.entries.begin(), block.entries.end(), [&](const Entry& e) { return e.key.text == key; });
    return entry == block.entries.end() ? std::string_view{} : entry->value.text;
  };
  return !value("col_noc_bw").empty() && value("col_noc_bw") != value("top_noc_bw");
}

void check_dataflows(const std::vector<std::string>& dataflows, std::size_t accelerators) {
  for (const std::string& id : dataflows) {
    const auto same = [&](const Dataflow& d) { return d.id == id; };
    if (std::none_of(kDataflows.begin(), kDataflows.end(), same)) {
      throw InputError("unknown dataflow '" + id + "'; allowed: ws, os, rs");
    }
  }
  if (dataflows.size() == 1 || dataflows.size() == accelerators) return;
  throw InputError(fmt::format("{} dataflows for {} accelerators: give one for each, or one for all", dataflows.size(),
                               accelerators));
}

} // namespace

XrbenchPlatform import_xrbench_platform(const std::string& path, const std::vector<std::string>& dataflows,
                                        const std::string& name) {
  io::Diagnostics diagnostics;
  io::Files files(diagnostics);
  const io::File* file = files.open(path, {});
  if (file == nullptr) diagnostics.throw_if_any();
  const maestro::Document document = maestro::parse(*file, diagnostics);
  diagnostics.throw_if_any();
  if (document.accelerators.empty()) {
    diagnostics.error({file->source, 0, 0}, "there is no 'Accelerator' in this file");
    diagnostics.throw_if_any();
  }
  check_dataflows(dataflows, document.accelerators.size());
  XrbenchPlatform result;
  const std::filesystem::path source(path);
  result.platform.name = name.empty() ? "xrbench_" + scenario_name(source.stem().string()) : name;
  result.platform.source = "XRBench hardware configuration " + source.filename().string() + ", dataflows " +
                           join(dataflows, ", ") + "; XRBench fixes the clock at 1 GHz";
  PlatformReader(document, dataflows, diagnostics).read(result.platform);
  diagnostics.throw_if_any();
  result.notes.emplace_back("off-chip bandwidth, latencies, multicast and memories are left out: XRBench's own code "
                            "reads and never uses them");
  if (std::any_of(document.accelerators.begin(), document.accelerators.end(), has_two_bandwidths)) {
    result.notes.emplace_back("col_noc_bw differs from top_noc_bw; the cost model has one bandwidth, the latter");
  }
  return result;
}

std::vector<std::string> parse_dataflows(const std::string& text) {
  std::string commas = lower_case(text);
  std::replace(commas.begin(), commas.end(), '_', ',');
  std::vector<std::string> result;
  for (const std::string& part : split(commas, ',')) {
    const std::string id(trim(part));
    check_dataflows({id}, 1);
    result.push_back(id);
  }
  return result;
}

} // namespace terastal
