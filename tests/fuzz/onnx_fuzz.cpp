// libFuzzer: whatever the bytes, the importer reads them or throws InputError. The first byte chooses options.

#include <cstddef>
#include <cstdint>
#include <cstdlib> // abort
#include <string_view>

#include "terastal/import/onnx.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  terastal::OnnxOptions options;
  options.fuse = (data[0] & 1U) == 0;
  options.keep_data_movement = (data[0] & 2U) != 0;
  try {
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const terastal::Import import = terastal::parse_onnx(bytes, "fuzzed.onnx", options);
    for (const terastal::Option& option : import.network.options) {
      if (!terastal::shape_problem(*option.shape).empty()) std::abort();
    }
  } catch (const terastal::InputError&) {
  }
  return 0;
}
