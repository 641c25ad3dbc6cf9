#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <vector>

#include "terastal/sched/planaria_allocation.hpp"
#include "terastal/sched/tile_boundary.hpp"
#include "terastal/sim/scheduler.hpp"

namespace terastal {

/// Planaria on one array that divides into subarrays: each job runs on a group of accelerators of a type, whose size is
/// decided anew when a job arrives or leaves, see `PlanariaAllocation`. A layer changes its size at the end of a tile.
///
/// Source: the scheduler of the authors' simulator (MICRO 2020). Differences, ours: every job changes at its own tile
/// boundary (there all wait for the slowest one); a job that is to grow goes on until the subarrays for it are idle; a
/// job is itself, not its network. With several types each layer belongs to the type on which it is fastest, the
/// accelerators of a type are divided among the jobs whose present layer belongs to it, and they are divided anew when
/// a job changes types; estimates count later layers on as many accelerators of their types. Of a job whose network is
/// no chain one layer runs at a time, and its longest path is its remaining time. O(jobs · accelerators) a decision.
class SpatialPlanariaScheduler : public Scheduler {
 public:
  [[nodiscard]] std::string_view name() const override { return "planaria"; }
  [[nodiscard]] bool preemptive() const override { return true; }

  void prepare(const Scenario& scenario) override {
    const Platform& platform = scenario.platform;
    pools_.assign(platform.types.size(), Pool{});
    for (const auto& a : platform.accelerators) ++pools_[a.type].arrays;
    for (TypeIndex t = 0; t < pools_.size(); ++t) {
      pools_[t].sizes = {1};
      for (const std::uint32_t n : platform.types[t].group_sizes) {
        if (n <= pools_[t].arrays) pools_[t].sizes.push_back(n);
      }
    }
    tables_.clear();
    for (TaskIndex t = 0; t < scenario.tasks.size(); ++t) tables_.push_back(make_tables(scenario, t));
    tenants_.clear();
  }

  void dispatch(const SystemView& view, Decisions& out) override {
    collect(view);
    if (!same_as_before()) divide(view);
    list_idle(view);
    for (const Tenant& t : tenants_) {
      if (t.leader == kNone) start(view, t, out);
    }
    Time wake = kNever;
    for (const Tenant& t : tenants_) {
      if (t.leader != kNone) wake = std::min(wake, resize(view, t, out));
    }
    if (wake != kNever) out.wake_at(wake);
  }

 private:
  struct Pool {
    std::uint32_t arrays = 0;
    std::vector<std::uint32_t> sizes;   ///< available, ascending from 1
    std::vector<AcceleratorIndex> idle; ///< ascending
    std::size_t used = 0;               ///< of `idle`, by decisions of this call
  };

  /// Of one task: the type of each layer, its time there, and that of all that follows.
  struct Tables {
    std::vector<TypeIndex> type;                ///< by layer
    std::vector<std::vector<Duration>> latency; ///< by layer, then size of its type
    std::vector<std::vector<Duration>> after;   ///< likewise: longest path of what follows on so many
  };

  /// A job in flight.
  struct Tenant {
    Time release;
    TaskIndex task = 0;
    JobIndex job = 0;
    JobSlot slot = 0;
    LayerIndex layer = 0;            ///< that runs, or that is to run next
    ReadyId id = kNone;              ///< of a waiting layer
    AcceleratorIndex leader = kNone; ///< of a running one
    std::uint32_t share = 0;         ///< accelerators it is to have
  };

  // -- tables

  /// Time of an option on the largest size of a type that is at most `n` and can run it.
  [[nodiscard]] static Duration time_on(const Network& network, const Platform& platform, OptionIndex option,
                                        TypeIndex type, const std::vector<std::uint32_t>& sizes, std::uint32_t n) {
    for (std::size_t k = sizes.size(); k-- > 1;) {
      if (sizes[k] > n) continue;
      const std::size_t column = platform.group_column(type, sizes[k]);
      const Duration time = network.group_latency[option * platform.group_columns() + column];
      if (time != kCannotRun) return time;
    }
    return network.latency_of(option, type);
  }

