// Pins the event stream of every shipped scenario under every policy: the same on every compiler, build type and
// machine. An intended change of behaviour updates the file in the same commit: TERASTAL_UPDATE_GOLDEN=1 ctest -R
// GoldenDigest.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "terastal/experiment/run.hpp"
#include "terastal/io/load.hpp"
#include "terastal/sched/policies.hpp"

namespace terastal {
namespace {

const std::string kRoot = TERASTAL_SOURCE_DIR;
const std::string kGolden = kRoot + "/tests/oracle/golden/digests.csv";

std::vector<std::string> scenario_files() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kRoot + "/workloads")) {
    const std::string name = entry.path().filename().string();
    const bool other =
        name.ends_with(".sweep.yaml") || name == "claims.yaml" || entry.path().parent_path().filename() == "networks";
    if (name.ends_with(".yaml") && !other) files.push_back(std::filesystem::relative(entry.path(), kRoot).string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> policies() {
  std::vector<std::string> ids;
  for (const auto& info : builtin_policies().all()) ids.push_back(info.id);
  for (const char* extra : {"fcfs:order=ready", "edf:placement=earliest_finish", "edf:placement=preferred_only",
                            "dream:alpha=0", "terastal:variants=false", "terastal:budgets=false",
                            "terastal:budget_rule=greedy", "terastal:budget_rule=min"}) {
    ids.emplace_back(extra);
  }
  return ids;
}

std::string hex(std::uint64_t value) {
  std::ostringstream out;
  out << std::hex << value;
  return out.str();
}

using Digests = std::map<std::pair<std::string, std::string>, std::string>;

Digests compute() {
  Digests digests;
  const PolicyRegistry registry = builtin_policies();
  for (const auto& file : scenario_files()) {
    const LoadedScenario loaded = load_scenario(kRoot + "/" + file, {{"horizon", "1 s"}});
    for (const auto& policy : policies()) {
      digests[{file, policy}] = hex(run(loaded.scenario, registry.parse(policy)).digest);
    }
  }
  return digests;
}

Digests read() {
  Digests digests;
  std::ifstream in(kGolden);
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream cells(line);
    std::string file, policy, digest;
    std::getline(cells, file, ',');
    std::getline(cells, policy, ',');
    std::getline(cells, digest, ',');
    digests[{file, policy}] = digest;
  }
  return digests;
}

void write(const Digests& digests) {
  std::ofstream out(kGolden);
  out << "scenario,policy,digest (seed 1; horizon 1 s)\n";
  for (const auto& [key, digest] : digests) out << key.first << ',' << key.second << ',' << digest << '\n';
}

TEST(GoldenDigest, EveryScenarioUnderEveryPolicyRunsAsRecorded) {
  const Digests now = compute();
  if (std::getenv("TERASTAL_UPDATE_GOLDEN") != nullptr) write(now);
  EXPECT_GE(now.size(), 17U * 17U);
  EXPECT_EQ(now, read());
}

TEST(GoldenDigest, DigestsOfDifferentPoliciesDiffer) {
  const Digests golden = read();
  const std::string file = "workloads/papers/terastal/multi_camera_heavy_6k.yaml";
  EXPECT_NE(golden.at({file, "edf"}), golden.at({file, "fcfs"}));
  EXPECT_NE(golden.at({file, "terastal"}), golden.at({file, "terastal:variants=false"}));
}

} // namespace
} // namespace terastal
