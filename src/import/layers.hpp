#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "import/notes.hpp"
#include "terastal/import/import.hpp"
#include "terastal/model/network.hpp"
#include "terastal/model/shape.hpp"

namespace terastal {

/// Adds a layer that follows the one before it, with one option. A shape gives `op`, `macs` and `output_bytes` (8-bit
/// elements); without one, `op` stays as the file has it.
void append_layer(Network& network, std::string name, std::string op, const std::optional<LayerShape>& shape);

/// Adds a layer's operator to those that are not understood.
void add_unknown(std::vector<UnknownOperator>& unknown, const std::string& op, const std::string& layer);

/// Makes names unique: a repeated one gets the suffix _2, _3, … that no other has.
class UniqueNames {
 public:
  explicit UniqueNames(const std::vector<std::string>& names) : all_(names.begin(), names.end()) {}

  /// The name for the next layer, with a remark when it differs.
  [[nodiscard]] std::string next(const std::string& name, Notes& notes);

 private:
  std::set<std::string> all_; ///< as the file has them, and those that were made
  std::map<std::string, std::size_t> uses_;
};

} // namespace terastal
