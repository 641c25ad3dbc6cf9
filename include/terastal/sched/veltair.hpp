#pragma once

#include <algorithm> // sort, unique
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "terastal/sched/ready_choice.hpp"
#include "terastal/sched/registry.hpp"
#include "terastal/sched/veltair_tables.hpp"
#include "terastal/sched/veltair_versions.hpp"

namespace terastal {

/// VELTAIR's open points, as settings.
struct VeltairOptions {
  enum class Blocks : std::uint8_t { dynamic, average, layer, model }; ///< where a job is cut into blocks
  enum class Shortage : std::uint8_t { wait, run };                    ///< what a block does that lacks cores

  Blocks blocks = Blocks::dynamic;
  Shortage shortage = Shortage::wait;
  LayerVersions versions = LayerVersions::neutral;
};

/// VELTAIR: blocks of layers, first come first served, each on as many cores as its share of the deadline needs.
///
/// Source: VELTAIR (Liu et al., ASPLOS 2022), of which we read the abstract and notes by others; the algorithm is our
/// reading. Cores are accelerators of a type, those of a block a group; a job keeps as many from layer to layer of a
/// block. Where types have no groups a block is a run of layers on one accelerator. Ties: release, task, job; among
/// types the lower one. O(jobs · (log jobs + types · layers)) a decision.
class VeltairScheduler : public Scheduler {
 public:
  using Options = VeltairOptions;
  explicit VeltairScheduler(VeltairOptions options) : options_(options), versions_(options.versions) {}

  [[nodiscard]] std::string_view name() const override { return "veltair"; }
  [[nodiscard]] bool uses_variants() const override { return options_.versions != LayerVersions::original; }

  void prepare(const Scenario& scenario) override {
    tables_.clear();
    for (TaskIndex t = 0; t < scenario.tasks.size(); ++t) {
      tables_.emplace_back(scenario.network_of(t), scenario.platform, scenario.tasks[t].deadline);
    }
    versions_.prepare(scenario);
    blocks_.clear();
    seen_.clear();
    round_ = 0;
  }

  /// One start at a time, so that each is decided on what is idle then; the engine asks again.
  void dispatch(const SystemView& view, Decisions& out) override {
    collect(view);
    for (const ReadyId id : waiting_) {
      const Block& block = block_of(view, id);
      if (!goes_on(view, id, block)) continue;
      const AcceleratorIndex same = view.is_idle(block.accelerator) ? block.accelerator : view.idle().first(block.type);
      return start(view, id, block, same, out);
    }
    held_.assign(view.platform().types.size(), 0);
    for (const ReadyId id : waiting_) {
      if (begin_block(view, id, out)) return;
    }
  }

 private:
  /// A run of layers of a job on a number of accelerators.
  struct Block {
    TaskIndex task = kNone;
    JobIndex job = 0;
    LayerIndex end = 0; ///< first layer after it
    TypeIndex type = 0;
    std::uint32_t size = 1;
    AcceleratorIndex accelerator = 0; ///< where its last layer ran
  };

  /// How a block could run from now on, on one type.
  struct Plan {
    Block block;
    double stretch = std::numeric_limits<double>::infinity(); ///< its time / its isolated time
    Duration time{0};
  };

  // -- the jobs

  /// The next layers of all jobs that wait, first come first served; and what all jobs in the system need on average.
  void collect(const SystemView& view) {
    ++round_;
    waiting_.clear();
    needed_.assign(view.platform().types.size(), 0.0);
    for (const ReadyId id : view.ready()) {
      const JobSlot slot = view.layer(id).job;
      count_job(slot, view.job(id).task);
      if (view.job(id).running == 0) waiting_.push_back(id);
    }
    for (AcceleratorIndex a = 0; a < view.accelerator_count(); ++a) {
      if (!view.is_idle(a)) count_job(view.running(a).job, view.running_job(a).task);
    }
    // Several layers of one job: goes_first puts the lowest first, and the others are left out.
    std::sort(waiting_.begin(), waiting_.end(), [&](ReadyId a, ReadyId b) { return goes_first(view, a, b); });
    const auto same = [&](ReadyId a, ReadyId b) { return view.layer(a).job == view.layer(b).job; };
    waiting_.erase(std::unique(waiting_.begin(), waiting_.end(), same), waiting_.end());
  }

