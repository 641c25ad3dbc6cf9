#include "io/document_reader.hpp"

#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "io/check.hpp"
#include "io/overrides.hpp"
#include "io/yaml.hpp"

namespace terastal::io {
namespace {

constexpr std::size_t kLargestDocument = 16U << 20U;

} // namespace

Node* DocumentReader::parse(const std::string& path, const Position& asked_at) {
  const File* file = files_.open(path, asked_at);
  if (file == nullptr) return nullptr;
  if (file->text.size() > kLargestDocument) {
    diagnostics_.error({file->source, 0, 0},
                       "a YAML file cannot be larger than 16 MiB; put large tables into CSV files");
    return nullptr;
  }
  auto document = parse_yaml(file->text, *file->source, diagnostics_);
  if (!document) return nullptr;
  if (document->is_null()) {
    diagnostics_.error({file->source, 0, 0},
                       "the file is empty: expected a platform, a network, a scenario, a sweep or a reproduction");
    return nullptr;
  }
  return &documents_.emplace_back(std::move(*document));
}

const Node* DocumentReader::read(const std::string& path, const Position& asked_at, DocumentKind wanted,
                                 const std::vector<Override>& overrides) {
  Node* document = parse(path, asked_at);
  if (document == nullptr) return nullptr;
  const auto kind = declarations_.kind_of(*document);
  if (kind && *kind != wanted && !document->has(to_string(wanted))) {
    const bool referred = asked_at.source != nullptr;
    diagnostics_.error(referred ? asked_at : document->position,
                       fmt::format("{} is a {}, but a {} was expected here", referred ? in_quotes(path) : "this",
                                   to_string(*kind), to_string(wanted)));
    return nullptr;
  }
  const ValueSpec& spec = declarations_.of(wanted);
  apply_overrides(*document, spec, overrides, files_, diagnostics_);
  check(*document, spec, {}, diagnostics_);
  return document->is_map() ? document : nullptr;
}

} // namespace terastal::io
