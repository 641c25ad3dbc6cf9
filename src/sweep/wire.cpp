#include "sweep/wire.hpp"

#include <bit> // bit_cast
#include <utility>

#include "terastal/core/error.hpp"

namespace terastal {
namespace {

[[noreturn]] void unreadable() {
  throw Error("a message of another rank cannot be read; all ranks must run the same build of the program");
}

void write(WireWriter& out, const std::vector<std::string>& texts) {
  out.number(texts.size());
  for (const std::string& text : texts) out.text(text);
}

std::vector<std::string> read_texts(WireReader& in) {
  std::vector<std::string> texts(in.count());
  for (std::string& text : texts) text = in.text();
  return texts;
}

void write(WireWriter& out, const CellRow& row) {
  out.text(row.task);
  out.number(row.released);
  out.number(row.completed);
  out.number(row.late);
  out.number(row.dropped);
  out.number(row.values.size());
  for (const std::optional<double>& value : row.values) {
    out.byte(value ? 1 : 0);
    if (value) out.real(*value);
  }
}

CellRow read_row(WireReader& in) {
  CellRow row;
  row.task = in.text();
  row.released = in.number();
  row.completed = in.number();
  row.late = in.number();
  row.dropped = in.number();
  row.values.resize(in.count());
  for (std::optional<double>& value : row.values) {
    const char there = in.byte();
    if (there != 0 && there != 1) unreadable();
    if (there == 1) value = in.real();
  }
  return row;
}

} // namespace

// Seven bits a byte, the lowest first, the eighth says that more follow: most numbers here are small.
void WireWriter::number(std::uint64_t value) {
  while (value >= 0x80U) {
    bytes_ += static_cast<char>(value | 0x80U);
    value >>= 7U;
  }
  bytes_ += static_cast<char>(value);
}

void WireWriter::real(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  for (unsigned shift = 0; shift < 64; shift += 8) bytes_ += static_cast<char>(bits >> shift);
}

void WireWriter::text(std::string_view value) {
  number(value.size());
  bytes_ += value;
}

std::string_view WireReader::take(std::size_t size) {
  if (size > rest_.size()) unreadable();
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

char WireReader::byte() { return take(1).front(); }

std::uint64_t WireReader::number() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto part = static_cast<unsigned char>(byte());
    if (shift == 63 && part > 1) unreadable();
    value |= std::uint64_t{part & 0x7FU} << shift;
    if (part < 0x80U) return value;
  }
  unreadable();
}

double WireReader::real() {
  std::uint64_t bits = 0;
  const std::string_view bytes = take(8);
  for (unsigned i = 0; i < 8; ++i) bits |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return std::bit_cast<double>(bits);
}

std::string WireReader::text() { return std::string(take(count())); }

std::size_t WireReader::count() {
  const std::uint64_t count = number();
  if (count > rest_.size()) unreadable();
  return static_cast<std::size_t>(count);
}

void WireReader::end() const {
  if (!rest_.empty()) unreadable();
}

void write(WireWriter& out, const CellResult& result) {
  out.number(result.cell);
  out.text(result.error);
  out.number(result.digest);
  out.number(result.rows.size());
  for (const CellRow& row : result.rows) write(out, row);
}

CellResult read_cell_result(WireReader& in) {
  CellResult result;
  result.cell = in.number();
  result.error = in.text();
  result.digest = in.number();
  result.rows.resize(in.count());
  for (CellRow& row : result.rows) row = read_row(in);
  return result;
}

void write(WireWriter& out, const SweepIdentity& identity) {
  out.text(identity.name);
  out.text(identity.document);
  out.number(identity.inputs.size());
  for (const InputFile& file : identity.inputs) {
    out.text(file.path);
    out.text(file.sha256);
  }
  write(out, identity.axes);
  write(out, identity.metrics);
  out.number(identity.cells);
  out.text(identity.version);
  out.number(identity.axis_values.size());
  for (const auto& values : identity.axis_values) write(out, values);
}

SweepIdentity read_identity(WireReader& in) {
  SweepIdentity identity;
  identity.name = in.text();
  identity.document = in.text();
  identity.inputs.resize(in.count());
  for (InputFile& file : identity.inputs) {
    file.path = in.text();
    file.sha256 = in.text();
  }
  identity.axes = read_texts(in);
  identity.metrics = read_texts(in);
  identity.cells = in.number();
  identity.version = in.text();
  identity.axis_values.resize(in.count());
  for (auto& values : identity.axis_values) values = read_texts(in);
  return identity;
}

} // namespace terastal
