#include <iostream>

#include "command.hpp"
#include "store_path.hpp"
#include "terastal/sweep/store.hpp"

namespace terastal::cli {

CommandLine merge_line() {
  CommandLine line;
  line.usage = "merge OUT STORE... [options]";
  line.intro =
      "Joins the results stores of one sweep's shards into a new one. Cells that several of them hold must be\n"
      "equal; one that failed in some and is done in another counts as done. When cells of the sweep are\n"
      "missing in all of them, nothing is made, unless --partial; exit code 4. When cells failed, the store is\n"
      "made, and the exit code is 4 as that of 'sweep'.";
  line.examples = "terastal merge results.sqlite shard1.sqlite shard2.sqlite shard3.sqlite\n"
                  "terastal merge so-far.sqlite fig5.*-of-8.sqlite --partial";
  line.flag("partial", "also when cells are missing");
  line.flag("allow-failed", "exit with 0 although cells failed");
  line.flag("quiet,q", "say nothing when no cell is missing and none failed");
  line.flag("help,h", "this text");
  return line;
}

int merge_command(const Arguments& arguments) {
  const auto& names = arguments.positional();
  if (names.size() < 2) throw UsageError("merge needs the new store, then at least one to read");
  const std::string& output = store_path("OUT", names.front());
  const MergeSummary merged = merge_stores(output, {names.begin() + 1, names.end()}, arguments.has("partial"));
  const bool whole = merged.failed == 0 && merged.missing == 0;
  if (!whole || !arguments.has("quiet")) {
    std::cerr << "terastal: " << output << ": " << merged.done << " cells done, " << merged.failed << " failed, "
              << merged.missing << " missing\n";
  }
  if (!merged.made) {
    std::cerr << "terastal: " << output
              << " was not made: run the shards that are missing or were stopped, or give --partial\n";
    return kFailed;
  }
  if (merged.failed == 0) return kFine;
  std::cerr << "terastal: 'terastal query " << output << " --failed' shows which cells failed and why\n";
  return arguments.has("allow-failed") ? kFine : kFailed;
}

} // namespace terastal::cli
