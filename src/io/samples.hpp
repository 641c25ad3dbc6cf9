#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "io/diagnostics.hpp"
#include "io/names.hpp"
#include "io/network_draft.hpp"
#include "terastal/model/network.hpp"

namespace terastal::io {

/// Layers as a table of samples names them, in order of first appearance, as a chain without times.
[[nodiscard]] std::vector<LayerDraft> layers_of(const SamplesDraft& samples, const Platform& platform);

/// The samples of a network whose layers are known. Reports unknown layers, rows given twice, rows that are missing,
/// types that only some samples of a layer know, and sparsities that only some rows give; nothing then. Layers are
/// those of the draft, in its order.
[[nodiscard]] std::optional<SampleTable> build_samples(const SamplesDraft& samples, const Names& layer_names,
                                                       const std::vector<LayerDraft>& layers, std::size_t types,
                                                       Diagnostics& diagnostics);

/// Gives layers their mean latency over the samples (rounded to 1 ps) where their own table has none. Reports layers
/// that have a latency of their own on a type that the samples do not know.
void fill_from_samples(const SampleTable& samples, const Position& samples_position, const Platform& platform,
                       std::vector<LayerDraft>& layers, Diagnostics& diagnostics);

} // namespace terastal::io
