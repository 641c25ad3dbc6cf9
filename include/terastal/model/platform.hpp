#pragma once

#include <cmath>
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
};

/// One accelerator: runs one layer at a time.
struct Accelerator {
  std::string name;
  TypeIndex type = 0;
};

/// Cost of reading a layer's input from another accelerator.
struct Transfer {
  Duration latency{0};
  double bytes_per_second = 0.0; ///< 0: unlimited

  /// Time to move `bytes`, rounded to the nearest picosecond. \throws SimulationError on overflow of the clock.
  [[nodiscard]] Duration time(std::uint64_t bytes) const;
  [[nodiscard]] bool free() const { return latency == Duration::zero() && bytes_per_second == 0.0; }
};

/// The hardware: accelerator types, their instances in index order, and what moving between them costs.
struct Platform {
  std::string name;
  std::string description;
  std::string source; ///< where the figures come from
  std::vector<AcceleratorType> types;
  std::vector<Accelerator> accelerators;
  std::vector<Transfer> transfers; ///< `types × types`, row = from; empty when nothing costs anything

  [[nodiscard]] std::optional<TypeIndex> find_type(std::string_view type_name) const;
  /// Whether anything is added to latencies: transfers or model switches.
  [[nodiscard]] bool has_setup_costs() const;

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