  void count_job(JobSlot slot, TaskIndex task) {
    if (slot >= seen_.size()) seen_.resize(std::size_t{2} * slot + 16, 0);
    if (seen_[slot] == round_) return;
    seen_[slot] = round_;
    for (TypeIndex t = 0; t < needed_.size(); ++t) needed_[t] += tables_[task].average_need(t);
  }

  Block& block_of(const SystemView& view, ReadyId id) {
    const JobSlot slot = view.layer(id).job;
    if (slot >= blocks_.size()) blocks_.resize(std::size_t{2} * slot + 16);
    return blocks_[slot];
  }

  [[nodiscard]] static bool goes_on(const SystemView& view, ReadyId id, const Block& block) {
    const Job& job = view.job(id);
    return block.task == job.task && block.job == job.index && view.layer(id).layer < block.end &&
           view.idle_count(block.type) >= block.size;
  }

  // -- blocks

  /// \returns whether the job's next block started.
  bool begin_block(const SystemView& view, ReadyId id, Decisions& out) {
    Plan best;
    Plan small; // with the accelerators that are idle
    Time latest = Time::min();
    for (TypeIndex t = 0; t < held_.size(); ++t) {
      const std::uint32_t idle = view.idle_count(t);
      if (held_[t] != 0 || idle == 0 || view.latency(id, view.original(id), t) == kCannotRun) continue;
      const LayerIndex end = end_of_block(view, id, t, idle);
      const Time due = view.job(id).release + budget(view, id, end);
      const Plan wanted = plan(view, id, t, end, kMostSizes, due - block_begin(view, id));
      if (wanted.block.size <= idle) {
        if (wanted.stretch < best.stretch) best = wanted;
        continue;
      }
      if (due - wanted.time > latest) latest = due - wanted.time;
      const Plan here = plan(view, id, t, end, idle, Duration::zero());
      if (here.stretch < small.stretch) small = here;
    }
    if (best.block.task == kNone) {
      if (small.block.task == kNone) return false; // nothing idle can run it
      if (options_.shortage == Options::Shortage::wait && view.now() < latest) {
        hold(view, id);
        out.wake_at(latest);
        return false;
      }
      best = small;
    }
    start(view, id, best.block, first_place(view, id, best.block), out);
    return true;
  }

  /// Later jobs leave alone what a job that waits for more accelerators could run on.
  void hold(const SystemView& view, ReadyId id) {
    for (TypeIndex t = 0; t < held_.size(); ++t) {
      if (view.latency(id, view.original(id), t) != kCannotRun) held_[t] = 1;
    }
  }

  /// The first layer after the block that begins with a ready layer.
  [[nodiscard]] LayerIndex end_of_block(const SystemView& view, ReadyId id, TypeIndex type, std::uint32_t idle) const {
    const VeltairTables& tables = tables_[view.job(id).task];
    LayerIndex end = view.layer(id).layer + 1;
    if (options_.blocks == Options::Blocks::layer) return end;
    const double average = tables.average_need(type);
    double threshold = average;
    if (options_.blocks == Options::Blocks::dynamic) threshold += idle * average / needed_[type];
    if (options_.blocks == Options::Blocks::model) threshold = std::numeric_limits<double>::infinity();
    while (end < tables.layers() && tables.need(type, end) > 0 && tables.need(type, end) <= threshold) ++end;
    return end;
  }

  /// The part of the job's deadline that is for the layers before `end`.
  [[nodiscard]] Duration budget(const SystemView& view, ReadyId id, LayerIndex end) const {
    const Job& job = view.job(id);
    return tables_[job.task].due(end, job.deadline - job.release);
  }
  [[nodiscard]] Time block_begin(const SystemView& view, ReadyId id) const {
    return view.job(id).release + budget(view, id, view.layer(id).layer);
  }

