#include "import/csv_rows.hpp"

#include <algorithm> // any_of
#include <array>
#include <cmath> // floor
#include <utility>

#include <fmt/format.h>

#include "import/lower_case.hpp"
#include "io/columns.hpp"
#include "terastal/core/units.hpp"

namespace terastal {
namespace {

using io::in_quotes;

constexpr std::array<std::string_view, 15> kShapeFields = {"N",        "K",     "C",      "R",      "S",
                                                           "Y",        "X",     "kernel", "stride", "stride_y",
                                                           "stride_x", "out_y", "out_x",  "groups", "operands"};

struct OperatorSpelling {
  std::string_view text;
  OperatorKind kind;
};

constexpr std::array<OperatorSpelling, 26> kOperators{{{"conv2d", OperatorKind::conv},
                                                       {"conv1d", OperatorKind::conv},
                                                       {"convolution", OperatorKind::conv},
                                                       {"pointwise", OperatorKind::conv},
                                                       {"pwconv", OperatorKind::conv},
                                                       {"fc", OperatorKind::conv},
                                                       {"dense", OperatorKind::conv},
                                                       {"fully_connected", OperatorKind::conv},
                                                       {"depthwiseconv", OperatorKind::depthwise},
                                                       {"depthwiseconv2d", OperatorKind::depthwise},
                                                       {"depthwise_conv", OperatorKind::depthwise},
                                                       {"depthwise_conv2d", OperatorKind::depthwise},
                                                       {"dw", OperatorKind::depthwise},
                                                       {"convtranspose", OperatorKind::transposed_conv},
                                                       {"convtranspose2d", OperatorKind::transposed_conv},
                                                       {"deconv", OperatorKind::transposed_conv},
                                                       {"bmm", OperatorKind::matmul},
                                                       {"maxpool", OperatorKind::pool},
                                                       {"maxpool2d", OperatorKind::pool},
                                                       {"averagepool", OperatorKind::pool},
                                                       {"avgpool", OperatorKind::pool},
                                                       {"avgpool2d", OperatorKind::pool},
                                                       {"pooling", OperatorKind::pool},
                                                       {"add", OperatorKind::elementwise},
                                                       {"mul", OperatorKind::elementwise},
                                                       {"relu", OperatorKind::elementwise}}};

/// Sizes of a row with the defaults for empty cells.
class ShapeCells {
 public:
  ShapeCells(const TableRow& row, const std::string& layer) : row_(row), layer_(layer) {}

  std::optional<std::uint64_t> find(std::string_view field) const { return row_.natural(field, 1, kLargestDimension); }
  std::uint64_t optional(std::string_view field, std::string_view both = {}) const {
    if (const auto value = find(field)) return *value;
    return both.empty() ? 1 : find(both).value_or(1);
  }
  /// Reports an empty cell unless `fallback` stands in for it.
  std::uint64_t needed(std::string_view field, std::optional<std::uint64_t> fallback = std::nullopt) const {
    const auto value = find(field);
    if (value || fallback) return value.value_or(fallback.value_or(1));
    if (row_.text(field).empty()) row_.error(field, fmt::format("layer {} needs {}", in_quotes(layer_), field));
    return 1;
  }

