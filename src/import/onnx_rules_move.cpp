#include <algorithm> // clamp, max, min
#include <cmath>

#include <fmt/format.h>

#include "import/onnx_rules.hpp"

namespace terastal::from_onnx {
namespace {

/// Joins every `step`-th input from `first` on.
Outputs concat(const Op& op, std::size_t first, std::size_t step) {
  const Dims* start = op.dims(first);
  if (start == nullptr) return std::nullopt;
  Dims result = *start;
  const std::size_t axis = axis_of(op.integer("axis", 1), result.size());
  for (std::size_t i = first + step; i < op.input_count(); i += step) {
    const Dims* input = op.dims(i);
    if (input == nullptr) return std::nullopt;
    Dims expected = *input;
    if (expected.size() == result.size()) expected[axis] = result[axis];
    if (expected != result) fail(fmt::format("inputs of {} and {} do not fit together", shown(result), shown(*input)));
    result[axis] += (*input)[axis];
    check_dims(result);
  }
  return one(result);
}

/// Sizes of the parts that a Split makes of `size` elements; nothing when they are not known.
std::optional<Dims> part_sizes(const Op& op, std::int64_t size) {
  const auto given = op.given("split", 1);
  if (given.given) return given.values;
  const auto parts = static_cast<std::int64_t>(op.output_count());
  if (parts == 0) fail("it has no outputs");
  const std::int64_t part = (size + parts - 1) / parts; // the last one may be smaller
  Dims result(static_cast<std::size_t>(parts), part);
  result.back() = size - part * (parts - 1);
  return result;
}

/// The elements of an axis that bounds, which may lie outside or count from the end, leave.
SliceAxis slice_axis(std::int64_t size, std::int64_t start, std::int64_t end, std::int64_t step) {
  if (step == 0) fail("a step of 0");
  if (start < 0) start += size;
  if (end < 0) end += size;
  const bool forward = step > 0;
  start = std::clamp<std::int64_t>(start, 0, forward ? size : std::max<std::int64_t>(size - 1, 0));
  end = std::clamp<std::int64_t>(end, forward ? 0 : -1, forward ? size : std::max<std::int64_t>(size - 1, 0));
  const std::int64_t distance = forward ? end - start : start - end;
  const std::int64_t stride = forward ? step : -step;
  const std::int64_t count = size == 0 || distance <= 0 ? 0 : (distance - 1) / stride + 1;
  return {start, step, count};
}

/// Whether an input or attribute that a rule needs is given, but not known.
bool is_open(const Op::Given& given) { return given.given && !given.values; }

/// Sizes after scaling, from the two ways to say so.
Outputs scaled(const Dims& input, const std::vector<double>& scales, const std::vector<std::size_t>& axes) {
  if (scales.size() != axes.size()) fail(fmt::format("{} scales for {} dimensions", scales.size(), axes.size()));
  Dims result = input;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    // In single precision, as runtimes do: 0.7 · 10 is 7.
    const double size = std::floor(static_cast<float>(input[axes[i]]) * static_cast<float>(scales[i]));
    const auto exact = whole(size);
    if (!exact) fail("a scale that is no number");
    result[axes[i]] = *exact;
  }
  return one(result);
}

Outputs resized(const Op& op, const Dims& input, const Dims& sizes, const std::vector<std::size_t>& axes) {
  if (sizes.size() != axes.size()) fail(fmt::format("{} sizes for {} dimensions", sizes.size(), axes.size()));
  const std::string policy = op.text("keep_aspect_ratio_policy", "stretch");
  Dims result = input;
  double scale = 0.0; // the same for all axes when the aspect ratio is kept
  for (std::size_t i = 0; i < axes.size(); ++i) {
    result[axes[i]] = sizes[i];
    const double own = static_cast<double>(sizes[i]) / static_cast<double>(input[axes[i]]);
    const bool first = i == 0;
    scale = first ? own : policy == "not_smaller" ? std::max(scale, own) : std::min(scale, own);
  }
  if (policy == "stretch") return one(result);
  for (const std::size_t axis : axes) {
    const auto exact = whole(std::floor(static_cast<double>(input[axis]) * scale + 0.5));
    if (!exact) fail("a size that is no number");
    result[axis] = *exact;
  }
  return one(result);
}

std::vector<std::size_t> resized_axes(const Op& op, std::size_t rank) {
  std::vector<std::size_t> result;
  if (const auto given = op.integers("axes")) {
    for (const std::int64_t axis : *given) result.push_back(axis_of(axis, rank));
  } else {
    for (std::size_t i = 0; i < rank; ++i) result.push_back(i);
  }
  return result;
}

bool is_filled(const Value* value) {
  return value != nullptr && !(value->dims && value->dims->size() == 1 && value->dims->front() == 0);
}

} // namespace

Outputs infer_concat(const Op& op) { return concat(op, 0, 1); }
Outputs infer_quantised_concat(const Op& op) { return concat(op, 2, 3); }

Outputs infer_split(const Op& op) {
  const Dims* input = op.dims(0);
  if (input == nullptr) return std::nullopt;
  const std::size_t axis = axis_of(op.integer("axis", 0), input->size());
  const auto parts = part_sizes(op, (*input)[axis]);
  if (!parts) return std::nullopt;
  std::int64_t sum = 0;
  std::vector<Dims> result;
  for (const std::int64_t part : *parts) {
    if (part < 0 || part > (*input)[axis]) sum = -1;
    if (sum < 0) break;
    sum += part;
    result.push_back(*input);
    result.back()[axis] = part;
  }
  if (sum != (*input)[axis]) fail(fmt::format("parts of {} from an input of {}", shown(*parts), shown(*input)));
  return result;
}

