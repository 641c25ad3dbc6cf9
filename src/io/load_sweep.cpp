#include "terastal/io/load_sweep.hpp"

#include <utility>

#include "io/diagnostics.hpp"
#include "io/document_reader.hpp"
#include "io/documents.hpp"
#include "io/files.hpp"
#include "io/resolved.hpp"
#include "io/sweep_build.hpp"
#include "terastal/sweep/cells.hpp"

namespace terastal {

namespace io {
namespace {

Sweep read_sweep(const std::string& path, const std::vector<Override>& overrides, const SweepContext& context,
                 ScenarioNames names) {
  const Declarations declarations(context.cost_models);
  Diagnostics diagnostics;
  Files files(diagnostics);
  DocumentReader documents(declarations, files, diagnostics);
  const Node* node = documents.read(path, {}, DocumentKind::sweep, overrides);
  if (node == nullptr) diagnostics.throw_if_any();
  const Value document(*node, declarations.sweep());
  SweepDraft draft = build_sweep(document, context, names, diagnostics);
  draft.sweep.path = path;
  draft.sweep.resolved = to_json(*node);
  draft.sweep.skips = build_skips(document["skip"], draft, context.policies, diagnostics);
  draft.sweep.inputs = try_scenarios(draft, context, files, diagnostics);
  diagnostics.throw_if_any();
  for (AxisDraft& axis : draft.axes) draft.sweep.axes.push_back(std::move(axis.axis));
  if (SweepCells(draft.sweep).size() == 0) {
    diagnostics.error(document["skip"].position(), "every cell is left out by 'skip'; nothing would be run");
    diagnostics.throw_if_any();
  }
  return std::move(draft.sweep);
}

} // namespace

void check_sweep_file(const std::string& path, const CostModelRegistry& cost_models) {
  SweepContext context;
  context.cost_models = cost_models;
  (void)read_sweep(path, {}, context, ScenarioNames::unchecked);
}

} // namespace io

Sweep load_sweep(const std::string& path, const std::vector<Override>& overrides, const SweepContext& context) {
  return io::read_sweep(path, overrides, context, io::ScenarioNames::found);
}

} // namespace terastal
