#include "io/documents.hpp"

#include <algorithm> // count_if, max
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "io/reproduction_document.hpp"
#include "io/shape_fields.hpp"
#include "io/sweep_document.hpp"

namespace terastal::io {
namespace {

// -- platform

/// A cost model's settings, as its declaration gives them.
Spec cost_model(const CostModelInfo& model) {
  std::vector<Field> fields;
  for (const Setting& setting : model.settings) {
    fields.push_back(optional(setting.name, value_of(setting), setting.help, setting.default_text()));
  }
  return object(model.id, std::move(fields));
}

constexpr std::size_t most_accelerators = 16384; // a limit of the engine

Spec context() {
  return object("context",
                {optional("latency", time_at_least_zero(), "Fixed part of the cost.", "0 s"),
                 optional("bandwidth", bandwidth(), "Adds the layer's output bytes / bandwidth; default unlimited.")});
}

Spec preemption() {
  constexpr std::uint64_t most_tiles = 65536;
  return object("preemption",
                {optional("tiles", natural(1, most_tiles),
                          "Equal parts of every layer; it stops at the end of one. 1: only by killing.", "1"),
                 optional("context", context(), "Cost of saving a layer, and of restoring it.")});
}

Spec fusion() {
  return object("fusion", {optional("overhead", time_at_least_zero(), "Added to the time of every pair.", "0 s")});
}

Spec memory() {
  return object("memory", {needed("bandwidth", bandwidth(),
                                  "Of the memory that all accelerators share; divided max-min fairly.")});
}

Spec accelerator_type(const CostModelRegistry& cost_models) {
  std::vector<Field> fields{
      optional("kind", choice({"cpu", "gpu", "npu", "tpu", "dsp", "fpga", "other"}), "What it is; shown in reports.",
               "other"),
      optional("dataflow", text(), "For example weight-stationary; shown in reports."),
      optional("pes", natural(1), "Number of processing elements; for a cost model that has such a setting."),
      optional("clock", frequency(),
               "Turns tables in cycles into time; also for a cost model that has such a setting."),
      optional("model_switch", time_at_least_zero(),
               "Added before a layer when the accelerator's previous layer belonged to another task.", "0 s")};
  fields.push_back(optional("preemption", preemption(),
                            "Layers may be stopped on this type. Default: a layer that started runs to its end."));
  fields.push_back(optional("groups", list_of("group sizes", natural(2, most_accelerators), 1),
                            "Numbers of accelerators of this type that may share one layer."));
  fields.push_back(
      optional("fusion", fusion(),
               "Two layers of different jobs may run on one accelerator at a time; see docs/multi_array.md. "
               "Default: one."));
  fields.push_back(optional("context_energy", energy(),
                            "Per byte moved when another job's layer follows: its input, and the output before.",
                            "0 pJ"));
  std::vector<Spec> models;
  for (const CostModelInfo& model : cost_models.all()) models.push_back(cost_model(model));
  if (!models.empty()) {
    fields.push_back(optional("cost", by_kind("cost model", std::move(models), "model"),
                              "Gives latency and energy of layers whose table has no column for this type."));
  }
  return object("accelerator type", std::move(fields));
}

Spec accelerator() {
  return object("accelerator", {needed("name", name(), "Name of the accelerator, unique in the platform."),
                                needed("type", name(), "One of the keys of `types`.")});
}

Spec transfer() {
  return object("transfer", {optional("from", name(), "Accelerator type of the producing layer, or any.", "any"),
                             optional("to", name(), "Accelerator type of the consuming layer, or any.", "any"),
                             optional("latency", time_at_least_zero(), "Fixed part of the cost.", "0 s"),
                             optional("bandwidth", bandwidth(),
                                      "Adds the producing layer's output bytes / bandwidth; default unlimited.")});
}

Spec make_platform(const CostModelRegistry& cost_models) {
  return object(
      "platform",
      {needed("platform", name(), "Name of the platform."), optional("description", text(), "One line about it."),
       optional("source", text(), "Where the figures come from."),
       needed("types", map_of("accelerator types", accelerator_type(cost_models), 1), "Accelerator types, by name."),
       needed("accelerators", list_of("accelerators", accelerator(), 1, most_accelerators),
              "The accelerators, numbered in this order."),
       optional("transfers", list_of("transfers", transfer()),
                "Cost of reading a layer's input from another accelerator; the first entry that fits is used."),
       optional("memory", memory(),
                "Shared memory: layers that ask for more than it has slow each other down. Default: each layer has the "
                "traffic that its table assumes.")});
}

// -- network

Spec latency() { return either({time_above_zero(), map_of("accelerator types and times", time_above_zero(), 1)}); }
Spec traffics() { return either({bytes(), map_of("accelerator types and bytes", bytes(), 1)}); }
Spec energies() { return either({energy(), map_of("accelerator types and energies", energy(), 1)}); }

constexpr const char* kOperatorHelp = "Operator. With a shape: conv, depthwise, transposed_conv, matmul, pool or "
                                      "elementwise.";

Spec shape() {
  std::vector<Field> fields;
  for (const ShapeField& field : kShapeFields) {
    const Spec dimension = natural(1, kLargestDimension);
    fields.push_back(field.needed ? needed(std::string(field.name), dimension, field.help)
                                  : optional(std::string(field.name), dimension, field.help, field.default_text));
  }
  return object("shape", std::move(fields));
}

Spec layer() {
  return object("layer",
                {needed("name", name(), "Name of the layer, unique in the network."),
                 optional("op", text(), kOperatorHelp),
                 optional("shape", shape(), "Dimensions, for cost models and the design of variants."),
                 optional("macs", natural(), "Multiply-accumulates; information only. Default: the shape's, or 0."),
                 optional("output_bytes", bytes(),
                          "Size of the output, for transfers. Default: the shape's at 8 bits an element, or 0 B."),
                 optional("after", list_of("layer names", name()),
                          "Layers whose output it reads; an empty list for none. Default: the layer before it."),
                 optional("block", text(), "Label; consecutive layers with one label form a block."),
                 optional("latency", latency(),
                          "Time on each accelerator type, or one time for all. Needed unless samples or a shape give "
                          "it."),
                 optional("energy", energies(), "Energy of one execution on each accelerator type, or one for all."),
                 optional("traffic", traffics(),
                          "Bytes to and from the platform's shared memory on each accelerator type, or for all."),
                 optional("skip", ratio(), "Probability that a job passes the layer by.", "0"),
                 optional("exit", ratio(), "Probability that a job is complete after the layer; chains only.", "0")});
}

Spec variant() {
  return object("variant",
                {needed("name", name(), "Name of the variant, unique in the network."),
                 needed("layer", name(), "The layer it replaces."),
                 optional("gamma", number_above(0.0), "Space-to-depth factor of a layer variant."),
                 optional("accuracy_cost", ratio(),
                          "Loss relative to the baseline, for the additive and the multiplicative model."),
                 optional("op", text(), kOperatorHelp), optional("shape", shape(), "Dimensions, for cost models."),
                 optional("latency", latency(), "Time on each accelerator type, or one time for all."),
                 optional("energy", energies(), "Energy of one execution on each accelerator type, or one for all."),
                 optional("traffic", traffics(),
                          "Bytes to and from the platform's shared memory on each accelerator type, or for all.")},
                {{{"latency", "shape"}, false}});
}

Spec accuracy_set() {
  return object("accuracy set", {needed("variants", list_of("variant names", name()), "The variants of the set."),
                                 needed("accuracy", number_at_least(0.0), "Measured accuracy of the set.")});
}

Spec accuracy() {
  return object("accuracy model",
                {needed("metric", text(), "What is measured, for example top-5."),
                 needed("baseline", number_above(0.0), "Accuracy without variants."),
                 optional("sets", either({path(), list_of("accuracy sets", accuracy_set())}),
                          "Measured accuracy of variant sets: a CSV file or a list."),
                 optional("model", choice({"additive", "multiplicative"}),
                          "Instead of measured sets: baseline * (1 - sum of accuracy_cost), or baseline * product of "
                          "(1 - accuracy_cost).")},
                {{{"sets", "model"}}});
}

Spec make_network() {
  constexpr std::size_t most_variants = 64; // bits of a VariantSet
  return object(
      "network",
      {needed("network", name(), "Name of the network."), optional("description", text(), "One line about it."),
       optional("source", text(), "Where the figures come from."),
       optional("layers", either({path(), list_of("layers", layer(), 1)}),
                "The layers in execution order: a CSV file or a list. Needed unless samples give them."),
       optional("variants", either({path(), list_of("variants", variant(), 0, most_variants)}),
                "Other implementations of layers: a CSV file or a list."),
       optional("accuracy", accuracy(), "Accuracy as a function of the variants used; needed with variants."),
       optional("samples", path(),
                "CSV file of measured executions: the latency of every layer of every sample and, if given, its "
                "sparsity.")},
      {{{"layers", "samples"}, false}});
}

// -- scenario

Spec with_period(std::string kind, std::vector<Field> more) {
  std::vector<Field> fields{optional("period", time_above_zero(), "Distance of releases."),
                            optional("rate", rate(), "Releases per second, instead of the period."),
                            optional("phase", either({time_at_least_zero(), choice({"random"})}),
                                     "First release; random: uniform in [0, period) for each seed.", "0 s")};
  fields.insert(fields.end(), more.begin(), more.end());
  return object(std::move(kind), std::move(fields), {{{"period", "rate"}}});
}

Spec arrivals() {
  return by_kind(
      "arrivals",
      {with_period("periodic", {optional("jitter", time_at_least_zero(),
                                         "Each release is delayed by a uniform time in [0, jitter].", "0 s")}),
       with_period("sporadic", {optional("extra", time_at_least_zero(),
                                         "Mean of an exponential time added to each distance.", "0 s")}),
       object("poisson", {needed("rate", rate(), "Mean rate of releases.")}),
       object("bursts", {needed("rate", rate(), "Mean rate of releases while on."),
                         needed("on", time_above_zero(), "Mean length of the exponential on periods."),
                         needed("off", time_above_zero(), "Mean length of the exponential off periods.")}),
       object("trace", {needed("file", path(), "CSV file of releases.")})});
}

Spec execution() {
  return by_kind(
      "execution times",
      {object("equal", {}),
       object("uniform", {needed("low", number_above(0.0), "Smallest factor."),
                          needed("high", number_above(0.0), "Largest factor.")}),
       object("lognormal", {needed("cv", number_at_least(0.0), "Coefficient of variation; the mean factor is 1.")}),
       object("exponential", {}), object("samples", {}), object("measured", {})});
}

Spec cascade() {
  return object(
      "cascade",
      {needed("task", name(), "The task whose completions release this one."),
       optional("probability", ratio_above_zero(), "Probability of a release at each completion.", "1"),
       optional("deadline_from", choice({"root", "trigger"}),
                "The deadline counts from the release of the cascade's first job, or from this job's.", "root")});
}

Spec firm_requirement() {
  constexpr std::uint64_t longest = 64;
  return object("mk requirement",
                {needed("m", natural(1, longest), "At least m of any k consecutive jobs should meet their deadline."),
                 needed("k", natural(1, longest), "Length of the window; at least m.")});
}

// Words in the order of the enumerators.
Spec late_jobs() { return choice({"run_on", "drop_at_deadline", "drop_hopeless"}); }
Spec granularity() { return choice({"layer", "block", "model"}); }

Spec task(const Spec& network) {
  constexpr std::int64_t least = std::numeric_limits<int>::min();
  constexpr std::int64_t most = std::numeric_limits<int>::max();
  return object(
      "task",
      {needed("name", name(), "Name of the task, unique in the scenario."),
       needed("network", either({path(), network}), "Network file, or the network itself."),
       optional("alternatives", list_of("networks", either({path(), network}), 1),
                "Supernet: further networks of the same function, chains; a policy may choose one for each job."),
       optional("switch_points", list_of("switch points", list_of("layer names", name(), 2)),
                "Where a running job may change networks: each names one layer of each network, its own first."),
       optional("arrivals", arrivals(), "When jobs are released. Needed unless `after` is given."),
       optional("after", cascade(), "Cascade: released by completions of another task."),
       optional(
           "deadline", time_above_zero(),
           "Relative deadline. Default: the period or 1/rate; the smallest of a trace; a cascade's is its parent's."),
       optional("priority", integer(least, most), "Smaller is more urgent; used by fixed-priority policies.", "0"),
       optional("weight", number_above(0.0), "Larger is more important.", "1"),
       optional("late_jobs", late_jobs(), "What happens to late jobs. Default: the scenario's."),
       optional("accuracy_threshold", ratio(),
                "A variant set is valid at this share of the baseline. Default: the scenario's."),
       optional("granularity", granularity(), "What is dispatched as one piece. Default: the scenario's."),
       optional("execution", execution(), "Actual against estimated times. Default: the scenario's."),
       optional("mk", firm_requirement(), "(m, k)-firm requirement; violations are counted.")},
      {{{"arrivals", "after"}}});
}

Spec make_scenario(const Spec& platform, const Spec& network) {
  constexpr std::size_t most_tasks = 8191; // a limit of the engine
  return object(
      "scenario",
      {needed("scenario", name(), "Name of the scenario."), optional("description", text(), "One line about it."),
       optional("source", text(), "Where the figures come from."),
       needed("platform", either({path(), platform}), "Platform file, or the platform itself."),
       needed("horizon", time_above_zero(), "Releases stop here; what was released runs to its end."),
       optional("warm_up", time_at_least_zero(), "Jobs released before are simulated and not counted.", "0 s"),
       optional("seed", natural(), "All random streams derive from it.", "1"),
       optional("late_jobs", late_jobs(), "For tasks that do not say otherwise.", "run_on"),
       optional("accuracy_threshold", ratio(), "A variant set is valid at this share of the baseline accuracy.", "0.9"),
       optional("granularity", granularity(), "What is dispatched as one piece; merged layers sum their times.",
                "layer"),
       optional("execution", execution(), "Actual against estimated times. Default: equal."),
       needed("tasks", list_of("tasks", task(network), 1, most_tasks), "The tasks.")});
}

} // namespace

Declarations::Declarations(const CostModelRegistry& cost_models)
    : cost_models_(&cost_models), platform_(make_platform(cost_models)), network_(make_network()),
      scenario_(make_scenario(platform_, network_)), sweep_(sweep_document()), reproduction_(reproduction_document()) {}

const ValueSpec& Declarations::of(DocumentKind kind) const {
  switch (kind) {
  case DocumentKind::platform:
    return platform();
  case DocumentKind::network:
    return network();
  case DocumentKind::sweep:
    return sweep();
  case DocumentKind::reproduction:
    return reproduction();
  case DocumentKind::scenario:
    break;
  }
  return scenario();
}

std::optional<DocumentKind> Declarations::kind_of(const Node& document) const {
  std::optional<DocumentKind> best;
  std::ptrdiff_t most = 0;
  for (const DocumentKind kind : kDocumentKinds) {
    const auto known = std::count_if(document.keys.begin(), document.keys.end(),
                                     [&](const Key& key) { return of(kind).find(key.text) != nullptr; });
    if (known > most) best = kind;
    most = std::max(most, known);
  }
  return best;
}

} // namespace terastal::io
