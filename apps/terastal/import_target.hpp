#pragma once

#include <optional>
#include <string>
#include <vector>

#include "terastal/io/write.hpp"
#include "terastal/model/network.hpp"
#include "terastal/model/platform.hpp"

namespace terastal::cli {

/// Where imported files go: a folder, or one `.yaml` file with its tables beside it. Gathers them and writes them
/// together.
class ImportTarget {
 public:
  /// Nothing: files are not written.
  explicit ImportTarget(std::optional<std::string> output);

  [[nodiscard]] bool given() const { return output_.has_value(); }

  /// The path of what the command makes. \throws UsageError for a second one when a file is given.
  [[nodiscard]] std::string path_for(const std::string& name);
  /// The path of a file that comes with it.
  [[nodiscard]] std::string path_beside(const std::string& name) const;

  /// The same file twice, as of a network in several scenarios, counts once. \throws UsageError for two different files
  /// with one path.
  void add(WrittenFile file);
  void add(const Network& network, const Platform& platform, const std::string& yaml_path);

  /// \throws UsageError if one of the files would replace an input.
  void refuse_inputs(const std::vector<std::string>& inputs) const;

  /// Writes all files. \returns their paths. \throws Error when one exists and must be kept, or cannot be written.
  std::vector<std::string> write(Existing existing);

 private:
  [[nodiscard]] bool is_file() const;

  std::optional<std::string> output_;
  bool used_ = false;
  std::vector<WrittenFile> files_;
};

/// A path from the current directory as one from the folder of another file; absolute ones stay.
[[nodiscard]] std::string relative_to(const std::string& path, const std::string& file);

} // namespace terastal::cli
