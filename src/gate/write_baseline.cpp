#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "terastal/gate/baseline_file.hpp"

namespace terastal {
namespace {

/// A text as JSON.
std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string value_text(const std::optional<double>& value) { return value ? fmt::format("{}", *value) : "\"none\""; }

/// `[a, b, c]` on one line.
template <typename T, typename Text>
std::string list(const std::vector<T>& items, Text text) {
  std::string result = "[";
  for (const T& item : items) result += (result.size() > 1 ? ", " : "") + text(item);
  return result + "]";
}

/// Entries of a list or map, one on each line, `indent` deep.
template <typename T, typename Text>
std::string lines(const std::vector<T>& items, int indent, Text text) {
  std::string result;
  for (const T& item : items) {
    result += (result.empty() ? "\n" : ",\n") + std::string(static_cast<std::size_t>(indent), ' ') + text(item);
  }
  return items.empty() ? result : result + '\n' + std::string(static_cast<std::size_t>(indent - 2), ' ');
}

std::string series_text(const MetricSeries& s) {
  return fmt::format(R"("{}": {{ "mean": {}, "of": {} }})", s.metric->id, value_text(mean_of(s)),
                     list(s.values, value_text));
}

std::string rule_text(const MetricRule& r) {
  return fmt::format(R"("{}": {{ "by": "{}", "abs": {}, "rel": {} }})", r.metric->id, to_string(r.judge), r.limits.abs,
                     r.limits.rel);
}

std::string task_text(const TaskSeries& t) {
  return fmt::format("{}: {{{}}}", quoted(t.task), lines(t.series, 10, series_text));
}

std::string cell_text(const GateCell& c) {
  std::string text = "{\n";
  text += fmt::format("      \"scenario\": {}, \"policy\": {}, \"seed\": {},\n", quoted(c.scenario), quoted(c.policy),
                      c.first_seed);
  text += fmt::format("      \"digests\": {},\n",
                      list(c.digests, [](std::uint64_t d) { return fmt::format("\"0x{:016x}\"", d); }));
  text += fmt::format("      \"values\": {{{}}}", lines(c.series, 8, series_text));
  if (!c.tasks.empty()) text += fmt::format(",\n      \"tasks\": {{{}}}", lines(c.tasks, 8, task_text));
  return text + "\n    }";
}

void write_run(std::ostream& out, const GatePlan& plan) {
  out << "  \"run\": {\n    \"scenarios\": [" << lines(plan.scenarios, 6, quoted) << "],\n    \"policies\": ["
      << lines(plan.policies, 6, [](const Policy& p) { return quoted(p.label); }) << "],\n    \"set\": ["
      << lines(plan.overrides, 6, [](const Override& o) { return quoted(o.path + '=' + o.value); })
      << "],\n    \"replications\": " << plan.replications
      << ",\n    \"tasks\": " << (plan.each_task ? "\"each\"" : "\"together\"") << "\n  },\n";
}

void write_judge(std::ostream& out, const GatePlan& plan) {
  out << "  \"judge\": {\n    \"by\": \"" << to_string(plan.judge)
      << "\",\n    \"confidence\": " << fmt::format("{}", plan.confidence) << ",\n    \"metrics\": {"
      << lines(plan.rules, 6, rule_text) << "}\n  },\n";
}

} // namespace

void write_baseline(std::ostream& out, const Baseline& b) {
  out << "{\n  \"schema_version\": " << kBaselineVersion << ",\n  \"kind\": \"baseline\",\n"
      << "  \"tool\": { \"name\": \"terastal\", \"version\": " << quoted(b.version) << " },\n";
  write_run(out, b.plan);
  write_judge(out, b.plan);
  out << "  \"inputs\": ["
      << lines(b.inputs, 4,
               [](const InputFile& f) {
                 return fmt::format(R"({{ "path": {}, "sha256": "{}" }})", quoted(f.path), f.sha256);
               })
      << "],\n  \"cells\": [" << lines(b.cells, 4, cell_text) << "]\n}\n";
}

} // namespace terastal
