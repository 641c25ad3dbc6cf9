#pragma once

#include <functional>
#include <string_view>
#include <utility>

#include "terastal/sim/scheduler.hpp"

namespace terastal::testing {

/// A scheduler from a function; asked at every instant.
class Scripted : public Scheduler {
 public:
  using Script = std::function<void(const SystemView&, Decisions&)>;
  explicit Scripted(Script script) : script_(std::move(script)) {}
  [[nodiscard]] std::string_view name() const override { return "scripted"; }
  [[nodiscard]] bool preemptive() const override { return true; }
  void dispatch(const SystemView& view, Decisions& out) override { script_(view, out); }

 private:
  Script script_;
};

} // namespace terastal::testing
