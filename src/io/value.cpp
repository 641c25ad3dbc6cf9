#include "io/value.hpp"

#include <algorithm>
#include <stdexcept>

#include "io/check.hpp"
#include "io/scalar.hpp"
#include "terastal/core/text.hpp"

namespace terastal::io {
namespace {

using Kind = ValueSpec::Kind;

/// The declaration itself or the alternative of it that has one of the kinds.
const ValueSpec& alternative_of(const ValueSpec& spec, const std::vector<Kind>& kinds) {
  const auto fits = [&](const ValueSpec& s) { return std::find(kinds.begin(), kinds.end(), s.kind) != kinds.end(); };
  if (fits(spec)) return spec;
  for (const Spec& alternative : spec.alternatives) {
    if (spec.kind == Kind::either && fits(*alternative)) return *alternative;
  }
  throw std::logic_error("a value was read as a type that its declaration does not have");
}

} // namespace

const ValueSpec& Value::shaped(Kind kind) const { return alternative_of(*spec_, {kind}); }

Value Value::operator[](std::string_view key) const {
  const ValueSpec* object = spec_->kind == Kind::by_kind ? of_kind(*spec_, kind().value_or("")) : &shaped(Kind::object);
  const Field* field = object == nullptr ? nullptr : object->find(key);
  if (field == nullptr) throw std::logic_error("key '" + std::string(key) + "' is not declared");
  const Node* child = is_map() ? node_->find(key) : nullptr;
  return {child, *field->value, child == nullptr ? position_ : child->position, &field->default_text};
}

Value Value::entry(std::string_view key) const {
  const ValueSpec& object = shaped(Kind::object);
  if (object.entry == nullptr || object.find(key) != nullptr) {
    throw std::logic_error("key '" + std::string(key) + "' is not one of the user's");
  }
  return {*node_->find(key), *object.entry};
}

std::optional<std::string> Value::kind() const {
  if (spec_->kind != Kind::by_kind) throw std::logic_error("a value without kinds was asked for its kind");
  if (!is_map()) return std::nullopt;
  const Node* kind = node_->find(spec_->selector);
  return kind != nullptr && !kind->broken ? std::optional(kind->text) : std::nullopt;
}

std::vector<Value> Value::entries() const {
  const ValueSpec& spec = shaped(Kind::list);
  std::vector<Value> result;
  if (!is_list()) return result;
  for (const Node& item : node_->items) result.emplace_back(item, *spec.entry);
  return result;
}

std::vector<std::pair<Key, Value>> Value::members() const {
  const ValueSpec& spec = shaped(Kind::map);
  std::vector<std::pair<Key, Value>> result;
  if (!is_map()) return result;
  for (std::size_t i = 0; i < node_->items.size(); ++i) {
    result.emplace_back(node_->keys[i], Value(node_->items[i], *spec.entry));
  }
  return result;
}

template <typename T>
std::optional<T> Value::read(const std::vector<Kind>& kinds) const {
  const ValueSpec& spec = alternative_of(*spec_, kinds);
  std::optional<Scalar> scalar;
  if (is_scalar()) {
    scalar = parse_scalar(spec, node_->text, node_->quoted);
  } else if (!given() && default_ != nullptr && !default_->empty()) {
    scalar = parse_scalar(spec, *default_, false);
  }
  return scalar ? std::optional(std::get<T>(*scalar)) : std::nullopt;
}

std::optional<std::string> Value::text() const {
  return read<std::string>({Kind::text, Kind::name, Kind::path, Kind::choice, Kind::range});
}

std::optional<bool> Value::boolean() const { return read<bool>({Kind::boolean}); }

std::optional<std::int64_t> Value::integer() const { return read<std::int64_t>({Kind::integer}); }

std::optional<std::uint64_t> Value::natural() const {
  return read<std::uint64_t>({Kind::natural, Kind::frequency, Kind::bytes});
}

std::optional<double> Value::number() const {
  return read<double>({Kind::number, Kind::ratio, Kind::bandwidth, Kind::energy});
}

std::optional<Duration> Value::duration() const { return read<Duration>({Kind::duration}); }

std::optional<Duration> Value::period() const { return read<Duration>({Kind::rate}); }

std::optional<std::size_t> Value::choice() const {
  const auto word = read<std::string>({Kind::choice});
  if (!word) return std::nullopt;
  const auto& words = alternative_of(*spec_, {Kind::choice}).choices;
  return static_cast<std::size_t>(std::find(words.begin(), words.end(), *word) - words.begin());
}

std::optional<std::string> Value::setting() const {
  if (spec_->setting == nullptr) throw std::logic_error("a value was read as a setting that it is not");
  return is_scalar() ? std::optional(std::string(trim(node_->text))) : std::nullopt;
}

} // namespace terastal::io
