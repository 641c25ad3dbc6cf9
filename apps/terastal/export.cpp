#include "command.hpp"
#include "common_options.hpp"
#include "output.hpp"
#include "terastal/io/write.hpp"

namespace terastal::cli {

CommandLine export_line() {
  CommandLine line;
  line.usage = "export NETWORK [options]";
  line.intro =
      "Writes a network's layers as one CSV table, as 'layers:' of a network file takes it: shapes and, with a\n"
      "platform, latency and energy on its types, computed by cost models where no table gives them.";
  line.examples = "terastal export vgg11 -o vgg11.csv\n"
                  "terastal export network.yaml --platform platform.yaml\n"
                  "terastal export network.yaml --platform platform.yaml --variants -o variants.csv";
  line.value("platform,p", "P", "add latency and energy on this platform's types");
  line.flag("variants", "the table of variants instead of the layers");
  line.value("output,o", "FILE", "write there instead of to standard output; replaced as a whole when all went well");
  line.value("data-dir", "DIR", "search here first; may be repeated. Then $TERASTAL_DATA_DIR, then the shipped files");
  line.flag("help,h", "this text");
  line.repeatable = {"data-dir"};
  return line;
}

int export_command(const Arguments& arguments) {
  if (arguments.positional().size() != 1) throw UsageError("export needs one network, a file or a name");
  const DataFiles data(arguments);
  const std::string path = data.resolve(DocumentKind::network, arguments.positional().front());
  std::vector<WrittenType> types;
  Network network;
  if (const auto name = arguments.get("platform")) {
    const Platform platform = load_platform(data.resolve(DocumentKind::platform, *name));
    network = load_network(path, platform);
    types = written_types(platform);
  } else {
    network = load_network(path);
  }
  auto target = arguments.get("output");
  if (target == "-") target.reset();
  Output output(target);
  output.stream() << (arguments.has("variants") ? variant_table_text(network, types)
                                                : layer_table_text(network, types));
  output.commit();
  return kFine;
}

} // namespace terastal::cli
