#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "terastal/experiment/metric_table.hpp"
#include "terastal/io/load.hpp"
#include "terastal/sched/registry.hpp"

namespace terastal {

/// Number of a cell of a sweep: its position in the full product of the axes, the last one varying fastest. Cells that
/// are left out keep theirs.
using CellIndex = std::uint64_t;

/// What a sweep varies.
struct SweepAxis {
  enum class Kind : std::uint8_t {
    scenario,       ///< which scenario
    policy,         ///< which policy, with settings
    seed,           ///< which replication: paired over everything else
    load,           ///< factor on all arrival rates
    setting,        ///< what `--set PATH` reaches in the scenario's document
    policy_setting, ///< a setting of every policy that declares it
  };
  std::string name;
  Kind kind = Kind::setting;
  std::string path = {}; ///< of a setting: its path; of a policy's setting: its name
  std::vector<std::string> values =
      {};                             ///< as texts, distinct, at least one; of a setting: YAML; of a policy: its label
  std::vector<Override> changes = {}; ///< of a setting: what each value does to the scenario; else empty
};

/// Cells that are left out: those whose value lies in the list, on every axis that is named.
struct SweepSkip {
  struct Condition {
    std::size_t axis = 0;
    std::vector<std::size_t> values; ///< indices into SweepAxis::values, ascending
  };
  std::vector<Condition> conditions; ///< in the order of the axes, each axis once; at least one
};

/// An experiment over a grid of scenarios, policies, settings and seeds, read from a file by `load_sweep`.
struct Sweep {
  std::string name;
  std::string description;
  std::string source;              ///< what it reproduces
  std::vector<SweepAxis> axes;     ///< scenario and policy among them, each kind but the settings at most once
  std::vector<SweepSkip> skips;    ///< also those that follow from policies without a policy_setting axis' setting
  std::vector<Override> overrides; ///< for the scenario of every cell, before those of the axes
  std::vector<std::string> scenario_files; ///< paths, one for each value of the scenario axis
  std::vector<Policy> policies;            ///< one for each value of the policy axis
  std::vector<const MetricInfo*> metrics;
  std::string path;              ///< of the file
  std::string resolved;          ///< the document after overrides, as JSON text
  std::vector<InputFile> inputs; ///< everything that its cells read, each once; paths are relative to the file's folder

  /// The axis of a kind; null without. Precondition: not one of the settings, of which there may be several.
  [[nodiscard]] const SweepAxis* axis(SweepAxis::Kind kind) const {
    for (const SweepAxis& a : axes) {
      if (a.kind == kind) return &a;
    }
    return nullptr;
  }
};

} // namespace terastal
