#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "terastal/core/settings.hpp"

namespace terastal::io {

/// Declarations of what a document may hold. The checks, the error messages, the defaults and the JSON Schema all come
/// from them, so that they cannot disagree.
struct ValueSpec;
using Spec = std::shared_ptr<const ValueSpec>;

/// One key of an object.
struct Field {
  std::string key;
  Spec value;
  bool needed = false;
  std::string default_text; ///< as one would write it; empty when there is none, or when it depends on other keys
  std::string help;         ///< one line, for the schema
};

/// Keys of an object of which one is needed.
struct OneOf {
  std::vector<std::string> keys;
  bool exclusive = true; ///< exactly one; otherwise at least one
};

/// What may stand at one place of a document.
struct ValueSpec {
  enum class Kind : std::uint8_t {
    text,      ///< any text
    name,      ///< a text that is not empty and has no `|` and no control character
    path,      ///< a file
    boolean,   ///< `true` or `false`
    integer,   ///< whole number that may be negative
    natural,   ///< whole number 0 … 2^64 − 1
    number,    ///< finite number
    choice,    ///< one of some words
    duration,  ///< `1.5 ms`
    frequency, ///< `700 MHz`
    rate,      ///< `30 fps`; read as a period
    bytes,     ///< `4 KiB`
    bandwidth, ///< `10 GB/s`
    energy,    ///< `3 mJ`; read in nanojoules
    ratio,     ///< `0.05` or `5 %`
    range,     ///< whole numbers `1..20`, both ends included; read as text
    list,
    map,     ///< keys are the user's names
    object,  ///< keys are declared
    by_kind, ///< an object whose keys depend on one of them, its selector
    either,  ///< one of several alternatives, told apart by their shape
    any,     ///< whatever another document may hold there; not nothing
  };

  Kind kind = Kind::text;
  std::string name; ///< object, by_kind: what it is, e.g. `task`; list, map: what the entries are, e.g. `tasks`
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool above_min = false;           ///< `min` itself is not allowed
  std::vector<std::string> choices; ///< words of a choice
  Spec entry;                       ///< of a list or map; of an object, for keys that are not declared: null for none
  std::size_t min_entries = 0;
  std::size_t max_entries = std::numeric_limits<std::size_t>::max();
  std::vector<Field> fields;
  std::vector<OneOf> one_of;
  std::vector<Spec> alternatives;         ///< of `either`; of `by_kind`, objects whose `name` is the kind
  std::string selector;                   ///< of `by_kind`: the key that holds the kind
  std::shared_ptr<const Setting> setting; ///< of a plug-in's setting: what else it asks for; null for other values

  [[nodiscard]] bool is_scalar() const { return kind < Kind::list; }
  [[nodiscard]] bool is_map() const { return kind == Kind::map || kind == Kind::object || kind == Kind::by_kind; }
  [[nodiscard]] bool has_unit() const { return kind >= Kind::duration && kind <= Kind::energy; }
  [[nodiscard]] const Field* find(std::string_view key) const;
  [[nodiscard]] std::vector<std::string> keys() const;
};

// Makers, named so that a declaration reads like the documentation.
[[nodiscard]] Spec text();
[[nodiscard]] Spec name();
[[nodiscard]] Spec path();
[[nodiscard]] Spec boolean();
[[nodiscard]] Spec integer(std::int64_t min, std::int64_t max);
[[nodiscard]] Spec natural(std::uint64_t min = 0, std::uint64_t max = std::numeric_limits<std::uint64_t>::max());
[[nodiscard]] Spec number_at_least(double min);
[[nodiscard]] Spec number_above(double min);
[[nodiscard]] Spec choice(std::vector<std::string> words);
[[nodiscard]] Spec time_at_least_zero();
[[nodiscard]] Spec time_above_zero();
[[nodiscard]] Spec frequency();
[[nodiscard]] Spec rate();
[[nodiscard]] Spec bytes();
[[nodiscard]] Spec bandwidth();
[[nodiscard]] Spec energy();
[[nodiscard]] Spec ratio();
[[nodiscard]] Spec ratio_above_zero();
[[nodiscard]] Spec range();
[[nodiscard]] Spec list_of(std::string what, Spec entry, std::size_t min = 0,
                           std::size_t max = std::numeric_limits<std::size_t>::max());
[[nodiscard]] Spec map_of(std::string what, Spec entry, std::size_t min = 0);
[[nodiscard]] Spec object(std::string name, std::vector<Field> fields, std::vector<OneOf> one_of = {});
[[nodiscard]] Spec by_kind(std::string name, std::vector<Spec> kinds, std::string selector = "kind");
/// A value of a plug-in's setting.
[[nodiscard]] Spec value_of(const Setting& setting);
[[nodiscard]] Spec either(std::vector<Spec> alternatives);
[[nodiscard]] Spec any();
/// An object in which other keys are the user's names, each with an `entry`.
[[nodiscard]] Spec open_object(std::string name, std::vector<Field> fields, Spec entry);
[[nodiscard]] Field needed(std::string key, Spec value, std::string help);
[[nodiscard]] Field optional(std::string key, Spec value, std::string help, std::string default_text = {});

/// What is allowed, for messages: `a time > 0 such as '1.5 ms' (units ps, ns, us, ms, s, min, h)`.
[[nodiscard]] std::string expected(const ValueSpec& spec);

/// A name with its article: `a task`, `an accelerator`.
[[nodiscard]] std::string with_article(const std::string& name);

/// The units of a quantity; empty for other values.
[[nodiscard]] std::vector<std::string> units_of(ValueSpec::Kind kind);

} // namespace terastal::io
