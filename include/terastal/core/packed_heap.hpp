#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace terastal {

/// A min-heap of keys that carry their payload in the low bits (128-bit integers in this project).
///
/// Implicit 4-ary layout, bottom-up deletion and a branch-free choice among four children, after the measurement in
/// bench/queues.cpp that puts it ahead of std::priority_queue and boost::heap::d_ary_heap for such keys. `pop` leaves
/// a hole at the root that the next `push` fills, so the pop–push pair of a discrete-event loop costs one descent.
template <typename Key>
class PackedHeap {
 public:
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] std::size_t size() const { return keys_.size() - (hole_ ? 1U : 0U); }

  /// The smallest key. Not const: a pending hole is closed first. Precondition: not empty.
  const Key& top() {
    if (hole_) close_hole();
    return keys_.front();
  }

  /// Removes the key that `top()` returns. O(log n), deferred until the next call.
  void pop() {
    if (hole_) close_hole();
    hole_ = true;
  }

  void push(Key key) {
    if (hole_) {
      hole_ = false;
      sift_down_from_root(key);
      return;
    }
    std::size_t at = keys_.size();
    keys_.push_back(key);
    while (at > 0) {
      const std::size_t parent = (at - 1) / 4;
      if (keys_[parent] <= key) break;
      keys_[at] = keys_[parent];
      at = parent;
    }
    keys_[at] = key;
  }

  void clear() {
    keys_.clear();
    hole_ = false;
  }

  void reserve(std::size_t n) { keys_.reserve(n); }

 private:
  void close_hole() {
    hole_ = false;
    const Key last = keys_.back();
    keys_.pop_back();
    if (!keys_.empty()) sift_down_from_root(last);
  }

  /// Index of the smallest of the four children starting at `first`.
  [[nodiscard]] std::size_t smallest_of_four(std::size_t first) const {
    const Key* c = keys_.data() + first;
    const std::size_t left = c[1] < c[0] ? 1 : 0;
    const std::size_t right = c[3] < c[2] ? 3 : 2;
    return first + (c[right] < c[left] ? right : left);
  }

  void sift_down_from_root(Key key) {
    const std::size_t n = keys_.size();
    std::size_t at = 0;
    for (std::size_t first = 1; first < n; first = 4 * at + 1) {
      std::size_t child = first;
      if (first + 4 <= n) {
        child = smallest_of_four(first);
      } else {
        for (std::size_t c = first + 1; c < n; ++c) child = keys_[c] < keys_[child] ? c : child;
      }
      if (key <= keys_[child]) break;
      keys_[at] = keys_[child];
      at = child;
    }
    keys_[at] = key;
  }

  std::vector<Key> keys_;
  bool hole_ = false;
};

}  // namespace terastal
