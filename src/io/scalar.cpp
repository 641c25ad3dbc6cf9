#include "io/scalar.hpp"

#include <algorithm>
#include <limits>

#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"

namespace terastal::io {
namespace {

using Kind = ValueSpec::Kind;

bool in_range(const ValueSpec& spec, double value) {
  return (spec.above_min ? value > spec.min : value >= spec.min) && value <= spec.max;
}

/// Adds the range of the declaration to a reader of numbers and quantities.
template <typename T>
std::optional<Scalar> ranged(const ValueSpec& spec, const std::optional<T>& value) {
  if (!value || !in_range(spec, static_cast<double>(*value))) return std::nullopt;
  return Scalar(*value);
}

std::optional<Scalar> ranged(const ValueSpec& spec, const std::optional<Duration>& value) {
  if (!value || !in_range(spec, static_cast<double>(value->count()))) return std::nullopt;
  return Scalar(*value);
}

/// Whole numbers may be written as JSON allows: `1e6` and `5.0` are whole.
std::optional<std::uint64_t> whole(std::string_view text) {
  const auto number = detail::parse_decimal(text);
  return number ? detail::whole_multiple(*number, 1) : std::nullopt;
}

std::optional<std::int64_t> signed_whole(std::string_view text) {
  const bool negative = text.starts_with('-');
  const auto magnitude = whole(negative ? text.substr(1) : text);
  constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!magnitude || *magnitude > largest) return std::nullopt;
  return negative ? -static_cast<std::int64_t>(*magnitude) : static_cast<std::int64_t>(*magnitude);
}

bool is_name(const std::string& text) {
  const auto refused = [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7F || c == '|'; };
  return !text.empty() && std::none_of(text.begin(), text.end(), refused);
}

bool is_range(const std::string& text) {
  const auto dots = text.find("..");
  if (dots == std::string::npos) return false;
  const auto first = parse_unsigned(text.substr(0, dots));
  const auto last = parse_unsigned(text.substr(dots + 2));
  return first && last && *first <= *last;
}

std::optional<Scalar> text_if(bool holds, const std::string& text) {
  return holds ? std::optional<Scalar>(text) : std::nullopt;
}

std::optional<Scalar> parse_unquoted(const ValueSpec& spec, const std::string& text) {
  switch (spec.kind) {
  case Kind::boolean:
    if (text != "true" && text != "false") return std::nullopt;
    return Scalar(text == "true");
  case Kind::integer:
    return ranged(spec, signed_whole(text));
  case Kind::natural:
    return ranged(spec, whole(text));
  case Kind::number:
    return ranged(spec, parse_number(text));
  default:
    return std::nullopt;
  }
}

bool accepts(const Setting& setting, const std::string& text) {
  try {
    (void)setting.parse(text);
  } catch (const InputError&) {
    return false;
  }
  return true;
}

/// The unit of a quantity that was refused because of it.
std::string unit_hint(const ValueSpec& spec, const std::string& text) {
  const auto parts = detail::split_quantity(text);
  if (!parts) return {};
  if (parts->unit.empty()) return "; the unit is missing";
  const auto units = units_of(spec.kind);
  if (std::find(units.begin(), units.end(), parts->unit) != units.end()) {
    return spec.kind == Kind::duration && !parse_duration(text) ? "; times end at 106 days (2^63 ps)" : "";
  }
  return "; unknown unit " + in_quotes(parts->unit) + did_you_mean(parts->unit, units);
}

} // namespace

std::optional<Scalar> parse_scalar(const ValueSpec& spec, const std::string& text, bool quoted) {
  if (spec.setting != nullptr && !accepts(*spec.setting, text)) return std::nullopt;
  switch (spec.kind) {
  case Kind::text:
    return Scalar(text);
  case Kind::name:
    return text_if(is_name(text), text);
  case Kind::path:
    return text_if(!text.empty(), text);
  case Kind::choice:
    return text_if(std::find(spec.choices.begin(), spec.choices.end(), text) != spec.choices.end(), text);
  case Kind::duration:
    return ranged(spec, parse_duration(text));
  case Kind::frequency:
    return ranged(spec, parse_frequency(text));
  case Kind::rate:
    return ranged(spec, parse_rate_as_period(text));
  case Kind::bytes:
    return ranged(spec, parse_bytes(text));
  case Kind::bandwidth:
    return ranged(spec, parse_bandwidth(text));
  case Kind::energy:
    return ranged(spec, parse_energy_nj(text));
  case Kind::range:
    return text_if(is_range(text), text);
  case Kind::ratio:
    if (quoted && trim(text).find('%') == std::string_view::npos) return std::nullopt;
    return ranged(spec, parse_ratio(text));
  default:
    return quoted ? std::nullopt : parse_unquoted(spec, text);
  }
}

std::string scalar_hint(const ValueSpec& spec, const Node& node) {
  constexpr double largest_shown = 9e15; // larger limits are not part of what `expected` says
  if (!node.is_scalar()) return {};
  if (node.quoted && parse_scalar(spec, node.text, false)) return "; remove the quotes";
  if (spec.has_unit()) return unit_hint(spec, node.text);
  if (spec.kind == Kind::natural && parse_number(node.text).value_or(0.0) > largest_shown) {
    return "; the largest is " + std::to_string(std::numeric_limits<std::uint64_t>::max());
  }
  return did_you_mean(node.text, spec.choices);
}

} // namespace terastal::io
