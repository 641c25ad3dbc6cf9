#pragma once

#include <cstddef>
#include <string_view>

namespace terastal::io {

/// Number of characters (code points) of a valid UTF-8 text.
[[nodiscard]] std::size_t character_count(std::string_view text);

/// Offset of the first byte that is no part of valid UTF-8 (overlong forms and surrogates included); the size if all
/// is.
[[nodiscard]] std::size_t find_invalid_utf8(std::string_view text);

} // namespace terastal::io
