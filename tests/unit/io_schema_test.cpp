// The generated JSON Schemas against the loader: what the loader accepts, the schema accepts; what the loader rejects
// for its structure, the schema rejects. What only the loader can see is listed in not_in_schema.txt, and the schema
// must accept it, so that the list stays exact.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "terastal/io/load.hpp"
#include "unit/io_test_support.hpp"

namespace terastal {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;

const fs::path kSource = TERASTAL_SOURCE_DIR;
const fs::path kCases = kSource / "tests/cli/bad_input/cases";

/// Kind and path of a document.
using Documents = std::vector<std::pair<std::string, fs::path>>;

/// Output of a command; its exit code goes to `code`.
std::string run(const std::string& command, int& code) {
  std::string output;
  std::array<char, 4096> buffer{};
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  while (pipe != nullptr && fgets(buffer.data(), static_cast<int>(buffer.size()), pipe) != nullptr) {
    output += buffer.data();
  }
  code = pipe == nullptr ? -1 : pclose(pipe);
  return output;
}

/// Cases that the schema cannot reject: names in a file, one a line, `#` for comments.
std::set<std::string> beyond_the_schema() {
  std::set<std::string> names;
  std::ifstream file(kCases.parent_path() / "not_in_schema.txt");
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.front() != '#') names.insert(line);
  }
  return names;
}

class IoSchema : public ::testing::Test {
 protected:
  IoSchema() {
    for (const DocumentKind kind : kDocumentKinds) {
      folder_.write(to_string(kind) + ".json", json_schema(kind));
    }
  }

  /// Runs the check of Python's jsonschema; its complaints.
  std::string complaints(const std::string& wanted, const Documents& documents) {
    int code = 0;
    run("/usr/bin/python3 -c 'import jsonschema, yaml'", code);
    if (code != 0) return "Python's jsonschema or yaml is missing: apt-get install python3-jsonschema python3-yaml";
    std::string command = "/usr/bin/python3 '" + (kSource / "tests/unit/io_schema_check.py").string() + "' . " + wanted;
    for (const auto& [kind, path] : documents) command += " " + kind + " '" + path.string() + "'";
    return run(command, code);
  }

  const TemporaryFolder folder_;
};

#define EXPECT_AGREEMENT(wanted, documents)                                                                            \
  do {                                                                                                                 \
    const std::string found = complaints(wanted, documents);                                                           \
    EXPECT_EQ(found, "");                                                                                              \
  } while (false)

TEST_F(IoSchema, IsJsonWithTheDeclaredParts) {
  for (const DocumentKind kind : kDocumentKinds) {
    const auto schema = nlohmann::json::parse(json_schema(kind));
    EXPECT_EQ(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    EXPECT_EQ(schema["additionalProperties"], false);
    for (const auto& [key, property] : schema["properties"].items())
      EXPECT_TRUE(property.contains("description")) << key;
  }
  const auto scenario = nlohmann::json::parse(json_schema(DocumentKind::scenario));
  EXPECT_EQ(scenario["properties"]["accuracy_threshold"]["default"], 0.9);
  EXPECT_EQ(scenario["properties"]["seed"]["default"], 1);
  EXPECT_EQ(scenario["properties"]["seed"]["maximum"], 18446744073709551615ULL);
  EXPECT_EQ(scenario["properties"]["warm_up"]["default"], "0 s");
  EXPECT_EQ(scenario["required"], nlohmann::json::parse(R"(["scenario", "platform", "horizon", "tasks"])"));
}

TEST_F(IoSchema, IsTheSameEveryTime) {
  EXPECT_EQ(json_schema(DocumentKind::scenario), json_schema(DocumentKind::scenario));
}

TEST_F(IoSchema, AcceptsEveryShippedFile) {
  Documents documents;
  for (const char* folder : {"configs", "workloads", "tests/oracle"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kSource / folder)) {
      if (entry.path().extension() != ".yaml") continue;
      documents.emplace_back(to_string(validate_file(entry.path().string())), entry.path());
    }
  }
  EXPECT_AGREEMENT("accept", documents);
}

TEST_F(IoSchema, AcceptsEveryKeyAndUnusualSpellings) {
  write_full_documents(folder_);
  folder_.write("odd_platform.yaml",
                "platform: 7\ndescription: true\ntypes:\n  gpu: { pes: 1e3, clock: '.5GHz', model_switch: "
                "\"1e-3 ms\" }\naccelerators: [ { name: 0, type: gpu } ]\n");
  folder_.write("odd_network.yaml",
                "network: 1.5\nlayers:\n  - { name: 1, latency: 5. ms, macs: 5.0, output_bytes: 1.5KiB }\n"
                "  - { name: 2, latency: 0.001s, energy: 0 J, after: [1] }\n");
  folder_.write("odd_scenario.yaml",
                "scenario: s\nplatform: platform.yaml\nhorizon:  '1 h '\nseed: 0\naccuracy_threshold: 1e2 %\n"
                "tasks:\n  - { name: no, network: odd_network.yaml, weight: 1e-3, priority: -0, mk: { m: 1, k: "
                "64 }, arrivals: { kind: periodic, rate: 1e-3 /s, phase: 0 s } }\n");
  folder_.write("odd_sweep.yaml",
                "sweep: 7\naxes: { seed: 5..5, scenario: odd_scenario.yaml, policy: edf, load: 1e-3,\n"
                "  theta: { set: accuracy_threshold, values: [0.9, 1e2 %] },\n"
                "  odd: { set: tasks.no.arrivals, values: [ { kind: poisson, rate: 1 fps } ] } }\n"
                "set: { horizon: 1 s }\nskip: [ { seed: 5..5, theta: [0.9] } ]\nmetrics: [energy]\n");
  const Documents documents{{"sweep", "odd_sweep.yaml"},       {"platform", "platform.yaml"},
                            {"network", "network.yaml"},       {"scenario", "scenario.yaml"},
                            {"platform", "odd_platform.yaml"}, {"network", "odd_network.yaml"},
                            {"scenario", "odd_scenario.yaml"}};
  for (const auto& [kind, path] : documents) EXPECT_EQ(to_string(validate_file(path.string())), kind);
  EXPECT_AGREEMENT("accept", documents);
}

TEST_F(IoSchema, RejectsWhatTheLoaderRejectsForItsStructure) {
  const auto beyond = beyond_the_schema();
  Documents rejected;
  Documents accepted;
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(kCases)) {
    const std::string name = entry.path().stem().string();
    const std::string kind = name.substr(0, name.find('_'));
    if (entry.path().extension() != ".yaml" || kind == "yaml" || kind == "override") continue;
    names.insert(name);
    (beyond.count(name) > 0 ? accepted : rejected).emplace_back(kind, entry.path());
  }
  EXPECT_TRUE(std::includes(names.begin(), names.end(), beyond.begin(), beyond.end()))
      << "a listed case does not exist";
  EXPECT_GT(rejected.size(), 60U);
  EXPECT_AGREEMENT("reject", rejected);
  EXPECT_AGREEMENT("accept", accepted);
}

} // namespace
} // namespace terastal
