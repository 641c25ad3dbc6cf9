#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace terastal {

/// SHA-256 of a sequence of texts and numbers, each written as `LENGTH:BYTES,`, so that no two sequences give the same
/// bytes. Numbers: integers in decimal, doubles as the 16 hexadecimal digits of their bits, absent ones as no bytes.
class CanonicalDigest {
 public:
  CanonicalDigest();

  void add(std::string_view text);
  void add(std::uint64_t number);
  void add(std::optional<double> number);

  /// Lower-case hex. Call once.
  [[nodiscard]] std::string hex();

 private:
  void flush();

  std::string buffer_;
  std::unique_ptr<evp_md_ctx_st, void (*)(evp_md_ctx_st*)> context_;
};

} // namespace terastal
