#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "terastal/sweep/transport.hpp"

namespace terastal::testing {

/// What ranks that are threads of one process pass their messages through.
class RankHub {
 public:
  explicit RankHub(std::size_t size) : queues_(size) {}

  [[nodiscard]] std::unique_ptr<Transport> rank(std::size_t rank) { return std::make_unique<End>(*this, rank); }
  [[nodiscard]] std::size_t finished() const { return finished_; }

 private:
  class End final : public Transport {
   public:
    End(RankHub& hub, std::size_t rank) : hub_(hub), rank_(rank) {}

    [[nodiscard]] std::size_t rank() const override { return rank_; }
    [[nodiscard]] std::size_t size() const override { return hub_.queues_.size(); }
    void send(std::size_t to, std::string bytes) override {
      const std::scoped_lock lock(hub_.mutex_);
      hub_.queues_[to].push_back({rank_, std::move(bytes)});
    }
    [[nodiscard]] std::optional<RankMessage> receive() override {
      const std::scoped_lock lock(hub_.mutex_);
      auto& queue = hub_.queues_[rank_];
      if (queue.empty()) return std::nullopt;
      RankMessage message = std::move(queue.front());
      queue.pop_front();
      return message;
    }
    void finish() override {
      std::unique_lock lock(hub_.mutex_);
      ++hub_.finished_;
      hub_.all_finished_.notify_all();
      hub_.all_finished_.wait(lock, [&] { return hub_.finished_ == hub_.queues_.size(); });
    }

   private:
    RankHub& hub_;
    std::size_t rank_;
  };

  std::mutex mutex_;
  std::condition_variable all_finished_;
  std::vector<std::deque<RankMessage>> queues_;
  std::atomic<std::size_t> finished_ = 0;
};

} // namespace terastal::testing
