#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "terastal/sweep/query.hpp"

namespace terastal {

/// Where the values of a store's results stand on its dimensions: the axes, then the task. Values of an axis are in its
/// order, tasks by name.
class Dimensions {
 public:
  /// Places on some dimensions.
  using Key = std::vector<std::size_t>;

  /// `tasks`: names of all tasks, sorted. `identity` must outlive this.
  Dimensions(const SweepIdentity& identity, std::vector<std::string> tasks);

  /// How many: the axes and the task.
  [[nodiscard]] std::size_t size() const { return values_.size(); }
  [[nodiscard]] const SweepIdentity& identity() const { return *identity_; }
  /// The axis of replications; nothing for a sweep without one.
  [[nodiscard]] std::optional<std::size_t> seed() const { return seed_; }

  /// The place of the row's value. \throws InputError when the axis does not have it.
  [[nodiscard]] std::size_t place(const StoreRow& row, std::size_t dimension) const;
  [[nodiscard]] Key key_of(const StoreRow& row, const std::vector<std::size_t>& dimensions) const;
  /// Distinct for distinct values on these axes.
  [[nodiscard]] std::uint64_t number_of(const StoreRow& row, const std::vector<std::size_t>& axes) const;

  /// The value at a place, for people.
  [[nodiscard]] std::string text(std::size_t dimension, std::size_t place) const;
  [[nodiscard]] std::vector<std::string> texts(const Key& key, const std::vector<std::size_t>& dimensions) const;

 private:
  const SweepIdentity* identity_;
  std::vector<std::vector<std::string>> values_;           ///< by dimension
  std::vector<std::map<std::string, std::size_t>> places_; ///< by dimension: where each value stands
  std::optional<std::size_t> seed_;
};

/// The axes that are not among `named`.
[[nodiscard]] std::vector<std::size_t> other_axes(const SweepIdentity& identity, const std::vector<std::size_t>& named);

/// Lets a selection hold one row for each place on the dimensions that are named. \throws InputError when it holds
/// several tasks, and the task is not named.
void select_tasks(StoreSelection& selection, const std::vector<std::size_t>& named, const SweepIdentity& identity);

} // namespace terastal
