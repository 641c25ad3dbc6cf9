#include "terastal/io/load_variants.hpp"

#include <algorithm> // all_of

#include <fmt/format.h>

#include "io/csv.hpp"
#include "io/diagnostics.hpp"
#include "io/files.hpp"
#include "io/names.hpp"
#include "io/network_tables.hpp"
#include "terastal/core/error.hpp"
#include "terastal/cost/bind.hpp"

namespace terastal {
namespace {

/// Turns the rows of a table into variants of a network's layers.
class VariantLoader {
 public:
  VariantLoader(const Network& network, const io::Binding& binding, io::Diagnostics& diagnostics)
      : binding_(binding), diagnostics_(diagnostics) {
    for (std::size_t l = 0; l < network.layers.size(); ++l) layers_.add(network.layers[l].name, l, {});
  }

  std::vector<AddedVariant> load(io::NetworkDraft draft) {
    std::vector<AddedVariant> result;
    for (io::VariantDraft& row : draft.variants) {
      names_.add(row.name, result.size(), row.position);
      compute_costs(row);
      check_runnable(row);
      const auto layer = layers_.find(row.layer, "variant " + io::in_quotes(row.name));
      result.push_back({static_cast<LayerIndex>(layer.value_or(0)), row.name, row.gamma, row.shape,
                        std::move(row.times.latency), std::move(row.times.energy_nj), row.accuracy_cost});
    }
    return result;
  }

 private:
  void compute_costs(io::VariantDraft& row) {
    for (std::size_t t = 0; row.shape && t < row.times.latency.size(); ++t) {
      const CostModel* model = binding_.cost_model(t);
      if (model == nullptr || row.times.latency_given[t]) continue;
      try {
        const TableCost cost = table_cost(*row.shape, *model);
        row.times.latency[t] = cost.latency;
        if (!row.times.energy_given[t]) row.times.energy_nj[t] = cost.energy_nj;
      } catch (const SimulationError& error) {
        diagnostics_.error(row.position, error.what());
        row.times.broken = true;
      }
    }
  }

  void check_runnable(const io::VariantDraft& row) {
    const auto& latency = row.times.latency;
    const bool nowhere = std::all_of(latency.begin(), latency.end(), [](Duration d) { return d == kCannotRun; });
    if (!nowhere || row.times.broken) return;
    diagnostics_.error(row.position,
                       fmt::format("variant {} cannot run on any type of platform {}: it needs a latency there, or a "
                                   "shape and a type with a cost model",
                                   io::in_quotes(row.name), io::in_quotes(binding_.platform.name)));
  }

  const io::Binding& binding_;
  io::Diagnostics& diagnostics_;
  io::Names layers_{"layer", diagnostics_};
  io::Names names_{"variant", diagnostics_};
};

} // namespace

std::vector<AddedVariant> load_variants(const std::string& path, const Network& network, const Platform& platform,
                                        const CostModelRegistry& cost_models) {
  io::Diagnostics diagnostics;
  io::Files files(diagnostics);
  const io::Binding binding{platform, make_cost_models(platform, cost_models),
                            make_group_cost_models(platform, cost_models)};
  std::vector<AddedVariant> result;
  const io::File* file = files.open(path, {});
  if (const auto table = file == nullptr ? std::nullopt : io::parse_csv(*file, diagnostics)) {
    io::NetworkDraft draft;
    io::read_variant_table(*table, binding, draft, diagnostics);
    result = VariantLoader(network, binding, diagnostics).load(std::move(draft));
  }
  diagnostics.throw_if_any();
  return result;
}

} // namespace terastal
