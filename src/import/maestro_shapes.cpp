#include "import/maestro_shapes.hpp"

#include <algorithm> // find, find_if
#include <array>
#include <cstdint>
#include <tuple>   // tie
#include <utility> // pair
#include <vector>

#include <fmt/format.h>

#include "terastal/core/text.hpp"

namespace terastal::maestro {
namespace {

using io::in_quotes;

/// How the letters of a layer are understood.
enum class Form : std::uint8_t { conv, depthwise, transposed, grouped, pool, product, batched_product };

struct TypeName {
  std::string_view name;
  Form form;
};

/// The first six are MAESTRO's, the others our reading: MAESTRO refuses them.
constexpr std::array<TypeName, 12> kTypes{{{"CONV", Form::conv},
                                           {"DSCONV", Form::depthwise},
                                           {"TRCONV", Form::transposed},
                                           {"NGCONV", Form::grouped},
                                           {"GEMM", Form::product},
                                           {"BMM", Form::batched_product},
                                           {"CONV2D", Form::conv},
                                           {"PWCONV", Form::conv},
                                           {"DWCONV", Form::depthwise},
                                           {"FC", Form::conv},
                                           {"GEMV", Form::product},
                                           {"POOL", Form::pool}}};

std::optional<Form> form_of(std::string_view type) {
  const auto* found = std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeName& t) { return t.name == type; });
  return found == kTypes.end() ? std::nullopt : std::optional(found->form);
}

bool is_product(Form form) { return form == Form::product || form == Form::batched_product; }

/// The letters that a form may have.
std::vector<std::string> letters(Form form) {
  if (form == Form::product) return {"M", "N", "K"};
  if (form == Form::batched_product) return {"B", "M", "N", "K"};
  std::vector<std::string> result = {"N", "K", "C", "R", "S", "Y", "X", "Y'", "X'"};
  if (form == Form::grouped) result.emplace_back("G");
  return result;
}

class ShapeReader {
 public:
  ShapeReader(const LayerBlock& layer, std::string_view name, Padding padding, Notes& notes,
              io::Diagnostics& diagnostics)
      : layer_(layer), name_(name), padding_(padding), notes_(notes), diagnostics_(diagnostics),
        form_(*form_of(layer.type->text)) {}

  std::optional<LayerShape> read() {
    const std::size_t errors = diagnostics_.count();
    check_letters();
    const LayerShape shape = is_product(form_) ? product() : window();
    if (diagnostics_.count() > errors) return std::nullopt;
    if (const std::string problem = shape_problem(shape); !problem.empty()) {
      diagnostics_.error(layer_.name.position, fmt::format("layer {}: {}", in_quotes(name_), problem));
      return std::nullopt;
    }
    return shape;
  }

 private:
  void check_letters() {
    check(layer_.dimensions, letters(form_), "dimension");
    check(layer_.strides, is_product(form_) ? std::vector<std::string>{} : std::vector<std::string>{"Y", "X"},
          "stride");
  }

  void check(const std::vector<Size>& sizes, const std::vector<std::string>& allowed, std::string_view what) {
    for (const Size& size : sizes) {
      if (std::find(allowed.begin(), allowed.end(), size.dimension.text) != allowed.end()) continue;
      diagnostics_.error(size.dimension.position,
                         fmt::format("a layer of type {} has no {} {}; allowed: {}", layer_.type->text, what,
                                     in_quotes(size.dimension.text), allowed.empty() ? "none" : join(allowed, ", ")));
    }
  }

  static std::optional<std::uint64_t> find(const std::vector<Size>& sizes, std::string_view letter) {
    for (const Size& size : sizes) {
      if (size.dimension.text == letter) return size.value;
    }
    return std::nullopt;
  }

  std::uint64_t optional(std::string_view letter) { return find(layer_.dimensions, letter).value_or(1); }

  std::uint64_t needed(std::string_view letter) {
    const auto value = find(layer_.dimensions, letter);
    if (!value) {
      diagnostics_.error(layer_.name.position, fmt::format("layer {} of type {} needs the dimension {}",
                                                           in_quotes(name_), layer_.type->text, letter));
    }
    return value.value_or(1);
  }

