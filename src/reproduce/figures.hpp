#pragma once

#include <map>
#include <string>
#include <vector>

#include "terastal/reproduce/reproduce.hpp"

namespace terastal {

/// Tables of experiments by name.
using ExperimentTables = std::map<std::string, ExperimentTable>;

[[nodiscard]] std::vector<const ExperimentTable*> tables_of(const ExperimentTables& tables,
                                                            const std::vector<std::string>& names);

/// A figure of the document. \throws InputError when a network of variant sets cannot be read.
[[nodiscard]] FigureResult draw(const Figure& figure, const ExperimentTables& tables);

/// A claim under all readings, beside the published number.
[[nodiscard]] FigureResult draw_sensitivity(const ClaimResult& result, const Measure& measure);

} // namespace terastal
