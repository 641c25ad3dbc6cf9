#include <algorithm> // find, remove

#include "terastal/core/text.hpp"
#include "terastal/sweep/query_against.hpp"

namespace terastal {
namespace {

bool has_axis(const SweepIdentity& identity, std::string_view name) {
  return std::find(identity.axes.begin(), identity.axes.end(), name) != identity.axes.end();
}

/// Whether a text is AXIS=VALUE, and no policy with settings: `dream:alpha=0`.
bool names_axis(const std::string& text, const SweepIdentity& identity) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) return false;
  const std::string_view name = trim(std::string_view(text).substr(0, equals));
  return has_axis(identity, name) || name.find(':') == std::string_view::npos;
}

void refuse(bool wrong, const std::string& message) {
  if (wrong) throw InputError(message);
}

} // namespace

AgainstSpec parse_against(const std::string& text, const SweepIdentity& identity) {
  const auto conditions = parse_where(names_axis(text, identity) ? text : "policy=" + text, identity);
  refuse(conditions.size() > 1 || conditions.front().values.size() > 1, "one value is needed, got '" + text + "'");
  AgainstSpec spec;
  spec.axis = conditions.front().axis;
  spec.base = conditions.front().values.front();
  const std::string& name = identity.axes[spec.axis];
  refuse(name == "seed", "seeds pair the cells; compare values of another axis");
  refuse(identity.axis_values[spec.axis].size() < 2,
         "the sweep has no other value of '" + name + "' than '" + identity.axis_values[spec.axis][spec.base] + "'");
  PivotSpec pivot = default_pivot(identity);
  spec.rows = pivot.rows;
  if (name != "policy") { // then policies are rows
    for (const std::size_t d : pivot.columns) {
      if (identity.axis_values[d].size() > 1) spec.rows.push_back(d);
    }
  }
  spec.rows.erase(std::remove(spec.rows.begin(), spec.rows.end(), spec.axis), spec.rows.end());
  for (std::size_t m = 0; m < identity.metrics.size(); ++m) spec.metrics.push_back(m);
  return spec;
}

void parse_against_rows(const std::string& text, const SweepIdentity& identity, AgainstSpec& spec) {
  for (const std::string& part : split(text, ':')) {
    const std::string_view key = trim(std::string_view(part).substr(0, part.find('=')));
    refuse(key == "columns" || key == "value",
           "with --against only rows are chosen, e.g. rows=load,scenario; metrics by --metrics");
  }
  spec.rows = parse_pivot(text, identity).rows;
  for (const std::size_t d : spec.rows) {
    const std::string name = dimension_name(identity, d);
    refuse(d == spec.axis, "'" + name + "' is what is compared; it cannot stand in the rows");
    refuse(name == "seed", "seeds pair the cells; they cannot stand in the rows");
  }
}

} // namespace terastal