  /// (M×K)·(K×N): M rows of K channels become rows of N. A batch B of them is grouped, and none stores weights.
  LayerShape product() {
    LayerShape shape;
    shape.groups = optional("B");
    shape.kind = form_ == Form::batched_product ? OperatorKind::matmul : OperatorKind::conv;
    shape.c = needed("K") * shape.groups;
    shape.k = (layer_.type->text == "GEMV" ? optional("N") : needed("N")) * shape.groups;
    shape.y = shape.out_y = needed("M");
    return shape;
  }

  LayerShape window() {
    LayerShape shape;
    shape.n = optional("N");
    shape.r = optional("R");
    shape.s = optional("S");
    set_channels(shape);
    shape.stride_y = stride("Y");
    shape.stride_x = stride("X");
    std::tie(shape.y, shape.out_y) = side("Y", "Y'", shape.r, shape.stride_y);
    std::tie(shape.x, shape.out_x) = side("X", "X'", shape.s, shape.stride_x);
    return shape;
  }

  void set_channels(LayerShape& shape) {
    switch (form_) {
    case Form::depthwise:
      shape.kind = OperatorKind::depthwise;
      shape.c = needed("C");
      shape.k = optional("K");
      if (shape.k > 1) notes_.add("K of a depthwise layer counts outputs per input channel", name_);
      return;
    case Form::pool:
      shape.kind = OperatorKind::pool;
      shape.c = shape.k = find(layer_.dimensions, "C") ? needed("C") : needed("K");
      return;
    case Form::grouped:
      shape.groups = needed("G");
      shape.c = needed("C");
      shape.k = needed("K") * shape.groups;
      notes_.add("NGCONV: C counts the inputs of all groups, K the outputs of one (our reading)", name_);
      return;
    case Form::transposed:
      shape.kind = OperatorKind::transposed_conv;
      break;
    default:
      break;
    }
    shape.c = needed("C");
    shape.k = needed("K");
  }

  std::uint64_t stride(std::string_view letter) {
    const auto given = find(layer_.strides, letter);
    if (given || form_ != Form::transposed) return given.value_or(1);
    notes_.add("TRCONV without Stride: doubles the size, as MAESTRO has it", name_);
    return 2;
  }

  /// Input and output size along one side. Where the output is given, as `Y'`, the input may be left out.
  std::pair<std::uint64_t, std::uint64_t> side(std::string_view in, std::string_view out, std::uint64_t kernel,
                                               std::uint64_t step) {
    const OperatorKind kind = form_ == Form::transposed ? OperatorKind::transposed_conv : OperatorKind::conv;
    const auto output = find(layer_.dimensions, out);
    if (output && kind == OperatorKind::conv) {
      const std::uint64_t implied = padding_ == Padding::valid ? (*output - 1) * step + kernel : *output * step;
      return {find(layer_.dimensions, in).value_or(implied), *output};
    }
    const std::uint64_t input = needed(in);
    if (output) return {input, *output};
    if (kind == OperatorKind::conv && padding_ == Padding::valid && input < kernel) {
      notes_.add("the kernel is larger than the input; one output is taken", name_);
    }
    return {input, output_size(kind, padding_, input, kernel, step)};
  }

  const LayerBlock& layer_;
  std::string_view name_;
  Padding padding_;
  Notes& notes_;
  io::Diagnostics& diagnostics_;
  Form form_;
};

} // namespace

bool known_type(std::string_view type) { return form_of(type).has_value(); }

std::string known_types() {
  std::vector<std::string> names;
  for (const TypeName& type : kTypes) names.emplace_back(type.name);
  return join(names, ", ");
}

std::optional<LayerShape> shape_of(const LayerBlock& layer, std::string_view name, Padding padding, Notes& notes,
                                   io::Diagnostics& diagnostics) {
  return ShapeReader(layer, name, padding, notes, diagnostics).read();
}

} // namespace terastal::maestro
