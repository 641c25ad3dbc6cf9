#pragma once

#include <optional>

#include "io/csv.hpp"
#include "io/diagnostics.hpp"
#include "terastal/model/network.hpp"
#include "terastal/workload/arrivals.hpp"

namespace terastal::io {

/// The releases of a trace. Reports what is wrong in the table: times, releases that do not ascend, samples that the
/// network does not have (unless `samples_known` is false, because they have errors of their own).
[[nodiscard]] TraceArrivals read_trace_table(const Table& table, const SampleTable& samples, bool samples_known,
                                             Diagnostics& diagnostics);

/// The smallest deadline of a trace; nothing when one of its releases has none.
[[nodiscard]] std::optional<Duration> smallest_deadline(const TraceArrivals& trace);

} // namespace terastal::io
