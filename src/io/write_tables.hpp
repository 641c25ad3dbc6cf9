#pragma once

#include <string>
#include <vector>

#include "terastal/io/write.hpp"
#include "terastal/model/network.hpp"

namespace terastal::io {

/// A column of a table under construction.
struct WrittenColumn {
  std::string name;
  std::vector<std::string> cells; ///< one for each row
};

/// A CSV file of columns of one length. Cells are quoted where the reader would take them for something else.
[[nodiscard]] std::string csv_text(const std::vector<WrittenColumn>& columns);

// The tables of a network. Columns that would hold nothing but defaults are left out.
[[nodiscard]] std::vector<WrittenColumn> layer_columns(const Network& network, const std::vector<WrittenType>& types);
[[nodiscard]] std::vector<WrittenColumn> variant_columns(const Network& network, const std::vector<WrittenType>& types);
[[nodiscard]] std::vector<WrittenColumn> accuracy_columns(const Network& network);
[[nodiscard]] std::vector<WrittenColumn> sample_columns(const Network& network, const std::vector<WrittenType>& types);

} // namespace terastal::io
