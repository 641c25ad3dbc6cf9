#pragma once

#include <string>

#include "sweep/canonical.hpp"
#include "terastal/sweep/store.hpp"

namespace terastal {

/// Adds what an identity says about results: all but the version.
void add_conditions(CanonicalDigest& digest, const SweepIdentity& identity);

/// How two identities differ, as a text for people; empty when they do not. `there` is the store's.
[[nodiscard]] std::string differences(const SweepIdentity& there, const SweepIdentity& here);

/// \throws InputError for axes that no store can hold: names that are columns already, twice the same, without values.
void check_columns(const SweepIdentity& identity);

} // namespace terastal
