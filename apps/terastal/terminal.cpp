#include "terminal.hpp"

#include <cstdlib> // getenv

#include <unistd.h> // isatty, write

#include <fmt/format.h>

#include "command.hpp"
#include "terastal/core/text.hpp"

namespace terastal::cli {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void write_error(const std::string& text) {
  // A lost progress line is no reason to fail.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

std::string time_left(double elapsed, double fraction) {
  if (fraction <= 0.0 || elapsed < 1.0) return "";
  const double left = elapsed * (1.0 - fraction) / fraction;
  return left < 90.0 ? fmt::format(", {:.0f} s left", left) : fmt::format(", {:.0f} min left", left / 60.0);
}

} // namespace

ColorMode parse_color(const std::string& text) {
  if (text == "auto") return ColorMode::automatic;
  if (text == "always") return ColorMode::always;
  if (text == "never") return ColorMode::never;
  throw UsageError("--color: '" + text + "' is not one of auto, always, never" +
                   did_you_mean(text, {"auto", "always", "never"}));
}

bool is_capable_terminal(int descriptor) {
  return descriptor >= 0 && ::isatty(descriptor) == 1 && environment("TERM") != "dumb";
}

bool use_color(ColorMode mode, int descriptor) {
  if (mode != ColorMode::automatic) return mode == ColorMode::always;
  return environment("NO_COLOR").empty() && is_capable_terminal(descriptor);
}

double Progress::elapsed() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

void Progress::update(double fraction, const std::string& detail, TimeLeft left) {
  using namespace std::chrono_literals;
  if (!shown_ || Clock::now() - last_ < 100ms) return;
  last_ = Clock::now();
  visible_ = true;
  const std::string more = left == TimeLeft::estimated ? time_left(elapsed(), fraction) : "";
  write_error(fmt::format("\r\x1b[K{:3.0f} %  {}{}", 100.0 * fraction, detail, more));
}

void Progress::clear() {
  if (visible_) write_error("\r\x1b[K");
  visible_ = false;
}

} // namespace terastal::cli
