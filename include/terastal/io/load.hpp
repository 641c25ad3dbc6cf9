#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "terastal/cost/cost_model.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// A change to a document before it is read: `late_jobs=drop_hopeless`, `tasks.vgg11.arrivals.rate=30 fps`. List
/// entries are named by their `name` key or their index, all of them by `*`: `tasks.*.deadline=30 ms`.
struct Override {
  std::string path;
  std::string value;          ///< YAML text
  std::string directory = {}; ///< what paths in the value are relative to; empty: the current directory
};

/// A file that was read, with the SHA-256 of its bytes (lower-case hex); for provenance.
struct InputFile {
  std::string path;
  std::string sha256;
};

/// A scenario with where it came from.
struct LoadedScenario {
  Scenario scenario;
  std::vector<InputFile> inputs; ///< in the order read, each once
  std::string resolved;          ///< the scenario's document after overrides, as JSON text; input of the config digest
};

/// The cost models that platforms may name unless a registry is given: `builtin_cost_models()`. For a model of your
/// own, add it to a copy and pass that.
[[nodiscard]] CostModelRegistry default_cost_models();

/// Reads a scenario and everything it refers to. \throws InputError with every problem found.
[[nodiscard]] LoadedScenario load_scenario(const std::string& path, const std::vector<Override>& overrides = {},
                                           const CostModelRegistry& cost_models = default_cost_models());

/// Reads a platform. \throws InputError with every problem found.
[[nodiscard]] Platform load_platform(const std::string& path,
                                     const CostModelRegistry& cost_models = default_cost_models());

/// Reads a network and binds it to a platform: where a table has no column for a type, layers with a shape get latency
/// and energy from the type's cost model. \throws InputError with every problem found.
[[nodiscard]] Network load_network(const std::string& path, const Platform& platform,
                                   const CostModelRegistry& cost_models = default_cost_models());

/// Reads a network file without a platform: each type its table names becomes an accelerator at 1 GHz. Layers that
/// have a shape need no latency; without any, there is one type, `any`, which runs nothing. For `validate`, `list` and
/// the design of networks. \throws InputError with every problem found.
[[nodiscard]] Network load_network(const std::string& path);

/// What kind of document a file holds.
enum class DocumentKind : std::uint8_t { platform, network, scenario, sweep, reproduction };

inline constexpr std::array kDocumentKinds = {DocumentKind::platform, DocumentKind::network, DocumentKind::scenario,
                                              DocumentKind::sweep, DocumentKind::reproduction};

/// `platform`, `network` …: the kind's name, which is also the key that holds the document's name.
[[nodiscard]] std::string to_string(DocumentKind kind);

/// Checks one file of any kind, by its first key. Of a sweep, scenarios that are given by name are not looked for, and
/// of a reproduction only the structure is checked; `load_sweep` and `load_reproduction` do the rest.
/// \throws InputError with every problem found.
DocumentKind validate_file(const std::string& path, const CostModelRegistry& cost_models = default_cost_models());

/// JSON Schema (draft-07) of a document kind, generated from the declarations the loader checks against.
[[nodiscard]] std::string json_schema(DocumentKind kind, const CostModelRegistry& cost_models = default_cost_models());

/// SHA-256 of a byte string, lower-case hex.
[[nodiscard]] std::string sha256_hex(const std::string& bytes);

} // namespace terastal
