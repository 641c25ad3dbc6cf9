#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "terastal/core/time.hpp"

namespace terastal {

/// A histogram of non-negative durations with a relative error of at most 1/1024 (0.098 %) for every quantile.
///
/// Log-linear: each power of two is cut into 512 equal cells, allocated when first met, so memory depends on the
/// spread of the values and not on their number (4 KiB per power of two).
class DurationHistogram {
 public:
  void add(Duration value);

  [[nodiscard]] std::uint64_t count() const { return count_; }

  /// The nearest-rank `q`-quantile, 0 ≤ q ≤ 1; zero when empty. O(cells).
  [[nodiscard]] Duration quantile(double q) const;

 private:
  static constexpr int kCellBits = 9;
  static constexpr std::uint64_t kCells = 1ULL << kCellBits;

  std::uint64_t count_ = 0;
  std::array<std::vector<std::uint64_t>, 64 - kCellBits + 1> octaves_;
};

inline void DurationHistogram::add(Duration value) {
  const auto v = static_cast<std::uint64_t>(value.count());
  // Octave 0 holds [0, kCells) exactly; octave o > 0 holds [kCells·2^(o−1), kCells·2^o) in cells of width 2^(o−1).
  const int octave = v < kCells ? 0 : 64 - std::countl_zero(v) - kCellBits;
  auto& cells = octaves_[static_cast<std::size_t>(octave)];
  if (cells.empty()) cells.resize(kCells);
  ++cells[octave == 0 ? v : (v >> (octave - 1)) - kCells];
  ++count_;
}

inline Duration DurationHistogram::quantile(double q) const {
  if (count_ == 0) return Duration{0};
  const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t octave = 0; octave < octaves_.size(); ++octave) {
    for (std::uint64_t cell = 0; cell < octaves_[octave].size(); ++cell) {
      seen += octaves_[octave][cell];
      if (seen < rank) continue;
      if (octave == 0) return Duration{static_cast<Duration::rep>(cell)};
      const std::uint64_t width = 1ULL << (octave - 1);
      return Duration{static_cast<Duration::rep>((kCells + cell) * width + width / 2)};
    }
  }
  return Duration{0};
}

} // namespace terastal
