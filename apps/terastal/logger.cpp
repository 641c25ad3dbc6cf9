#include "logger.hpp"

#include <unistd.h> // STDERR_FILENO

#include <spdlog/sinks/stdout_color_sinks.h>

namespace terastal::cli {
namespace {

spdlog::level::level_enum level_of(const OutputOptions& options) {
  if (options.quiet) return spdlog::level::off;
  switch (options.verbosity) {
  case 0:
    return spdlog::level::warn;
  case 1:
    return spdlog::level::info;
  case 2:
    return spdlog::level::debug;
  default:
    return spdlog::level::trace;
  }
}

} // namespace

std::shared_ptr<spdlog::logger> make_logger(const OutputOptions& options) {
  const bool color = use_color(options.color, STDERR_FILENO);
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(color ? spdlog::color_mode::always
                                                                          : spdlog::color_mode::never);
  auto logger = std::make_shared<spdlog::logger>("terastal", std::move(sink));
  logger->set_pattern("terastal: %^%l%$: %v");
  logger->set_level(level_of(options));
  return logger;
}

std::unique_ptr<EventLog> make_event_log(const Scenario& scenario, const std::shared_ptr<spdlog::logger>& logger) {
  if (!logger->should_log(spdlog::level::debug)) return nullptr;
  using Detail = EventLog::Detail;
  const Detail detail = logger->should_log(spdlog::level::trace) ? Detail::layers : Detail::jobs;
  return std::make_unique<EventLog>(scenario, detail, [logger](Detail d, const std::string& text) {
    logger->log(d == Detail::jobs ? spdlog::level::debug : spdlog::level::trace, "{}", text);
  });
}

} // namespace terastal::cli
