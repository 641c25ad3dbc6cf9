#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/experiment/schedulability.hpp"
#include "terastal/io/load.hpp"
#include "terastal/report/schedulability_report.hpp"

namespace terastal {
namespace {

using namespace testing;

const std::string kFolder = TERASTAL_SOURCE_DIR "/workloads/papers/lalarand/";

// -- the shipped profiles

struct Magnitudes {
  std::string network;
  std::size_t layers;
  Duration gpu, cpu; ///< sums
  Duration gpu_longest, cpu_longest;
  std::vector<LayerIndex> cpu_wins;
};

/// 10 us, the resolution of the published figures.
constexpr Duration k10us = 10us;

TEST(LalarandProfiles, HaveThePublishedMagnitudes) {
  const std::vector<Magnitudes> published = {
      {"yolo_tiny", 24, 1373 * k10us, 106700 * k10us, 305 * k10us, 32050 * k10us, {}},
      {"extraction", 28, 1503 * k10us, 163150 * k10us, 184 * k10us, 30860 * k10us, {26, 27}},
      {"resnet18", 29, 1127 * k10us, 88310 * k10us, 113 * k10us, 7400 * k10us, {26, 28}},
      {"rnn", 6, 401 * k10us, 416 * k10us, 130 * k10us, 139 * k10us, {0, 3, 4}},
  };
  const Scenario s = load_scenario(kFolder + "networks.yaml").scenario;
  for (const Magnitudes& m : published) {
    const auto found = std::find_if(s.networks.begin(), s.networks.end(),
                                    [&](const Network& n) { return n.name == "lalarand_" + m.network; });
    ASSERT_NE(found, s.networks.end()) << m.network;
    EXPECT_NE(found->description.find("synthetic"), std::string::npos);
    EXPECT_NE(found->source.find("synthetic"), std::string::npos);
    ASSERT_EQ(found->layers.size(), m.layers);
    Duration gpu{0}, cpu{0}, gpu_longest{0}, cpu_longest{0};
    std::vector<LayerIndex> wins;
    for (LayerIndex l = 0; l < m.layers; ++l) {
      const OptionIndex original = found->layers[l].first_option;
      const Duration on_gpu = found->latency_of(original, 0);
      const Duration on_cpu = found->latency_of(original, 1);
      gpu += on_gpu;
      cpu += on_cpu;
      gpu_longest = std::max(gpu_longest, on_gpu);
      cpu_longest = std::max(cpu_longest, on_cpu);
      if (on_cpu < on_gpu) wins.push_back(l);
      // The quantised layer runs on the CPU only, three times as fast there, to 1 us.
      ASSERT_EQ(found->layers[l].option_count, 2U);
      EXPECT_EQ(found->latency_of(original + 1, 0), kCannotRun);
      EXPECT_NEAR(to_seconds(found->latency_of(original + 1, 1)), to_seconds(on_cpu) / 3.0, 0.5001e-6);
    }
    EXPECT_EQ(gpu, m.gpu) << m.network;
    EXPECT_EQ(cpu, m.cpu) << m.network;
    EXPECT_EQ(gpu_longest, m.gpu_longest) << m.network;
    EXPECT_EQ(cpu_longest, m.cpu_longest) << m.network;
    EXPECT_EQ(wins, m.cpu_wins) << m.network;
    EXPECT_NEAR(*found->accuracy.loss((VariantSet{1} << m.layers) - 1), 0.008, 1e-12);
  }
}

TEST(LalarandProfiles, OlderOnesHaveTheirSums) {
  const Scenario s = load_scenario(kFolder + "networks_single_core.yaml").scenario;
  std::vector<std::vector<Duration>> sums;
  for (const Network& n : s.networks) {
    sums.push_back({Duration{0}, Duration{0}});
    for (const Layer& layer : n.layers) {
      for (TypeIndex t = 0; t < 2; ++t) sums.back()[t] += n.latency_of(layer.first_option, t);
    }
  }
  std::sort(sums.begin(), sums.end());
  EXPECT_EQ(sums, (std::vector<std::vector<Duration>>{{753 * k10us, 987 * k10us},
                                                      {5611 * k10us, 137500 * k10us},
                                                      {5896 * k10us, 160300 * k10us},
                                                      {6882 * k10us, 269900 * k10us}}));
}

// -- the experiment

SchedulabilityOptions small() {
  SchedulabilityOptions options;
  options.utilisations = {0.4, 0.9};
  options.sets = 3;
  options.task_sets.fewest_tasks = 5;
  options.task_sets.most_tasks = 6;
  options.task_sets.shortest_period = 150ms;
  options.task_sets.longest_run = 2s;
  return options;
}

std::string text_of(const LoadedScenario& pool, const std::vector<SchedulabilityMethod>& methods,
                    const SchedulabilityOptions& options, const Schedulability& result, Format format) {
  std::ostringstream out;
  SchedulabilityReport report;
  report.pool = &pool;
  report.methods = &methods;
  report.options = &options;
  report.result = &result;
  write(out, report, format);
  return out.str();
}

TEST(LalarandExperiment, SameResultsWithAnyNumberOfThreads) {
  const LoadedScenario pool = load_scenario(kFolder + "networks_single_core.yaml");
  const auto methods = lalarand_methods();
  SchedulabilityOptions options = small();
  std::vector<std::string> texts;
  for (const std::size_t threads : {1, 3}) {
    options.threads = threads;
    const Schedulability result = schedulability(pool.scenario, methods, options);
    EXPECT_TRUE(result.complete);
    ASSERT_EQ(result.points.size(), 2U);
    EXPECT_EQ(result.total.sets, 6U);
    for (std::size_t m = 0; m < methods.size(); ++m) {
      const MethodCount& total = result.total.methods[m];
      EXPECT_EQ(total.simulated, result.points[0].methods[m].simulated + result.points[1].methods[m].simulated);
      EXPECT_EQ(total.analysed.has_value(), methods[m].name != "lalarand");
      EXPECT_LE(total.analysed.value_or(0), total.simulated);
      if (methods[m].name.substr(0, 8) == "lalarand") {
        EXPECT_LE(total.largest_loss, 0.004 + 1e-12);
      }
    }
    texts.push_back(text_of(pool, methods, options, result, Format::csv));
  }
  EXPECT_EQ(texts[0], texts[1]);
  EXPECT_EQ(std::count(texts[0].begin(), texts[0].end(), '\n'), 1 + 2 * 7);
  EXPECT_NE(texts[0].find(",dart_gc,lalarand:allocation=dart_gc:migration=false,"), std::string::npos);
}

TEST(LalarandExperiment, TablesSayWhatThePaperClaims) {
  const LoadedScenario pool = load_scenario(kFolder + "networks_single_core.yaml");
  const auto methods = lalarand_methods();
  SchedulabilityOptions options = small();
  options.utilisations = {0.4};
  options.sets = 1;
  std::size_t calls = 0;
  options.progress = [&](std::size_t done, std::size_t total) { calls += done <= total ? 1 : 0; };
  const Schedulability result = schedulability(pool.scenario, methods, options);
  EXPECT_EQ(calls, 1U);
  const std::string table = text_of(pool, methods, options, result, Format::table);
  for (const char* part :
       {"No miss in the simulated hyperperiod", "the paper: +56 %", "the paper: +80 %", "5 to 6 of"}) {
    EXPECT_NE(table.find(part), std::string::npos) << part;
  }
  EXPECT_NE(text_of(pool, methods, options, result, Format::json).find("\"analysed_share\""), std::string::npos);
  const std::string lines = text_of(pool, methods, options, result, Format::jsonl);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 7);
}

TEST(LalarandExperiment, SaysWhichUtilisationsThereAre) {
  const LoadedScenario pool = load_scenario(kFolder + "networks.yaml");
  SchedulabilityOptions options = small();
  options.utilisations = {5.0};
  try {
    (void)schedulability(pool.scenario, lalarand_methods(), options);
    FAIL() << "5 is more than these networks can have";
  } catch (const InputError& e) {
    EXPECT_NE(std::string(e.what()).find("no mix of networks has a utilisation of 5"), std::string::npos) << e.what();
  }
}

TEST(LalarandExperiment, StopsWhenAsked) {
  const LoadedScenario pool = load_scenario(kFolder + "networks_single_core.yaml");
  SchedulabilityOptions options = small();
  options.threads = 1;
  std::size_t asked = 0;
  options.keep_going = [&] { return ++asked <= 2; };
  const Schedulability result = schedulability(pool.scenario, lalarand_methods(), options);
  EXPECT_FALSE(result.complete);
  EXPECT_EQ(result.total.sets, 2U);
}

} // namespace
} // namespace terastal
