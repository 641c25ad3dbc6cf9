// Speed of the cost models. The times are those of 1000 estimates; M/s are thousands of estimates each millisecond.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ratio_reporter.hpp"
#include "terastal/cost/models.hpp"

namespace {

using namespace terastal;

constexpr std::size_t kEstimates = 1000;

LayerShape layer(OperatorKind kind, std::uint64_t channels, std::uint64_t filters, std::uint64_t kernel,
                 std::uint64_t size, std::uint64_t stride) {
  LayerShape shape;
  shape.kind = kind;
  shape.c = channels;
  shape.k = filters;
  shape.r = shape.s = kernel;
  shape.y = shape.x = size;
  shape.stride_y = shape.stride_x = stride;
  shape.out_y = shape.out_x = (size + stride - 1) / stride;
  return shape;
}

/// 1000 layers such as convolutional networks have: every operator, channels growing while images shrink.
std::vector<LayerShape> layers() {
  std::vector<LayerShape> shapes;
  while (shapes.size() < kEstimates) {
    for (std::uint64_t size = 224, channels = 16; size >= 7; size /= 2, channels *= 2) {
      const std::uint64_t more = 4 * channels + shapes.size() % 13; // ragged edges too
      shapes.push_back(layer(OperatorKind::conv, channels, 2 * channels, 3, size, 2));
      shapes.push_back(layer(OperatorKind::conv, channels, more, 1, size, 1));
      shapes.push_back(layer(OperatorKind::depthwise, more, 1, 3, size, 1));
      shapes.push_back(layer(OperatorKind::transposed_conv, channels, channels, 2, size, 1));
      shapes.push_back(layer(OperatorKind::matmul, channels, more, 1, size, 1));
      shapes.push_back(layer(OperatorKind::pool, channels, channels, 2, size, 2));
      shapes.push_back(layer(OperatorKind::elementwise, channels, channels, 1, size, 1));
    }
  }
  shapes.resize(kEstimates);
  return shapes;
}

void estimates(benchmark::State& state, const std::string& model_text) {
  const auto shapes = layers();
  const std::unique_ptr<CostModel> model = builtin_cost_models().parse(model_text).make();
  for (auto _ : state) {
    double cycles = 0.0;
    for (const LayerShape& shape : shapes) cycles += model->estimate(shape).cycles;
    benchmark::DoNotOptimize(cycles);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(kEstimates));
}

} // namespace

int main(int argc, char** argv) {
  bench::RatioReporter reporter;
  const auto add = [&](const std::string& model) {
    benchmark::RegisterBenchmark(model.c_str(), estimates, model)
        ->Unit(benchmark::kMicrosecond)
        ->MinTime(0.1)
        ->Repetitions(3);
    reporter.compare(model, "roofline");
  };
  for (const auto& info : builtin_cost_models().all()) {
    add(info.id);
    for (const auto& setting : info.settings) {
      if (setting.name != "dataflow") continue;
      for (const std::string& dataflow : setting.choices) {
        if (dataflow != setting.default_text()) add(info.id + ":dataflow=" + dataflow);
      }
    }
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  return 0;
}
