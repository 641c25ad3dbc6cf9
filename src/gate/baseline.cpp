#include "terastal/gate/baseline.hpp"

#include <algorithm> // equal
#include <tuple>

namespace terastal {
namespace {

auto content(const MetricRule& r) { return std::tuple(r.metric, r.judge, r.limits.abs, r.limits.rel); }
auto content(const Override& o) { return std::tie(o.path, o.value); }
auto content(const InputFile& f) { return std::tie(f.path, f.sha256); }
auto content(const Policy& p) { return std::tie(p.label); }
auto content(const GateCell& c) { return std::tie(c.scenario, c.policy, c.first_seed, c.digests, c.series, c.tasks); }

template <typename T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const T& x, const T& y) { return content(x) == content(y); });
}

bool same(const GatePlan& a, const GatePlan& b) {
  return a.scenarios == b.scenarios && same(a.policies, b.policies) && same(a.overrides, b.overrides) &&
         a.replications == b.replications && a.each_task == b.each_task && a.judge == b.judge &&
         a.confidence == b.confidence && same(a.rules, b.rules);
}

} // namespace

std::optional<double> mean_of(const MetricSeries& series) {
  double sum = 0.0;
  std::size_t n = 0;
  for (const auto& value : series.values) {
    if (!value) continue;
    sum += *value;
    ++n;
  }
  return n == 0 ? std::nullopt : std::optional(sum / static_cast<double>(n));
}

const MetricSeries* find_series(const std::vector<MetricSeries>& series, const MetricInfo& metric) {
  for (const MetricSeries& s : series) {
    if (s.metric == &metric) return &s;
  }
  return nullptr;
}

const GateCell* find_cell(const std::vector<GateCell>& cells, const std::string& scenario, const std::string& policy) {
  for (const GateCell& cell : cells) {
    if (cell.scenario == scenario && cell.policy == policy) return &cell;
  }
  return nullptr;
}

bool same_content(const Baseline& a, const Baseline& b) {
  return same(a.plan, b.plan) && same(a.inputs, b.inputs) && same(a.cells, b.cells);
}

} // namespace terastal
