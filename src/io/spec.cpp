#include "io/spec.hpp"

#include <fmt/format.h>

#include "terastal/core/text.hpp"

namespace terastal::io {
namespace {

using Kind = ValueSpec::Kind;

ValueSpec of(Kind kind) {
  ValueSpec spec;
  spec.kind = kind;
  return spec;
}

Spec shared(ValueSpec spec) { return std::make_shared<const ValueSpec>(std::move(spec)); }

Spec with_min(Kind kind, double min, bool above) {
  ValueSpec spec = of(kind);
  spec.min = min;
  spec.above_min = above;
  return shared(std::move(spec));
}

Spec ratio_from_zero(bool above) {
  ValueSpec spec = of(Kind::ratio);
  spec.min = 0.0;
  spec.max = 1.0;
  spec.above_min = above;
  return shared(std::move(spec));
}

std::string range_text(const ValueSpec& spec) {
  constexpr double largest_shown = 9e15; // beyond, the limit is that of the number's type
  const bool has_min = spec.min > -largest_shown;
  const bool has_max = spec.max < largest_shown;
  if (has_min && has_max) {
    return fmt::format("{} {}{} {}", spec.above_min ? " above" : " from", spec.min, spec.above_min ? " up to" : " to",
                       spec.max);
  }
  if (has_min) return fmt::format(" {} {}", spec.above_min ? ">" : ">=", spec.min);
  return {};
}

std::string quantity(const ValueSpec& spec, std::string_view what, std::string_view example) {
  return fmt::format("{}{} such as '{}' (units {})", what, spec.above_min ? " > 0" : " >= 0", example,
                     join(units_of(spec.kind), ", "));
}

std::string quoted_words(const std::vector<std::string>& words) { return "'" + join(words, "', '") + "'"; }

std::string several(std::string_view shape, const ValueSpec& spec) {
  std::string result = fmt::format("a {} of {}", shape, spec.name);
  if (spec.min_entries > 0) result += fmt::format(" (at least {})", spec.min_entries);
  return result;
}

/// The declaration that a setting's values come nearest to.
Kind kind_of(const Setting& setting) {
  switch (setting.dimension) {
  case Dimension::frequency:
    return Kind::frequency;
  case Dimension::bytes:
    return Kind::bytes;
  case Dimension::bandwidth:
    return Kind::bandwidth;
  case Dimension::energy:
    return Kind::energy;
  case Dimension::none:
    break;
  }
  if (std::holds_alternative<bool>(setting.default_value)) return Kind::boolean;
  if (std::holds_alternative<std::int64_t>(setting.default_value)) return Kind::integer;
  if (std::holds_alternative<double>(setting.default_value)) return Kind::number;
  return std::holds_alternative<Duration>(setting.default_value) ? Kind::duration : Kind::choice;
}

std::string any_of(const std::vector<Spec>& alternatives) {
  std::vector<std::string> texts;
  for (const Spec& alternative : alternatives) texts.push_back(expected(*alternative));
  return join(texts, ", or ");
}

} // namespace

const Field* ValueSpec::find(std::string_view key) const {
  for (const Field& field : fields) {
    if (field.key == key) return &field;
  }
  return nullptr;
}

std::vector<std::string> ValueSpec::keys() const {
  std::vector<std::string> result;
  for (const Field& field : fields) result.push_back(field.key);
  return result;
}

Spec text() { return shared(of(Kind::text)); }
Spec name() { return shared(of(Kind::name)); }
Spec path() { return shared(of(Kind::path)); }
Spec boolean() { return shared(of(Kind::boolean)); }

Spec integer(std::int64_t min, std::int64_t max) {
  ValueSpec spec = of(Kind::integer);
  spec.min = static_cast<double>(min);
  spec.max = static_cast<double>(max);
  return shared(std::move(spec));
}

Spec natural(std::uint64_t min, std::uint64_t max) {
  ValueSpec spec = of(Kind::natural);
  spec.min = static_cast<double>(min);
  spec.max = static_cast<double>(max);
  return shared(std::move(spec));
}

Spec number_at_least(double min) { return with_min(Kind::number, min, false); }
Spec number_above(double min) { return with_min(Kind::number, min, true); }

Spec choice(std::vector<std::string> words) {
  ValueSpec spec = of(Kind::choice);
  spec.choices = std::move(words);
  return shared(std::move(spec));
}

Spec time_at_least_zero() { return with_min(Kind::duration, 0.0, false); }
Spec time_above_zero() { return with_min(Kind::duration, 0.0, true); }
Spec frequency() { return with_min(Kind::frequency, 0.0, true); }
Spec rate() { return with_min(Kind::rate, 0.0, true); }
Spec bytes() { return with_min(Kind::bytes, 0.0, false); }
Spec bandwidth() { return with_min(Kind::bandwidth, 0.0, true); }
Spec energy() { return with_min(Kind::energy, 0.0, false); }
Spec ratio() { return ratio_from_zero(false); }
Spec ratio_above_zero() { return ratio_from_zero(true); }

Spec range() { return shared(of(Kind::range)); }
Spec any() { return shared(of(Kind::any)); }

Spec list_of(std::string what, Spec entry, std::size_t min, std::size_t max) {
  ValueSpec spec = of(Kind::list);
  spec.name = std::move(what);
  spec.entry = std::move(entry);
  spec.min_entries = min;
  spec.max_entries = max;
  return shared(std::move(spec));
}

Spec map_of(std::string what, Spec entry, std::size_t min) {
  ValueSpec spec = of(Kind::map);
  spec.name = std::move(what);
  spec.entry = std::move(entry);
  spec.min_entries = min;
  return shared(std::move(spec));
}

Spec object(std::string name, std::vector<Field> fields, std::vector<OneOf> one_of) {
  ValueSpec spec = of(Kind::object);
  spec.name = std::move(name);
  spec.fields = std::move(fields);
  spec.one_of = std::move(one_of);
  return shared(std::move(spec));
}

Spec open_object(std::string name, std::vector<Field> fields, Spec entry) {
  ValueSpec spec = of(Kind::object);
  spec.name = std::move(name);
  spec.fields = std::move(fields);
  spec.entry = std::move(entry);
  return shared(std::move(spec));
}

Spec by_kind(std::string name, std::vector<Spec> kinds, std::string selector) {
  ValueSpec spec = of(Kind::by_kind);
  spec.name = std::move(name);
  spec.selector = std::move(selector);
  for (const Spec& kind : kinds) spec.choices.push_back(kind->name);
  spec.alternatives = std::move(kinds);
  return shared(std::move(spec));
}

Spec either(std::vector<Spec> alternatives) {
  ValueSpec spec = of(Kind::either);
  spec.alternatives = std::move(alternatives);
  return shared(std::move(spec));
}

Spec value_of(const Setting& setting) {
  ValueSpec spec = of(kind_of(setting));
  constexpr double unlimited = 1e18;
  if (spec.kind == Kind::integer || spec.kind == Kind::number) spec.min = setting.min;
  if ((spec.kind == Kind::integer || spec.kind == Kind::number) && setting.max < unlimited) spec.max = setting.max;
  spec.choices = setting.choices;
  spec.setting = std::make_shared<const Setting>(setting);
  return shared(std::move(spec));
}

Field needed(std::string key, Spec value, std::string help) {
  return {std::move(key), std::move(value), true, {}, std::move(help)};
}

Field optional(std::string key, Spec value, std::string help, std::string default_text) {
  return {std::move(key), std::move(value), false, std::move(default_text), std::move(help)};
}

std::string with_article(const std::string& name) {
  const bool vowel = !name.empty() && std::string_view("aeiou").find(name.front()) != std::string_view::npos;
  return (vowel ? "an " : "a ") + name;
}

std::vector<std::string> units_of(ValueSpec::Kind kind) {
  switch (kind) {
  case Kind::duration:
    return {"ps", "ns", "us", "ms", "s", "min", "h"};
  case Kind::frequency:
    return {"Hz", "kHz", "MHz", "GHz"};
  case Kind::rate:
    return {"fps", "Hz", "/s"};
  case Kind::bytes:
    return {"B", "kB", "MB", "GB", "KiB", "MiB", "GiB"};
  case Kind::bandwidth:
    return {"B/s", "kB/s", "MB/s", "GB/s", "KiB/s", "MiB/s", "GiB/s"};
  case Kind::energy:
    return {"pJ", "nJ", "uJ", "mJ", "J"};
  default:
    return {};
  }
}

std::string expected(const ValueSpec& spec) {
  if (spec.setting != nullptr && spec.setting->dimension != Dimension::none) {
    return fmt::format("{} (units {})", with_article(spec.setting->type_name()), join(units_of(spec.kind), ", "));
  }
  switch (spec.kind) {
  case Kind::text:
    return "a text";
  case Kind::name:
    return "a name (not empty, without '|')";
  case Kind::path:
    return "a path";
  case Kind::boolean:
    return "'true' or 'false'";
  case Kind::integer:
  case Kind::natural:
    return "a whole number" + range_text(spec);
  case Kind::number:
    return "a number" + range_text(spec);
  case Kind::choice:
    return (spec.choices.size() > 1 ? "one of " : "") + quoted_words(spec.choices);
  case Kind::duration:
    return quantity(spec, "a time", "1.5 ms");
  case Kind::frequency:
    return quantity(spec, "a frequency in whole hertz", "700 MHz");
  case Kind::rate:
    return quantity(spec, "a rate", "30 fps");
  case Kind::bytes:
    return quantity(spec, "a size in whole bytes", "4 KiB");
  case Kind::bandwidth:
    return quantity(spec, "a bandwidth", "10 GB/s");
  case Kind::energy:
    return quantity(spec, "an energy", "3 mJ");
  case Kind::ratio:
    return "a ratio" + range_text(spec) + " such as '0.05' or '5 %'";
  case Kind::range:
    return "a range of whole numbers such as '1..20'";
  case Kind::any:
    return "a value";
  case Kind::list:
    return several("list", spec);
  case Kind::map:
    return several("map", spec);
  case Kind::object:
    return fmt::format("a map with the keys of {} ({})", with_article(spec.name), join(spec.keys(), ", "));
  case Kind::by_kind:
    return fmt::format("a map with the key '{}' ({})", spec.selector, quoted_words(spec.choices));
  case Kind::either:
    return any_of(spec.alternatives);
  }
  return {};
}

} // namespace terastal::io