 private:
  const TableRow& row_;
  const std::string& layer_;
};

bool is_rows_of_channels(std::string_view op) {
  const std::array<std::string_view, 6> names = {"linear", "gemm", "matmul", "fc", "dense", "bmm"};
  return std::find(names.begin(), names.end(), lower_case(op)) != names.end();
}

/// K counts outputs per input channel under MAESTRO's letter, all outputs in a column of channels.
std::uint64_t depthwise_outputs(const TableRow& row, const TableColumns& columns, const ShapeCells& cells,
                                std::uint64_t channels) {
  const std::uint64_t given = columns.by_letter("K") ? cells.optional("K") : cells.find("K").value_or(channels);
  if (columns.by_letter("K")) return given;
  if (given % channels != 0) {
    row.error("K", fmt::format("a depthwise layer of {} channels cannot have {} outputs", channels, given));
  }
  return std::max<std::uint64_t>(1, given / channels);
}

} // namespace

const io::Cell* TableRow::cell(std::string_view field) const {
  const auto index = columns_.find(field);
  return index ? &table_.at(row_, *index) : nullptr;
}

std::string TableRow::text(std::string_view field) const {
  const io::Cell* found = cell(field);
  return found == nullptr ? std::string{} : std::string(found->text);
}

std::optional<std::uint64_t> TableRow::natural(std::string_view field, std::uint64_t min, std::uint64_t max) const {
  const io::Cell* found = cell(field);
  if (found == nullptr || found->text.empty()) return std::nullopt;
  const auto number = parse_number(found->text);
  if (number && *number == std::floor(*number) && *number >= static_cast<double>(min) &&
      *number <= static_cast<double>(max)) {
    return static_cast<std::uint64_t>(*number);
  }
  error(field, fmt::format("expected a whole number from {} to {}, got {}", min, max, in_quotes(found->text)));
  return std::nullopt;
}

Duration TableRow::latency(const TypeMeasure& measure, std::uint64_t clock_hz) const {
  const io::Cell& found = table_.at(row_, measure.index);
  if (found.text.empty()) return kCannotRun;
  std::optional<Duration> time;
  if (measure.unit == "cycles") {
    time = io::cycles_to_time(found.text, clock_hz);
  } else if (const auto picoseconds = scaled_decimal(found.text, measure.power)) {
    time = Duration{*picoseconds};
  }
  if (time && *time > Duration::zero() && *time < kCannotRun) return *time;
  diagnostics_.error(table_.position(found),
                     fmt::format("expected a latency in {} > 0, or an empty cell where '{}' cannot run the layer, "
                                 "got {}",
                                 measure.unit, measure.type, in_quotes(found.text)));
  return kCannotRun;
}

double TableRow::energy(const TypeMeasure& measure) const {
  const io::Cell& found = table_.at(row_, measure.index);
  if (found.text.empty()) return 0.0;
  const auto energy = detail::scaled_double(found.text, measure.power);
  if (energy && *energy >= 0.0) return *energy;
  diagnostics_.error(table_.position(found),
                     fmt::format("expected an energy in {} >= 0, got {}", measure.unit, in_quotes(found.text)));
  return 0.0;
}

void TableRow::error(std::string_view field, std::string message) const {
  const io::Cell* found = cell(field);
  diagnostics_.error(found == nullptr ? table_.row_position(row_) : table_.position(*found), std::move(message));
}

bool has_shapes(const TableColumns& columns) {
  const std::array<std::string_view, 4> needed = {"K", "C", "Y", "X"};
  return std::all_of(needed.begin(), needed.end(), [&](std::string_view field) { return columns.find(field); });
}

std::optional<OperatorKind> spelled_operator(std::string_view text) {
  if (const auto kind = operator_kind(text)) return kind;
  std::string lower = lower_case(text);
  for (char& c : lower) {
    if (c == ' ' || c == '-') c = '_';
  }
  for (const OperatorSpelling& spelling : kOperators) {
    if (spelling.text == lower) return spelling.kind;
  }
  return std::nullopt;
}

std::optional<LayerShape> read_shape(const TableRow& row, const TableColumns& columns, const std::string& layer,
                                     OperatorKind kind, Padding padding, Notes& notes) {
  const auto filled = [&](std::string_view field) { return !row.text(field).empty(); };
  if (std::none_of(kShapeFields.begin(), kShapeFields.end(), filled)) return std::nullopt;
  const ShapeCells cells(row, layer);
  const bool channelwise = kind == OperatorKind::pool || kind == OperatorKind::elementwise;
  const std::optional<std::uint64_t> one =
      is_rows_of_channels(row.text("op")) ? std::optional<std::uint64_t>(1) : std::nullopt;
  LayerShape shape;
  shape.kind = kind;
  shape.n = cells.optional("N");
  shape.c = cells.needed("C", channelwise ? cells.find("K") : std::nullopt);
  if (kind == OperatorKind::depthwise) {
    shape.k = depthwise_outputs(row, columns, cells, shape.c);
  } else {
    shape.k = cells.needed("K", channelwise ? std::optional(shape.c) : std::nullopt);
  }
  shape.r = cells.optional("R", "kernel");
  shape.s = cells.optional("S", "kernel");
  shape.y = cells.needed("Y", one);
  shape.x = cells.needed("X", one);
  shape.stride_y = cells.optional("stride_y", "stride");
  shape.stride_x = cells.optional("stride_x", "stride");
  shape.groups = cells.optional("groups");
  shape.operands = cells.optional("operands");
  if (padding == Padding::valid && (shape.y < shape.r || shape.x < shape.s)) {
    notes.add("the kernel is larger than the input; one output is taken", layer);
  }
  shape.out_y = cells.find("out_y").value_or(output_size(kind, padding, shape.y, shape.r, shape.stride_y));
  shape.out_x = cells.find("out_x").value_or(output_size(kind, padding, shape.x, shape.s, shape.stride_x));
  if (const std::string problem = shape_problem(shape); !problem.empty()) {
    row.error("layer", fmt::format("layer {}: {}", in_quotes(layer), problem));
    return std::nullopt;
  }
  return shape;
}

} // namespace terastal
