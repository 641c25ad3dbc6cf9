#pragma once

#include <fstream>
#include <optional>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace terastal::cli {

/// Output cannot be written; exit code 4.
class OutputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Where a report goes. It is gathered in memory and appears as a whole: a file is replaced only when all went well.
class Output {
 public:
  /// Nothing: standard output. \throws OutputError at once if the file cannot be written.
  explicit Output(std::optional<std::string> path);
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  [[nodiscard]] std::ostream& stream() { return text_; }

  /// Writes it all. \throws OutputError.
  void commit();

 private:
  std::string target_;    ///< empty: standard output
  std::string temporary_; ///< beside the target; empty when written in place (devices, pipes)
  int descriptor_;
  std::ostringstream text_;
};

/// A file written while the run goes on, e.g. one row per job.
class StreamedFile {
 public:
  /// \throws OutputError if it cannot be opened.
  explicit StreamedFile(const std::string& path);

  [[nodiscard]] std::ostream& stream() { return file_; }
  [[nodiscard]] bool good() const { return file_.good(); }
  /// \throws OutputError if anything was not written.
  void close();

 private:
  std::string path_;
  std::ofstream file_;
};

} // namespace terastal::cli
