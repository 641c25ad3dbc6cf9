#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "terastal/core/settings.hpp"
#include "terastal/core/text.hpp"
#include "terastal/sim/scheduler.hpp"

namespace terastal {

/// Everything a user meets of a policy: name, origin, settings, and how to make one.
struct PolicyInfo {
  std::string id;
  std::string summary;      ///< one line
  std::string source;       ///< paper and section, or textbook
  bool our_reading = false; ///< the source leaves parts open or was not read whole; the docs say which
  std::vector<Setting> settings;
  std::function<std::unique_ptr<Scheduler>(const Settings&)> make;
};

/// A policy with its settings, ready to make schedulers: what `--policy terastal:variants=false` names.
struct Policy {
  std::string label; ///< id with the settings that differ from the defaults
  PolicyInfo info;
  Settings settings;

  [[nodiscard]] std::unique_ptr<Scheduler> make() const { return info.make(settings); }
  /// Sets one setting and the label that follows. \throws InputError as Settings::set.
  void set(std::string_view name, std::string_view value) {
    settings.set(name, value);
    relabel();
  }
  /// Makes the label from the id and the settings that differ from their defaults.
  void relabel();
};

/// The policies a program knows. Start from `builtin_policies()` and `add` your own.
class PolicyRegistry {
 public:
  /// \throws Error if the id is taken or empty.
  void add(PolicyInfo info);

  [[nodiscard]] const std::vector<PolicyInfo>& all() const& { return policies_; }
  /// Of a temporary: `for (const auto& info : builtin_policies().all())` is safe.
  [[nodiscard]] std::vector<PolicyInfo> all() && { return std::move(policies_); }

  /// \throws InputError for an unknown id, with a suggestion and the known ones.
  [[nodiscard]] const PolicyInfo& find(std::string_view id) const;

  /// `ID[:setting=value]…`. \throws InputError for an unknown id or setting, or a bad value, with what is allowed.
  [[nodiscard]] Policy parse(std::string_view text) const;

 private:
  std::vector<PolicyInfo> policies_;
};

inline void PolicyRegistry::add(PolicyInfo info) {
  if (info.id.empty()) throw Error("a policy needs an id");
  for (const auto& known : policies_) {
    if (known.id == info.id) throw Error("policy '" + info.id + "' is registered already");
  }
  policies_.push_back(std::move(info));
}

inline const PolicyInfo& PolicyRegistry::find(std::string_view id) const {
  std::vector<std::string> ids;
  for (const auto& policy : policies_) {
    if (policy.id == id) return policy;
    ids.push_back(policy.id);
  }
  throw InputError("unknown policy '" + std::string(id) + "'" + did_you_mean(id, ids) + "; known: " + join(ids, ", "));
}

inline Policy PolicyRegistry::parse(std::string_view text) const {
  const auto parts = split(text, ':');
  const PolicyInfo& info = find(parts.front());
  Policy policy{std::string(text), info, Settings(info.settings)};
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto equals = parts[i].find('=');
    if (equals == std::string::npos) {
      throw InputError("policy '" + std::string(text) + "': expected setting=value, got '" + parts[i] + "'");
    }
    policy.settings.set(parts[i].substr(0, equals), parts[i].substr(equals + 1));
  }
  policy.relabel();
  return policy;
}

inline void Policy::relabel() {
  label = info.id;
  const auto values = settings.all();
  const auto defaults = Settings(info.settings).all();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].second != defaults[i].second) label += ":" + values[i].first + "=" + values[i].second;
  }
}

} // namespace terastal
