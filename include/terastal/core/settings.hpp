#pragma once

#include <algorithm> // any_of, find
#include <array>
#include <cmath> // fmod
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
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

/// What a number with a unit measures. Values are held in the base unit: hertz, bytes, bytes per second, picojoules.
enum class Dimension : std::uint8_t { none, frequency, bytes, bandwidth, energy };

/// Declaration of one setting of a plug-in (a policy, a cost model). From it come parsing, validation, `list`, the JSON
/// Schema and the docs.
struct Setting {
  std::string name;
  std::string help; ///< one line
  SettingValue default_value;
  std::vector<std::string> choices;      ///< allowed texts; empty unless the type is text
  double min = 0.0;                      ///< numbers: smallest allowed value
  double max = 1e18;                     ///< numbers: largest allowed value
  Dimension dimension = Dimension::none; ///< numbers: written with the units of what is measured

  static Setting flag(std::string name, bool value, std::string help);
  static Setting choice(std::string name, std::string value, std::vector<std::string> choices, std::string help);
  static Setting number(std::string name, double value, double min, double max, std::string help);
  static Setting integer(std::string name, std::int64_t value, std::int64_t min, std::int64_t max, std::string help);
  /// A time of at least `min`.
  static Setting duration(std::string name, Duration value, std::string help, Duration min = Duration::zero());
  /// A number with a unit, in the base unit of the dimension; the smallest and largest allowed values too.
  static Setting quantity(std::string name, Dimension dimension, double value, double min, double max,
                          std::string help);

  [[nodiscard]] std::string type_name() const;    ///< `true | false`, `number in [0, 2]`, `a | b`, `time`
  [[nodiscard]] std::string default_text() const; ///< as one would write it
  /// Reads a value as a user writes it. \throws InputError saying what is allowed.
  [[nodiscard]] SettingValue parse(std::string_view text) const;
  /// A value of this setting as a user would write it, with its unit.
  [[nodiscard]] std::string text_of(const SettingValue& value) const;
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

  [[nodiscard]] bool declares(std::string_view name) const;
  [[nodiscard]] const SettingValue& value(std::string_view name) const { return values_.at(index_of(name)); }

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

// -- implementation

namespace detail {

/// Units of a dimension from the largest to the base unit. Binary byte units only where they give whole numbers.
inline std::span<const std::pair<std::string_view, double>> units_of(Dimension dimension) {
  using Named = std::pair<std::string_view, double>;
  static constexpr std::array<Named, 4> frequency{{{"GHz", 1e9}, {"MHz", 1e6}, {"kHz", 1e3}, {"Hz", 1.0}}};
  static constexpr std::array<Named, 7> bytes{
      {{"GiB", 1073741824.0}, {"MiB", 1048576.0}, {"KiB", 1024.0}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"B", 1.0}}};
  static constexpr std::array<Named, 4> bandwidth{{{"GB/s", 1e9}, {"MB/s", 1e6}, {"kB/s", 1e3}, {"B/s", 1.0}}};
  static constexpr std::array<Named, 5> energy{{{"J", 1e12}, {"mJ", 1e9}, {"uJ", 1e6}, {"nJ", 1e3}, {"pJ", 1.0}}};
  switch (dimension) {
  case Dimension::frequency:
    return frequency;
  case Dimension::bytes:
    return bytes;
  case Dimension::bandwidth:
    return bandwidth;
  case Dimension::energy:
    return energy;
  case Dimension::none:
    break;
  }
  return {};
}

inline std::string quantity_text(double value, Dimension dimension) {
  const auto units = units_of(dimension);
  for (const auto& [name, scale] : units) {
    const bool whole = dimension != Dimension::bytes || std::fmod(value, scale) == 0.0;
    if (value >= scale && whole) return format_number(value / scale) + ' ' + std::string(name);
  }
  return format_number(value) + ' ' + std::string(units.back().first);
}

inline std::optional<double> parse_quantity(std::string_view text, Dimension dimension) {
  switch (dimension) {
  case Dimension::frequency:
    if (const auto hertz = parse_frequency(text)) return static_cast<double>(*hertz);
    return std::nullopt;
  case Dimension::bytes:
    if (const auto bytes = parse_bytes(text)) return static_cast<double>(*bytes);
    return std::nullopt;
  case Dimension::bandwidth:
    return parse_bandwidth(text);
  case Dimension::energy:
    if (const auto quantity = split_quantity(text)) {
      const auto unit = find_unit(kEnergyUnits, quantity->unit); // against one nanojoule; rounds once
      return unit ? scaled_double(quantity->number, *unit + 3) : std::nullopt;
    }
    return std::nullopt;
  case Dimension::none:
    break;
  }
  return parse_number(text);
}

inline std::string dimension_name(Dimension dimension) {
  switch (dimension) {
  case Dimension::frequency:
    return "frequency";
  case Dimension::bytes:
    return "size in bytes";
  case Dimension::bandwidth:
    return "bandwidth";
  case Dimension::energy:
    return "energy";
  case Dimension::none:
    break;
  }
  return "number";
}

} // namespace detail

