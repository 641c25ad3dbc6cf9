#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility> // move
#include <vector>

namespace terastal {

/// Gathers remarks for the user of an import. A remark about layers is said once, with the layers it holds for.
class Notes {
 public:
  void add(std::string text) { add(std::move(text), {}); }
  /// `text` without a full stop; the layers follow it.
  void add(std::string text, std::string_view layer);

  /// In the order of their first appearance; of many layers the first few by name.
  [[nodiscard]] std::vector<std::string> sentences() const;

 private:
  struct Remark {
    std::string text;
    std::vector<std::string> layers;
    std::size_t more = 0; ///< layers that are only counted
    std::string last;     ///< layer: several remarks of one kind about it in a row count once
  };

  std::vector<Remark> remarks_;
};

} // namespace terastal
