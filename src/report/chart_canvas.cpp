#include "report/chart_canvas.hpp"

#include <algorithm> // max
#include <array>
#include <cmath> // ceil, floor, log10, pow

#include <fmt/format.h>

#include "terastal/core/text.hpp"

namespace terastal {
namespace {

/// Okabe and Ito's colours: told apart with any colour vision.
constexpr std::array kColors = {"#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00",
                                "#999999", "#b8a800", "#332288", "#661100", "#44aa99", "#000000"};

std::string_view color_of(std::size_t series) { return kColors[series % kColors.size()]; }

constexpr double kCharacter = 7.6; ///< width of a wide one at 12 px

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else {
      result += c;
    }
  }
  return result;
}

/// Words in lines of at most so many characters.
std::vector<std::string> wrapped(const std::string& text, std::size_t most) {
  std::vector<std::string> lines{""};
  for (const std::string& word : split(text, ' ')) {
    if (!lines.back().empty() && lines.back().size() + 1 + word.size() > most) lines.emplace_back();
    lines.back() += (lines.back().empty() ? "" : " ") + word;
  }
  return lines;
}

/// 1, 2 or 5 times a power of ten, at least `rough`.
double round_step(double rough) {
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough * 0.999) return factor * power;
  }
  return 10.0 * power;
}

} // namespace

Scale Scale::nice(double low, double high, double from, double to) {
  if (!(high > low)) high = low + 1.0;
  Scale scale;
  const double step = round_step((high - low) / 6.0);
  const double first = std::floor(low / step + 1e-9);
  const double last = std::ceil(high / step - 1e-9);
  for (double k = first; k <= last; k += 1.0) scale.ticks_.push_back(k == 0.0 ? 0.0 : k * step);
  scale.low_ = first * step;
  scale.high_ = last * step;
  scale.from_ = from;
  scale.to_ = to;
  scale.decimals_ = std::max(0, static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
  return scale;
}

std::string Scale::label(double tick) const { return fmt::format("{:.{}f}", tick, decimals_); }

double Canvas::head(const Chart& chart) {
  double y = 24.0;
  for (const std::string& title : wrapped(chart.title, static_cast<std::size_t>((width_ - 28.0) / 9.0))) {
    body_ +=
        fmt::format("<text x=\"14\" y=\"{:.0f}\" font-size=\"15\" font-weight=\"bold\">{}</text>\n", y, escaped(title));
    y += 19.0;
  }
  if (chart.series.size() > 1) {
    double x = 14.0;
    for (std::size_t s = 0; s < chart.series.size(); ++s) {
      const double length = 26.0 + kCharacter * static_cast<double>(chart.series[s].name.size());
      if (x + length > width_ - 8.0 && x > 14.0) {
        x = 14.0;
        y += 18.0;
      }
      body_ += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"11\" height=\"11\" fill=\"{}\"/>\n", x, y - 9.0,
                           color_of(s));
      text(x + 15.0, y + 1.0, chart.series[s].name, "start");
      x += length;
    }
    y += 18.0;
  }
  return y;
}

void Canvas::foot(double y, const std::string& note) {
  for (const std::string& part : wrapped(note, static_cast<std::size_t>((width_ - 28.0) / 5.4))) {
    body_ += fmt::format("<text x=\"14\" y=\"{:.0f}\" font-size=\"11\" fill=\"#555\">{}</text>\n", y, escaped(part));
    y += 15.0;
  }
  height_ = y + 2.0;
}

void Canvas::line(double x1, double y1, double x2, double y2, std::string_view color) {
  body_ += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\"/>\n", x1, y1, x2,
                       y2, color);
}

void Canvas::dashed(double x1, double y1, double x2, double y2) {
  body_ += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"#c00\" "
                       "stroke-dasharray=\"5 3\"/>\n",
                       x1, y1, x2, y2);
}

void Canvas::bar(double x, double y, double width, double height, std::size_t series) {
  body_ += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"/>\n", x, y,
                       width, height, color_of(series));
}

void Canvas::dot(double x, double y, std::size_t series) {
  body_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\" fill=\"{}\"/>\n", x, y, color_of(series));
}

void Canvas::path(const std::string& data, std::size_t series) {
  body_ += fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.5\"/>\n", data, color_of(series));
}

void Canvas::whisker_upright(double x, double y1, double y2, double cap1, double cap2) {
  line(x, y1, x, y2, "#222");
  if (cap1 > 0.0) line(x - cap1, y1, x + cap1, y1, "#222");
  if (cap2 > 0.0) line(x - cap2, y2, x + cap2, y2, "#222");
}

void Canvas::whisker_level(double y, double x1, double x2, double cap1, double cap2) {
  line(x1, y, x2, y, "#222");
  if (cap1 > 0.0) line(x1, y - cap1, x1, y + cap1, "#222");
  if (cap2 > 0.0) line(x2, y - cap2, x2, y + cap2, "#222");
}

void Canvas::text(double x, double y, std::string_view text, std::string_view anchor) {
  body_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor, escaped(text));
}

void Canvas::bold(double x, double y, std::string_view text) {
  body_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" font-weight=\"bold\">{}</text>\n", x, y, escaped(text));
}

void Canvas::text_upwards(double x, double y, std::string_view text) {
  body_ += fmt::format("<text transform=\"translate({:.1f} {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n", x,
                       y, escaped(text));
}

void Canvas::text_slanted(double x, double y, std::string_view text) {
  body_ += fmt::format("<text transform=\"translate({:.1f} {:.1f}) rotate(-40)\" text-anchor=\"end\">{}</text>\n", x, y,
                       escaped(text));
}

void Canvas::write(std::ostream& out) const {
  out << fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 "
                     "{0:.0f} {1:.0f}\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" "
                     "height=\"100%\" fill=\"#fff\"/>\n{2}</svg>\n",
                     width_, height_, body_);
}

} // namespace terastal
