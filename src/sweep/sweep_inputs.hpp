#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "terastal/sweep/sweep.hpp"

namespace terastal {

/// The input files of a sweep as they were when it was read. Cells read them again later, and must find the same. Safe
/// to use from several threads.
class SweepInputs {
 public:
  /// The sweep must outlive this. One that lists no inputs is not checked.
  explicit SweepInputs(const Sweep& sweep);

  /// Files that were just read. \throws ChangedInput unless all are the sweep's, with the same bytes.
  void require(const std::vector<InputFile>& read);
  /// Reads all files of the sweep: a scenario that cannot be loaded does not say what it read. \throws ChangedInput.
  void require_all() const;

 private:
  [[nodiscard]] const InputFile* find(const std::string& path);

  std::map<std::string, const InputFile*> files_; ///< by canonical path
  std::mutex mutex_;
  std::map<std::string, const InputFile*> known_; ///< by path as it was asked for; null: not the sweep's
};

} // namespace terastal
