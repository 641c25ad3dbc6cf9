#pragma once

#include <map>
#include <string>
#include <vector>

#include "terastal/io/load_sweep.hpp"
#include "terastal/sweep/run_sweep.hpp"
#include "unit/io_test_support.hpp"

namespace terastal::testing {

/// Two tasks on two accelerators; seeds matter, and so does every setting that tests change.
inline const char* const kSweptScenario = R"(scenario: small
platform:
  platform: pair
  types: { gpu: {}, npu: {} }
  accelerators: [ { name: gpu0, type: gpu }, { name: npu0, type: npu } ]
horizon: 200 ms
tasks:
  - name: fast
    network:
      network: fast_net
      layers:
        - { name: first, latency: { gpu: 3 ms, npu: 9 ms }, energy: 1 mJ }
        - { name: second, latency: { gpu: 3 ms, npu: 9 ms }, energy: 1 mJ }
      variants: [ { name: thin, layer: second, latency: 3 ms, energy: 1 mJ, accuracy_cost: 5 % } ]
      accuracy: { metric: top-1, baseline: 80, model: additive }
    arrivals: { kind: periodic, period: 10 ms, phase: random, jitter: 1 ms }
  - name: slow
    network: { network: slow_net, layers: [ { name: only, latency: { gpu: 16 ms, npu: 12 ms }, energy: 2 mJ } ] }
    arrivals: { kind: poisson, rate: 60 fps }
    deadline: 30 ms
)";

/// A sweep's file with these axes, in flow or block style, and further top-level lines.
inline std::string sweep_text(const std::string& axes, const std::string& more = {}) {
  return "sweep: test\n" + more + "axes:\n" + axes;
}

inline SweepContext known_context() {
  static const PolicyRegistry policies = default_policies();
  SweepContext context{{}, policies, default_cost_models()};
  return context;
}

/// A folder with `small.yaml` and a sweep in it.
class SweepFiles {
 public:
  SweepFiles() { folder_.write("small.yaml", kSweptScenario); }

  [[nodiscard]] Sweep load(const std::string& axes, const std::string& more = {},
                           const std::vector<Override>& overrides = {}) const {
    folder_.write("test.sweep.yaml", sweep_text(axes, more));
    return load_sweep("test.sweep.yaml", overrides, known_context());
  }
  /// What is wrong with a sweep; empty when nothing is.
  [[nodiscard]] std::string error(const std::string& axes, const std::string& more = {},
                                  const std::vector<Override>& overrides = {}) const {
    return input_error([&] { (void)load(axes, more, overrides); });
  }

  [[nodiscard]] const TemporaryFolder& folder() const { return folder_; }

 private:
  TemporaryFolder folder_;
};

/// A sink that keeps results in memory.
struct KeptCells {
  std::map<CellIndex, CellResult> results;
  std::map<CellIndex, std::vector<std::string>> values;
  std::vector<CellIndex> order; ///< in which they came
  int commits = 0;

  CellSink sink() {
    CellSink sink;
    sink.held = [this] {
      std::vector<CellIndex> cells;
      for (const auto& [cell, result] : results) cells.push_back(cell);
      return cells;
    };
    sink.add = [this](const std::vector<std::string>& texts, const CellResult& result) {
      if (!results.emplace(result.cell, result).second) throw Error("a cell came twice");
      values.emplace(result.cell, texts);
      order.push_back(result.cell);
    };
    sink.commit = [this] { ++commits; };
    return sink;
  }
};

} // namespace terastal::testing
