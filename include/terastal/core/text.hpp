#pragma once

#include <algorithm> // min, max
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace terastal {

/// The candidate nearest to `word` by edit distance, if near enough to be a likely typing error; else empty.
[[nodiscard]] std::string closest(std::string_view word, const std::vector<std::string>& candidates);

/// ` (did you mean 'X'?)` when a candidate is close, else empty.
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

/// The words joined by `separator`.
[[nodiscard]] std::string join(const std::vector<std::string>& words, std::string_view separator);

/// The parts between separators; one part for a text without separators.
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);

/// The text without surrounding blanks.
[[nodiscard]] std::string_view trim(std::string_view text);

namespace detail {

/// Lower case with `-` read as `_`: spellings that differ in these only count as equal for suggestions.
inline std::string folded(std::string_view word) {
  std::string result(word);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '-') c = '_';
  }
  return result;
}

/// Edit distance with insertions, deletions, substitutions and swaps of neighbours, each of cost 1.
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitution = last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
      row[j] = std::min({substitution, last[j] + 1, row[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

} // namespace detail

inline std::string closest(std::string_view word, const std::vector<std::string>& candidates) {
  constexpr std::size_t longest_compared = 100; // keeps the quadratic distance cheap on garbage
  if (word.empty() || word.size() > longest_compared) return {};
  const std::string wanted = detail::folded(word);
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, wanted.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > longest_compared) continue;
    const std::size_t distance = detail::edit_distance(wanted, detail::folded(candidate));
    // A word of which every letter changed is no typing error.
    if (distance < best_distance && distance < std::max(wanted.size(), candidate.size())) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

inline std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string candidate = closest(word, candidates);
  return candidate.empty() ? std::string{} : " (did you mean '" + candidate + "'?)";
}

inline std::string join(const std::vector<std::string>& words, std::string_view separator) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += separator;
    text += words[i];
  }
  return text;
}

inline std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

inline std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// A field as RFC 4180 wants it: quoted when it holds a comma, a quote or a line break.
[[nodiscard]] inline std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

} // namespace terastal
