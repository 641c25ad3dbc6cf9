#include "io/sweep_build.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"
#include "terastal/sweep/store.hpp"

namespace terastal::io {
namespace {

using Kind = SweepAxis::Kind;

constexpr std::uint64_t kMostValues = 1'000'000;

/// What tables of results call their own columns.
bool is_reserved(const std::string& name) {
  const auto& columns = reserved_axis_names();
  if (std::find(columns.begin(), columns.end(), name) != columns.end()) return true;
  return std::any_of(metric_table().begin(), metric_table().end(),
                     [&](const MetricInfo& m) { return name == m.id || name == m.key; });
}

/// One value, or those of a list.
std::vector<Value> several(const Value& value) {
  if (value.is_list()) return value.entries();
  return value.is_scalar() ? std::vector<Value>{value} : std::vector<Value>{};
}

bool is_identifier(const std::string& name) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && !(name.front() >= '0' && name.front() <= '9') && std::all_of(name.begin(), name.end(), fits);
}

/// Turns one sweep document into axes.
class SweepBuilder {
 public:
  SweepBuilder(const Value& document, const SweepContext& context, ScenarioNames names, Diagnostics& diagnostics)
      : document_(document), context_(context), names_(names), diagnostics_(diagnostics) {}

  SweepDraft build() {
    Sweep& sweep = draft_.sweep;
    sweep.name = document_["sweep"].text().value_or("");
    if (sweep.name.find('/') != std::string::npos || sweep.name.starts_with('.')) {
      diagnostics_.error(document_["sweep"].position(),
                         "the name of a sweep becomes that of a file: it has no '/' and does not begin with '.'");
    }
    sweep.description = document_["description"].text().value_or("");
    sweep.source = document_["source"].text().value_or("");
    read_metrics();
    read_changes();
    read_axes();
    refuse_shared_paths();
    limit_cells();
    return std::move(draft_);
  }

 private:
  void read_metrics() {
    auto& metrics = draft_.sweep.metrics;
    for (const Value& value : document_["metrics"].entries()) {
      const auto id = value.text();
      if (!id) continue;
      const MetricInfo* metric = &find_metric(*id);
      if (std::find(metrics.begin(), metrics.end(), metric) != metrics.end()) {
        diagnostics_.error(value.position(), fmt::format("metric '{}' is given twice", *id));
      }
      metrics.push_back(metric);
    }
    if (!document_["metrics"].given()) metrics = parse_metrics("miss_rate,job_miss_rate,accuracy_loss,energy");
  }

  void read_changes() {
    for (const auto& [key, value] : document_["set"].members()) {
      if (!value.usable()) continue;
      draft_.sweep.overrides.push_back(change(key.text, value));
      draft_.overrides.push_back(value.position());
    }
  }

  static Override change(const std::string& path, const Value& value) {
    return {path, one_line(value.node()), value.position().source->directory};
  }

  void read_axes() {
    const Value axes = document_["axes"];
    if (!axes.is_map()) return;
    for (const Key& key : axes.node().keys) {
      AxisDraft draft;
      draft.axis.name = key.text;
      draft.position = key.position;
      if (key.text == "scenario") {
        read_scenarios(axes["scenario"], draft);
      } else if (key.text == "policy") {
        read_policies(axes["policy"], draft);
      } else if (key.text == "load") {
        read_loads(axes["load"], draft);
      } else if (key.text == "seed") {
        read_seeds(axes["seed"], draft);
      } else {
        read_other(axes.entry(key.text), draft);
      }
      draft_.axes.push_back(std::move(draft));
    }
    read_policy_settings();
  }

  /// Adds a value, unless it is there. \returns whether it was new.
  bool add(AxisDraft& draft, const std::string& text, const Position& position) {
    auto& known = texts_[draft.axis.name];
    if (!known.insert(text).second) {
      diagnostics_.error(position, fmt::format("axes.{}: {} is given twice", draft.axis.name, in_quotes(text)));
      return false;
    }
    draft.axis.values.push_back(text);
    draft.values.push_back(position);
    return true;
  }

  /// Reads each value that is usable.
  template <typename Read>
  void for_each(const Value& value, AxisDraft& draft, Read&& read) {
    const std::size_t errors = diagnostics_.count();
    if (!value.usable()) draft.complete = false;
    for (const Value& one : several(value)) {
      if (one.usable()) {
        read(one);
      } else {
        draft.complete = false;
      }
    }
    if (diagnostics_.count() != errors) draft.complete = false;
  }