  [[nodiscard]] Tables make_tables(const Scenario& scenario, TaskIndex task) const {
    const Network& network = scenario.network_of(task);
    const auto preferred = estimate(network, scenario.platform).preferred;
    Tables tables;
    tables.type = preferred;
    const auto on = [&](LayerIndex l, std::uint32_t n) {
      return time_on(network, scenario.platform, network.layers[l].first_option, preferred[l],
                     pools_[preferred[l]].sizes, n);
    };
    tables.latency.resize(network.layers.size());
    tables.after.resize(network.layers.size());
    std::uint32_t most = 1;
    for (const Pool& pool : pools_) most = std::max(most, pool.arrays);
    for (std::uint32_t n = 1; n <= most; ++n) {
      const auto has = [&](const Pool& p) { return std::binary_search(p.sizes.begin(), p.sizes.end(), n); };
      if (std::none_of(pools_.begin(), pools_.end(), has)) continue;
      std::vector<Duration> times;
      for (LayerIndex l = 0; l < network.layers.size(); ++l) times.push_back(on(l, n));
      const std::vector<Duration> tails = longest_tails(network, times);
      for (LayerIndex l = 0; l < network.layers.size(); ++l) {
        if (!has(pools_[preferred[l]])) continue;
        tables.latency[l].push_back(times[l]);
        tables.after[l].push_back(tails[l] - times[l]);
      }
    }
    return tables;
  }

  [[nodiscard]] const Pool& pool_of(const Tenant& t) const { return pools_[tables_[t.task].type[t.layer]]; }
  [[nodiscard]] Pool& pool_of(const Tenant& t) { return pools_[tables_[t.task].type[t.layer]]; }

  /// The largest size not above `n` on which the tenant's layer can run; 0 for 0.
  [[nodiscard]] static std::uint32_t usable(const SystemView& view, const Tenant& t, const Pool& pool, TypeIndex type,
                                            std::uint32_t n) {
    const Network& network = *view.tables(t.task).network;
    const OptionIndex option = network.layers[t.layer].first_option;
    const Platform& platform = view.platform();
    for (std::size_t k = pool.sizes.size(); k-- > 1;) {
      if (pool.sizes[k] > n) continue;
      const std::size_t column = platform.group_column(type, pool.sizes[k]);
      if (network.group_latency[option * platform.group_columns() + column] != kCannotRun) return pool.sizes[k];
    }
    return std::min(n, 1U);
  }

  // -- jobs

  /// The jobs in flight by release, task and job: each with the layer that runs, else the first of those that wait.
  void collect(const SystemView& view) {
    before_.swap(tenants_);
    tenants_.clear();
    const auto add = [&](const Job& job, JobSlot slot, LayerIndex layer, ReadyId id, AcceleratorIndex leader) {
      Tenant& t = tenants_.emplace_back();
      t.release = job.release;
      t.task = job.task;
      t.job = job.index;
      t.slot = slot;
      t.layer = layer;
      t.id = id;
      t.leader = leader;
    };
    for (AcceleratorIndex a = 0; a < view.accelerator_count(); ++a) {
      if (view.is_idle(a) || view.leader(a) != a) continue;
      add(view.running_job(a), view.running(a).job, view.running(a).layer, kNone, a);
    }
    for (const ReadyId id : view.ready()) add(view.job(id), view.layer(id).job, view.layer(id).layer, id, kNone);
    const auto key = [](const Tenant& t) { return std::tuple(t.release, t.task, t.job, t.leader == kNone, t.layer); };
    std::sort(tenants_.begin(), tenants_.end(), [&](const Tenant& a, const Tenant& b) { return key(a) < key(b); });
    const auto same_job = [](const Tenant& a, const Tenant& b) { return a.task == b.task && a.job == b.job; };
    tenants_.erase(std::unique(tenants_.begin(), tenants_.end(), same_job), tenants_.end());
  }

  /// Whether the same jobs are on the same types as at the last call; then they keep their shares.
  bool same_as_before() {
    const auto same = [&](const Tenant& a, const Tenant& b) {
      return a.task == b.task && a.job == b.job && &pool_of(a) == &pool_of(b);
    };
    if (!std::equal(tenants_.begin(), tenants_.end(), before_.begin(), before_.end(), same)) return false;
    for (std::size_t i = 0; i < tenants_.size(); ++i) tenants_[i].share = before_[i].share;
    return true;
  }

