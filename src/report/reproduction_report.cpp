#include "terastal/report/reproduction_report.hpp"

#include <fstream>

#include <fmt/format.h>

#include "report/csv.hpp"
#include "report/reproduction_json.hpp"
#include "report/reproduction_text.hpp"
#include "report/text_table.hpp"
#include "terastal/core/error.hpp"

namespace terastal {
namespace {

constexpr const char* kRule =
    "Agrees: our mean lies within the tolerance of the published number (5 points unless the claim says otherwise), "
    "and a change has its sign beyond doubt. Differs: the number lies outside our interval widened by the tolerance. "
    "Else inconclusive: the interval holds 0, is wide beside the number, or reaches it by its width alone.";

constexpr const char* kQuick = "Quick: few seeds, short runs. These are no results.";

Ink ink_of(ClaimVerdict verdict) {
  if (verdict == ClaimVerdict::agrees) return Ink::good;
  return verdict == ClaimVerdict::differs ? Ink::bad : Ink::plain;
}

void write_table(std::ostream& out, const ReproductionReport& report, bool color) {
  const Reproduction& paper = *report.reproduction;
  out << paint(paper.title, Ink::bold, color) << '\n';
  if (report.quick) out << kQuick << '\n';
  out << "\nClaims\n";
  TextTable claims({{"claim", true}, {"published", false}, {"ours", true}, {"verdict", true}, {"values", true}});
  for (const ClaimResult& c : report.result->claims) {
    claims.add({{c.claim->id, Ink::plain},
                {published_text(paper, *c.claim), Ink::plain},
                {ours_text(paper, *c.claim, c.figure), Ink::plain},
                {verdict_text(c.figure), ink_of(c.figure.verdict)},
                {values_text(paper, *c.claim, c.figure), Ink::faint}});
  }
  claims.write(out, color);
  for (const ClaimResult& c : report.result->claims) {
    if (c.sensitivity.empty()) continue;
    out << fmt::format("\n{}: under other readings (published {})\n", c.claim->id, published_text(paper, *c.claim));
    TextTable table({{"what", true}, {"setting", true}, {"ours", true}, {"verdict", true}});
    for (const SensitivityFigure& s : c.sensitivity) {
      table.add({{s.setting->group, Ink::plain},
                 {s.setting->label, Ink::plain},
                 {ours_text(paper, *c.claim, s.figure), Ink::plain},
                 {verdict_text(s.figure), ink_of(s.figure.verdict)}});
    }
    table.write(out, color);
  }
  if (!paper.not_compared.empty()) out << "\nNot compared\n";
  for (const OtherClaim& c : paper.not_compared) out << fmt::format("  {}: {}\n", c.says, c.why);
  out << "\nExperiments\n";
  TextTable experiments({{"name", true}, {"runs", false}, {"seeds", false}, {"horizon", true}, {"axes", true}});
  for (const ExperimentConditions& e : report.result->conditions) {
    experiments.add({{e.name, Ink::plain},
                     {fmt::format("{}", e.runs), Ink::plain},
                     {fmt::format("{}", e.seeds), Ink::plain},
                     {e.horizon, Ink::plain},
                     {e.what, Ink::plain}});
  }
  experiments.write(out, color);
  out << "\n[ ]: 95 % intervals over seeds, Student's t; changes are paired by seed.\n" << kRule << '\n';
}

void write_csv(std::ostream& out, const ReproductionReport& report) {
  out << "reproduction,claim,group,setting,published,unit,ours,ci_low,ci_high,seeds,verdict,reason\n";
  const auto row = [&](const Claim& claim, const std::string& group, const std::string& setting,
                       const ClaimFigure& figure) {
    const bool interval = figure.ours && figure.ours->half_width;
    CsvRow line;
    line.add(report.reproduction->name).add(claim.id).add(group).add(setting).add(claim.published);
    line.add(claim.against.empty() ? measure_of(*report.reproduction, claim).unit : std::string("%"));
    line.add(figure.ours ? std::optional(figure.ours->mean) : std::nullopt);
    line.add(interval ? std::optional(figure.ours->low()) : std::nullopt);
    line.add(interval ? std::optional(figure.ours->high()) : std::nullopt);
    line.add(figure.ours ? figure.ours->n : 0).add(to_string(figure.verdict)).add(figure.reason);
    out << line;
  };
  for (const ClaimResult& c : report.result->claims) {
    row(*c.claim, "", "", c.figure);
    for (const SensitivityFigure& s : c.sensitivity) row(*c.claim, s.setting->group, s.setting->label, s.figure);
  }
}

/// Text that stands in a cell of a Markdown table.
std::string cell(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '|' ? std::string("\\|") : std::string(1, c == '\n' ? ' ' : c);
  return result;
}

/// Writes a file as a whole. \throws Error.
template <typename Write>
void to_file(const std::string& path, Write&& write) {
  std::ofstream file(path, std::ios::binary);
  write(file);
  file.close();
  if (!file) throw Error("cannot write " + path);
}

void write_figure_csv(std::ostream& out, const FigureResult& figure) {
  const auto line = [&](const std::vector<std::string>& cells) {
    CsvRow row;
    for (const std::string& c : cells) row.add(c);
    out << row;
  };
  line(figure.header);
  for (const auto& row : figure.rows) line(row);
}

} // namespace

void write(std::ostream& out, const ReproductionReport& report, Format format, bool color) {
  if (format == Format::table) return write_table(out, report, color);
  if (format == Format::csv) return write_csv(out, report);
  if (format == Format::json) return write_json(out, json_reproduction(report));
  for (const ClaimResult& c : report.result->claims) write_json_line(out, json_claim(report, c));
}

void write_markdown(std::ostream& out, const ReproductionReport& report) {
  const Reproduction& paper = *report.reproduction;
  out << "# " << paper.title << "\n\n";
  if (report.quick) out << "**" << kQuick << "**\n\n";
  if (!paper.about.empty()) out << paper.about << "\n\n";
  out << "| claim | published | ours | verdict | values | reading | what moves it |\n|---|---|---|---|---|---|---|\n";
  for (const ClaimResult& c : report.result->claims) {
    out << fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", cell(c.claim->says), published_text(paper, *c.claim),
                       ours_text(paper, *c.claim, c.figure), verdict_text(c.figure),
                       cell(values_text(paper, *c.claim, c.figure)), cell(c.claim->reading), cell(c.claim->moves));
  }
  out << "\nIntervals: 95 % over seeds, Student's t; changes are paired by seed. " << kRule << '\n';
  for (const ClaimResult& c : report.result->claims) {
    if (c.sensitivity.empty()) continue;
    out << fmt::format("\n## {}: under other readings\n\nPublished: {}\n\n| what | setting | ours | verdict "
                       "|\n|---|---|---|---|\n",
                       c.claim->says, published_text(paper, *c.claim));
    for (const SensitivityFigure& s : c.sensitivity) {
      out << fmt::format("| {} | {} | {} | {} |\n", cell(s.setting->group), cell(s.setting->label),
                         ours_text(paper, *c.claim, s.figure), verdict_text(s.figure));
    }
  }
  if (!paper.not_compared.empty()) out << "\n## Not compared\n\n| claim | why |\n|---|---|\n";
  for (const OtherClaim& c : paper.not_compared) out << fmt::format("| {} | {} |\n", cell(c.says), cell(c.why));
  out << "\n## Figures\n";
  for (const FigureResult& f : report.result->figures) {
    out << fmt::format("\n![{}]({}.svg)\n", f.chart.title, f.id);
  }
  out << "\n## Conditions\n\n| experiment | runs | seeds | horizon | axes | source |\n|---|---|---|---|---|---|\n";
  for (const ExperimentConditions& e : report.result->conditions) {
    out << fmt::format("| {} | {} | {} | {} | {} | {} |\n", e.name, e.runs, e.seeds,
                       e.horizon.empty() ? "of each scenario" : e.horizon, cell(e.what), cell(e.source));
  }
}

void write_files(const std::string& directory, const ReproductionReport& report) {
  for (const FigureResult& f : report.result->figures) {
    to_file(directory + "/" + f.id + ".csv", [&](std::ostream& out) { write_figure_csv(out, f); });
    to_file(directory + "/" + f.id + ".svg", [&](std::ostream& out) { write_svg(out, f.chart); });
  }
  to_file(directory + "/claims.json", [&](std::ostream& out) { write_json(out, json_reproduction(report)); });
  to_file(directory + "/claims.md", [&](std::ostream& out) { write_markdown(out, report); });
}

} // namespace terastal
