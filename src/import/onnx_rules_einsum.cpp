#include <algorithm> // min
#include <map>

#include <fmt/format.h>

#include "import/onnx_rules.hpp"

namespace terastal::from_onnx {
namespace {

/// `ij,jk->ik`: one letter for each dimension of every operand and of the result.
struct Equation {
  std::vector<std::string> operands;
  std::string result;
};

/// The letters of a term. \throws NodeProblem for what is no letter.
std::string letters(const std::string& term) {
  std::string result;
  for (const char c : term) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter) result += c;
    if (!letter && c != ' ') fail(fmt::format("attribute 'equation' holds {}", shown(std::string(1, c))));
  }
  return result;
}

/// Letters that stand once in all operands, in alphabetical order: the result when it is not given.
std::string implied_result(const std::vector<std::string>& operands) {
  std::map<char, int> count;
  for (const std::string& operand : operands) {
    for (const char c : operand) ++count[c];
  }
  std::string result;
  for (const auto& [letter, times] : count) {
    if (times == 1) result += letter;
  }
  return result;
}

/// Nothing for equations with `...`, which are not known.
std::optional<Equation> equation_of(const Op& op) {
  const std::string text = op.text("equation", "");
  if (text.find("..") != std::string::npos) return std::nullopt;
  Equation equation;
  const std::size_t arrow = text.find("->");
  const std::string left = text.substr(0, arrow);
  for (std::size_t start = 0; start <= left.size();) {
    const std::size_t end = std::min(left.find(',', start), left.size());
    equation.operands.push_back(letters(left.substr(start, end - start)));
    start = end + 1;
  }
  if (equation.operands.size() != op.input_count()) {
    fail(fmt::format("attribute 'equation' has {} operands for {} inputs", equation.operands.size(), op.input_count()));
  }
  equation.result = arrow == std::string::npos ? implied_result(equation.operands) : letters(text.substr(arrow + 2));
  return equation;
}

using Sizes = std::map<char, std::int64_t>;

/// The size that each letter stands for; nothing when sizes are not known.
std::optional<Sizes> sizes_of(const Op& op, const Equation& equation) {
  Sizes result;
  for (std::size_t i = 0; i < equation.operands.size(); ++i) {
    const Dims* dims = op.dims(i);
    if (dims == nullptr) return std::nullopt;
    const std::string& operand = equation.operands[i];
    if (operand.size() != dims->size())
      fail(fmt::format("operand {} of the equation for {}", shown(operand), shown(*dims)));
    for (std::size_t d = 0; d < operand.size(); ++d) {
      const auto [known, is_new] = result.emplace(operand[d], (*dims)[d]);
      if (!is_new && known->second == 1) known->second = (*dims)[d];
      if (known->second != (*dims)[d] && (*dims)[d] != 1) {
        fail(fmt::format("letter '{}' of the equation is {} and {}", operand[d], known->second, (*dims)[d]));
      }
    }
  }
  return result;
}

/// Multiplies the size of a letter into the dimension of a product that it belongs to.
bool add_letter(char letter, std::int64_t size, const Equation& equation, Product& product) {
  const auto in = [&](const std::string& term) { return term.find(letter) != std::string::npos; };
  const bool a = in(equation.operands[0]);
  const bool b = in(equation.operands[1]);
  const bool result = in(equation.result);
  if (!result && !(a && b)) return false; // a sum over one operand alone
  std::int64_t& dimension = !result ? product.c : a && b ? product.batch.front() : a ? product.m : product.k;
  dimension *= size;
  check_dims({dimension});
  return true;
}

} // namespace

Outputs infer_einsum(const Op& op) {
  const auto equation = equation_of(op);
  const auto sizes = equation ? sizes_of(op, *equation) : std::nullopt;
  if (!sizes) return std::nullopt;
  Dims result;
  for (const char letter : equation->result) {
    const auto size = sizes->find(letter);
    if (size == sizes->end()) fail(fmt::format("letter '{}' of the result is in no operand", letter));
    result.push_back(size->second);
  }
  return one(result);
}

Described describe_einsum(const Op& op) {
  const auto equation = equation_of(op);
  const auto sizes = equation ? sizes_of(op, *equation) : std::nullopt;
  if (!sizes) return not_known();
  if (equation->operands.size() != 2) return {std::nullopt, "not a product of two operands"};
  Product product;
  product.batch = {1};
  for (const auto& [letter, size] : *sizes) {
    if (!add_letter(letter, size, *equation, product)) return {std::nullopt, "not a product of two operands"};
  }
  product.batch_a = product.batch_b = product.batch;
  return describe_product(product, op.needed(0).constant, op.needed(1).constant);
}

} // namespace terastal::from_onnx
