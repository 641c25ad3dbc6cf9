#pragma once

#include <algorithm> // max
#include <cstddef>
#include <cstdint>
#include <utility> // move
#include <vector>

#include "terastal/core/time.hpp"
#include "terastal/model/estimates.hpp" // longest_tails
#include "terastal/offline/lalarand/problem.hpp"

namespace terastal {

/// What decides whether a waiting layer migrates from the queue it is allocated to (FROM) to an idle accelerator (TO).
struct MigrationTerms {
  Duration slack{0};     ///< deadline − now − times of all layers not yet started, where they are allocated
  Duration preferred{0}; ///< the layer on FROM
  Duration other{0};     ///< the layer on TO
  Duration wait{0};      ///< predicted wait in FROM's queue
  Duration busy{0};      ///< for how long FROM is certainly busy with what goes before
  Duration blocking{0};  ///< longest layer that may block the job when it comes back to FROM
  Duration transfer{0};  ///< there, and the most expensive way back
};

/// The rule of the prototype's second generation: the job can absorb the slower layer, finishes it earlier than by
/// waiting, and FROM stays busy until it comes back.
[[nodiscard]] inline bool guarded_migration(const MigrationTerms& m) {
  const Duration away = m.blocking + m.transfer + m.other;
  return m.slack > m.other - m.preferred && m.wait + m.preferred > away && m.busy > away;
}

/// The rule of the first generation, used with queues in order of laxity: slack and wait both exceed the difference.
[[nodiscard]] inline bool laxity_migration(const MigrationTerms& m) {
  const Duration difference = m.other < m.preferred ? m.preferred - m.other : m.other - m.preferred;
  return m.slack > difference && m.wait > difference;
}

/// What the run-time rules look up of an allocated network, per layer. A job *stays* on a type for a run of consecutive
/// layers; in a DAG, consecutive in the network's order (our reading).
struct AllocatedNetwork {
  AllocatedNetwork(const Network& network, NetworkAllocation places, std::size_t types);

  NetworkAllocation place;
  VariantSet variants = 0;                         ///< that the allocation uses
  std::vector<Duration> stay;                      ///< time of the layers from this one to the end of its stay
  std::vector<char> leaves;                        ///< whether layers on another type follow that stay
  std::vector<Duration> remaining;                 ///< longest path of allocated times from the layer to the end
  std::vector<std::vector<Duration>> longest_from; ///< by type and layer: longest layer there from this one on
  std::vector<std::uint64_t> largest_output;       ///< most bytes a layer from this one on hands to a later one

  /// Time of the stay that begins at a layer if that is on `type`, else 0; also past the end.
  [[nodiscard]] Duration stay_on(TypeIndex type, std::size_t layer) const {
    return layer < place.size() && place[layer].type == type ? stay[layer] : Duration::zero();
  }
  /// Whether layers elsewhere follow such a stay, or begin at once.
  [[nodiscard]] bool leaves_after(TypeIndex type, std::size_t layer) const {
    return layer < place.size() && (place[layer].type != type || leaves[layer] != 0);
  }
};

inline AllocatedNetwork::AllocatedNetwork(const Network& network, NetworkAllocation places, std::size_t types)
    : place(std::move(places)), variants(variants_of(network, place)) {
  const std::size_t count = place.size();
  std::vector<Duration> time;
  for (const LayerPlace& p : place) time.push_back(network.latency_of(p.option, p.type));
  remaining = longest_tails(network, time);
  stay = time;
  leaves.assign(count, 0);
  largest_output.assign(count + 1, 0);
  longest_from.assign(types, std::vector<Duration>(count + 1, Duration::zero()));
  for (std::size_t l = count; l-- > 0;) {
    if (l + 1 < count && place[l + 1].type == place[l].type) {
      stay[l] = checked_add(time[l], stay[l + 1]);
      leaves[l] = leaves[l + 1];
    } else if (l + 1 < count) {
      leaves[l] = 1;
    }
    const bool handed_on = !network.layers[l].successors.empty();
    largest_output[l] = std::max(largest_output[l + 1], handed_on ? network.layers[l].output_bytes : 0);
    for (TypeIndex t = 0; t < types; ++t) {
      longest_from[t][l] = place[l].type == t ? std::max(longest_from[t][l + 1], time[l]) : longest_from[t][l + 1];
    }
  }
}

} // namespace terastal
