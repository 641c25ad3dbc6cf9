#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace terastal {

/// A value with its interval, as it is drawn.
struct ChartValue {
  double value = 0.0;
  double low = 0.0; ///< equal to `value` without an interval
  double high = 0.0;
};

/// Values of one colour, one for each category; nothing leaves a gap.
struct ChartSeries {
  std::string name;
  std::vector<std::optional<ChartValue>> values;
};

/// A chart with error bars.
struct Chart {
  enum class Kind : std::uint8_t {
    bars,  ///< categories from left to right, one bar for each series
    lines, ///< the same as points joined by lines
    dots,  ///< categories from top to bottom, values from left to right
  };
  Kind kind = Kind::bars;
  std::string title;
  std::string note; ///< below: conditions, what the error bars are
  std::string categories_label;
  std::string value_label; ///< with its unit
  std::vector<std::string> categories;
  std::vector<std::string> groups; ///< of dots: a heading above the category; empty: none. No list: no headings
  std::vector<ChartSeries> series;
  std::optional<double> reference; ///< a line at this value, e.g. what was published
  std::string reference_label;
};

/// Writes a chart as SVG: plain shapes and text, light background, no script and no font of its own. Equal charts give
/// equal bytes.
void write_svg(std::ostream& out, const Chart& chart);

} // namespace terastal
