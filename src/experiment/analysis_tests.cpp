#include "terastal/core/error.hpp"
#include "terastal/experiment/analysis.hpp"

namespace terastal {

const std::vector<std::string>& analysed_policies() {
  static const std::vector<std::string> policies = {"edf", "rm", "dm", "fp"};
  return policies;
}

const std::vector<AnalysisTest>& analysis_tests() {
  static const std::vector<AnalysisTest> tests = {
      {"load", "least load over all mappings of layers to accelerators ≤ 1",
       "layers may be split at will, originals, one accelerator a layer, no set-up costs, mean times; in the long run",
       "linear programme"},
      {"load_variants", "the same, each layer in its option with the least time", "as load, whatever the accuracy",
       "linear programme"},
      {"fastest_path", "longest path of fastest latencies ≤ deadline", "originals, no set-up costs", "definition"},
      {"utilisation", "Σ time / period ≤ 1 on every accelerator of the mapping", "no set-up costs; in the long run",
       "definition"},
      {"edf_layers", "demand(t) + longest layer of tasks with deadline > t ≤ t for every t",
       "one accelerator, layers not preempted, any offsets", "Baruah et al. 1990 with blocking"},
      {"edf_single_layer", "as edf_layers; Jeffay's conditions", "one layer a job, deadline = period, any offsets",
       "Jeffay, Stanat, Martel 1991"},
      {"fp_layers", "responses in the busy period ≤ deadline", "one accelerator, layers not preempted, any offsets",
       "Davis et al. 2007, Yao et al. 2011"},
      {"fp_single_layer", "responses in the busy period ≤ deadline", "one layer a job, any offsets",
       "Davis et al. 2007"},
      {"fp_chains", "response bound ≤ min(deadline, period − jitter)",
       "chains over single accelerators, layers not preempted, any offsets", "our own derivation"},
      {"edf_demand", "demand(t) ≤ t for every t", "one accelerator, any offsets", "Baruah, Rosier, Howell 1990", true},
      {"fp_preemptive", "responses in the busy period ≤ deadline", "one accelerator, any offsets", "Lehoczky 1990",
       true},
      {"liu_layland", "Σ U ≤ n (2^(1/n) − 1)", "one accelerator, deadline ≥ period, no jitter", "Liu and Layland 1973",
       true},
      {"hyperbolic", "Π (U + 1) ≤ 2", "one accelerator, deadline ≥ period, no jitter", "Bini et al. 2003", true},
      {"global_edf", "Σ density ≤ m − (m − 1) · largest density",
       "m identical accelerators, chains, jobs move freely, no jitter", "Goossens et al. 2003", true},
  };
  return tests;
}

const AnalysisTest& analysis_test(const std::string& id) {
  for (const AnalysisTest& test : analysis_tests()) {
    if (test.id == id) return test;
  }
  throw Error("unknown test '" + id + "'");
}

std::string to_string(LayerMapping mapping) {
  switch (mapping) {
  case LayerMapping::fastest:
    return "fastest";
  case LayerMapping::pinned:
    return "pinned";
  case LayerMapping::partitioned:
    return "partitioned";
  case LayerMapping::single:
    break;
  }
  return "single";
}

std::string to_string(Strength strength) {
  switch (strength) {
  case Strength::exact:
    return "exact";
  case Strength::sufficient:
    return "sufficient";
  case Strength::necessary:
    break;
  }
  return "necessary";
}

std::string to_string(Finding finding) {
  switch (finding) {
  case Finding::schedulable:
    return "schedulable";
  case Finding::not_schedulable:
    return "not_schedulable";
  case Finding::open:
    return "open";
  case Finding::not_applicable:
    return "not_applicable";
  case Finding::gave_up:
    break;
  }
  return "gave_up";
}

} // namespace terastal
