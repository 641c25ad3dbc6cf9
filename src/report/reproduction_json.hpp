#pragma once

#include "report/json_common.hpp"
#include "terastal/report/reproduction_report.hpp"

namespace terastal {

/// Everything about one claim.
[[nodiscard]] Json json_claim(const ReproductionReport& report, const ClaimResult& result);
/// The whole document.
[[nodiscard]] Json json_reproduction(const ReproductionReport& report);

} // namespace terastal
