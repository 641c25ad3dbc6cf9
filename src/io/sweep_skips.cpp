#include <algorithm> // find, sort
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "io/sweep_build.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"

namespace terastal::io {
namespace {

using Kind = SweepAxis::Kind;

/// Turns entries of `skip` into conditions.
class SkipReader {
 public:
  SkipReader(const SweepDraft& draft, const PolicyRegistry& policies, Diagnostics& diagnostics)
      : draft_(draft), policies_(policies), diagnostics_(diagnostics) {}

  /// Nothing after reporting what is wrong.
  std::optional<SweepSkip> read(const Value& entry) {
    const std::size_t errors = diagnostics_.count();
    bool judged = true;
    SweepSkip skip;
    for (const auto& [key, value] : entry.members()) {
      const auto axis = find_axis(key);
      if (!axis || !value.usable() || !draft_.axes[*axis].complete) {
        judged = false;
        continue;
      }
      skip.conditions.push_back(condition(*axis, value.node()));
    }
    if (!judged || !draft_.find(Kind::policy)->complete || diagnostics_.count() != errors) return std::nullopt;
    return concerning_declared(std::move(skip), entry.position());
  }

  /// Cells of policies without a setting are kept once, with the first value of its axis.
  [[nodiscard]] std::vector<SweepSkip> implied() const {
    std::vector<SweepSkip> skips;
    if (!draft_.find(Kind::policy)->complete) return skips;
    for (std::size_t a = 0; a < draft_.axes.size(); ++a) {
      const SweepAxis& axis = draft_.axes[a].axis;
      if (axis.kind != Kind::policy_setting || axis.values.size() < 2) continue;
      SweepSkip skip;
      SweepSkip::Condition others{policy_axis(), {}};
      for (std::size_t p = 0; p < draft_.sweep.policies.size(); ++p) {
        if (!draft_.sweep.policies[p].settings.declares(axis.path)) others.values.push_back(p);
      }
      if (others.values.empty()) continue;
      SweepSkip::Condition not_first{a, {}};
      for (std::size_t v = 1; v < axis.values.size(); ++v) not_first.values.push_back(v);
      skip.conditions = {std::move(others), std::move(not_first)};
      sort(skip);
      skips.push_back(std::move(skip));
    }
    return skips;
  }

 private:
  std::optional<std::size_t> find_axis(const Key& key) {
    std::vector<std::string> names;
    for (std::size_t a = 0; a < draft_.axes.size(); ++a) {
      names.push_back(draft_.axes[a].axis.name);
      if (names.back() == key.text) return a;
    }
    diagnostics_.error(key.position, fmt::format("skip: there is no axis {}{}; axes: {}", in_quotes(key.text),
                                                 did_you_mean(key.text, names), join(names, ", ")));
    return std::nullopt;
  }

  SweepSkip::Condition condition(std::size_t axis, const Node& node) {
    SweepSkip::Condition result{axis, {}};
    const bool whole = !node.is_list() || position_of(draft_.axes[axis].axis, one_line(node)).has_value();
    if (whole) {
      add(result, node);
    } else {
      for (const Node& item : node.items) add(result, item);
    }
    std::sort(result.values.begin(), result.values.end());
    result.values.erase(std::unique(result.values.begin(), result.values.end()), result.values.end());
    return result;
  }

  void add(SweepSkip::Condition& condition, const Node& node) {
    const AxisDraft& draft = draft_.axes[condition.axis];
    const std::string text = node.is_scalar() ? node.text : one_line(node);
    if (draft.axis.kind == Kind::seed && text.find("..") != std::string::npos) {
      if (add_seeds(condition, draft.axis, text)) return;
    } else if (const auto v = position_of(draft.axis, canonical(draft.axis, node))) {
      condition.values.push_back(*v);
      return;
    }
    constexpr std::size_t most_listed = 12;
    const auto& values = draft.axis.values;
    const std::string known = values.size() <= most_listed ? "; values: " + join(values, ", ") : "";
    diagnostics_.error(node.position, fmt::format("skip: {} is no value of axis '{}'{}{}", in_quotes(text),
                                                  draft.axis.name, did_you_mean(text, values), known));
  }

