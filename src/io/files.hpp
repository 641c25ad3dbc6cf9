#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "io/diagnostics.hpp"
#include "io/node.hpp"
#include "terastal/io/load.hpp"

namespace terastal::io {

/// A file's text: valid UTF-8 without NUL bytes; a byte-order mark is removed.
struct File {
  const Source* source = nullptr;
  std::string text;
};

/// Opens files, each once, and remembers them with their digests. Owner of all sources.
class Files {
 public:
  explicit Files(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  /// The file, or null after reporting why not. `asked_at` is where the path stands; without a source, errors about
  /// opening name the file itself.
  const File* open(const std::string& path, const Position& asked_at);

  /// A source that is no file: an override. Paths in it are relative to `directory`.
  const Source* add_source(std::string name, std::string directory = {});

  /// Files that were read, in order.
  [[nodiscard]] const std::vector<InputFile>& inputs() const { return inputs_; }

 private:
  /// The bytes of a file; empty after reporting the problem at `position`.
  bool read(const std::string& path, const Position& position, std::string& bytes);

  Diagnostics& diagnostics_;
  std::deque<Source> sources_;
  std::deque<File> files_;
  std::map<std::string, const File*> opened_; ///< by canonical path; null for files that are no text
  std::vector<InputFile> inputs_;
};

/// The same text for the same file, however its path is written.
[[nodiscard]] std::string identity(const std::string& path);

/// A path that stands in `source`, made relative to the current directory.
[[nodiscard]] std::string resolve(const Source& source, const std::string& path);

} // namespace terastal::io
