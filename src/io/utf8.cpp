#include "io/utf8.hpp"

#include <algorithm>
#include <limits>

namespace terastal::io {
namespace {

bool continues(unsigned char byte) { return (byte & 0xC0U) == 0x80U; }

/// What must follow a lead byte: how many bytes, and the range of the first of them (Unicode, table 3-7).
struct Sequence {
  std::size_t more;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
};

/// For bytes that cannot lead, `more` is larger than any text.
Sequence sequence_of(unsigned char lead) {
  constexpr Sequence none{std::numeric_limits<std::size_t>::max()};
  if (lead < 0x80) return {0};
  if (lead < 0xC2) return none;
  if (lead < 0xE0) return {1};
  if (lead == 0xE0) return {2, 0xA0, 0xBF};
  if (lead == 0xED) return {2, 0x80, 0x9F};
  if (lead < 0xF0) return {2};
  if (lead == 0xF0) return {3, 0x90, 0xBF};
  if (lead < 0xF4) return {3};
  if (lead == 0xF4) return {3, 0x80, 0x8F};
  return none;
}

} // namespace

std::size_t character_count(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues(static_cast<unsigned char>(c)); }));
}

std::size_t find_invalid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const Sequence sequence = sequence_of(static_cast<unsigned char>(text[at]));
    if (sequence.more == 0) {
      ++at;
      continue;
    }
    if (sequence.more >= text.size() - at) return at;
    const auto first = static_cast<unsigned char>(text[at + 1]);
    if (first < sequence.low || first > sequence.high) return at;
    for (std::size_t i = 2; i <= sequence.more; ++i) {
      if (!continues(static_cast<unsigned char>(text[at + i]))) return at;
    }
    at += sequence.more + 1;
  }
  return text.size();
}

} // namespace terastal::io
