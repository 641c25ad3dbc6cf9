#pragma once

#include <string>
#include <vector>

#include "support/builders.hpp"

namespace terastal::testing {

/// Policies as the command line takes them.
inline std::vector<Policy> policies(const std::vector<std::string>& texts) {
  std::vector<Policy> result;
  for (const auto& text : texts) result.push_back(known_policies().parse(text));
  return result;
}

} // namespace terastal::testing