  void divide(const SystemView& view) {
    for (TypeIndex type = 0; type < pools_.size(); ++type) {
      members_.clear();
      asked_.clear();
      for (std::size_t i = 0; i < tenants_.size(); ++i) {
        if (&pool_of(tenants_[i]) != &pools_[type]) continue;
        members_.push_back(i);
        asked_.push_back(tenant(view, tenants_[i]));
      }
      if (members_.empty()) continue;
      allocation_.allocate(asked_, pools_[type].sizes, pools_[type].arrays);
      for (std::size_t m = 0; m < members_.size(); ++m) tenants_[members_[m]].share = allocation_.share(m);
    }
  }

  [[nodiscard]] PlanariaTenant tenant(const SystemView& view, const Tenant& t) const {
    const Job& job = t.leader == kNone ? view.job(t.id) : view.running_job(t.leader);
    const Tables& tables = tables_[t.task];
    const Pool& pool = pool_of(t);
    PlanariaTenant asked;
    asked.weight = job.weight;
    asked.slack = job.deadline - view.now();
    for (std::size_t k = 0; k < pool.sizes.size(); ++k) {
      const Duration here = time_left(view, t, tables.type[t.layer], tables.latency[t.layer][k], pool.sizes[k]);
      asked.estimates.push_back(std::max(Duration{1}, checked_add(here, tables.after[t.layer][k])));
    }
    return asked;
  }

  /// Of the tenant's layer on a group that takes `whole` for all of it.
  [[nodiscard]] Duration time_left(const SystemView& view, const Tenant& t, TypeIndex type, Duration whole,
                                   std::uint32_t size) const {
    if (t.leader == kNone) {
      return view.latency_left(t.id, view.original(t.id), type, usable(view, t, pools_[type], type, size));
    }
    const Pool& pool = pools_[type];
    const auto k =
        std::lower_bound(pool.sizes.begin(), pool.sizes.end(), group_of(view, t.leader)) - pool.sizes.begin();
    return in_proportion(whole, view.left(t.leader), tables_[t.task].latency[t.layer][static_cast<std::size_t>(k)]);
  }

  [[nodiscard]] static std::uint32_t group_of(const SystemView& view, AcceleratorIndex leader) {
    std::uint32_t members = 0;
    for (AcceleratorIndex a = 0; a < view.accelerator_count(); ++a) {
      if (!view.is_idle(a) && view.leader(a) == leader) ++members;
    }
    return members;
  }

  // -- decisions

  void list_idle(const SystemView& view) {
    for (Pool& pool : pools_) {
      pool.idle.clear();
      pool.used = 0;
    }
    for (AcceleratorIndex a = 0; a < view.accelerator_count(); ++a) {
      if (view.is_idle(a)) pools_[view.type_of(a)].idle.push_back(a);
    }
  }

  [[nodiscard]] static std::uint32_t unused(const Pool& pool) {
    return static_cast<std::uint32_t>(pool.idle.size() - pool.used);
  }

  /// On its share, or on what is idle of it.
  void start(const SystemView& view, const Tenant& t, Decisions& out) {
    Pool& pool = pool_of(t);
    const TypeIndex type = tables_[t.task].type[t.layer];
    const std::uint32_t size = usable(view, t, pool, type, std::min(t.share, unused(pool)));
    if (size == 0) return;
    out.start(t.id, view.original(t.id), pool.idle[pool.used], size);
    pool.used += size; // a group takes the idle ones with the smallest indices
  }

  /// Stops a layer that is to have another size, if a tile has just ended. \returns when to look again.
  Time resize(const SystemView& view, const Tenant& t, Decisions& out) {
    Pool& pool = pool_of(t);
    const TypeIndex type = tables_[t.task].type[t.layer];
    const std::uint32_t has = group_of(view, t.leader);
    const std::uint32_t free = has + unused(pool);
    const std::uint32_t wanted = usable(view, t, pool, type, std::min(t.share, free));
    if (wanted == has) return kNever;
    const Time boundary = tile_boundary(view, t.leader).at;
    if (boundary == kNever) return kNever;
    if (wanted > has) pool.used += wanted - has; // kept for it
    if (boundary != view.now()) return boundary;
    out.stop(t.leader);
    return kNever;
  }

  std::vector<Pool> pools_;    ///< by type
  std::vector<Tables> tables_; ///< by task
  std::vector<Tenant> tenants_;
  std::vector<Tenant> before_; ///< at the last call
  std::vector<std::size_t> members_;
  std::vector<PlanariaTenant> asked_;
  PlanariaAllocation allocation_;
};

} // namespace terastal
