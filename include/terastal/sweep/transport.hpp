#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace terastal {

/// A message from another rank.
struct RankMessage {
  std::size_t from = 0;
  std::string bytes;
};

/// Messages between processes that were started together, the ranks 0 … size−1. Used by one thread, the one that made
/// it. Nothing here waits but `finish`. All calls but the plain questions throw std::runtime_error when messages cannot
/// be passed.
class Transport {
 public:
  virtual ~Transport() = default;

  [[nodiscard]] virtual std::size_t rank() const = 0;
  [[nodiscard]] virtual std::size_t size() const = 0;

  /// Sends a message; those of one rank to another arrive in order.
  virtual void send(std::size_t to, std::string bytes) = 0;
  /// The next message that has arrived; nothing when there is none.
  [[nodiscard]] virtual std::optional<RankMessage> receive() = 0;
  /// The last call, on every rank: waits until all ranks are there. Without it, e.g. when a rank is lost, the process
  /// just ends.
  virtual void finish() = 0;
};

} // namespace terastal
