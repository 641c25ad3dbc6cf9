#include "terastal/report/list_report.hpp"

#include <fmt/format.h>

#include "report/csv.hpp"
#include "report/json_common.hpp"
#include "report/text_table.hpp"
#include "terastal/report/version.hpp"

namespace terastal {
namespace {

/// What plug-ins of a kind are called where users meet them.
struct Words {
  const char* one;      ///< in CSV headers
  const char* many;     ///< in JSON
  const char* examples; ///< how one is given with settings
};

constexpr Words kPolicyWords{"policy", "policies",
                             "A policy with settings: terastal:variants=false, dream:alpha=0:beta=0.\n"};
constexpr Words kCostModelWords{
    "cost_model", "cost_models",
    "A cost model with settings: terastal cost NETWORK --model systolic:rows=128:cols=128; in a "
    "platform,\ncost: { model: systolic, rows: 128, cols: 128 }.\n"};

template <typename Product>
Json json_info(const PluginInfo<Product>& plugin) {
  Json result = {
      {"id", plugin.id}, {"summary", plugin.summary}, {"source", plugin.source}, {"our_reading", plugin.our_reading}};
  Json& settings = result["settings"] = Json::array();
  for (const Setting& s : plugin.settings) {
    settings.push_back({{"name", s.name}, {"type", s.type_name()}, {"default", s.default_text()}, {"help", s.help}});
  }
  return result;
}

template <typename Product>
void write_plugin_table(std::ostream& out, const PluginRegistry<Product>& registry, const Words& words, bool color) {
  for (const auto& plugin : registry.all()) {
    out << paint(plugin.id, Ink::bold, color) << ": " << plugin.summary << '\n';
    out << "  source: " << plugin.source << (plugin.our_reading ? " (our reading)" : "") << '\n';
    TextTable table({{"setting"}, {"default", true}, {"meaning and allowed values", true}});
    for (const Setting& s : plugin.settings) {
      table.add({{s.name}, {s.default_text()}, {s.help}});
      table.add({{}, {}, {s.type_name(), Ink::faint}});
    }
    if (!table.empty()) table.write(out, color);
    out << '\n';
  }
  out << words.examples << "Our reading: the source leaves parts open, or was not read whole; the manual says which.\n";
}

template <typename Product>
void write_plugin_csv(std::ostream& out, const PluginRegistry<Product>& registry, const Words& words) {
  out << words.one << ",summary,source,our_reading,setting,type,default,help\n";
  for (const auto& plugin : registry.all()) {
    const auto start = [&] {
      CsvRow row;
      row.add(plugin.id).add(plugin.summary).add(plugin.source).add(plugin.our_reading);
      return row;
    };
    if (plugin.settings.empty()) out << start().blank(4);
    for (const Setting& s : plugin.settings) {
      out << start().add(s.name).add(s.type_name()).add(s.default_text()).add(s.help);
    }
  }
}

template <typename Product>
void write_plugins(std::ostream& out, const PluginRegistry<Product>& registry, const Words& words, Format format,
                   bool color) {
  if (format == Format::table) return write_plugin_table(out, registry, words, color);
  if (format == Format::csv) return write_plugin_csv(out, registry, words);
  Json list = Json::array();
  for (const auto& plugin : registry.all()) {
    if (format == Format::jsonl) write_json_line(out, json_info(plugin));
    list.push_back(json_info(plugin));
  }
  if (format == Format::json) write_json(out, {{"schema_version", kSchemaVersion}, {words.many, list}});
}

Json json_file(const ListedFile& file) {
  return {{"name", file.name}, {"description", file.description}, {"summary", file.summary}, {"path", file.path}};
}

} // namespace

void write_policies(std::ostream& out, const PolicyRegistry& registry, Format format, bool color) {
  write_plugins(out, registry, kPolicyWords, format, color);
}

void write_cost_models(std::ostream& out, const CostModelRegistry& registry, Format format, bool color) {
  write_plugins(out, registry, kCostModelWords, format, color);
}

void write_files(std::ostream& out, const std::string& kind, const std::vector<ListedFile>& files, Format format,
                 bool color) {
  if (format == Format::table) {
    TextTable table({{kind}, {"holds", true}, {"description", true}, {"path", true}});
    for (const ListedFile& f : files) {
      table.add({{f.name, Ink::bold}, {f.summary}, {f.description}, {f.path, Ink::faint}});
    }
    return table.write(out, color);
  }
  if (format == Format::csv) out << "name,summary,description,path\n";
  Json list = Json::array();
  for (const ListedFile& f : files) {
    if (format == Format::csv) out << CsvRow().add(f.name).add(f.summary).add(f.description).add(f.path);
    if (format == Format::jsonl) write_json_line(out, json_file(f));
    list.push_back(json_file(f));
  }
  if (format == Format::json) write_json(out, {{"schema_version", kSchemaVersion}, {kind + "s", list}});
}

void write_version(std::ostream& out, Format format) {
  const VersionInfo v = version_info();
  if (format != Format::table) {
    const Json document = {{"name", "terastal"},
                           {"version", v.version},
                           {"git", v.commit},
                           {"compiler", v.compiler},
                           {"build_type", v.build_type}};
    return format == Format::json ? write_json(out, document) : write_json_line(out, document);
  }
  out << "terastal " << v.version << "\ncommit " << v.commit << "\nbuilt by " << v.compiler << ", " << v.build_type
      << '\n';
}

} // namespace terastal
