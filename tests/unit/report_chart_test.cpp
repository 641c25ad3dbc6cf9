// Charts: heights follow values, gaps stay gaps, text is escaped.

#include "terastal/report/chart.hpp"

#include <cstddef>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace terastal {
namespace {

std::string svg(const Chart& chart) {
  std::ostringstream out;
  write_svg(out, chart);
  return out.str();
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

/// Heights of bars, without the background and the squares of the legend.
std::vector<double> heights(const std::string& text) {
  const std::string begin = "<rect x=\"";
  const std::string name = " height=\"";
  std::vector<double> result;
  for (std::size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at + 1)) {
    const std::string rect = text.substr(at, text.find('>', at) - at);
    const double height = std::stod(rect.substr(rect.find(name) + name.size()));
    if (height != 11.0) result.push_back(height);
  }
  return result;
}

Chart bars() {
  Chart chart;
  chart.title = "Misses & <more>";
  chart.categories = {"one", "two"};
  chart.value_label = "miss rate (%)";
  chart.series = {{"edf", {ChartValue{20.0, 15.0, 25.0}, ChartValue{40.0, 40.0, 40.0}}},
                  {"fcfs", {std::nullopt, ChartValue{10.0, 10.0, 10.0}}}};
  return chart;
}

TEST(Charts, BarsAreAsHighAsTheirValues) {
  const auto bar = heights(svg(bars()));
  ASSERT_EQ(bar.size(), 3U); // the gap has none
  EXPECT_NEAR(bar[1] / bar[0], 2.0, 0.01);
  EXPECT_NEAR(bar[2] / bar[0], 0.5, 0.01);
}

TEST(Charts, TextIsEscapedAndElementsAreClosed) {
  const std::string text = svg(bars());
  EXPECT_NE(text.find("Misses &amp; &lt;more&gt;"), std::string::npos);
  EXPECT_EQ(count(text, "<text"), count(text, "</text>"));
  EXPECT_EQ(text.substr(text.size() - 7), "</svg>\n");
  EXPECT_EQ(svg(bars()), text);
}

TEST(Charts, OnlyIntervalsHaveErrorBars) {
  Chart chart = bars();
  const std::size_t with = count(svg(chart), "stroke=\"#222\"");
  EXPECT_EQ(with, 3U); // one stem, two caps
  chart.series[0].values[0] = ChartValue{20.0, 20.0, 20.0};
  EXPECT_EQ(count(svg(chart), "stroke=\"#222\""), 0U);
}

TEST(Charts, LinesBreakAtGaps) {
  Chart chart = bars();
  chart.kind = Chart::Kind::lines;
  chart.categories = {"1", "2", "3"};
  chart.series = {{"edf", {ChartValue{1, 1, 1}, std::nullopt, ChartValue{2, 2, 2}}}};
  const std::string text = svg(chart);
  const std::string path =
      text.substr(text.find("<path d=\""), text.find("\" fill=\"none\"") - text.find("<path d=\""));
  EXPECT_EQ(count(path, "M"), 2U);
  EXPECT_EQ(count(path, "L"), 0U);
  EXPECT_EQ(count(text, "<circle"), 2U);
}

TEST(Charts, DotsShowTheReferenceAndCutWhatIsFarBeyond) {
  Chart chart;
  chart.kind = Chart::Kind::dots;
  chart.categories = {"near", "wide"};
  chart.groups = {"group", ""};
  chart.series = {{"", {ChartValue{-40, -45, -35}, ChartValue{-30, -900, 840}}}};
  chart.reference = -40.58;
  chart.reference_label = "published: -40.58";
  const std::string text = svg(chart);
  EXPECT_EQ(count(text, "stroke-dasharray"), 1U);
  EXPECT_NE(text.find("published: -40.58"), std::string::npos);
  EXPECT_EQ(count(text, "stroke=\"#222\""), 3U + 1U); // the wide one has no caps
  EXPECT_EQ(text.find("-900"), std::string::npos);
}

TEST(Charts, AValueFarBeyondTheOthersIsWrittenInsteadOfDrawn) {
  Chart chart;
  chart.kind = Chart::Kind::dots;
  chart.series.emplace_back();
  for (const double v : {-10.0, -5.0, -8.0, 0.0, 4.0, 7.0, 3.0, 2803.0}) {
    chart.categories.emplace_back("c");
    chart.series[0].values.emplace_back(ChartValue{v, v - 1.0, v + 1.0});
  }
  const std::string text = svg(chart);
  EXPECT_NE(text.find("2803 →"), std::string::npos);
  EXPECT_EQ(count(text, "<circle"), 7U);
  EXPECT_EQ(text.find(">1000<"), std::string::npos); // the scale is the others'
}

TEST(Charts, NothingToDrawIsNoError) {
  Chart chart;
  EXPECT_NE(svg(chart).find("</svg>"), std::string::npos);
  chart.kind = Chart::Kind::dots;
  EXPECT_NE(svg(chart).find("</svg>"), std::string::npos);
}

} // namespace
} // namespace terastal