inline std::string Setting::text_of(const SettingValue& value) const {
  if (dimension != Dimension::none) return detail::quantity_text(std::get<double>(value), dimension);
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

inline Setting Setting::quantity(std::string name, Dimension dimension, double value, double min, double max,
                                 std::string help) {
  return {std::move(name), std::move(help), value, {}, min, max, dimension};
}

inline Setting Setting::duration(std::string name, Duration value, std::string help, Duration min) {
  return {std::move(name), std::move(help), value, {}, static_cast<double>(min.count())};
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
  if (dimension != Dimension::none) {
    constexpr double unlimited = 1e18;
    const std::string low = detail::quantity_text(min, dimension);
    const std::string range =
        max >= unlimited ? low + " or more" : "in [" + low + ", " + detail::quantity_text(max, dimension) + "]";
    return detail::dimension_name(dimension) + " " + range;
  }
  if (std::holds_alternative<bool>(default_value)) return "true | false";
  if (std::holds_alternative<std::int64_t>(default_value)) return "integer " + detail::range_text(min, max);
  if (std::holds_alternative<double>(default_value)) return "number " + detail::range_text(min, max);
  if (std::holds_alternative<Duration>(default_value)) return "time";
  return join(choices, " | ");
}

inline std::string Setting::default_text() const { return text_of(default_value); }

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
    const auto number = detail::parse_quantity(text, dimension);
    if (number && in_range(*number)) value = *number;
  } else if (std::holds_alternative<Duration>(default_value)) {
    const auto duration = parse_duration(text);
    if (duration && static_cast<double>(duration->count()) >= min) value = *duration;
  } else if (std::find(choices.begin(), choices.end(), text) != choices.end()) {
    value = std::string(text);
  }
  if (value) return *value;
  std::string allowed = type_name();
  if (std::holds_alternative<Duration>(default_value)) {
    const Duration least{static_cast<Duration::rep>(min)};
    allowed = "a time of " + (min > 0.0 ? format_duration(least) : "0") + " or more with its unit, such as '1.5 ms'";
  }
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
  for (std::size_t i = 0; i < declared_.size(); ++i)
    result.emplace_back(declared_[i].name, declared_[i].text_of(values_[i]));
  return result;
}

inline bool Settings::declares(std::string_view name) const {
  return std::any_of(declared_.begin(), declared_.end(), [&](const Setting& s) { return s.name == name; });
}

inline std::size_t Settings::index_of(std::string_view name) const {
  for (std::size_t i = 0; i < declared_.size(); ++i) {
    if (declared_[i].name == name) return i;
  }
  // A policy asked for a setting that it did not declare: a mistake in the policy, not in the input.
  throw std::logic_error("setting '" + std::string(name) + "' is not declared");
}

} // namespace terastal
