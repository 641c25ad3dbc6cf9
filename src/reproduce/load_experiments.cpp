#include "reproduce/load_experiments.hpp"

#include <algorithm> // min
#include <cmath>     // round
#include <set>

#include <fmt/format.h>

#include "io/files.hpp"
#include "io/report_at.hpp"
#include "terastal/core/text.hpp"

namespace terastal {
namespace {

using io::Value;

std::string resolved(const Value& path) { return io::resolve(*path.position().source, *path.text()); }

class Loader {
 public:
  Loader(const Value& document, bool quick, const SweepContext& context, io::Diagnostics& diagnostics)
      : quick_(quick), context_(context), diagnostics_(diagnostics), quick_values_(document["quick"]) {
    for (const auto& [key, value] : document["sweeps"].members()) add(key, value, Experiment::Kind::sweep);
    for (const auto& [key, value] : document["throughput"].members()) add(key, value, Experiment::Kind::throughput);
    for (const auto& [key, value] : document["schedulability"].members()) {
      add(key, value, Experiment::Kind::schedulability);
    }
  }

  std::vector<Experiment> take() { return std::move(experiments_); }

 private:
  void add(const io::Key& key, const Value& value, Experiment::Kind kind) {
    if (!names_.insert(key.text).second) {
      diagnostics_.error(key.position, fmt::format("experiment '{}' is given twice", key.text));
    }
    Experiment e;
    e.name = key.text;
    e.kind = kind;
    io::report_at(key.position, diagnostics_, [&, &v = value] {
      if (kind == Experiment::Kind::sweep) sweep(v, e);
      if (kind == Experiment::Kind::throughput) throughput(v, e);
      if (kind == Experiment::Kind::schedulability) schedulability(v, e);
    });
    experiments_.push_back(std::move(e));
  }

  void sweep(const Value& value, Experiment& e) {
    std::vector<Override> changes;
    if (quick_) {
      for (const Value& change : quick_values_["sweeps"].entries()) {
        const std::string text = change.text().value_or("");
        const auto equals = text.find('=');
        if (equals == std::string::npos) throw InputError("quick: expected PATH=VALUE, got '" + text + "'");
        changes.push_back({text.substr(0, equals), text.substr(equals + 1)});
      }
    }
    e.sweep = load_sweep(resolved(value), changes, context_);
    for (const SweepAxis& axis : e.sweep.axes) {
      if (axis.kind == SweepAxis::Kind::seed) continue;
      e.shape.axes.push_back(axis.name);
      e.shape.axis_values.push_back(axis.values);
    }
    for (const MetricInfo* m : e.sweep.metrics) e.shape.measures.push_back({m->id, m->title, m->unit, m->factor});
  }

  void throughput(const Value& value, Experiment& e) {
    ThroughputExperiment& t = e.throughput;
    std::vector<Override> changes;
    if (value["horizon"].given()) changes.push_back({"horizon", value["horizon"].node().text});
    e.shape.axes = {"scenario", "policy"};
    e.shape.axis_values.resize(2);
    for (const Value& scenario : value["scenarios"].entries()) {
      t.scenario_files.push_back(resolved(scenario));
      t.scenarios.push_back(load_scenario(t.scenario_files.back(), changes, context_.cost_models).scenario);
      e.shape.axis_values[0].push_back(*scenario.text());
    }
    for (const Value& policy : value["policies"].entries()) {
      t.policies.push_back(context_.policies.parse(*policy.text()));
      e.shape.axis_values[1].push_back(*policy.text());
    }
    t.options.qos = value["qos"].number().value_or(0.99);
    t.options.tolerance = value["tolerance"].number().value_or(0.02);
    t.options.max_scale = value["max_scale"].number().value_or(4.0);
    t.options.checks = 0;
    t.options.replications = replications(value["replications"].natural().value_or(1));
    e.shape.measures = {{"lbt", "latency-bounded throughput", "jobs/s", 1.0},
                        {"factor", "factor on all rates", "", 1.0}};
  }

  void schedulability(const Value& value, Experiment& e) {
    SchedulabilityExperiment& s = e.schedulability;
    s.scenario_file = resolved(value["scenario"]);
    s.pool = load_scenario(s.scenario_file, {}, context_.cost_models).scenario;
    e.shape.axes = {"utilisation", "policy"};
    e.shape.axis_values.resize(2);
    for (const Value& u : value["utilisations"].entries()) {
      s.options.utilisations.push_back(u.number().value_or(1.0));
      e.shape.axis_values[0].push_back(fmt::format("{}", s.options.utilisations.back()));
    }
    for (const Value& name : value["methods"].entries()) {
      add_method(*name.text(), s);
      e.shape.axis_values[1].push_back(*name.text());
    }
    const std::size_t sets = value["sets"].natural().value_or(1);
    s.options.sets = quick_ ? std::min<std::size_t>(sets, quick_values_["sets"].natural().value_or(2)) : sets;
    s.batches = replications(value["batches"].natural().value_or(1));
    e.shape.measures = {{"schedulable", "task sets without a miss", "%", 100.0}};
  }

  static void add_method(const std::string& name, SchedulabilityExperiment& s) {
    std::vector<std::string> names;
    for (SchedulabilityMethod& method : lalarand_methods()) {
      names.push_back(method.name);
      if (method.name != name) continue;
      s.methods.push_back(std::move(method));
      return;
    }
    throw InputError("unknown method '" + name + "'" + did_you_mean(name, names) + "; known: " + join(names, ", "));
  }

  [[nodiscard]] std::size_t replications(std::uint64_t full) const {
    return quick_ ? std::min<std::size_t>(full, quick_values_["replications"].natural().value_or(2)) : full;
  }

  bool quick_;
  const SweepContext& context_;
  io::Diagnostics& diagnostics_;
  Value quick_values_;
  std::set<std::string> names_;
  std::vector<Experiment> experiments_;
};

} // namespace

std::vector<Experiment> load_experiments(const Value& document, bool quick, const SweepContext& context,
                                         io::Diagnostics& diagnostics) {
  return Loader(document, quick, context, diagnostics).take();
}

} // namespace terastal
