#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io/node.hpp"
#include "terastal/core/time.hpp"
#include "terastal/cost/bind.hpp"
#include "terastal/model/accuracy.hpp"
#include "terastal/model/network.hpp"
#include "terastal/model/platform.hpp"
#include "terastal/model/shape.hpp"

namespace terastal::io {

/// What the accelerator types that tables may name are, when a network is bound to them.
struct Binding {
  const Platform& platform;
  CostModels cost_models = {};  ///< of the platform's types; empty or null where there are none
  CostModels group_models = {}; ///< of the platform's groups of accelerators, likewise
  bool complete = true;         ///< false when the platform has errors: what depends on all of it is not checked
  bool real = true;             ///< false for a stand-in: layers need not be runnable if they have a shape

  [[nodiscard]] const CostModel* cost_model(std::size_t type) const {
    return type < cost_models.size() ? cost_models[type].get() : nullptr;
  }
  [[nodiscard]] const CostModel* group_model(std::size_t group) const {
    return group < group_models.size() ? group_models[group].get() : nullptr;
  }
};

/// A name that should refer to something.
struct Reference {
  std::string name;
  Position position;
};

/// Latency and energy of one implementation of a layer, one entry for each type of the platform.
struct Times {
  explicit Times(const Platform& platform) : Times(platform.types.size(), platform.group_columns()) {}
  explicit Times(std::size_t types, std::size_t groups)
      : latency(types, kCannotRun), energy_nj(types, 0.0), group_latency(groups, kCannotRun), traffic_bytes(types, 0.0),
        fusion_parts(types), latency_given(types), energy_given(types), group_given(groups), traffic_given(types) {}

  std::vector<Duration> latency;
  std::vector<double> energy_nj;
  std::vector<Duration> group_latency;      ///< one entry for each of Platform::groups()
  std::vector<double> traffic_bytes;        ///< to and from the shared memory
  std::vector<FusionParts> fusion_parts;    ///< only of types that fuse layers
  std::vector<TimePercentiles> percentiles; ///< empty when the table has none
  std::vector<bool> latency_given; ///< by a column or a key, be it empty; what is not given a cost model may fill in
  std::vector<bool> energy_given;
  std::vector<bool> group_given;
  std::vector<bool> traffic_given;
  bool broken = false; ///< an error was reported for one of them
};

/// A layer as it stands in a list or a table, before names are resolved.
struct LayerDraft {
  std::string name;
  Position position;
  std::string op;
  std::optional<LayerShape> shape;
  std::optional<std::uint64_t> macs;
  std::optional<std::uint64_t> output_bytes;
  std::string block;
  std::optional<std::vector<Reference>> after; ///< nothing: the layer before it
  Times times;
  double skip = 0.0; ///< probability
  double exit = 0.0; ///< probability
};

struct VariantDraft {
  std::string name;
  Position position;
  Reference layer;
  double gamma = 0.0;
  std::optional<double> accuracy_cost;
  bool accuracy_cost_given = false; ///< right or wrong
  std::optional<LayerShape> shape;
  Times times;
};

struct AccuracySetDraft {
  std::vector<Reference> variants;
  double accuracy = 0.0;
  Position position;
};

struct AccuracyDraft {
  std::string metric;
  std::optional<double> baseline; ///< nothing after an error
  AccuracyRule rule = AccuracyRule::measured;
  std::vector<AccuracySetDraft> sets;
};

/// One row of a table of measured executions.
struct SampleRow {
  std::int64_t id = 0;
  std::string layer;
  Position position;
  Times times;
  std::optional<double> sparsity;
  bool sparsity_given = false; ///< right or wrong
};

struct SamplesDraft {
  std::vector<SampleRow> rows;
  Position position;    ///< of the table
  bool complete = true; ///< false when rows were left out because of errors
};

/// A network as it stands in files.
struct NetworkDraft {
  std::string name;
  std::string description;
  std::string source;
  Position position;
  std::optional<std::vector<LayerDraft>> layers; ///< nothing: the samples give them
  std::vector<VariantDraft> variants;
  std::optional<AccuracyDraft> accuracy;
  std::optional<SamplesDraft> samples;
  Position variants_position;
  bool layers_complete = true;   ///< false when errors left some out: names may be missing
  bool variants_complete = true; ///< the same for variants
};

} // namespace terastal::io
