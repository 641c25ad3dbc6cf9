#include "interrupt.hpp"

#include <atomic>

#include <csignal>

namespace terastal::cli {
namespace {

std::atomic<int> caught = 0;
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void on_interrupt(int signal) { caught = signal; }

} // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  // SA_RESETHAND: the second signal has its usual effect.
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int interrupt_signal() { return caught; }

} // namespace terastal::cli
