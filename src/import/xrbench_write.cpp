#include <string>

#include <fmt/format.h>
#include <yaml-cpp/emitter.h>

#include "terastal/core/units.hpp"
#include "terastal/import/xrbench.hpp"

namespace terastal {
namespace {

void pair(YAML::Emitter& out, const std::string& key, const std::string& value) {
  out << YAML::Key << key << YAML::Value << value;
}

void write_task(YAML::Emitter& out, const XrbenchTask& task, const std::string& folder) {
  const std::string file = task.network_file.empty() ? task.network + ".yaml" : task.network_file;
  out << YAML::BeginMap;
  pair(out, "name", task.name);
  pair(out, "network", folder.empty() ? file : folder + "/" + file);
  if (task.after.empty()) {
    out << YAML::Key << "arrivals" << YAML::Value << YAML::Flow << YAML::BeginMap;
    pair(out, "kind", "periodic");
    pair(out, "rate", task.rate);
  } else {
    out << YAML::Key << "after" << YAML::Value << YAML::Flow << YAML::BeginMap;
    pair(out, "task", task.after);
    pair(out, "probability", format_number(task.probability));
  }
  out << YAML::EndMap << YAML::EndMap;
}

void write_type(YAML::Emitter& out, const AcceleratorType& type) {
  out << YAML::Key << type.name << YAML::Value << YAML::Flow << YAML::BeginMap;
  pair(out, "kind", to_string(type.kind));
  pair(out, "dataflow", type.dataflow);
  pair(out, "pes", std::to_string(type.pes));
  pair(out, "clock", "1 GHz");
  out << YAML::Key << "cost" << YAML::Value << YAML::Flow << YAML::BeginMap;
  pair(out, "model", type.cost.id);
  for (const auto& [key, value] : type.cost.settings) pair(out, key, value);
  out << YAML::EndMap << YAML::EndMap;
}

} // namespace

std::string scenario_text(const XrbenchScenario& scenario, const std::string& platform_path,
                          const std::string& network_folder) {
  YAML::Emitter out;
  out << YAML::BeginMap;
  pair(out, "scenario", scenario.name);
  pair(out, "description", "XRBench " + scenario.source_name);
  pair(out, "source",
       "networks, rates, cascades and probabilities: XRBench, " + scenario.source_name +
           ".m; horizon, seed and late_jobs are ours");
  pair(out, "platform", platform_path);
  pair(out, "horizon", "1 s");
  pair(out, "seed", "1");
  pair(out, "late_jobs", "drop_at_deadline");
  pair(out, "granularity", "model");
  out << YAML::Key << "tasks" << YAML::Value << YAML::BeginSeq;
  for (const XrbenchTask& task : scenario.tasks) write_task(out, task, network_folder);
  out << YAML::EndSeq << YAML::EndMap;
  return std::string(out.c_str()) + '\n';
}

std::string platform_text(const XrbenchPlatform& result) {
  const Platform& platform = result.platform;
  YAML::Emitter out;
  out << YAML::BeginMap;
  pair(out, "platform", platform.name);
  pair(out, "source", platform.source);
  out << YAML::Key << "types" << YAML::Value << YAML::BeginMap;
  for (const AcceleratorType& type : platform.types) write_type(out, type);
  out << YAML::EndMap;
  out << YAML::Key << "accelerators" << YAML::Value << YAML::BeginSeq;
  for (const Accelerator& accelerator : platform.accelerators) {
    out << YAML::Flow << YAML::BeginMap;
    pair(out, "name", accelerator.name);
    pair(out, "type", platform.types[accelerator.type].name);
    out << YAML::EndMap;
  }
  out << YAML::EndSeq << YAML::EndMap;
  return std::string(out.c_str()) + '\n';
}

} // namespace terastal
