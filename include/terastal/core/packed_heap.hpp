#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace terastal {

/// A min-heap of keys that carry their payload in the low bits (128-bit integers in this project).
///
/// `Key` is ordered by `<` and `<=` and has a static `largest()` that no stored key exceeds. Implicit 4-ary layout, a
/// branch-free choice among four children (places beyond the end hold `largest()`) and bottom-up insertion, after the
/// measurement in bench/queues.cpp that puts it ahead of std::priority_queue and boost::heap::d_ary_heap for such keys.
/// `pop` leaves a hole at the root that the next `push` fills, so the pop–push pair of a discrete-event loop costs one
/// descent.
template <typename Key>
class PackedHeap {
 public:
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] std::size_t size() const { return count_ - (hole_ ? 1U : 0U); }

  /// The smallest key; `Key::largest()` when empty. O(1).
  [[nodiscard]] const Key& top() const { return keys_[hole_ ? smallest_child(1) : 0]; }

  /// Removes the key that `top()` returns. Precondition: not empty. O(log n), deferred until the next call.
  void pop() {
    if (hole_) close_hole();
    hole_ = true;
  }

  /// O(log n).
  void push(Key key) {
    if (hole_) {
      hole_ = false;
      return fill_root(key);
    }
    if (count_ + kSpare == keys_.size()) grow();
    sift_up(count_++, key);
  }

  void clear() {
    keys_.assign(kSpare + 1, Key::largest());
    count_ = 0;
    hole_ = false;
  }

 private:
  /// Places beyond the end that a family of four children may reach, with the root of an empty heap among them.
  static constexpr std::size_t kSpare = 5;

  [[gnu::noinline]] void grow() { keys_.resize(2 * keys_.size() + 16, Key::largest()); }

  void close_hole() {
    hole_ = false;
    const Key last = keys_[--count_];
    keys_[count_] = Key::largest();
    if (count_ > 0) fill_root(last);
  }

  [[nodiscard]] std::size_t smallest_child(std::size_t first) const {
    const Key* c = keys_.data() + first;
    const std::size_t left = c[1] < c[0] ? 1 : 0;
    const std::size_t right = c[3] < c[2] ? 3 : 2;
    return first + (c[right] < c[left] ? right : left);
  }

  /// Puts a key in place of the root: moves the smallest children up to a leaf without looking at the key, which
  /// usually belongs near the leaves and would cost a coin toss for the branch predictor on each level, then sifts up.
  void fill_root(Key key) {
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

  std::vector<Key> keys_ = std::vector<Key>(kSpare + 1, Key::largest());
  std::size_t count_ = 0; ///< places in use, a hole included
  bool hole_ = false;     ///< the root's place is vacant
};

} // namespace terastal
