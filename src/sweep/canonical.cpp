#include "sweep/canonical.hpp"

#include <array>
#include <bit> // bit_cast

#include <fmt/format.h>
#include <openssl/evp.h>

#include "terastal/core/error.hpp"

namespace terastal {
namespace {

constexpr std::size_t kBuffer = 1 << 16;

void check(int result) {
  if (result != 1) throw Error("OpenSSL could not compute a SHA-256 digest");
}

} // namespace

CanonicalDigest::CanonicalDigest() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
  check(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1 ? 1 : 0);
}

void CanonicalDigest::flush() {
  check(EVP_DigestUpdate(context_.get(), buffer_.data(), buffer_.size()));
  buffer_.clear();
}

void CanonicalDigest::add(std::string_view text) {
  buffer_ += std::to_string(text.size());
  buffer_ += ':';
  buffer_ += text;
  buffer_ += ',';
  if (buffer_.size() >= kBuffer) flush();
}

void CanonicalDigest::add(std::uint64_t number) { add(std::string_view(std::to_string(number))); }

void CanonicalDigest::add(std::optional<double> number) {
  add(std::string_view(number ? fmt::format("{:016x}", std::bit_cast<std::uint64_t>(*number)) : std::string()));
}

std::string CanonicalDigest::hex() {
  flush();
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  check(EVP_DigestFinal_ex(context_.get(), digest.data(), &length));
  std::string text;
  for (unsigned int i = 0; i < length; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

} // namespace terastal
