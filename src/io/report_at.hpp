#pragma once

#include "io/diagnostics.hpp"

namespace terastal::io {

/// Does something that may throw InputError; problems without a file of their own stand at `position`.
template <typename Do>
void report_at(const Position& position, Diagnostics& diagnostics, Do action) {
  try {
    action();
  } catch (const InputError& e) {
    for (const Diagnostic& d : e.diagnostics()) {
      diagnostics.error(position, d.source.empty() ? d.message : d.to_string());
    }
  }
}

} // namespace terastal::io
