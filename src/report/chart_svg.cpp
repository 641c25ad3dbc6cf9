#include <algorithm> // max, min, sort
#include <cmath>     // abs
#include <utility>   // move

#include <fmt/format.h>

#include "report/chart_canvas.hpp"
#include "terastal/report/chart.hpp"

namespace terastal {
namespace {

constexpr double kRow = 19.0; ///< height of a category of dots

struct Bounds {
  double low = 0.0;
  double high = 0.0;
};

/// From the smallest to the largest of what is drawn, 0 and the reference included. Where no value is below 0,
/// intervals are cut there.
Bounds bounds_of(const Chart& chart) {
  Bounds b;
  const auto take = [&](double v) {
    b.low = std::min(b.low, v);
    b.high = std::max(b.high, v);
  };
  if (chart.reference) take(*chart.reference);
  for (const ChartSeries& series : chart.series) {
    for (const auto& v : series.values) {
      if (v) take(v->value);
    }
  }
  const bool negative = b.low < 0.0;
  for (const ChartSeries& series : chart.series) {
    for (const auto& v : series.values) {
      if (!v) continue;
      take(negative ? v->low : std::max(0.0, v->low));
      take(v->high);
    }
  }
  return b;
}

/// The values without those far beyond the middle half of all, which would hide the others.
Bounds middle_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const double first = values[values.size() / 4];
  const double third = values[values.size() * 3 / 4];
  const double far = 4.0 * (third - first);
  const bool tell = values.size() >= 8 && far > 0.0; // few, or equal ones, say nothing of each other
  Bounds b{first, third};
  for (const double v : values) {
    if (tell && (v < first - far || v > third + far)) continue;
    b = {std::min(b.low, v), std::max(b.high, v)};
  }
  return b;
}

/// What dots are drawn in: the values, 0 and the reference; intervals are cut at a share of that span.
Bounds bounds_of_dots(const Chart& chart) {
  std::vector<double> drawn;
  for (const ChartSeries& series : chart.series) {
    for (const auto& v : series.values) {
      if (v) drawn.push_back(v->value);
    }
  }
  const Bounds all = bounds_of(chart);
  Bounds values = middle_of(std::move(drawn));
  values = {std::min(values.low, 0.0), std::max(values.high, 0.0)};
  if (chart.reference) values = {std::min(values.low, *chart.reference), std::max(values.high, *chart.reference)};
  const double margin = 0.6 * (values.high - values.low);
  return {std::max(all.low, values.low - margin), std::min(all.high, values.high + margin)};
}

/// Charts whose categories go from left to right.
void write_upright(Canvas& canvas, const Chart& chart) {
  std::size_t longest = 0;
  for (const std::string& c : chart.categories) longest = std::max(longest, c.size());
  const bool slanted = longest > 12;
  const auto n = static_cast<double>(std::max<std::size_t>(1, chart.categories.size()));
  const double left = 62.0;
  const double top = canvas.head(chart);
  const double width = canvas.width() - left - 16.0;
  const double height = 270.0;
  const double bottom = top + height;
  const Bounds bounds = bounds_of(chart);
  const Scale y = Scale::nice(bounds.low, bounds.high, bottom, top);
  for (const double tick : y.ticks()) {
    canvas.line(left, y(tick), left + width, y(tick), "#e4e4e4");
    canvas.text(left - 6, y(tick) + 4, y.label(tick), "end");
  }
  canvas.line(left, y(0.0), left + width, y(0.0), "#555");
  canvas.text_upwards(16, top + height / 2, chart.value_label);
  const double step = width / n;
  const auto series = static_cast<double>(std::max<std::size_t>(1, chart.series.size()));
  const bool lines = chart.kind == Chart::Kind::lines;
  const double group = step * (lines ? std::min(0.3, 0.06 * series) : 0.8);
  const double each = group / series;
  for (std::size_t s = 0; s < chart.series.size(); ++s) {
    std::string path;
    for (std::size_t c = 0; c < chart.series[s].values.size(); ++c) {
      const auto& v = chart.series[s].values[c];
      if (!v) {
        path += ' ';
        continue;
      }
      const double x = left + step * (static_cast<double>(c) + 0.5) - group / 2 + each * (static_cast<double>(s) + 0.5);
      if (lines) {
        path += fmt::format("{}{:.1f},{:.1f}", path.empty() || path.back() == ' ' ? "M" : "L", x, y(v->value));
        canvas.dot(x, y(v->value), s);
      } else {
        // Of 0 a line is seen, of no value nothing.
        const double tall = std::max(1.5, std::abs(y(v->value) - y(0.0)));
        canvas.bar(x - each * 0.46, v->value < 0.0 ? y(0.0) : y(0.0) - tall, each * 0.92, tall, s);
      }
      if (v->low < v->high) {
        const double cap = std::min(3.0, each * 0.3);
        canvas.whisker_upright(x, y(std::max(v->low, y.low())), y(v->high), v->low >= y.low() ? cap : 0.0, cap);
      }
    }
    if (lines) canvas.path(path, s);
  }
  for (std::size_t c = 0; c < chart.categories.size(); ++c) {
    const double x = left + step * (static_cast<double>(c) + 0.5);
    if (slanted) {
      canvas.text_slanted(x + 4, bottom + 14, chart.categories[c]);
    } else {
      canvas.text(x, bottom + 16, chart.categories[c], "middle");
    }
  }
  const double below = bottom + (slanted ? 22.0 + 4.2 * static_cast<double>(longest) : 22.0);
  canvas.text(left + width / 2, below + 12, chart.categories_label, "middle");
  if (chart.reference) {
    canvas.dashed(left, y(*chart.reference), left + width, y(*chart.reference));
    canvas.text(left + width, y(*chart.reference) - 4, chart.reference_label, "end");
  }
  canvas.foot(below + 30, chart.note);
}

/// A row of dots: an interval that goes beyond the scale is cut, and ends in no whisker there. A value beyond it is
/// written.
void write_row(Canvas& canvas, const Chart& chart, std::size_t c, double row, const Scale& x) {
  for (std::size_t s = 0; s < chart.series.size(); ++s) {
    const auto& v = chart.series[s].values[c];
    const double offset = 4.0 * (static_cast<double>(s) - (static_cast<double>(chart.series.size()) - 1.0) / 2.0);
    if (!v) continue;
    if (v->value > x.high() || v->value < x.low()) {
      const bool right = v->value > x.high();
      canvas.text(right ? x(x.high()) - 2.0 : x(x.low()) + 2.0, row + offset + 4.0,
                  right ? fmt::format("{:.4g} →", v->value) : fmt::format("← {:.4g}", v->value),
                  right ? "end" : "start");
      continue;
    }
    if (v->low < v->high) {
      canvas.whisker_level(row + offset, x(std::max(v->low, x.low())), x(std::min(v->high, x.high())),
                           v->low >= x.low() ? 3.0 : 0.0, v->high <= x.high() ? 3.0 : 0.0);
    }
    canvas.dot(x(v->value), row + offset, s);
  }
}

void write_dots(Canvas& canvas, const Chart& chart) {
  std::size_t longest = 0;
  for (const std::string& c : chart.categories) longest = std::max(longest, c.size());
  const double left = std::min(300.0, 24.0 + 6.3 * static_cast<double>(longest));
  const double right = canvas.width() - 20.0;
  const double top = canvas.head(chart) + (chart.reference ? 16.0 : 0.0);
  double bottom = top + 6.0;
  for (std::size_t c = 0; c < chart.categories.size(); ++c) {
    if (c < chart.groups.size() && !chart.groups[c].empty()) bottom += kRow + 3.0;
    bottom += kRow;
  }
  const Bounds bounds = bounds_of_dots(chart);
  const Scale x = Scale::nice(bounds.low, bounds.high, left, right);
  for (const double tick : x.ticks()) {
    canvas.line(x(tick), top, x(tick), bottom, tick == 0.0 ? "#555" : "#e4e4e4");
    canvas.text(x(tick), bottom + 15, x.label(tick), "middle");
  }
  if (chart.reference) {
    canvas.dashed(x(*chart.reference), top - 2, x(*chart.reference), bottom);
    canvas.text(x(*chart.reference), top - 6, chart.reference_label, "middle");
  }
  double row = top + 6.0;
  for (std::size_t c = 0; c < chart.categories.size(); ++c) {
    if (c < chart.groups.size() && !chart.groups[c].empty()) {
      row += 3.0;
      canvas.bold(10, row + kRow / 2 + 4, chart.groups[c]);
      row += kRow;
    }
    canvas.text(left - 8, row + kRow / 2 + 4, chart.categories[c], "end");
    write_row(canvas, chart, c, row + kRow / 2, x);
    row += kRow;
  }
  canvas.text((left + right) / 2, bottom + 33, chart.value_label, "middle");
  canvas.foot(bottom + 52, chart.note);
}

} // namespace

void write_svg(std::ostream& out, const Chart& chart) {
  Canvas canvas(
      chart.kind == Chart::Kind::dots
          ? 720.0
          : std::max(640.0, 40.0 + 16.0 * static_cast<double>(chart.categories.size() *
                                                              std::max<std::size_t>(1, chart.series.size()))));
  if (chart.kind == Chart::Kind::dots) {
    write_dots(canvas, chart);
  } else {
    write_upright(canvas, chart);
  }
  canvas.write(out);
}

} // namespace terastal
