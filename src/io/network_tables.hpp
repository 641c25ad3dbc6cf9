#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/columns.hpp"
#include "io/csv.hpp"
#include "io/diagnostics.hpp"
#include "io/network_draft.hpp"

namespace terastal::io {

// Readers of a network's CSV files. Each reports what is wrong in its file.

void read_layer_table(const Table& table, const Binding& binding, NetworkDraft& network, Diagnostics& diagnostics);
void read_variant_table(const Table& table, const Binding& binding, NetworkDraft& network, Diagnostics& diagnostics);
void read_accuracy_table(const Table& table, NetworkDraft& network, Diagnostics& diagnostics);
void read_sample_table(const Table& table, const Binding& binding, NetworkDraft& network, Diagnostics& diagnostics);

// What these tables may have.
[[nodiscard]] const TableSpec& layer_table_spec();
[[nodiscard]] const TableSpec& variant_table_spec();
[[nodiscard]] const TableSpec& accuracy_table_spec();
[[nodiscard]] const TableSpec& sample_table_spec();

} // namespace terastal::io
