#include "sweep/store_identity.hpp"

#include <algorithm> // find, any_of

#include <nlohmann/json.hpp>

#include "terastal/core/error.hpp"
#include "terastal/core/text.hpp"
#include "terastal/report/version.hpp"
#include "terastal/sweep/cells.hpp"

namespace terastal {
namespace {

using Json = nlohmann::ordered_json;

/// Short of the document's keys that differ; empty when it is no JSON object.
std::string differing_keys(const std::string& there, const std::string& here) {
  const Json a = Json::parse(there, nullptr, false);
  const Json b = Json::parse(here, nullptr, false);
  if (!a.is_object() || !b.is_object()) return {};
  std::vector<std::string> keys;
  for (const auto& [key, value] : a.items()) {
    if (!b.contains(key) || b[key] != value) keys.push_back(key);
  }
  for (const auto& [key, value] : b.items()) {
    if (!a.contains(key)) keys.push_back(key);
  }
  return join(keys, ", ");
}

void compare(std::vector<std::string>& found, const char* what, const std::string& there, const std::string& here) {
  if (there != here) found.push_back(std::string(what) + " '" + there + "' there, '" + here + "' here");
}

void compare_inputs(std::vector<std::string>& found, const SweepIdentity& there, const SweepIdentity& here) {
  const bool same = std::equal(there.inputs.begin(), there.inputs.end(), here.inputs.begin(), here.inputs.end(),
                               [](const InputFile& a, const InputFile& b) { return a.sha256 == b.sha256; });
  if (same) return;
  std::vector<std::string> changed;
  for (const InputFile& file : here.inputs) {
    const bool known = std::any_of(there.inputs.begin(), there.inputs.end(),
                                   [&](const InputFile& other) { return other.sha256 == file.sha256; });
    if (!known) changed.push_back(file.path);
  }
  found.push_back(changed.empty() ? "other input files" : "input files that differ: " + join(changed, ", "));
}

} // namespace

void add_conditions(CanonicalDigest& digest, const SweepIdentity& identity) {
  digest.add(std::string_view("terastal results 1"));
  digest.add(identity.name);
  digest.add(identity.document);
  digest.add(std::uint64_t{identity.inputs.size()});
  for (const InputFile& file : identity.inputs) digest.add(file.sha256);
  digest.add(std::uint64_t{identity.axes.size()});
  for (std::size_t a = 0; a < identity.axes.size(); ++a) {
    digest.add(identity.axes[a]);
    digest.add(std::uint64_t{identity.axis_values[a].size()});
    for (const std::string& value : identity.axis_values[a]) digest.add(value);
  }
  digest.add(std::uint64_t{identity.metrics.size()});
  for (const std::string& metric : identity.metrics) digest.add(metric);
  digest.add(identity.cells);
}

SweepIdentity identity_of(const Sweep& sweep) {
  const VersionInfo version = version_info();
  SweepIdentity identity;
  identity.name = sweep.name;
  identity.document = sweep.resolved;
  identity.inputs = sweep.inputs;
  for (const SweepAxis& axis : sweep.axes) {
    identity.axes.push_back(axis.name);
    identity.axis_values.push_back(axis.values);
  }
  for (const MetricInfo* metric : sweep.metrics) identity.metrics.emplace_back(metric->key);
  identity.cells = SweepCells(sweep).size();
  identity.version = version.version + ' ' + version.commit;
  return identity;
}

std::string identity_digest(const SweepIdentity& identity) {
  CanonicalDigest digest;
  add_conditions(digest, identity);
  digest.add(identity.version);
  return digest.hex();
}

std::string differences(const SweepIdentity& there, const SweepIdentity& here) {
  if (identity_digest(there) == identity_digest(here)) return {};
  std::vector<std::string> found;
  compare(found, "name", there.name, here.name);
  compare(found, "version", there.version, here.version);
  compare(found, "axes", join(there.axes, ", "), join(here.axes, ", "));
  compare(found, "metrics", join(there.metrics, ", "), join(here.metrics, ", "));
  if (there.document != here.document) {
    const std::string keys = differing_keys(there.document, here.document);
    found.push_back("other documents" + (keys.empty() ? "" : " (" + keys + ")"));
  }
  compare_inputs(found, there, here);
  if (found.empty()) found.emplace_back("other values on the axes");
  return join(found, "; ");
}

const std::vector<std::string>& reserved_axis_names() {
  static const std::vector<std::string> names = {"cell",
                                                 "status",
                                                 "digest",
                                                 "error",
                                                 "checksum",
                                                 "task",
                                                 "released",
                                                 "completed",
                                                 "late",
                                                 "dropped",
                                                 "metric",
                                                 "cells",
                                                 "n",
                                                 "mean",
                                                 "sd",
                                                 "ci_low",
                                                 "ci_high",
                                                 "lacking",
                                                 "store_digest",
                                                 "against",
                                                 "left_out",
                                                 "base_mean",
                                                 "difference",
                                                 "difference_ci_low",
                                                 "difference_ci_high",
                                                 "relative_change",
                                                 "relative_change_ci_low",
                                                 "relative_change_ci_high",
                                                 "p_value",
                                                 "adjusted_p_value",
                                                 "verdict",
                                                 "intervals"};
  return names;
}

void check_columns(const SweepIdentity& identity) {
  if (identity.axis_values.size() != identity.axes.size()) {
    throw InputError("a store needs the values of each of its axes");
  }
  // SQLite takes names that differ in upper and lower case for the same.
  std::vector<std::string> taken = reserved_axis_names();
  for (const std::string& metric : identity.metrics) taken.push_back(detail::folded(metric));
  for (const std::string& axis : identity.axes) {
    const std::string name = detail::folded(axis);
    if (name.empty() || std::find(taken.begin(), taken.end(), name) != taken.end()) {
      throw InputError("the axis '" + axis + "' needs another name: it is the name of a column of results already");
    }
    taken.push_back(name);
  }
}

} // namespace terastal
