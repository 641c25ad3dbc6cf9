#include <algorithm> // all_of, find
#include <set>
#include <stdexcept>

#include <fmt/format.h>

#include "io/diagnostics.hpp"
#include "io/document_reader.hpp"
#include "io/documents.hpp"
#include "io/files.hpp"
#include "io/value.hpp"
#include "reproduce/load_experiments.hpp"
#include "terastal/core/text.hpp"
#include "terastal/reproduce/reproduce.hpp"

namespace terastal {
namespace {

using io::Diagnostics;
using io::Position;
using io::Value;

/// Builds figures, claims and settings on experiments that are there.
class Builder {
 public:
  Builder(Reproduction& result, Diagnostics& diagnostics) : result_(result), diagnostics_(diagnostics) {}

  void build(const Value& document) {
    for (const Value& value : document["figures"].entries()) figure(value);
    for (const Value& value : document["claims"].entries()) claim(value);
    const Value sensitivity = document["sensitivity"];
    for (const Value& value : sensitivity["claims"].entries()) {
      if (known_claim(value)) result_.sensitive.push_back(*value.text());
    }
    for (const Value& value : sensitivity["settings"].entries()) {
      const std::size_t first = result_.sensitivity.size();
      setting(value);
      check_claims(value, first);
    }
    for (const Value& value : document["not_compared"].entries()) {
      result_.not_compared.push_back({value["says"].text().value_or(""), value["why"].text().value_or("")});
    }
  }

 private:
  void figure(const Value& value) {
    Figure f;
    f.id = value["id"].text().value_or("");
    f.title = value["title"].text().value_or("");
    f.kind = value["kind"].choice_as<Figure::Kind>().value_or(Figure::Kind::bars);
    f.note = value["note"].text().value_or("");
    for (const Value& network : value["networks"].entries()) {
      if (const auto path = network.text()) f.networks.push_back(io::resolve(*network.position().source, *path));
    }
    if (f.kind == Figure::Kind::variant_sets) {
      if (f.networks.empty()) error(value.position(), "a figure of variant sets needs 'networks'");
    } else {
      f.from = experiments(value);
      f.x = axis(value, "x", f.from);
      if (value["series"].given()) f.series = axis(value, "series", f.from);
      f.measure = measure(value, f.from);
      f.where = filter(value["where"], f.from);
      f.over = value["over"].choice_as<Averaging>().value_or(Averaging::mean);
    }
    for (const Figure& other : result_.figures) {
      if (other.id == f.id) error(value["id"].position(), fmt::format("figure '{}' is given twice", f.id));
    }
    result_.figures.push_back(std::move(f));
  }

  void claim(const Value& value) {
    Claim c;
    c.id = value["id"].text().value_or("");
    c.says = value["says"].text().value_or("");
    c.reading = value["reading"].text().value_or("");
    c.from = experiments(value);
    c.measure = measure(value, c.from);
    c.policy = policy(value["policy"], c.from);
    c.against = policy(value["against"], c.from);
    c.where = filter(value["where"], c.from);
    c.over = value["over"].choice_as<Averaging>().value_or(Averaging::mean);
    if (value["best_over"].given()) c.best_over = axis(value, "best_over", c.from);
    c.published = value["published"].number();
    c.direction = value["direction"].choice_as<Direction>();
    c.one_run = value["one_run"].boolean().value_or(false);
    if (c.one_run && !c.against.empty()) error(value["one_run"].position(), "'one_run' goes without 'against'");
    c.within = value["within"].number().value_or(5.0);
    c.moves = value["moves"].text().value_or("");
    if (c.direction && !value["against"].given()) error(value.position(), "a direction needs 'against'");
    if (!c.best_over.empty() && (!value["against"].given() || !c.published)) {
      error(value["best_over"].position(), "the best of an axis needs 'against' and 'published'");
    }
    for (const Claim& other : result_.claims) {
      if (other.id == c.id) error(value["id"].position(), fmt::format("claim '{}' is given twice", c.id));
    }
    result_.claims.push_back(std::move(c));
  }

