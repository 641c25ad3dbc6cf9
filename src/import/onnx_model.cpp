#include "import/onnx_model.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm> // min
#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstring>

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <google/protobuf/stubs/logging.h>

#include "terastal/core/error.hpp"

namespace terastal::from_onnx {
namespace {

using google::protobuf::io::CodedInputStream;

constexpr std::size_t kMostBytes = std::size_t{128} << 20U; ///< kept of one file
constexpr std::size_t kMostFields = 4'000'000;              ///< kept of one file; a field takes up to 250 bytes here
constexpr std::size_t kMostNodes = 300'000;                 ///< of one file
constexpr std::uint32_t kMostData = 8U << 10U;              ///< kept of one tensor
constexpr int kDeepest = 64;                                ///< levels of messages

/// The messages that are looked into; what lies in others is taken as a whole.
enum class Kind : std::uint8_t {
  model,
  graph,
  node,
  attribute,
  tensor,
  sparse_tensor,
  value,
  type,
  tensor_type,
  tensor_shape,
  other
};

enum class Action : std::uint8_t {
  enter,   ///< a message to look into
  drop,    ///< not needed
  data,    ///< of a tensor: kept when small
  numbers, ///< packed numbers, at most one for each byte
};

struct Field {
  Kind message;
  int number;
  Action action;
  Kind entered = Kind::other;
};

/// Fields that are not just copied. Numbers: onnx.proto of the ONNX repository.
constexpr std::array kFields = {
    Field{Kind::model, proto::ModelProto::kGraphFieldNumber, Action::enter, Kind::graph},
    Field{Kind::model, proto::ModelProto::kDocStringFieldNumber, Action::drop},
    Field{Kind::model, proto::ModelProto::kMetadataPropsFieldNumber, Action::drop},
    Field{Kind::model, proto::ModelProto::kTrainingInfoFieldNumber, Action::drop},
    Field{Kind::model, proto::ModelProto::kFunctionsFieldNumber, Action::drop},
    Field{Kind::graph, proto::GraphProto::kNodeFieldNumber, Action::enter, Kind::node},
    Field{Kind::graph, proto::GraphProto::kInitializerFieldNumber, Action::enter, Kind::tensor},
    Field{Kind::graph, proto::GraphProto::kSparseInitializerFieldNumber, Action::enter, Kind::sparse_tensor},
    Field{Kind::graph, proto::GraphProto::kInputFieldNumber, Action::enter, Kind::value},
    Field{Kind::graph, proto::GraphProto::kOutputFieldNumber, Action::enter, Kind::value},
    Field{Kind::graph, proto::GraphProto::kValueInfoFieldNumber, Action::enter, Kind::value},
    Field{Kind::graph, proto::GraphProto::kDocStringFieldNumber, Action::drop},
    Field{Kind::graph, proto::GraphProto::kQuantizationAnnotationFieldNumber, Action::drop},
    Field{Kind::node, proto::NodeProto::kAttributeFieldNumber, Action::enter, Kind::attribute},
    Field{Kind::node, proto::NodeProto::kDocStringFieldNumber, Action::drop},
    Field{Kind::attribute, proto::AttributeProto::kTFieldNumber, Action::enter, Kind::tensor},
    Field{Kind::attribute, proto::AttributeProto::kGFieldNumber, Action::enter, Kind::graph},
    Field{Kind::attribute, proto::AttributeProto::kSparseTensorFieldNumber, Action::enter, Kind::sparse_tensor},
    Field{Kind::attribute, proto::AttributeProto::kTpFieldNumber, Action::drop},
    Field{Kind::attribute, proto::AttributeProto::kTensorsFieldNumber, Action::enter, Kind::tensor},
    Field{Kind::attribute, proto::AttributeProto::kGraphsFieldNumber, Action::enter, Kind::graph},
    Field{Kind::attribute, proto::AttributeProto::kSparseTensorsFieldNumber, Action::enter, Kind::sparse_tensor},
    Field{Kind::attribute, proto::AttributeProto::kTypeProtosFieldNumber, Action::drop},
    Field{Kind::attribute, proto::AttributeProto::kFloatsFieldNumber, Action::numbers},
    Field{Kind::attribute, proto::AttributeProto::kIntsFieldNumber, Action::numbers},
    Field{Kind::attribute, proto::AttributeProto::kDocStringFieldNumber, Action::drop},
    Field{Kind::tensor, proto::TensorProto::kDimsFieldNumber, Action::numbers},
    Field{Kind::tensor, proto::TensorProto::kFloatDataFieldNumber, Action::data},
    Field{Kind::tensor, proto::TensorProto::kInt32DataFieldNumber, Action::data},
    Field{Kind::tensor, proto::TensorProto::kStringDataFieldNumber, Action::drop},
    Field{Kind::tensor, proto::TensorProto::kInt64DataFieldNumber, Action::data},
    Field{Kind::tensor, proto::TensorProto::kRawDataFieldNumber, Action::data},
    Field{Kind::tensor, proto::TensorProto::kDoubleDataFieldNumber, Action::data},
    Field{Kind::tensor, proto::TensorProto::kUint64DataFieldNumber, Action::data},
    Field{Kind::tensor, proto::TensorProto::kDocStringFieldNumber, Action::drop},
    Field{Kind::tensor, proto::TensorProto::kExternalDataFieldNumber, Action::drop},
    Field{Kind::sparse_tensor, proto::SparseTensorProto::kValuesFieldNumber, Action::enter, Kind::tensor},
    Field{Kind::sparse_tensor, proto::SparseTensorProto::kIndicesFieldNumber, Action::drop},
    Field{Kind::sparse_tensor, proto::SparseTensorProto::kDimsFieldNumber, Action::numbers},
    Field{Kind::value, proto::ValueInfoProto::kTypeFieldNumber, Action::enter, Kind::type},
    Field{Kind::value, proto::ValueInfoProto::kDocStringFieldNumber, Action::drop},
    Field{Kind::type, proto::TypeProto::kTensorTypeFieldNumber, Action::enter, Kind::tensor_type},
    Field{Kind::type, proto::TypeProto::kSequenceTypeFieldNumber, Action::drop},
    Field{Kind::type, proto::TypeProto::kMapTypeFieldNumber, Action::drop},
    Field{Kind::type, proto::TypeProto::kOptionalTypeFieldNumber, Action::drop},
    Field{Kind::type, proto::TypeProto::kSparseTensorTypeFieldNumber, Action::drop},
    Field{Kind::tensor_type, proto::TypeProto_Tensor::kShapeFieldNumber, Action::enter, Kind::tensor_shape},
};

const Field* find_field(Kind message, int number) {
  for (const Field& field : kFields) {
    if (field.message == message && field.number == number) return &field;
  }
  return nullptr;
}

void append_varint(std::string& out, std::uint64_t value) {
  constexpr std::uint64_t more = 0x80;
  for (; value >= more; value >>= 7U) out += static_cast<char>(value | more);
  out += static_cast<char>(value);
}

/// Copies a model in protobuf's wire format without the fields that are not needed.
class Filter {
 public:
  Filter(CodedInputStream& in, std::string source) : in_(in), source_(std::move(source)) {}

