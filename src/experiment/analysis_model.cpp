#include "experiment/analysis_model.hpp"

#include <algorithm> // max, min, sort, stable_sort
#include <cmath>     // nextafter
#include <limits>
#include <numeric> // iota

#include "terastal/model/estimates.hpp"

namespace terastal {
namespace {

constexpr std::size_t kNoSite = static_cast<std::size_t>(-1);

// -- times of layers

/// The longest time an original can take on a type; nothing when it has no limit.
std::optional<Duration> longest_time(const Task& task, const Network& network, LayerIndex layer, TypeIndex type) {
  const OptionIndex option = network.layers[layer].first_option;
  const Duration table = network.latency_of(option, type);
  switch (task.execution.kind) {
  case ExecutionTimes::Kind::equal:
    return table;
  case ExecutionTimes::Kind::uniform: {
    // One unit in the last place more than the largest factor, for the rounding of the draw.
    const double factor = std::nextafter(task.execution.high, std::numeric_limits<double>::infinity());
    return table == kCannotRun ? table : std::max(Duration{1}, detail::scaled(table, factor));
  }
  case ExecutionTimes::Kind::samples: {
    Duration longest{0};
    for (std::size_t s = 0; s < network.samples.ids.size(); ++s) {
      longest =
          std::max(longest, network.samples.latency[(s * network.layers.size() + layer) * network.type_count + type]);
    }
    return longest;
  }
  case ExecutionTimes::Kind::measured:
    if (network.percentiles_of(option, type).measured()) return std::nullopt;
    return table;
  case ExecutionTimes::Kind::lognormal:
  case ExecutionTimes::Kind::exponential:
    break;
  }
  return std::nullopt;
}

// -- releases

/// Smallest distance of releases and jitter.
struct Releases {
  Duration period{0};
  Duration jitter{0};
};

/// Nothing, with a reason, when releases may be as close as they like.
std::optional<Releases> releases_of(const Scenario& scenario, const Task& task, std::string& reason) {
  if (task.parent) {
    reason = "released by completions of " + scenario.tasks[task.parent->task].name;
    return std::nullopt;
  }
  if (const auto* periodic = std::get_if<PeriodicArrivals>(&task.arrivals)) {
    return Releases{periodic->period, periodic->jitter};
  }
  if (const auto* sporadic = std::get_if<SporadicArrivals>(&task.arrivals)) {
    if (sporadic->period > Duration::zero()) return Releases{sporadic->period, Duration{0}};
  }
  reason = "releases have no smallest distance";
  return std::nullopt;
}

// -- sites

std::string site_name(const Platform& platform, TypeIndex type) {
  std::string names;
  for (const Accelerator& a : platform.accelerators) {
    if (a.type == type) names += (names.empty() ? "" : " ") + a.name;
  }
  return names;
}

std::size_t accelerators_of(const Platform& platform, TypeIndex type) {
  return static_cast<std::size_t>(std::count_if(platform.accelerators.begin(), platform.accelerators.end(),
                                                [&](const Accelerator& a) { return a.type == type; }));
}

/// Decides the site of every layer.
class Mapper {
 public:
  Mapper(const Scenario& scenario, const AnalysisOptions& options) : scenario_(scenario), options_(options) {}

  MappedScenario map() {
    make_sites();
    whole_.assign(scenario_.tasks.size(), 0);
    if (options_.mapping == LayerMapping::partitioned) partition();
    if (!whole_tasks()) place();
    for (TaskIndex t = 0; t < scenario_.tasks.size(); ++t) {
      for (const std::size_t s : sites_of(t)) ++mapped_.sites[s].tasks;
    }
    for (TaskIndex t = 0; t < scenario_.tasks.size(); ++t) mapped_.tasks.push_back(map_task(t));
    summarise_sites();
    mapped_.exact_times = !scenario_.platform.has_setup_costs();
    for (TaskIndex t = 0; t < scenario_.tasks.size(); ++t) {
      const bool equal = scenario_.tasks[t].execution.kind == ExecutionTimes::Kind::equal;
      mapped_.exact_times = mapped_.exact_times && equal && !scenario_.network_of(t).probabilistic();
    }
    return std::move(mapped_);
  }

 private:
  void make_sites() {
    const Platform& p = scenario_.platform;
    if (options_.mapping == LayerMapping::fastest) {
      for (TypeIndex t = 0; t < p.types.size(); ++t)
        mapped_.sites.push_back({site_name(p, t), t, accelerators_of(p, t)});
      return;
    }
    for (AcceleratorIndex a = 0; a < p.accelerators.size(); ++a) {
      if (options_.mapping == LayerMapping::single && a != options_.accelerator) continue;
      mapped_.sites.push_back({p.accelerators[a].name, p.accelerators[a].type});
    }
  }

