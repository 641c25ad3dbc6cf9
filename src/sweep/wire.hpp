#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "terastal/sweep/cell.hpp"
#include "terastal/sweep/store.hpp"

namespace terastal {

/// Writes values one after the other, the same bytes on every machine. Doubles keep their bits.
class WireWriter {
 public:
  void byte(char value) { bytes_ += value; }
  void number(std::uint64_t value);
  void real(double value);
  void text(std::string_view value);

  /// What was written. The writer is empty then.
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads what a WireWriter wrote. Everything \throws Error when the bytes end too early or are no such value.
class WireReader {
 public:
  /// The bytes must outlive this.
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  char byte();
  std::uint64_t number();
  double real();
  std::string text();
  /// A number of things that follow, each of at least a byte.
  std::size_t count();
  /// Everything was read.
  void end() const;

 private:
  std::string_view take(std::size_t size);

  std::string_view rest_;
};

void write(WireWriter& out, const CellResult& result);
[[nodiscard]] CellResult read_cell_result(WireReader& in);

void write(WireWriter& out, const SweepIdentity& identity);
[[nodiscard]] SweepIdentity read_identity(WireReader& in);

} // namespace terastal
