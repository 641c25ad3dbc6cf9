#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace terastal {

/// How a report is written.
enum class Format : std::uint8_t {
  table, ///< for people; its layout may change
  json,  ///< everything, one document
  csv,   ///< one row per task; units in the column names
  jsonl, ///< one JSON document per run, one per line
};

/// `table`, `json`, `csv`, `jsonl`.
[[nodiscard]] const std::vector<std::string>& format_names();

/// \throws InputError for an unknown name, with what is allowed.
[[nodiscard]] Format parse_format(std::string_view name);

/// What varies between machines and runs while the results do not. JSON only, under `environment`.
struct Environment {
  std::size_t threads = 1;
  double wall_time_s = 0.0; ///< of the simulation alone
};

/// The version of the JSON documents: raised when a key changes its meaning or goes away.
inline constexpr int kSchemaVersion = 1;

} // namespace terastal