  /// Whether each task is on one accelerator as a whole.
  [[nodiscard]] bool whole_tasks() const {
    return options_.mapping == LayerMapping::single || options_.mapping == LayerMapping::partitioned;
  }

  [[nodiscard]] TypeIndex type_of(TaskIndex task, LayerIndex layer) const {
    if (whole_tasks()) return mapped_.sites[whole_[task]].type;
    const Network& network = scenario_.network_of(task);
    return detail::preferred_type(network, network.layers[layer].first_option);
  }

  /// Share of an accelerator's time that all of a task takes there; infinite where a layer cannot run.
  [[nodiscard]] double share_of(TaskIndex task, TypeIndex type) const {
    const Network& network = scenario_.network_of(task);
    const double period = to_seconds(mean_period(scenario_, task));
    double sum = 0.0;
    for (const Layer& layer : network.layers) {
      const Duration latency = network.latency_of(layer.first_option, type);
      if (latency == kCannotRun) return std::numeric_limits<double>::infinity();
      if (period > 0.0) sum += to_seconds(latency) / period;
    }
    return sum;
  }

  void partition() {
    std::vector<std::vector<double>> shares;
    for (TaskIndex t = 0; t < scenario_.tasks.size(); ++t) {
      shares.emplace_back();
      for (const Site& site : mapped_.sites) shares.back().push_back(share_of(t, site.type));
    }
    whole_ = least_loaded_partition(shares, mapped_.sites.size());
  }

  /// The site of each (task, type): the only one, or with `pinned` the least loaded of the type.
  void place() {
    const std::size_t types = scenario_.platform.types.size();
    std::vector<std::vector<double>> load(scenario_.tasks.size(), std::vector<double>(types, 0.0));
    std::vector<double> total(scenario_.tasks.size(), 0.0);
    for (TaskIndex t = 0; t < scenario_.tasks.size(); ++t) {
      const Network& network = scenario_.network_of(t);
      const double period = to_seconds(mean_period(scenario_, t));
      for (LayerIndex l = 0; l < network.layers.size(); ++l) {
        const TypeIndex type = type_of(t, l);
        const Duration latency = network.latency_of(network.layers[l].first_option, type);
        if (period > 0.0 && latency != kCannotRun) load[t][type] += to_seconds(latency) / period;
      }
      total[t] = std::accumulate(load[t].begin(), load[t].end(), 0.0);
    }
    std::vector<TaskIndex> order(scenario_.tasks.size());
    std::iota(order.begin(), order.end(), TaskIndex{0});
    std::stable_sort(order.begin(), order.end(), [&](TaskIndex a, TaskIndex b) { return total[a] > total[b]; });
    std::vector<double> filled(mapped_.sites.size(), 0.0);
    site_.assign(scenario_.tasks.size(), std::vector<std::size_t>(types, kNoSite));
    for (const TaskIndex t : order) {
      for (TypeIndex type = 0; type < types; ++type) {
        std::size_t& best = site_[t][type];
        for (std::size_t s = 0; s < mapped_.sites.size(); ++s) {
          if (mapped_.sites[s].type == type && (best == kNoSite || filled[s] < filled[best])) best = s;
        }
        if (best != kNoSite) filled[best] += load[t][type];
      }
    }
  }

  [[nodiscard]] std::size_t site_of(TaskIndex task, LayerIndex layer) const {
    return whole_tasks() ? whole_[task] : site_[task][type_of(task, layer)];
  }

  [[nodiscard]] std::vector<std::size_t> sites_of(TaskIndex task) const {
    std::vector<std::size_t> sites;
    for (LayerIndex l = 0; l < scenario_.network_of(task).layers.size(); ++l) sites.push_back(site_of(task, l));
    std::sort(sites.begin(), sites.end());
    sites.erase(std::unique(sites.begin(), sites.end()), sites.end());
    return sites;
  }

  MappedTask map_task(TaskIndex index) const {
    const Task& task = scenario_.tasks[index];
    const Network& network = scenario_.network_of(index);
    MappedTask result;
    result.task = index;
    result.deadline = task.deadline;
    result.chain = network.chain;
    result.sites = sites_of(index);
    const auto releases = releases_of(scenario_, task, result.reason);
    if (!releases) return result;
    result.period = releases->period;
    result.jitter = releases->jitter;
    if (scenario_.platform.memory_bytes_per_second > 0.0) {
      result.reason = "layers slow each other down at the shared memory";
      return result;
    }
    result.last = kCannotRun;
    for (LayerIndex l = 0; l < network.layers.size() && result.reason.empty(); ++l) add_layer(network, l, result);
    return result;
  }