  [[nodiscard]] std::string model() {
    std::string out;
    copy_message(Kind::model, out, 0);
    return out;
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw InputError(
        {{source_, 0, 0, fmt::format("not an ONNX model, or damaged: {} at byte {}", why, in_.CurrentPosition())}});
  }

  void keep(std::size_t bytes, std::size_t fields) {
    bytes_ += bytes;
    fields_ += fields;
    if (bytes_ > kMostBytes) too_large(fmt::format("{} MiB without the weights", kMostBytes >> 20U));
    if (fields_ > kMostFields) too_large(fmt::format("{} fields", kMostFields));
  }

  [[noreturn]] void too_large(const std::string& limit) const {
    throw InputError({{source_, 0, 0, fmt::format("the graph is too large: more than {}", limit)}});
  }

  void copy_message(Kind kind, std::string& out, int depth) {
    if (depth > kDeepest) fail(fmt::format("messages nested deeper than {}", kDeepest));
    while (const std::uint32_t tag = in_.ReadTag()) copy_field(kind, tag, out, depth);
    if (!in_.ConsumedEntireMessage()) fail("a broken field");
  }

  void copy_field(Kind kind, std::uint32_t tag, std::string& out, int depth) {
    constexpr std::size_t largest_scalar = 10;
    const auto number = static_cast<int>(tag >> 3U);
    if (number == 0) fail("a field of number 0");
    if ((tag & 7U) == 2U) return copy_block(find_field(kind, number), tag, out, depth);
    keep(largest_scalar, 1);
    append_varint(out, tag);
    copy_scalar(tag & 7U, out);
  }

  void copy_scalar(std::uint32_t wire_type, std::string& out) {
    std::uint64_t varint = 0;
    constexpr std::uint32_t fixed64 = 1;
    constexpr std::uint32_t fixed32 = 5;
    if (wire_type == 0 && in_.ReadVarint64(&varint)) return append_varint(out, varint);
    if (wire_type == fixed64) return copy_bytes(sizeof(std::uint64_t), out);
    if (wire_type == fixed32) return copy_bytes(sizeof(std::uint32_t), out);
    fail("a broken field");
  }

