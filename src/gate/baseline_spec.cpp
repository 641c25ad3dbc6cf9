#include "gate/baseline_spec.hpp"

#include "terastal/gate/rules.hpp"

namespace terastal {
namespace {

using namespace io;

constexpr std::size_t kMostReplications = 1'000'000;

Spec run() {
  return object("run", {needed("scenarios", list_of("scenarios", name(), 1), "Files or names."),
                        needed("policies", list_of("policies", name(), 1), "With their settings."),
                        optional("set", list_of("changes", text()), "PATH=VALUE, for every scenario."),
                        needed("replications", natural(1, kMostReplications), "Seeds for each cell."),
                        optional("tasks", choice({"together", "each"}), "Whether tasks are judged too.", "together")});
}

Spec judge() {
  const Spec rule = object("rule", {optional("by", choice(judge_names()), "Default: that of all metrics."),
                                    optional("abs", number_at_least(0.0), "Limit in the metric's own unit.", "0"),
                                    optional("rel", number_at_least(0.0), "Limit as a share of the baseline.", "0")});
  return object("judge", {needed("by", choice(judge_names()), "For metrics that do not say otherwise."),
                          optional("confidence", ratio_above_zero(), "Of the intervals.", "0.95"),
                          needed("metrics", map_of("metrics", rule, 1), "What is judged, by the metric's name.")});
}

Spec series() {
  const Spec value = either({number_at_least(-std::numeric_limits<double>::max()), choice({"none"})});
  return object("series", {needed("mean", value, "Of the values."),
                           needed("of", list_of("values", value, 1, kMostReplications), "One for each replication.")});
}

Spec cell() {
  const Spec metrics = map_of("metrics", series());
  return object("cell",
                {needed("scenario", name(), "One of the run's."), needed("policy", name(), "One of the run's."),
                 needed("seed", natural(), "Of the first replication."),
                 needed("digests", list_of("digests", name(), 1, kMostReplications), "Of the event streams."),
                 needed("values", metrics, "Of all tasks together."), optional("tasks", map_of("tasks", metrics), "")});
}

Spec make_baseline() {
  const Spec tool = object("tool", {needed("name", text(), "Of the program."), needed("version", text(), "Its own.")});
  const Spec input = object("input", {needed("path", text(), "As it was read."), needed("sha256", text(), "Digest.")});
  return object("baseline", {needed("schema_version", natural(), "Of this file."),
                             needed("kind", choice({"baseline"}), ""), needed("tool", tool, "What measured it."),
                             needed("run", run(), "What was run."), needed("judge", judge(), "How it is judged."),
                             needed("inputs", list_of("inputs", input), "Files read."),
                             needed("cells", list_of("cells", cell()), "A scenario under a policy each.")});
}

} // namespace

const ValueSpec& baseline_spec() {
  static const Spec spec = make_baseline();
  return *spec;
}

} // namespace terastal
