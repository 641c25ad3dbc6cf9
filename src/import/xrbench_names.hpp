#pragma once

#include <string>
#include <string_view>

namespace terastal {

/// XRBench's name of a scenario as ours: `social_interactionA` is `social_interaction_a`.
[[nodiscard]] std::string scenario_name(std::string_view text);

/// A network's role in XRBench by the letters its name begins with; empty for other names.
[[nodiscard]] std::string role_of(std::string_view network);

/// Another name in XRBench of a network with the same layers; empty without.
[[nodiscard]] std::string other_name(std::string_view network);

} // namespace terastal
