#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "terastal/report/chart.hpp"

namespace terastal {

/// Numbers to positions, with ticks at round numbers.
class Scale {
 public:
  /// Covers [low, high], widened to ticks; `from` is the position of the smallest.
  static Scale nice(double low, double high, double from, double to);

  [[nodiscard]] double operator()(double value) const {
    return from_ + (value - low_) / (high_ - low_) * (to_ - from_);
  }
  [[nodiscard]] const std::vector<double>& ticks() const { return ticks_; }
  [[nodiscard]] std::string label(double tick) const;
  [[nodiscard]] double low() const { return low_; }
  [[nodiscard]] double high() const { return high_; }

 private:
  double low_ = 0.0;
  double high_ = 1.0;
  double from_ = 0.0;
  double to_ = 1.0;
  int decimals_ = 0;
  std::vector<double> ticks_;
};

/// An SVG picture under construction.
class Canvas {
 public:
  explicit Canvas(double width) : width_(width) {}

  [[nodiscard]] double width() const { return width_; }

  /// Title and legend. \returns where the drawing begins.
  double head(const Chart& chart);
  /// The note, in lines; the picture ends below.
  void foot(double y, const std::string& note);

  void line(double x1, double y1, double x2, double y2, std::string_view color);
  void dashed(double x1, double y1, double x2, double y2);
  void bar(double x, double y, double width, double height, std::size_t series);
  void dot(double x, double y, std::size_t series);
  void path(const std::string& data, std::size_t series);
  /// Error bars; a cap is half the length of an end, 0 for none.
  void whisker_upright(double x, double y1, double y2, double cap1, double cap2);
  void whisker_level(double y, double x1, double x2, double cap1, double cap2);

  void text(double x, double y, std::string_view text, std::string_view anchor);
  void bold(double x, double y, std::string_view text);
  void text_upwards(double x, double y, std::string_view text);
  void text_slanted(double x, double y, std::string_view text);

  void write(std::ostream& out) const;

 private:
  double width_;
  double height_ = 0.0;
  std::string body_;
};

} // namespace terastal
