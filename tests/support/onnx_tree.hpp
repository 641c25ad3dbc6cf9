#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/onnx_writer.hpp"

// A model as a tree of fields, so that it can be changed in its inside and still be a well-formed file.

namespace terastal::testing::onnx {

/// Messages of onnx.proto that are looked into.
enum class Kind : std::uint8_t {
  none,
  model,
  graph,
  node,
  attribute,
  tensor,
  value,
  type,
  tensor_type,
  shape,
  dimension
};

struct Field {
  std::uint64_t number = 0;
  unsigned wire_type = 0;   ///< 0: a number; 2: bytes or a message; other types stay as they are
  std::uint64_t scalar = 0; ///< of a number
  Bytes bytes;              ///< what is no number and no message
  Kind kind = Kind::none;   ///< of a message
  std::vector<Field> fields;
};

/// The message in field `number` of another.
inline Kind kind_of(Kind parent, std::uint64_t number) {
  struct Entry {
    Kind parent;
    std::uint64_t number;
    Kind kind;
  };
  static constexpr std::array<Entry, 14> entries = {{{Kind::model, 7, Kind::graph},
                                                     {Kind::graph, 1, Kind::node},
                                                     {Kind::graph, 5, Kind::tensor},
                                                     {Kind::graph, 11, Kind::value},
                                                     {Kind::graph, 12, Kind::value},
                                                     {Kind::graph, 13, Kind::value},
                                                     {Kind::node, 5, Kind::attribute},
                                                     {Kind::attribute, 5, Kind::tensor},
                                                     {Kind::attribute, 6, Kind::graph},
                                                     {Kind::value, 2, Kind::type},
                                                     {Kind::type, 1, Kind::tensor_type},
                                                     {Kind::tensor_type, 2, Kind::shape},
                                                     {Kind::shape, 1, Kind::dimension},
                                                     {Kind::none, 0, Kind::none}}};
  for (const Entry& entry : entries) {
    if (entry.parent == parent && entry.number == number) return entry.kind;
  }
  return Kind::none;
}

/// Takes a varint from the front.
inline std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if (byte < 0x80U) return value;
  }
  return std::nullopt;
}

/// The fields of a message; nothing when it is not well formed.
inline std::optional<std::vector<Field>> read_fields(std::string_view bytes, Kind kind, int depth = 0) {
  constexpr int deepest = 60;
  std::vector<Field> result;
  while (!bytes.empty()) {
    const auto tag = take_varint(bytes);
    if (!tag || depth > deepest) return std::nullopt;
    Field field{*tag >> 3U, static_cast<unsigned>(*tag & 7U), 0, {}, Kind::none, {}};
    const bool fixed = field.wire_type == 1 || field.wire_type == 5;
    const auto number = fixed ? std::optional<std::uint64_t>(field.wire_type == 1 ? 8 : 4) : take_varint(bytes);
    if (!number || (field.wire_type > 2 && !fixed)) return std::nullopt;
    if (field.wire_type == 0) {
      field.scalar = *number;
    } else {
      if (*number > bytes.size()) return std::nullopt;
      field.bytes = bytes.substr(0, *number);
      bytes.remove_prefix(*number);
      field.kind = fixed ? Kind::none : kind_of(kind, field.number);
    }
    if (field.kind != Kind::none) {
      auto inner = read_fields(field.bytes, field.kind, depth + 1);
      if (!inner) return std::nullopt;
      field.fields = std::move(*inner);
      field.bytes.clear();
    }
    result.push_back(std::move(field));
  }
  return result;
}

inline Bytes write_fields(const std::vector<Field>& fields) {
  Bytes bytes;
  for (const Field& field : fields) {
    bytes += varint(field.number << 3U | field.wire_type);
    if (field.wire_type == 0) {
      bytes += varint(field.scalar);
      continue;
    }
    const Bytes content = field.kind == Kind::none ? field.bytes : write_fields(field.fields);
    if (field.wire_type == 2) bytes += varint(content.size());
    bytes += content;
  }
  return bytes;
}

/// Changes single fields of a model. `Random`: a function that gives random 64-bit numbers.
template <typename Random>
class TreeMutator {
 public:
  explicit TreeMutator(Random& random) : random_(random) {}

  /// The model with one field changed; unchanged when it is not well formed.
  Bytes operator()(const Bytes& model) {
    auto fields = read_fields(model, Kind::model);
    if (!fields) return model;
    leaves_.clear();
    collect(*fields);
    if (leaves_.empty()) return model;
    change(*leaves_[below(leaves_.size())]);
    return write_fields(*fields);
  }

 private:
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }

  void collect(std::vector<Field>& fields) {
    for (Field& field : fields) {
      leaves_.push_back(&field);
      collect(field.fields);
    }
  }

  void change(Field& field) {
    if (field.wire_type == 0) {
      field.scalar = number(field.scalar);
    } else if (field.kind != Kind::none) {
      change_message(field);
    } else if (field.bytes.size() >= 8 && below(2) == 0) { // a number among raw data
      const Bytes value = raw({static_cast<std::int64_t>(number(1))});
      field.bytes.replace(below(field.bytes.size() / 8) * 8, 8, value);
    } else { // a name: that of another value, to link the graph in another way
      const Field& other = *leaves_[below(leaves_.size())];
      if (other.kind == Kind::none) field.bytes = other.bytes;
    }
  }

  void change_message(Field& field) {
    if (field.fields.empty()) return;
    const std::size_t at = below(field.fields.size());
    const auto place = field.fields.begin() + static_cast<std::ptrdiff_t>(at);
    if (below(2) == 0) {
      field.fields.erase(place);
    } else {
      const Field copy = *place;
      field.fields.insert(field.fields.begin() + static_cast<std::ptrdiff_t>(below(field.fields.size())), copy);
    }
  }

  std::uint64_t number(std::uint64_t now) {
    static constexpr std::array<std::int64_t, 12> extremes = {0,
                                                              1,
                                                              2,
                                                              -1,
                                                              -2,
                                                              3,
                                                              1 << 20,
                                                              (1LL << 31) - 1,
                                                              1LL << 31,
                                                              1LL << 40,
                                                              std::numeric_limits<std::int64_t>::max(),
                                                              std::numeric_limits<std::int64_t>::min()};
    switch (below(3)) {
    case 0:
      return static_cast<std::uint64_t>(extremes[below(extremes.size())]);
    case 1:
      return now + below(5) - 2;
    default:
      return below(12);
    }
  }

  Random& random_;
  std::vector<Field*> leaves_;
};

} // namespace terastal::testing::onnx
