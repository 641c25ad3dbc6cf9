#include "reproduce/run_experiments.hpp"

#include <set>

#include <fmt/format.h>

#include "terastal/core/text.hpp"
#include "terastal/sweep/query.hpp"
#include "terastal/sweep/run_sweep.hpp"
#include "terastal/sweep/store.hpp"

namespace terastal {
namespace {

void report(const ReproduceOptions& options, const Experiment& e, std::uint64_t done, std::uint64_t total) {
  if (options.progress) options.progress(e.name, done, total);
}

bool go_on(const ReproduceOptions& options) { return !options.keep_going || options.keep_going(); }

/// The samples of a complete store.
ExperimentTable read_store(const Experiment& e, const std::string& path) {
  ExperimentTable table = e.shape;
  std::optional<std::size_t> seed;
  for (std::size_t a = 0; a < e.sweep.axes.size(); ++a) {
    if (e.sweep.axes[a].kind == SweepAxis::Kind::seed) seed = a;
  }
  StoredResults(path).for_each({}, [&](const StoreRow& row) {
    Sample sample;
    for (std::size_t a = 0; a < row.values.size(); ++a) {
      if (a != seed) sample.values.push_back(row.values[a]);
    }
    sample.seed = seed ? row.values[*seed] : "";
    sample.measured = row.row.values;
    table.samples.push_back(std::move(sample));
  });
  return table;
}

[[noreturn]] void throw_failed(const Experiment& e, const std::string& path, const SweepSummary& summary) {
  std::string text = fmt::format("{} cells of sweep {} failed ({}); nothing is compared", summary.failed, e.name, path);
  for (const FailedCell& f : summary.failures) text += fmt::format("\n  cell {}: {}", f.cell, f.error);
  throw Error(text);
}

std::optional<ExperimentTable> run_sweep_experiment(const Experiment& e, const ReproduceOptions& options,
                                                    ExperimentConditions& conditions) {
  const std::string path = options.directory + "/" + e.sweep.name + ".sqlite";
  {
    ResultStore store(path, identity_of(e.sweep));
    (void)store.forget_failed();
    const std::uint64_t held = store.cells().size();
    SweepOptions sweep_options;
    sweep_options.threads = options.threads;
    sweep_options.keep_going = options.keep_going;
    sweep_options.cost_models = options.cost_models;
    sweep_options.progress = [&](const SweepProgress& p) { report(options, e, held + p.done, held + p.total); };
    const SweepSummary summary = run_sweep(e.sweep, store, sweep_options);
    store.commit();
    if (summary.failed > 0) throw_failed(e, path, summary);
    if (!summary.complete || !go_on(options)) return std::nullopt;
  }
  for (const Override& change : e.sweep.overrides) {
    if (change.path == "horizon") conditions.horizon = change.value;
  }
  for (const SweepAxis& axis : e.sweep.axes) {
    if (axis.path == "horizon") conditions.horizon = "an axis";
  }
  conditions.source = e.sweep.source;
  conditions.digest = store_digest(path);
  return read_store(e, path);
}

/// Every scenario under every policy with every seed.
std::optional<ExperimentTable> run_throughput(const Experiment& e, const ReproduceOptions& options) {
  const ThroughputExperiment& t = e.throughput;
  ExperimentTable table = e.shape;
  const std::uint64_t total = t.scenarios.size() * t.policies.size() * t.options.replications;
  for (std::size_t s = 0; s < t.scenarios.size(); ++s) {
    for (std::size_t p = 0; p < t.policies.size(); ++p) {
      for (std::uint64_t seed = 1; seed <= t.options.replications; ++seed) {
        ThroughputOptions one = t.options;
        one.seed = seed;
        one.replications = 1;
        one.threads = options.threads;
        one.keep_going = options.keep_going;
        const ThroughputResult found = latency_bounded_throughput(t.scenarios[s], t.policies[p], one);
        if (found.end == ThroughputEnd::stopped) return std::nullopt;
        if (found.end == ThroughputEnd::above_max) {
          throw Error(fmt::format("experiment {}: {} under {} is served at max_scale already; raise it", e.name,
                                  table.axis_values[0][s], table.axis_values[1][p]));
        }
        table.samples.push_back(
            {{table.axis_values[0][s], table.axis_values[1][p]},
             fmt::format("{}", seed),
             {found.bound ? found.bound->jobs_per_s : 0.0, found.bound ? found.bound->scale : 0.0}});
        report(options, e, table.samples.size(), total);
      }
    }
  }
  return table;
}

std::optional<ExperimentTable> run_schedulability(const Experiment& e, const ReproduceOptions& options) {
  const SchedulabilityExperiment& s = e.schedulability;
  ExperimentTable table = e.shape;
  for (std::size_t batch = 1; batch <= s.batches; ++batch) {
    SchedulabilityOptions one = s.options;
    one.seed = batch;
    one.threads = options.threads;
    one.keep_going = options.keep_going;
    const Schedulability found = schedulability(s.pool, s.methods, one);
    if (!found.complete) return std::nullopt;
    for (std::size_t u = 0; u < found.points.size(); ++u) {
      const UtilisationPoint& point = found.points[u];
      for (std::size_t m = 0; m < point.methods.size(); ++m) {
        const double share = static_cast<double>(point.methods[m].simulated) / static_cast<double>(point.sets);
        table.samples.push_back(
            {{table.axis_values[0][u], table.axis_values[1][m]}, fmt::format("{}", batch), {share}});
      }
    }
    report(options, e, batch, s.batches);
  }
  return table;
}

/// `6 scenarios, 4 policies`; names where there are few.
std::string words(const ExperimentTable& table) {
  std::vector<std::string> parts;
  for (std::size_t a = 0; a < table.axes.size(); ++a) {
    std::vector<std::string> values;
    for (const std::string& v : table.axis_values[a]) values.push_back(short_label(v));
    parts.push_back(table.axes[a] + ": " + join(values, ", "));
  }
  return join(parts, "; ");
}

} // namespace

std::optional<ExperimentTable> run_experiment(const Experiment& e, const ReproduceOptions& options,
                                              ExperimentConditions& conditions) {
  conditions.name = e.name;
  std::optional<ExperimentTable> table;
  if (e.kind == Experiment::Kind::sweep) table = run_sweep_experiment(e, options, conditions);
  if (e.kind == Experiment::Kind::throughput) table = run_throughput(e, options);
  if (e.kind == Experiment::Kind::schedulability) table = run_schedulability(e, options);
  if (!table) return std::nullopt;
  std::set<std::string> seeds;
  for (const Sample& sample : table->samples) seeds.insert(sample.seed);
  conditions.seeds = seeds.size();
  conditions.runs = table->samples.size();
  conditions.what = words(*table);
  if (e.kind == Experiment::Kind::throughput) {
    conditions.source = fmt::format("largest rates at which {:g} % of all jobs are in time, within {:g} %; a seed is a "
                                    "search of its own",
                                    100.0 * e.throughput.options.qos, 100.0 * e.throughput.options.tolerance);
  }
  if (e.kind == Experiment::Kind::schedulability) {
    conditions.source = fmt::format("random task sets, {} for each utilisation in a batch; a seed is a batch",
                                    e.schedulability.options.sets);
  }
  return table;
}

} // namespace terastal
