#include "io/samples.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>

#include <fmt/format.h>

#include "terastal/core/int128.hpp"

namespace terastal::io {
namespace {

/// The rows of a sample table by (sample, layer).
class SampleGrid {
 public:
  SampleGrid(const SamplesDraft& samples, const std::vector<LayerDraft>& layers, Diagnostics& diagnostics)
      : samples_(samples), layers_(layers), diagnostics_(diagnostics) {
    for (const SampleRow& row : samples.rows) ids_.push_back(row.id);
    std::sort(ids_.begin(), ids_.end());
    ids_.erase(std::unique(ids_.begin(), ids_.end()), ids_.end());
    rows_.assign(ids_.size() * layers.size(), nullptr);
  }

  void fill(const Names& layer_names) {
    for (const SampleRow& row : samples_.rows) {
      const auto layer = layer_names.find({row.layer, row.position}, fmt::format("sample {}", row.id));
      if (!layer) continue;
      const SampleRow*& place = rows_[index_of(row.id) * layers_.size() + *layer];
      if (place != nullptr) {
        diagnostics_.error(row.position, fmt::format("sample {} gives layer {} a second time; it was given before at "
                                                     "line {}",
                                                     row.id, in_quotes(row.layer), place->position.line));
      }
      place = &row;
    }
  }

  void report_missing() const {
    std::set<std::int64_t> seen;
    for (const SampleRow& row : samples_.rows) {
      if (!seen.insert(row.id).second) continue;
      for (std::size_t l = 0; l < layers_.size(); ++l) {
        if (rows_[index_of(row.id) * layers_.size() + l] != nullptr || layers_[l].name.empty()) continue;
        diagnostics_.error(row.position, fmt::format("sample {} lacks layer {}; every sample has every layer", row.id,
                                                     in_quotes(layers_[l].name)));
      }
    }
  }

  /// A type that runs a layer in one sample runs it in all.
  void report_gaps(std::size_t types) const {
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      const SampleRow* first = rows_[l];
      for (std::size_t s = 1; s < ids_.size(); ++s) {
        const SampleRow* row = rows_[s * layers_.size() + l];
        for (std::size_t t = 0; first != nullptr && row != nullptr && t < types; ++t) {
          const bool runs = row->times.latency[t] != kCannotRun;
          if (runs == (first->times.latency[t] != kCannotRun) || first->times.broken || row->times.broken) continue;
          diagnostics_.error(row->position, fmt::format("sample {}, layer {}: a latency is {} where sample {} has {}",
                                                        row->id, in_quotes(row->layer), runs ? "given" : "missing",
                                                        first->id, runs ? "none" : "one"));
          break;
        }
      }
    }
  }

  /// A sparsity stands in every row or in none.
  void report_missing_sparsity() const {
    const auto& rows = samples_.rows;
    const auto first = std::find_if(rows.begin(), rows.end(), [](const SampleRow& r) { return r.sparsity_given; });
    if (first == rows.end()) return;
    for (const SampleRow& row : rows) {
      if (row.sparsity_given) continue;
      diagnostics_.error(row.position, fmt::format("sample {}, layer {}: a sparsity is missing, but line {} gives one; "
                                                   "every row has one, or none does",
                                                   row.id, in_quotes(row.layer), first->position.line));
    }
  }

  /// False when a row is missing, be it reported or because its layer has errors of its own.
  [[nodiscard]] bool filled() const { return std::find(rows_.begin(), rows_.end(), nullptr) == rows_.end(); }

  [[nodiscard]] SampleTable table(std::size_t types) const {
    SampleTable result;
    result.ids = ids_;
    result.latency.reserve(rows_.size() * types);
    for (const SampleRow* row : rows_) {
      result.latency.insert(result.latency.end(), row->times.latency.begin(), row->times.latency.end());
      if (row->sparsity) result.sparsity.push_back(*row->sparsity);
    }
    if (result.sparsity.size() != rows_.size()) result.sparsity.clear(); // a bad one was reported
    return result;
  }

 private:
  [[nodiscard]] std::size_t index_of(std::int64_t id) const {
    return static_cast<std::size_t>(std::lower_bound(ids_.begin(), ids_.end(), id) - ids_.begin());
  }

  const SamplesDraft& samples_;
  const std::vector<LayerDraft>& layers_;
  Diagnostics& diagnostics_;
  std::vector<std::int64_t> ids_;
  std::vector<const SampleRow*> rows_;
};

/// Mean over the samples, rounded to the nearest picosecond; kCannotRun when the samples do not know the type.
Duration mean_latency(const SampleTable& samples, std::size_t layer, std::size_t layers, std::size_t type,
                      std::size_t types) {
  int128 sum = 0;
  const std::size_t count = samples.ids.size();
  for (std::size_t s = 0; s < count; ++s) {
    const Duration latency = samples.latency[(s * layers + layer) * types + type];
    if (latency == kCannotRun) return kCannotRun;
    sum += latency.count();
  }
  const auto n = static_cast<int128>(count);
  return Duration{static_cast<Duration::rep>((2 * sum + n) / (2 * n))};
}

} // namespace

std::vector<LayerDraft> layers_of(const SamplesDraft& samples, const Platform& platform) {
  std::vector<LayerDraft> layers;
  std::set<std::string> seen;
  for (const SampleRow& row : samples.rows) {
    if (!seen.insert(row.layer).second) continue;
    LayerDraft layer{row.layer, row.position, {}, {}, {}, {}, {}, std::nullopt, Times(platform)};
    layer.times.broken = row.times.broken;
    layers.push_back(std::move(layer));
  }
  return layers;
}

std::optional<SampleTable> build_samples(const SamplesDraft& samples, const Names& layer_names,
                                         const std::vector<LayerDraft>& layers, std::size_t types,
                                         Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.count();
  SampleGrid grid(samples, layers, diagnostics);
  grid.fill(layer_names);
  const bool comparable = samples.complete && diagnostics.count() == errors;
  if (comparable) grid.report_missing();
  if (comparable) grid.report_gaps(types);
  if (comparable) grid.report_missing_sparsity();
  if (!comparable || diagnostics.count() != errors || !grid.filled()) return std::nullopt;
  return grid.table(types);
}

void fill_from_samples(const SampleTable& samples, const Position& samples_position, const Platform& platform,
                       std::vector<LayerDraft>& layers, Diagnostics& diagnostics) {
  const std::size_t types = platform.types.size();
  for (std::size_t l = 0; l < layers.size(); ++l) {
    for (std::size_t t = 0; t < types; ++t) {
      const Duration mean = mean_latency(samples, l, layers.size(), t, types);
      Duration& own = layers[l].times.latency[t];
      if (own == kCannotRun) {
        own = mean;
      } else if (mean == kCannotRun) {
        diagnostics.error(samples_position,
                          fmt::format("layer {} has a latency on '{}' in the layer table, but none in the samples",
                                      in_quotes(layers[l].name), platform.types[t].name));
      }
    }
  }
}

} // namespace terastal::io
