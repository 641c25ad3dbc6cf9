#include "import/maestro_parser.hpp"

#include <algorithm> // any_of
#include <map>
#include <string>

#include <fmt/format.h>

#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"
#include "terastal/model/shape.hpp"

namespace terastal::maestro {
namespace {

using io::in_quotes;

/// Bounds on memory and time for files that are no networks.
constexpr std::size_t kMostLayers = 100'000;
constexpr std::size_t kMostErrors = 1000;
constexpr std::size_t kMostSuggested = 100; ///< constants that a misspelt one is compared with

using Names = std::vector<std::string>;

const Names kTopLevel = {"Network", "Constant", "Accelerator", "Dataflow"};
const Names kNetworkKeys = {"Layer", "FPS", "Probability", "Dependency"};
const Names kLayerKeys = {"Type", "Stride", "Dimensions", "Dataflow"};

class Parser {
 public:
  Parser(const io::File& file, io::Diagnostics& diagnostics) : lexer_(file, diagnostics), diagnostics_(diagnostics) {}

  Document read() {
    while (lexer_.peek().token != Token::end && !given_up()) read_top_level();
    return std::move(document_);
  }

 private:
  void read_top_level() {
    const Lexeme lexeme = lexer_.take();
    if (lexeme.token == Token::close) return error(lexeme.word, "a '}' without its '{'");
    if (is(lexeme, "Network")) return read_network(lexeme.word);
    if (is(lexeme, "Constant")) return read_constant(lexeme.word);
    if (is(lexeme, "Accelerator")) return read_accelerator(lexeme.word);
    if (is(lexeme, "Dataflow")) {
      ++document_.dataflows;
      if (open_block(lexeme.word)) skip_block(lexeme.word);
      return;
    }
    unexpected(lexeme, kTopLevel);
    recover(lexeme, kTopLevel);
  }

  // -- blocks

  void read_network(const Word& keyword) {
    NetworkBlock network;
    network.name = block_name(keyword);
    if (!open_block(keyword)) return;
    while (!given_up() && !ends(keyword, {"Network"})) {
      const Lexeme key = lexer_.take();
      if (is(key, "Layer")) {
        read_layer(key.word, network);
      } else if (is(key, "FPS")) {
        read_once(key.word, network.fps);
      } else if (is(key, "Probability")) {
        read_once(key.word, network.probability);
      } else if (is(key, "Dependency")) {
        read_dependency(key.word, network);
      } else {
        unexpected(key, kNetworkKeys);
        recover(key, kNetworkKeys);
      }
    }
    document_.networks.push_back(std::move(network));
  }

  void read_layer(const Word& keyword, NetworkBlock& network) {
    if (++layers_ > kMostLayers) return error(keyword, fmt::format("more than {} layers in one file", kMostLayers));
    LayerBlock layer;
    layer.name = block_name(keyword);
    if (!open_block(keyword)) {
      recover(lexer_.peek(), kNetworkKeys);
      if (lexer_.peek().token == Token::close) lexer_.take(); // most likely the layer's own
      return;
    }
    const std::size_t errors = diagnostics_.count();
    while (!ends(keyword, {"Layer", "Network"})) {
      if (!read_layer_key(layer)) break;
    }
    if (!layer.type && diagnostics_.count() == errors) error(layer.name, "this layer has no 'Type'");
    if (diagnostics_.count() == errors) network.layers.push_back(std::move(layer));
  }

  /// False after an error, with the rest of the layer passed over.
  bool read_layer_key(LayerBlock& layer) {
    const Lexeme key = lexer_.take();
    if (is(key, "Type")) {
      read_once(key.word, layer.type);
    } else if (is(key, "Stride")) {
      read_sizes(key.word, layer.strides);
    } else if (is(key, "Dimensions")) {
      read_sizes(key.word, layer.dimensions);
    } else if (is(key, "Dataflow")) {
      layer.dataflow = true;
      if (open_block(key.word)) skip_block(key.word);
    } else {
      unexpected(key, kLayerKeys);
      skip_rest_of_layer(key.token == Token::open ? 2 : 1);
      return false;
    }
    return true;
  }

