#pragma once

#include <algorithm> // any_of, lower_bound
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility> // pair
#include <vector>

#include "terastal/core/time.hpp"

namespace terastal {

using AcceleratorIndex = std::uint32_t;
using TypeIndex = std::uint32_t;

/// What an accelerator is; shown in reports, no effect on the simulation.
enum class AcceleratorKind : std::uint8_t { cpu, gpu, npu, tpu, dsp, fpga, other };

/// Cost of moving data: reading a layer's input from another accelerator, saving or restoring a layer's state.
struct Transfer {
  Duration latency{0};
  double bytes_per_second = 0.0; ///< 0: unlimited

  /// Time to move `bytes`, rounded to the nearest picosecond. \throws SimulationError on overflow of the clock.
  [[nodiscard]] Duration time(std::uint64_t bytes) const;
  [[nodiscard]] bool free() const { return latency == Duration::zero() && bytes_per_second == 0.0; }
};

/// Preemption inside a layer. Every layer consists of `tiles` equal parts on the type; a layer that is told to stop
/// runs to the end of a part. Saving its state then occupies the accelerator, restoring it adds to the set-up when the
/// layer goes on; both cost what moving the layer's output bytes costs (our reading of the live activations).
struct Preemption {
  std::uint32_t tiles = 1; ///< 1: only by killing the layer, which loses what it has done
  Transfer context{};
};

/// Fusion: two layers of different jobs may share an accelerator of the type, one computing while the other waits for
/// memory; see SystemView::fused_latency.
struct Fusion {
  Duration overhead{0}; ///< added to the time of every pair
};

/// A cost model by name, with the settings given for it, as texts; see the cost models' registry.
struct CostModelChoice {
  std::string id; ///< empty: none; latencies come from tables alone
  std::vector<std::pair<std::string, std::string>> settings;
};

/// A kind of accelerator that latency tables name. Accelerators of one type are interchangeable.
struct AcceleratorType {
  std::string name;
  AcceleratorKind kind = AcceleratorKind::other;
  std::string dataflow;       ///< e.g. `weight-stationary`; information only
  std::uint64_t pes = 0;      ///< processing elements; 0: not given; for the cost model
  std::uint64_t clock_hz = 0; ///< turns cycles into time; 0: not given, tables in cycles are refused; for the model too
  Duration model_switch{0};   ///< added before a layer when the accelerator last ran another task
  CostModelChoice cost{};     ///< gives latency and energy of layers whose table has no column for this type
  std::optional<Preemption> preemption = std::nullopt; ///< nothing: a layer that started runs to its end
  std::optional<Fusion> fusion = std::nullopt;         ///< nothing: one layer at a time
  std::vector<std::uint32_t> group_sizes{}; ///< ascending, above 1: numbers of accelerators that may share one layer
  double context_energy_pj = 0.0; ///< per byte moved when another job's layer follows: its input and the output before
};

/// One accelerator: runs one layer at a time, or a fused pair.
struct Accelerator {
  std::string name;
  TypeIndex type = 0;
};

/// The hardware: accelerator types, their instances in index order, and what moving between them costs.
struct Platform {
  std::string name;
  std::string description;
  std::string source; ///< where the figures come from
  std::vector<AcceleratorType> types;
  std::vector<Accelerator> accelerators;
  std::vector<Transfer> transfers; ///< `types × types`, row = from; empty when nothing costs anything
  double memory_bytes_per_second =
      0.0; ///< shared by all accelerators; 0: every layer has the traffic its table assumes

  [[nodiscard]] std::optional<TypeIndex> find_type(std::string_view type_name) const;
  /// Whether anything is added to latencies: transfers or model switches.
  [[nodiscard]] bool has_setup_costs() const;
  /// Whether it has preemption, groups, fusion, context energy or a shared memory.
  [[nodiscard]] bool has_extensions() const;
  /// Position of a group of `size` accelerators of a type among the columns of Network::group_latency: all sizes of the
  /// first type, then those of the next. Precondition: the type has groups of that size.
  [[nodiscard]] std::size_t group_column(TypeIndex type, std::uint32_t size) const;
  /// Columns of Network::group_latency.
  [[nodiscard]] std::size_t group_columns() const;
  /// Type and size of each column of Network::group_latency.
  [[nodiscard]] std::vector<std::pair<TypeIndex, std::uint32_t>> groups() const;

  /// Cost of moving from one accelerator type to another (free when none is given).
  [[nodiscard]] Transfer transfer(TypeIndex from, TypeIndex to) const {
    return transfers.empty() ? Transfer{} : transfers[from * types.size() + to];
  }
};

inline Duration Transfer::time(std::uint64_t bytes) const {
  if (bytes_per_second == 0.0) return latency;
  const double ps = std::round(static_cast<double>(bytes) / bytes_per_second * 1e12);
  if (!(ps < 9.2e18)) throw_time_overflow();
  return checked_add(latency, Duration{static_cast<Duration::rep>(ps)});
}

inline std::optional<TypeIndex> Platform::find_type(std::string_view type_name) const {
  for (TypeIndex i = 0; i < types.size(); ++i) {
    if (types[i].name == type_name) return i;
  }
  return std::nullopt;
}

inline bool Platform::has_setup_costs() const {
  for (const auto& t : types) {
    if (t.model_switch > Duration::zero()) return true;
  }
  for (const auto& t : transfers) {
    if (!t.free()) return true;
  }
  return false;
}

inline bool Platform::has_extensions() const {
  const auto extended = [](const AcceleratorType& t) {
    return t.preemption || !t.group_sizes.empty() || t.fusion || t.context_energy_pj > 0.0;
  };
  return memory_bytes_per_second > 0.0 || std::any_of(types.begin(), types.end(), extended);
}

inline std::size_t Platform::group_column(TypeIndex type, std::uint32_t size) const {
  std::size_t column = 0;
  for (TypeIndex t = 0; t < type; ++t) column += types[t].group_sizes.size();
  const auto& sizes = types[type].group_sizes;
  return column + static_cast<std::size_t>(std::lower_bound(sizes.begin(), sizes.end(), size) - sizes.begin());
}

inline std::vector<std::pair<TypeIndex, std::uint32_t>> Platform::groups() const {
  std::vector<std::pair<TypeIndex, std::uint32_t>> result;
  for (TypeIndex t = 0; t < types.size(); ++t) {
    for (const std::uint32_t size : types[t].group_sizes) result.emplace_back(t, size);
  }
  return result;
}

inline std::size_t Platform::group_columns() const {
  std::size_t columns = 0;
  for (const auto& t : types) columns += t.group_sizes.size();
  return columns;
}

/// The name of a kind as files write it.
[[nodiscard]] constexpr const char* to_string(AcceleratorKind kind) {
  switch (kind) {
  case AcceleratorKind::cpu:
    return "cpu";
  case AcceleratorKind::gpu:
    return "gpu";
  case AcceleratorKind::npu:
    return "npu";
  case AcceleratorKind::tpu:
    return "tpu";
  case AcceleratorKind::dsp:
    return "dsp";
  case AcceleratorKind::fpga:
    return "fpga";
  case AcceleratorKind::other:
    break;
  }
  return "other";
}

} // namespace terastal
