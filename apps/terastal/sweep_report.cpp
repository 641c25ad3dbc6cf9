#include "sweep_report.hpp"

#include <algorithm> // max
#include <iostream>

#include <fmt/format.h>

#include "terastal/core/text.hpp"
#include "terastal/sweep/cells.hpp"

namespace terastal::cli {
namespace {

constexpr double kLongReading = 2.0; ///< seconds

/// A large number as people say it.
std::string about(double n) {
  if (n < 1e4) return fmt::format("{:.0f}", n);
  return n < 1e6 ? fmt::format("{:.3g} thousand", n / 1e3) : fmt::format("{:.3g} million", n / 1e6);
}

/// `0.123`, `12.3`, `6200`, of cells in a second.
std::string rate(std::uint64_t cells, double seconds) {
  const double n = static_cast<double>(cells) / std::max(1e-3, seconds);
  return n < 1000.0 ? fmt::format("{:.3g}", n) : about(n);
}

const char* plural(std::size_t n) { return n == 1 ? "" : "s"; }

} // namespace

std::string time_text(double seconds) {
  if (seconds < 10.0) return fmt::format("{:.2g} s", seconds);
  const auto whole = static_cast<std::uint64_t>(seconds + 0.5);
  if (whole < 120) return fmt::format("{} s", whole);
  if (whole < 7200) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

void show_counting(const Sweep& sweep, const SweepRequest& request) {
  constexpr double many = 3e7;
  constexpr double a_second = 1e7; // as measured
  const double cells = static_cast<double>(SweepCells(sweep).size());
  if (request.quiet || cells < many) return;
  std::cerr << fmt::format("terastal: going through {} cells first, which takes about {}\n", about(cells),
                           time_text(cells / a_second));
}

void show_plan(const Sweep& sweep, const SweepPlan& plan, const SweepRequest& request) {
  if (request.quiet) return;
  std::vector<std::string> axes;
  for (const SweepAxis& axis : sweep.axes) axes.push_back(fmt::format("{} {}", axis.name, axis.values.size()));
  std::cerr << fmt::format("Sweep {}: {} cells ({})\n", sweep.name, plan.total, join(axes, ", "));
  if (plan.left_out > 0) std::cerr << fmt::format("  left out   {}\n", plan.left_out);
  const Shard shard = request.options.shard;
  if (shard.count > 1)
    std::cerr << fmt::format("  shard      {} of {}: {} cells\n", shard.index, shard.count, plan.shard);
  std::cerr << fmt::format("  store      {}{}\n", request.store,
                           plan.held > 0 ? fmt::format(": holds {} of them", plan.held) : "");
  std::cerr << fmt::format("  to do      {} cells", plan.to_do);
  if (plan.to_do > 0) {
    std::cerr << fmt::format(": {}{} simulated, {} jobs expected", plan.exact ? "" : "about ",
                             time_text(plan.simulated_s), about(plan.jobs));
  }
  std::cerr << '\n';
  if (request.team == nullptr) return;
  const std::size_t machines = request.team->machines();
  std::cerr << fmt::format("  ranks      {} on {} machine{}, {} thread{} each\n", request.team->ranks(), machines,
                           plural(machines), request.options.threads, plural(request.options.threads));
}

void show_cost(const SweepPlan& plan, const SweepRequest& request, Progress& progress) {
  if (request.quiet || !plan.seconds()) return;
  progress.clear();
  const double seconds = *plan.seconds() / static_cast<double>(request.threads());
  std::cerr << fmt::format("  expected   {} on {} thread{}, from one cell of each scenario and policy\n",
                           time_text(seconds), request.threads(), plural(request.threads()));
}

void show_end(const SweepSummary& summary, const SweepRequest& request) {
  if (request.quiet || summary.done == 0) return;
  std::cerr << fmt::format("terastal: {} cells in {}, {} cells a second on {} thread{}\n", summary.done,
                           time_text(summary.seconds), rate(summary.done, summary.seconds), request.threads(),
                           plural(request.threads()));
}

void show_failures(const Sweep& sweep, const SweepSummary& summary) {
  const SweepCells cells(sweep);
  for (const FailedCell& failed : summary.failures) {
    std::vector<std::string> values;
    const auto texts = cells.texts_of(failed.cell);
    for (std::size_t a = 0; a < texts.size(); ++a) values.push_back(sweep.axes[a].name + "=" + texts[a]);
    std::cerr << fmt::format("terastal: cell {} failed ({}): {}\n", failed.cell, join(values, ", "), failed.error);
  }
  if (summary.failed > summary.failures.size()) {
    std::cerr << fmt::format("terastal: {} more cells failed\n", summary.failed - summary.failures.size());
  }
}

ReadingTeller::ReadingTeller(bool quiet) : quiet_(quiet), line_(!quiet && is_capable_terminal(2)) {}

void ReadingTeller::operator()(std::size_t done, std::size_t total) {
  if (quiet_ || line_.elapsed() < kLongReading) return;
  const std::string text = fmt::format("reading the scenarios with each value: {} of {}", done, total);
  line_.update(static_cast<double>(done) / static_cast<double>(total), text);
  if (is_capable_terminal(2) || told_) return;
  told_ = true;
  std::cerr << "terastal: " << text << '\n';
}

SweepTeller::SweepTeller(bool quiet) : quiet_(quiet), line_(!quiet && is_capable_terminal(2)) {}

void SweepTeller::operator()(const SweepProgress& p) {
  if (quiet_ || p.total == 0) return;
  std::string text = fmt::format("{} of {} cells, {} cells a second", p.done, p.total, rate(p.done, p.seconds));
  if (p.failed > 0) text += fmt::format(", {} failed", p.failed);
  if (p.seconds_left && p.seconds > 1.0) text += fmt::format(", {} left", time_text(*p.seconds_left));
  line_.update(static_cast<double>(p.done) / static_cast<double>(p.total), text, Progress::TimeLeft::not_said);
  if (is_capable_terminal(2) || Clock::now() - last_ < std::chrono::minutes(1)) return;
  last_ = Clock::now();
  std::cerr << "terastal: " << text << '\n';
}

} // namespace terastal::cli
