#pragma once

#include "report/json_common.hpp"
#include "terastal/experiment/metric_table.hpp"
#include "terastal/report/query_report.hpp"

namespace terastal {

/// What a store holds, for people.
void write_query_info(std::ostream& out, const QueryReport& report, bool color);
/// The same as `what,name,value`.
void write_query_info_csv(std::ostream& out, const QueryReport& report);
/// The same as a document's value.
[[nodiscard]] Json json_info(const QueryReport& report);
/// Which of a store's results a report is about.
[[nodiscard]] Json json_selection(const QueryReport& report);

/// Means, for people.
void write_query_pivot(std::ostream& out, const QueryReport& report, bool color);
/// The same as lines: csv or jsonl.
void write_query_groups(std::ostream& out, const QueryReport& report, Format format);
/// The summary and the pivot as one document.
[[nodiscard]] Json json_query(const QueryReport& report);

/// Paired differences in any format.
void write_query_differences(std::ostream& out, const QueryReport& report, Format format, bool color);

/// The metric that a store's column holds; null for one that this program does not know.
[[nodiscard]] const MetricInfo* metric_of_key(const std::string& key);
/// `miss rate of task vgg11 in %`, as the selection and the named dimensions have it.
[[nodiscard]] std::string metric_title(const QueryReport& report, std::size_t metric, bool by_task);

/// By dimension: whether all values are numbers. Never of scenarios, policies and tasks.
[[nodiscard]] std::vector<bool> numeric_dimensions(const SweepIdentity& identity);
/// A value of a dimension in JSON: a number where `numeric`.
[[nodiscard]] Json json_value(const std::string& text, bool numeric);
/// Adds values on dimensions to a JSON object, by name; as numbers where `numeric` (of all dimensions) says so.
void add_values(Json& entry, const SweepIdentity& identity, const std::vector<std::size_t>& dimensions,
                const std::vector<std::string>& values, const std::vector<bool>& numeric);
[[nodiscard]] inline Json json_number(const std::optional<double>& value) { return value ? Json(*value) : Json(); }
/// One line for each entry, csv or jsonl. Keys of the entries are the columns.
void write_query_lines(std::ostream& out, const std::vector<std::string>& columns, const std::vector<Json>& entries,
                       Format format);

/// Tells the report's listener.
void warn(const QueryReport& report, const std::string& text);
/// Why there is nothing to show; also a warning.
[[nodiscard]] std::string nothing_selected(const QueryReport& report);
/// `fcfs has 10 of 15 (no load 1.6)`: the groups of a pivot that lack cells.
[[nodiscard]] std::string lacking_text(const Pivot& pivot);
/// Notes under a table: what was selected, what is missing or failed.
void write_selection_notes(std::ostream& out, const QueryReport& report, bool color);
/// Digits behind the point for numbers up to `largest`, for a whole table.
[[nodiscard]] int digits_for(double largest);

} // namespace terastal
