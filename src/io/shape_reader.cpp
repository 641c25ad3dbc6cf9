#include "io/shape_reader.hpp"

#include <algorithm> // any_of
#include <array>
#include <vector>

#include <fmt/format.h>

#include "io/shape_fields.hpp"
#include "terastal/core/text.hpp"

namespace terastal::io {
namespace {

/// The dimensions that a document gives, before defaults.
struct Given {
  std::string op;
  Position op_position;
  std::array<std::optional<std::uint64_t>, kShapeFields.size()> values;
  Position position;        ///< of the shape as a whole
  Position groups_position; ///< of `groups`, if given
};

std::vector<std::string> operator_names() { return {kOperatorNames.begin(), kOperatorNames.end()}; }

std::optional<OperatorKind> kind_of(const Given& given, const std::string& owner, Diagnostics& diagnostics) {
  const auto kind = operator_kind(given.op);
  if (kind) return kind;
  const std::string allowed =
      fmt::format("'{}' (or CONV, DSCONV, TRCONV, GEMM, linear, dwconv)", join(operator_names(), "', '"));
  diagnostics.error(given.op_position,
                    given.op.empty() ? fmt::format("{}: a shape needs 'op': one of {}", owner, allowed)
                                     : fmt::format("{}: with a shape, 'op' is one of {}; got {}{}", owner, allowed,
                                                   in_quotes(given.op), did_you_mean(given.op, operator_names())));
  return std::nullopt;
}

/// The shape with its defaults; nothing after reporting what is wrong with it.
ShapeRead finished(const Given& given, const std::string& owner, Diagnostics& diagnostics) {
  const auto kind = kind_of(given, owner, diagnostics);
  if (!kind) return {std::nullopt, true};
  LayerShape shape;
  shape.kind = *kind;
  for (std::size_t f = 0; f < kShapeFields.size(); ++f) {
    shape.*kShapeFields[f].member = given.values[f].value_or(0);
    const bool output = kShapeFields[f].member == &LayerShape::out_y || kShapeFields[f].member == &LayerShape::out_x;
    if (!given.values[f] && !output) shape.*kShapeFields[f].member = 1;
  }
  if (shape.out_y == 0) shape.out_y = default_output(shape.y, shape.stride_y, *kind);
  if (shape.out_x == 0) shape.out_x = default_output(shape.x, shape.stride_x, *kind);
  const std::string problem = shape_problem(shape);
  if (problem.empty()) return {shape, false};
  const bool at_groups = problem.starts_with("groups") && given.groups_position.source != nullptr;
  diagnostics.error(at_groups ? given.groups_position : given.position, owner + ": " + problem);
  return {std::nullopt, true};
}

} // namespace

ShapeRead read_shape(const Row& row, const std::string& owner, Diagnostics& diagnostics) {
  Given given;
  bool broken = false;
  bool any = false;
  std::vector<std::string> missing;
  for (std::size_t f = 0; f < kShapeFields.size(); ++f) {
    const std::string_view name = kShapeFields[f].name;
    const Cell* cell = row.cell(name);
    if (cell == nullptr || cell->text.empty()) {
      if (kShapeFields[f].needed) missing.emplace_back(name);
      continue;
    }
    if (!any) given.position = row.position(name);
    any = true;
    if (name == "groups") given.groups_position = row.position(name);
    given.values[f] = row.natural(name, 1, kLargestDimension);
    broken = broken || !given.values[f];
  }
  if (!any) return {};
  if (!missing.empty()) {
    diagnostics.error(given.position, fmt::format("{}: its shape lacks {}", owner, join(missing, ", ")));
    broken = true;
  }
  given.op = row.text("op");
  given.op_position = row.cell("op") == nullptr ? given.position : row.position("op");
  if (!broken) return finished(given, owner, diagnostics);
  (void)kind_of(given, owner, diagnostics);
  return {std::nullopt, true};
}

ShapeRead read_shape(const Value& object, const std::string& owner, Diagnostics& diagnostics) {
  const Value shape = object["shape"];
  if (!shape.given()) return {};
  if (!shape.usable()) return {std::nullopt, true};
  Given given;
  bool broken = !object["op"].usable() && object["op"].given();
  for (std::size_t f = 0; f < kShapeFields.size(); ++f) {
    const Value value = shape[kShapeFields[f].name];
    if (value.given()) given.values[f] = value.natural();
    const bool complete = given.values[f] || (!value.given() && !kShapeFields[f].needed);
    broken = broken || !complete; // reported when the document was checked
    if (kShapeFields[f].name == "groups" && value.given()) given.groups_position = value.position();
  }
  given.position = shape.position();
  given.op = object["op"].text().value_or("");
  given.op_position = object["op"].given() ? object["op"].position() : shape.position();
  if (!broken) return finished(given, owner, diagnostics);
  if (!object["op"].given() || object["op"].usable()) (void)kind_of(given, owner, diagnostics);
  return {std::nullopt, true};
}

bool has_shapes(const Header& header) {
  return std::any_of(kShapeFields.begin(), kShapeFields.end(),
                     [&](const ShapeField& field) { return header.find(field.name).has_value(); });
}

void add_shape_columns(TableSpec& spec) {
  for (const ShapeField& field : kShapeFields) spec.columns.push_back({std::string(field.name)});
}

} // namespace terastal::io
