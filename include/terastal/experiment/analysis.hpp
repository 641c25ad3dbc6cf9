#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "terastal/core/time.hpp"
#include "terastal/offline/analysis/mapping_bound.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// Which accelerator runs a layer.
enum class LayerMapping : std::uint8_t {
  fastest, ///< the type that runs it fastest; on any accelerator of the type
  pinned,  ///< the same type, on one accelerator of it per task: tasks in order of falling load go where load is least
  partitioned, ///< all of a task on one accelerator, chosen so that the largest utilisation is least
  single,      ///< everything on one accelerator
};

/// What is to be analysed.
struct AnalysisOptions {
  std::vector<std::string> policies; ///< of `analysed_policies()`; empty: all
  LayerMapping mapping = LayerMapping::fastest;
  AcceleratorIndex accelerator = 0; ///< for LayerMapping::single
};

/// `edf`, `rm`, `dm`, `fp`.
[[nodiscard]] const std::vector<std::string>& analysed_policies();

/// What a test is worth when it decides.
enum class Strength : std::uint8_t {
  exact,      ///< acceptance proves that no deadline is missed, refusal that some offsets miss one
  sufficient, ///< acceptance proves it; refusal says nothing
  necessary,  ///< refusal proves that deadlines are missed; acceptance says nothing
};

/// What a test says of a scenario.
enum class Finding : std::uint8_t {
  schedulable,     ///< no job misses its deadline
  not_schedulable, ///< some do: always, or for some offsets where the reason says so
  open,            ///< the test cannot tell
  not_applicable,  ///< the scenario breaks its assumptions
  gave_up,         ///< it would take too long
};

/// A test: what it asks and on what terms.
struct AnalysisTest {
  std::string id;
  std::string condition;
  std::string assumptions;
  std::string source;
  bool ideal = false; ///< for layers that can be preempted anywhere, which the simulated policies do not do
};

/// All tests, in the order in which they are reported.
[[nodiscard]] const std::vector<AnalysisTest>& analysis_tests();
/// One of them. \throws Error for an unknown id.
[[nodiscard]] const AnalysisTest& analysis_test(const std::string& id);

/// Where layers run: one accelerator, or all of one type when a layer may use any of them.
struct Site {
  std::string name;
  TypeIndex type = 0;
  std::size_t accelerators = 1;
  double utilisation = 0.0; ///< Σ time / period over the layers mapped to it, per accelerator; where known
  std::size_t tasks = 0;
  Duration longest_layer{0};
};

/// A test on some sites.
struct TestFinding {
  std::string test;
  std::string policy; ///< `any` for tests that do not depend on it
  std::string where;  ///< sites by name; empty: the whole platform
  Strength strength = Strength::sufficient;
  Finding finding = Finding::not_applicable;
  std::string reason; ///< the figures that decided, or why the test does not apply
};

/// What a policy does for a task.
struct TaskFinding {
  std::string policy;
  Finding finding = Finding::not_applicable;
  std::optional<Duration> response; ///< at least every response time of the task
  Duration blocking{0};             ///< part of it: by less urgent layers
  std::string reason = {};          ///< when there is no bound
};

/// A task as it was analysed.
struct AnalysedTask {
  TaskIndex task = 0;
  Duration period{0}; ///< smallest distance of releases, before jitter; zero when there is none
  Duration jitter{0};
  Duration wcet{0}; ///< of all layers where they are mapped, transfers and switches included; zero when not bounded
  std::vector<std::size_t> sites = {};    ///< it runs on
  std::string reason = {};                ///< why no test applies to it; empty when they do
  std::vector<TaskFinding> findings = {}; ///< by policy, in the order of the options
};

/// A policy as a whole.
struct PolicyFinding {
  std::string policy;
  Finding finding = Finding::open;
  std::string reason;
};

/// The least load over all mappings, or why it was not computed.
struct LoadBound {
  std::optional<MappingBound> bound;
  std::string reason = {};
};

/// What can be said of a scenario without running it.
struct ScenarioAnalysis {
  AnalysisOptions options;
  std::string holds_for; ///< what keeps to the mapping, e.g. `placement=preferred_only`
  std::vector<Site> sites;
  std::vector<AnalysedTask> tasks; ///< in the scenario's order
  LoadBound originals;             ///< every layer in its original
  LoadBound with_variants; ///< every layer in any of its options, whatever the accuracy; not set without variants
  std::vector<TestFinding> tests;
  std::vector<PolicyFinding> policies;

  /// Whether at least one of the policies was shown to meet every deadline.
  [[nodiscard]] bool schedulable() const;
};

/// Applies every test to a scenario. The scenario must be valid.
[[nodiscard]] ScenarioAnalysis analyse(const Scenario& scenario, const AnalysisOptions& options = {});

/// Words of files and reports.
[[nodiscard]] std::string to_string(LayerMapping mapping);
[[nodiscard]] std::string to_string(Strength strength);
[[nodiscard]] std::string to_string(Finding finding);

} // namespace terastal
