#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "terastal/core/error.hpp"
#include "terastal/io/load.hpp"

namespace terastal::testing {

/// A folder for the files of one test; current while it lives, so that paths in messages are short.
class TemporaryFolder {
 public:
  TemporaryFolder()
      : before_(std::filesystem::current_path()),
        path_(std::filesystem::temp_directory_path() / ("terastal_io_" + std::to_string(getpid()))) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
    std::filesystem::current_path(path_);
  }
  ~TemporaryFolder() {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(path_);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  void write(const std::string& name, const std::string& text) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
  }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path before_;
  std::filesystem::path path_;
};

/// The message of the InputError that a call throws; empty when it throws none.
template <typename Call>
std::string input_error(Call&& call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

/// A document that uses every key of its kind at least once.
inline const char* const kFullPlatform = R"(platform: full
description: every key
source: a test
types:
  gpu: { kind: gpu, dataflow: none, pes: 128, clock: 1.5 GHz, model_switch: 20 us }
  npu: { kind: npu, clock: 3 Hz }
  idle: { kind: other }
  tpu: {}
accelerators:
  - { name: tpu0, type: tpu }
  - { name: npu0, type: npu }
  - { name: gpu0, type: gpu }
  - { name: npu1, type: npu }
transfers:
  - { from: gpu, to: npu, latency: 5 us, bandwidth: 10 GB/s }
  - { from: idle, latency: 1 h }
  - { to: gpu, latency: 2 us }
  - { latency: 1 us, bandwidth: 1 KiB/s }
)";

inline const char* const kFullNetwork = R"(network: full_net
description: every key
source: a test
layers:
  - { name: conv, op: CONV, macs: 1.2e9, output_bytes: 4 KiB, block: a, latency: { gpu: 2 ms, npu: 5 ms }, energy: { gpu: 3 mJ } }
  - { name: left, latency: { gpu: 1 ms }, after: [conv] }
  - { name: right, latency: { npu: 1 ms, unknown: 7 s }, after: [conv], energy: 1.5 uJ }
  - { name: add, latency: 100 us, after: [left, right] }
  - { name: aside, latency: 1 us, after: [] }
  - { name: last, latency: 1 us }
variants:
  - { name: thin, layer: conv, gamma: 2, latency: { npu: 2 ms }, energy: { npu: 1 mJ }, accuracy_cost: 1 % }
  - { name: thinner, layer: conv, gamma: 4, latency: 1 ms, accuracy_cost: 0.05 }
  - { name: quick, layer: add, latency: { gpu: 50 us } }
accuracy:
  metric: top-1
  baseline: 80
  sets:
    - { variants: [thin], accuracy: 79 }
    - { variants: [quick, thin], accuracy: 70.5 }
    - { variants: [], accuracy: 80 }
)";

inline const char* const kFullScenario = R"(scenario: full_scenario
description: every key
source: a test
platform: platform.yaml
horizon: 1 min
warm_up: 500 ms
seed: 18446744073709551615
late_jobs: drop_hopeless
accuracy_threshold: 95 %
granularity: layer
execution: { kind: uniform, low: 0.5, high: 1.5 }
tasks:
  - name: periodic
    network: { network: simple, layers: [ { name: x, latency: 1 ms }, { name: y, latency: 1 ms } ] }
    arrivals: { kind: periodic, period: 10 ms, phase: 2 ms, jitter: 1 ms }
    deadline: 8 ms
    priority: -3
    weight: 2.5
    late_jobs: run_on
    accuracy_threshold: 0.5
    granularity: model
    execution: { kind: lognormal, cv: 0.1 }
    mk: { m: 3, k: 5 }
  - { name: random_phase, network: network.yaml, arrivals: { kind: periodic, rate: 30 fps, phase: random } }
  - { name: sporadic, network: network.yaml, arrivals: { kind: sporadic, rate: 60 fps, extra: 3 ms } }
  - { name: poisson, network: network.yaml, arrivals: { kind: poisson, rate: 12.5 /s }, execution: { kind: exponential } }
  - { name: bursts, network: network.yaml, arrivals: { kind: bursts, rate: 100 Hz, on: 1 s, off: 2 s }, execution: { kind: equal } }
  - { name: trace, network: { network: sampled, samples: samples.csv }, arrivals: { kind: trace, file: trace.csv }, execution: { kind: samples } }
  - { name: child, network: network.yaml, after: { task: random_phase } }
  - { name: grandchild, network: network.yaml, after: { task: child, probability: 25 %, deadline_from: trigger } }
)";

inline const char* const kSamples = R"(# measured
sample,layer,gpu_us,npu_us,tpu_us
7,first,10,20,30
7,second,1,2,3
3,second,2,2,4
3,first,13,20,31
)";

inline const char* const kTrace = R"(release_ms,deadline_ms,priority,sample
0,5,,7
0.000000001,4,-2,3
12.5,6,1,
)";

/// Writes the full documents and their tables.
inline void write_full_documents(const TemporaryFolder& folder) {
  folder.write("platform.yaml", kFullPlatform);
  folder.write("network.yaml", kFullNetwork);
  folder.write("scenario.yaml", kFullScenario);
  folder.write("samples.csv", kSamples);
  folder.write("trace.csv", kTrace);
}

} // namespace terastal::testing
