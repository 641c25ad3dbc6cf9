#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "terastal/core/text.hpp"
#include "terastal/metrics/xrbench_score.hpp"

// The inferences that XRBench completed on eleven systems, and the scores it gave them: tests/oracle/xrbench.
namespace terastal {
namespace {

std::vector<std::vector<std::string>> rows_of(const std::string& name) {
  std::ifstream in(TERASTAL_SOURCE_DIR "/tests/oracle/xrbench/" + name);
  if (!in) throw std::runtime_error("cannot read " + name);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.front() != '#' && !line.starts_with("run,")) rows.push_back(split(line, ','));
  }
  return rows;
}

struct Frames {
  std::vector<double> late_ms;
  std::vector<double> energy_mj;
};

using Key = std::pair<std::string, std::string>; ///< run, model

std::map<Key, Frames> read_frames() {
  std::map<Key, Frames> frames;
  for (const auto& row : rows_of("frames.csv")) {
    Frames& f = frames[{row[0], row[1]}];
    std::istringstream late(row[3]);
    for (double value = 0.0; late >> value;) {
      f.late_ms.push_back(value);
      f.energy_mj.push_back(std::stod(row[2]));
    }
  }
  return frames;
}

/// The drops are not in XRBench's schedule; they follow from its experience score, completed / (completed + dropped).
std::uint64_t dropped(std::size_t completed, double experience) {
  if (completed == 0) return 1; // any number gives 0
  return static_cast<std::uint64_t>(std::lround(static_cast<double>(completed) / experience)) - completed;
}

TEST(XrbenchScoresOracle, EveryModelAndEveryOverallScore) {
  const auto frames = read_frames();
  std::map<std::string, std::vector<XrbenchScores>> models;
  std::size_t scores = 0;
  std::size_t inferences = 0;
  for (const auto& row : rows_of("scores.csv")) {
    SCOPED_TRACE(row[0] + " " + row[1]);
    if (row[1] == "_all") {
      // XRBench adds up 32-bit numbers.
      EXPECT_NEAR(xrbench_code_score(models[row[0]]).value(), std::stod(row[5]), 1e-4);
      continue;
    }
    const auto found = frames.find({row[0], row[1]});
    const Frames f = found == frames.end() ? Frames{} : found->second;
    XrbenchModel model;
    for (std::size_t i = 0; i < f.late_ms.size(); ++i) model.add_completed(f.late_ms[i], f.energy_mj[i]);
    const double experience = std::stod(row[4]);
    for (std::uint64_t d = dropped(f.late_ms.size(), experience); d > 0; --d) model.add_dropped();
    const XrbenchScores s = model.scores();
    EXPECT_NEAR(s.real_time, std::stod(row[2]), 2e-6);
    EXPECT_NEAR(s.energy, std::stod(row[3]), 2e-6);
    EXPECT_NEAR(s.experience, experience, 1e-6);
    models[row[0]].push_back(s);
    inferences += f.late_ms.size();
    ++scores;
  }
  EXPECT_EQ(models.size(), 22U);
  EXPECT_EQ(scores, 66U);
  EXPECT_EQ(inferences, 1539U);
}

} // namespace
} // namespace terastal
