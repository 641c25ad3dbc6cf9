#include "sweep/query_dimensions.hpp"

#include <algorithm> // find
#include <utility>   // move

#include "terastal/core/error.hpp"

namespace terastal {
namespace {

bool contains(const std::vector<std::size_t>& dimensions, std::size_t dimension) {
  return std::find(dimensions.begin(), dimensions.end(), dimension) != dimensions.end();
}

} // namespace

Dimensions::Dimensions(const SweepIdentity& identity, std::vector<std::string> tasks)
    : identity_(&identity), values_(identity.axis_values) {
  tasks.insert(tasks.begin(), ""); // all tasks together
  values_.push_back(std::move(tasks));
  for (const auto& values : values_) {
    auto& places = places_.emplace_back();
    for (std::size_t v = 0; v < values.size(); ++v) places.emplace(values[v], v);
  }
  const auto seed = std::find(identity.axes.begin(), identity.axes.end(), "seed");
  if (seed != identity.axes.end()) seed_ = static_cast<std::size_t>(seed - identity.axes.begin());
}

std::size_t Dimensions::place(const StoreRow& row, std::size_t dimension) const {
  const std::string& value = dimension < row.values.size() ? row.values[dimension] : row.row.task;
  const auto found = places_[dimension].find(value);
  if (found == places_[dimension].end()) {
    throw InputError("cell " + std::to_string(row.cell.cell) + ": '" + value + "' is no value of '" +
                     dimension_name(*identity_, dimension) + "'");
  }
  return found->second;
}

Dimensions::Key Dimensions::key_of(const StoreRow& row, const std::vector<std::size_t>& dimensions) const {
  Key key;
  for (const std::size_t d : dimensions) key.push_back(place(row, d));
  return key;
}

std::uint64_t Dimensions::number_of(const StoreRow& row, const std::vector<std::size_t>& axes) const {
  std::uint64_t number = 0; // mixed radix; a sweep's product fits
  for (const std::size_t a : axes) number = number * values_[a].size() + place(row, a);
  return number;
}

std::string Dimensions::text(std::size_t dimension, std::size_t place) const {
  const std::string& text = values_[dimension][place];
  return text.empty() && dimension + 1 == values_.size() ? "all tasks" : text;
}

std::vector<std::string> Dimensions::texts(const Key& key, const std::vector<std::size_t>& dimensions) const {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < key.size(); ++i) texts.push_back(text(dimensions[i], key[i]));
  return texts;
}

std::vector<std::size_t> other_axes(const SweepIdentity& identity, const std::vector<std::size_t>& named) {
  std::vector<std::size_t> axes;
  for (std::size_t a = 0; a < identity.axes.size(); ++a) {
    if (!contains(named, a)) axes.push_back(a);
  }
  return axes;
}

void select_tasks(StoreSelection& selection, const std::vector<std::size_t>& named, const SweepIdentity& identity) {
  const bool by_task = contains(named, identity.axes.size());
  if (!by_task && (selection.each_task || selection.tasks.size() > 1)) {
    throw InputError("several tasks: name 'task' in the pivot's rows or columns");
  }
  if (by_task && selection.tasks == std::vector<std::string>{""}) selection.each_task = true;
}

} // namespace terastal