  /// Seeds of a range such as `1..20`. \returns whether there are any.
  static bool add_seeds(SweepSkip::Condition& condition, const SweepAxis& axis, const std::string& text) {
    const auto range = ends_of_range(text);
    if (!range) return false;
    const std::size_t before = condition.values.size();
    for (std::size_t v = 0; v < axis.values.size(); ++v) {
      const auto seed = parse_unsigned(axis.values[v]);
      if (seed && *seed >= range->first && *seed <= range->second) condition.values.push_back(v);
    }
    return condition.values.size() > before;
  }

  /// A value as the axis spells it.
  [[nodiscard]] std::string canonical(const SweepAxis& axis, const Node& node) const {
    if (axis.kind == Kind::setting) return one_line(node);
    if (axis.kind == Kind::load) {
      const auto number = parse_number(node.text);
      return number ? fmt::format("{}", *number) : node.text;
    }
    if (axis.kind != Kind::policy) return node.text;
    try {
      return policies_.parse(trim(node.text)).label;
    } catch (const InputError&) {
      return node.text;
    }
  }

  static std::optional<std::size_t> position_of(const SweepAxis& axis, const std::string& text) {
    const auto found = std::find(axis.values.begin(), axis.values.end(), text);
    if (found == axis.values.end()) return std::nullopt;
    return static_cast<std::size_t>(found - axis.values.begin());
  }

  /// An entry that names a policy's setting is about the policies that have it.
  std::optional<SweepSkip> concerning_declared(SweepSkip skip, const Position& position) {
    std::vector<std::size_t> policies;
    for (std::size_t p = 0; p < draft_.sweep.policies.size(); ++p) {
      const bool all = std::all_of(skip.conditions.begin(), skip.conditions.end(), [&](const auto& c) {
        const SweepAxis& axis = draft_.axes[c.axis].axis;
        if (axis.kind == Kind::policy) return std::find(c.values.begin(), c.values.end(), p) != c.values.end();
        return axis.kind != Kind::policy_setting || draft_.sweep.policies[p].settings.declares(axis.path);
      });
      if (all) policies.push_back(p);
    }
    if (policies.empty()) {
      diagnostics_.error(position, "skip: the entry leaves nothing out: its policies do not have the setting it names");
      return std::nullopt;
    }
    if (policies.size() < draft_.sweep.policies.size()) {
      const auto is_policy = [&](const auto& c) { return c.axis == policy_axis(); };
      skip.conditions.erase(std::remove_if(skip.conditions.begin(), skip.conditions.end(), is_policy),
                            skip.conditions.end());
      skip.conditions.push_back({policy_axis(), std::move(policies)});
    }
    sort(skip);
    return skip;
  }

  [[nodiscard]] std::size_t policy_axis() const {
    return static_cast<std::size_t>(draft_.find(Kind::policy) - draft_.axes.data());
  }

  static void sort(SweepSkip& skip) {
    std::sort(skip.conditions.begin(), skip.conditions.end(),
              [](const auto& a, const auto& b) { return a.axis < b.axis; });
  }

  const SweepDraft& draft_;
  const PolicyRegistry& policies_;
  Diagnostics& diagnostics_;
};

} // namespace

std::vector<SweepSkip> build_skips(const Value& skip, const SweepDraft& draft, const PolicyRegistry& policies,
                                   Diagnostics& diagnostics) {
  const AxisDraft* axis = draft.find(Kind::policy);
  if (axis == nullptr) return {};
  SkipReader reader(draft, policies, diagnostics);
  std::vector<SweepSkip> skips;
  for (const Value& entry : skip.entries()) {
    if (auto read = reader.read(entry)) skips.push_back(std::move(*read));
  }
  for (SweepSkip& implied : reader.implied()) skips.push_back(std::move(implied));
  return skips;
}

} // namespace terastal::io
