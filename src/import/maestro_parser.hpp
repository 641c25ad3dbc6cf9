#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "import/maestro_lexer.hpp"
#include "io/diagnostics.hpp"
#include "io/files.hpp"

namespace terastal::maestro {

/// `K: 64`: a dimension and its size, a literal or a constant's.
struct Size {
  Word dimension;
  std::uint64_t value = 1;
};

/// `Layer NAME { Type: … Stride { … } Dimensions { … } Dataflow { … } }`
struct LayerBlock {
  Word name;                ///< empty text: without a name; the position is that of `Layer` then
  std::optional<Word> type; ///< there is one after parsing without errors
  std::vector<Size> dimensions;
  std::vector<Size> strides;
  bool dataflow = false;
};

/// `Network NAME { … }` with its layers and, in XRBench's scenarios, `FPS`, `Probability` and `Dependency`.
struct NetworkBlock {
  Word name; ///< as above
  std::vector<LayerBlock> layers;
  std::optional<Word> fps;
  std::optional<Word> probability;
  std::vector<Word> dependencies;
};

/// `num_pes: 1024` of an accelerator.
struct Entry {
  Word key;
  Word value;
};

/// `Accelerator NAME { … }`: XRBench's list of entries. Blocks within it, as MAESTRO has them, are passed over.
struct AcceleratorBlock {
  Word name;
  std::vector<Entry> entries;
  bool nested = false; ///< it held blocks
};

/// A description as it stands in a file.
struct Document {
  std::vector<NetworkBlock> networks;
  std::vector<AcceleratorBlock> accelerators;
  std::size_t dataflows = 0; ///< outside layers, as in XRBench's dataflow files
};

/// Reads a description. Every error is reported; what is broken is left out. Views into the file's text.
[[nodiscard]] Document parse(const io::File& file, io::Diagnostics& diagnostics);

} // namespace terastal::maestro
