#include "io/trace_table.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "io/columns.hpp"
#include "io/rows.hpp"
#include "terastal/core/units.hpp"

namespace terastal::io {
namespace {

const TableSpec& trace_table_spec() {
  static const TableSpec spec{{{"priority"}, {"weight"}, {"sample"}}, {"release", "deadline"}, false};
  return spec;
}

/// Reads the rows of one trace.
class TraceReader {
 public:
  TraceReader(const Table& table, const SampleTable& samples, bool samples_known, Diagnostics& diagnostics)
      : table_(table), samples_(samples), samples_known_(samples_known), diagnostics_(diagnostics) {}

  TraceArrivals read() {
    TraceArrivals trace;
    if (header_.time_of("release") == nullptr) {
      diagnostics_.error(table_.header_position(),
                         "missing column 'release_s' (or release_ms, release_us, release_ns, release_ps)");
      return trace;
    }
    for (std::size_t r = 0; r < table_.rows(); ++r) {
      if (auto entry = read_row(r)) trace.entries.push_back(*entry);
    }
    return trace;
  }

 private:
  std::optional<TraceEntry> read_row(std::size_t r) {
    constexpr std::int64_t least = std::numeric_limits<int>::min();
    constexpr std::int64_t most = std::numeric_limits<int>::max();
    const Row row(table_, header_, r, diagnostics_);
    TraceEntry entry;
    const auto release = time(r, "release", false);
    entry.deadline = time(r, "deadline", true);
    if (const auto priority = row.integer("priority", least, most)) entry.priority = static_cast<int>(*priority);
    entry.weight = row.number("weight", 0.0, true, 1e18);
    entry.sample = row.integer("sample", 0, std::numeric_limits<std::int64_t>::max());
    if (entry.sample) check_sample(row, *entry.sample);
    if (!release) return std::nullopt;
    entry.release = Time{*release};
    if (*release < last_) {
      diagnostics_.error(
          table_.position(table_.at(r, header_.time_of("release")->index)),
          fmt::format("releases must ascend: {} comes after {}", format_duration(*release), format_duration(last_)));
      return std::nullopt;
    }
    last_ = *release;
    return entry;
  }

  /// A release (needed, from 0 on) or a deadline (may be empty, above 0).
  std::optional<Duration> time(std::size_t row, std::string_view subject, bool above_zero) {
    const QuantityColumn* column = header_.time_of(subject);
    if (column == nullptr) return std::nullopt;
    const Cell& cell = table_.at(row, column->index);
    if (cell.text.empty() && above_zero) return std::nullopt;
    const auto picoseconds = scaled_decimal(cell.text, column->power);
    if (picoseconds && *picoseconds >= (above_zero ? 1 : 0)) return Duration{*picoseconds};
    diagnostics_.error(table_.position(cell),
                       fmt::format("expected a {} in {} {}, got {}", subject, column->unit,
                                   above_zero ? "> 0, or an empty cell for the task's" : ">= 0", in_quotes(cell.text)));
    return std::nullopt;
  }

  void check_sample(const Row& row, std::int64_t sample) {
    if (!samples_known_ || samples_.find(sample)) return;
    diagnostics_.error(row.position("sample"),
                       samples_.empty() ? std::string("a sample is given, but the task's network has no samples")
                                        : fmt::format("the network has no sample {}", sample));
  }

  const Table& table_;
  const SampleTable& samples_;
  bool samples_known_;
  Diagnostics& diagnostics_;
  Header header_{table_, trace_table_spec(), {"release", "deadline"}, diagnostics_};
  Duration last_{0};
};

} // namespace

TraceArrivals read_trace_table(const Table& table, const SampleTable& samples, bool samples_known,
                               Diagnostics& diagnostics) {
  return TraceReader(table, samples, samples_known, diagnostics).read();
}

std::optional<Duration> smallest_deadline(const TraceArrivals& trace) {
  std::optional<Duration> smallest;
  for (const TraceEntry& entry : trace.entries) {
    if (!entry.deadline) return std::nullopt;
    smallest = std::min(smallest.value_or(*entry.deadline), *entry.deadline);
  }
  return smallest;
}

} // namespace terastal::io