  void read_sizes(const Word& keyword, std::vector<Size>& sizes) {
    if (!sizes.empty()) error(keyword, fmt::format("a second '{}' in one layer", keyword.text));
    if (!open_block(keyword)) return;
    while (!ends(keyword, {"Layer", "Network"})) {
      const Lexeme name = lexer_.take();
      if (name.token != Token::word) {
        error(name.word, fmt::format("expected the name of a dimension, got '{}'", name.word.text));
        skip_block(name.word);
        continue;
      }
      if (lexer_.peek().token != Token::word) {
        error(name.word, fmt::format("{} has no size", in_quotes(name.word.text)));
        continue;
      }
      add_size(name.word, lexer_.take().word, sizes);
    }
  }

  void add_size(const Word& dimension, const Word& text, std::vector<Size>& sizes) {
    const auto same = [&](const Size& size) { return size.dimension.text == dimension.text; };
    if (std::any_of(sizes.begin(), sizes.end(), same)) {
      return error(dimension, fmt::format("{} is given twice", in_quotes(dimension.text)));
    }
    if (const auto value = size_of(text)) sizes.push_back({dimension, *value});
  }

  void read_constant(const Word& keyword) {
    const Lexeme name = lexer_.peek();
    if (name.token != Token::word) return error(keyword, "expected 'Constant NAME NUMBER;'");
    lexer_.take();
    if (lexer_.peek().token != Token::word) return error(keyword, "expected 'Constant NAME NUMBER;'");
    // As in MAESTRO, a later definition holds from there on.
    if (const auto value = size_of(lexer_.take().word)) constants_[name.word.text] = *value;
  }

  void read_dependency(const Word& keyword, NetworkBlock& network) {
    if (!open_block(keyword)) return;
    while (!ends(keyword, {"Layer", "Network"})) {
      const Lexeme name = lexer_.take();
      if (name.token == Token::word) {
        network.dependencies.push_back(name.word);
      } else {
        error(name.word, "expected the name of a network, got '{'");
        skip_block(name.word);
      }
    }
  }

  void read_accelerator(const Word& keyword) {
    AcceleratorBlock accelerator;
    accelerator.name = block_name(keyword);
    if (!open_block(keyword)) return;
    while (!ends(keyword, {"Accelerator", "Network"})) {
      const Lexeme key = lexer_.take();
      const Lexeme& value = lexer_.peek();
      if (key.token == Token::open || value.token == Token::open) {
        accelerator.nested = true;
        if (key.token != Token::open) lexer_.take();
        skip_block(key.word);
      } else if (value.token == Token::word) {
        accelerator.entries.push_back({key.word, lexer_.take().word});
      } else {
        error(key.word, fmt::format("{} has no value", in_quotes(key.word.text)));
      }
    }
    document_.accelerators.push_back(std::move(accelerator));
  }

  // -- parts

  /// The name between a keyword and its '{'. MAESTRO takes the last word; several are a mistake, so the first counts.
  Word block_name(const Word& keyword) {
    if (lexer_.peek().token != Token::word) return {{}, keyword.position};
    const Word name = lexer_.take().word;
    const bool control = std::any_of(name.text.begin(), name.text.end(),
                                     [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7F; });
    if (control || name.text.find('|') != std::string_view::npos) {
      error(name, "a name must hold neither '|' nor control characters");
    }
    return name;
  }

  bool open_block(const Word& keyword) {
    const Lexeme& next = lexer_.peek();
    if (next.token == Token::open) {
      lexer_.take();
      return true;
    }
    const std::string got = next.token == Token::end ? "the end of the file" : in_quotes(next.word.text);
    error(next.word, fmt::format("expected '{{' after {}, got {}", in_quotes(keyword.text), got));
    return false;
  }