  void setting(const Value& value) {
    SensitivitySetting base;
    base.group = value["group"].text().value_or("");
    base.from = experiments(value);
    if (value["axis"].given()) {
      const std::string name = axis(value, "axis", base.from);
      if (base.from.empty() || name.empty()) return;
      const ExperimentTable& shape = result_.experiment(base.from.front()).shape;
      for (const std::string& v : shape.axis_values[*shape.axis(name)]) {
        SensitivitySetting one = base;
        one.label = short_label(v);
        one.where = {{name, {v}}};
        result_.sensitivity.push_back(std::move(one));
      }
    }
    for (const Value& entry : value["entries"].entries()) {
      SensitivitySetting one = base;
      one.label = entry["label"].text().value_or("");
      if (entry["claim"].given() && known_claim(entry["claim"])) one.claim = *entry["claim"].text();
      one.where = filter(entry["where"], base.from);
      one.policy = policy(entry["policy"], base.from);
      one.against = policy(entry["against"], base.from);
      if (entry["measure"].given()) one.measure = measure(entry, base.from);
      one.over = entry["over"].choice_as<Averaging>();
      result_.sensitivity.push_back(std::move(one));
    }
  }

  /// The claims that settings from `first` on vary: their conditions and policies must be there, too.
  void check_claims(const Value& value, std::size_t first) {
    std::set<std::string> missing;
    for (std::size_t s = first; s < result_.sensitivity.size(); ++s) {
      const SensitivitySetting& one = result_.sensitivity[s];
      for (const Claim& c : result_.claims) {
        if (!result_.varies(one, c)) continue;
        for (const std::string& name : one.from) check_claim(c, one, name, missing);
      }
    }
    for (const std::string& text : missing) error(value.position(), text);
  }

  void check_claim(const Claim& c, const SensitivitySetting& one, const std::string& name,
                   std::set<std::string>& missing) const {
    const ExperimentTable& shape = result_.experiment(name).shape;
    for (const auto& [axis_name, values] : c.where) {
      if (shape.axis(axis_name)) continue;
      missing.insert(fmt::format("claim '{}' has a condition on the axis '{}', which experiment '{}' lacks", c.id,
                                 axis_name, name));
    }
    const auto& policies = shape.axis_values[*shape.axis("policy")];
    for (const std::string& wanted :
         {one.policy.empty() ? c.policy : one.policy, one.against.empty() ? c.against : one.against}) {
      if (wanted.empty() || std::find(policies.begin(), policies.end(), wanted) != policies.end()) continue;
      missing.insert(fmt::format("claim '{}' needs the policy '{}', which experiment '{}' lacks", c.id, wanted, name));
    }
  }

  bool known_claim(const Value& value) {
    std::vector<std::string> ids;
    for (const Claim& c : result_.claims) ids.push_back(c.id);
    return known(value, "claim", ids);
  }

  /// Whether a text is one of those; reports that it is not.
  bool known(const Value& value, const char* what, const std::vector<std::string>& all) {
    const auto text = value.text();
    if (!text) return false;
    if (std::find(all.begin(), all.end(), *text) != all.end()) return true;
    error(value.position(),
          fmt::format("there is no {} '{}'{}; there are {}", what, *text, did_you_mean(*text, all), join(all, ", ")));
    return false;
  }

  std::vector<std::string> experiments(const Value& value) {
    std::vector<std::string> all;
    for (const Experiment& e : result_.experiments) all.push_back(e.name);
    std::vector<std::string> chosen;
    const Value from = value["from"];
    if (!from.given()) error(value.position(), "'from' is missing: the experiments that it is drawn from");
    for (const Value& one : from.is_list() ? from.entries() : std::vector<Value>{from}) {
      if (one.usable() && known(one, "experiment", all)) chosen.push_back(*one.text());
    }
    return chosen;
  }

  std::string axis(const Value& value, const char* key, const std::vector<std::string>& from) {
    if (!value[key].given()) error(value.position(), fmt::format("'{}' is missing: an axis", key));
    for (const std::string& name : from) {
      if (!known(value[key], "axis", result_.experiment(name).shape.axes)) return "";
    }
    return value[key].text().value_or("");
  }

