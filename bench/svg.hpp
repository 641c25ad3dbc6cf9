#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

namespace terastal::bench {

/// A small drawing in SVG, on white; coordinates in pixels from the top left.
class Svg {
 public:
  Svg(double width, double height) : width_(width), height_(height) {}

  void rect(double x, double y, double w, double h, std::string_view fill) {
    body_ += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"/>\n", x, y, w,
                         h, fill);
  }
  void line(double x1, double y1, double x2, double y2, std::string_view stroke, double width = 1.0,
            std::string_view dash = "") {
    body_ +=
        fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" "
                    "stroke-width=\"{:.1f}\"{}/>\n",
                    x1, y1, x2, y2, stroke, width, dash.empty() ? "" : fmt::format(" stroke-dasharray=\"{}\"", dash));
  }
  void circle(double x, double y, double radius, std::string_view fill, std::string_view stroke) {
    body_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" fill=\"{}\" stroke=\"{}\" "
                         "stroke-width=\"1.6\"/>\n",
                         x, y, radius, fill, stroke);
  }
  /// `anchor`: start, middle, end. The text must not hold &, < or >.
  void text(double x, double y, std::string_view words, std::string_view anchor = "start", int size = 12,
            std::string_view fill = "#333", bool bold = false) {
    body_ +=
        fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" font-size=\"{}\" fill=\"{}\"{}>{}</text>\n", x,
                    y, anchor, size, fill, bold ? " font-weight=\"bold\"" : "", words);
  }

  [[nodiscard]] std::string str() const {
    return fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
                       "height=\"{1:.0f}\" font-family=\"DejaVu Sans, Arial, sans-serif\">\n"
                       "<rect width=\"{0:.0f}\" height=\"{1:.0f}\" fill=\"#ffffff\"/>\n{2}</svg>\n",
                       width_, height_, body_);
  }

 private:
  double width_;
  double height_;
  std::string body_;
};

} // namespace terastal::bench
