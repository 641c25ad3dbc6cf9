#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "import/maestro_parser.hpp"
#include "import/notes.hpp"
#include "terastal/import/maestro.hpp"
#include "terastal/model/shape.hpp"

namespace terastal::maestro {

/// Whether shapes can be made of layers of this type.
[[nodiscard]] bool known_type(std::string_view type);

/// The types that are known, for messages.
[[nodiscard]] std::string known_types();

/// The shape of a layer of a known type, or nothing after reporting what is wrong with it. `name` is the layer's in
/// notes.
[[nodiscard]] std::optional<LayerShape> shape_of(const LayerBlock& layer, std::string_view name, Padding padding,
                                                 Notes& notes, io::Diagnostics& diagnostics);

} // namespace terastal::maestro
