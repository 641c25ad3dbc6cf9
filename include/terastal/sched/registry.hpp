#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "terastal/core/settings.hpp"
#include "terastal/sim/scheduler.hpp"

namespace terastal {

/// Everything a user meets of a policy: name, origin, settings, and how to make one.
struct PolicyInfo {
  std::string id;
  std::string summary;  ///< one line
  std::string source;   ///< paper and section, or textbook
  bool our_reading = false;  ///< the source leaves parts open or was not read whole; the docs say which
  std::vector<Setting> settings;
  std::function<std::unique_ptr<Scheduler>(const Settings&)> make;
};

/// A policy with its settings, ready to make schedulers: what `--policy terastal:variants=false` names.
struct Policy {
  std::string label;  ///< id with the settings that differ from the defaults
  PolicyInfo info;
  Settings settings;

  [[nodiscard]] std::unique_ptr<Scheduler> make() const { return info.make(settings); }
};

/// The policies a program knows. Start from `builtin_policies()` and `add` your own.
class PolicyRegistry {
 public:
  /// \throws Error if the id is taken or empty.
  void add(PolicyInfo info);

  [[nodiscard]] const std::vector<PolicyInfo>& all() const { return policies_; }

  /// `ID[:setting=value]…`. \throws InputError for an unknown id or setting, or a bad value, with what is allowed.
  [[nodiscard]] Policy parse(std::string_view text) const;

 private:
  std::vector<PolicyInfo> policies_;
};

/// The policies of this library, in the order they are listed.
[[nodiscard]] PolicyRegistry builtin_policies();

}  // namespace terastal
