#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "terastal/sweep/cell.hpp"
#include "terastal/sweep/rank_team.hpp"

namespace terastal {

/// What ranks tell each other. The first byte of a message is its kind.
///
///     member                          rank 0
///     hello (or failure) ─────────▶
///                        ◀───────── cells …
///     results …          ─────────▶
///     failure            ─────────▶            at any time, at most once
///                        ◀───────── dismissed  after hello or failure, whatever else is on the way
///     good-bye           ─────────▶            the last one
enum class RankMessageKind : char {
  hello = 'H',
  cells = 'C',
  results = 'R',
  failure = 'F',
  dismissed = 'D',
  good_bye = 'B',
};

/// Nothing for bytes that are no message.
[[nodiscard]] std::optional<RankMessageKind> kind_of(std::string_view message);

/// A message that is its kind alone.
[[nodiscard]] std::string plain_message(RankMessageKind kind);

/// Where a rank runs.
struct RankPlace {
  std::string host;
  std::size_t process = 0;

  /// `on HOST (process 123)`.
  [[nodiscard]] std::string text() const;
};
[[nodiscard]] RankPlace this_place();

struct Hello {
  RankPlace place;
  std::size_t threads = 1;
  TeamTask task;
};
[[nodiscard]] std::string write_hello(const Hello& hello);

struct RankFailure {
  enum class Kind : char { input, other, told_to_end };
  RankPlace place;
  Kind kind = Kind::other;
  std::string reason;
};
[[nodiscard]] std::string write_failure(const RankFailure& failure);

[[nodiscard]] std::string write_cells(const std::vector<CellIndex>& cells);

/// A cell's result and how long it took.
struct TimedResult {
  double seconds = 0.0;
  CellResult result;
};
[[nodiscard]] std::string write_results(const std::vector<TimedResult>& results);

/// These read a message of their kind. \throws Error when it is none.
[[nodiscard]] Hello read_hello(std::string_view message);
[[nodiscard]] RankFailure read_failure(std::string_view message);
[[nodiscard]] std::vector<CellIndex> read_cells(std::string_view message);
[[nodiscard]] std::vector<TimedResult> read_results(std::string_view message);

} // namespace terastal
