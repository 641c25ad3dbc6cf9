#include "io/yaml.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <istream>
#include <map>
#include <streambuf>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "io/utf8.hpp"

namespace terastal::io {
namespace {

constexpr std::size_t kMostNodes = 200'000;
constexpr std::size_t kDeepest = 64;

/// Ends the reading of a document whose rest would only give follow-on errors.
struct Stop {
  Position position;
  std::string message;
};

/// Lets a stream read a text in place.
class TextBuffer : public std::streambuf {
 public:
  explicit TextBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data()); // streambuf has no read-only form; nothing is written
    setg(begin, begin, begin + text.size());
  }
};

/// Turns the marks of yaml-cpp (0-based, columns in bytes) into positions (1-based, columns in characters).
class Positions {
 public:
  Positions(std::string_view text, const Source& source) : text_(text), source_(source) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') starts_.push_back(i + 1);
    }
  }

  [[nodiscard]] Position at(const YAML::Mark& mark) const {
    if (mark.line < 0) return {&source_, 0, 0};
    const auto line = std::min(static_cast<std::size_t>(mark.line), starts_.size() - 1);
    const std::string_view before = text_.substr(starts_[line], static_cast<std::size_t>(std::max(mark.column, 0)));
    return {&source_, mark.line + 1, static_cast<int>(character_count(before)) + 1};
  }

  /// Whether the text in quotes at a mark ends before the file does; the parser overlooks a missing end before a last
  /// line break. True for other texts.
  [[nodiscard]] bool quotes_end(const YAML::Mark& mark) const {
    if (mark.line < 0 || static_cast<std::size_t>(mark.line) >= starts_.size()) return true;
    std::size_t at = starts_[static_cast<std::size_t>(mark.line)] + static_cast<std::size_t>(mark.column);
    while (at < text_.size() && (text_[at] == '&' || text_[at] == '!')) { // an anchor or a tag stands first
      at = text_.find_first_not_of(" \t\r\n", text_.find_first_of(" \t\r\n", at));
    }
    if (at >= text_.size() || (text_[at] != '"' && text_[at] != '\'')) return true;
    const char quote = text_[at];
    for (++at; at < text_.size(); ++at) {
      const bool doubled = quote == '\'' && text_[at] == quote && at + 1 < text_.size() && text_[at + 1] == quote;
      const bool escaped = quote == '"' && text_[at] == '\\';
      if (doubled || escaped) {
        ++at;
      } else if (text_[at] == quote) {
        return true;
      }
    }
    return false;
  }

  [[nodiscard]] bool starts_with_tab(const Position& position) const {
    if (position.line == 0) return false;
    const auto line = std::min(static_cast<std::size_t>(position.line) - 1, starts_.size() - 1);
    const std::size_t first = text_.find_first_not_of(' ', starts_[line]);
    return first != std::string_view::npos && text_[first] == '\t';
  }

 private:
  std::string_view text_;
  const Source& source_;
  std::vector<std::size_t> starts_{0};
};

struct Size {
  std::size_t nodes = 1;
  std::size_t depth = 1;
};

Size measure(const Node& node) {
  Size size;
  for (const Node& item : node.items) {
    const Size inner = measure(item);
    size.nodes += inner.nodes;
    size.depth = std::max(size.depth, inner.depth + 1);
  }
  return size;
}

/// Builds the tree from the parser's events, so that every limit holds while the text is read.
class Builder final : public YAML::EventHandler {
 public:
  Builder(const Positions& positions, Diagnostics& diagnostics) : positions_(positions), diagnostics_(diagnostics) {}

  [[nodiscard]] const Node& root() const { return root_; }

