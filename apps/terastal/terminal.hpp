#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace terastal::cli {

/// When to use colours.
enum class ColorMode : std::uint8_t { automatic, always, never };

/// `auto`, `always`, `never`. \throws UsageError.
[[nodiscard]] ColorMode parse_color(const std::string& text);

/// A terminal that understands escape sequences, i.e. not TERM=dumb.
[[nodiscard]] bool is_capable_terminal(int descriptor);

/// Whether to write colours to a descriptor; −1 for a file. Minds NO_COLOR unless told `always`.
[[nodiscard]] bool use_color(ColorMode mode, int descriptor);

/// One line on standard error that is rewritten as work proceeds, at most ten times a second, and erased at the end.
class Progress {
 public:
  /// Whether the time that is left is estimated from the fraction, or left to the detail.
  enum class TimeLeft : std::uint8_t { estimated, not_said };

  explicit Progress(bool shown) : shown_(shown), start_(Clock::now()), last_(start_) {}
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `fraction` of the work is done; `detail` is shown beside it.
  void update(double fraction, const std::string& detail, TimeLeft left = TimeLeft::estimated);
  void clear();

  /// Seconds since the start.
  [[nodiscard]] double elapsed() const;

 private:
  using Clock = std::chrono::steady_clock;

  bool shown_;
  bool visible_ = false;
  Clock::time_point start_;
  Clock::time_point last_;
};

} // namespace terastal::cli
