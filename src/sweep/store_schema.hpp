#pragma once

#include "sweep/sqlite.hpp"
#include "terastal/sweep/store.hpp"

namespace terastal {

/// The version of the tables, as `user_version`: raised when a program that knows the old ones could not read the new.
inline constexpr std::uint64_t kStoreSchema = 1;

/// `TERS`, as `application_id`.
inline constexpr std::uint64_t kStoreApplication = 0x54455253;

/// Whether nothing was ever written: also what a program that is killed at once leaves.
[[nodiscard]] bool is_blank(sqlite::Database& database);

/// Makes the tables of a sweep in a blank file.
void create_store(sqlite::Database& database, const SweepIdentity& identity);

/// \throws InputError unless the file is a store that this program can read.
void check_store(sqlite::Database& database);

/// Reads what `create_store` wrote. \throws InputError when it does not fit its digest.
[[nodiscard]] SweepIdentity read_identity(sqlite::Database& database);

} // namespace terastal