  /// Whether the block of a keyword ends here: takes its '}', or reports that it is missing before a word that begins
  /// another block.
  bool ends(const Word& keyword, const Names& outer) {
    const Lexeme& next = lexer_.peek();
    if (next.token == Token::close) {
      lexer_.take();
      return true;
    }
    if (next.token == Token::end || one_of(next, outer)) {
      unclosed(keyword);
      return true;
    }
    return false;
  }

  void read_once(const Word& keyword, std::optional<Word>& value) {
    if (lexer_.peek().token != Token::word) return error(keyword, fmt::format("'{}' has no value", keyword.text));
    const Word text = lexer_.take().word;
    if (value) return error(keyword, fmt::format("a second '{}'", keyword.text));
    value = text;
  }

  std::optional<std::uint64_t> size_of(const Word& text) {
    const auto constant = constants_.find(text.text);
    if (constant != constants_.end()) return constant->second;
    const auto value = parse_unsigned(text.text);
    if (value && *value >= 1 && *value <= kLargestDimension) return value;
    Names known;
    for (const auto& [name, unused] : constants_) {
      if (known.size() < kMostSuggested) known.emplace_back(name);
    }
    error(text, fmt::format("expected a whole number from 1 to {} or the name of a constant, got {}{}",
                            kLargestDimension, in_quotes(text.text), did_you_mean(text.text, known)));
    return std::nullopt;
  }

  [[nodiscard]] bool given_up() const { return layers_ > kMostLayers || diagnostics_.count() > kMostErrors; }

  // -- what is passed over

  /// Up to the '}' of a block that was opened; `keyword` is what it is called when that is missing.
  void skip_block(const Word& keyword) {
    for (std::size_t depth = 1; depth > 0;) {
      const Lexeme& next = lexer_.peek();
      if (next.token == Token::end || is(next, "Layer") || is(next, "Network")) return unclosed(keyword);
      if (next.token == Token::open) ++depth;
      if (next.token == Token::close) --depth;
      lexer_.take();
    }
  }

  /// After something unexpected: passes over words up to one that may stand here, and over a block that they open.
  void recover(const Lexeme& lexeme, const Names& allowed) {
    const Word start = lexeme.word;
    bool opened = lexeme.token == Token::open;
    while (!opened && lexer_.peek().token != Token::end && lexer_.peek().token != Token::close) {
      if (one_of(lexer_.peek(), allowed)) return;
      opened = lexer_.take().token == Token::open;
    }
    if (opened) skip_block(start);
  }

  void skip_rest_of_layer(std::size_t depth) {
    while (depth > 0) {
      const Lexeme& next = lexer_.peek();
      if (next.token == Token::end || is(next, "Layer") || is(next, "Network")) return;
      if (next.token == Token::open) ++depth;
      if (next.token == Token::close) --depth;
      lexer_.take();
    }
  }

  // -- messages

  static bool is(const Lexeme& lexeme, std::string_view text) {
    return lexeme.token == Token::word && lexeme.word.text == text;
  }
  static bool one_of(const Lexeme& lexeme, const Names& names) {
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return is(lexeme, name); });
  }

  void unexpected(const Lexeme& lexeme, const Names& allowed) {
    error(lexeme.word, fmt::format("unexpected {}{}; allowed here: {}", in_quotes(lexeme.word.text),
                                   did_you_mean(lexeme.word.text, allowed), join(allowed, ", ")));
  }
  void unclosed(const Word& keyword) {
    error(keyword, fmt::format("'}}' is missing: {} is not closed", in_quotes(keyword.text)));
  }
  void error(const Word& where, std::string message) { diagnostics_.error(where.position, std::move(message)); }

  Lexer lexer_;
  io::Diagnostics& diagnostics_;
  Document document_;
  std::map<std::string_view, std::uint64_t> constants_;
  std::size_t layers_ = 0;
};

} // namespace

Document parse(const io::File& file, io::Diagnostics& diagnostics) { return Parser(file, diagnostics).read(); }

} // namespace terastal::maestro
