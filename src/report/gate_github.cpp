#include <filesystem>

#include <fmt/format.h>

#include "report/gate_formats.hpp"

namespace terastal {
namespace {

constexpr std::size_t kMostAnnotations = 10; // GitHub shows no more of a kind for one step

/// Text with some characters written as `%` and their code.
std::string percent_encoded(std::string_view text, std::string_view characters) {
  std::string result;
  for (const char c : text) {
    if (characters.find(c) == std::string_view::npos) {
      result += c;
    } else {
      result += fmt::format("%{:02X}", static_cast<unsigned>(c));
    }
  }
  return result;
}

/// The message of a workflow command.
std::string command_text(std::string_view text) { return percent_encoded(text, "%\r\n"); }

/// A property of a workflow command: colons and commas would end it.
std::string property_text(std::string_view text) { return percent_encoded(text, "%\r\n:,"); }

/// A path from the workspace, as annotations need it; as it is when there is no workspace or the file is outside.
std::string from_workspace(const std::string& path, const std::string& workspace) {
  if (workspace.empty()) return path;
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path relative = fs::relative(fs::absolute(path, error), workspace, error);
  return error || relative.empty() || *relative.begin() == ".." ? path : relative.string();
}

/// Text in a cell of a Markdown table: nothing in it is markup.
std::string markdown_text(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (std::string_view("\\`*_{}[]<>|#~$&").find(c) != std::string_view::npos) result += '\\';
    result += c == '\n' || c == '\r' ? ' ' : c;
  }
  return result;
}

bool passed(const MetricCheck& j) { return !fails(j.verdict) && j.verdict != CheckVerdict::inconclusive; }

/// What to look at first.
int rank(const CheckedBaseline& c) {
  if (c.result.fails() || !c.result.complete) return 0;
  return c.result.count(CheckVerdict::inconclusive) > 0 ? 1 : 2;
}

std::string annotation(const std::string& file, const CellCheck& cell, const MetricCheck& j, OpenCounts open) {
  const bool warning = j.verdict == CheckVerdict::inconclusive && open == OpenCounts::as_pass;
  const std::string line = cell.place.line > 0 ? fmt::format(",line={}", cell.place.line) : std::string{};
  return fmt::format("::{} file={}{},title={}::{}\n", warning ? "warning" : "error", property_text(file), line,
                     property_text(fmt::format("{} under {}: {}", cell.scenario, cell.policy, to_string(j.verdict))),
                     command_text(sentence(j)));
}

std::string row(const std::vector<std::string>& cells) {
  std::string text = "|";
  for (const std::string& cell : cells) text += " " + markdown_text(cell) + " |";
  return text + "\n";
}

std::string row_of(const CellCheck& cell, const MetricCheck& j) {
  const std::string title =
      metric_title(j) + (j.metric == nullptr || *j.metric->unit == '\0' ? "" : std::string(", ") + j.metric->unit);
  return row({cell.scenario, cell.policy, j.task.empty() ? title : j.task + ": " + title, value_text(j, j.baseline),
              value_text(j, j.now), change_text(j), limit_text(j), to_string(j.verdict), remark(j)});
}

/// The rows of a baseline: what does not pass first.
std::vector<std::string> rows_of(const CheckedBaseline& checked) {
  std::vector<std::string> rows;
  for (const bool passing : {false, true}) {
    for (const CellCheck& cell : checked.result.cells) {
      if (passing && cell.identical() && cell.judgements.size() > 1) {
        rows.push_back(row({cell.scenario, cell.policy, fmt::format("all {} numbers", cell.judgements.size()), "", "",
                            "", "", "identical", ""}));
        continue;
      }
      for (const MetricCheck& j : cell.judgements) {
        if (passed(j) == passing) rows.push_back(row_of(cell, j));
      }
    }
  }
  return rows;
}

std::string heading(const CheckedBaseline& checked) {
  std::string text = "\n### " + markdown_text(checked.baseline.path) + "\n\n" + counts_text(checked.result) + "\n";
  if (!checked.result.complete) text += "\n" + markdown_text(interrupted_text(checked)) + "\n";
  for (const InputChange& c : checked.result.inputs) {
    text +=
        "\nInput " + markdown_text(c.path) + (c.now.empty() ? " is not read any more." : " is not what it was.") + "\n";
  }
  return text + "\n| scenario | policy | metric | baseline | now | change | limit | verdict | |\n"
                "|:--|:--|:--|--:|--:|--:|--:|:--|:--|\n";
}

} // namespace

void write_github_annotations(std::ostream& out, const GateReport& report) {
  std::size_t found = 0;
  for (const bool failing : {true, false}) { // failures first, so that open questions do not crowd them out
    for (const CheckedBaseline& checked : *report.checked) {
      const std::string file = from_workspace(checked.baseline.path, report.workspace);
      for (const CellCheck& cell : checked.result.cells) {
        for (const MetricCheck& j : cell.judgements) {
          if (passed(j) || fails(j.verdict) != failing) continue;
          if (++found <= kMostAnnotations) out << annotation(file, cell, j, report.open);
        }
      }
    }
  }
  if (found > kMostAnnotations) {
    out << fmt::format("terastal: {} judgements do not pass; {} are not shown as annotations\n", found,
                       found - kMostAnnotations);
  }
}

void write_github_summary(std::ostream& out, const GateReport& report, std::size_t most_bytes) {
  constexpr std::size_t kept_back = 200; // for the line that counts what is left out
  std::string text = fmt::format("## terastal check: {}\n", to_string(report.end()));
  std::size_t left_out = 0;
  const auto add = [&](const std::string& more) {
    const bool room = left_out == 0 && text.size() + more.size() + kept_back <= most_bytes;
    if (room) text += more;
    return room;
  };
  for (const int wanted : {0, 1, 2}) {
    for (const CheckedBaseline& checked : *report.checked) {
      if (rank(checked) != wanted) continue;
      const std::vector<std::string> rows = rows_of(checked);
      const bool shown = add(heading(checked));
      for (const std::string& r : rows) {
        if (!shown || !add(r)) ++left_out;
      }
    }
  }
  if (left_out > 0) text += fmt::format("\n{} more rows do not fit here.\n", left_out);
  if (text.size() <= most_bytes) out << text;
}

} // namespace terastal
