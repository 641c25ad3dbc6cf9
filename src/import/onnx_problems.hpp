#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "terastal/core/error.hpp"

namespace terastal::from_onnx {

/// What is wrong with one node, found where only the node is known. Caught where the file is.
class NodeProblem : public Error {
 public:
  using Error::Error;
};

/// Collects what is wrong with a file, so that one run reports all of it.
class Problems {
 public:
  explicit Problems(std::string source) : source_(std::move(source)) {}

  void add(std::string message);

  /// \throws InputError with everything added so far.
  void throw_if_any() const;

 private:
  std::string source_;
  std::vector<Diagnostic> found_;
  std::size_t not_shown_ = 0;
};

/// A name from a file in quotes, for messages: readable whatever bytes it holds.
[[nodiscard]] std::string shown(std::string_view name);

/// A name from a file as this library allows names: UTF-8 without control characters and `|`, at most 200 bytes.
[[nodiscard]] std::string clean(std::string_view name);

} // namespace terastal::from_onnx
