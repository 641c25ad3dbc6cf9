#include "terastal/sweep/query.hpp"

#include <algorithm> // find
#include <initializer_list>

#include "command.hpp"
#include "common_options.hpp"
#include "logger.hpp"
#include "output.hpp"
#include "terastal/core/text.hpp"
#include "terastal/report/query_report.hpp"

namespace terastal::cli {
namespace {

using What = QueryReport::What;

/// Of these options, what was given.
std::vector<std::string> given_of(const Arguments& arguments, std::initializer_list<const char*> names) {
  std::vector<std::string> given;
  for (const char* name : names) {
    if (arguments.has(name)) given.push_back("--" + std::string(name));
  }
  return given;
}

/// Options that make no sense together: none of them is left without effect.
void refuse_contradictions(const Arguments& arguments) {
  const auto views = given_of(arguments, {"columns", "pivot", "digest", "info", "failed"});
  if (views.size() > 1) throw UsageError(join(views, " and ") + " exclude each other");
  if (arguments.has("against") && !views.empty() && views.front() != "--pivot") {
    throw UsageError("--against and " + views.front() + " exclude each other");
  }
  const auto of_against = given_of(arguments, {"metrics", "intervals", "holm"});
  if (!arguments.has("against") && !of_against.empty()) {
    throw UsageError(of_against.front() + " belongs to --against");
  }
  const auto choosing = given_of(arguments, {"where", "task"});
  for (const char* name : {"digest", "info"}) {
    if (arguments.has(name) && !choosing.empty()) {
      throw UsageError("--" + std::string(name) + " is about the whole store: " + choosing.front() +
                       " has no effect on it");
    }
  }
  if (arguments.has("failed") && arguments.has("task")) {
    throw UsageError("--failed is about whole cells: --task has no effect on it");
  }
}

/// What an option says; what is wrong with it is a usage error. \throws UsageError.
template <typename Read>
void read(const Arguments& arguments, const char* name, Read&& use) {
  const auto text = arguments.get(name);
  if (!text) return;
  try {
    use(*text);
  } catch (const InputError& e) {
    throw_usage(std::string("--") + name, e);
  }
}

IntervalMethod read_intervals(const Arguments& arguments) {
  const std::string text = arguments.get("intervals").value_or("t");
  if (text == "t") return IntervalMethod::student_t;
  if (text == "bca") return IntervalMethod::bca;
  throw UsageError("--intervals: '" + text + "' is unknown; allowed: t, bca");
}

/// Whether results are of several tasks, each by itself.
bool has_several_tasks(const StoreSelection& selection) { return selection.each_task || selection.tasks.size() > 1; }

void read_against(const Arguments& arguments, const SweepIdentity& identity, QueryReport& report) {
  report.what = What::differences;
  AgainstSpec& against = report.against;
  read(arguments, "against", [&](const std::string& text) { against = parse_against(text, identity); });
  if (has_several_tasks(report.selection)) against.rows.push_back(identity.axes.size());
  read(arguments, "pivot", [&](const std::string& text) {
    parse_against_rows(text, identity, against);
    const bool named = std::find(against.rows.begin(), against.rows.end(), identity.axes.size()) != against.rows.end();
    if (has_several_tasks(report.selection) && !named)
      throw InputError("with several tasks, 'task' must be in the rows");
  });
  read(arguments, "metrics", [&](const std::string& text) { against.metrics = parse_stored_metrics(text, identity); });
  against.intervals = read_intervals(arguments);
  against.holm = arguments.has("holm");
}

QueryReport read_report(const Arguments& arguments, const StoredResults& results) {
  const SweepIdentity& identity = results.identity();
  QueryReport report;
  report.results = &results;
  report.pivot = default_pivot(identity);
  if (arguments.has("info")) report.what = What::info;
  if (arguments.has("failed")) report.what = What::failed;
  if (arguments.has("digest")) report.what = What::digest;
  read(arguments, "columns", [&](const std::string& text) {
    report.what = What::rows;
    report.columns = text == "all" ? all_columns(identity) : parse_columns(text, identity);
  });
  read(arguments, "where", [&](const std::string& text) { report.selection.where = parse_where(text, identity); });
  read(arguments, "task", [&](const std::string& text) {
    parse_tasks(text, results, report.selection);
    if (has_several_tasks(report.selection)) {
      report.pivot.rows.push_back(identity.axes.size()); // the tasks of the default pivot
    }
  });
  if (arguments.has("against")) {
    read_against(arguments, identity, report);
    return report;
  }
  read(arguments, "pivot", [&](const std::string& text) {
    report.what = What::pivot;
    report.pivot = parse_pivot(text, identity);
    if (has_several_tasks(report.selection) && !names_tasks(report.pivot, identity)) {
      throw InputError("with several tasks, 'task' must stand in the rows or columns");
    }
  });
  return report;
}

/// For --verbose.
void say_what_is_there(const StoredResults& results, spdlog::logger& logger) {
  const SweepIdentity& identity = results.identity();
  const StoreCounts counts = results.counts();
  logger.info("{}: sweep {}, {} of {} cells done, {} failed, {} missing; run in {:.3g} s", results.path(),
              identity.name, counts.done, identity.cells, counts.failed, counts.missing, counts.wall_s);
  logger.debug("run by version {}; sweep digest {}", identity.version, identity_digest(identity));
}

} // namespace

CommandLine query_line() {
  CommandLine line;
  line.usage = "query STORE [options]";
  line.intro = "Shows what the results store of a sweep holds: without options a summary and means over seeds.\n"
               "With --format csv or jsonl, all results, a line for each cell; ratios stay ratios (0.05 is 5 %).\n"
               "With --against, paired differences: cells with the same seed met the same arrivals.";
  line.examples = "terastal query results.sqlite\n"
                  "terastal query results.sqlite --pivot rows=load,scenario:columns=policy:value=miss_rate\n"
                  "terastal query results.sqlite --where 'policy=edf,load=1.2|1.4' --format csv -o edf.csv\n"
                  "terastal query results.sqlite --columns policy,seed,miss_rate --task each\n"
                  "terastal query results.sqlite --against edf --metrics miss_rate --holm\n"
                  "terastal query results.sqlite --against load=1 --where policy=edf --intervals bca\n"
                  "terastal query results.sqlite --against edf --pivot rows=load,task --format csv -o differences.csv";
  line.value("where,w", "LIST", "only these cells: AXIS=VALUE, separated by commas; several values by |");
  line.value("task,t", "NAME",
             "results of all tasks together (all, default), of each by itself (each), or of these:"
             " names separated by |");
  line.value("columns,c", "LIST",
             "results as a table with these columns: cell, digest, axes, task, released, completed,"
             " late, dropped, metrics; or all");
  line.value("pivot,p", "SPEC",
             "means: rows=AXES:columns=AXES:value=METRIC; AXES: names separated by commas, also 'task'. Cells of a seed"
             " are averaged first, intervals are over seeds");
  line.value("against,a", "VALUE",
             "paired differences of all other policies from this one, or AXIS=VALUE: of that axis' other values. A"
             " comparison for each value of the other axes that vary, or --pivot rows=AXES; paired by seed");
  line.value("metrics,m", "LIST",
             "with --against: only these metrics, separated by commas; default: all of the sweep's");
  line.value("intervals", "KIND", "with --against: t: Student's t (default); bca: bootstrap");
  line.flag("holm", "with --against: judge by p-values that are adjusted for all differences shown");
  line.flag("failed", "the cells that failed, and why");
  line.flag("info", "what the store holds: sweep, version, inputs, axes, digest");
  line.flag("digest", "SHA-256 of the results alone: equal for equal results, however they were made");
  add_output_options(line, "say on standard error what the store holds; -vv: and which version ran it");
  return line;
}

int query_command(const Arguments& arguments) {
  if (arguments.positional().size() != 1) throw UsageError("query needs one results store");
  const OutputOptions options = read_output_options(arguments);
  refuse_contradictions(arguments);
  const auto logger = make_logger(options);
  const StoredResults results(arguments.positional().front());
  QueryReport report = read_report(arguments, results);
  report.warn = [&](const std::string& text) { logger->warn("{}", text); };
  say_what_is_there(results, *logger);
  Output output(options.path);
  write(output.stream(), report, options.format, options.table_color());
  output.commit();
  return kFine;
}

} // namespace terastal::cli
