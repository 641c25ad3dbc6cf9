#include "import/notes.hpp"

#include <algorithm> // find_if
#include <utility>

#include "terastal/core/text.hpp"

namespace terastal {

void Notes::add(std::string text, std::string_view layer) {
  constexpr std::size_t most_named = 5;
  auto remark = std::find_if(remarks_.begin(), remarks_.end(), [&](const Remark& r) { return r.text == text; });
  if (remark == remarks_.end()) remark = remarks_.insert(remarks_.end(), Remark{std::move(text), {}, 0, {}});
  if (layer.empty() || remark->last == layer) return;
  remark->last = layer;
  if (remark->layers.size() < most_named) {
    remark->layers.emplace_back(layer);
  } else {
    ++remark->more;
  }
}

std::vector<std::string> Notes::sentences() const {
  std::vector<std::string> result;
  for (const Remark& remark : remarks_) {
    std::string sentence = remark.text;
    if (!remark.layers.empty()) sentence += ": " + join(remark.layers, ", ");
    if (remark.more > 0) sentence += " and " + std::to_string(remark.more) + " more";
    result.push_back(std::move(sentence));
  }
  return result;
}

} // namespace terastal
