#pragma once

#include <memory>

#include <spdlog/logger.h>

#include "common_options.hpp"
#include "terastal/report/event_log.hpp"

namespace terastal::cli {

/// A logger to standard error: warnings; with -v information, -vv every job, -vvv every layer; nothing with -q.
[[nodiscard]] std::shared_ptr<spdlog::logger> make_logger(const OutputOptions& options);

/// An observer that tells the logger what happens; null unless it would be shown.
[[nodiscard]] std::unique_ptr<EventLog> make_event_log(const Scenario& scenario,
                                                       const std::shared_ptr<spdlog::logger>& logger);

} // namespace terastal::cli
