#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "terastal/core/settings.hpp"
#include "terastal/core/text.hpp"

namespace terastal {

/// Everything a user meets of a plug-in: name, origin, settings, and how to make one.
template <typename Product>
struct PluginInfo {
  std::string id;
  std::string summary;      ///< one line
  std::string source;       ///< paper and section, or textbook
  bool our_reading = false; ///< the source leaves parts open or was not read whole; the docs say which
  std::vector<Setting> settings;
  std::function<std::unique_ptr<Product>(const Settings&)> make;
};

/// A plug-in with its settings, ready to make products: what `--policy terastal:variants=false` names.
template <typename Product>
struct Plugin {
  std::string label; ///< id with the settings that differ from the defaults
  PluginInfo<Product> info;
  Settings settings;

  [[nodiscard]] std::unique_ptr<Product> make() const { return info.make(settings); }
  /// Sets one setting and the label that follows. \throws InputError as Settings::set.
  void set(std::string_view name, std::string_view value) {
    settings.set(name, value);
    relabel();
  }
  /// Makes the label from the id and the settings that differ from their defaults.
  void relabel();
};

/// The plug-ins of one kind that a program knows. Start from the built-in ones and `add` your own.
template <typename Product>
class PluginRegistry {
 public:
  /// `kind` names what these are in messages: `policy`.
  explicit PluginRegistry(std::string kind) : kind_(std::move(kind)) {}

  /// \throws Error if the id is taken or empty.
  void add(PluginInfo<Product> info);

  [[nodiscard]] const std::vector<PluginInfo<Product>>& all() const& { return plugins_; }
  /// Of a temporary: `for (const auto& info : builtin_policies().all())` is safe.
  [[nodiscard]] std::vector<PluginInfo<Product>> all() && { return std::move(plugins_); }

  /// \throws InputError for an unknown id, with a suggestion and the known ones.
  [[nodiscard]] const PluginInfo<Product>& find(std::string_view id) const;

  /// `ID[:setting=value]…`. \throws InputError for an unknown id or setting, or a bad value, with what is allowed.
  [[nodiscard]] Plugin<Product> parse(std::string_view text) const;

 private:
  std::string kind_;
  std::vector<PluginInfo<Product>> plugins_;
};

// -- implementation

template <typename Product>
void PluginRegistry<Product>::add(PluginInfo<Product> info) {
  if (info.id.empty()) throw Error("a " + kind_ + " needs an id");
  for (const auto& known : plugins_) {
    if (known.id == info.id) throw Error(kind_ + " '" + info.id + "' is registered already");
  }
  plugins_.push_back(std::move(info));
}

template <typename Product>
const PluginInfo<Product>& PluginRegistry<Product>::find(std::string_view id) const {
  std::vector<std::string> ids;
  for (const auto& plugin : plugins_) {
    if (plugin.id == id) return plugin;
    ids.push_back(plugin.id);
  }
  throw InputError("unknown " + kind_ + " '" + std::string(id) + "'" + did_you_mean(id, ids) +
                   "; known: " + join(ids, ", "));
}

template <typename Product>
Plugin<Product> PluginRegistry<Product>::parse(std::string_view text) const {
  const auto parts = split(text, ':');
  const PluginInfo<Product>& info = find(parts.front());
  Plugin<Product> plugin{std::string(text), info, Settings(info.settings)};
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto equals = parts[i].find('=');
    if (equals == std::string::npos) {
      throw InputError(kind_ + " '" + std::string(text) + "': expected setting=value, got '" + parts[i] + "'");
    }
    plugin.settings.set(parts[i].substr(0, equals), parts[i].substr(equals + 1));
  }
  plugin.relabel();
  return plugin;
}

template <typename Product>
void Plugin<Product>::relabel() {
  label = info.id;
  const auto values = settings.all();
  const auto defaults = Settings(info.settings).all();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].second != defaults[i].second) label += ":" + values[i].first + "=" + values[i].second;
  }
}

} // namespace terastal
