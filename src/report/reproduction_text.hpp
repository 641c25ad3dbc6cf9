#pragma once

#include <string>

#include "terastal/reproduce/reproduce.hpp"

namespace terastal {

/// The measure of a claim, as its experiments have it.
[[nodiscard]] const Measure& measure_of(const Reproduction& reproduction, const Claim& claim);
/// `-40.6 %`, `less`.
[[nodiscard]] std::string published_text(const Reproduction& reproduction, const Claim& claim);
/// `-43.0 % [-45.1, -40.9]`; without an interval for one seed; what the interval is of when it is not the
/// mean's; the place of the best.
[[nodiscard]] std::string ours_text(const Reproduction& reproduction, const Claim& claim, const ClaimFigure& figure);
/// `terastal: 11.2 %; fcfs: 19.7 %`.
[[nodiscard]] std::string values_text(const Reproduction& reproduction, const Claim& claim, const ClaimFigure& figure);
/// `mean`, `geometric`, `geometric_of_means`, as the document has it.
[[nodiscard]] const char* averaging_text(Averaging averaging);
/// `agrees: the published number lies within`.
[[nodiscard]] std::string verdict_text(const ClaimFigure& figure);

} // namespace terastal
