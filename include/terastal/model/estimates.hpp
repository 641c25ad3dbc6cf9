#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "terastal/core/int128.hpp"
#include "terastal/core/time.hpp"
#include "terastal/model/network.hpp"

namespace terastal {

/// What follows from a network's table for schedulers: computed once per run, looked up in O(1).
struct NetworkEstimates {
  std::vector<Duration> fastest;      ///< per layer: original on its fastest type
  std::vector<Duration> mean;         ///< per layer: original, mean over accelerators that can run it
  std::vector<Duration> fastest_tail; ///< longest path of `fastest` from the layer to a sink, itself included
  std::vector<Duration> mean_tail;    ///< the same with `mean`
  std::vector<TypeIndex> preferred;   ///< per layer: the type with the smallest latency, lowest index on ties
};

/// Estimates of a network on a platform. The mean is over accelerator instances, as DREAM's terms are (our reading).
[[nodiscard]] NetworkEstimates estimate(const Network& network, const Platform& platform);

/// Longest path from each layer to a sink with the given per-layer durations, the layer itself included. O(edges).
[[nodiscard]] std::vector<Duration> longest_tails(const Network& network, const std::vector<Duration>& durations);

/// Longest path through the network with the given per-layer durations; zero without layers. O(edges).
[[nodiscard]] Duration longest_path(const Network& network, const std::vector<Duration>& durations);

/// Which variants may join a variant set: decides `set ∪ added` against the accuracy threshold.
///
/// For up to 12 variants every answer is tabulated (one load); beyond, the accuracy model is asked.
class ValidSets {
 public:
  ValidSets() = default;
  ValidSets(const Network& network, double theta);

  /// True if the set, as a whole, is valid.
  [[nodiscard]] bool valid(VariantSet set) const {
    return set < table_.size() ? table_[static_cast<std::size_t>(set)] != 0 : set == 0 || ask(set);
  }

 private:
  [[nodiscard]] bool ask(VariantSet set) const;

  std::vector<char> table_;
  const AccuracyModel* accuracy_ = nullptr;
  double theta_ = 0.0;
};

/// The smallest possible remaining time of a job: over accelerators and groups of them, and over variants while the set
/// stays valid.
///
/// Exact for chains with up to 12 variants (dynamic programme over layer and set, O(layers · 2^variants)); otherwise a
/// lower bound that ignores which sets are valid. Later layers that may be skipped and all that follows a possible exit
/// count nothing. Transfers and switches are not counted, so it is always a bound.
class BestCase {
 public:
  BestCase() = default;
  BestCase(const Network& network, const ValidSets& valid, bool with_variants);

  [[nodiscard]] Duration remaining(LayerIndex layer, VariantSet used) const {
    return Duration{table_[static_cast<std::size_t>(layer) * stride_ + (stride_ == 1 ? 0 : used)]};
  }

 private:
  void fill_chain(const Network& network, const ValidSets& valid);
  [[nodiscard]] Duration after_in_chain(const Network& network, std::size_t layer, std::size_t set) const;

