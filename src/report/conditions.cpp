#include "report/conditions.hpp"

#include <algorithm> // max

#include <fmt/format.h>

#include "report/text_table.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"

namespace terastal {
namespace {

/// `terastal_6k: ws0 (ws_2k), os0 os1 (os_2k)`.
std::string describe(const Platform& platform) {
  std::vector<std::string> groups;
  for (TypeIndex t = 0; t < platform.types.size(); ++t) {
    std::vector<std::string> names;
    for (const Accelerator& a : platform.accelerators) {
      if (a.type == t) names.push_back(a.name);
    }
    if (!names.empty()) groups.push_back(join(names, " ") + " (" + platform.types[t].name + ")");
  }
  return platform.name + ": " + join(groups, ", ");
}

/// The rule when all tasks share it, else one entry per rule with its tasks.
template <typename Describe>
std::string per_task(const Scenario& scenario, Describe text_of) {
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  for (const Task& task : scenario.tasks) {
    const std::string text = text_of(task);
    auto group = groups.begin();
    while (group != groups.end() && group->first != text) ++group;
    if (group == groups.end()) group = groups.insert(group, {text, {}});
    group->second.push_back(task.name);
  }
  if (groups.size() == 1) return groups.front().first;
  std::vector<std::string> parts;
  for (const auto& [text, tasks] : groups) parts.push_back(text + " (" + join(tasks, ", ") + ")");
  return join(parts, "; ");
}

std::string describe(const ExecutionTimes& times) {
  switch (times.kind) {
  case ExecutionTimes::Kind::uniform:
    return fmt::format("estimate times uniform [{}, {}]", times.low, times.high);
  case ExecutionTimes::Kind::lognormal:
    return fmt::format("estimate times log-normal, cv {}", times.cv);
  case ExecutionTimes::Kind::exponential:
    return "estimate times exponential";
  case ExecutionTimes::Kind::samples:
    return "measured samples";
  case ExecutionTimes::Kind::measured:
    return "measured percentiles";
  case ExecutionTimes::Kind::equal:
    break;
  }
  return "as estimated";
}

std::string horizon_text(const Scenario& scenario) {
  const std::string horizon = format_duration(scenario.horizon);
  if (scenario.warm_up == Duration::zero()) return horizon;
  return horizon + ", jobs of the first " + format_duration(scenario.warm_up) + " not counted";
}

} // namespace

Conditions conditions_of(const Scenario& scenario) {
  Conditions result = {
      {"platform", describe(scenario.platform)},
      {"horizon", horizon_text(scenario)},
      {"late jobs", per_task(scenario, [](const Task& t) { return to_string(t.late_jobs); })},
      {"execution", per_task(scenario, [](const Task& t) { return describe(t.execution); })},
  };
  const bool variants = std::any_of(scenario.networks.begin(), scenario.networks.end(),
                                    [](const Network& n) { return !n.variant_names.empty(); });
  if (variants) {
    result.emplace_back("accuracy", "at least " + per_task(scenario, [](const Task& t) {
                                      return fmt::format("{} % of the baseline", t.theta * 100.0);
                                    }));
  }
  return result;
}

void write_conditions(std::ostream& out, const std::string& title, const std::string& description,
                      const Conditions& conditions, bool color) {
  std::size_t widest = 0;
  for (const auto& [name, value] : conditions) widest = std::max(widest, width_of(name));
  out << paint(title, Ink::bold, color) << (description.empty() ? "" : ": " + description) << '\n';
  for (const auto& [name, value] : conditions) {
    out << "  " << paint(name, Ink::faint, color) << std::string(widest - width_of(name) + 2, ' ') << value << '\n';
  }
}

void write_heading(std::ostream& out, const std::string& text, bool color) {
  out << '\n' << paint(text, Ink::bold, color) << '\n';
}

} // namespace terastal
