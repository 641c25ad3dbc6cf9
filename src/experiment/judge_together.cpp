#include "experiment/judge_together.hpp"

#include <vector>

#include "terastal/experiment/holm.hpp"

namespace terastal {
namespace {

struct Member {
  Statistic* statistic;
  bool higher_is_better;
};

class Family {
 public:
  void add(std::vector<PolicyStatistics>& policies) {
    for (PolicyStatistics& p : policies) {
      for (MetricStatistics& m : p.chosen) add(m.all, m.metric->higher_is_better);
      if (!p.chosen.empty()) continue;
      add(p.mean_miss_rate, false);
      add(p.weighted_miss_rate, false);
    }
  }

  std::size_t judge_all() {
    const std::vector<double> adjusted = holm_adjusted(p_values_);
    for (std::size_t i = 0; i < members_.size(); ++i) {
      const auto& [statistic, higher_is_better] = members_[i];
      statistic->judgement = {p_values_[i], adjusted[i],
                              judge(*statistic->against_first, higher_is_better, adjusted[i])};
    }
    return members_.size();
  }

 private:
  void add(Statistic& statistic, bool higher_is_better) {
    if (!statistic.against_first) return;
    const auto p_value = paired_p_value(*statistic.against_first);
    if (!p_value) return;
    members_.push_back({&statistic, higher_is_better});
    p_values_.push_back(*p_value);
  }

  std::vector<Member> members_;
  std::vector<double> p_values_;
};

} // namespace

std::size_t judge_together(Comparison& comparison) {
  Family family;
  for (ScenarioComparison& s : comparison.scenarios) family.add(s.policies);
  family.add(comparison.overall);
  return family.judge_all();
}

} // namespace terastal
