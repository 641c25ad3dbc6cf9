#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <onnx/onnx_pb.h>

namespace terastal::from_onnx {

namespace proto = ::onnx;

/// Reads the model of a file. Of tensors it keeps the dimensions, and the data only where there is little of it: shapes
/// are computed from small tensors, never from weights. Texts for people and training information are left out.
///
/// Memory is bounded by limits on what is kept, whatever sizes the file claims. `source` stands for the file in
/// messages. \throws InputError
[[nodiscard]] proto::ModelProto read_model_file(const std::string& path, std::uint64_t largest_file);
[[nodiscard]] proto::ModelProto read_model_bytes(std::string_view bytes, const std::string& source,
                                                 std::uint64_t largest_file);

} // namespace terastal::from_onnx