std::optional<std::vector<SliceAxis>> slice_axes(const Op& op) {
  const Dims* input = op.dims(0);
  const auto starts = op.given("starts", 1);
  const auto ends = op.given("ends", 2);
  if (!starts.given || !ends.given) fail("it needs starts and ends");
  const auto axes = op.given("axes", 3);
  const auto steps = op.given("steps", 4);
  if (input == nullptr || !starts.values || !ends.values || is_open(axes) || is_open(steps)) return std::nullopt;
  const std::size_t count = starts.values->size();
  const bool fit = ends.values->size() == count && (!axes.given || axes.values->size() == count) &&
                   (!steps.given || steps.values->size() == count);
  if (!fit) fail("starts, ends, axes and steps have different lengths");
  std::vector<SliceAxis> result;
  for (const std::int64_t size : *input) result.push_back({0, 1, size});
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t given = axes.given ? (*axes.values)[i] : static_cast<std::int64_t>(i);
    const std::size_t axis = axis_of(given, input->size());
    const std::int64_t step = steps.given ? (*steps.values)[i] : 1;
    result[axis] = slice_axis((*input)[axis], (*starts.values)[i], (*ends.values)[i], step);
  }
  return result;
}

Outputs infer_slice(const Op& op) {
  const auto axes = slice_axes(op);
  if (!axes) return std::nullopt;
  Dims result;
  for (const SliceAxis& axis : *axes) result.push_back(axis.count);
  return one(result);
}

Outputs infer_gather(const Op& op) {
  const Dims* input = op.dims(0);
  const Dims* indices = op.dims(1);
  if (input == nullptr || indices == nullptr) return std::nullopt;
  const auto axis = static_cast<std::ptrdiff_t>(axis_of(op.integer("axis", 0), input->size()));
  Dims result(input->begin(), input->begin() + axis);
  result.insert(result.end(), indices->begin(), indices->end());
  result.insert(result.end(), input->begin() + axis + 1, input->end());
  return one(result);
}

Outputs infer_gather_elements(const Op& op) {
  const Dims* indices = op.dims(1);
  if (indices == nullptr) return std::nullopt;
  return one(*indices);
}

Outputs infer_gather_nd(const Op& op) {
  const Dims* input = op.dims(0);
  const Dims* indices = op.dims(1);
  if (input == nullptr || indices == nullptr) return std::nullopt;
  const std::int64_t batch = op.integer("batch_dims", 0);
  const auto rank = static_cast<std::int64_t>(input->size());
  if (indices->empty() || batch < 0 || batch >= rank || indices->back() < 1 || indices->back() > rank - batch) {
    fail(fmt::format("indices of {} into {}", shown(*indices), shown(*input)));
  }
  Dims result(indices->begin(), indices->end() - 1);
  result.insert(result.end(), input->begin() + batch + indices->back(), input->end());
  return one(result);
}

Outputs infer_pad(const Op& op) {
  const Dims* input = op.dims(0);
  const auto pads = op.given("pads", 1);
  const auto axes = op.given("axes", 3);
  if (!pads.given) fail("it needs pads");
  if (input == nullptr || !pads.values || is_open(axes)) return std::nullopt;
  const std::size_t count = axes.given ? axes.values->size() : input->size();
  if (pads.values->size() != 2 * count) fail(fmt::format("{} pads for {} dimensions", pads.values->size(), count));
  Dims result = *input;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t axis = axes.given ? axis_of((*axes.values)[i], input->size()) : i;
    for (const std::int64_t pad : {(*pads.values)[i], (*pads.values)[count + i]}) {
      check_dims({std::abs(pad)});
      result[axis] += pad;
    }
  }
  return one(result);
}

Outputs infer_tile(const Op& op) {
  const Dims* input = op.dims(0);
  const auto repeats = op.integer_data(1);
  if (input == nullptr || !repeats) return std::nullopt;
  if (repeats->size() != input->size()) return std::nullopt; // a form that opset 6 removed
  check_dims(*repeats);
  Dims result = *input;
  for (std::size_t i = 0; i < result.size(); ++i) result[i] *= (*repeats)[i];
  return one(result);
}

Outputs infer_expand(const Op& op) {
  const Dims* input = op.dims(0);
  const auto sizes = op.integer_data(1);
  if (input == nullptr || !sizes) return std::nullopt;
  check_dims(*sizes);
  return one(broadcast(*input, *sizes));
}

/// Resize with its inputs of opset 10 (scales) and 11 (region, scales, sizes), and Upsample.
Outputs infer_resize(const Op& op) {
  const Dims* input = op.dims(0);
  if (input == nullptr) return std::nullopt;
  const std::vector<std::size_t> axes = resized_axes(op, input->size());
  constexpr std::size_t sizes_input = 3;
  if (op.input(sizes_input) != nullptr) {
    const auto sizes = op.integer_data(sizes_input);
    return sizes ? resized(op, *input, *sizes, axes) : std::nullopt;
  }
  if (const auto scales = op.numbers("scales")) return scaled(*input, *scales, axes);
  const std::size_t scales_input = op.input_count() > 2 ? 2 : 1;
  if (!is_filled(op.input(scales_input))) fail("it needs scales or sizes");
  const std::vector<double>* scales = op.data(scales_input);
  return scales != nullptr ? scaled(*input, *scales, axes) : std::nullopt;
}

} // namespace terastal::from_onnx
