#pragma once

#include <array>
#include <charconv> // to_chars, from_chars
#include <cmath>    // isfinite
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error> // errc

#include "terastal/core/int128.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/time.hpp"

namespace terastal {

/// Reading and writing quantities with units. Readers return nothing when the text is not such a quantity (unknown or
/// missing unit, not finite, out of range); they never guess. `2s` and `2 s` both parse. A number is `-`? digits, an
/// optional fraction and an optional exponent; neither hexadecimal nor octal, no `+`, no `inf` or `nan`.

/// `1.5 ms`, `2s`: units ps ns us ms s min h; exact, rounded to the nearest picosecond. May be negative.
std::optional<Duration> parse_duration(std::string_view text);
/// `700 MHz`: units Hz kHz MHz GHz; whole hertz.
std::optional<std::uint64_t> parse_frequency(std::string_view text);
/// `60 fps`, `29.97 Hz`, `12 /s`: the period round(10^12 / rate) in picoseconds; the rate is > 0.
std::optional<Duration> parse_rate_as_period(std::string_view text);
/// `4 KiB`: units B kB MB GB KiB MiB GiB; whole bytes.
std::optional<std::uint64_t> parse_bytes(std::string_view text);
/// `10 GB/s`: bytes per second.
std::optional<double> parse_bandwidth(std::string_view text);
/// `3 mJ`: units pJ nJ uJ mJ J; in nanojoules.
std::optional<double> parse_energy_nj(std::string_view text);
/// `0.05` or `5 %`.
std::optional<double> parse_ratio(std::string_view text);
/// A finite decimal number without unit.
std::optional<double> parse_number(std::string_view text);
/// A whole decimal number; no sign accepted other than a leading `-`.
std::optional<std::int64_t> parse_integer(std::string_view text);
/// A whole decimal number 0 … 2^64 − 1.
std::optional<std::uint64_t> parse_unsigned(std::string_view text);

/// A decimal number scaled by a power of ten, rounded to the nearest integer (halves away from zero), exactly:
/// `scaled_decimal("1.5", 9)` is 1500000000. Nothing when the text is not a decimal number or the result leaves int64.
std::optional<std::int64_t> scaled_decimal(std::string_view text, int power_of_ten);

/// The shortest text that reads back as the same number.
std::string format_number(double value);
/// Exact text with the largest unit of s, ms, us, ns in which the number is at least 1 and needs no more than three
/// decimals, e.g. `1.5 ms`; picoseconds otherwise. `0 s` for zero.
std::string format_duration(Duration d);
/// Four significant digits for people, e.g. `12.35 ms`.
std::string format_duration_short(Duration d);

// -- implementation

namespace detail {

/// A decimal number as written: ± digits · 10^exponent. `digits` has no leading and no trailing zeros; empty for zero.
struct Decimal {
  bool negative = false;
  std::string digits;
  std::int64_t exponent = 0;
};

/// A number and the unit behind it.
struct Quantity {
  std::string_view number;
  std::string_view unit;
};

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Length of the decimal number at the start of `text`; 0 when there is none.
inline std::size_t number_length(std::string_view text) {
  std::size_t at = 0;
  std::size_t digits = 0;
  const auto skip_digits = [&] {
    while (at < text.size() && is_digit(text[at])) ++at, ++digits;
  };
  if (at < text.size() && text[at] == '-') ++at;
  skip_digits();
  if (at < text.size() && text[at] == '.') {
    ++at;
    skip_digits();
  }
  if (digits == 0) return 0;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    std::size_t power = at + 1;
    if (power < text.size() && (text[power] == '+' || text[power] == '-')) ++power;
    if (power < text.size() && is_digit(text[power])) {
      at = power;
      skip_digits();
    }
  }
  return at;
}

/// Splits `1.5 ms` into `1.5` and `ms`; nothing when the text does not start with a number.
inline std::optional<Quantity> split_quantity(std::string_view text) {
  text = trim(text);
  const std::size_t length = number_length(text);
  if (length == 0) return std::nullopt;
  return Quantity{text.substr(0, length), trim(text.substr(length))};
}

/// Reads a decimal number; nothing when the whole text is not one.
inline std::optional<Decimal> parse_decimal(std::string_view text) {
  constexpr std::size_t longest_exponent = 6; // digits; more cannot matter and would overflow
  if (text.empty() || number_length(text) != text.size()) return std::nullopt;
  Decimal result;
  result.negative = text.front() == '-';
  if (result.negative) text.remove_prefix(1);
  const std::size_t power = text.find_first_of("eE");
  if (power != std::string_view::npos) {
    std::string_view digits = text.substr(power + 1);
    if (digits.front() == '+') digits.remove_prefix(1);
    if (digits.size() > longest_exponent) return std::nullopt;
    std::from_chars(digits.data(), digits.data() + digits.size(), result.exponent);
  }
  bool in_fraction = false;
  for (const char c : text.substr(0, power)) {
    if (c == '.') {
      in_fraction = true;
      continue;
    }
    if (in_fraction) --result.exponent;
    if (c != '0' || !result.digits.empty()) result.digits += c;
  }
  while (!result.digits.empty() && result.digits.back() == '0') {
    result.digits.pop_back();
    ++result.exponent;
  }
  if (result.digits.empty()) result = {};
  return result;
}

/// The number · 10^power, rounded to the nearest integer, halves away from zero; nothing when it leaves int64.
inline std::optional<std::int64_t> scaled(const Decimal& number, std::int64_t power) {
  if (number.digits.empty()) return 0;
  const std::int64_t whole_digits = static_cast<std::int64_t>(number.digits.size()) + number.exponent + power;
  constexpr std::int64_t longest = 19; // digits of 2^63
  if (whole_digits > longest) return std::nullopt;
  if (whole_digits < 0) return 0;
  uint128 value = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(whole_digits); ++i) {
    value = value * 10 + (i < number.digits.size() ? static_cast<unsigned>(number.digits[i] - '0') : 0U);
  }
  const auto next = static_cast<std::size_t>(whole_digits);
  if (next < number.digits.size() && number.digits[next] >= '5') ++value;
  constexpr auto limit = static_cast<uint128>(std::numeric_limits<std::int64_t>::max());
  if (value > limit) return std::nullopt;
  const auto magnitude = static_cast<std::int64_t>(value);
  return number.negative ? -magnitude : magnitude;
}

