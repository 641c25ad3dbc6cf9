#include "report/json_common.hpp"

#include <algorithm> // none_of

#include "terastal/report/version.hpp"

namespace terastal {

Json json_head(const std::string& kind) {
  const VersionInfo version = version_info();
  Json head;
  head["schema_version"] = kSchemaVersion;
  head["kind"] = kind;
  head["tool"] = {{"name", "terastal"}, {"version", version.version}, {"git", version.commit}};
  return head;
}

Json json_inputs(const std::vector<const LoadedScenario*>& scenarios) {
  Json inputs = Json::array();
  for (const LoadedScenario* scenario : scenarios) {
    for (const InputFile& file : scenario->inputs) {
      const bool is_new =
          std::none_of(inputs.begin(), inputs.end(), [&](const Json& seen) { return seen["path"] == file.path; });
      if (is_new) inputs.push_back({{"path", file.path}, {"sha256", file.sha256}});
    }
  }
  return inputs;
}

Json json_config(const LoadedScenario& scenario) {
  return scenario.resolved.empty() ? Json::object() : Json::parse(scenario.resolved);
}

std::string config_digest(const LoadedScenario& scenario) { return "sha256:" + sha256_hex(scenario.resolved); }

Json json_policy(const Policy& policy) {
  Json settings = Json::object();
  for (const auto& [name, text] : policy.settings.all()) settings[name] = text;
  return {{"label", policy.label}, {"id", policy.info.id}, {"settings", settings}};
}

Json json_environment(const Environment& environment) {
  const VersionInfo version = version_info();
  return {{"compiler", version.compiler},
          {"build_type", version.build_type},
          {"threads", environment.threads},
          {"wall_time_s", environment.wall_time_s}};
}

void write_json(std::ostream& out, const Json& document) {
  out << document.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

void write_json_line(std::ostream& out, const Json& document) {
  out << document.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

} // namespace terastal
