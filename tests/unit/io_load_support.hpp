#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "terastal/io/load.hpp"
#include "terastal/workload/scenario.hpp"
#include "unit/io_test_support.hpp"

namespace terastal {

class IoLoad : public ::testing::Test {
 protected:
  IoLoad() { testing::write_full_documents(folder_); }

  /// A one-task scenario on the full platform; `more` are further lines at the top level.
  std::string small(const std::string& task, const std::string& more = {}) const {
    return "scenario: small\nplatform: platform.yaml\nhorizon: 1 s\n" + more + "tasks:\n  - { name: a, " + task +
           " }\n";
  }
  LoadedScenario load_small(const std::string& task, const std::string& more = {},
                            const std::vector<Override>& overrides = {}) const {
    folder_.write("small.yaml", small(task, more));
    return load_scenario("small.yaml", overrides);
  }

  const testing::TemporaryFolder folder_;
};

} // namespace terastal
