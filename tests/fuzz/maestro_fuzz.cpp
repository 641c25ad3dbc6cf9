// libFuzzer: whatever the bytes, the importer reads them or throws InputError, and what it reads survives writing.

#include <cstddef>
#include <cstdint>
#include <cstdlib> // abort
#include <sstream>
#include <string_view>

#include "terastal/import/maestro.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const terastal::Import& import : terastal::parse_maestro(text, "fuzzed.m")) {
      std::ostringstream out;
      const auto left_out = terastal::write_maestro(import.network, out);
      if (left_out.size() == import.network.layers.size()) continue;
      const auto again = terastal::parse_maestro(out.str(), "written.m");
      if (again.size() != 1 || again[0].network.layers.size() + left_out.size() != import.network.layers.size())
        std::abort();
    }
  } catch (const terastal::InputError&) {
  }
  return 0;
}
