#include <algorithm> // max
#include <condition_variable>
#include <exception>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "sweep/sweep_inputs.hpp"
#include "terastal/core/error.hpp"
#include "terastal/core/units.hpp"
#include "terastal/sweep/cell_runner.hpp"
#include "terastal/workload/scale_rates.hpp"

namespace terastal {

class SweepScenarios::Impl {
 public:
  Impl(const Sweep& sweep, std::size_t capacity, CostModelRegistry cost_models)
      : sweep_(sweep), inputs_(sweep), capacity_(std::max<std::size_t>(1, capacity)),
        cost_models_(std::move(cost_models)) {}

  std::shared_ptr<const Scenario> get(const std::vector<std::size_t>& values) {
    const double factor = load_of(values);
    if (factor == 1.0) return unscaled(values);
    return find(key_of(values, true),
                [&] { return std::make_shared<const Scenario>(scale_rates(*unscaled(values), factor)); });
  }

  std::shared_ptr<const Scenario> unscaled(const std::vector<std::size_t>& values) {
    return find(key_of(values, false), [&] { return std::make_shared<const Scenario>(read(values)); });
  }

  std::size_t times_read() const {
    const std::scoped_lock lock(mutex_);
    return times_read_;
  }

 private:
  using Key = std::vector<std::size_t>;
  using Loaded = std::shared_ptr<const Scenario>;

  /// A scenario, or why there is none. While neither is there, someone is at it.
  struct Entry {
    Key key;
    Loaded scenario;
    std::exception_ptr error;

    [[nodiscard]] bool ready() const { return scenario != nullptr || error != nullptr; }
  };

  template <typename Make>
  Loaded find(const Key& key, Make&& make) {
    std::unique_lock lock(mutex_);
    for (auto found = index_.find(key); found != index_.end(); found = index_.find(key)) {
      if (found->second->ready()) {
        entries_.splice(entries_.begin(), entries_, found->second);
        if (found->second->error) std::rethrow_exception(found->second->error);
        return found->second->scenario;
      }
      ready_.wait(lock);
    }
    const auto entry = entries_.insert(entries_.begin(), Entry{key, nullptr, nullptr});
    index_[key] = entry;
    lock.unlock();
    Loaded made;
    std::exception_ptr error;
    try {
      made = make();
    } catch (const Error&) {
      error = std::current_exception();
    } catch (...) { // no fault of the scenario, so it may be tried again
      lock.lock();
      index_.erase(key);
      entries_.erase(entry);
      ready_.notify_all();
      throw;
    }
    lock.lock();
    entry->scenario = made;
    entry->error = error;
    drop_oldest();
    ready_.notify_all();
    if (error) std::rethrow_exception(error);
    return made;
  }

  void drop_oldest() {
    for (auto last = entries_.end(); entries_.size() > capacity_ && last != entries_.begin();) {
      --last;
      if (!last->ready()) continue;
      index_.erase(last->key);
      last = entries_.erase(last);
    }
  }

  /// What tells scenarios apart: the values on these axes.
  Key key_of(const std::vector<std::size_t>& values, bool with_load) const {
    using Kind = SweepAxis::Kind;
    Key key{with_load ? std::size_t{1} : std::size_t{0}};
    for (std::size_t a = 0; a < values.size(); ++a) {
      const Kind kind = sweep_.axes[a].kind;
      if (kind == Kind::scenario || kind == Kind::setting || (with_load && kind == Kind::load))
        key.push_back(values[a]);
    }
    return key;
  }

  double load_of(const std::vector<std::size_t>& values) const {
    for (std::size_t a = 0; a < values.size(); ++a) {
      const SweepAxis& axis = sweep_.axes[a];
      if (axis.kind == SweepAxis::Kind::load) return parse_number(axis.values[values[a]]).value_or(1.0);
    }
    return 1.0;
  }

  Scenario read(const std::vector<std::size_t>& values) {
    {
      const std::scoped_lock lock(mutex_);
      ++times_read_;
    }
    std::vector<Override> changes = sweep_.overrides;
    const std::string* path = nullptr;
    for (std::size_t a = 0; a < values.size(); ++a) {
      const SweepAxis& axis = sweep_.axes[a];
      if (axis.kind == SweepAxis::Kind::scenario) path = &sweep_.scenario_files[values[a]];
      if (axis.kind == SweepAxis::Kind::setting) changes.push_back(axis.changes[values[a]]);
    }
    try {
      LoadedScenario loaded = load_scenario(*path, changes, cost_models_);
      inputs_.require(loaded.inputs);
      return std::move(loaded.scenario);
    } catch (const InputError&) {
      inputs_.require_all(); // a file that was changed may be the reason
      throw;
    }
  }

  const Sweep& sweep_;
  SweepInputs inputs_;
  const std::size_t capacity_;
  const CostModelRegistry cost_models_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::list<Entry> entries_; ///< last used first
  std::map<Key, std::list<Entry>::iterator> index_;
  std::size_t times_read_ = 0;
};

SweepScenarios::SweepScenarios(const Sweep& sweep, std::size_t capacity, CostModelRegistry cost_models)
    : impl_(std::make_unique<Impl>(sweep, capacity, std::move(cost_models))) {}

SweepScenarios::~SweepScenarios() = default;

std::shared_ptr<const Scenario> SweepScenarios::get(const std::vector<std::size_t>& values) {
  return impl_->get(values);
}

std::shared_ptr<const Scenario> SweepScenarios::unscaled(const std::vector<std::size_t>& values) {
  return impl_->unscaled(values);
}

std::size_t SweepScenarios::times_read() const { return impl_->times_read(); }

} // namespace terastal
