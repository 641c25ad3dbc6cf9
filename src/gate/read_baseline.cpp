#include <algorithm> // any_of, count, max
#include <charconv>
#include <cmath> // abs

#include <fmt/format.h>

#include "gate/baseline_spec.hpp"
#include "io/check.hpp"
#include "io/diagnostics.hpp"
#include "io/files.hpp"
#include "io/report_at.hpp"
#include "io/value.hpp"
#include "io/yaml.hpp"
#include "terastal/core/text.hpp"
#include "terastal/gate/baseline_file.hpp"

namespace terastal {
namespace {

using io::Diagnostics;
using io::Key;
using io::Node;
using io::Position;
using io::report_at;
using io::Value;

BaselinePlace place_of(const Position& p) { return {p.line, p.column}; }

std::optional<std::uint64_t> parse_digest(const std::string& text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  if (text.size() != 18 || !text.starts_with("0x")) return std::nullopt;
  const auto [stop, error] = std::from_chars(text.data() + 2, end, value, 16);
  return error == std::errc{} && stop == end ? std::optional(value) : std::nullopt;
}

/// Builds a baseline from a document that fits the declaration.
class Builder {
 public:
  Builder(const PolicyRegistry& policies, Diagnostics& diagnostics) : policies_(policies), diagnostics_(diagnostics) {}

  Baseline build(const Value& document) {
    baseline_.version = document["tool"]["version"].text().value_or("");
    run(document["run"]);
    judge(document["judge"]);
    for (const Value& input : document["inputs"].entries()) {
      baseline_.inputs.push_back({input["path"].text().value_or(""), input["sha256"].text().value_or("")});
    }
    for (const Value& c : document["cells"].entries()) cell(c);
    return std::move(baseline_);
  }

 private:
  void run(const Value& run) {
    GatePlan& plan = baseline_.plan;
    for (const Value& scenario : run["scenarios"].entries()) {
      const std::string name = scenario.text().value_or("");
      if (std::count(plan.scenarios.begin(), plan.scenarios.end(), name) > 0) {
        error(scenario.position(), fmt::format("scenario '{}' is given twice", name));
      }
      plan.scenarios.push_back(name);
      plan.scenario_places.push_back(place_of(scenario.position()));
    }
    for (const Value& policy : run["policies"].entries()) {
      report_at(policy.position(), diagnostics_, [&] { add_policy(policy); });
    }
    for (const Value& change : run["set"].entries()) {
      const std::string text = change.text().value_or("");
      const auto equals = text.find('=');
      if (equals == std::string::npos || equals == 0) {
        error(change.position(), fmt::format("expected PATH=VALUE, got {}", io::in_quotes(text)));
      } else {
        plan.overrides.push_back({text.substr(0, equals), text.substr(equals + 1)});
        plan.override_places.push_back(place_of(change.position()));
      }
    }
    replications_ = run["replications"].natural();
    plan.replications = replications_.value_or(1);
    plan.each_task = run["tasks"].choice().value_or(0) == 1;
  }

  void add_policy(const Value& value) {
    Policy policy = policies_.parse(value.text().value_or(""));
    const auto& known = baseline_.plan.policies;
    if (std::any_of(known.begin(), known.end(), [&](const Policy& p) { return p.label == policy.label; })) {
      throw InputError("policy '" + policy.label + "' is given twice");
    }
    baseline_.plan.policies.push_back(std::move(policy));
  }

  void judge(const Value& judge) {
    GatePlan& plan = baseline_.plan;
    plan.judge = judge["by"].choice_as<Judge>().value_or(Judge::noninferior);
    plan.confidence = judge["confidence"].number().value_or(kConfidence);
    if (plan.confidence < 0.5 || plan.confidence >= 1.0) {
      error(judge["confidence"].position(), "the confidence must be at least 0.5 and below 1");
    }
    for (const auto& [key, rule] : judge["metrics"].members()) {
      report_at(key.position, diagnostics_, [&, &key = key, &rule = rule] {
        plan.rules.push_back({&find_metric(key.text),
                              rule["by"].choice_as<Judge>().value_or(plan.judge),
                              {rule["abs"].number().value_or(0.0), rule["rel"].number().value_or(0.0)}});
      });
    }
  }

  void cell(const Value& value) {
    GateCell cell;
    cell.scenario = value["scenario"].text().value_or("");
    cell.policy = value["policy"].text().value_or("");
    cell.first_seed = value["seed"].natural().value_or(1);
    cell.place = place_of(value["scenario"].position());
    check_place(value, cell);
    for (const Value& text : value["digests"].entries()) {
      const auto digest = parse_digest(text.text().value_or(""));
      if (!digest) error(text.position(), "expected a digest: 0x and 16 hexadecimal digits");
      cell.digests.push_back(digest.value_or(0));
    }
    check_count(value["digests"], cell.digests.size());
    cell.series = metrics(value["values"]);
    for (const auto& [key, task] : value["tasks"].members()) cell.tasks.push_back({key.text, metrics(task)});
    baseline_.cells.push_back(std::move(cell));
  }

