#pragma once

#include <cstdint>
#include <string_view>

#include "import/onnx_rules.hpp"

namespace terastal::from_onnx {

/// What an operator is for the network.
enum class Role : std::uint8_t {
  layer,     ///< becomes a layer
  pointwise, ///< becomes a layer; behind one with weights it may become part of that
  format,    ///< changes the number format: like pointwise where layers are not fused, else passes data on
  move,      ///< moves data without computing: passes data on unless asked to keep it
  view,      ///< passes data on
  listed,    ///< its sizes are known, its work is not: listed with the operators that are not known
};

/// An operator that the importer knows.
struct Operator {
  std::string_view name;
  Role role;
  InferRule infer;
  DescribeRule describe; ///< null: never a layer
  FoldRule fold;         ///< null: constants are not computed
};

/// The operator of a name; null when it is not known. Names of other domains than ONNX's carry it:
/// `com.microsoft::Gelu`.
[[nodiscard]] const Operator* find_operator(std::string_view name);

} // namespace terastal::from_onnx
