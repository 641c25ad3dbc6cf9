#pragma once

#include <bit>
#include <cstdint>

namespace terastal {

/// A 64-bit fingerprint of a sequence of words. Equal sequences give equal digests on every platform; it detects
/// change, it is not cryptographic. About 1 ns a word.
class Digest {
 public:
  void add(std::uint64_t word) { state_ = std::rotl((state_ ^ word) * 0x9E3779B97F4A7C15ULL, 31); }

  [[nodiscard]] std::uint64_t value() const {
    std::uint64_t z = (state_ ^ (state_ >> 30)) * 0xBF58476D1CE4E5B9ULL;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_ = 0x243F6A8885A308D3ULL;
};

} // namespace terastal