/// The number · multiplier when that is a whole number 0 … 2^64 − 1.
inline std::optional<std::uint64_t> whole_multiple(const Decimal& number, std::uint64_t multiplier) {
  constexpr std::size_t longest = 20; // digits; keeps the product below 2^127
  if (number.digits.empty()) return 0;
  if (number.negative || number.digits.size() > longest) return std::nullopt;
  uint128 value = 0;
  for (const char c : number.digits) value = value * 10 + static_cast<unsigned>(c - '0');
  value *= multiplier;
  std::int64_t exponent = number.exponent;
  for (; exponent < 0; ++exponent) {
    if (value % 10 != 0) return std::nullopt;
    value /= 10;
  }
  constexpr auto limit = static_cast<uint128>(std::numeric_limits<std::uint64_t>::max());
  for (; exponent > 0; --exponent) {
    value *= 10;
    if (value > limit) return std::nullopt;
  }
  if (value > limit) return std::nullopt;
  return static_cast<std::uint64_t>(value);
}

/// round(10^12 / number) for a positive number; nothing when that is not 1 … 2^63 − 1.
inline std::optional<std::int64_t> reciprocal_in_pico(const Decimal& number) {
  constexpr std::size_t longest = 25; // digits; keeps every intermediate value below 2^127
  constexpr std::int64_t range = 25;  // rates between 10^-25 and 10^25 are looked at more closely
  constexpr std::int64_t powers_of_pico = 12;
  if (number.negative || number.digits.empty() || number.digits.size() > longest) return std::nullopt;
  if (number.exponent < -range || number.exponent > range) return std::nullopt;
  uint128 divisor = 0;
  for (const char c : number.digits) divisor = divisor * 10 + static_cast<unsigned>(c - '0');
  const std::int64_t shift = powers_of_pico - number.exponent; // period = 10^shift / divisor
  if (shift < 0) return std::nullopt;                          // more than 10^12 per second
  uint128 dividend = 1;
  for (std::int64_t i = 0; i < shift; ++i) dividend *= 10;
  const uint128 period = (dividend + divisor / 2) / divisor;
  constexpr auto limit = static_cast<uint128>(std::numeric_limits<std::int64_t>::max());
  if (period == 0 || period > limit) return std::nullopt;
  return static_cast<std::int64_t>(period);
}

template <typename Scale>
struct Unit {
  std::string_view name;
  Scale scale;
};

template <typename Scale, std::size_t Count>
std::optional<Scale> find_unit(const std::array<Unit<Scale>, Count>& units, std::string_view name) {
  for (const Unit<Scale>& unit : units) {
    if (unit.name == name) return unit.scale;
  }
  return std::nullopt;
}

