#include <algorithm> // max, none_of, remove_if
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "io/overrides.hpp"
#include "io/sweep_build.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"
#include "terastal/workload/scale_rates.hpp"

namespace terastal::io {
namespace {

using Kind = SweepAxis::Kind;
/// A value of the scenario's and the settings' axes; nothing on the others.
using Choice = std::vector<std::optional<std::size_t>>;
/// An axis and one of its values.
using AxisValue = std::pair<std::size_t, std::size_t>;

constexpr std::size_t kMostTries = 16;
constexpr std::size_t kMostLonely = 64; ///< values that go with no others: each costs many tries

/// What loading a scenario with some values said.
struct Attempt {
  std::optional<Scenario> scenario;
  std::map<AxisValue, std::vector<std::string>> by_value; ///< problems of the values themselves
  std::vector<Diagnostic> others;
};

/// Loads scenarios with the values of the setting axes, and finds out which values are to blame when that fails.
class Trial {
 public:
  Trial(const SweepDraft& draft, const SweepContext& context, Files& files, Diagnostics& diagnostics)
      : draft_(draft), context_(context), files_(files), diagnostics_(diagnostics) {
    for (std::size_t a = 0; a < draft.axes.size(); ++a) {
      const SweepAxis& axis = draft.axes[a].axis;
      if (axis.kind == Kind::scenario) scenario_axis_ = a;
      if (axis.kind == Kind::setting && !axis.changes.empty()) settings_.push_back(a);
    }
  }

  void run() {
    const auto& paths = draft_.sweep.scenario_files;
    for (std::size_t s = 0; s < paths.size(); ++s) {
      if (!paths[s].empty()) try_scenario(s);
    }
    const std::size_t scenarios = paths.size();
    for (const auto& [problem, names] : problems_) {
      const auto& [order, message] = problem;
      const bool everywhere = names.size() == scenarios;
      diagnostics_.error(places_.at(order),
                         everywhere ? message : fmt::format("{} (scenario {})", message, join(names, ", ")));
    }
  }

  std::vector<InputFile> take_inputs() { return std::move(inputs_); }

 private:
  /// What the attempts with one scenario found.
  struct Found {
    std::set<AxisValue> loaded; ///< values that were part of a scenario that could be loaded
    std::vector<Choice> good;   ///< the first few such choices
    std::set<Choice> tried;
    std::set<AxisValue> met;       ///< values of these
    std::size_t lonely = 0;        ///< values that go with no others that were tried
    std::optional<Attempt> failed; ///< of several, what they have in common
    bool explained = false;        ///< a value is to blame
  };

  void try_scenario(std::size_t s) {
    Found found;
    const std::vector<Choice> choices = diagonal(s);
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (!left_out(choices[i])) look(choices[i], found);
      tell(s, i + 1, choices.size());
    }
    for (const std::size_t a : settings_) {
      for (std::size_t v = 0; v < draft_.axes[a].axis.values.size(); ++v) find_partners(s, {a, v}, found);
    }
    if (!found.good.empty() || !found.failed) return;
    if (found.explained) found.failed->by_value.clear();
    report_all(*found.failed, s);
  }

  void look(const Choice& choice, Found& found) {
    if (!found.tried.insert(choice).second) return;
    for (const std::size_t a : settings_) found.met.insert({a, *choice[a]});
    Attempt result = attempt(choice);
    for (const auto& [value, messages] : result.by_value) {
      if (!is_to_blame(choice, value)) continue;
      found.explained = true;
      for (const std::string& message : messages) {
        report(draft_.axes[value.first].values[value.second], message, *choice[scenario_axis_]);
      }
    }
    if (result.scenario) {
      for (const std::size_t a : settings_) found.loaded.insert({a, *choice[a]});
      if (found.good.size() < kMostTries) found.good.push_back(choice);
    } else if (found.failed) {
      keep_common(found.failed->others, result.others);
    } else {
      found.failed = std::move(result);
    }
  }

