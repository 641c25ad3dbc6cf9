#include "terastal/report/list_report.hpp"

#include <fmt/format.h>

#include "report/csv.hpp"
#include "report/json_common.hpp"
#include "report/text_table.hpp"
#include "terastal/report/version.hpp"

namespace terastal {
namespace {

Json json_info(const PolicyInfo& policy) {
  Json result = {
      {"id", policy.id}, {"summary", policy.summary}, {"source", policy.source}, {"our_reading", policy.our_reading}};
  Json& settings = result["settings"] = Json::array();
  for (const Setting& s : policy.settings) {
    settings.push_back({{"name", s.name}, {"type", s.type_name()}, {"default", s.default_text()}, {"help", s.help}});
  }
  return result;
}

void write_policy_table(std::ostream& out, const PolicyRegistry& registry, bool color) {
  for (const PolicyInfo& policy : registry.all()) {
    out << paint(policy.id, Ink::bold, color) << ": " << policy.summary << '\n';
    out << "  source: " << policy.source << (policy.our_reading ? " (our reading)" : "") << '\n';
    TextTable table({{"setting"}, {"default", true}, {"meaning and allowed values", true}});
    for (const Setting& s : policy.settings) {
      table.add({{s.name}, {s.default_text()}, {s.help}});
      table.add({{}, {}, {s.type_name(), Ink::faint}});
    }
    if (!table.empty()) table.write(out, color);
    out << '\n';
  }
  out << "A policy with settings: terastal:variants=false, dream:alpha=0:beta=0.\n"
         "Our reading: the source leaves parts open, or was not read whole; the manual says which.\n";
}

void write_policy_csv(std::ostream& out, const PolicyRegistry& registry) {
  out << "policy,summary,source,our_reading,setting,type,default,help\n";
  for (const PolicyInfo& policy : registry.all()) {
    const auto start = [&] {
      CsvRow row;
      row.add(policy.id).add(policy.summary).add(policy.source).add(policy.our_reading);
      return row;
    };
    if (policy.settings.empty()) out << start().blank(4);
    for (const Setting& s : policy.settings) {
      out << start().add(s.name).add(s.type_name()).add(s.default_text()).add(s.help);
    }
  }
}

Json json_file(const ListedFile& file) {
  return {{"name", file.name}, {"description", file.description}, {"summary", file.summary}, {"path", file.path}};
}

} // namespace

void write_policies(std::ostream& out, const PolicyRegistry& registry, Format format, bool color) {
  if (format == Format::table) return write_policy_table(out, registry, color);
  if (format == Format::csv) return write_policy_csv(out, registry);
  Json list = Json::array();
  for (const PolicyInfo& policy : registry.all()) {
    if (format == Format::jsonl) write_json_line(out, json_info(policy));
    list.push_back(json_info(policy));
  }
  if (format == Format::json) write_json(out, {{"schema_version", kSchemaVersion}, {"policies", list}});
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
