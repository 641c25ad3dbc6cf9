#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "terastal/experiment/schedulability.hpp"
#include "terastal/experiment/throughput.hpp"
#include "terastal/io/load_sweep.hpp"
#include "terastal/reproduce/claim.hpp"
#include "terastal/reproduce/samples.hpp"
#include "terastal/sweep/sweep.hpp"

namespace terastal {

/// Latency-bounded throughput of scenarios under policies; each replication is a search of its own.
struct ThroughputExperiment {
  std::vector<std::string> scenario_files;
  std::vector<Scenario> scenarios;
  std::vector<Policy> policies;
  ThroughputOptions options; ///< `replications` counts searches, with consecutive seeds from 1
};

/// The share of random task sets that methods schedule; a batch of sets with a seed of its own is a replication.
struct SchedulabilityExperiment {
  std::string scenario_file;
  Scenario pool;
  std::vector<SchedulabilityMethod> methods;
  SchedulabilityOptions options; ///< `sets`: of each utilisation in one batch
  std::size_t batches = 1;
};

/// What is run for a paper.
struct Experiment {
  enum class Kind : std::uint8_t { sweep, throughput, schedulability };
  std::string name;
  Kind kind = Kind::sweep;
  Sweep sweep;                             ///< of a sweep
  ThroughputExperiment throughput;         ///< of a throughput
  SchedulabilityExperiment schedulability; ///< of a schedulability
  ExperimentTable shape;                   ///< what its samples are like; without samples
};

/// A chart of means, or of the accuracy that sets of layer variants keep.
struct Figure {
  enum class Kind : std::uint8_t { bars, lines, dots, variant_sets };
  std::string id;
  std::string title;
  Kind kind = Kind::bars;
  std::vector<std::string> from; ///< experiments
  std::string x;                 ///< axis of the categories
  std::string series;            ///< axis of the colours; empty: one
  std::string measure;
  SampleFilter where;
  Averaging over = Averaging::mean;
  std::string note;
  std::vector<std::string> networks; ///< of variant_sets: files
};

/// Another condition under which claims are looked at: all, or one, of those whose measure its experiments have.
struct SensitivitySetting {
  std::string group; ///< what is open
  std::string label; ///< how it is read
  std::vector<std::string> from;
  SampleFilter where;            ///< beside the claim's
  std::string claim;             ///< the only one; empty: all
  std::string policy;            ///< instead of the claim's
  std::string against;           ///< instead of the claim's
  std::string measure;           ///< instead of the claim's
  std::optional<Averaging> over; ///< instead of the claim's
};

/// What a paper says beyond the claims, and why it is not among them.
struct OtherClaim {
  std::string says;
  std::string why;
};

/// A paper: what is run for it, drawn and compared. Read from a file by `load_reproduction`.
struct Reproduction {
  std::string name;
  std::string title;
  std::string about; ///< what is known of the paper, and what is reconstructed
  std::vector<Experiment> experiments;
  std::vector<Figure> figures;
  std::vector<Claim> claims;
  std::vector<std::string> sensitive; ///< ids of claims
  std::vector<SensitivitySetting> sensitivity;
  std::vector<OtherClaim> not_compared;
  std::string path; ///< of the file

  /// The experiments' tables, in their order. Precondition: the names are known.
  [[nodiscard]] const Experiment& experiment(const std::string& name) const;
  [[nodiscard]] const Claim& claim(const std::string& id) const;
  /// Whether a claim is looked at under a setting.
  [[nodiscard]] bool varies(const SensitivitySetting& setting, const Claim& claim) const;
};

/// Reads a reproduction and its sweeps. `quick` makes everything short, as the file says. \throws InputError with every
/// problem found.
[[nodiscard]] Reproduction load_reproduction(const std::string& path, bool quick, const SweepContext& context = {});

} // namespace terastal