  std::string measure(const Value& value, const std::vector<std::string>& from) {
    if (!value["measure"].given()) error(value.position(), "'measure' is missing");
    for (const std::string& name : from) {
      std::vector<std::string> ids;
      for (const Measure& m : result_.experiment(name).shape.measures) ids.push_back(m.id);
      if (!known(value["measure"], "measure", ids)) return "";
    }
    return value["measure"].text().value_or("");
  }

  std::string policy(const Value& value, const std::vector<std::string>& from) {
    if (!value.usable()) return "";
    for (const std::string& name : from) {
      const ExperimentTable& shape = result_.experiment(name).shape;
      if (!known(value, "policy", shape.axis_values[*shape.axis("policy")])) return "";
    }
    return value.text().value_or("");
  }

  SampleFilter filter(const Value& value, const std::vector<std::string>& from) {
    SampleFilter result;
    for (const auto& [key, part] : value.members()) {
      if (!part.usable()) continue;
      std::vector<std::string> values;
      for (const io::Node& item : part.node().items) values.push_back(item.text);
      if (part.node().is_scalar()) values.push_back(part.node().text);
      check_values(key, values, part.position(), from);
      result.emplace_back(key.text, std::move(values));
    }
    return result;
  }

  /// Every value belongs to the axis of one of the experiments.
  void check_values(const io::Key& key, const std::vector<std::string>& values, const Position& position,
                    const std::vector<std::string>& from) {
    if (from.empty()) return; // an error was reported
    std::vector<std::string> axes;
    std::vector<std::string> all;
    for (const std::string& name : from) {
      const ExperimentTable& shape = result_.experiment(name).shape;
      axes.insert(axes.end(), shape.axes.begin(), shape.axes.end());
      if (const auto a = shape.axis(key.text)) {
        all.insert(all.end(), shape.axis_values[*a].begin(), shape.axis_values[*a].end());
      }
    }
    if (all.empty()) {
      return error(key.position, fmt::format("there is no axis '{}'{}; there are {}", key.text,
                                             did_you_mean(key.text, axes), join(axes, ", ")));
    }
    for (const std::string& v : values) {
      if (std::find(all.begin(), all.end(), v) != all.end()) continue;
      error(position, fmt::format("'{}' is no value of the axis '{}'{}; values: {}", v, key.text, did_you_mean(v, all),
                                  join(all, ", ")));
    }
  }

  void error(const Position& position, std::string message) { diagnostics_.error(position, std::move(message)); }

  Reproduction& result_;
  Diagnostics& diagnostics_;
};

} // namespace

const Experiment& Reproduction::experiment(const std::string& wanted) const {
  for (const Experiment& e : experiments) {
    if (e.name == wanted) return e;
  }
  throw std::logic_error("no experiment " + wanted);
}

const Claim& Reproduction::claim(const std::string& id) const {
  for (const Claim& c : claims) {
    if (c.id == id) return c;
  }
  throw std::logic_error("no claim " + id);
}

bool Reproduction::varies(const SensitivitySetting& setting, const Claim& claim) const {
  if (!setting.claim.empty() && setting.claim != claim.id) return false;
  if (std::find(sensitive.begin(), sensitive.end(), claim.id) == sensitive.end()) return false;
  const std::string& measured = setting.measure.empty() ? claim.measure : setting.measure;
  return std::all_of(setting.from.begin(), setting.from.end(),
                     [&](const std::string& used) { return experiment(used).shape.measure(measured).has_value(); });
}

Reproduction load_reproduction(const std::string& path, bool quick, const SweepContext& context) {
  const io::Declarations declarations(context.cost_models);
  Diagnostics diagnostics;
  io::Files files(diagnostics);
  io::DocumentReader documents(declarations, files, diagnostics);
  const io::Node* node = documents.read(path, {}, DocumentKind::reproduction);
  diagnostics.throw_if_any();
  const Value document(*node, declarations.reproduction());
  Reproduction result;
  result.path = path;
  result.name = document["reproduction"].text().value_or("");
  result.title = document["title"].text().value_or("");
  result.about = document["about"].text().value_or("");
  result.experiments = load_experiments(document, quick, context, diagnostics);
  diagnostics.throw_if_any();
  Builder(result, diagnostics).build(document);
  diagnostics.throw_if_any();
  return result;
}

} // namespace terastal
