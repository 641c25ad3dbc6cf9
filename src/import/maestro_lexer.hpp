#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "io/diagnostics.hpp"
#include "io/files.hpp"
#include "io/node.hpp"

namespace terastal::maestro {

/// A word of a MAESTRO description with its place. A view into the file's text.
struct Word {
  std::string_view text;
  io::Position position;
};

enum class Token : std::uint8_t { word, open, close, end };

struct Lexeme {
  Token token = Token::end;
  Word word; ///< the text of a word or brace; empty at the end
};

/// Cuts a description into words and braces. As in MAESTRO's own parser, blanks and `, : ; ( )` only separate; comments
/// run from `//` to the end of the line, or from `/*` to `*/`.
class Lexer {
 public:
  Lexer(const io::File& file, io::Diagnostics& diagnostics);

  [[nodiscard]] const Lexeme& peek() const { return next_; }
  /// The next lexeme; at the end of the text, that end again and again.
  Lexeme take();

 private:
  void advance();
  void skip_blanks();
  void skip_block_comment();
  void pass(std::size_t bytes);
  [[nodiscard]] bool at(std::string_view text) const { return rest_.substr(0, text.size()) == text; }
  [[nodiscard]] io::Position position() const { return {source_, line_, column_}; }

  const io::Source* source_;
  std::string_view rest_;
  io::Diagnostics& diagnostics_;
  int line_ = 1;
  int column_ = 1;
  Lexeme next_;
};

} // namespace terastal::maestro
