#include "terastal/report/import_report.hpp"

#include <array>
#include <cstdint>
#include <utility> // pair

#include <fmt/format.h>

#include "report/import_summary.hpp"
#include "report/json_common.hpp"
#include "report/numbers.hpp"
#include "report/text_table.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"

namespace terastal {
namespace {

// -- for people

std::string plural(std::size_t n, const std::string& what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

/// `15.35 G`, with as large a prefix as leaves a whole part.
std::string with_prefix(std::uint64_t count) {
  constexpr std::array<std::pair<double, const char*>, 4> prefixes{
      {{1e12, " T"}, {1e9, " G"}, {1e6, " M"}, {1e3, " k"}}};
  const auto value = static_cast<double>(count);
  for (const auto& [scale, name] : prefixes) {
    if (value >= scale) return short_number(value / scale) + name;
  }
  return std::to_string(count);
}

std::string ends_text(const std::vector<EndTensor>& ends) {
  constexpr std::size_t most = 3;
  std::vector<std::string> texts;
  for (const EndTensor& end : ends) {
    if (texts.size() == most) break;
    std::string text = fmt::format("{}x{}x{}", end.sizes[1], end.sizes[2], end.sizes[3]);
    if (end.sizes[0] > 1) text = fmt::format("{}x{}", end.sizes[0], text);
    texts.push_back(text);
  }
  return join(texts, ", ") + (ends.size() > most ? fmt::format(" and {} more", ends.size() - most) : "");
}

void write_line(std::ostream& out, const std::string& name, const std::string& text) {
  if (!text.empty()) out << fmt::format("  {:<14} {}\n", name, text);
}

std::string operators_text(const NetworkSummary& summary) {
  std::vector<std::string> texts;
  for (const auto& [op, count] : summary.operators) texts.push_back(fmt::format("{} {}", count, op));
  return join(texts, ", ");
}

void write_types(std::ostream& out, const ImportedNetwork& network, const NetworkSummary& summary) {
  for (std::size_t t = 0; t < network.types.size(); ++t) {
    std::string text = fmt::format("{}: {} for {}", network.types[t], short_time_s(summary.latency_ms[t] / 1e3),
                                   plural(summary.runnable[t], "layer"));
    write_line(out, t == 0 ? "latency" : "", text);
  }
}

void write_columns(std::ostream& out, const std::vector<ColumnUse>& columns) {
  std::vector<std::string> renamed;
  std::vector<std::string> unused;
  std::vector<std::string> unknown;
  for (const ColumnUse& use : columns) {
    if (use.column.empty() || use.meaning == use.column) continue;
    if (use.meaning.empty()) {
      unknown.push_back(use.column);
    } else if (use.meaning.starts_with("not used")) {
      unused.push_back(use.column + " (" + use.meaning + ")");
    } else {
      renamed.push_back(use.column + " = " + use.meaning);
    }
  }
  write_line(out, "columns", join(renamed, "; "));
  write_line(out, "left out", join(unused, "; "));
  write_line(out, "not understood", join(unknown, "; "));
}

void write_unknown(std::ostream& out, const std::vector<UnknownOperator>& unknown, bool color) {
  constexpr std::size_t most = 5;
  for (const UnknownOperator& op : unknown) {
    std::vector<std::string> named = op.nodes;
    if (named.size() > most) named.resize(most);
    std::string text = fmt::format("{} ({}): {}", op.op, op.nodes.size(), join(named, ", "));
    if (op.nodes.size() > most) text += ", …";
    if (!op.reason.empty()) text += "; " + op.reason;
    out << "  " << paint(fmt::format("{:<14}", "unknown"), Ink::bad, color) << ' ' << text << '\n';
  }
}

void write_notes(std::ostream& out, const std::vector<std::string>& notes) {
  for (const std::string& note : notes) write_line(out, "note", note);
}

void write_network(std::ostream& out, const ImportedNetwork& imported, bool color) {
  const Network& network = imported.import.network;
  const NetworkSummary summary = summarise(network);
  out << paint(network.name, Ink::bold, color) << ": " << plural(summary.layers, "layer")
      << (network.chain ? " in a chain" : " in a DAG") << '\n';
  write_line(out, "operators", operators_text(summary));
  if (summary.macs > 0) write_line(out, "work", with_prefix(summary.macs) + " MACs");
  if (summary.weights > 0) write_line(out, "weights", with_prefix(summary.weights) + " elements");
  write_line(out, "input", ends_text(summary.inputs));
  write_line(out, "output", ends_text(summary.outputs));
  if (summary.without_shape > 0) write_line(out, "without shape", plural(summary.without_shape, "layer"));
  write_types(out, imported, summary);
  write_columns(out, imported.columns);
  write_unknown(out, imported.import.unknown, color);
  write_notes(out, imported.import.notes);
}

void write_scenario(std::ostream& out, const XrbenchScenario& scenario, bool color) {
  out << paint(scenario.name, Ink::bold, color) << ": " << plural(scenario.tasks.size(), "task") << '\n';
  TextTable table({{"task"}, {"network", true}, {"released", true}});
  for (const XrbenchTask& task : scenario.tasks) {
    const std::string released =
        task.after.empty() ? task.rate
                           : fmt::format("after {} with probability {}", task.after, format_number(task.probability));
    table.add({{task.name}, {task.network_file.empty() ? task.network : task.network_file}, {released}});
  }
  table.write(out, color);
  write_notes(out, scenario.notes);
}

void write_platform(std::ostream& out, const XrbenchPlatform& result, bool color) {
  const Platform& platform = result.platform;
  out << paint(platform.name, Ink::bold, color) << ": " << plural(platform.accelerators.size(), "accelerator") << '\n';
  TextTable table({{"accelerator"}, {"type", true}, {"PEs"}, {"dataflow", true}});
  for (const Accelerator& accelerator : platform.accelerators) {
    const AcceleratorType& type = platform.types[accelerator.type];
    table.add({{accelerator.name}, {type.name}, {std::to_string(type.pes)}, {type.dataflow}});
  }
  table.write(out, color);
  write_notes(out, result.notes);
}

void write_table(std::ostream& out, const ImportReport& report, bool color) {
  for (const ImportedNetwork& network : report.networks) write_network(out, network, color);
  for (const XrbenchScenario& scenario : report.scenarios) write_scenario(out, scenario, color);
  for (const XrbenchPlatform& platform : report.platforms) write_platform(out, platform, color);
  for (const std::string& path : report.written) out << "written " << path << '\n';
  if (report.written.empty()) out << "Nothing was written; --output says where.\n";
}

// -- for programs

Json json_ends(const std::vector<EndTensor>& ends) {
  Json list = Json::array();
  for (const EndTensor& end : ends) list.push_back({{"layer", end.layer}, {"n_c_y_x", end.sizes}});
  return list;
}

Json json_network(const ImportedNetwork& imported) {
  const Network& network = imported.import.network;
  const NetworkSummary summary = summarise(network);
  Json operators = Json::object();
  for (const auto& [op, count] : summary.operators) operators[op] = count;
  Json types = Json::array();
  for (std::size_t t = 0; t < imported.types.size(); ++t) {
    types.push_back(
        {{"type", imported.types[t]}, {"layers", summary.runnable[t]}, {"latency_ms", summary.latency_ms[t]}});
  }
  Json unknown = Json::array();
  for (const UnknownOperator& op : imported.import.unknown) {
    unknown.push_back({{"op", op.op}, {"reason", op.reason}, {"layers", op.nodes}});
  }
  Json columns = Json::array();
  for (const ColumnUse& use : imported.columns) columns.push_back({{"column", use.column}, {"meaning", use.meaning}});
  return {{"network", network.name},
          {"layers", summary.layers},
          {"chain", network.chain},
          {"without_shape", summary.without_shape},
          {"operators", operators},
          {"macs", summary.macs},
          {"weights", summary.weights},
          {"inputs", json_ends(summary.inputs)},
          {"outputs", json_ends(summary.outputs)},
          {"types", types},
          {"columns", columns},
          {"unknown", unknown},
          {"notes", imported.import.notes}};
}

Json json_scenario(const XrbenchScenario& scenario) {
  Json tasks = Json::array();
  for (const XrbenchTask& task : scenario.tasks) {
    Json entry = {{"task", task.name}, {"network", task.network}, {"rate", task.rate}};
    if (!task.after.empty()) {
      entry["after"] = task.after;
      entry["probability"] = task.probability;
    }
    tasks.push_back(entry);
  }
  return {{"scenario", scenario.name}, {"tasks", tasks}, {"notes", scenario.notes}};
}

Json json_platform(const XrbenchPlatform& result) {
  Json accelerators = Json::array();
  for (const Accelerator& accelerator : result.platform.accelerators) {
    const AcceleratorType& type = result.platform.types[accelerator.type];
    accelerators.push_back(
        {{"accelerator", accelerator.name}, {"type", type.name}, {"pes", type.pes}, {"dataflow", type.dataflow}});
  }
  return {{"platform", result.platform.name}, {"accelerators", accelerators}, {"notes", result.notes}};
}

Json json_report(const ImportReport& report) {
  Json document = json_head("import");
  document["from"] = report.kind;
  document["inputs"] = report.inputs;
  Json& networks = document["networks"] = Json::array();
  for (const ImportedNetwork& network : report.networks) networks.push_back(json_network(network));
  Json& scenarios = document["scenarios"] = Json::array();
  for (const XrbenchScenario& scenario : report.scenarios) scenarios.push_back(json_scenario(scenario));
  Json& platforms = document["platforms"] = Json::array();
  for (const XrbenchPlatform& platform : report.platforms) platforms.push_back(json_platform(platform));
  document["written"] = report.written;
  return document;
}

} // namespace

void write(std::ostream& out, const ImportReport& report, Format format, bool color) {
  if (format == Format::table) return write_table(out, report, color);
  write_json(out, json_report(report));
}

} // namespace terastal
