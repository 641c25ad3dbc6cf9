#pragma once

#include <ostream>
#include <string>

#include "terastal/report/gate_report.hpp"

namespace terastal {

void write_gate_table(std::ostream& out, const GateReport& report, bool color);
void write_gate_json(std::ostream& out, const GateReport& report);
/// One row per judgement.
void write_gate_csv(std::ostream& out, const GateReport& report);
/// One line per judgement.
void write_gate_jsonl(std::ostream& out, const GateReport& report);

/// `miss rate, mean over tasks`, `event stream`, or `cell`; for people.
[[nodiscard]] std::string metric_title(const MetricCheck& judgement);
/// The metric's name; `events` for the event stream, `cell` for the cell as a whole.
[[nodiscard]] std::string metric_id(const MetricCheck& judgement);
/// A value in the metric's unit of tables, without the unit: `4.53`.
[[nodiscard]] std::string value_text(const MetricCheck& judgement, const std::optional<double>& value);
/// `+1.09 ± 0.40`; empty without a difference.
[[nodiscard]] std::string change_text(const MetricCheck& judgement);
/// The limit as a value; empty where none applies.
[[nodiscard]] std::string limit_text(const MetricCheck& judgement);
/// What is to be said beside the verdict; may be empty.
[[nodiscard]] std::string remark(const MetricCheck& judgement);
/// One sentence: `miss rate, mean over tasks: regresses: 4.53 → 5.62 % (+1.09 ± 0.40, limit 0.50)`.
[[nodiscard]] std::string sentence(const MetricCheck& judgement);
/// `12 judgements: 8 identical, 3 pass, 1 regresses`.
[[nodiscard]] std::string counts_text(const CheckResult& result);
/// How far a baseline came that was not finished.
[[nodiscard]] std::string interrupted_text(const CheckedBaseline& checked);

} // namespace terastal
