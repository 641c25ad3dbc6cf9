#pragma once

#include <ostream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "terastal/io/load.hpp"
#include "terastal/report/format.hpp"
#include "terastal/sched/registry.hpp"

namespace terastal {

using Json = nlohmann::ordered_json;

/// A document's first keys: schema_version, kind, tool.
[[nodiscard]] Json json_head(const std::string& kind);
/// `[{path, sha256}]`, each path once.
[[nodiscard]] Json json_inputs(const std::vector<const LoadedScenario*>& scenarios);
/// The resolved scenario document.
[[nodiscard]] Json json_config(const LoadedScenario& scenario);
/// SHA-256 of the resolved document.
[[nodiscard]] std::string config_digest(const LoadedScenario& scenario);
/// `{label, id, settings}`; settings as a user writes them.
[[nodiscard]] Json json_policy(const Policy& policy);
/// Compiler, build type, threads, times: what may differ while the results do not.
[[nodiscard]] Json json_environment(const Environment& environment);

/// Writes a document, indented by two; text that is not UTF-8 is replaced, never refused.
void write_json(std::ostream& out, const Json& document);
/// Writes a document on one line.
void write_json_line(std::ostream& out, const Json& document);

} // namespace terastal
