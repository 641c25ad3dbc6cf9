#pragma once

#include <string>
#include <vector>

#include "terastal/core/error.hpp"
#include "terastal/import/import.hpp"

namespace terastal::testing {

/// A file that stands with the tests: `maestro/letters.m`.
inline std::string test_data(const std::string& name) { return std::string(TERASTAL_SOURCE_DIR "/tests/data/") + name; }

inline std::vector<std::string> layer_names(const Network& network) {
  std::vector<std::string> names;
  for (const Layer& layer : network.layers) names.push_back(layer.name);
  return names;
}

inline const LayerShape& shape_of(const Network& network, std::size_t layer) {
  return network.options.at(network.layers.at(layer).first_option).shape.value();
}

/// Whether one of the notes holds a text.
inline bool has_note(const Import& import, const std::string& text) {
  for (const std::string& note : import.notes) {
    if (note.find(text) != std::string::npos) return true;
  }
  return false;
}

} // namespace terastal::testing
