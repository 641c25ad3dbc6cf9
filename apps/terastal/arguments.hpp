#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/program_options/options_description.hpp>

namespace terastal::cli {

/// What a command line holds, as text.
class Arguments {
 public:
  void add(const std::string& name, const std::string& value) { values_[name].push_back(value); }
  void add_positional(const std::string& value) { positional_.push_back(value); }

  [[nodiscard]] std::size_t count(const std::string& name) const;
  [[nodiscard]] bool has(const std::string& name) const { return count(name) > 0; }
  /// The value of an option that may be given once.
  [[nodiscard]] std::optional<std::string> get(const std::string& name) const;
  [[nodiscard]] std::vector<std::string> all(const std::string& name) const;
  [[nodiscard]] const std::vector<std::string>& positional() const { return positional_; }

 private:
  std::map<std::string, std::vector<std::string>> values_;
  std::vector<std::string> positional_;
};

/// A subcommand's options and the text of its help.
struct CommandLine {
  std::string usage; ///< after `terastal `
  std::string intro;
  std::string examples; ///< one per line
  boost::program_options::options_description options{""};
  std::vector<std::string> repeatable = {}; ///< long names of options that may be given more than once

  /// Adds an option with a value. `names` is `long` or `long,s`.
  void value(const char* names, const char* value_name, const char* help);
  /// Adds an option without a value.
  void flag(const char* names, const char* help) { options.add_options()(names, help); }
};

/// Reads arguments. Nothing is guessed or abbreviated. \throws UsageError.
[[nodiscard]] Arguments parse(const CommandLine& line, const std::vector<std::string>& arguments);

/// True if the arguments ask for help; options after `--` are not looked at.
[[nodiscard]] bool wants_help(const std::vector<std::string>& arguments);

/// The help of a subcommand.
[[nodiscard]] std::string help_text(const CommandLine& line);

/// One line for every help text.
[[nodiscard]] std::string exit_code_help();

/// A whole number of an option. \throws UsageError when it is not one from `min` to `max`.
[[nodiscard]] std::optional<std::uint64_t> get_unsigned(const Arguments& arguments, const std::string& name,
                                                        std::uint64_t min, std::uint64_t max);

} // namespace terastal::cli