  void read_scenarios(const Value& value, AxisDraft& draft) {
    draft.axis.kind = Kind::scenario;
    std::set<std::string> known;
    for_each(value, draft, [&](const Value& one) {
      const std::string text = *one.text();
      const std::string path = find_scenario(text, one.position());
      if (!path.empty() && !known.insert(identity(path)).second) {
        diagnostics_.error(one.position(), fmt::format("axes.scenario: {} is given twice", in_quotes(text)));
      } else if (add(draft, text, one.position())) {
        draft_.sweep.scenario_files.push_back(path);
      }
    });
  }

  /// Empty when there is none, after reporting it unless names are not checked.
  std::string find_scenario(const std::string& text, const Position& position) {
    std::error_code ignored;
    const std::string beside = resolve(*position.source, text);
    if (std::filesystem::is_regular_file(beside, ignored)) return beside;
    const bool is_name = text.find('/') == std::string::npos && !text.ends_with(".yaml") && !text.ends_with(".yml");
    if (is_name && names_ == ScenarioNames::unchecked) return {};
    try {
      if (is_name && context_.find_scenario) return context_.find_scenario(text);
      diagnostics_.error(position, fmt::format("cannot read {}: no such file", in_quotes(beside)));
    } catch (const InputError& error) {
      for (const Diagnostic& d : error.diagnostics()) diagnostics_.error(position, d.message);
    }
    return {};
  }

  void read_policies(const Value& value, AxisDraft& draft) {
    draft.axis.kind = Kind::policy;
    for_each(value, draft, [&](const Value& one) {
      try {
        const Policy policy = context_.policies.parse(trim(*one.text()));
        if (add(draft, policy.label, one.position())) draft_.sweep.policies.push_back(policy);
      } catch (const InputError& error) {
        for (const Diagnostic& d : error.diagnostics()) diagnostics_.error(one.position(), d.message);
      }
    });
  }

  void read_loads(const Value& value, AxisDraft& draft) {
    draft.axis.kind = Kind::load;
    for_each(value, draft, [&](const Value& one) { add(draft, fmt::format("{}", *one.number()), one.position()); });
  }

  void read_seeds(const Value& value, AxisDraft& draft) {
    draft.axis.kind = Kind::seed;
    if (!value.is_scalar()) {
      for_each(value, draft, [&](const Value& one) { add(draft, fmt::format("{}", *one.natural()), one.position()); });
      return;
    }
    const auto count = value.natural();
    const auto range = count ? std::pair(std::uint64_t{1}, *count) : ends_of_range(value.node().text);
    if (!range) { // which the declaration does not let through
      draft.complete = false;
      return;
    }
    const auto [first, last] = *range;
    if (last - first >= kMostValues) {
      diagnostics_.error(value.position(), fmt::format("axes.seed: at most {} seeds are possible", kMostValues));
      draft.complete = false;
      return;
    }
    for (std::uint64_t i = 0; i <= last - first; ++i) add(draft, std::to_string(first + i), value.position());
  }

  void read_other(const Value& value, AxisDraft& draft) {
    check_name(draft);
    if (!value.is_map()) {
      draft.complete = false;
      return;
    }
    const auto setting = value["policy_setting"].text();
    draft.axis.kind = setting ? Kind::policy_setting : Kind::setting;
    draft.axis.path = setting ? *setting : value["set"].text().value_or("");
    for_each(value["values"], draft, [&](const Value& one) {
      if (setting && !one.node().is_scalar()) {
        return diagnostics_.error(one.position(), fmt::format("axes.{}: expected a single value, got {}",
                                                              draft.axis.name, shown(one.node())));
      }
      if (setting) {
        add(draft, one.node().text, one.position()); // policies know which values are the same
      } else if (add(draft, one_line(one.node()), one.position())) {
        draft.axis.changes.push_back(change(draft.axis.path, one));
        refuse_equal(draft, one);
      }
    });
  }

  /// The last value of an axis, when it is another spelling of one before it.
  void refuse_equal(const AxisDraft& draft, const Value& value) {
    if (normal_texts_[draft.axis.name].insert(normal_value(value.node())).second) return;
    diagnostics_.error(value.position(), fmt::format("axes.{}: {} is the same value as one before it", draft.axis.name,
                                                     in_quotes(draft.axis.values.back())));
  }

