#include "io/sweep_document.hpp"

#include "terastal/experiment/metric_table.hpp"

namespace terastal::io {
namespace {

/// One value, or a list of them.
Spec one_or_more(const std::string& what, const Spec& value) { return either({value, list_of(what, value, 1)}); }

Spec sweep_axis() {
  return object("axis",
                {optional("set", text(), "What --set changes in the scenario, by its path."),
                 optional("policy_setting", text(), "A setting of every policy that has it; others are run once."),
                 needed("values", list_of("values", any(), 1), "What it takes. Paths are relative to this file.")},
                {{{"set", "policy_setting"}}});
}

Spec sweep_axes() {
  return open_object(
      "grid",
      {needed("scenario", one_or_more("scenarios", path()), "Scenarios: paths from this file, or names."),
       optional("load", one_or_more("factors", number_above(0.0)), "Factors on all arrival rates. Default: 1 alone."),
       needed("policy", one_or_more("policies", text()), "Policies with settings, such as 'terastal:variants=false'."),
       optional("seed", either({natural(1), range(), list_of("seeds", natural(), 1)}),
                "Seeds: a list, FIRST..LAST, or how many from 1. Default: the scenario's.")},
      sweep_axis());
}

} // namespace

Spec sweep_document() {
  return object("sweep",
                {needed("sweep", name(), "Name of the sweep; its results go to NAME.sqlite unless told otherwise."),
                 optional("description", text(), "One line about it."),
                 optional("source", text(), "What it reproduces."),
                 needed("axes", sweep_axes(), "What varies; a cell is one value of each. The last varies fastest."),
                 optional("set", map_of("changes", any()), "For the scenario of every cell, as --set makes them."),
                 optional("skip", list_of("entries", map_of("axes and values", any(), 1)),
                          "Cells that are left out: those that match all keys of an entry."),
                 optional("metrics", list_of("metrics", choice(metric_names()), 1),
                          "What is kept of each cell. Default: miss_rate, job_miss_rate, accuracy_loss, energy.")});
}

} // namespace terastal::io
