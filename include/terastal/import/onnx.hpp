#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "terastal/core/error.hpp"
#include "terastal/import/import.hpp"

namespace terastal {

/// How an ONNX model is read.
struct OnnxOptions {
  std::string name = {}; ///< of the network; empty: the file's name without its extension
  /// Value of the inputs' first dimension where it is symbolic or open; nothing: 1. Given although no input has such a
  /// dimension, it is an error. 1 to 2^31.
  std::optional<std::uint64_t> batch = std::nullopt;
  /// Values of other symbolic dimensions by name; a dimension without name is `INPUT.AXIS`, the axis counted from 0.
  /// What stands here goes before `batch`. Each 1 to 2^31.
  std::map<std::string, std::uint64_t> dims = {};
  /// Normalisation and activations that only one layer feeds become part of that layer, and changes of the number
  /// format become part of the data's way; otherwise they are layers.
  bool fuse = true;
  bool keep_data_movement = false; ///< what moves data without computing becomes an elementwise layer
  bool strict = false;             ///< operators that are not known are errors
  std::uint64_t largest_file = std::uint64_t{1} << 31; ///< bytes; a larger file is refused. At most 2^31
};

/// Whether this build reads ONNX; without, `import_onnx` throws.
[[nodiscard]] bool onnx_supported();

/// Reads an ONNX model: operators become layers with shapes, edges of the graph become predecessors. Weights are not
/// read, only their dimensions, so memory depends on the graph and not on the size of the file; weights in other files
/// need not be there.
///
/// Layers stand in topological order, operators in the file's order where the graph leaves a choice. Operators that are
/// not known, and those whose shapes are not, are listed in `unknown`, and dependencies pass through them. Which
/// operators are known, what is fused, and the limits: docs/importing.md. Source of the operators' meaning: the ONNX
/// operator specification, opsets 1 to 23.
/// \throws InputError with every problem found; Error when the library was built without ONNX.
[[nodiscard]] Import import_onnx(const std::string& path, const OnnxOptions& options = {});

/// The same for a model in memory; `name` stands for the file in messages and, without extension, for the network.
[[nodiscard]] Import parse_onnx(std::string_view bytes, const std::string& name, const OnnxOptions& options = {});

} // namespace terastal
