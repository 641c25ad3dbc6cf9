#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace terastal {

/// Base of everything the library throws on purpose. The library never exits, aborts or prints.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One problem in an input file.
struct Diagnostic {
  std::string source; ///< path as the user gave it, or a text such as `--set horizon=2x`
  int line = 0;       ///< 1-based; 0 when the problem concerns the whole file
  int column = 0;     ///< 1-based; 0 when the line is not known
  std::string message;

  /// `file:line:column: error: message`; positions that are not known are left out.
  [[nodiscard]] std::string to_string() const;
};

/// The input is wrong. Holds every problem found, in file order; `what()` is all of them, one per line.
class InputError : public Error {
 public:
  explicit InputError(std::vector<Diagnostic> diagnostics);
  explicit InputError(std::string message);

  [[nodiscard]] const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

 private:
  std::vector<Diagnostic> diagnostics_;
};

/// The run cannot go on: clock overflow, a limit of the engine, or (see PolicyError) an illegal decision.
class SimulationError : public Error {
 public:
  using Error::Error;
};

/// A policy made a decision that is not legal; the message names the policy, the decision and the rule.
class PolicyError : public SimulationError {
 public:
  using SimulationError::SimulationError;
};

inline std::string Diagnostic::to_string() const {
  std::string text = source;
  if (line > 0) text += ':' + std::to_string(line);
  if (line > 0 && column > 0) text += ':' + std::to_string(column);
  return text.empty() ? "error: " + message : text + ": error: " + message;
}

namespace detail {

inline std::string joined(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!text.empty()) text += '\n';
    text += diagnostic.to_string();
  }
  return text;
}

} // namespace detail

inline InputError::InputError(std::vector<Diagnostic> diagnostics)
    : Error(detail::joined(diagnostics)), diagnostics_(std::move(diagnostics)) {}

inline InputError::InputError(std::string message) : InputError({Diagnostic{{}, 0, 0, std::move(message)}}) {}

} // namespace terastal
