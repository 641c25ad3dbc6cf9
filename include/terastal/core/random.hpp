#pragma once

#include <array>
#include <bit> // rotl
#include <cmath>
#include <cstdint>
#include <numbers> // pi

#include "terastal/core/int128.hpp"

namespace terastal {

/// SplitMix64 (Steele, Lea, Flood 2014): one step of the sequence; used to spread seeds.
constexpr std::uint64_t splitmix64(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

/// What a random stream is for. Streams of different purposes are independent, so adding jitter to a task does not
/// change its phase, and no policy can change what arrives.
enum class Purpose : std::uint64_t { phase = 1, arrivals, jitter, cascade, sample, execution, policy, skip, exit };

/// A random stream: xoshiro256** (Blackman, Vigna 2018) with transforms of our own.
///
/// The standard distributions differ between libraries; these do not, so a seed gives the same run on every compiler.
class RandomStream {
 public:
  /// The stream of (seed, task, purpose, item). `item` splits a stream further, for draws that must not depend on the
  /// order in which they are made (execution times: one item per job and layer).
  RandomStream(std::uint64_t seed, std::uint64_t task, Purpose purpose, std::uint64_t item = 0) {
    std::uint64_t s = seed;
    for (const std::uint64_t word : {task, static_cast<std::uint64_t>(purpose), item}) s = splitmix64(s) ^ word;
    for (auto& word : state_) word = splitmix64(s);
  }

  /// Uniform 64-bit integer.
  std::uint64_t bits() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  /// Uniform in [0, 1), a multiple of 2^-53.
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }

  /// Uniform integer in [0, n), n ≥ 1, without modulo bias (Lemire 2019).
  std::uint64_t below(std::uint64_t n) {
    auto product = static_cast<uint128>(bits()) * n;
    if (static_cast<std::uint64_t>(product) < n) {
      const std::uint64_t floor = (0 - n) % n;
      while (static_cast<std::uint64_t>(product) < floor) product = static_cast<uint128>(bits()) * n;
    }
    return static_cast<std::uint64_t>(product >> 64);
  }

  /// Exponential with mean 1.
  double exponential() { return -std::log1p(-uniform()); }

  /// Standard normal (Box–Muller, one of the pair).
  double normal() {
    const double radius = std::sqrt(2.0 * exponential());
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
  }

 private:
  std::array<std::uint64_t, 4> state_{};
};

} // namespace terastal
