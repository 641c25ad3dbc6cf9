#include "import/onnx_value.hpp"

#include <algorithm> // clamp
#include <bit>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "import/onnx_problems.hpp"
#include "terastal/core/int128.hpp"
#include "terastal/model/shape.hpp"

namespace terastal::from_onnx {
namespace {

using Proto = proto::TensorProto;

/// Elements of little-endian bytes.
template <typename Number, typename Bits>
std::optional<std::vector<double>> from_bytes(const std::string& bytes) {
  static_assert(sizeof(Number) == sizeof(Bits));
  if (bytes.size() % sizeof(Bits) != 0) return std::nullopt;
  std::vector<double> result;
  for (std::size_t start = 0; start < bytes.size(); start += sizeof(Bits)) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < sizeof(Bits); ++i) {
      bits |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[start + i])) << 8U * i;
    }
    result.push_back(static_cast<double>(std::bit_cast<Number>(static_cast<Bits>(bits))));
  }
  return result;
}

std::optional<std::vector<double>> from_raw(std::int32_t type, const std::string& bytes) {
  switch (type) {
  case Proto::INT64:
    return from_bytes<std::int64_t, std::uint64_t>(bytes);
  case Proto::INT32:
    return from_bytes<std::int32_t, std::uint32_t>(bytes);
  case Proto::INT8:
    return from_bytes<std::int8_t, std::uint8_t>(bytes);
  case Proto::UINT8:
  case Proto::BOOL:
    return from_bytes<std::uint8_t, std::uint8_t>(bytes);
  case Proto::FLOAT:
    return from_bytes<float, std::uint32_t>(bytes);
  case Proto::DOUBLE:
    return from_bytes<double, std::uint64_t>(bytes);
  default:
    return std::nullopt; // no sizes are given in other types
  }
}

template <typename Field>
std::vector<double> from_field(const Field& field) {
  std::vector<double> result;
  for (const auto number : field) result.push_back(static_cast<double>(number));
  return result;
}

std::optional<std::vector<double>> from_fields(const Proto& tensor) {
  switch (tensor.data_type()) {
  case Proto::INT64:
    return from_field(tensor.int64_data());
  case Proto::INT32:
  case Proto::INT8:
  case Proto::UINT8:
  case Proto::BOOL:
    return from_field(tensor.int32_data());
  case Proto::FLOAT:
    return from_field(tensor.float_data());
  case Proto::DOUBLE:
    return from_field(tensor.double_data());
  default:
    return std::nullopt;
  }
}

/// The data of a tensor of `count` elements, where they were kept.
std::optional<std::vector<double>> data_of(const Proto& tensor, std::int64_t count) {
  if (count > kMostElements || tensor.data_location() == Proto::EXTERNAL) return std::nullopt;
  auto data = tensor.has_raw_data() ? from_raw(tensor.data_type(), tensor.raw_data()) : from_fields(tensor);
  if (!data || static_cast<std::int64_t>(data->size()) == count) return data;
  if (data->empty()) return std::nullopt; // left out when reading, or by a tool that strips weights
  throw NodeProblem(fmt::format("{} elements of data for a tensor of {}", data->size(), count));
}

} // namespace

std::int64_t element_count(const Dims& dims) {
  std::int64_t count = 1;
  for (const std::int64_t size : dims) count *= size;
  return count;
}

void check_dims(const Dims& dims) {
  constexpr std::size_t most = 32;
  constexpr uint128 most_elements = uint128{1} << 53U;
  if (dims.size() > most)
    throw NodeProblem(fmt::format("a tensor of {} dimensions; allowed are {}", dims.size(), most));
  uint128 count = 1;
  for (const std::int64_t size : dims) {
    if (size < 0) throw NodeProblem(fmt::format("a tensor of negative size: {}", shown(dims)));
    if (static_cast<std::uint64_t>(size) > kLargestDimension) {
      throw NodeProblem(fmt::format("a dimension beyond 2^31: {}", shown(dims)));
    }
    // Sizes of 0 do not hide a product that is computed elsewhere without them.
    if (size > 0) count *= static_cast<std::uint64_t>(size);
    if (count > most_elements) throw NodeProblem(fmt::format("a tensor of more than 2^53 elements: {}", shown(dims)));
  }
}

std::string shown(const Dims& dims) { return dims.empty() ? "scalar" : fmt::format("{}", fmt::join(dims, "×")); }

std::optional<std::int64_t> whole(double number) {
  constexpr double largest = 4611686018427387904.0; // 2^62
  if (!std::isfinite(number) || std::trunc(number) != number) return std::nullopt;
  return static_cast<std::int64_t>(std::clamp(number, -largest, largest));
}

Value value_of(const Proto& tensor) {
  Value value{tensor.name(), Dims(tensor.dims().begin(), tensor.dims().end()), tensor.data_type(), true, {}};
  check_dims(*value.dims);
  value.data = data_of(tensor, element_count(*value.dims));
  return value;
}

Value value_of(const proto::SparseTensorProto& tensor) {
  Value value{
      tensor.values().name(), Dims(tensor.dims().begin(), tensor.dims().end()), tensor.values().data_type(), true, {}};
  check_dims(*value.dims);
  return value;
}

bool is_integer_type(std::int32_t type) {
  switch (type) {
  case Proto::INT64:
  case Proto::INT32:
  case Proto::INT16:
  case Proto::INT8:
  case Proto::UINT64:
  case Proto::UINT32:
  case Proto::UINT16:
  case Proto::UINT8:
    return true;
  default:
    return false;
  }
}

} // namespace terastal::from_onnx
