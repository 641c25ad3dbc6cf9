#pragma once

#include <string>
#include <string_view>

namespace terastal {

/// The text with A to Z in lower case; other characters stay.
[[nodiscard]] inline std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

} // namespace terastal
