#pragma once

namespace terastal::cli {

/// From now on the first SIGINT or SIGTERM asks the work to stop and keep what it has; a second one ends the process.
void catch_interrupts();

/// The signal that came, or 0.
[[nodiscard]] int interrupt_signal();

[[nodiscard]] inline bool interrupted() { return interrupt_signal() != 0; }

/// 0, or 128 + signal after an interrupt.
[[nodiscard]] inline int interrupt_exit_code() { return interrupted() ? 128 + interrupt_signal() : 0; }

} // namespace terastal::cli
