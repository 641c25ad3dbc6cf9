#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "terastal/model/network.hpp"
#include "terastal/model/platform.hpp"

namespace terastal {

/// How the columns of an accelerator type are written.
struct WrittenType {
  std::string name;           ///< in the columns' names; empty: the type is left out
  std::uint64_t clock_hz = 0; ///< columns whose times are whole cycles of it are written in cycles; else in ps
  std::vector<std::uint32_t> group_sizes{}; ///< of the platform's type: the columns of Network::group_latency
  bool fusion = false;                      ///< it fuses layers: the columns of Network::fusion_parts are written
};

/// A file under construction.
struct WrittenFile {
  std::string path;
  std::string text;
};

/// The types of a platform, as its tables name them.
[[nodiscard]] std::vector<WrittenType> written_types(const Platform& platform);

/// A network as files: `DIR/NAME.yaml` as given and, beside it, `NAME.csv` with the layers and, where the network has
/// them, `NAME_variants.csv`, `NAME_accuracy.csv` and `NAME_samples.csv`.
///
/// Numbers are exact: reading the files for a platform of these types gives the same network. Two things are not kept:
/// the `op` of a layer with a shape when it does not name the shape's kind, and types that are left out.
/// Precondition: as many entries of `types` as the network has types, or none.
/// \throws InputError for what files cannot hold: names that are empty, given twice, hold `|`, control characters or
/// blanks at an end; layers that were merged into pieces with variants.
[[nodiscard]] std::vector<WrittenFile> network_files(const Network& network, const std::string& yaml_path,
                                                     const std::vector<WrittenType>& types);

/// The layer table alone: shapes, latency and energy. \throws InputError as `network_files`.
[[nodiscard]] std::string layer_table_text(const Network& network, const std::vector<WrittenType>& types);
/// The variant table alone; a header without rows for a network without variants. \throws InputError likewise.
[[nodiscard]] std::string variant_table_text(const Network& network, const std::vector<WrittenType>& types);

/// What to do about files that exist.
enum class Existing : std::uint8_t { keep, replace };

/// Writes files, making folders as needed. Nothing is written if one of them exists and must be kept.
/// \throws Error naming the file that exists or cannot be written.
void write_files(const std::vector<WrittenFile>& files, Existing existing = Existing::keep);

/// `network_files` and `write_files`. \returns the paths.
std::vector<std::string> write_network(const Network& network, const std::string& yaml_path,
                                       const std::vector<WrittenType>& types = {}, Existing existing = Existing::keep);

} // namespace terastal