  /// Position and sign of the innermost `[` or `{` that is still open; no sign when none is.
  [[nodiscard]] std::pair<Position, char> open_bracket() const {
    for (auto frame = open_.rbegin(); frame != open_.rend(); ++frame) {
      if (frame->flow) return {frame->node.position, frame->node.is_list() ? '[' : '{'};
    }
    return {{}, '\0'};
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 1) return;
    throw Stop{positions_.at(mark),
               "a second document starts here, but a file holds one (if none was meant, check the indentation)"};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.position = positions_.at(mark);
    // The parser marks a missing value at the next token; the key is what a reader looks for.
    const bool is_value = !open_.empty() && open_.back().node.is_map() && open_.back().has_key;
    if (is_value && open_.back().key.position.line != node.position.line) node.position = open_.back().key.position;
    charge(1, node.position);
    add(std::move(node), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node;
    node.kind = Node::Kind::scalar;
    node.position = positions_.at(mark);
    node.text = value;
    node.quoted = tag == "!";
    refuse_tag(tag, node.position);
    if (node.quoted && !positions_.quotes_end(mark)) {
      throw Stop{node.position, "YAML syntax: the closing quotation mark of this text is missing"};
    }
    charge(1, node.position);
    add(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const Position position = positions_.at(mark);
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) throw Stop{position, "this alias refers to a value that contains it"};
    const Size size = measure(known->second);
    charge(size.nodes, position);
    check_depth(open_.size() + size.depth, position);
    add(known->second, 0);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    open(Node::Kind::list, mark, tag, anchor, style);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    open(Node::Kind::map, mark, tag, anchor, style);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  /// A list or map whose end has not been met.
  struct Frame {
    Node node;
    YAML::anchor_t anchor = 0;
    bool flow = false;
    bool has_key = false;   ///< map: `key` waits for its value
    bool duplicate = false; ///< map: the value that follows belongs to a key met before
    Key key;
    std::map<std::string, Position> seen; ///< map: the keys met
  };

  void charge(std::size_t nodes, const Position& position) {
    used_ += nodes;
    if (used_ <= kMostNodes) return;
    throw Stop{position, fmt::format("the document has more than {} values (aliases expanded); put large tables into "
                                     "CSV files",
                                     kMostNodes)};
  }

  static void check_depth(std::size_t depth, const Position& position) {
    if (depth > kDeepest) throw Stop{position, fmt::format("nested deeper than {} levels", kDeepest)};
  }

  static void refuse_tag(const std::string& tag, const Position& position) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    throw Stop{position, "tags such as " + in_quotes(tag) + " are not supported"};
  }

  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            YAML::EmitterStyle::value style) {
    Frame frame;
    frame.node.kind = kind;
    frame.node.position = positions_.at(mark);
    frame.anchor = anchor;
    frame.flow = style == YAML::EmitterStyle::Flow;
    refuse_tag(tag, frame.node.position);
    charge(1, frame.node.position);
    check_depth(open_.size() + 1, frame.node.position);
    open_.push_back(std::move(frame));
  }

  void close() {
    Frame frame = std::move(open_.back());
    open_.pop_back();
    add(std::move(frame.node), frame.anchor);
  }

  void add(Node node, YAML::anchor_t anchor) {
    if (anchor != 0) {
      charge(measure(node).nodes, node.position); // the copy counts: anchors may nest
      anchors_[anchor] = node;
    }
    if (open_.empty()) {
      root_ = std::move(node);
    } else if (open_.back().node.is_list()) {
      open_.back().node.items.push_back(std::move(node));
    } else if (!open_.back().has_key) {
      set_key(node);
    } else {
      set_value(std::move(node));
    }
  }

  void set_key(const Node& node) {
    Frame& map = open_.back();
    if (!node.is_scalar()) throw Stop{node.position, "a key must be a text, got " + shown(node)};
    if (node.text == "<<" && !node.quoted) {
      throw Stop{node.position, "merge keys ('<<') are not supported; repeat the keys, or alias the whole value"};
    }
    const auto [first, is_new] = map.seen.try_emplace(node.text, node.position);
    map.duplicate = !is_new;
    if (map.duplicate) {
      diagnostics_.error(node.position, fmt::format("duplicate key {}; it was given before at line {}, column {}",
                                                    in_quotes(node.text), first->second.line, first->second.column));
    }
    map.key = {node.text, node.position};
    map.has_key = true;
  }

  void set_value(Node node) {
    Frame& map = open_.back();
    map.has_key = false;
    if (map.duplicate) return;
    map.node.keys.push_back(std::move(map.key));
    map.node.items.push_back(std::move(node));
  }

  const Positions& positions_;
  Diagnostics& diagnostics_;
  Node root_;
  std::vector<Frame> open_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::size_t used_ = 0;
  int documents_ = 0;
};

/// What the parser's terse messages mean to somebody who writes a file.
std::string explained(const std::string& message) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> meanings{{
      {"illegal map value", "a ':' cannot stand here; check the indentation, or put the text in quotes"},
      {"illegal map key", "a key cannot stand here; check the indentation"},
      {"end of map not found", "the indentation of this line fits no line above"},
      {"end of sequence not found", "the indentation of this line fits no line above"},
      {"illegal block entry", "a list entry ('- ...') cannot stand here"},
      {"unknown token", "a text cannot start with this character; put it in quotes"},
      {"illegal EOF in scalar", "a quotation mark is missing: the text does not end before the file does"},
      {"illegal flow end", "this closing bracket fits no opening bracket"},
  }};
  for (const auto& [text, meaning] : meanings) {
    if (message == text) return std::string(meaning);
  }
  return message;
}

Stop describe(const YAML::Exception& exception, const Positions& positions, const Builder& builder) {
  const Position position = positions.at(exception.mark);
  const auto [bracket, sign] = builder.open_bracket();
  if (exception.msg.find("flow not found") != std::string::npos && sign != '\0') {
    const bool behind = position.line > bracket.line || position.column > bracket.column;
    const std::string other =
        fmt::format(", or a ',' is missing at line {}, column {}", position.line, position.column);
    return {bracket, fmt::format("YAML syntax: this '{}' is not closed{}", sign, behind ? other : "")};
  }
  if (positions.starts_with_tab(position)) return {position, "YAML syntax: a line cannot be indented with a tab"};
  return {position, "YAML syntax: " + explained(exception.msg)};
}

} // namespace

std::optional<Node> parse_yaml(std::string_view text, const Source& source, Diagnostics& diagnostics) {
  const Positions positions(text, source);
  Builder builder(positions, diagnostics);
  TextBuffer buffer(text);
  std::istream stream(&buffer);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) continue;
    return builder.root();
  } catch (const Stop& stop) {
    diagnostics.error(stop.position, stop.message);
  } catch (const YAML::Exception& exception) {
    const Stop stop = describe(exception, positions, builder);
    diagnostics.error(stop.position, stop.message);
  }
  return std::nullopt;
}

} // namespace terastal::io