  std::vector<Duration::rep> table_;
  std::size_t stride_ = 1; ///< sets per layer
};

namespace detail {

/// Mean over the accelerators that can run the option; kCannotRun if none can.
inline Duration mean_over_accelerators(const Network& network, const Platform& platform, OptionIndex option) {
  int128 sum = 0;
  int128 count = 0;
  for (const auto& accelerator : platform.accelerators) {
    const Duration d = network.latency_of(option, accelerator.type);
    if (d == kCannotRun) continue;
    sum += d.count();
    ++count;
  }
  return count == 0 ? kCannotRun : Duration{static_cast<Duration::rep>(sum / count)};
}

inline TypeIndex preferred_type(const Network& network, OptionIndex option) {
  TypeIndex best = 0;
  for (TypeIndex t = 1; t < network.type_count; ++t) {
    if (network.latency_of(option, t) < network.latency_of(option, best)) best = t;
  }
  return best;
}

} // namespace detail

inline std::vector<Duration> longest_tails(const Network& network, const std::vector<Duration>& durations) {
  std::vector<Duration> tails(network.layers.size());
  for (std::size_t l = network.layers.size(); l-- > 0;) {
    Duration after{0};
    for (const LayerIndex s : network.layers[l].successors) after = std::max(after, tails[s]);
    tails[l] = checked_add(durations[l], after);
  }
  return tails;
}

inline Duration longest_path(const Network& network, const std::vector<Duration>& durations) {
  const auto tails = longest_tails(network, durations);
  return tails.empty() ? Duration::zero() : *std::max_element(tails.begin(), tails.end());
}

inline NetworkEstimates estimate(const Network& network, const Platform& platform) {
  NetworkEstimates e;
  for (const auto& layer : network.layers) {
    const OptionIndex original = layer.first_option;
    e.fastest.push_back(network.fastest(original));
    e.mean.push_back(detail::mean_over_accelerators(network, platform, original));
    e.preferred.push_back(detail::preferred_type(network, original));
  }
  e.fastest_tail = longest_tails(network, e.fastest);
  e.mean_tail = longest_tails(network, e.mean);
  return e;
}

inline ValidSets::ValidSets(const Network& network, double theta) : accuracy_(&network.accuracy), theta_(theta) {
  constexpr std::size_t kMostTabulated = 12;
  const std::size_t variants = network.variant_names.size();
  if (variants > kMostTabulated) return;
  table_.resize(std::size_t{1} << variants);
  for (std::size_t set = 0; set < table_.size(); ++set) table_[set] = accuracy_->valid(set, theta) ? 1 : 0;
}

inline bool ValidSets::ask(VariantSet set) const { return accuracy_->valid(set, theta_); }

namespace detail {

/// Smallest latency of an option over types and groups.
inline Duration fastest_with_groups(const Network& network, OptionIndex option) {
  Duration best = network.fastest(option);
  if (network.group_latency.empty()) return best;
  const std::size_t columns = network.group_latency.size() / network.options.size();
  for (std::size_t c = 0; c < columns; ++c) best = std::min(best, network.group_latency[option * columns + c]);
  return best;
}

} // namespace detail

inline BestCase::BestCase(const Network& network, const ValidSets& valid, bool with_variants) {
  constexpr std::size_t kMostTabulated = 12;
  const std::size_t variants = network.variant_names.size();
  const bool exact = with_variants && network.chain && variants <= kMostTabulated;
  if (exact) {
    stride_ = std::size_t{1} << variants;
    fill_chain(network, valid);
    return;
  }
  std::vector<Duration> fastest;
  std::vector<Duration> later; // what a layer adds to those before it: nothing if it may be skipped
  for (const auto& layer : network.layers) {
    Duration best = detail::fastest_with_groups(network, layer.first_option);
    for (OptionIndex o = 1; with_variants && o < layer.option_count; ++o) {
      best = std::min(best, detail::fastest_with_groups(network, layer.first_option + o));
    }
    fastest.push_back(best);
    later.push_back(layer.skip_probability > 0.0 ? Duration::zero() : best);
  }
  std::vector<Duration> tails(network.layers.size());
  for (std::size_t l = network.layers.size(); l-- > 0;) {
    Duration after{0};
    const bool may_end = network.layers[l].exit_probability > 0.0;
    for (const LayerIndex s : network.layers[l].successors) after = may_end ? after : std::max(after, tails[s]);
    tails[l] = checked_add(later[l], after);
    table_.push_back(checked_add(fastest[l], after).count());
  }
  std::reverse(table_.begin(), table_.end());
}

/// Over layer and variant set, from the last layer to the first.
inline void BestCase::fill_chain(const Network& network, const ValidSets& valid) {
  table_.assign(network.layers.size() * stride_, 0);
  for (std::size_t l = network.layers.size(); l-- > 0;) {
    const Layer& layer = network.layers[l];
    for (std::size_t set = 0; set < stride_; ++set) {
      Duration best = kCannotRun;
      for (OptionIndex o = layer.first_option; o < layer.first_option + layer.option_count; ++o) {
        const std::size_t next = set | static_cast<std::size_t>(network.options[o].variants);
        const Duration here = detail::fastest_with_groups(network, o);
        if (here == kCannotRun || (next != set && !valid.valid(next))) continue;
        best = std::min(best, checked_add(here, after_in_chain(network, l, next)));
      }
      table_[l * stride_ + set] = best.count();
    }
  }
}

/// The least that follows a layer of a chain: nothing if the job may end there, and without layers that may be skipped.
inline Duration BestCase::after_in_chain(const Network& network, std::size_t layer, std::size_t set) const {
  if (network.layers[layer].exit_probability > 0.0) return Duration::zero();
  std::size_t next = layer + 1;
  while (next < network.layers.size() && network.layers[next].skip_probability > 0.0) {
    if (network.layers[next].exit_probability > 0.0) return Duration::zero();
    ++next;
  }
  return next < network.layers.size() ? Duration{table_[next * stride_ + set]} : Duration::zero();
}

} // namespace terastal
