#include "import/onnx_problems.hpp"

#include <utility>

#include "io/node.hpp"
#include "io/utf8.hpp"

namespace terastal::from_onnx {

void Problems::add(std::string message) {
  constexpr std::size_t most = 1000;
  if (found_.size() < most) {
    found_.push_back({source_, 0, 0, std::move(message)});
  } else {
    ++not_shown_;
  }
}

void Problems::throw_if_any() const {
  if (found_.empty()) return;
  std::vector<Diagnostic> all = found_;
  if (not_shown_ > 0) all.push_back({source_, 0, 0, "... and " + std::to_string(not_shown_) + " more"});
  throw InputError(std::move(all));
}

std::string clean(std::string_view name) {
  constexpr std::size_t longest = 200;
  std::string result(name.substr(0, longest));
  for (char& c : result) {
    const bool control = static_cast<unsigned char>(c) < 0x20U || c == 0x7F;
    if (control || c == '|') c = '_';
  }
  // A name that was cut may end within a character, too.
  const std::string_view text = result;
  for (std::size_t at = io::find_invalid_utf8(text); at < text.size();) {
    result[at] = '_';
    at += io::find_invalid_utf8(text.substr(at));
  }
  return result;
}

std::string shown(std::string_view name) { return io::in_quotes(clean(name)); }

} // namespace terastal::from_onnx
