#pragma once

#include <map>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/core.h>

namespace terastal::bench {

/// Prints the usual table and, after the run, each benchmark's best rate as a ratio to its yardstick. Absolute figures
/// move between machines and moments; ratios within one run are what we quote.
class RatioReporter : public benchmark::ConsoleReporter {
 public:
  /// `benchmark` is compared with `yardstick` (names as registered).
  void compare(const std::string& benchmark, const std::string& yardstick) {
    pairs_.emplace_back(benchmark, yardstick);
  }

  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      const auto rate = run.counters.find("items_per_second");
      if (run.run_type != Run::RT_Iteration || rate == run.counters.end()) continue;
      double& best = best_[run.run_name.function_name];
      best = std::max(best, static_cast<double>(rate->second.value));
    }
  }

  void Finalize() override {
    ConsoleReporter::Finalize();
    for (const auto& [name, yardstick] : pairs_) {
      if (best_.count(name) == 0 || best_.count(yardstick) == 0) continue;
      fmt::print("ratio {:5.2f}   {} ({:.1f} M/s) to {} ({:.1f} M/s)\n", best_[name] / best_[yardstick], name,
                 best_[name] * 1e-6, yardstick, best_[yardstick] * 1e-6);
    }
  }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
  std::map<std::string, double> best_; ///< items per second
};

} // namespace terastal::bench
