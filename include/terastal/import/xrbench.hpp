#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "terastal/core/error.hpp"
#include "terastal/import/import.hpp"
#include "terastal/import/padding.hpp"
#include "terastal/model/platform.hpp"

namespace terastal {

/// What a file of XRBench describes.
enum class XrbenchKind : std::uint8_t { scenario, platform };

/// Tells by the file's blocks: `Network` or `Accelerator`. \throws InputError for a file with neither or both.
[[nodiscard]] XrbenchKind xrbench_kind(const std::string& path);

/// How a usage scenario of XRBench is read.
struct XrbenchImportOptions {
  std::string name = {};     ///< of the scenario; empty: the file's name in lower case
  std::string networks = {}; ///< folder with our network files, which stand in for the file's layers; empty: none do
  Padding padding = Padding::valid; ///< of the file's layers
  bool strict = false;              ///< layer types that are not known are errors
};

/// A network of a usage scenario with when it runs.
struct XrbenchTask {
  std::string name;         ///< its role in XRBench, such as `hand_tracking`; for other networks their name
  std::string network;      ///< our name: XRBench's in lower case
  std::string network_file; ///< in the folder of network files; empty: among the scenario's own networks
  std::string rate;         ///< `45 fps`; of a cascade too, which does not use it
  std::string after;        ///< the task whose completion releases it; empty: released at its rate
  double probability = 1.0; ///< of a cascade
};

/// A usage scenario of XRBench in our terms.
struct XrbenchScenario {
  std::string name;
  std::string source_name; ///< the file's, without extension
  std::vector<XrbenchTask> tasks;
  std::vector<Import> networks; ///< of the file; empty when files stand in for them
  std::vector<std::string> notes;
};

/// Reads a usage scenario (`usage_scenarios/*.m`, `probability_sweep/*.m`): each `Network` is a task with its `FPS`, or
/// a cascade after its `Dependency` with its `Probability`. Late jobs are dropped and whole networks dispatched, as in
/// XRBench; where its code differs from our scenarios, workloads/README.md says.
/// \throws InputError with every problem found; what our scenarios cannot express is one: several dependencies, or a
/// probability below 1 without one.
[[nodiscard]] XrbenchScenario import_xrbench_scenario(const std::string& path,
                                                      const XrbenchImportOptions& options = {});

/// The scenario file. Paths are relative to the folder where it will stand; without own networks `network_folder` is
/// not used.
[[nodiscard]] std::string scenario_text(const XrbenchScenario& scenario, const std::string& platform_path,
                                        const std::string& network_folder);

/// A hardware configuration of XRBench in our terms.
struct XrbenchPlatform {
  Platform platform;
  std::vector<std::string> notes;
};

/// Reads a hardware configuration (`hw_configs/**/*.m`): each `Accelerator` with its `num_pes` and the bandwidth of its
/// network on chip, at XRBench's clock of 1 GHz, with the cost model `xrbench`.
///
/// The dataflow stands in another file: `dataflows` holds `ws`, `os` or `rs` for each accelerator, or one for all.
/// Types are called `ws_2k`, and so find the columns of the shipped tables, where PEs and bandwidth are those the
/// tables were made with (1K and 2K: 128 elements per cycle, 4K: 256); for others the bandwidth is part of the name.
/// \throws InputError with every problem found.
[[nodiscard]] XrbenchPlatform import_xrbench_platform(const std::string& path,
                                                      const std::vector<std::string>& dataflows,
                                                      const std::string& name = {});

/// The platform file.
[[nodiscard]] std::string platform_text(const XrbenchPlatform& platform);

/// `ws,os` or, as XRBench's file names have it, `WS_OS`. \throws InputError for other words, with what is allowed.
[[nodiscard]] std::vector<std::string> parse_dataflows(const std::string& text);

} // namespace terastal
