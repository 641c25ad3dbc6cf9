#include <set>

#include <fmt/format.h>

#include "import/onnx_infer.hpp"
#include "terastal/core/text.hpp"
#include "terastal/model/shape.hpp"

namespace terastal::from_onnx {
namespace {

using Symbols = std::map<std::string, std::int64_t>;
using Dimension = proto::TensorShapeProto::Dimension;

bool is_open(const Dimension& dimension) { return !dimension.has_dim_value() || dimension.dim_value() < 1; }

class InputBinder {
 public:
  InputBinder(const OnnxOptions& options, std::vector<std::string>& notes, Problems& problems)
      : options_(options), notes_(notes), problems_(problems) {
    check_options();
  }

  /// Finds out what symbols stand for.
  void learn(const proto::ValueInfoProto& input) {
    std::size_t axis = 0;
    for (const Dimension& dimension : input.type().tensor_type().shape().dim()) {
      if (is_open(dimension)) open_size(input.name(), axis, dimension);
      ++axis;
    }
  }

  /// Replaces what is open in the shape of an input. After learning from all of them: a symbol that is an inner
  /// dimension here may be the first one of a later input.
  void bind(const proto::ValueInfoProto& input, Value& value) {
    value.type = input.type().tensor_type().elem_type();
    if (!input.type().tensor_type().has_shape()) return;
    Dims dims;
    for (const Dimension& dimension : input.type().tensor_type().shape().dim()) {
      const std::size_t axis = dims.size();
      dims.push_back(is_open(dimension) ? open_size(input.name(), axis, dimension) : dimension.dim_value());
    }
    try {
      check_dims(dims);
      value.dims = std::move(dims);
    } catch (const NodeProblem& problem) {
      problems_.add(fmt::format("input {}: {}", shown(input.name()), problem.what()));
    }
  }

  /// After all inputs.
  void finish() {
    for (const std::string& missing : missing_) {
      problems_.add(fmt::format("dimension {} is open; give it with --dim {}=SIZE", shown(missing), clean(missing)));
    }
    for (const auto& [name, size] : options_.dims) {
      if (seen_.count(name) > 0) continue;
      problems_.add(fmt::format("no input has an open dimension {}{}; open are: {}", shown(name),
                                did_you_mean(name, {seen_.begin(), seen_.end()}), open_names()));
    }
    if (options_.batch && !batch_used_) {
      problems_.add("a batch is given, but no input has an open first dimension");
    }
  }

  [[nodiscard]] const Symbols& symbols() const { return symbols_; }

 private:
  void check_options() {
    const auto check = [&](const std::string& what, std::uint64_t size) {
      if (size >= 1 && size <= kLargestDimension) return;
      problems_.add(fmt::format("{} must be 1 to {}, got {}", what, kLargestDimension, size));
    };
    if (options_.batch) check("batch", *options_.batch);
    for (const auto& [name, size] : options_.dims) check("dimension " + shown(name), size);
  }

  /// Size of a dimension that the file leaves open.
  std::int64_t open_size(const std::string& input, std::size_t axis, const Dimension& dimension) {
    const bool named = dimension.has_dim_param() && !dimension.dim_param().empty();
    const std::string name = named ? dimension.dim_param() : fmt::format("{}.{}", input, axis);
    seen_.insert(name);
    if (const auto known = symbols_.find(name); known != symbols_.end()) return known->second;
    if (const auto given = options_.dims.find(name); given != options_.dims.end()) {
      return symbols_[name] = static_cast<std::int64_t>(given->second);
    }
    if (axis > 0) {
      missing_.insert(name);
      return 1;
    }
    return symbols_[name] = batch(input, name);
  }

  std::int64_t batch(const std::string& input, const std::string& name) {
    const auto size = static_cast<std::int64_t>(options_.batch.value_or(1));
    batch_used_ = true;
    missing_.erase(name);
    notes_.push_back(
        fmt::format("{}, the first dimension of input {}, is taken as the batch: {}", shown(name), shown(input), size));
    return size;
  }

  [[nodiscard]] std::string open_names() const {
    constexpr std::size_t most = 12;
    std::vector<std::string> names;
    for (const std::string& name : seen_) {
      if (names.size() < most) names.push_back(clean(name));
    }
    if (seen_.size() > most) names.emplace_back("...");
    return names.empty() ? "none" : join(names, ", ");
  }

  const OnnxOptions& options_;
  std::vector<std::string>& notes_;
  Problems& problems_;
  Symbols symbols_;
  std::set<std::string> seen_;    ///< names of open dimensions
  std::set<std::string> missing_; ///< of those, without a size so far
  bool batch_used_ = false;
};

/// Sizes that a declaration gives; nothing when one stays open.
std::optional<Dims> declared_dims(const proto::TypeProto& type, const Symbols& symbols) {
  if (!type.tensor_type().has_shape()) return std::nullopt;
  Dims dims;
  for (const Dimension& dimension : type.tensor_type().shape().dim()) {
    const auto symbol = symbols.find(dimension.dim_param());
    if (is_open(dimension) && symbol == symbols.end()) return std::nullopt;
    dims.push_back(is_open(dimension) ? symbol->second : dimension.dim_value());
  }
  try {
    check_dims(dims);
  } catch (const NodeProblem&) {
    return std::nullopt; // what is declared is only asked for where nothing else is known
  }
  return dims;
}

} // namespace

DeclaredDims bind_inputs(const proto::GraphProto& from, Graph& graph, const OnnxOptions& options,
                         std::vector<std::string>& notes, Problems& problems) {
  std::map<std::string, const proto::ValueInfoProto*> by_name;
  for (const auto& input : from.input()) by_name.emplace(clean(input.name()), &input);
  InputBinder binder(options, notes, problems);
  for (const ValueId id : graph.inputs) binder.learn(*by_name.at(graph.values[id].name));
  for (const ValueId id : graph.inputs) binder.bind(*by_name.at(graph.values[id].name), graph.values[id]);
  binder.finish();
  DeclaredDims declared;
  for (const auto* list : {&from.value_info(), &from.output()}) {
    for (const auto& value : *list) {
      if (auto dims = declared_dims(value.type(), binder.symbols())) {
        declared.emplace(clean(value.name()), std::move(*dims));
      }
    }
  }
  return declared;
}

} // namespace terastal::from_onnx
