#pragma once

#include <string>
#include <vector>

#include "terastal/model/network.hpp"

namespace terastal {

/// An operator that an importer does not understand, with the layers that use it.
struct UnknownOperator {
  std::string op;                 ///< as the file writes it
  std::vector<std::string> nodes; ///< names, in file order
  std::string reason = {};        ///< why it is not understood, where that is not plain from `op`; one phrase
};

/// A network read from a file of another tool, and what its user should know about the reading.
struct Import {
  Network network;                ///< layers with shapes; not bound to a platform unless the importer says so
  std::vector<std::string> notes; ///< one sentence each
  std::vector<UnknownOperator> unknown;
};

} // namespace terastal
