#include <algorithm> // all_of

#include <fmt/format.h>

#include "report/conditions.hpp"
#include "report/csv.hpp"
#include "report/query_formats.hpp"
#include "report/text_table.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp" // parse_number

namespace terastal {
namespace {

/// `3: a, b, c`; long lists as `20: 1 … 20`.
std::string listed(const std::vector<std::string>& values) {
  constexpr std::size_t most_characters = 80;
  std::string text = join(values, ", ");
  if (width_of(text) > most_characters) text = values.front() + " … " + values.back();
  return fmt::format("{}: {}", values.size(), text);
}

std::string metric_list(const SweepIdentity& identity) {
  std::vector<std::string> names;
  for (const std::string& key : identity.metrics) {
    const MetricInfo* metric = metric_of_key(key);
    names.emplace_back(metric == nullptr ? key : metric->id);
  }
  return join(names, ", ");
}

std::string state(const StoreCounts& counts, std::uint64_t cells) {
  std::string text = fmt::format("{} of {} done", counts.done, cells);
  if (counts.failed > 0) text += fmt::format(", {} failed", counts.failed);
  if (counts.missing > 0) text += fmt::format(", {} missing", counts.missing);
  return text;
}

bool is_complete(const StoreCounts& counts) { return counts.missing == 0 && counts.failed == 0; }

} // namespace

const MetricInfo* metric_of_key(const std::string& key) {
  for (const MetricInfo& metric : metric_table()) {
    if (key == metric.key) return &metric;
  }
  return nullptr;
}

std::vector<bool> numeric_dimensions(const SweepIdentity& identity) {
  std::vector<bool> numeric(identity.axes.size() + 1, false);
  for (std::size_t a = 0; a < identity.axes.size(); ++a) {
    const auto& values = identity.axis_values[a];
    const bool text = identity.axes[a] == "scenario" || identity.axes[a] == "policy";
    numeric[a] = !text && std::all_of(values.begin(), values.end(),
                                      [](const std::string& v) { return parse_number(v).has_value(); });
  }
  return numeric;
}

Json json_value(const std::string& text, bool numeric) {
  if (!numeric) return text;
  if (const auto whole = parse_unsigned(text)) return *whole; // seeds are larger than what a double holds exactly
  if (const auto whole = parse_integer(text)) return *whole;
  return *parse_number(text);
}

void add_values(Json& entry, const SweepIdentity& identity, const std::vector<std::size_t>& dimensions,
                const std::vector<std::string>& values, const std::vector<bool>& numeric) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    entry[dimension_name(identity, dimensions[i])] = json_value(values[i], numeric[dimensions[i]]);
  }
}

void write_query_info(std::ostream& out, const QueryReport& report, bool color) {
  const SweepIdentity& identity = report.results->identity();
  Conditions conditions = {{"cells", state(report.results->counts(), identity.cells)}};
  for (std::size_t a = 0; a < identity.axes.size(); ++a) {
    conditions.emplace_back(identity.axes[a], listed(identity.axis_values[a]));
  }
  conditions.emplace_back("metrics", metric_list(identity));
  if (report.what == QueryReport::What::info) {
    const auto tasks = report.results->tasks();
    if (!tasks.empty()) conditions.emplace_back("tasks", listed(tasks));
    conditions.emplace_back("version", identity.version);
    conditions.emplace_back("sweep digest", identity_digest(identity));
    conditions.emplace_back("digest", report.results->digest());
  }
  const Json document = Json::parse(identity.document, nullptr, false);
  const bool described = document.is_object() && document.contains("description");
  write_conditions(out, identity.name, described ? document["description"].get<std::string>() : "", conditions, color);
  if (report.what != QueryReport::What::info || identity.inputs.empty()) return;
  write_heading(out, "Inputs", color);
  TextTable table({{"path"}, {"sha256", true}});
  for (const InputFile& file : identity.inputs) table.add({{file.path}, {file.sha256, Ink::faint}});
  table.write(out, color);
}

void write_query_info_csv(std::ostream& out, const QueryReport& report) {
  const SweepIdentity& identity = report.results->identity();
  const StoreCounts counts = report.results->counts();
  const auto line = [&](const char* what, const std::string& name, const auto& value) {
    CsvRow row;
    row.add(what).add(name).add(value);
    out << row;
  };
  line("what", "name", "value");
  line("sweep", "name", identity.name);
  line("sweep", "version", identity.version);
  line("sweep", "sweep_digest", identity_digest(identity));
  line("sweep", "digest", report.results->digest());
  line("cells", "expected", identity.cells);
  line("cells", "done", counts.done);
  line("cells", "failed", counts.failed);
  line("cells", "missing", counts.missing);
  for (const InputFile& file : identity.inputs) line("input", file.path, file.sha256);
  for (std::size_t a = 0; a < identity.axes.size(); ++a) {
    for (const std::string& value : identity.axis_values[a]) line("axis", identity.axes[a], value);
  }
  for (const std::string& metric : identity.metrics) line("metric", metric, "");
  for (const std::string& task : report.results->tasks()) line("task", task, "");
}

Json json_info(const QueryReport& report) {
  const SweepIdentity& identity = report.results->identity();
  const StoreCounts counts = report.results->counts();
  Json info = {{"name", identity.name}, {"version", identity.version}, {"sweep_digest", identity_digest(identity)}};
  info["document"] = Json::parse(identity.document, nullptr, false);
  if (info["document"].is_discarded()) info["document"] = identity.document;
  Json& inputs = info["inputs"] = Json::array();
  for (const InputFile& file : identity.inputs) inputs.push_back({{"path", file.path}, {"sha256", file.sha256}});
  const auto numeric = numeric_dimensions(identity);
  Json& axes = info["axes"] = Json::array();
  for (std::size_t a = 0; a < identity.axes.size(); ++a) {
    Json values = Json::array();
    for (const std::string& value : identity.axis_values[a]) values.push_back(json_value(value, numeric[a]));
    axes.push_back({{"name", identity.axes[a]}, {"values", std::move(values)}});
  }
  info["metrics"] = identity.metrics;
  info["tasks"] = report.results->tasks();
  info["cells"] = {
      {"expected", identity.cells}, {"done", counts.done}, {"failed", counts.failed}, {"missing", counts.missing}};
  info["complete"] = is_complete(counts);
  info["digest"] = report.results->digest();
  return info;
}

Json json_selection(const QueryReport& report) {
  const SweepIdentity& identity = report.results->identity();
  const auto numeric = numeric_dimensions(identity);
  Json where = Json::object();
  for (const auto& condition : report.selection.where) {
    Json& values = where[identity.axes[condition.axis]] = Json::array();
    for (const std::size_t v : condition.values) {
      values.push_back(json_value(identity.axis_values[condition.axis][v], numeric[condition.axis]));
    }
  }
  const auto& tasks = report.selection.tasks;
  Json selection = {{"where", where}, {"tasks", "all"}};
  if (report.selection.each_task) {
    selection["tasks"] = "each";
  } else if (tasks.size() != 1 || !tasks.front().empty()) {
    selection["tasks"] = tasks;
  }
  return selection;
}

} // namespace terastal
