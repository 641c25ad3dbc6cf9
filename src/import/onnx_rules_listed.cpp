#include <fmt/format.h>

#include "import/onnx_rules.hpp"

// Operators whose work no layer describes. Their sizes are needed for what follows them.

namespace terastal::from_onnx {

/// com.microsoft's Attention: weights for query, key and value stand beside each other.
Outputs infer_attention(const Op& op) {
  const Dims* input = op.dims(0);
  const Dims* weights = op.dims(1);
  if (input == nullptr || weights == nullptr) return std::nullopt;
  if (input->empty() || weights->size() != 2) {
    fail(fmt::format("weights of {} for an input of {}", shown(*weights), shown(*input)));
  }
  constexpr std::size_t parts = 3;
  const auto sizes = op.integers("qkv_hidden_sizes");
  Dims result = *input;
  result.back() = sizes && sizes->size() == parts ? sizes->back() : weights->back() / static_cast<std::int64_t>(parts);
  return one(result);
}

/// LSTM, GRU and RNN: all states, the last one, and an LSTM's last cell.
Outputs infer_recurrent(const Op& op) {
  constexpr std::size_t recurrence = 2; // input: weights of the state, directions × gates × state
  const Dims* input = op.dims(0);
  const Dims* weights = op.dims(recurrence);
  if (input == nullptr || weights == nullptr) return std::nullopt;
  if (input->size() != 3 || weights->size() != 3) {
    fail(fmt::format("weights of {} for an input of {}", shown(*weights), shown(*input)));
  }
  const bool batch_first = op.integer("layout", 0) != 0;
  const std::int64_t steps = (*input)[batch_first ? 1 : 0];
  const std::int64_t batch = (*input)[batch_first ? 0 : 1];
  const std::int64_t directions = weights->front();
  const std::int64_t state = weights->back();
  const Dims all = batch_first ? Dims{batch, steps, directions, state} : Dims{steps, directions, batch, state};
  const Dims last = batch_first ? Dims{batch, directions, state} : Dims{directions, batch, state};
  return std::vector<Dims>{all, last, last};
}

Outputs infer_top_k(const Op& op) {
  const Dims* input = op.dims(0);
  const auto attribute = op.integer("k");
  const auto data = attribute ? std::vector<std::int64_t>{*attribute} : op.integer_data(1);
  if (input == nullptr || !data || data->size() != 1) return std::nullopt;
  Dims result = *input;
  result[axis_of(op.integer("axis", -1), result.size())] = data->front();
  return std::vector<Dims>{result, result};
}

Outputs infer_one_hot(const Op& op) {
  const Dims* indices = op.dims(0);
  const auto depth = op.integer_data(1);
  if (indices == nullptr || !depth || depth->size() != 1) return std::nullopt;
  Dims result = *indices;
  const std::size_t axis = axis_of(op.integer("axis", -1), result.size() + 1);
  result.insert(result.begin() + static_cast<std::ptrdiff_t>(axis), depth->front());
  return one(result);
}

/// Batch and channels of an image, sizes from elsewhere.
Outputs infer_roi_align(const Op& op) {
  const Dims* image = op.dims(0);
  const Dims* regions = op.dims(1);
  if (image == nullptr || regions == nullptr) return std::nullopt;
  if (image->size() != 4 || regions->empty()) fail(fmt::format("regions of {} in {}", shown(*regions), shown(*image)));
  return one({regions->front(), (*image)[1], op.integer("output_height", 1), op.integer("output_width", 1)});
}

Outputs infer_grid_sample(const Op& op) {
  const Dims* image = op.dims(0);
  const Dims* grid = op.dims(1);
  if (image == nullptr || grid == nullptr) return std::nullopt;
  if (image->size() < 3 || grid->size() != image->size()) {
    fail(fmt::format("a grid of {} for {}", shown(*grid), shown(*image)));
  }
  Dims result = {(*image)[0], (*image)[1]};
  result.insert(result.end(), grid->begin() + 1, grid->end() - 1);
  return one(result);
}

} // namespace terastal::from_onnx
