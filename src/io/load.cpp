#include "terastal/io/load.hpp"

#include <cstdint>
#include <utility>

#include "io/diagnostics.hpp"
#include "io/document_reader.hpp"
#include "io/documents.hpp"
#include "io/files.hpp"
#include "io/network_build.hpp"
#include "io/network_reader.hpp"
#include "io/platform_build.hpp"
#include "io/resolved.hpp"
#include "io/scenario_build.hpp"
#include "io/sweep_build.hpp"
#include "terastal/core/text.hpp"
#include "terastal/cost/models.hpp"
#include "terastal/workload/validate.hpp"

namespace terastal {
namespace {

/// What every reading needs.
struct Reading {
  explicit Reading(const CostModelRegistry& cost_models) : declarations(cost_models) {}

  io::Declarations declarations;
  io::Diagnostics diagnostics;
  io::Files files{diagnostics};
  io::DocumentReader documents{declarations, files, diagnostics};

  const io::Node* read(const std::string& path, DocumentKind kind, const std::vector<Override>& overrides = {}) {
    return documents.read(path, {}, kind, overrides);
  }

  Network build(const io::Value& document, const io::Binding& binding) {
    return io::build_network(io::read_network(document, binding, files, diagnostics), binding, diagnostics);
  }
};

/// A nameless platform with one accelerator of each type that a network's tables name.
Platform stand_in(const std::vector<std::string>& types) {
  constexpr std::uint64_t clock_hz = 1'000'000'000;
  Platform platform;
  for (const std::string& name : types.empty() ? std::vector<std::string>{"any"} : types) {
    AcceleratorType type;
    type.name = name;
    type.clock_hz = clock_hz;
    platform.accelerators.push_back({name, static_cast<TypeIndex>(platform.types.size())});
    platform.types.push_back(std::move(type));
  }
  return platform;
}

/// What to say of a document of no kind.
std::string unknown_document(const io::Node& document) {
  if (!document.is_map()) {
    return "expected a map with the keys of a platform, a network, a scenario, a sweep or a reproduction, got " +
           io::shown(document);
  }
  if (const io::Node* kind = document.find("kind"); kind != nullptr && kind->text == "baseline") {
    return "this is the baseline of a regression gate, which 'terastal check' reads and checks";
  }
  std::vector<std::string> keys;
  for (const DocumentKind kind : kDocumentKinds) keys.push_back("'" + to_string(kind) + "'");
  return "this is no document of any kind: expected one of the keys " + join(keys, ", ");
}

} // namespace

std::string to_string(DocumentKind kind) {
  switch (kind) {
  case DocumentKind::platform:
    return "platform";
  case DocumentKind::network:
    return "network";
  case DocumentKind::sweep:
    return "sweep";
  case DocumentKind::reproduction:
    return "reproduction";
  case DocumentKind::scenario:
    break;
  }
  return "scenario";
}

CostModelRegistry default_cost_models() { return builtin_cost_models(); }

LoadedScenario load_scenario(const std::string& path, const std::vector<Override>& overrides,
                             const CostModelRegistry& cost_models) {
  Reading reading(cost_models);
  LoadedScenario loaded;
  if (const io::Node* node = reading.read(path, DocumentKind::scenario, overrides)) {
    const io::Value document(*node, reading.declarations.scenario());
    loaded.scenario = io::build_scenario(document, reading.documents, reading.files, reading.diagnostics);
    loaded.resolved = io::to_json(*node);
  }
  reading.diagnostics.throw_if_any();
  validate(loaded.scenario); // a second opinion: what passed the checks above must pass it
  loaded.inputs = reading.files.inputs();
  return loaded;
}

Platform load_platform(const std::string& path, const CostModelRegistry& cost_models) {
  Reading reading(cost_models);
  Platform platform;
  if (const io::Node* node = reading.read(path, DocumentKind::platform)) {
    platform = io::build_platform(io::Value(*node, reading.declarations.platform()), cost_models, reading.diagnostics);
  }
  reading.diagnostics.throw_if_any();
  return platform;
}

Network load_network(const std::string& path, const Platform& platform, const CostModelRegistry& cost_models) {
  Reading reading(cost_models);
  Network network;
  const io::Binding binding{platform, make_cost_models(platform, cost_models),
                            make_group_cost_models(platform, cost_models)};
  if (const io::Node* node = reading.read(path, DocumentKind::network)) {
    network = reading.build(io::Value(*node, reading.declarations.network()), binding);
  }
  reading.diagnostics.throw_if_any();
  return network;
}

Network load_network(const std::string& path) {
  const CostModelRegistry none;
  Reading reading(none);
  Network network;
  if (const io::Node* node = reading.read(path, DocumentKind::network)) {
    const io::Value document(*node, reading.declarations.network());
    const Platform platform = stand_in(io::named_types(document));
    io::Binding binding{platform};
    binding.real = false;
    network = reading.build(document, binding);
  }
  reading.diagnostics.throw_if_any();
  return network;
}

DocumentKind validate_file(const std::string& path, const CostModelRegistry& cost_models) {
  Reading reading(cost_models);
  const io::Node* node = reading.documents.parse(path, {});
  const auto kind = node == nullptr ? std::nullopt : reading.declarations.kind_of(*node);
  if (node != nullptr && !kind) {
    reading.diagnostics.error(node->position, unknown_document(*node));
  }
  if (!kind) reading.diagnostics.throw_if_any();
  const DocumentKind found = kind.value_or(DocumentKind::scenario);
  if (found == DocumentKind::platform) (void)load_platform(path, cost_models);
  if (found == DocumentKind::network) (void)load_network(path);
  if (found == DocumentKind::scenario) (void)load_scenario(path, {}, cost_models);
  if (found == DocumentKind::sweep) io::check_sweep_file(path, cost_models);
  if (found == DocumentKind::reproduction) {
    (void)reading.read(path, found);
    reading.diagnostics.throw_if_any();
  }
  return found;
}

} // namespace terastal
