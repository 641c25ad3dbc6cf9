#include "io/reproduction_document.hpp"

namespace terastal::io {
namespace {

constexpr double kLeast = -1e9;

Spec filter() { return map_of("axes and values", any()); }
Spec averaging() { return choice({"mean", "geometric", "geometric_of_means"}); }
Spec names() { return either({name(), list_of("names", name(), 1)}); }

Spec quick() {
  return object("quick", {optional("sweeps", list_of("changes", text()), "PATH=VALUE, for every sweep."),
                          optional("replications", natural(1), "Of throughputs, and batches of task sets.", "2"),
                          optional("sets", natural(1), "Task sets of each utilisation and batch.", "2")});
}

Spec throughput() {
  return object("throughput", {needed("scenarios", list_of("scenarios", path(), 1), "Files."),
                               needed("policies", list_of("policies", text(), 1), "With their settings."),
                               needed("replications", natural(1), "Searches, with seeds from 1."),
                               optional("horizon", time_above_zero(), "Default: the scenarios'."),
                               optional("qos", ratio_above_zero(), "Share of jobs in time.", "0.99"),
                               optional("tolerance", ratio_above_zero(), "Of the bound.", "0.02"),
                               optional("max_scale", number_above(0.0), "Largest factor on rates.", "4")});
}

Spec schedulability() {
  return object("schedulability", {needed("scenario", path(), "Its tasks' networks are drawn from."),
                                   needed("utilisations", list_of("utilisations", number_above(0.0), 1), "Of the GPU."),
                                   needed("sets", natural(1), "Task sets of each utilisation and batch."),
                                   needed("batches", natural(2), "Replications."),
                                   needed("methods", list_of("methods", text(), 1), "Names of methods.")});
}

Spec figure() {
  return object("figure", {needed("id", name(), "Name of its files."), needed("title", text(), "Above it."),
                           needed("kind", choice({"bars", "lines", "dots", "variant_sets"}), "How it is drawn."),
                           optional("from", names(), "Experiments."), optional("x", name(), "Axis of the categories."),
                           optional("series", name(), "Axis of the colours. Default: one colour."),
                           optional("measure", name(), "What is drawn."),
                           optional("where", filter(), "Which cells. Default: all."),
                           optional("over", averaging(), "How cells of a seed are averaged.", "mean"),
                           optional("note", text(), "Below it."),
                           optional("networks", list_of("networks", path(), 1), "Of variant_sets.")});
}

Spec claim() {
  return object("claim",
                {needed("id", name(), "Short name."), needed("says", text(), "The claim in words."),
                 optional("reading", text(), "What of the comparison is our reading."),
                 needed("from", names(), "Experiments."), needed("measure", name(), "What is compared."),
                 needed("policy", text(), "Of which it speaks."),
                 optional("against", text(), "Change against it. Default: the value itself."),
                 optional("where", filter(), "Which cells. Default: all."),
                 optional("over", averaging(), "How cells of a seed are averaged.", "mean"),
                 optional("best_over", name(), "Axis: the claim is about its best value."),
                 optional("published", number_at_least(kLeast), "Percent for a change, else in the measure's unit."),
                 optional("direction", choice({"less", "more"}), "When no number is published."),
                 optional("within", number_at_least(0.0), "Tolerance, in the unit of `published`.", "5"),
                 optional("one_run", boolean(), "The published value is of one random run.", "false"),
                 optional("moves", text(), "What moves our figure.")},
                {{{"published", "direction"}}});
}

Spec setting() {
  const Spec entry = object(
      "reading",
      {needed("label", text(), "How it is read."), optional("claim", name(), "The only claim. Default: all."),
       optional("where", filter(), "Which cells."), optional("policy", text(), "Instead of the claim's."),
       optional("against", text(), "Instead of the claim's."), optional("measure", name(), "Instead of the claim's."),
       optional("over", averaging(), "Instead of the claim's.")});
  return object("setting",
                {needed("group", text(), "What is open."), needed("from", names(), "Experiments."),
                 optional("axis", name(), "Every value of it."),
                 optional("entries", list_of("entries", entry, 1), "Or these.")},
                {{{"axis", "entries"}}});
}

Spec sensitivity() {
  return object("sensitivity", {needed("claims", list_of("claims", name(), 1), "Ids of claims."),
                                needed("settings", list_of("settings", setting(), 1), "What is varied.")});
}

Spec other_claim() {
  return object("claim that is not compared", {needed("says", text(), "The claim in words."),
                                               needed("why", text(), "Why it is not compared, or where it is.")});
}

} // namespace

Spec reproduction_document() {
  return object("reproduction",
                {needed("reproduction", name(), "Name of the paper, as `terastal reproduce` takes it."),
                 needed("title", text(), "The paper."), optional("about", text(), "What is known and reconstructed."),
                 optional("quick", quick(), "What --quick changes."),
                 optional("sweeps", map_of("sweeps", path()), "Sweep files by name."),
                 optional("throughput", map_of("experiments", throughput()), "Latency-bounded throughputs by name."),
                 optional("schedulability", map_of("experiments", schedulability()), "Random task sets by name."),
                 optional("figures", list_of("figures", figure()), "Charts."),
                 needed("claims", list_of("claims", claim()), "What the paper says."),
                 optional("sensitivity", sensitivity(), "Claims under other readings."),
                 optional("not_compared", list_of("not_compared", other_claim()), "What else the paper says.")});
}

} // namespace terastal::io
