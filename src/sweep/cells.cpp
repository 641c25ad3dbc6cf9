#include "terastal/sweep/cells.hpp"

#include <algorithm> // all_of, binary_search, find_if
#include <map>
#include <utility>

#include "terastal/core/error.hpp"

namespace terastal {
namespace {

constexpr CellIndex kMostCells = 1'000'000'000'000'000;

/// Counts cells that are not left out, axis by axis: values that the same entries name are counted once.
class Counter {
 public:
  explicit Counter(const Sweep& sweep) : sweep_(sweep) {}

  /// Cells behind `axis`; `open`: entries whose conditions before it all hold.
  CellIndex count(std::size_t axis, const std::vector<const SweepSkip*>& open) {
    if (open.empty()) return all_behind(axis);
    const auto [known, is_new] = counted_.try_emplace({axis, open}, 0);
    if (!is_new) return known->second;
    CellIndex cells = 0;
    for (std::size_t v = 0; v < sweep_.axes[axis].values.size(); ++v) {
      if (const auto still = behind(axis, v, open)) cells += count(axis + 1, *still);
    }
    return counted_[{axis, open}] = cells;
  }

 private:
  [[nodiscard]] CellIndex all_behind(std::size_t axis) const {
    CellIndex cells = 1;
    for (; axis < sweep_.axes.size(); ++axis) cells *= sweep_.axes[axis].values.size();
    return cells;
  }

  /// Entries that are still open behind a value; nothing when one of them leaves it out.
  static std::optional<std::vector<const SweepSkip*>> behind(std::size_t axis, std::size_t value,
                                                             const std::vector<const SweepSkip*>& open) {
    std::vector<const SweepSkip*> still;
    for (const SweepSkip* skip : open) {
      const auto condition =
          std::find_if(skip->conditions.begin(), skip->conditions.end(), [&](const auto& c) { return c.axis == axis; });
      const bool named = condition != skip->conditions.end();
      if (named && !std::binary_search(condition->values.begin(), condition->values.end(), value)) continue;
      if (named && condition + 1 == skip->conditions.end()) return std::nullopt;
      still.push_back(skip);
    }
    return still;
  }

  const Sweep& sweep_;
  std::map<std::pair<std::size_t, std::vector<const SweepSkip*>>, CellIndex> counted_;
};

} // namespace

SweepCells::SweepCells(const Sweep& sweep) : sweep_(&sweep), strides_(sweep.axes.size()) {
  for (std::size_t a = sweep.axes.size(); a-- > 0;) {
    strides_[a] = total_;
    const CellIndex values = sweep.axes[a].values.size();
    if (values == 0 || total_ > kMostCells / values) {
      throw Error("sweep '" + sweep.name + "' has more than 10^15 cells, or an axis without values");
    }
    total_ *= values;
  }
  std::vector<const SweepSkip*> skips;
  for (const SweepSkip& skip : sweep.skips) skips.push_back(&skip);
  size_ = Counter(sweep).count(0, skips);
}

std::vector<std::size_t> SweepCells::values_of(CellIndex cell) const {
  std::vector<std::size_t> values(strides_.size());
  for (std::size_t a = 0; a < values.size(); ++a) values[a] = value_of(cell, a);
  return values;
}

std::vector<std::string> SweepCells::texts_of(CellIndex cell) const {
  std::vector<std::string> texts;
  for (std::size_t a = 0; a < strides_.size(); ++a) texts.push_back(sweep_->axes[a].values[value_of(cell, a)]);
  return texts;
}

CellIndex SweepCells::number_of(const std::vector<std::size_t>& values) const {
  CellIndex cell = 0;
  for (std::size_t a = 0; a < values.size(); ++a) cell += strides_[a] * values[a];
  return cell;
}

std::optional<CellIndex> SweepCells::next(CellIndex from) const {
  while (from < total_) {
    const SweepSkip* skip = skip_of(from);
    if (skip == nullptr) return from;
    // All cells with the same values up to the last axis that the entry names are left out with this one.
    const CellIndex run = strides_[skip->conditions.back().axis];
    from = (from / run + 1) * run;
  }
  return std::nullopt;
}

const SweepSkip* SweepCells::skip_of(CellIndex cell) const {
  for (const SweepSkip& skip : sweep_->skips) {
    const bool matches = std::all_of(skip.conditions.begin(), skip.conditions.end(), [&](const auto& condition) {
      return std::binary_search(condition.values.begin(), condition.values.end(), value_of(cell, condition.axis));
    });
    if (matches) return &skip;
  }
  return nullptr;
}

PendingCells::PendingCells(const SweepCells& cells, Shard shard, std::vector<CellIndex> held)
    : cells_(cells), shard_(shard), held_(std::move(held)) {}

std::optional<CellIndex> PendingCells::next() {
  while (const auto cell = cells_.next(from_)) {
    from_ = *cell + 1;
    const bool ours = rank_++ % shard_.count == shard_.index - 1;
    while (passed_ < held_.size() && held_[passed_] < *cell) ++passed_;
    const bool held = passed_ < held_.size() && held_[passed_] == *cell;
    if (ours && !held) return cell;
  }
  from_ = cells_.total();
  return std::nullopt;
}

} // namespace terastal