  /// A value that failed beside the first values that it was tried with may go with others, and then read files that
  /// nothing else reads.
  void find_partners(std::size_t s, AxisValue value, Found& found) {
    if (found.loaded.count(value) > 0) return;
    std::vector<Choice> choices = around(s, value);
    for (Choice good : found.good) {
      good[value.first] = value.second;
      if (!left_out(good)) choices.push_back(std::move(good));
    }
    for (const Choice& choice : choices) {
      const bool enough = found.good.empty() || found.lonely >= kMostLonely || is_known_to_be_wrong(s, value);
      if (enough && found.met.count(value) > 0) return;
      look(choice, found);
      if (found.loaded.count(value) > 0) return;
    }
    ++found.lonely;
  }

  [[nodiscard]] bool is_known_to_be_wrong(std::size_t s, AxisValue value) const {
    const auto known = blamed_.find({s, value.first, value.second});
    return known != blamed_.end() && known->second;
  }

  void tell(std::size_t s, std::size_t done, std::size_t of_one) const {
    if (context_.tried) context_.tried(s * of_one + done, draft_.sweep.scenario_files.size() * of_one);
  }

  static void keep_common(std::vector<Diagnostic>& problems, const std::vector<Diagnostic>& others) {
    const auto missing = [&](const Diagnostic& d) {
      return std::none_of(others.begin(), others.end(), [&](const Diagnostic& other) {
        return other.source == d.source && other.line == d.line && other.message == d.message;
      });
    };
    problems.erase(std::remove_if(problems.begin(), problems.end(), missing), problems.end());
  }

  /// Choices with the i-th value of every axis: each value is in one of them.
  [[nodiscard]] std::vector<Choice> diagonal(std::size_t s) const {
    std::size_t most = 1;
    for (const std::size_t a : settings_) most = std::max(most, draft_.axes[a].axis.values.size());
    std::vector<Choice> choices(most, start(s));
    for (std::size_t i = 0; i < most; ++i) {
      for (const std::size_t a : settings_) choices[i][a] = i % draft_.axes[a].axis.values.size();
    }
    return choices;
  }

  [[nodiscard]] Choice start(std::size_t s) const {
    Choice choice(draft_.axes.size());
    choice[scenario_axis_] = s;
    return choice;
  }

  /// Some choices with one value fixed, evenly among all; none that is left out.
  [[nodiscard]] std::vector<Choice> around(std::size_t s, AxisValue fixed) const {
    double product = 1.0;
    for (const std::size_t a : settings_) {
      if (a != fixed.first) product *= static_cast<double>(draft_.axes[a].axis.values.size());
    }
    const std::size_t tries = product < kMostTries ? static_cast<std::size_t>(product) : kMostTries;
    std::vector<Choice> choices;
    for (std::size_t i = 0; i < tries; ++i) {
      Choice choice = start(s);
      auto rest = static_cast<std::uint64_t>(product * static_cast<double>(i) / static_cast<double>(tries));
      for (const std::size_t a : settings_) {
        const std::size_t n = draft_.axes[a].axis.values.size();
        choice[a] = a == fixed.first ? fixed.second : static_cast<std::size_t>(rest % n);
        if (a != fixed.first) rest /= n;
      }
      if (!left_out(choice)) choices.push_back(std::move(choice));
    }
    return choices;
  }

  /// Whether an entry leaves out all cells of a choice.
  [[nodiscard]] bool left_out(const Choice& choice) const {
    for (const SweepSkip& skip : draft_.sweep.skips) {
      const bool all = std::all_of(skip.conditions.begin(), skip.conditions.end(), [&](const auto& c) {
        return choice[c.axis] && std::binary_search(c.values.begin(), c.values.end(), *choice[c.axis]);
      });
      if (all) return true;
    }
    return false;
  }

  /// A value is wrong when it is so beside all values of the others; otherwise some of its cells fail, others do not.
  bool is_to_blame(const Choice& choice, AxisValue value) {
    const std::tuple key(*choice[scenario_axis_], value.first, value.second);
    if (const auto known = blamed_.find(key); known != blamed_.end()) return known->second;
    bool always = true;
    for (const Choice& other : settings_.size() > 1 ? around(*choice[scenario_axis_], value) : std::vector<Choice>{}) {
      always = always && attempt(other).by_value.count(value) > 0;
    }
    blamed_[key] = always;
    return always;
  }

