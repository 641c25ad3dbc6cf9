#include <algorithm> // replace
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "io/documents.hpp"
#include "io/scalar.hpp"
#include "io/spec.hpp"
#include "terastal/core/text.hpp"
#include "terastal/io/load.hpp"

namespace terastal {
namespace io {
namespace {

using Json = nlohmann::ordered_json;
using Kind = ValueSpec::Kind;

constexpr std::string_view kNumber = "([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?";
constexpr std::string_view kNotZero = "(?=[0-9.]*[1-9])";

/// Writes a declaration as JSON Schema. Objects become definitions, so that each is written once.
class SchemaWriter {
 public:
  Json document(const ValueSpec& spec, DocumentKind kind) {
    Json schema = Json::object();
    schema["$schema"] = "http://json-schema.org/draft-07/schema#";
    schema["title"] = fmt::format("terastal {}", to_string(kind));
    schema.update(object(spec, {}));
    schema["definitions"] = std::move(definitions_);
    return schema;
  }

 private:
  Json value(const ValueSpec& spec) {
    switch (spec.kind) {
    case Kind::text:
      return plain_text();
    case Kind::name:
      return name_text();
    case Kind::path:
      return {{"type", "string"}, {"minLength", 1}};
    case Kind::boolean:
      return {{"type", "boolean"}};
    case Kind::integer:
    case Kind::natural:
      return limited("integer", spec);
    case Kind::number:
      return limited("number", spec);
    case Kind::choice:
      return {{"enum", spec.choices}};
    case Kind::range:
      return {{"type", "string"}, {"pattern", "^[0-9]+\\.\\.[0-9]+$"}};
    case Kind::any:
      return {{"type", {"string", "number", "boolean", "array", "object"}}};
    case Kind::ratio:
      return {{"anyOf", {limited("number", spec), percentage(spec)}}};
    case Kind::list:
      return list(spec);
    case Kind::map:
      return map(spec);
    case Kind::object:
    case Kind::by_kind:
      return reference(spec);
    case Kind::either:
      return alternatives(spec);
    default:
      return quantity(spec);
    }
  }

  /// YAML reads unquoted words such as `5` as numbers; where a text is wanted, they are texts to the loader.
  static Json plain_text() { return {{"type", {"string", "number", "boolean"}}}; }

  static Json name_text() {
    Json schema = plain_text();
    schema["minLength"] = 1;
    schema["pattern"] = "^[^|\\u0000-\\u001f\\u007f]*$";
    return schema;
  }

  static Json limited(const char* type, const ValueSpec& spec) {
    Json schema = {{"type", type}};
    if (std::isfinite(spec.min)) schema[spec.above_min ? "exclusiveMinimum" : "minimum"] = number(spec, spec.min);
    if (std::isfinite(spec.max)) schema["maximum"] = number(spec, spec.max);
    return schema;
  }

  static Json number(const ValueSpec& spec, double limit) {
    constexpr double two_to_64 = 18446744073709551616.0;
    if (spec.kind == Kind::natural && limit >= two_to_64) return std::numeric_limits<std::uint64_t>::max();
    if (limit == std::floor(limit) && std::fabs(limit) < 9e15) return static_cast<std::int64_t>(limit);
    return limit;
  }

  static Json percentage(const ValueSpec& spec) {
    return {{"type", "string"},
            {"pattern", fmt::format("^[ \\t]*{}{}[ \\t]*%[ \\t]*$", spec.above_min ? kNotZero : "", kNumber)}};
  }

  static Json quantity(const ValueSpec& spec) {
    const std::string units = join(units_of(spec.kind), "|");
    return {
        {"type", "string"},
        {"pattern", fmt::format("^[ \\t]*{}{}[ \\t]*({})[ \\t]*$", spec.above_min ? kNotZero : "", kNumber, units)}};
  }

