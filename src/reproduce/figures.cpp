#include "reproduce/figures.hpp"

#include <algorithm> // find, max, min
#include <bit>       // popcount

#include <fmt/format.h>

#include "terastal/core/text.hpp"
#include "terastal/io/load.hpp"

namespace terastal {
namespace {

constexpr const char* kErrorBars = "Error bars: 95 % intervals over seeds, Student's t.";

/// Values of an axis that a filter leaves, in the order of the tables.
std::vector<std::string> values_of(const std::vector<const ExperimentTable*>& tables, const std::string& axis,
                                   const SampleFilter& filter) {
  std::vector<std::string> result;
  for (const ExperimentTable* table : tables) {
    for (const std::string& v : table->axis_values[*table->axis(axis)]) {
      const auto condition = std::find_if(filter.begin(), filter.end(), [&](const auto& c) { return c.first == axis; });
      const bool wanted = condition == filter.end() ||
                          std::find(condition->second.begin(), condition->second.end(), v) != condition->second.end();
      if (wanted && std::find(result.begin(), result.end(), v) == result.end()) result.push_back(v);
    }
  }
  return result;
}

ChartValue chart_value(const MeanEstimate& mean) { return {mean.mean, mean.low(), mean.high()}; }

std::string number(double v) { return fmt::format("{}", v); }

std::string label_of(const Measure& m) { return m.unit.empty() ? m.title : m.title + " (" + m.unit + ")"; }

Chart::Kind chart_kind(Figure::Kind kind) {
  if (kind == Figure::Kind::bars) return Chart::Kind::bars;
  return kind == Figure::Kind::lines ? Chart::Kind::lines : Chart::Kind::dots;
}

FigureResult draw_means(const Figure& figure, const ExperimentTables& all) {
  const auto tables = tables_of(all, figure.from);
  const Measure& measure = tables.front()->measures[*tables.front()->measure(figure.measure)];
  FigureResult result{figure.id, {}, {}, {}};
  Chart& chart = result.chart;
  chart.kind = chart_kind(figure.kind);
  chart.title = figure.title;
  chart.categories_label = figure.x == "load" ? "load (factor on all rates)" : figure.x;
  chart.value_label = label_of(measure);
  chart.note = figure.note + (figure.note.empty() ? "" : " ") + kErrorBars;
  result.header = {figure.x};
  if (!figure.series.empty()) result.header.push_back(figure.series);
  const std::string unit = measure.unit == "%" ? "_percent" : "";
  for (const char* column : {"", "_ci_low", "_ci_high"}) result.header.push_back(measure.id + unit + column);
  result.header.emplace_back("seeds");
  const auto categories = values_of(tables, figure.x, figure.where);
  const auto series =
      figure.series.empty() ? std::vector<std::string>{""} : values_of(tables, figure.series, figure.where);
  for (const std::string& c : categories) chart.categories.push_back(short_label(c));
  for (const std::string& s : series) {
    ChartSeries& one = chart.series.emplace_back();
    one.name = short_label(s);
    for (const std::string& c : categories) {
      SampleFilter filter = with(figure.where, figure.x, {c});
      if (!figure.series.empty()) filter = with(filter, figure.series, {s});
      const auto mean = mean_over_seeds(tables, figure.measure, filter, figure.over);
      one.values.push_back(mean ? std::optional(chart_value(mean->scaled(measure.factor))) : std::nullopt);
      if (!mean) continue;
      std::vector<std::string> row = {short_label(c)};
      if (!figure.series.empty()) row.push_back(short_label(s));
      const auto& v = *one.values.back();
      const bool interval = mean->half_width.has_value();
      row.push_back(number(v.value));
      row.push_back(interval ? number(v.low) : "");
      row.push_back(interval ? number(v.high) : "");
      row.push_back(fmt::format("{}", mean->n));
      result.rows.push_back(std::move(row));
    }
  }
  return result;
}

/// Accuracy over the number of variants in a set: mean, smallest and largest over all sets of that size.
FigureResult draw_variant_sets(const Figure& figure) {
  FigureResult result{figure.id, {}, {}, {}};
  Chart& chart = result.chart;
  chart.kind = Chart::Kind::lines;
  chart.title = figure.title;
  chart.categories_label = "layer variants used by one inference";
  chart.value_label = "accuracy (% of the baseline)";
  chart.note = figure.note + (figure.note.empty() ? "" : " ") +
               "Points: mean over all measured sets of that size; bars: from the worst to the best of them.";
  result.header = {"network", "variants", "sets", "mean_percent", "smallest_percent", "largest_percent"};
  std::size_t most = 0;
  for (const std::string& path : figure.networks) {
    const Network network = load_network(path);
    ChartSeries& series = chart.series.emplace_back();
    series.name = network.name;
    std::vector<std::vector<double>> by_size;
    for (const auto& [set, accuracy] : network.accuracy.sets()) {
      const auto size = static_cast<std::size_t>(std::popcount(set));
      by_size.resize(std::max(by_size.size(), size + 1));
      by_size[size].push_back(100.0 * accuracy / network.accuracy.baseline());
    }
    for (std::size_t k = 0; k < by_size.size(); ++k) {
      if (by_size[k].empty()) {
        series.values.emplace_back();
        continue;
      }
      double sum = 0.0;
      for (const double v : by_size[k]) sum += v;
      const auto [low, high] = std::minmax_element(by_size[k].begin(), by_size[k].end());
      const double mean = sum / static_cast<double>(by_size[k].size());
      series.values.push_back(ChartValue{mean, *low, *high});
      result.rows.push_back({network.name, fmt::format("{}", k), fmt::format("{}", by_size[k].size()), number(mean),
                             number(*low), number(*high)});
    }
    most = std::max(most, by_size.size());
  }
  for (std::size_t k = 0; k < most; ++k) chart.categories.push_back(fmt::format("{}", k));
  return result;
}

} // namespace

std::vector<const ExperimentTable*> tables_of(const ExperimentTables& tables, const std::vector<std::string>& names) {
  std::vector<const ExperimentTable*> result;
  for (const std::string& name : names) result.push_back(&tables.at(name));
  return result;
}

FigureResult draw(const Figure& figure, const ExperimentTables& tables) {
  return figure.kind == Figure::Kind::variant_sets ? draw_variant_sets(figure) : draw_means(figure, tables);
}

FigureResult draw_sensitivity(const ClaimResult& result, const Measure& measure) {
  const Claim& claim = *result.claim;
  FigureResult drawn{"sensitivity_" + claim.id, {}, {}, {}};
  Chart& chart = drawn.chart;
  chart.kind = Chart::Kind::dots;
  chart.title = claim.says + ": under other readings";
  chart.value_label = claim.against.empty()
                          ? label_of(measure)
                          : fmt::format("change of {} (%), {} against {}", measure.title, claim.policy, claim.against);
  chart.note = std::string(kErrorBars) + " Intervals that leave the scale end without a cap.";
  chart.reference = claim.published;
  if (claim.published) chart.reference_label = fmt::format("published: {:g}", *claim.published);
  drawn.header = {"group", "setting", "value", "ci_low", "ci_high", "seeds", "verdict"};
  ChartSeries& series = chart.series.emplace_back();
  const auto add = [&](const std::string& group, const std::string& label, const ClaimFigure& figure) {
    const bool same = !drawn.rows.empty() && drawn.rows.back().front() == group;
    chart.groups.push_back(same ? "" : group);
    chart.categories.push_back(figure.ours ? label : label + ", undefined");
    series.values.push_back(figure.ours ? std::optional(chart_value(*figure.ours)) : std::nullopt);
    const bool interval = figure.ours && figure.ours->half_width;
    drawn.rows.push_back({group, label, figure.ours ? number(figure.ours->mean) : "",
                          interval ? number(figure.ours->low()) : "", interval ? number(figure.ours->high()) : "",
                          fmt::format("{}", figure.ours ? figure.ours->n : 0), to_string(figure.verdict)});
  };
  add("as evaluated", "all defaults", result.figure);
  for (const SensitivityFigure& s : result.sensitivity) add(s.setting->group, s.setting->label, s.figure);
  return drawn;
}

} // namespace terastal
