#pragma once

#include <cstddef>
#include <string>
#include <utility> // move
#include <vector>

#include "terastal/core/error.hpp"
#include "terastal/core/text.hpp"
#include "terastal/cost/bind.hpp"
#include "terastal/model/platform.hpp"
#include "terastal/offline/design_rules.hpp"

namespace terastal {

/// Reads `TYPE:setting=value[:setting=value]…`: the type's cost model with these settings in place of its own.
/// \throws InputError for an unknown type, a type without a cost model, no settings, and as the model's settings do.
[[nodiscard]] Quantisation parse_quantisation(const std::string& text, const Platform& platform,
                                              const CostModelRegistry& registry);

// -- implementation

namespace detail {

/// Bytes of an element by a model's settings; 0 where they do not say.
inline double element_bytes(const Settings& settings) {
  if (settings.declares("element_bytes")) return static_cast<double>(settings.integer("element_bytes"));
  if (!settings.declares("precision")) return 0.0;
  const std::string& precision = settings.choice("precision");
  return precision == "int8" ? 1.0 : precision == "fp16" ? 2.0 : precision == "fp32" ? 4.0 : 0.0;
}

/// `int8` of `precision=int8`; `element_bytes1` of `element_bytes=1`. Without what names of variants cannot hold.
inline std::string name_part(const std::string& setting, const std::string& value) {
  const bool word = !value.empty() && (value.front() < '0' || value.front() > '9');
  std::string part;
  for (const char c : word ? value : setting + value) {
    if (c != '|' && c != ' ') part += c;
  }
  return part;
}

inline TypeIndex type_named(const std::string& name, const Platform& platform) {
  if (const auto type = platform.find_type(name)) return *type;
  std::vector<std::string> known;
  for (const AcceleratorType& type : platform.types) known.push_back(type.name);
  throw InputError("platform '" + platform.name + "' has no accelerator type '" + name + "'" +
                   did_you_mean(name, known) + "; types: " + join(known, ", "));
}

} // namespace detail

inline Quantisation parse_quantisation(const std::string& text, const Platform& platform,
                                       const CostModelRegistry& registry) {
  const auto parts = split(text, ':');
  Quantisation result;
  result.label = text;
  result.type = detail::type_named(std::string(trim(parts.front())), platform);
  const AcceleratorType& type = platform.types[result.type];
  if (type.cost.id.empty()) throw InputError("accelerator type '" + type.name + "' has no cost model");
  if (parts.size() < 2) {
    throw InputError("expected TYPE:setting=value, got '" + text + "'");
  }
  Plugin<CostModel> plugin = cost_plugin(type, registry);
  const double own_bytes = detail::element_bytes(plugin.settings);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto equals = parts[i].find('=');
    if (equals == std::string::npos) throw InputError("expected setting=value, got '" + parts[i] + "'");
    const std::string setting(trim(parts[i].substr(0, equals)));
    const std::string value(trim(parts[i].substr(equals + 1)));
    detail::naming_type(type, [&] { plugin.set(setting, value); });
    result.suffix += (i > 1 ? "_" : "") + detail::name_part(setting, value);
  }
  result.model = detail::naming_type(type, [&] { return plugin.make(); });
  const double bytes = detail::element_bytes(plugin.settings);
  if (own_bytes > 0.0 && bytes > 0.0) result.element_share = bytes / own_bytes;
  return result;
}

} // namespace terastal
