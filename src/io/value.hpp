#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/node.hpp"
#include "io/spec.hpp"
#include "terastal/core/time.hpp"

namespace terastal::io {

/// A part of a checked document together with its declaration; it may be absent.
///
/// Getters give the value, or the declared default when the key is absent, or nothing when there is no default or when
/// the value is broken (an error was reported then, so the caller has nothing to add). Asking for a key or a type that
/// is not declared is a mistake of the program: std::logic_error.
class Value {
 public:
  /// A document that `check` has seen.
  Value(const Node& node, const ValueSpec& spec) : node_(&node), spec_(&spec), position_(node.position) {}

  /// The key stands in the document, be its value right or wrong.
  [[nodiscard]] bool given() const { return node_ != nullptr; }
  /// The value stands in the document and is right as far as the declaration goes.
  [[nodiscard]] bool usable() const { return node_ != nullptr && !node_->broken; }
  /// Of the value; of the enclosing object when absent.
  [[nodiscard]] const Position& position() const { return position_; }

  /// Shape of an alternative: a usable scalar, list or map.
  [[nodiscard]] bool is_scalar() const { return usable() && node_->is_scalar(); }
  [[nodiscard]] bool is_list() const { return usable() && node_->is_list(); }
  [[nodiscard]] bool is_map() const { return usable() && node_->is_map(); }
  [[nodiscard]] const Node& node() const { return *node_; }

  /// A key of an object.
  [[nodiscard]] Value operator[](std::string_view key) const;
  /// A key of an open object that is not declared, as it stands in the document. Precondition: it is there.
  [[nodiscard]] Value entry(std::string_view key) const;
  /// The kind of an object that is declared by kind.
  [[nodiscard]] std::optional<std::string> kind() const;
  /// Entries of a list; empty when absent.
  [[nodiscard]] std::vector<Value> entries() const;
  /// Entries of a map with their keys; empty when absent.
  [[nodiscard]] std::vector<std::pair<Key, Value>> members() const;

  [[nodiscard]] std::optional<bool> boolean() const;
  [[nodiscard]] std::optional<std::string> text() const; ///< text, name, path, choice or range
  [[nodiscard]] std::optional<std::int64_t> integer() const;
  [[nodiscard]] std::optional<std::uint64_t> natural() const; ///< natural, frequency in hertz, bytes
  [[nodiscard]] std::optional<double> number() const;         ///< number, ratio, bandwidth in B/s, energy in nJ
  [[nodiscard]] std::optional<Duration> duration() const;
  [[nodiscard]] std::optional<Duration> period() const; ///< of a rate
  /// What the document says about a plug-in's setting; nothing when it leaves it out.
  [[nodiscard]] std::optional<std::string> setting() const;
  /// Index of the word of a choice.
  [[nodiscard]] std::optional<std::size_t> choice() const;
  /// A choice whose words are declared in the order of the enumerators.
  template <typename Enum>
  [[nodiscard]] std::optional<Enum> choice_as() const {
    const auto index = choice();
    return index ? std::optional(static_cast<Enum>(*index)) : std::nullopt;
  }

 private:
  Value(const Node* node, const ValueSpec& spec, Position position, const std::string* default_text)
      : node_(node), spec_(&spec), position_(position), default_(default_text) {}

  template <typename T>
  [[nodiscard]] std::optional<T> read(const std::vector<ValueSpec::Kind>& kinds) const;
  [[nodiscard]] const ValueSpec& shaped(ValueSpec::Kind kind) const;

  const Node* node_;
  const ValueSpec* spec_;
  Position position_;
  const std::string* default_ = nullptr;
};

} // namespace terastal::io
