#pragma once

#include <deque>
#include <string>
#include <vector>

#include "io/diagnostics.hpp"
#include "io/documents.hpp"
#include "io/files.hpp"
#include "io/node.hpp"
#include "terastal/io/load.hpp"

namespace terastal::io {

/// Reads YAML files into checked documents and keeps them.
class DocumentReader {
 public:
  DocumentReader(const Declarations& declarations, Files& files, Diagnostics& diagnostics)
      : declarations_(declarations), files_(files), diagnostics_(diagnostics) {}

  [[nodiscard]] const Declarations& declarations() const { return declarations_; }

  /// The document of a file without any check of its keys; null after reporting why there is none.
  Node* parse(const std::string& path, const Position& asked_at);

  /// A document of the wanted kind, checked against its declaration; null after reporting why there is none.
  const Node* read(const std::string& path, const Position& asked_at, DocumentKind wanted,
                   const std::vector<Override>& overrides = {});

 private:
  const Declarations& declarations_;
  Files& files_;
  Diagnostics& diagnostics_;
  std::deque<Node> documents_;
};

} // namespace terastal::io
