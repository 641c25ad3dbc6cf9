#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "coverage_experiments.hpp"
#include "svg.hpp"

namespace terastal::bench {

inline constexpr const char* kBlue = "#1f6fb4";
inline constexpr const char* kOrange = "#d9730d";
inline constexpr const char* kGrey = "#888888";

struct CoveragePoint {
  std::string measure;
  Method method;
  std::size_t n; ///< replications
  Coverage coverage;
};

struct PairingPoint {
  std::string scenario;
  std::string what;
  std::size_t replications;
  PairedVariances variances;
};

namespace detail {

/// One panel of the coverage figure: coverage over replications for one measure.
class CoveragePanel {
 public:
  CoveragePanel(Svg& svg, double left, const std::string& title) : svg_(svg), left_(left) {
    svg_.rect(left_, y_of(0.97), kWidth, y_of(0.93) - y_of(0.97), "#eaf3ea");
    for (int percent = 70; percent <= 100; percent += 5) {
      const double y = y_of(percent / 100.0);
      svg_.line(left_, y, left_ + kWidth, y, percent == 95 ? "#5a8f5a" : "#dddddd", 1.0, percent == 95 ? "4 3" : "");
      svg_.text(left_ - 6, y + 4, fmt::format("{} %", percent), "end", 11);
    }
    svg_.text(left_ + kWidth / 2, kTop - 12, title, "middle", 13, "#222", true);
    svg_.text(left_ + kWidth / 2, kTop + kHeight + 36, "replications", "middle", 11);
  }

  /// Whiskers: 95 % of the binomial scatter of the experiments.
  void draw(const std::vector<const CoveragePoint*>& points, const char* color, bool filled, double shift) {
    for (std::size_t i = 0; i < points.size(); ++i) {
      const double share = points[i]->coverage.share();
      const double scatter =
          1.96 * std::sqrt(share * (1.0 - share) / static_cast<double>(points[i]->coverage.experiments));
      const double x = x_of(i) + shift;
      svg_.line(x, y_of(share - scatter), x, y_of(share + scatter), color, 1.2);
      if (i > 0) svg_.line(x_of(i - 1) + shift, y_of(points[i - 1]->coverage.share()), x, y_of(share), color, 1.6);
      if (shift < 0.0) svg_.text(x_of(i), kTop + kHeight + 18, fmt::format("{}", points[i]->n), "middle", 11);
    }
    for (std::size_t i = 0; i < points.size(); ++i) {
      svg_.circle(x_of(i) + shift, y_of(points[i]->coverage.share()), 4.0, filled ? color : "#ffffff", color);
    }
  }

  static constexpr double kTop = 62.0;
  static constexpr double kHeight = 220.0;
  static constexpr double kWidth = 200.0;

 private:
  [[nodiscard]] static double y_of(double share) { return kTop + (1.0 - std::max(0.7, share)) / 0.3 * kHeight; }
  [[nodiscard]] double x_of(std::size_t i) const { return left_ + kWidth * (static_cast<double>(i) + 0.5) / 4.0; }

  Svg& svg_;
  double left_;
};

} // namespace detail

/// Coverage over replications, one panel per measure.
inline std::string draw_coverage(const std::vector<CoveragePoint>& points) {
  std::vector<std::string> measures;
  for (const CoveragePoint& p : points) {
    if (std::find(measures.begin(), measures.end(), p.measure) == measures.end()) measures.push_back(p.measure);
  }
  Svg svg(40.0 + 260.0 * static_cast<double>(measures.size()), 364.0);
  svg.text(20, 24, "How often a 95 % interval holds the true mean", "start", 15, "#222", true);
  for (std::size_t m = 0; m < measures.size(); ++m) {
    detail::CoveragePanel panel(svg, 70.0 + 260.0 * static_cast<double>(m), measures[m]);
    const auto of = [&](Method method) {
      std::vector<const CoveragePoint*> result;
      for (const CoveragePoint& p : points) {
        if (p.measure == measures[m] && p.method == method) result.push_back(&p);
      }
      return result;
    };
    panel.draw(of(Method::textbook_bca), kGrey, false, 6.0);
    panel.draw(of(Method::bca), kOrange, false, 1.0);
    panel.draw(of(Method::student_t), kBlue, true, -5.0);
  }
  constexpr double kLegend = 344.0;
  const auto entry = [&](double x, const char* color, bool filled, const char* words) {
    svg.circle(x, kLegend - 4.0, 4.0, filled ? color : "#ffffff", color);
    svg.text(x + 10.0, kLegend, words);
  };
  entry(76.0, kBlue, true, "Student's t");
  entry(186.0, kOrange, false, "BCa, as compare uses it");
  entry(376.0, kGrey, false, "BCa, not widened for few replications");
  svg.rect(646.0, kLegend - 11.0, 16.0, 14.0, "#eaf3ea");
  svg.text(668.0, kLegend, "93 to 97 %");
  return svg.str();
}

/// Variance of a difference on different seeds / on the same seeds, logarithmic.
inline std::string draw_pairing(const std::vector<PairingPoint>& points) {
  constexpr double kLeft = 340.0;
  constexpr double kWidth = 420.0;
  constexpr double kRow = 18.0;
  constexpr double kTop = 70.0;
  constexpr double kMax = 4.0; // decades
  const auto shown = [](const PairingPoint& p) { return p.variances.unpaired > 0.0; };
  const auto rows = static_cast<double>(std::count_if(points.begin(), points.end(), shown));
  const auto x_of = [&](double factor) {
    return kLeft + kWidth * (std::clamp(std::log10(factor), -0.3, kMax) + 0.3) / (kMax + 0.3);
  };
  Svg svg(kLeft + kWidth + 90.0, kTop + rows * kRow + 30.0);
  svg.text(20, 24, "What the same seeds for all policies are worth", "start", 15, "#222", true);
  svg.text(20, 44, "variance of the difference on different seeds / on the same seeds", "start", 12);
  const double bottom = kTop + rows * kRow;
  for (const double factor : {1.0, 10.0, 100.0, 1000.0, 10000.0}) {
    svg.line(x_of(factor), kTop - 6, x_of(factor), bottom, factor == 1.0 ? "#777777" : "#dddddd");
    svg.text(x_of(factor), bottom + 18, fmt::format("{:.0f}", factor), "middle", 11);
  }
  double y = kTop;
  std::string last;
  for (const PairingPoint& p : points) {
    if (!shown(p)) continue;
    if (p.scenario != last) svg.line(20, y - 4, kLeft + kWidth, y - 4, "#eeeeee");
    if (p.scenario != last) svg.text(20, y + 10, p.scenario, "start", 11, "#222", true);
    last = p.scenario;
    svg.text(kLeft - 8, y + 10, p.what, "end", 11);
    const bool identical = p.variances.paired == 0.0;
    const double factor = identical ? 1e4 : p.variances.factor();
    svg.line(x_of(1.0), y + 6, x_of(factor), y + 6, factor >= 1.0 ? kBlue : kOrange, 3.0);
    svg.circle(x_of(factor), y + 6, 4.0,
               identical       ? "#ffffff"
               : factor >= 1.0 ? kBlue
                               : kOrange,
               factor >= 1.0 ? kBlue : kOrange);
    svg.text(x_of(factor) + 10, y + 10, identical ? "identical" : fmt::format("{:.3g}", factor), "start", 11);
    y += kRow;
  }
  return svg.str();
}

} // namespace terastal::bench
