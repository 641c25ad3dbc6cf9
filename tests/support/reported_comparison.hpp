#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "support/policies.hpp"
#include "support/small_scenario.hpp"
#include "terastal/report/compare_report.hpp"

namespace terastal::testing {

/// A comparison of the small scenario, under one name or several, and how it is reported.
struct ReportedComparison {
  std::vector<LoadedScenario> scenarios;
  std::vector<Policy> policies;
  Comparison comparison;

  ReportedComparison(std::size_t count, const std::vector<std::string>& texts, const CompareOptions& options)
      : policies(testing::policies(texts)) {
    for (std::size_t i = 0; i < count; ++i) {
      LoadedScenario loaded;
      loaded.scenario = small_scenario();
      loaded.scenario.name += std::to_string(i);
      loaded.inputs = {{"shared.csv", "aa"}, {loaded.scenario.name + ".yaml", "bb"}};
      loaded.resolved = "{}";
      scenarios.push_back(std::move(loaded));
    }
    std::vector<const Scenario*> pointers;
    for (const auto& s : scenarios) pointers.push_back(&s.scenario);
    comparison = compare(pointers, policies, options);
  }

  [[nodiscard]] std::string text(Format format) const {
    CompareReport report;
    report.scenarios = &scenarios;
    report.policies = &policies;
    report.comparison = &comparison;
    std::ostringstream out;
    write(out, report, format);
    return out.str();
  }
};

} // namespace terastal::testing
