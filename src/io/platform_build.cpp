#include "io/platform_build.hpp"

#include <algorithm> // count
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "io/names.hpp"
#include "io/part_columns.hpp"
#include "terastal/cost/bind.hpp"

namespace terastal::io {
namespace {

constexpr std::string_view kAny = "any";

/// Columns of tables give percentiles of a type's times, times of groups, and parts of times under such names.
bool means_something_else(std::string_view name) {
  if (names_part(name) || name.ends_with("_p50") || name.ends_with("_p95") || name.ends_with("_p99")) return true;
  const std::size_t digits = name.find_last_not_of("0123456789");
  return digits != std::string_view::npos && digits > 0 && digits + 1 < name.size() &&
         name.substr(digits - 1, 2) == "_x";
}

/// An entry of `transfers`: the types it is for (nothing: any), and the cost.
struct TransferRule {
  std::optional<std::size_t> from;
  std::optional<std::size_t> to;
  Transfer transfer;
};

/// Turns one platform document into a platform.
class PlatformBuilder {
 public:
  PlatformBuilder(const Value& document, const CostModelRegistry& cost_models, Diagnostics& diagnostics)
      : document_(document), cost_models_(cost_models), diagnostics_(diagnostics) {}

  Platform build() {
    platform_.name = document_["platform"].text().value_or("");
    platform_.description = document_["description"].text().value_or("");
    platform_.source = document_["source"].text().value_or("");
    read_types();
    const auto type_of = read_accelerators();
    keep_used_types(type_of);
    check_groups(type_of);
    read_transfers();
    read_memory();
    return std::move(platform_);
  }

 private:
  void read_types() {
    for (const auto& [key, value] : document_["types"].members()) {
      if (key.text.empty() || key.text == kAny || key.text.find('|') != std::string::npos ||
          means_something_else(key.text)) {
        diagnostics_.error(key.position, "an accelerator type cannot be called " + in_quotes(key.text));
      }
      type_names_.add(key.text, types_.size(), key.position);
      types_.push_back(read_type(key.text, value));
    }
    if (!document_["types"].usable()) type_names_.set_incomplete();
  }

  AcceleratorType read_type(const std::string& name, const Value& value) {
    AcceleratorType type;
    type.name = name;
    type.kind = value["kind"].choice_as<AcceleratorKind>().value_or(AcceleratorKind::other);
    type.dataflow = value["dataflow"].text().value_or("");
    type.pes = value["pes"].natural().value_or(0);
    type.clock_hz = value["clock"].natural().value_or(0);
    type.model_switch = value["model_switch"].duration().value_or(Duration::zero());
    if (!cost_models_.all().empty() && value["cost"].is_map()) read_cost(value["cost"], type);
    read_extensions(value, type);
    return type;
  }

  void read_extensions(const Value& value, AcceleratorType& type) {
    type.context_energy_pj = 1e3 * value["context_energy"].number().value_or(0.0);
    if (const Value preemption = value["preemption"]; preemption.is_map()) {
      type.preemption.emplace();
      type.preemption->tiles = static_cast<std::uint32_t>(preemption["tiles"].natural().value_or(1));
      if (const Value context = preemption["context"]; context.is_map()) {
        type.preemption->context.latency = context["latency"].duration().value_or(Duration::zero());
        type.preemption->context.bytes_per_second = context["bandwidth"].number().value_or(0.0);
      }
    }
    if (const Value fusion = value["fusion"]; fusion.is_map()) {
      type.fusion = Fusion{fusion["overhead"].duration().value_or(Duration::zero())};
    }
    for (const Value& entry : value["groups"].entries()) {
      const auto size = entry.natural();
      if (!size) continue;
      if (!type.group_sizes.empty() && *size <= type.group_sizes.back()) {
        diagnostics_.error(entry.position(),
                           fmt::format("group sizes must ascend: {} comes after {}", *size, type.group_sizes.back()));
        continue;
      }
      type.group_sizes.push_back(static_cast<std::uint32_t>(*size));
    }
  }

  void check_groups(const std::vector<std::size_t>& type_of) {
    for (const auto& [key, value] : document_["types"].members()) {
      const auto index = type_names_.find({key.text, key.position}, "type");
      if (!index || types_[*index].group_sizes.empty()) continue;
      const auto count = static_cast<std::size_t>(std::count(type_of.begin(), type_of.end(), *index));
      if (count == 0 || types_[*index].group_sizes.back() <= count) continue;
      diagnostics_.error(value["groups"].position(),
                         fmt::format("type {} has {} accelerators, too few for a group of {}", in_quotes(key.text),
                                     count, types_[*index].group_sizes.back()));
    }
  }

