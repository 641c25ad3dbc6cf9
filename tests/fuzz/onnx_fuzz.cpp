// libFuzzer: whatever the bytes, the importer reads them or throws InputError. The first byte chooses options. Half of
// the changes are made to what well-formed bytes say, the rest to the bytes.

#include <algorithm> // copy_n
#include <cstddef>
#include <cstdint>
#include <cstdlib> // abort
#include <random>
#include <string_view>

#include "support/onnx_tree.hpp"
#include "terastal/import/onnx.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t largest);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t largest,
                                               unsigned seed) {
  if (size < 2 || seed % 2 == 0) return LLVMFuzzerMutate(data, size, largest);
  std::minstd_rand random(seed);
  terastal::testing::onnx::TreeMutator mutate(random);
  const std::string changed = mutate({reinterpret_cast<const char*>(data) + 1, size - 1});
  if (changed.size() + 1 > largest) return LLVMFuzzerMutate(data, size, largest);
  std::copy_n(changed.begin(), changed.size(), data + 1);
  return changed.size() + 1;
}

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