  Attempt attempt(const Choice& choice) {
    Attempt result;
    std::vector<Override> changes = draft_.sweep.overrides;
    std::map<std::string, AxisValue> sources;
    for (const std::size_t a : settings_) {
      changes.push_back(draft_.axes[a].axis.changes[*choice[a]]);
      sources[source_name(changes.back())] = {a, *choice[a]};
    }
    try {
      LoadedScenario loaded =
          load_scenario(draft_.sweep.scenario_files[*choice[scenario_axis_]], changes, context_.cost_models);
      add_inputs(loaded.inputs);
      try_loads(choice, loaded.scenario);
      result.scenario = std::move(loaded.scenario);
    } catch (const InputError& error) {
      for (const Diagnostic& d : error.diagnostics()) {
        const auto found = sources.find(d.source);
        if (found == sources.end()) {
          result.others.push_back(d);
        } else {
          result.by_value[found->second].push_back(d.message);
        }
      }
    }
    return result;
  }

  /// Releases of a trace cannot be scaled.
  void try_loads(const Choice& choice, const Scenario& scenario) {
    const AxisDraft* loads = draft_.find(Kind::load);
    if (loads == nullptr) return;
    for (std::size_t v = 0; v < loads->axis.values.size(); ++v) {
      const double factor = parse_number(loads->axis.values[v]).value_or(1.0);
      Choice with_load = choice;
      with_load[static_cast<std::size_t>(loads - draft_.axes.data())] = v;
      if (factor == 1.0 || left_out(with_load)) continue;
      try {
        (void)scale_rates(scenario, factor);
        return; // so do the others
      } catch (const InputError& error) {
        for (const Diagnostic& d : error.diagnostics()) report(loads->values[v], d.message, *choice[scenario_axis_]);
      }
    }
  }

  void add_inputs(const std::vector<InputFile>& read) {
    namespace fs = std::filesystem;
    const fs::path folder = fs::path(draft_.sweep.path).parent_path();
    for (const InputFile& file : read) {
      if (!known_inputs_.insert(identity(file.path)).second) continue;
      std::error_code error;
      const fs::path relative = fs::proximate(file.path, folder.empty() ? fs::path(".") : folder, error);
      inputs_.push_back({error ? file.path : relative.generic_string(), file.sha256});
    }
  }

  /// Everything that a failed attempt said.
  void report_all(const Attempt& failed, std::size_t s) {
    for (const auto& [value, messages] : failed.by_value) {
      for (const std::string& message : messages) report(draft_.axes[value.first].values[value.second], message, s);
    }
    for (const Diagnostic& d : failed.others) {
      const Position* own = nullptr;
      for (std::size_t i = 0; i < draft_.sweep.overrides.size(); ++i) {
        if (source_name(draft_.sweep.overrides[i]) == d.source) own = &draft_.overrides[i];
      }
      if (own != nullptr) {
        report(*own, d.message, s);
      } else {
        diagnostics_.error({source_of(d.source), d.line, d.column}, d.message);
      }
    }
  }

  const Source* source_of(const std::string& name) {
    const auto [known, is_new] = sources_.try_emplace(name, nullptr);
    if (is_new) known->second = files_.add_source(name);
    return known->second;
  }

  void report(const Position& position, const std::string& message, std::size_t s) {
    const auto key = std::tuple(position.source->order, position.line, position.column);
    places_.emplace(key, position);
    auto& names = problems_[{key, message}];
    const std::string& name = draft_.axes[scenario_axis_].axis.values[s];
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }

  using Place = std::tuple<std::size_t, int, int>;

  const SweepDraft& draft_;
  const SweepContext& context_;
  Files& files_;
  Diagnostics& diagnostics_;
  std::size_t scenario_axis_ = 0;
  std::vector<std::size_t> settings_; ///< axes
  std::map<std::tuple<std::size_t, std::size_t, std::size_t>, bool> blamed_;
  std::map<std::pair<Place, std::string>, std::vector<std::string>> problems_; ///< scenarios by place and message
  std::map<Place, Position> places_;
  std::map<std::string, const Source*> sources_;
  std::set<std::string> known_inputs_;
  std::vector<InputFile> inputs_;
};

} // namespace

std::vector<InputFile> try_scenarios(const SweepDraft& draft, const SweepContext& context, Files& files,
                                     Diagnostics& diagnostics) {
  const AxisDraft* scenarios = draft.find(Kind::scenario);
  if (scenarios == nullptr) return {};
  Trial trial(draft, context, files, diagnostics);
  trial.run();
  return trial.take_inputs();
}

} // namespace terastal::io