  /// A shared memory, which is not to be combined with preemption, groups or fusion.
  void read_memory() {
    const Value memory = document_["memory"];
    if (!memory.is_map()) return;
    platform_.memory_bytes_per_second = memory["bandwidth"].number().value_or(0.0);
    for (const AcceleratorType& type : platform_.types) {
      if (!type.preemption && type.group_sizes.empty() && !type.fusion) continue;
      diagnostics_.error(memory.position(), fmt::format("a shared memory cannot be combined with the preemption, the "
                                                        "groups or the fusion of type {}",
                                                        in_quotes(type.name)));
    }
  }

  /// Reads the choice of a model, and makes the model once to hear whether it accepts its settings together.
  void read_cost(const Value& value, AcceleratorType& type) {
    const auto id = value.kind();
    if (!id) return;
    CostModelChoice choice{*id, {}};
    for (const Setting& setting : cost_models_.find(*id).settings) {
      const Value given = value[setting.name];
      if (given.given() && !given.usable()) return; // reported
      if (const auto text = given.setting()) choice.settings.emplace_back(setting.name, *text);
    }
    type.cost = std::move(choice);
    try {
      (void)make_cost_model(type, cost_models_);
    } catch (const InputError& error) {
      for (const Diagnostic& problem : error.diagnostics()) diagnostics_.error(value.position(), problem.message);
    }
  }

  /// Index among the defined types, for each accelerator.
  std::vector<std::size_t> read_accelerators() {
    std::vector<std::size_t> type_of;
    Names names("accelerator", diagnostics_);
    for (const Value& value : document_["accelerators"].entries()) {
      const Value name = value["name"];
      const auto type = value["type"].text();
      names.add(name.text().value_or(""), platform_.accelerators.size(), name.position());
      const std::string by = "accelerator " + in_quotes(name.text().value_or(""));
      const auto index = type ? type_names_.find({*type, value["type"].position()}, by) : std::nullopt;
      platform_.accelerators.push_back({name.text().value_or(""), 0});
      type_of.push_back(index.value_or(types_.size()));
    }
    return type_of;
  }

  /// Tables are bound to the types that can run something; the others only take part in name checks.
  void keep_used_types(const std::vector<std::size_t>& type_of) {
    new_index_.resize(types_.size());
    for (std::size_t t = 0; t < types_.size(); ++t) {
      for (std::size_t a = 0; a < type_of.size(); ++a) {
        if (type_of[a] != t) continue;
        if (!new_index_[t]) new_index_[t] = platform_.types.size();
        platform_.accelerators[a].type = static_cast<TypeIndex>(*new_index_[t]);
      }
      if (new_index_[t]) platform_.types.push_back(types_[t]);
    }
  }

  void read_transfers() {
    std::vector<TransferRule> rules;
    bool costs = false;
    for (const Value& value : document_["transfers"].entries()) {
      TransferRule rule;
      rule.transfer.latency = value["latency"].duration().value_or(Duration::zero());
      rule.transfer.bytes_per_second = value["bandwidth"].number().value_or(0.0);
      rule.from = type_of(value["from"]);
      rule.to = type_of(value["to"]);
      costs = costs || !rule.transfer.free();
      rules.push_back(rule);
    }
    if (!costs) return;
    for (std::size_t from = 0; from < types_.size(); ++from) {
      for (std::size_t to = 0; to < types_.size(); ++to) {
        // Rows and columns of unused types are left out; the order of definition is kept.
        if (new_index_[from] && new_index_[to]) platform_.transfers.push_back(first_fitting(rules, from, to));
      }
    }
  }

  static Transfer first_fitting(const std::vector<TransferRule>& rules, std::size_t from, std::size_t to) {
    for (const TransferRule& rule : rules) {
      if (rule.from.value_or(from) == from && rule.to.value_or(to) == to) return rule.transfer;
    }
    return {};
  }

  std::optional<std::size_t> type_of(const Value& value) {
    const auto name = value.text();
    if (!name || *name == kAny) return std::nullopt;
    return type_names_.find({*name, value.position()}, "transfer");
  }

  const Value& document_;
  const CostModelRegistry& cost_models_;
  Diagnostics& diagnostics_;
  Platform platform_;
  std::vector<AcceleratorType> types_; ///< all that are defined
  Names type_names_{"accelerator type", diagnostics_};
  std::vector<std::optional<std::size_t>> new_index_; ///< in Platform::types, for each defined type that is used
};

} // namespace

Platform build_platform(const Value& document, const CostModelRegistry& cost_models, Diagnostics& diagnostics) {
  return PlatformBuilder(document, cost_models, diagnostics).build();
}

} // namespace terastal::io