  void copy_bytes(std::size_t count, std::string& out) {
    std::array<char, sizeof(std::uint64_t)> bytes{};
    if (!in_.ReadRaw(bytes.data(), static_cast<int>(count))) fail("the end");
    out.append(bytes.data(), count);
  }

  /// A field with a length.
  void copy_block(const Field* field, std::uint32_t tag, std::string& out, int depth) {
    std::uint32_t size = 0;
    if (!in_.ReadVarint32(&size)) fail("a broken length");
    const auto left = static_cast<std::uint32_t>(in_.BytesUntilLimit());
    if (size > left) fail(fmt::format("a field of {} bytes where {} are left,", size, left));
    const bool large_data = field != nullptr && field->action == Action::data && size > kMostData;
    if (large_data || (field != nullptr && field->action == Action::drop)) return skip(size);
    if (field != nullptr && field->action == Action::enter) return enter(field->entered, tag, size, out, depth);
    const bool numbers = field != nullptr && field->action == Action::numbers;
    keep(size, numbers ? size : 1);
    std::string bytes;
    if (!in_.ReadString(&bytes, static_cast<int>(size))) fail("the end");
    append_block(tag, bytes, out);
  }

  void skip(std::uint32_t size) {
    if (!in_.Skip(static_cast<int>(size))) fail("the end");
  }

  void enter(Kind kind, std::uint32_t tag, std::uint32_t size, std::string& out, int depth) {
    constexpr std::size_t header = 10; // of a message: tag and length
    keep(header, 1);
    nodes_ += kind == Kind::node ? 1 : 0;
    if (nodes_ > kMostNodes) too_large(fmt::format("{} operators", kMostNodes));
    const auto limit = in_.PushLimit(static_cast<int>(size));
    std::string inner;
    copy_message(kind, inner, depth + 1);
    in_.PopLimit(limit);
    append_block(tag, inner, out);
  }

  static void append_block(std::uint32_t tag, const std::string& bytes, std::string& out) {
    append_varint(out, tag);
    append_varint(out, bytes.size());
    out += bytes;
  }

  CodedInputStream& in_;
  std::string source_;
  std::size_t bytes_ = 0;
  std::size_t fields_ = 0;
  std::size_t nodes_ = 0;
};

[[noreturn]] void fail(const std::string& source, const std::string& why) { throw InputError({{source, 0, 0, why}}); }

void check_size(const std::string& source, std::uint64_t size, std::uint64_t largest_file) {
  if (size == 0) fail(source, "the file is empty");
  const std::uint64_t largest = std::min<std::uint64_t>(largest_file, INT_MAX); // a limit of the format
  if (size <= largest) return;
  fail(source, fmt::format("the file has {} bytes, allowed are {}; export it with the weights in a file of their own",
                           size, largest));
}

proto::ModelProto read(google::protobuf::io::ZeroCopyInputStream& stream, std::uint64_t size,
                       const std::string& source) {
  const google::protobuf::LogSilencer silent; // protobuf would print what is thrown here
  CodedInputStream in(&stream);
  in.PushLimit(static_cast<int>(size));
  const std::string kept = Filter(in, source).model();
  proto::ModelProto model;
  if (!model.ParseFromString(kept)) fail(source, "not an ONNX model, or damaged");
  if (!model.has_graph()) fail(source, "this holds no graph; is it an ONNX model?");
  return model;
}

} // namespace

proto::ModelProto read_model_file(const std::string& path, std::uint64_t largest_file) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a pipe must not block
  if (descriptor < 0) fail(path, fmt::format("cannot read the file: {}", std::strerror(errno)));
  google::protobuf::io::FileInputStream stream(descriptor);
  stream.SetCloseOnDelete(true);
  struct stat status {};
  if (fstat(descriptor, &status) != 0) fail(path, fmt::format("cannot read the file: {}", std::strerror(errno)));
  if (!S_ISREG(status.st_mode)) fail(path, "cannot read the file: it is no regular file");
  const auto size = static_cast<std::uint64_t>(status.st_size);
  check_size(path, size, largest_file);
  return read(stream, size, path);
}

proto::ModelProto read_model_bytes(std::string_view bytes, const std::string& source, std::uint64_t largest_file) {
  check_size(source, bytes.size(), largest_file);
  google::protobuf::io::ArrayInputStream stream(bytes.data(), static_cast<int>(bytes.size()));
  return read(stream, bytes.size(), source);
}

} // namespace terastal::from_onnx
