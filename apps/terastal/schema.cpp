
#include "arguments.hpp"
#include "command.hpp"
#include "data_files.hpp"
#include "output.hpp"
#include "terastal/core/text.hpp"

namespace terastal::cli {
namespace {

std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const DocumentKind kind : kDocumentKinds) result.push_back(to_string(kind));
  return result;
}

DocumentKind kind_of(const std::string& name) {
  for (const DocumentKind kind : kDocumentKinds) {
    if (name == to_string(kind)) return kind;
  }
  throw UsageError("there is no schema of '" + name + "'" + did_you_mean(name, names()) +
                   "; allowed: " + join(names(), ", "));
}

} // namespace

CommandLine schema_line() {
  CommandLine line;
  line.usage = "schema platform|network|scenario|sweep|reproduction [options]";
  line.intro = "Prints the JSON Schema (draft-07) of a kind of file, made from the declarations that files are\n"
               "checked against. Editors with a YAML language server complete and check with it.";
  line.examples = "terastal schema scenario -o scenario.schema.json";
  line.value("output,o", "FILE", "write there instead of to standard output");
  line.flag("help,h", "this text");
  return line;
}

int schema_command(const Arguments& arguments) {
  if (arguments.positional().size() != 1) throw UsageError("schema needs one of: " + join(names(), ", "));
  const DocumentKind kind = kind_of(arguments.positional().front());
  Output output(arguments.get("output"));
  const std::string schema = json_schema(kind);
  output.stream() << schema << (schema.empty() || schema.back() != '\n' ? "\n" : "");
  output.commit();
  return kFine;
}

} // namespace terastal::cli
