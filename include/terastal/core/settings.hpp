#pragma once

#include <algorithm> // find
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept> // logic_error
#include <string>
#include <string_view>
#include <utility> // move, pair
#include <variant>
#include <vector>

#include "terastal/core/error.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/time.hpp"
#include "terastal/core/units.hpp"

namespace terastal {

/// A setting's value. Text is used for choices.
using SettingValue = std::variant<bool, std::int64_t, double, std::string, Duration>;

/// Declaration of one setting of a policy. From it come parsing, validation, `list`, the JSON Schema and the docs.
struct Setting {
  std::string name;
  std::string help; ///< one line
  SettingValue default_value;
  std::vector<std::string> choices; ///< allowed texts; empty unless the type is text
  double min = 0.0;                 ///< numbers: smallest allowed value
  double max = 1e18;                ///< numbers: largest allowed value

  static Setting flag(std::string name, bool value, std::string help);
  static Setting choice(std::string name, std::string value, std::vector<std::string> choices, std::string help);
  static Setting number(std::string name, double value, double min, double max, std::string help);
  static Setting integer(std::string name, std::int64_t value, std::int64_t min, std::int64_t max, std::string help);
  static Setting duration(std::string name, Duration value, std::string help);

  [[nodiscard]] std::string type_name() const;    ///< `true | false`, `number in [0, 2]`, `a | b`, `time`
  [[nodiscard]] std::string default_text() const; ///< as one would write it
  /// Reads a value as a user writes it. \throws InputError saying what is allowed.
  [[nodiscard]] SettingValue parse(std::string_view text) const;
};

/// A complete set of values for declared settings: the defaults, with what the user gave on top.
class Settings {
 public:
  Settings() = default;
  explicit Settings(const std::vector<Setting>& declared);

  /// Sets one value from text. \throws InputError for an unknown name (with a suggestion) or a bad value.
  void set(std::string_view name, std::string_view text);

  [[nodiscard]] bool flag(std::string_view name) const { return get<bool>(name); }
  [[nodiscard]] std::int64_t integer(std::string_view name) const { return get<std::int64_t>(name); }
  [[nodiscard]] double number(std::string_view name) const { return get<double>(name); }
  [[nodiscard]] const std::string& choice(std::string_view name) const { return get<std::string>(name); }
  [[nodiscard]] Duration duration(std::string_view name) const { return get<Duration>(name); }

  /// All values in declaration order, as (name, text).
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> all() const;

 private:
  template <typename T>
  const T& get(std::string_view name) const {
    return std::get<T>(values_.at(index_of(name)));
  }
  [[nodiscard]] std::size_t index_of(std::string_view name) const;

  std::vector<Setting> declared_;
  std::vector<SettingValue> values_;
};

/// A setting's value as a user would write it.
[[nodiscard]] std::string to_text(const SettingValue& value);

// -- implementation

inline std::string to_text(const SettingValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* number = std::get_if<double>(&value)) return format_number(*number);
  if (const auto* duration = std::get_if<Duration>(&value)) return format_duration(*duration);
  return std::get<std::string>(value);
}

inline Setting Setting::flag(std::string name, bool value, std::string help) {
  return {std::move(name), std::move(help), value, {}};
}

inline Setting Setting::choice(std::string name, std::string value, std::vector<std::string> choices,
                               std::string help) {
  return {std::move(name), std::move(help), std::move(value), std::move(choices)};
}

inline Setting Setting::number(std::string name, double value, double min, double max, std::string help) {
  return {std::move(name), std::move(help), value, {}, min, max};
}

inline Setting Setting::integer(std::string name, std::int64_t value, std::int64_t min, std::int64_t max,
                                std::string help) {
  return {std::move(name), std::move(help), value, {}, static_cast<double>(min), static_cast<double>(max)};
}

inline Setting Setting::duration(std::string name, Duration value, std::string help) {
  return {std::move(name), std::move(help), value, {}};
}

namespace detail {

/// `0.5 or more` or `in [0, 2]`.
inline std::string range_text(double min, double max) {
  constexpr double unlimited = 1e18;
  if (max >= unlimited) return format_number(min) + " or more";
  return "in [" + format_number(min) + ", " + format_number(max) + "]";
}

} // namespace detail

inline std::string Setting::type_name() const {
  if (std::holds_alternative<bool>(default_value)) return "true | false";
  if (std::holds_alternative<std::int64_t>(default_value)) return "integer " + detail::range_text(min, max);
  if (std::holds_alternative<double>(default_value)) return "number " + detail::range_text(min, max);
  if (std::holds_alternative<Duration>(default_value)) return "time";
  return join(choices, " | ");
}

inline std::string Setting::default_text() const { return to_text(default_value); }

inline SettingValue Setting::parse(std::string_view text) const {
  text = trim(text);
  const auto in_range = [this](double value) { return value >= min && value <= max; };
  std::optional<SettingValue> value;
  if (std::holds_alternative<bool>(default_value)) {
    if (text == "true" || text == "false") value = text == "true";
  } else if (std::holds_alternative<std::int64_t>(default_value)) {
    const auto integer = parse_integer(text);
    if (integer && in_range(static_cast<double>(*integer))) value = *integer;
  } else if (std::holds_alternative<double>(default_value)) {
    const auto number = parse_number(text);
    if (number && in_range(*number)) value = *number;
  } else if (std::holds_alternative<Duration>(default_value)) {
    const auto duration = parse_duration(text);
    if (duration && *duration >= Duration::zero()) value = *duration;
  } else if (std::find(choices.begin(), choices.end(), text) != choices.end()) {
    value = std::string(text);
  }
  if (value) return *value;
  std::string allowed = type_name();
  if (std::holds_alternative<Duration>(default_value)) allowed = "a time of 0 or more with its unit, such as '1.5 ms'";
  throw InputError("setting '" + name + "': expected " + allowed + ", got '" + std::string(text) + "'" +
                   did_you_mean(text, choices));
}

inline Settings::Settings(const std::vector<Setting>& declared) : declared_(declared) {
  for (const Setting& setting : declared_) values_.push_back(setting.default_value);
}

inline void Settings::set(std::string_view name, std::string_view text) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < declared_.size(); ++i) {
    if (declared_[i].name == name) {
      values_[i] = declared_[i].parse(text);
      return;
    }
    names.push_back(declared_[i].name);
  }
  const std::string known = names.empty() ? "there are no settings here" : "allowed: " + join(names, ", ");
  throw InputError("unknown setting '" + std::string(name) + "'" + did_you_mean(name, names) + "; " + known);
}

inline std::vector<std::pair<std::string, std::string>> Settings::all() const {
  std::vector<std::pair<std::string, std::string>> result;
  for (std::size_t i = 0; i < declared_.size(); ++i) result.emplace_back(declared_[i].name, to_text(values_[i]));
  return result;
}

inline std::size_t Settings::index_of(std::string_view name) const {
  for (std::size_t i = 0; i < declared_.size(); ++i) {
    if (declared_[i].name == name) return i;
  }
  // A policy asked for a setting that it did not declare: a mistake in the policy, not in the input.
  throw std::logic_error("setting '" + std::string(name) + "' is not declared");
}

} // namespace terastal
