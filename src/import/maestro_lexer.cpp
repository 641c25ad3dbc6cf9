#include "import/maestro_lexer.hpp"

#include <algorithm> // count, min

#include "io/utf8.hpp"

namespace terastal::maestro {
namespace {

bool separates(char c) { return std::string_view(" \t\r\n\v\f,:;()").find(c) != std::string_view::npos; }

bool ends_word(std::string_view rest) {
  const char c = rest.front();
  return separates(c) || c == '{' || c == '}' || rest.substr(0, 2) == "//" || rest.substr(0, 2) == "/*";
}

} // namespace

Lexer::Lexer(const io::File& file, io::Diagnostics& diagnostics)
    : source_(file.source), rest_(file.text), diagnostics_(diagnostics) {
  advance();
}

Lexeme Lexer::take() {
  const Lexeme taken = next_;
  advance();
  return taken;
}

void Lexer::advance() {
  skip_blanks();
  next_ = {Token::end, {{}, position()}};
  if (rest_.empty()) return;
  if (rest_.front() == '{' || rest_.front() == '}') {
    next_.token = rest_.front() == '{' ? Token::open : Token::close;
    next_.word.text = rest_.substr(0, 1);
    return pass(1);
  }
  std::size_t length = 1;
  while (length < rest_.size() && !ends_word(rest_.substr(length))) ++length;
  next_.token = Token::word;
  next_.word.text = rest_.substr(0, length);
  pass(length);
}

void Lexer::skip_blanks() {
  while (!rest_.empty()) {
    if (at("//")) {
      pass(std::min(rest_.find('\n'), rest_.size()));
    } else if (at("/*")) {
      skip_block_comment();
    } else if (separates(rest_.front())) {
      pass(1);
    } else {
      return;
    }
  }
}

void Lexer::skip_block_comment() {
  const std::size_t end = rest_.find("*/", 2);
  if (end == std::string_view::npos) diagnostics_.error(position(), "this comment does not end: '*/' is missing");
  pass(end == std::string_view::npos ? rest_.size() : end + 2);
}

void Lexer::pass(std::size_t bytes) {
  std::string_view passed = rest_.substr(0, bytes);
  rest_.remove_prefix(bytes);
  if (const std::size_t last_break = passed.rfind('\n'); last_break != std::string_view::npos) {
    line_ += static_cast<int>(std::count(passed.begin(), passed.end(), '\n'));
    column_ = 1;
    passed.remove_prefix(last_break + 1);
  }
  column_ += static_cast<int>(io::character_count(passed));
}

} // namespace terastal::maestro
