#include "check_session.hpp"

#include <filesystem>
#include <iostream>

#include <fmt/format.h>

#include "command.hpp"
#include "interrupt.hpp"

namespace terastal::cli {
namespace {

namespace fs = std::filesystem;

/// Puts a problem to where a baseline says what it is about: the override at fault, else the scenario where the
/// problem has no file of its own.
Diagnostic placed(Diagnostic problem, const Baseline& baseline, std::size_t scenario) {
  const GatePlan& plan = baseline.plan;
  const auto put = [&](const BaselinePlace& place) {
    if (place.line == 0) return;
    problem.source = baseline.path;
    problem.line = place.line;
    problem.column = place.column;
  };
  for (std::size_t i = 0; i < plan.override_places.size(); ++i) {
    const Override& change = plan.overrides[i];
    if (problem.source == "--set " + change.path + "=" + change.value) put(plan.override_places[i]);
  }
  if (problem.source.empty() && scenario < plan.scenario_places.size()) put(plan.scenario_places[scenario]);
  return problem;
}

/// The path of a scenario. \throws InputError.
std::string find_scenario(const Baseline& baseline, std::size_t scenario, const DataFiles& data) {
  std::string path = data.resolve(DocumentKind::scenario, baseline.plan.scenarios[scenario]);
  std::error_code ignored;
  if (scenario < baseline.plan.scenario_places.size() && !fs::exists(path, ignored)) {
    throw InputError("there is no file '" + path + "' here; run 'terastal check' in the folder in which the baseline " +
                     "was made");
  }
  return path;
}

} // namespace

GateSession::GateSession(const Arguments& arguments)
    : output_(read_output_options(arguments)), threads_(read_threads(arguments)), data_(arguments),
      progress_(output_.progress()) {}

std::vector<LoadedScenario> GateSession::load(const Baseline& baseline) const {
  std::vector<LoadedScenario> loaded;
  std::vector<Diagnostic> problems;
  const auto add = [&](const Diagnostic& problem) {
    for (const Diagnostic& known : problems) {
      if (known.to_string() == problem.to_string()) return; // an override at fault is so in every scenario
    }
    problems.push_back(problem);
  };
  for (std::size_t s = 0; s < baseline.plan.scenarios.size(); ++s) {
    try {
      loaded.push_back(load_scenario(find_scenario(baseline, s, data_), baseline.plan.overrides));
    } catch (const InputError& e) {
      for (const Diagnostic& problem : e.diagnostics()) add(placed(problem, baseline, s));
    }
  }
  if (!problems.empty()) throw InputError(std::move(problems));
  return loaded;
}

Measurement GateSession::measure(const Baseline& baseline, const std::vector<LoadedScenario>& scenarios) {
  MeasureOptions options;
  options.threads = threads_;
  options.keep_going = [] { return !interrupted(); };
  options.progress = [&](std::size_t done, std::size_t total) {
    progress_.update(static_cast<double>(done) / static_cast<double>(total),
                     fmt::format("{}: {} of {} runs", baseline.path, done, total));
  };
  Measurement result = terastal::measure(baseline.plan, scenarios, options);
  for (InputFile& file : result.inputs) file.path = data_.portable(file.path);
  progress_.clear();
  return result;
}

GateReport GateSession::report(const std::vector<CheckedBaseline>& checked) const {
  GateReport result;
  result.checked = &checked;
  result.environment = {threads_, progress_.elapsed()};
  return result;
}

int interrupted_end(const char* what) {
  std::cerr << "terastal: interrupted; " << what << '\n';
  return interrupt_exit_code();
}

void refuse_same_files(const std::vector<NamedFile>& files) {
  std::error_code ignored;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto& [name, path] = files[i];
    const bool device = fs::exists(path, ignored) && !fs::is_regular_file(path, ignored);
    for (std::size_t k = 0; k < i && !device; ++k) {
      const auto& [other_name, other_path] = files[k];
      const bool same = fs::weakly_canonical(path, ignored) == fs::weakly_canonical(other_path, ignored);
      if (same && name != other_name)
        throw UsageError(fmt::format("{} '{}' would overwrite {}", name, path, other_name));
    }
  }
}

} // namespace terastal::cli
