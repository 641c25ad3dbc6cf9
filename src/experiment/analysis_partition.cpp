#include <algorithm> // max, max_element, min_element, stable_sort
#include <limits>
#include <numeric> // iota

#include "experiment/analysis_model.hpp"

namespace terastal {
namespace {

/// Branch and bound over tasks in order of falling least share.
class Partition {
 public:
  Partition(const std::vector<std::vector<double>>& shares, std::size_t sites)
      : shares_(shares), order_(shares.size()), load_(sites, 0.0), site_(shares.size(), 0), best_(shares.size(), 0) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    const auto least = [&](std::size_t task) { return *std::min_element(shares[task].begin(), shares[task].end()); };
    std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) { return least(a) > least(b); });
  }

  std::vector<std::size_t> find() {
    extend(0, 0.0);
    return best_;
  }

 private:
  static constexpr int kMostNodes = 1'000'000;

  /// Places the task at `position` and those after it, the least loaded site first.
  void extend(std::size_t position, double largest) {
    if (largest >= least_largest_ || ++nodes_ > kMostNodes) return;
    if (position == order_.size()) {
      least_largest_ = largest;
      best_ = site_;
      return;
    }
    const std::size_t task = order_[position];
    std::vector<std::size_t> sites(load_.size());
    std::iota(sites.begin(), sites.end(), std::size_t{0});
    const auto after = [&](std::size_t s) { return load_[s] + shares_[task][s]; };
    std::stable_sort(sites.begin(), sites.end(), [&](std::size_t a, std::size_t b) { return after(a) < after(b); });
    for (const std::size_t s : sites) {
      const double before = load_[s];
      if (shares_[task][s] == std::numeric_limits<double>::infinity()) break;
      site_[task] = s;
      load_[s] = after(s);
      extend(position + 1, std::max(largest, load_[s]));
      load_[s] = before;
    }
  }

  const std::vector<std::vector<double>>& shares_;
  std::vector<std::size_t> order_;
  std::vector<double> load_;
  std::vector<std::size_t> site_;
  std::vector<std::size_t> best_;
  double least_largest_ = std::numeric_limits<double>::infinity();
  int nodes_ = 0;
};

} // namespace

std::vector<std::size_t> least_loaded_partition(const std::vector<std::vector<double>>& shares, std::size_t sites) {
  return Partition(shares, sites).find();
}

} // namespace terastal
