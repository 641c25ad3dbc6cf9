#pragma once

#include <optional>

#include "io/node.hpp"
#include "io/spec.hpp"
#include "terastal/cost/cost_model.hpp"
#include "terastal/io/load.hpp"

namespace terastal::io {

/// The declarations of the documents. Inline platforms and networks hold the same keys as files.
class Declarations {
 public:
  /// Platforms may choose among these cost models, which must outlive the declarations.
  explicit Declarations(const CostModelRegistry& cost_models);

  [[nodiscard]] const ValueSpec& platform() const { return *platform_; }
  [[nodiscard]] const ValueSpec& network() const { return *network_; }
  [[nodiscard]] const ValueSpec& scenario() const { return *scenario_; }
  [[nodiscard]] const ValueSpec& sweep() const { return *sweep_; }
  [[nodiscard]] const ValueSpec& reproduction() const { return *reproduction_; }
  [[nodiscard]] const ValueSpec& of(DocumentKind kind) const;

  /// The kind of a document: that whose declaration knows most of its keys; nothing when none knows any.
  [[nodiscard]] std::optional<DocumentKind> kind_of(const Node& document) const;

  [[nodiscard]] const CostModelRegistry& cost_models() const { return *cost_models_; }

 private:
  const CostModelRegistry* cost_models_;
  Spec platform_;
  Spec network_;
  Spec scenario_;
  Spec sweep_;
  Spec reproduction_;
};

} // namespace terastal::io