  void add_layer(const Network& network, LayerIndex l, MappedTask& result) const {
    const Layer& layer = network.layers[l];
    const std::size_t site = site_of(result.task, l);
    const TypeIndex type = mapped_.sites[site].type;
    const auto time = longest_time(scenario_.tasks[result.task], network, l, type);
    if (!time) {
      result.reason = "execution times have no limit";
      return;
    }
    if (*time == kCannotRun) {
      result.reason = "layer " + layer.name + " cannot run on " + mapped_.sites[site].name;
      return;
    }
    // A job may skip layers, so that its data come from another accelerator than those of all others.
    if (network.probabilistic() && scenario_.platform.has_setup_costs() && result.sites.size() > 1) {
      result.reason = "jobs skip layers, and moving data between accelerators costs time";
      return;
    }
    Duration total = *time;
    for (const LayerIndex p : layer.predecessors) {
      const std::size_t from = site_of(result.task, p);
      if (from == site) continue;
      const Transfer transfer = scenario_.platform.transfer(mapped_.sites[from].type, type);
      total = checked_add(total, transfer.time(network.layers[p].output_bytes));
    }
    if (mapped_.sites[site].tasks > 1) total = checked_add(total, scenario_.platform.types[type].model_switch);
    result.layers.push_back({site, total});
    const bool may_end = layer.successors.empty() || network.probabilistic();
    if (may_end) result.last = std::min(result.last, total);
  }

  void summarise_sites() {
    for (const MappedTask& task : mapped_.tasks) {
      const double period = to_seconds(mean_period(scenario_, task.task));
      const Network& network = scenario_.network_of(task.task);
      for (LayerIndex l = 0; l < network.layers.size(); ++l) {
        Site& site = mapped_.sites[site_of(task.task, l)];
        const Duration latency = network.latency_of(network.layers[l].first_option, site.type);
        if (latency == kCannotRun) continue;
        site.longest_layer = std::max(site.longest_layer, latency);
        if (period > 0.0) {
          site.utilisation += to_seconds(latency) / period / static_cast<double>(site.accelerators);
        }
      }
    }
  }

  const Scenario& scenario_;
  const AnalysisOptions& options_;
  MappedScenario mapped_;
  std::vector<std::size_t> whole_;             ///< by task: its site, where each task is on one as a whole
  std::vector<std::vector<std::size_t>> site_; ///< by task and type, where layers go by type
};

} // namespace

Duration MappedTask::wcet() const {
  Duration sum{0};
  for (const LayerOnResource& layer : layers) sum = checked_add(sum, layer.wcet);
  return sum;
}

SequentialTask MappedTask::sequential() const {
  SequentialTask result{wcet(), period, deadline, jitter, Duration{0}, last};
  for (const LayerOnResource& layer : layers) result.longest = std::max(result.longest, layer.wcet);
  return result;
}

LayerTask MappedTask::layered() const { return {period, deadline, layers, jitter}; }

MappedScenario map_layers(const Scenario& scenario, const AnalysisOptions& options) {
  return Mapper(scenario, options).map();
}

std::vector<Island> islands_of(const MappedScenario& mapped) {
  std::vector<std::size_t> root(mapped.sites.size());
  std::iota(root.begin(), root.end(), std::size_t{0});
  const auto find = [&](std::size_t s) {
    while (root[s] != s) s = root[s];
    return s;
  };
  for (const MappedTask& task : mapped.tasks) {
    for (const std::size_t s : task.sites) {
      const std::size_t a = find(task.sites.front());
      const std::size_t b = find(s);
      root[std::max(a, b)] = std::min(a, b);
    }
  }
  std::vector<Island> islands;
  for (std::size_t s = 0; s < mapped.sites.size(); ++s) {
    if (find(s) != s) continue;
    Island island;
    for (std::size_t other = s; other < mapped.sites.size(); ++other) {
      if (find(other) == s) island.sites.push_back(other);
    }
    for (std::size_t t = 0; t < mapped.tasks.size(); ++t) {
      if (find(mapped.tasks[t].sites.front()) == s) island.tasks.push_back(t);
    }
    if (!island.tasks.empty()) islands.push_back(std::move(island));
  }
  return islands;
}

} // namespace terastal
