#include "arguments.hpp"

#include <algorithm> // find

#include <boost/program_options/cmdline.hpp>
#include <boost/program_options/errors.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <fmt/format.h>

#include "command.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"

namespace terastal::cli {
namespace {

namespace po = boost::program_options;
namespace style = po::command_line_style;

constexpr std::size_t kHelpColumn = 28;
constexpr std::size_t kHelpWidth = 100;

/// `  -o, --output FILE`.
std::string left_column(const po::option_description& option) {
  const std::string short_name = option.canonical_display_name(style::allow_dash_for_short);
  const bool has_short = short_name.size() == 2 && short_name.front() == '-';
  const bool has_value = option.semantic()->max_tokens() > 0;
  return fmt::format("  {} --{}{}{}", has_short ? short_name + "," : "   ", option.long_name(), has_value ? " " : "",
                     has_value ? option.semantic()->name() : "");
}

/// The help of one option, broken at blanks and line breaks.
std::string option_help(const po::option_description& option) {
  std::string text = left_column(option);
  std::size_t column = text.size();
  const auto new_line = [&] {
    text += '\n' + std::string(kHelpColumn, ' ');
    column = kHelpColumn;
  };
  if (column + 2 > kHelpColumn) {
    new_line();
  } else {
    text += std::string(kHelpColumn - column, ' ');
    column = kHelpColumn;
  }
  for (const std::string& paragraph : split(option.description(), '\n')) {
    if (column > kHelpColumn) new_line();
    for (const std::string& word : split(paragraph, ' ')) {
      if (column > kHelpColumn && column + 1 + word.size() > kHelpWidth) new_line();
      if (column > kHelpColumn) text += ' ', ++column;
      text += word;
      column += word.size();
    }
  }
  return text + '\n';
}

/// What the user may have meant: an option that starts so, else one that is spelt nearly so.
std::string suggestion(const CommandLine& line, const std::string& given) {
  std::vector<std::string> names;
  for (const auto& option : line.options.options()) {
    names.push_back("--" + option->long_name());
    if (given.size() > 3 && names.back().rfind(given, 0) == 0) return " (did you mean '" + names.back() + "'?)";
  }
  return did_you_mean(given, names);
}

po::parsed_options tokens(const CommandLine& line, const std::vector<std::string>& arguments) {
  const int strict = style::unix_style & ~style::allow_guessing;
  try {
    return po::command_line_parser(arguments).options(line.options).style(strict).run();
  } catch (const po::unknown_option& e) {
    const std::string name = e.get_option_name();
    throw UsageError("unknown option '" + name + "'" + suggestion(line, name));
  } catch (const po::error& e) {
    throw UsageError(e.what());
  }
}

void add(const CommandLine& line, const po::option& token, Arguments& result) {
  if (token.position_key >= 0) {
    for (const std::string& value : token.value) result.add_positional(value);
    return;
  }
  const auto& repeatable = line.repeatable;
  const bool may_repeat = std::find(repeatable.begin(), repeatable.end(), token.string_key) != repeatable.end();
  if (result.has(token.string_key) && !may_repeat) throw UsageError("--" + token.string_key + " is given twice");
  result.add(token.string_key, token.value.empty() ? "" : token.value.front());
}

} // namespace

std::size_t Arguments::count(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? 0 : found->second.size();
}

std::optional<std::string> Arguments::get(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::nullopt : std::optional(found->second.back());
}

std::vector<std::string> Arguments::all(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>{} : found->second;
}

void CommandLine::value(const char* names, const char* value_name, const char* help) {
  options.add_options()(names, po::value<std::string>()->value_name(value_name), help);
}

Arguments parse(const CommandLine& line, const std::vector<std::string>& arguments) {
  Arguments result;
  for (const po::option& token : tokens(line, arguments).options) add(line, token, result);
  return result;
}

bool wants_help(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (argument == "--") return false;
    if (argument == "-h" || argument == "--help") return true;
  }
  return false;
}

std::string help_text(const CommandLine& line) {
  std::string text = "Usage: terastal " + line.usage + "\n\n" + line.intro + "\n\nOptions:\n";
  for (const auto& option : line.options.options()) text += option_help(*option);
  text += "\nExamples:\n";
  for (const std::string& example : split(line.examples, '\n')) text += "  " + example + '\n';
  return text + '\n' + exit_code_help();
}

std::string exit_code_help() {
  return "Exit codes: 0 fine, 1 a check failed, 2 wrong usage, 3 bad input, 4 simulation failed or output not "
         "written,\n"
         "5 a check needs more replications, 130 interrupted (143 when terminated); partial results are kept and "
         "marked.\n";
}

std::optional<std::uint64_t> get_unsigned(const Arguments& arguments, const std::string& name, std::uint64_t min,
                                          std::uint64_t max) {
  const auto text = arguments.get(name);
  if (!text) return std::nullopt;
  const auto value = parse_unsigned(*text);
  if (!value || *value < min || *value > max) {
    throw UsageError(fmt::format("--{}: '{}' is not a whole number from {} to {}", name, *text, min, max));
  }
  return value;
}

} // namespace terastal::cli