  /// The smallest group of at most `most` that runs layers [the ready one, end) in `share`; the fastest if none does.
  [[nodiscard]] Plan plan(const SystemView& view, ReadyId id, TypeIndex type, LayerIndex end, std::uint32_t most,
                          Duration share) const {
    const Job& job = view.job(id);
    const VeltairTables& tables = tables_[job.task];
    const LayerIndex begin = view.layer(id).layer;
    Plan best;
    best.time = kCannotRun;
    for (const std::uint32_t size : tables.sizes(type)) {
      if (size > most) break;
      const Duration time = time_of(view, id, type, end, size);
      if (time >= best.time) continue;
      best.time = time;
      best.block = {job.task, job.index, end, type, size, kNone};
      if (time <= share) break;
    }
    best.stretch = to_seconds(best.time) / (tables.isolated_s(end) - tables.isolated_s(begin));
    return best;
  }

  [[nodiscard]] static Duration time_of(const SystemView& view, ReadyId id, TypeIndex type, LayerIndex end,
                                        std::uint32_t size) {
    const Network& network = view.network(id);
    Duration sum{0};
    for (LayerIndex l = view.layer(id).layer; l < end; ++l) {
      const Duration d = latency_on(network, view.platform(), network.layers[l].first_option, type, size);
      if (d == kCannotRun) return kCannotRun;
      sum = checked_add(sum, d);
    }
    return sum;
  }

  // -- starting

  /// Where a block begins: the lowest idle accelerator of its type; with transfers or switches the cheapest.
  [[nodiscard]] static AcceleratorIndex first_place(const SystemView& view, ReadyId id, const Block& block) {
    AcceleratorIndex best = view.idle().first(block.type);
    if (!view.has_setup_costs()) return best;
    for (AcceleratorIndex a = best + 1; a < view.accelerator_count(); ++a) {
      if (view.type_of(a) == block.type && view.is_idle(a) && view.setup(id, a) < view.setup(id, best)) best = a;
    }
    return best;
  }

  void start(const SystemView& view, ReadyId id, const Block& block, AcceleratorIndex a, Decisions& out) {
    out.start(id, versions_.fastest(view, id, block.type, block.size), a, block.size);
    Block& kept = block_of(view, id);
    kept = block;
    kept.accelerator = a;
  }

  static constexpr std::uint32_t kMostSizes = std::numeric_limits<std::uint32_t>::max();

  VeltairOptions options_;
  VersionChoice versions_;
  std::vector<VeltairTables> tables_; ///< per task
  std::vector<Block> blocks_;         ///< per job slot
  std::vector<std::uint64_t> seen_;   ///< per job slot: the last round that counted it
  std::uint64_t round_ = 0;
  std::vector<ReadyId> waiting_;
  std::vector<double> needed_; ///< per type: average needs of all jobs in the system
  std::vector<char> held_;     ///< per type: a job that came earlier waits for more of it
};

/// The policy `veltair` and its settings.
[[nodiscard]] inline PolicyInfo veltair_policy() {
  PolicyInfo info;
  info.id = "veltair";
  info.summary =
      "VELTAIR: blocks of layers, first come first served, on as many cores as their share of the deadline needs";
  info.source = "Liu et al., ASPLOS 2022; text not available to us: algorithm from its abstract and recollection";
  info.our_reading = true;
  info.settings = {
      Setting::choice("blocks", "dynamic", {"dynamic", "average", "layer", "model"},
                      "where a job is cut: before layers that need more than a threshold; after each layer; nowhere"),
      Setting::choice("shortage", "wait", {"wait", "run"},
                      "too few idle cores: wait while the block can still end in time, or run on what is idle"),
      Setting::choice("versions", "neutral", {"original", "neutral", "valid"},
                      "which variants of a layer may run: none, those that lose no accuracy, all valid ones"),
  };
  info.make = [](const Settings& s) {
    using Options = VeltairOptions;
    Options options;
    const std::string& blocks = s.choice("blocks");
    options.blocks = blocks == "average" ? Options::Blocks::average
                     : blocks == "layer" ? Options::Blocks::layer
                     : blocks == "model" ? Options::Blocks::model
                                         : Options::Blocks::dynamic;
    options.shortage = s.choice("shortage") == "run" ? Options::Shortage::run : Options::Shortage::wait;
    const std::string& versions = s.choice("versions");
    options.versions = versions == "original" ? LayerVersions::original
                       : versions == "valid"  ? LayerVersions::valid
                                              : LayerVersions::neutral;
    return std::make_unique<VeltairScheduler>(options);
  };
  return info;
}

} // namespace terastal
