#pragma once

#include <string>
#include <utility>

#include "terastal/core/error.hpp"

namespace terastal {

/// Says what is wrong with a store: `path: error: message`.
[[noreturn]] inline void bad_store(const std::string& path, std::string message) {
  throw InputError({Diagnostic{path, 0, 0, std::move(message)}});
}

[[noreturn]] inline void corrupt_store(const std::string& path, const std::string& what) {
  bad_store(path, "is corrupt (" + what +
                      "). Take a copy of it from before, or delete it and run the sweep again; "
                      "'sqlite3 FILE .recover' may save parts");
}

/// A store cannot be written: `cannot write 'path': reason; what to do`.
class StoreWriteError : public Error {
 public:
  StoreWriteError(const std::string& path, std::string reason, const std::string& what_to_do)
      : Error("cannot write '" + path + "': " + reason + what_to_do), reason_(std::move(reason)) {}

  [[nodiscard]] const std::string& reason() const { return reason_; }

 private:
  std::string reason_;
};

} // namespace terastal
