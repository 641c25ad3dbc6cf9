#pragma once

#include "arguments.hpp"
#include "check_session.hpp"

namespace terastal::cli {

/// `terastal check --update`: measures, shows old beside new, and writes the baseline. \returns an exit code.
int update_baseline(const Arguments& arguments, GateSession& session);

} // namespace terastal::cli
