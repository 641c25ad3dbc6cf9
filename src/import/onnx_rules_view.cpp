#include <algorithm> // reverse
#include <numeric>   // iota

#include <fmt/format.h>

#include "import/onnx_rules.hpp"

namespace terastal::from_onnx {
namespace {

/// Sizes that a Reshape asks for with 0 replaced by the input's; −1 stays.
Dims asked_sizes(const Op& op, const Dims& asked, const Dims& input) {
  Dims result = asked;
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (result[i] != 0 || op.integer("allowzero", 0) != 0) continue;
    if (i >= input.size()) fail(fmt::format("a reshape of {} to {}", shown(input), shown(asked)));
    result[i] = input[i];
  }
  return result;
}

/// Replaces the −1 of a shape by what `count` elements leave for it.
void fill_open_size(Dims& sizes, std::int64_t count, const std::string& what) {
  std::int64_t* open = nullptr;
  for (std::int64_t& size : sizes) {
    if (size != -1) continue;
    if (open != nullptr) fail("a reshape with two sizes of -1");
    open = &size;
    size = 1;
  }
  check_dims(sizes);
  const std::int64_t others = element_count(sizes);
  if (open != nullptr && others != 0 && count % others == 0) *open = count / others;
  if (element_count(sizes) != count) fail(what);
}

/// What a Reshape makes of an input that is not known: known if every size is given.
Outputs without_input(const Dims& asked) {
  for (const std::int64_t size : asked) {
    if (size < 1) return std::nullopt;
  }
  return one(asked);
}

/// Axes as attribute or input 1 within a tensor of `rank` dimensions; nothing when they are not known.
std::optional<std::vector<bool>> marked_axes(const Op::Given& axes, std::size_t rank) {
  if (!axes.values) return std::nullopt;
  std::vector<bool> result(rank, false);
  for (const std::int64_t given : *axes.values) {
    const std::size_t axis = axis_of(given, rank);
    if (result[axis]) fail(fmt::format("axis {} is given twice", given));
    result[axis] = true;
  }
  return result;
}

std::int64_t block_size(const Op& op) {
  const std::int64_t block = op.integer("blocksize", 0);
  constexpr std::int64_t largest = 1 << 15;
  if (block < 1 || block > largest)
    fail(fmt::format("attribute 'blocksize' is {}; allowed are 1 to {}", block, largest));
  return block;
}

const Dims* image(const Op& op) {
  const Dims* dims = op.dims(0);
  constexpr std::size_t rank = 4;
  if (dims != nullptr && dims->size() != rank) fail(fmt::format("input of {}; needed are 4 dimensions", shown(*dims)));
  return dims;
}

} // namespace

Outputs infer_reshape(const Op& op) {
  const auto asked = op.given("shape", 1);
  const Dims* input = op.dims(0);
  if (!asked.given) fail("it needs input 1");
  if (!asked.values) return std::nullopt;
  if (input == nullptr) return without_input(*asked.values);
  Dims result = asked_sizes(op, *asked.values, *input);
  fill_open_size(result, element_count(*input),
                 fmt::format("a reshape of {} to {}", shown(*input), shown(*asked.values)));
  return one(result);
}

Outputs infer_flatten(const Op& op) {
  const Dims* input = op.dims(0);
  if (input == nullptr) return std::nullopt;
  const auto rank = static_cast<std::int64_t>(input->size());
  const std::int64_t axis = op.integer("axis", 1);
  if (axis < -rank || axis > rank) fail(fmt::format("axis {} of a tensor with {} dimensions", axis, rank));
  const auto middle = input->begin() + (axis < 0 ? axis + rank : axis);
  return one({element_count({input->begin(), middle}), element_count({middle, input->end()})});
}

Outputs infer_squeeze(const Op& op) {
  const Dims* input = op.dims(0);
  if (input == nullptr) return std::nullopt;
  const auto given = op.given("axes", 1);
  const auto axes = marked_axes(given, input->size());
  if (given.given && !axes) return std::nullopt;
  Dims result;
  for (std::size_t i = 0; i < input->size(); ++i) {
    const bool removed = axes ? (*axes)[i] : (*input)[i] == 1;
    if (removed && (*input)[i] != 1) fail(fmt::format("it removes dimension {} of {}", i, shown(*input)));
    if (!removed) result.push_back((*input)[i]);
  }
  return one(result);
}

Outputs infer_unsqueeze(const Op& op) {
  const Dims* input = op.dims(0);
  const auto given = op.given("axes", 1);
  if (!given.given) fail("it needs axes");
  if (input == nullptr || !given.values) return std::nullopt;
  const auto added = marked_axes(given, input->size() + given.values->size());
  Dims result;
  auto next = input->begin();
  for (const bool is_new : *added) result.push_back(is_new ? 1 : *next++);
  return one(result);
}

std::vector<std::size_t> permutation(const Op& op, std::size_t rank) {
  std::vector<std::size_t> order(rank);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto given = op.integers("perm");
  if (!given) {
    std::reverse(order.begin(), order.end());
    return order;
  }
  const auto all = marked_axes({true, given}, rank); // no axis twice
  if (given->size() != rank) fail(fmt::format("attribute 'perm' has {} axes for {} dimensions", given->size(), rank));
  for (std::size_t i = 0; i < rank; ++i) order[i] = axis_of((*given)[i], rank);
  return order;
}

Outputs infer_transpose(const Op& op) {
  const Dims* input = op.dims(0);
  if (input == nullptr) return std::nullopt;
  Dims result;
  for (const std::size_t axis : permutation(op, input->size())) result.push_back((*input)[axis]);
  return one(result);
}

Outputs infer_depth_to_space(const Op& op) {
  const std::int64_t block = block_size(op);
  const Dims* input = image(op);
  if (input == nullptr) return std::nullopt;
  const Dims& d = *input;
  if (d[1] % (block * block) != 0) fail(fmt::format("blocks of {} in an input of {}", block, shown(d)));
  return one({d[0], d[1] / (block * block), d[2] * block, d[3] * block});
}

Outputs infer_space_to_depth(const Op& op) {
  const std::int64_t block = block_size(op);
  const Dims* input = image(op);
  if (input == nullptr) return std::nullopt;
  const Dims& d = *input;
  if (d[2] % block != 0 || d[3] % block != 0) fail(fmt::format("blocks of {} in an input of {}", block, shown(d)));
  return one({d[0], d[1] * block * block, d[2] / block, d[3] / block});
}

} // namespace terastal::from_onnx
