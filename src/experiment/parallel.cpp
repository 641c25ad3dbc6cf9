#include "experiment/parallel.hpp"

#include <algorithm> // clamp, max
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace terastal {
namespace {

/// Every thread works through `run`.
class Pool {
 public:
  Pool(std::size_t count, const std::function<bool()>& going, const std::function<bool(std::size_t)>& work)
      : count_(count), going_(going), work_(work) {}

  void run() {
    for (std::size_t i = next_++; i < count_ && !failed_ && (!going_ || going_()); i = next_++) {
      try {
        if (!work_(i)) return;
      } catch (...) {
        fail(i, std::current_exception());
        return;
      }
    }
  }

  /// Call when all threads are done.
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  void fail(std::size_t i, std::exception_ptr error) {
    const std::scoped_lock lock(mutex_);
    failed_ = true;
    if (error_ && error_at_ < i) return;
    error_ = std::move(error);
    error_at_ = i;
  }

  std::size_t count_;
  const std::function<bool()>& going_;
  const std::function<bool(std::size_t)>& work_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;
  std::exception_ptr error_;
  std::size_t error_at_ = 0;
};

} // namespace

void for_each_index(std::size_t count, std::size_t threads, const std::function<bool()>& going,
                    const std::function<bool(std::size_t)>& work) {
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t wanted =
      std::clamp<std::size_t>(threads == 0 ? cores : threads, 1, std::max<std::size_t>(1, count));
  Pool pool(count, going, work);
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < wanted; ++i) others.emplace_back([&pool] { pool.run(); });
    pool.run();
  }
  pool.rethrow();
}

} // namespace terastal
