#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace terastal {

/// A min-heap of keys that carry their payload in the low bits (128-bit integers in this project).
///
/// Implicit 4-ary layout and a branch-free choice among four children, after the measurement in bench/queues.cpp that
/// puts it ahead of std::priority_queue and boost::heap::d_ary_heap for such keys. `pop` leaves a hole at the root that
/// the next `push` fills, so the pop–push pair of a discrete-event loop costs one descent.
template <typename Key>
class PackedHeap {
 public:
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] std::size_t size() const { return count_ - (hole_ ? 1U : 0U); }

  /// The smallest key. Precondition: not empty. O(1).
  [[nodiscard]] const Key& top() const { return keys_[hole_ ? smallest_child(1) : 0]; }

  /// Removes the key that `top()` returns. Precondition: not empty. O(log n), deferred until the next call.
  void pop() {
    if (hole_) close_hole();
    hole_ = true;
  }

  /// O(log n).
  void push(Key key) {
    if (hole_) {
      fill_hole(key);
      return;
    }
    if (count_ == keys_.size()) grow();
    sift_up(count_++, key);
  }

  void clear() {
    count_ = 0;
    hole_ = false;
  }

 private:
  [[gnu::noinline]] void grow() { keys_.resize(2 * keys_.size() + 16); }

  void close_hole() {
    if (--count_ > 0) {
      fill_hole(keys_[count_]);
    } else {
      hole_ = false;
    }
  }

  /// Moves the hole from the root to a leaf along the smallest children, without looking at the key: it usually belongs
  /// near the leaves, and a comparison a level would be a coin toss for the branch predictor.
  void fill_hole(Key key) {
    hole_ = false;
    std::size_t at = 0;
    for (std::size_t first = 1; first < count_; first = 4 * at + 1) {
      const std::size_t child = smallest_child(first);
      keys_[at] = keys_[child];
      at = child;
    }
    sift_up(at, key);
  }

  void sift_up(std::size_t at, Key key) {
    while (at > 0) {
      const std::size_t parent = (at - 1) / 4;
      if (keys_[parent] <= key) break;
      keys_[at] = keys_[parent];
      at = parent;
    }
    keys_[at] = key;
  }

  /// Index of the smallest of the up to four children starting at `first` (at least one exists).
  [[nodiscard]] std::size_t smallest_child(std::size_t first) const {
    if (first + 4 <= count_) [[likely]] {
      const Key* c = keys_.data() + first;
      const std::size_t left = c[1] < c[0] ? 1 : 0;
      const std::size_t right = c[3] < c[2] ? 3 : 2;
      return first + (c[right] < c[left] ? right : left);
    }
    std::size_t best = first;
    for (std::size_t c = first + 1; c < count_; ++c) best = keys_[c] < keys_[best] ? c : best;
    return best;
  }

  std::vector<Key> keys_;   ///< the first count_ are the heap; the first of them is garbage while hole_ is set
  std::size_t count_ = 0;
  bool hole_ = false;
};

}  // namespace terastal