  /// A cell is one of the plan's, given once, with the seed of its scenario's others.
  void check_place(const Value& value, const GateCell& cell) {
    const GatePlan& plan = baseline_.plan;
    if (std::count(plan.scenarios.begin(), plan.scenarios.end(), cell.scenario) == 0) {
      error(value["scenario"].position(), fmt::format("'{}' is none of the run's scenarios{}", cell.scenario,
                                                      did_you_mean(cell.scenario, plan.scenarios)));
    }
    std::vector<std::string> labels;
    for (const Policy& p : plan.policies) labels.push_back(p.label);
    if (std::count(labels.begin(), labels.end(), cell.policy) == 0) {
      error(value["policy"].position(),
            fmt::format("'{}' is none of the run's policies{}", cell.policy, did_you_mean(cell.policy, labels)));
    }
    if (find_cell(baseline_.cells, cell.scenario, cell.policy) != nullptr) {
      error(value.position(), fmt::format("the cell of '{}' under '{}' is given twice", cell.scenario, cell.policy));
    }
    for (const GateCell& other : baseline_.cells) {
      if (other.scenario != cell.scenario || other.first_seed == cell.first_seed) continue;
      error(value["seed"].position(), fmt::format("the cells of '{}' start from different seeds", cell.scenario));
      break;
    }
  }

  std::vector<MetricSeries> metrics(const Value& map) {
    std::vector<MetricSeries> result;
    for (const auto& [key, series] : map.members()) {
      report_at(key.position, diagnostics_,
                [&, &key = key, &series = series] { result.push_back(values(find_metric(key.text), series)); });
    }
    return result;
  }

  MetricSeries values(const MetricInfo& metric, const Value& value) {
    MetricSeries series{&metric, {}};
    for (const Value& v : value["of"].entries()) {
      const bool none = v.is_scalar() && v.node().text == "none";
      series.values.push_back(none ? std::nullopt : v.number());
    }
    check_count(value["of"], series.values.size());
    check_mean(value["mean"], mean_of(series));
    return series;
  }

  void check_mean(const Value& written, const std::optional<double>& mean) {
    if (!written.usable()) return;
    const std::string text = mean ? fmt::format("{}", *mean) : "none";
    const auto number = written.number();
    constexpr double tolerance = 1e-9;
    const bool same = number && mean ? std::abs(*number - *mean) <= tolerance * std::max(std::abs(*mean), 1e-9)
                                     : number.has_value() == mean.has_value();
    if (same) return;
    error(written.position(), fmt::format("the mean of these values is {}, not {}; measure again with --update instead "
                                          "of changing numbers by hand",
                                          text, written.node().text));
  }

  void check_count(const Value& list, std::size_t count) {
    if (!replications_ || !list.usable() || count == *replications_) return;
    error(list.position(),
          fmt::format("expected one value for each of the {} replications, got {}", *replications_, count));
  }

  void error(const Position& position, std::string message) { diagnostics_.error(position, std::move(message)); }

  const PolicyRegistry& policies_;
  Diagnostics& diagnostics_;
  Baseline baseline_;
  std::optional<std::uint64_t> replications_; ///< nothing when the file does not say it rightly
};

/// Whether the document says that it is a baseline of a version that is understood; reports why not.
bool is_readable(const Node& document, Diagnostics& diagnostics) {
  const Node* kind = document.is_map() ? document.find("kind") : nullptr;
  if (kind == nullptr || kind->text != "baseline") {
    diagnostics.error(kind == nullptr ? document.position : kind->position,
                      "this is no baseline, which says \"kind\": \"baseline\"; "
                      "'terastal check --update FILE SCENARIO...' makes one");
    return false;
  }
  const Node* version = document.find("schema_version");
  if (version == nullptr || version->text == std::to_string(kBaselineVersion)) return true;
  diagnostics.error(version->position,
                    fmt::format("this is version {} of the file; this program reads version {}: use the program that "
                                "wrote it, or make the baseline anew with --update",
                                io::in_quotes(version->text), kBaselineVersion));
  return false;
}

} // namespace

Baseline read_baseline(const std::string& path, const PolicyRegistry& policies) {
  Diagnostics diagnostics;
  io::Files files(diagnostics);
  Baseline baseline;
  const io::File* file = files.open(path, {});
  auto document = file == nullptr ? std::nullopt : io::parse_yaml(file->text, *file->source, diagnostics);
  if (document && is_readable(*document, diagnostics)) {
    io::check(*document, baseline_spec(), {}, diagnostics);
    baseline = Builder(policies, diagnostics).build(Value(*document, baseline_spec()));
  }
  diagnostics.throw_if_any();
  baseline.path = path;
  return baseline;
}

} // namespace terastal