  Json list(const ValueSpec& spec) {
    Json schema = {{"type", "array"}, {"items", value(*spec.entry)}};
    if (spec.min_entries > 0) schema["minItems"] = spec.min_entries;
    if (spec.max_entries < std::numeric_limits<std::size_t>::max()) schema["maxItems"] = spec.max_entries;
    return schema;
  }

  Json map(const ValueSpec& spec) {
    Json schema = {{"type", "object"}, {"additionalProperties", value(*spec.entry)}};
    if (spec.min_entries > 0) schema["minProperties"] = spec.min_entries;
    return schema;
  }

  Json alternatives(const ValueSpec& spec) {
    Json list = Json::array();
    for (const Spec& alternative : spec.alternatives) list.push_back(value(*alternative));
    return {{"anyOf", std::move(list)}};
  }

  Json reference(const ValueSpec& spec) {
    std::string key = spec.name;
    std::replace(key.begin(), key.end(), ' ', '_'); // a reference is part of a URI
    if (known_.insert(key).second) {
      Json definition = spec.kind == Kind::object ? object(spec, {}) : by_kind(spec);
      definitions_[key] = std::move(definition);
    }
    return {{"$ref", "#/definitions/" + key}};
  }

  Json by_kind(const ValueSpec& spec) {
    Json list = Json::array();
    for (const Spec& alternative : spec.alternatives) list.push_back(object(*alternative, spec.selector));
    return {{"oneOf", std::move(list)}};
  }

  /// `selector` is the key that holds the object's name as its kind; empty for objects without kinds.
  Json object(const ValueSpec& spec, const std::string& selector) {
    Json properties = Json::object();
    Json required = Json::array();
    if (!selector.empty()) {
      properties[selector] = {{"const", spec.name}};
      required.push_back(selector);
    }
    for (const Field& field : spec.fields) {
      properties[field.key] = described(field);
      if (field.needed) required.push_back(field.key);
    }
    Json schema = {{"type", "object"}, {"properties", std::move(properties)}};
    if (!required.empty()) schema["required"] = std::move(required);
    schema["additionalProperties"] = spec.entry == nullptr ? Json(false) : value(*spec.entry);
    if (!spec.one_of.empty()) schema["allOf"] = groups(spec);
    return schema;
  }

  static Json groups(const ValueSpec& spec) {
    Json all = Json::array();
    for (const OneOf& group : spec.one_of) {
      Json choices = Json::array();
      for (const std::string& key : group.keys) choices.push_back({{"required", {key}}});
      all.push_back({{group.exclusive ? "oneOf" : "anyOf", std::move(choices)}});
    }
    return all;
  }

  Json described(const Field& field) {
    Json inner = value(*field.value);
    Json schema = {{"description", field.help}};
    // Draft 7 ignores what stands beside a $ref.
    if (inner.contains("$ref")) inner = {{"allOf", {std::move(inner)}}};
    schema.update(inner);
    if (!field.default_text.empty()) schema["default"] = default_value(field);
    return schema;
  }

  static Json default_value(const Field& field) {
    const auto scalar = field.value->is_scalar() ? parse_scalar(*field.value, field.default_text, false) : std::nullopt;
    if (!scalar) return field.default_text;
    if (const auto* number = std::get_if<double>(&*scalar); number != nullptr && !field.value->has_unit())
      return *number;
    if (const auto* flag = std::get_if<bool>(&*scalar)) return *flag;
    if (const auto* whole = std::get_if<std::int64_t>(&*scalar)) return *whole;
    const bool natural = field.value->kind == Kind::natural;
    if (const auto* whole = std::get_if<std::uint64_t>(&*scalar); whole != nullptr && natural) return *whole;
    return field.default_text;
  }

  Json definitions_ = Json::object();
  std::set<std::string> known_;
};

} // namespace
} // namespace io

std::string json_schema(DocumentKind kind, const CostModelRegistry& cost_models) {
  const io::Declarations declarations(cost_models);
  return io::SchemaWriter().document(declarations.of(kind), kind).dump(2) + '\n';
}

} // namespace terastal