  void check_name(const AxisDraft& draft) {
    const std::string& name = draft.axis.name;
    if (!is_identifier(name)) {
      diagnostics_.error(draft.position,
                         fmt::format("axis {}: a name consists of the letters a to z, digits and '_', and does not "
                                     "begin with a digit",
                                     in_quotes(name)));
    } else if (is_reserved(name)) {
      diagnostics_.error(
          draft.position,
          fmt::format("axis '{}': the table of results has a column of this name; choose another", name));
    }
  }

  /// When all policies are known: values that one of them refuses, and settings that none has.
  void read_policy_settings() {
    for (AxisDraft& draft : draft_.axes) {
      if (draft.axis.kind != Kind::policy_setting) continue;
      std::vector<std::string> names;
      bool declared = false;
      for (const Policy& policy : draft_.sweep.policies) {
        for (const Setting& setting : policy.info.settings) names.push_back(setting.name);
        if (!policy.settings.declares(draft.axis.path)) continue;
        declared = true;
        try_values(policy, draft);
      }
      const AxisDraft* policies = draft_.find(Kind::policy);
      if (declared || policies == nullptr || !policies->complete) continue;
      std::sort(names.begin(), names.end());
      names.erase(std::unique(names.begin(), names.end()), names.end());
      diagnostics_.error(draft.position,
                         fmt::format("axes.{}: no policy of the sweep has a setting {}{}; they have: {}",
                                     draft.axis.name, in_quotes(draft.axis.path), did_you_mean(draft.axis.path, names),
                                     names.empty() ? "none" : join(names, ", ")));
    }
  }

  void try_values(const Policy& policy, AxisDraft& draft) {
    const std::string& name = draft.axis.path;
    if (policy.label.find(':' + name + '=') != std::string::npos) {
      diagnostics_.error(draft.position,
                         fmt::format("axes.{}: policy '{}' has a value of '{}' already; leave it to the "
                                     "axis",
                                     draft.axis.name, policy.label, name));
    }
    std::set<std::string> labels;
    for (std::size_t v = 0; v < draft.axis.values.size(); ++v) {
      Policy changed = policy;
      try {
        changed.set(name, draft.axis.values[v]);
        if (labels.insert(changed.label).second) continue;
        diagnostics_.error(draft.values[v], fmt::format("axes.{}: {} is the same value as one before it",
                                                        draft.axis.name, in_quotes(draft.axis.values[v])));
      } catch (const InputError& error) {
        for (const Diagnostic& d : error.diagnostics()) {
          diagnostics_.error(draft.values[v], fmt::format("policy '{}': {}", policy.info.id, d.message));
        }
      }
    }
  }

  /// What one axis sets, neither another nor `set` may.
  void refuse_shared_paths() {
    std::set<std::pair<bool, std::string>> taken;
    for (const Override& each : draft_.sweep.overrides) taken.insert({false, each.path});
    for (const AxisDraft& draft : draft_.axes) {
      const bool of_policy = draft.axis.kind == Kind::policy_setting;
      const std::string path = draft.axis.kind == Kind::seed ? "seed" : draft.axis.path;
      if (path.empty() || taken.insert({of_policy, path}).second) continue;
      diagnostics_.error(draft.position, fmt::format("axes.{}: {} is set by another axis or by 'set', too",
                                                     draft.axis.name, in_quotes(path)));
    }
  }

  void limit_cells() {
    constexpr double most = 1e15;
    double cells = 1.0;
    for (const AxisDraft& draft : draft_.axes) cells *= static_cast<double>(draft.axis.values.size());
    if (cells > most) {
      diagnostics_.error(document_["axes"].position(), fmt::format("{:.3g} cells are too many: at most 1e15", cells));
    }
  }

  const Value& document_;
  const SweepContext& context_;
  ScenarioNames names_;
  Diagnostics& diagnostics_;
  SweepDraft draft_;
  std::map<std::string, std::set<std::string>> texts_;        ///< values by axis
  std::map<std::string, std::set<std::string>> normal_texts_; ///< the same as normal_value
};

} // namespace

const AxisDraft* SweepDraft::find(SweepAxis::Kind kind) const {
  for (const AxisDraft& draft : axes) {
    if (draft.axis.kind == kind) return &draft;
  }
  return nullptr;
}

SweepDraft build_sweep(const Value& document, const SweepContext& context, ScenarioNames names,
                       Diagnostics& diagnostics) {
  return SweepBuilder(document, context, names, diagnostics).build();
}

} // namespace terastal::io
