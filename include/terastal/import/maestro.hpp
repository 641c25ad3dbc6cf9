#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "terastal/core/error.hpp"
#include "terastal/import/import.hpp"
#include "terastal/import/padding.hpp"

namespace terastal {

/// How a MAESTRO description is read.
struct MaestroOptions {
  Padding padding = Padding::valid; ///< MAESTRO's meaning of Y and X is `valid`
  bool strict = false;              ///< layer types that are not known are errors
  std::string network = {};         ///< only the network of this name; empty: all of the file
};

/// Reads a MAESTRO description (`.m`): each `Network` of the file as a chain of layers in file order.
///
/// Types: `CONV`, `DSCONV`, `TRCONV`, `NGCONV`, `GEMM`, `BMM` as MAESTRO has them; `CONV2D`, `PWCONV`, `DWCONV`, `FC`,
/// `GEMV`, `POOL` by our reading. A layer of another type stays, without shape, and is listed in `unknown`. Data flows,
/// accelerators and XRBench's `FPS`, `Probability` and `Dependency` are checked for form and left out, with a note.
/// Source of the grammar: maestro-project/maestro, DFSL_parser.hpp; its shapes and their meaning: docs/importing.md.
/// \throws InputError with every problem found.
[[nodiscard]] std::vector<Import> import_maestro(const std::string& path, const MaestroOptions& options = {});

/// The same for a text; `name` stands for the file in messages.
[[nodiscard]] std::vector<Import> parse_maestro(std::string_view text, const std::string& name,
                                                const MaestroOptions& options = {});

/// Writes the layers as a MAESTRO `Network` without data flows, with valid convolutions: where Y and X leave padding
/// out they grow by it, and characters that MAESTRO does not take in a name become `_`. Reading it back gives the same
/// shapes for networks that came from such a file. \returns the names of layers that its letters cannot express (those
/// without a shape, elementwise ones, grouped transposed ones); they are comments in what is written.
std::vector<std::string> write_maestro(const Network& network, std::ostream& out);

} // namespace terastal