/// A unit of time in picoseconds: factor · 10^power.
struct TimeScale {
  int factor;
  int power;
};

inline constexpr std::array<Unit<TimeScale>, 7> kTimeUnits{{{"ps", {1, 0}},
                                                            {"ns", {1, 3}},
                                                            {"us", {1, 6}},
                                                            {"ms", {1, 9}},
                                                            {"s", {1, 12}},
                                                            {"min", {60, 12}},
                                                            {"h", {3600, 12}}}};

inline constexpr std::array<Unit<std::uint64_t>, 4> kFrequencyUnits{
    {{"Hz", 1}, {"kHz", 1'000}, {"MHz", 1'000'000}, {"GHz", 1'000'000'000}}};

inline constexpr std::array<Unit<std::uint64_t>, 7> kByteUnits{{{"B", 1},
                                                                {"kB", 1'000},
                                                                {"MB", 1'000'000},
                                                                {"GB", 1'000'000'000},
                                                                {"KiB", 1ULL << 10},
                                                                {"MiB", 1ULL << 20},
                                                                {"GiB", 1ULL << 30}}};

/// Powers of ten against one nanojoule.
inline constexpr std::array<Unit<int>, 5> kEnergyUnits{{{"pJ", -3}, {"nJ", 0}, {"uJ", 3}, {"mJ", 6}, {"J", 9}}};

/// The number · 10^power as the nearest double.
inline std::optional<double> scaled_double(std::string_view text, int power) {
  const auto number = parse_decimal(text);
  if (!number) return std::nullopt;
  if (number->digits.empty()) return 0.0;
  // Rewriting the exponent and reading once rounds once.
  const std::string rewritten =
      (number->negative ? "-" : "") + number->digits + 'e' + std::to_string(number->exponent + power);
  double value = 0.0;
  const auto [end, error] = std::from_chars(rewritten.data(), rewritten.data() + rewritten.size(), value);
  if (error != std::errc{} || end != rewritten.data() + rewritten.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

/// Decimal digits of a number times a small factor (minutes and hours), as text again.
inline std::optional<Decimal> times(Decimal number, int factor) {
  std::string product;
  int carry = 0;
  for (std::size_t i = number.digits.size(); i-- > 0;) {
    const int value = (number.digits[i] - '0') * factor + carry;
    product.insert(product.begin(), static_cast<char>('0' + value % 10));
    carry = value / 10;
  }
  for (; carry > 0; carry /= 10) product.insert(product.begin(), static_cast<char>('0' + carry % 10));
  number.digits = product;
  return number;
}

} // namespace detail

inline std::optional<Duration> parse_duration(std::string_view text) {
  const auto quantity = detail::split_quantity(text);
  if (!quantity) return std::nullopt;
  const auto unit = detail::find_unit(detail::kTimeUnits, quantity->unit);
  auto number = detail::parse_decimal(quantity->number);
  if (!unit || !number) return std::nullopt;
  if (unit->factor != 1) number = detail::times(*number, unit->factor);
  const auto picoseconds = detail::scaled(*number, unit->power);
  if (!picoseconds) return std::nullopt;
  return Duration{*picoseconds};
}

inline std::optional<std::uint64_t> parse_frequency(std::string_view text) {
  const auto quantity = detail::split_quantity(text);
  if (!quantity) return std::nullopt;
  const auto unit = detail::find_unit(detail::kFrequencyUnits, quantity->unit);
  const auto number = detail::parse_decimal(quantity->number);
  return unit && number ? detail::whole_multiple(*number, *unit) : std::nullopt;
}

inline std::optional<Duration> parse_rate_as_period(std::string_view text) {
  const auto quantity = detail::split_quantity(text);
  if (!quantity) return std::nullopt;
  if (quantity->unit != "fps" && quantity->unit != "Hz" && quantity->unit != "/s") return std::nullopt;
  const auto number = detail::parse_decimal(quantity->number);
  const auto period = number ? detail::reciprocal_in_pico(*number) : std::nullopt;
  if (!period) return std::nullopt;
  return Duration{*period};
}

inline std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  const auto quantity = detail::split_quantity(text);
  if (!quantity) return std::nullopt;
  const auto unit = detail::find_unit(detail::kByteUnits, quantity->unit);
  const auto number = detail::parse_decimal(quantity->number);
  return unit && number ? detail::whole_multiple(*number, *unit) : std::nullopt;
}

inline std::optional<double> parse_bandwidth(std::string_view text) {
  const auto quantity = detail::split_quantity(text);
  constexpr std::string_view suffix = "/s";
  if (!quantity || !quantity->unit.ends_with(suffix)) return std::nullopt;
  const auto unit =
      detail::find_unit(detail::kByteUnits, quantity->unit.substr(0, quantity->unit.size() - suffix.size()));
  const auto number = detail::scaled_double(quantity->number, 0);
  if (!unit || !number) return std::nullopt;
  const double value = *number * static_cast<double>(*unit);
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

inline std::optional<double> parse_energy_nj(std::string_view text) {
  const auto quantity = detail::split_quantity(text);
  if (!quantity) return std::nullopt;
  const auto unit = detail::find_unit(detail::kEnergyUnits, quantity->unit);
  return unit ? detail::scaled_double(quantity->number, *unit) : std::nullopt;
}

inline std::optional<double> parse_ratio(std::string_view text) {
  const auto quantity = detail::split_quantity(text);
  if (!quantity) return std::nullopt;
  if (quantity->unit == "%") return detail::scaled_double(quantity->number, -2);
  return quantity->unit.empty() ? detail::scaled_double(quantity->number, 0) : std::nullopt;
}

inline std::optional<double> parse_number(std::string_view text) { return detail::scaled_double(trim(text), 0); }

inline std::optional<std::int64_t> parse_integer(std::string_view text) {
  text = trim(text);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

inline std::optional<std::uint64_t> parse_unsigned(std::string_view text) {
  text = trim(text);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

inline std::optional<std::int64_t> scaled_decimal(std::string_view text, int power_of_ten) {
  const auto number = detail::parse_decimal(trim(text));
  return number ? detail::scaled(*number, power_of_ten) : std::nullopt;
}

inline std::string format_number(double value) {
  std::array<char, 32> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return error == std::errc{} ? std::string(buffer.data(), end) : std::string{};
}

namespace detail {

/// `whole.fraction` with `digits` decimals, trailing zeros dropped.
inline std::string fixed_text(std::uint64_t whole, std::uint64_t fraction, int digits) {
  std::string decimals = std::to_string(fraction);
  decimals.insert(0, static_cast<std::size_t>(digits) - std::min(decimals.size(), static_cast<std::size_t>(digits)),
                  '0');
  while (!decimals.empty() && decimals.back() == '0') decimals.pop_back();
  return std::to_string(whole) + (decimals.empty() ? "" : "." + decimals);
}

inline std::uint64_t magnitude(Duration d) {
  const auto count = static_cast<std::uint64_t>(d.count());
  return d.count() < 0 ? 0 - count : count;
}

inline constexpr std::array<Unit<std::uint64_t>, 5> kPrintedUnits{
    {{"s", 1'000'000'000'000}, {"ms", 1'000'000'000}, {"us", 1'000'000}, {"ns", 1'000}, {"ps", 1}}};

} // namespace detail

inline std::string format_duration(Duration d) {
  const std::uint64_t count = detail::magnitude(d);
  const std::string sign = d.count() < 0 ? "-" : "";
  if (count == 0) return "0 s";
  for (const auto& [name, scale] : detail::kPrintedUnits) {
    const bool three_decimals = scale == 1 || count % (scale / 1000) == 0;
    if (count < scale || !three_decimals) continue;
    const std::uint64_t thousandths = scale == 1 ? 0 : count % scale / (scale / 1000);
    return sign + detail::fixed_text(count / scale, thousandths, 3) + ' ' + std::string(name);
  }
  return sign + std::to_string(count) + " ps";
}

inline std::string format_duration_short(Duration d) {
  const std::uint64_t count = detail::magnitude(d);
  const std::string sign = d.count() < 0 ? "-" : "";
  if (count == 0) return "0 s";
  for (const auto& [name, scale] : detail::kPrintedUnits) {
    if (count < scale) continue;
    std::uint64_t whole = count / scale;
    int decimals = whole >= 1000 ? 0 : whole >= 100 ? 1 : whole >= 10 ? 2 : 3;
    std::uint64_t power = 1;
    for (int i = 0; i < decimals; ++i) power *= 10;
    if (power > scale) power = 1, decimals = 0;
    const std::uint64_t step = scale / power; // the smallest difference that is printed
    const std::uint64_t steps = count / step + (count % step >= step - step / 2 ? 1 : 0);
    return sign + detail::fixed_text(steps / power, steps % power, decimals) + ' ' + std::string(name);
  }
  return sign + std::to_string(count) + " ps";
}

} // namespace terastal
