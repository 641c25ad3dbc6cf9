#include <atomic>
#include <iostream>
#include <optional>

#include <fmt/format.h>

#include "command.hpp"
#include "common_options.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "ranks.hpp"
#include "store_path.hpp"
#include "sweep_report.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"
#include "terastal/io/load_sweep.hpp"
#include "terastal/sweep/rank_team.hpp"
#include "terastal/sweep/run_sweep.hpp"

namespace terastal::cli {
namespace {

Shard read_shard(const Arguments& arguments) {
  const auto text = arguments.get("shard");
  if (!text) return {};
  constexpr std::uint64_t most = 1'000'000;
  const auto slash = text->find('/');
  const auto index = parse_unsigned(text->substr(0, slash));
  const auto count = slash == std::string::npos ? std::nullopt : parse_unsigned(text->substr(slash + 1));
  if (!index || !count || *index < 1 || *index > *count || *count > most) {
    throw UsageError("--shard: '" + *text + "' is not I/N with 1 <= I <= N, e.g. 2/8");
  }
  return {*index, *count};
}

SweepRequest read_request(const Arguments& arguments) {
  SweepRequest request;
  request.options.threads = read_threads(arguments);
  request.options.shard = read_shard(arguments);
  request.options.fail_fast = arguments.has("fail-fast");
  request.options.keep_going = [] { return !interrupted(); };
  request.dry_run = arguments.has("dry-run");
  request.measure = arguments.has("measure");
  request.retry_failed = arguments.has("retry-failed");
  request.allow_failed = arguments.has("allow-failed");
  request.quiet = arguments.has("quiet");
  if (request.measure && !request.dry_run) throw UsageError("--measure belongs to --dry-run; a sweep measures anyway");
  if (request.options.fail_fast && request.allow_failed) {
    throw UsageError("--fail-fast and --allow-failed exclude each other");
  }
  if (const auto path = arguments.get("output")) request.store = store_path("--output", *path);
  return request;
}

/// `quiet`: also when it takes long.
Sweep read_sweep(const Arguments& arguments, bool quiet) {
  const DataFiles data(arguments);
  const Changes changes = read_changes(arguments);
  if (!changes.policy.empty()) {
    throw UsageError("--set policy." + changes.policy.front().path +
                     ": in a sweep, policies and their settings are axes, e.g. --set axes.policy=[edf,terastal]");
  }
  ReadingTeller teller(quiet);
  SweepContext context = data.sweep_context();
  context.tried = [&teller](std::size_t done, std::size_t total) { teller(done, total); };
  return load_sweep(data.resolve(DocumentKind::sweep, arguments.positional().front()), changes.scenario, context);
}

std::string default_store(const Sweep& sweep, Shard shard) {
  return sweep.name + (shard.count > 1 ? fmt::format(".{}-of-{}", shard.index, shard.count) : "") + ".sqlite";
}

int dry_run(const Sweep& sweep, const SweepRequest& request) {
  std::atomic<bool> over = false;
  SweepTeller teller(request.quiet);
  CellSink sink;
  sink.held = [&] { return stored_cells(request.store, identity_of(sweep), !request.retry_failed); };
  sink.add = [](const auto&, const auto&) {};
  sink.commit = [] {};
  SweepOptions options = request.options;
  options.keep_going = [&] { return !over && !interrupted(); };
  options.planned = [&](const SweepPlan& plan) {
    show_plan(sweep, plan, request);
    over = !request.measure;
  };
  options.measured = [&](const SweepPlan& plan) {
    over = true;
    show_cost(plan, request, teller.line());
  };
  show_counting(sweep, request);
  (void)run_sweep(sweep, sink, options);
  return interrupted() ? interrupt_exit_code() : kFine;
}

/// By a signal to this process, or to one of the others.
bool told_to_end(const SweepRequest& request) {
  return interrupted() || (request.team != nullptr && request.team->lost());
}

std::string interruption(const SweepRequest& request) {
  std::string text = "terastal: ";
  if (request.team != nullptr && request.team->lost()) text += *request.team->lost() + "; ";
  if (request.team != nullptr)
    text += "the sweep was ended by a signal, or because a rank was lost";
  else
    text += "interrupted";
  return text + "; finished cells are kept, and the same command goes on from there\n";
}

/// What the store holds at the end.
struct Held {
  std::size_t cells = 0;
  std::uint64_t failed = 0;
};

/// What was done: on standard output what depends on the results alone.
int conclude(const Sweep& sweep, const SweepSummary& summary, const SweepRequest& request, const Held& held) {
  show_failures(sweep, summary);
  show_end(summary, request);
  if (held.failed > 0) std::cerr << "terastal: --retry-failed runs failed cells again\n";
  if (told_to_end(request)) std::cerr << interruption(request); // first: there may be little time
  Output output(std::nullopt);
  output.stream() << fmt::format("{}: {} cells{}, digest {}\n", request.store, held.cells,
                                 held.failed > 0 ? fmt::format(", {} failed", held.failed) : "",
                                 store_digest(request.store));
  output.commit();
  if (told_to_end(request)) return interrupted() ? interrupt_exit_code() : kInterrupted;
  if (!request.quiet && held.failed == 0) std::cerr << "'terastal query " << request.store << "' shows the results\n";
  return held.failed > 0 && !request.allow_failed ? kFailed : kFine;
}

/// Cells of the shard that failed are to be run again; the others may be somebody else's.
void forget_failed(ResultStore& store, const SweepCells& cells, Shard shard) {
  PendingCells ours(cells, shard, {});
  store.forget_failed([&, next = ours.next()](CellIndex failed) mutable {
    while (next && *next < failed) next = ours.next();
    return next == failed;
  });
}

int run(const Sweep& sweep, SweepRequest request) {
  SweepTeller teller(request.quiet);
  SweepSummary summary;
  Held held;
  {
    ResultStore store(request.store, identity_of(sweep));
    if (request.team == nullptr) catch_interrupts(); // before there was nothing to keep
    if (request.retry_failed) forget_failed(store, SweepCells(sweep), request.options.shard);
    show_counting(sweep, request);
    request.options.helpers = request.team;
    request.options.planned = [&](const SweepPlan& plan) { show_plan(sweep, plan, request); };
    request.options.measured = [&](const SweepPlan& plan) { show_cost(plan, request, teller.line()); };
    request.options.progress = [&](const SweepProgress& progress) { teller(progress); };
    summary = run_sweep(sweep, store, request.options);
    held = {store.cells().size(), store.failed()};
  }
  teller.line().clear();
  if (request.team != nullptr) request.team->dismiss(told_to_end(request) ? 0.3 : 60.0);
  return conclude(sweep, summary, request, held);
}

/// What all ranks must have been told alike.
TeamTask task_of(const Sweep& sweep, const SweepRequest& request) {
  const Shard shard = request.options.shard;
  return {identity_of(sweep), fmt::format("--shard {}/{} --output {}", shard.index, shard.count, request.store)};
}

void complete(SweepRequest& request, const Sweep& sweep) {
  if (request.store.empty()) request.store = default_store(sweep, request.options.shard);
}

int run_or_plan(const Sweep& sweep, const SweepRequest& request) {
  return request.dry_run ? dry_run(sweep, request) : run(sweep, request);
}

/// Rank 0 of several.
int lead(Transport& transport, SweepRequest request, const Arguments& arguments) {
  RankTeam team(transport);
  const Sweep sweep = read_sweep(arguments, request.quiet);
  complete(request, sweep);
  catch_interrupts(); // before there was nothing to keep
  team.assemble(task_of(sweep, request), request.options.keep_going);
  request.team = &team;
  return run_or_plan(sweep, request);
}

/// The others: rank 0 says what there is to say. \returns an exit code.
int follow(Transport& transport, SweepRequest request, const Arguments& arguments) {
  std::optional<Sweep> sweep;
  try {
    sweep = read_sweep(arguments, true);
    complete(request, *sweep);
  } catch (const std::exception& e) {
    const bool bad_input = dynamic_cast<const InputError*>(&e) != nullptr;
    return decline_team(transport, e.what(), bad_input) ? kFine : kFailed;
  }
  catch_interrupts();
  MemberOptions options;
  options.threads = request.options.threads;
  options.keep_going = request.options.keep_going;
  return join_team(transport, *sweep, task_of(*sweep, request), options) ? kFine : kInterrupted;
}

} // namespace

CommandLine sweep_line() {
  CommandLine line;
  line.usage = "sweep SWEEP [options]";
  line.intro =
      "Runs every cell of a sweep - one value of each of its axes: scenario, load, settings, policy, seed - and\n"
      "keeps the results in one SQLite file. Run again, it goes on with the cells that the file lacks. Results\n"
      "do not depend on --jobs, on --shard, or on how often it was stopped.";
  line.examples = "terastal sweep fig5.yaml --dry-run --measure\n"
                  "terastal sweep fig5.yaml --set axes.seed=1..3 --set set.horizon=1s -o quick.sqlite\n"
                  "terastal sweep fig5.yaml --shard 2/8        # then: terastal merge fig5.sqlite fig5.*-of-8.sqlite\n"
                  "terastal sweep fig5.yaml --retry-failed\n"
                  "mpirun -np 8 terastal sweep fig5.yaml       # on 8 cores, of one machine or several";
  line.value("output,o", "STORE", "file of results; default: NAME.sqlite here, NAME.I-of-N.sqlite for a shard");
  line.value("jobs,j", "N", "threads; default 0: one per core; under mpirun and srun: of each rank, default 1");
  line.value("shard", "I/N", "run the I-th of N parts; 'terastal merge' joins their files");
  line.flag("dry-run", "say what would be run, and end");
  line.flag("measure",
            "with --dry-run: run one cell of each scenario and policy, keep nothing, and say how long all takes");
  line.flag("retry-failed", "run cells again that failed before; with --shard: those of this part");
  line.flag("fail-fast", "end when a cell fails; otherwise the others go on");
  line.flag("allow-failed", "exit with 0 although cells failed, e.g. for a job array; 'merge' tells of them again");
  line.value("set", "PATH=VALUE",
             "change the sweep's document before it is read, e.g. axes.seed=1..3, axes.policy=[edf,terastal], "
             "set.horizon=1s; may be repeated");
  line.value(
      "data-dir", "DIR",
      "look for scenarios and sweeps given by name here first; may be repeated. Then $TERASTAL_DATA_DIR, then the "
      "shipped ones");
  line.repeatable = {"set", "data-dir"};
  add_rank_options(line);
  line.flag("quiet,q", "no plan, no progress");
  line.flag("help,h", "this text");
  return line;
}

int sweep_command(const Arguments& arguments) {
  if (arguments.positional().size() != 1) throw UsageError("sweep needs one sweep, a file or a name");
  SweepRequest request = read_request(arguments);
  const auto transport = connect_ranks(arguments, arguments.has("shard"));
  if (transport) {
    if (!arguments.has("jobs")) request.options.threads = 1;
    return transport->rank() == 0 ? lead(*transport, std::move(request), arguments)
                                  : follow(*transport, std::move(request), arguments);
  }
  const Sweep sweep = read_sweep(arguments, request.quiet);
  complete(request, sweep);
  return run_or_plan(sweep, request);
}

} // namespace terastal::cli
