#pragma once

#include <optional>
#include <string>

#include "io/columns.hpp"
#include "io/diagnostics.hpp"
#include "io/rows.hpp"
#include "io/value.hpp"
#include "terastal/model/shape.hpp"

namespace terastal::io {

/// A shape as it stands in a document.
struct ShapeRead {
  std::optional<LayerShape> shape; ///< nothing when none is given, or after an error
  bool broken = false;             ///< an error was reported
};

// Readers of shapes. `owner` names the layer or variant in messages. Dimensions that are left out get their defaults;
// what `shape_problem` finds is reported.

/// Of a row that may have the columns of `kShapeFields` and `op`.
[[nodiscard]] ShapeRead read_shape(const Row& row, const std::string& owner, Diagnostics& diagnostics);
/// Of an object with the keys `shape` and `op`.
[[nodiscard]] ShapeRead read_shape(const Value& object, const std::string& owner, Diagnostics& diagnostics);

/// Whether a table has columns of shapes.
[[nodiscard]] bool has_shapes(const Header& header);

/// The columns of shapes, to be added to those of a table.
void add_shape_columns(TableSpec& spec);

} // namespace terastal::io
