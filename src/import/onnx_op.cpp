#include "import/onnx_op.hpp"

#include <algorithm> // clamp, max
#include <string_view>

#include <fmt/format.h>

namespace terastal::from_onnx {

using Attribute = proto::AttributeProto;

namespace {

/// Larger magnitudes stand for open ends; cut, they can be negated and added to sizes.
std::int64_t cut(std::int64_t value) {
  constexpr std::int64_t largest = std::int64_t{1} << 62U;
  return std::clamp(value, -largest, largest);
}

} // namespace

const Value* Op::input(std::size_t index) const {
  if (index >= node_->inputs.size() || node_->inputs[index] == kOmitted) return nullptr;
  return &(*values_)[node_->inputs[index]];
}

const Value& Op::needed(std::size_t index) const {
  const Value* value = input(index);
  if (value == nullptr) fail(fmt::format("it needs input {}", index));
  return *value;
}

const Dims* Op::dims(std::size_t index) const {
  const Value& value = needed(index);
  return value.dims ? &*value.dims : nullptr;
}

const Dims* Op::output_dims(std::size_t index) const {
  if (index >= node_->outputs.size() || node_->outputs[index] == kOmitted) return nullptr;
  const Value& value = (*values_)[node_->outputs[index]];
  return value.dims ? &*value.dims : nullptr;
}

const std::vector<double>* Op::data(std::size_t index) const {
  const Value* value = input(index);
  return value != nullptr && value->data ? &*value->data : nullptr;
}

std::optional<std::vector<std::int64_t>> Op::integer_data(std::size_t index) const {
  const std::vector<double>* numbers = data(index);
  if (numbers == nullptr) return std::nullopt;
  std::vector<std::int64_t> result;
  for (const double number : *numbers) {
    const auto integer = whole(number);
    if (!integer) fail(fmt::format("input {} must hold whole numbers, got {}", index, number));
    result.push_back(*integer);
  }
  return result;
}

const Attribute* Op::attribute(const char* name) const {
  for (const Attribute& attribute : node_->proto->attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

const Attribute* Op::typed(const char* name, int type, const char* type_name) const {
  const Attribute* found = attribute(name);
  // The type may be left out in files of the first version.
  if (found != nullptr && found->type() != Attribute::UNDEFINED && found->type() != type) {
    fail(fmt::format("attribute '{}' is not {}", name, type_name));
  }
  return found;
}

std::optional<std::int64_t> Op::integer(const char* name) const {
  const Attribute* found = typed(name, Attribute::INT, "an integer");
  if (found == nullptr) return std::nullopt;
  return cut(found->i());
}

std::int64_t Op::integer(const char* name, std::int64_t value_if_absent) const {
  return integer(name).value_or(value_if_absent);
}

std::optional<std::vector<std::int64_t>> Op::integers(const char* name) const {
  const Attribute* found = typed(name, Attribute::INTS, "a list of integers");
  if (found == nullptr) return std::nullopt;
  std::vector<std::int64_t> result;
  for (const std::int64_t value : found->ints()) result.push_back(cut(value));
  return result;
}

std::optional<std::vector<double>> Op::numbers(const char* name) const {
  const Attribute* found = typed(name, Attribute::FLOATS, "a list of numbers");
  if (found == nullptr) return std::nullopt;
  return std::vector<double>(found->floats().begin(), found->floats().end());
}

std::string Op::text(const char* name, const char* value_if_absent) const {
  const Attribute* found = typed(name, Attribute::STRING, "a text");
  return found == nullptr ? value_if_absent : found->s();
}

Op::Given Op::given(const char* name, std::size_t input_index) const {
  if (auto values = integers(name)) return {true, std::move(values)};
  if (input(input_index) == nullptr) return {};
  return {true, integer_data(input_index)};
}

void fail(const std::string& message) { throw NodeProblem(message); }

std::size_t axis_of(std::int64_t axis, std::size_t rank) {
  const auto size = static_cast<std::int64_t>(rank);
  if (axis < -size || axis >= size) fail(fmt::format("axis {} of a tensor with {} dimensions", axis, rank));
  return static_cast<std::size_t>(axis < 0 ? axis + size : axis);
}

Dims broadcast(const Dims& a, const Dims& b) {
  Dims result(std::max(a.size(), b.size()));
  for (std::size_t i = 0; i < result.size(); ++i) { // from the last dimension
    const std::int64_t left = i < a.size() ? a[a.size() - 1 - i] : 1;
    const std::int64_t right = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (left != right && left != 1 && right != 1) {
      fail(fmt::format("inputs of {} and {} do not fit together", shown(a), shown(b)));
    }
    result[result.size() - 1 - i] = left == 1 ? right : left;
  }
  return result;
}

} // namespace terastal::from_onnx
