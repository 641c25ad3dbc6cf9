#include "import/csv_spellings.hpp"

#include <algorithm> // find, find_if
#include <array>

#include "import/lower_case.hpp"

namespace terastal {
namespace {

struct Spellings {
  std::string_view field;
  std::vector<std::string_view> texts; ///< in order of preference
};

/// Our names, MAESTRO's letters, and those of frameworks and of SCALE-Sim's topology files.
const std::vector<Spellings>& all_spellings() {
  static const std::vector<Spellings> table = {
      {"layer", {"layer_name", "name", "node_name", "node", "layer", "layer_id", "layer_number", "index", "id"}},
      {"op", {"op", "op_type", "operator", "operation", "layer_type", "type", "kind"}},
      {"macs", {"macs", "num_macs", "mac", "multiply_accumulates"}},
      {"output_bytes", {"output_bytes", "out_bytes", "output_size_bytes"}},
      {"after", {"after", "predecessors", "depends_on"}},
      {"block", {"block"}},
      {"N", {"n", "batch", "batch_size"}},
      {"K",
       {"k", "out_channels", "output_channels", "channels_out", "out_ch", "oc", "cout", "filters", "num_filters",
        "num_filter", "out_features"}},
      {"C",
       {"c", "in_channels", "input_channels", "channels_in", "in_ch", "ic", "cin", "channels", "num_channels",
        "in_features"}},
      {"R",
       {"r", "kernel_h", "kernel_height", "kernel_rows", "kernel_r", "filter_r", "filter_h", "filter_height", "kh",
        "weight_height"}},
      {"S",
       {"s", "kernel_w", "kernel_width", "kernel_columns", "kernel_s", "filter_s", "filter_w", "filter_width", "kw",
        "weight_width"}},
      {"Y",
       {"y", "input_h", "input_height", "in_h", "in_height", "ifmap_height", "ifmap_h", "ih", "h_in", "height", "h"}},
      {"X", {"x", "input_w", "input_width", "in_w", "in_width", "ifmap_width", "ifmap_w", "iw", "w_in", "width", "w"}},
      {"stride_y", {"stride_y", "stride_h", "stride_height", "sh"}},
      {"stride_x", {"stride_x", "stride_w", "stride_width", "sw"}},
      {"out_y", {"out_y", "output_h", "output_height", "out_h", "out_height", "ofmap_height", "oh", "h_out"}},
      {"out_x", {"out_x", "output_w", "output_width", "out_w", "out_width", "ofmap_width", "ow", "w_out"}},
      {"groups", {"groups", "group", "num_groups", "g"}},
      {"operands", {"operands"}},
      {"stride", {"stride", "strides"}},
      {"kernel", {"kernel", "kernel_size", "filter_size"}}};
  return table;
}

struct Unit {
  std::string_view name;
  bool energy;
  int power;
};

constexpr std::array<Unit, 11> kUnits{{{"cycles", false, 0},
                                       {"ps", false, 0},
                                       {"ns", false, 3},
                                       {"us", false, 6},
                                       {"ms", false, 9},
                                       {"s", false, 12},
                                       {"pj", true, -3},
                                       {"nj", true, 0},
                                       {"uj", true, 3},
                                       {"mj", true, 6},
                                       {"j", true, 9}}};

const std::vector<std::string_view> kTimeWords = {"latency", "time", "runtime", "duration", "delay"};

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

/// The words of a heading: what stands between blanks and signs.
std::vector<std::string_view> words_of(std::string_view heading) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < heading.size();) {
    std::size_t end = at;
    // What is no ASCII belongs to a word.
    while (end < heading.size() &&
           (is_alphanumeric(heading[end]) || (static_cast<unsigned char>(heading[end]) & 0x80U))) {
      ++end;
    }
    if (end > at) words.push_back(heading.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

bool is_time_word(std::string_view word) {
  return std::find(kTimeWords.begin(), kTimeWords.end(), lower_case(word)) != kTimeWords.end();
}

/// A single letter is a unit only as in `gpu_s`: `Ops/J` is no energy.
bool is_doubtful(std::string_view heading, std::string_view unit) {
  return unit.size() == 1 && (heading.size() < 2 || heading[heading.size() - 2] != '_');
}

const Unit* find_unit(std::string_view name) {
  const auto* found = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& u) { return u.name == name; });
  return found == kUnits.end() ? nullptr : found;
}

} // namespace

std::optional<std::pair<std::string, std::size_t>> field_of(std::string_view heading) {
  std::string text;
  for (const std::string_view word : words_of(heading)) text += (text.empty() ? "" : "_") + lower_case(word);
  for (const Spellings& spellings : all_spellings()) {
    const auto found = std::find(spellings.texts.begin(), spellings.texts.end(), text);
    if (found == spellings.texts.end()) continue;
    return std::pair(std::string(spellings.field), static_cast<std::size_t>(found - spellings.texts.begin()));
  }
  return std::nullopt;
}

std::vector<std::string> field_names() {
  std::vector<std::string> names;
  for (const Spellings& spellings : all_spellings()) names.emplace_back(spellings.field);
  return names;
}

std::optional<SpelledMeasure> measure_of(std::string_view heading) {
  std::vector<std::string_view> words = words_of(heading);
  if (words.empty()) return std::nullopt;
  SpelledMeasure result;
  bool named = false;
  if (const Unit* unit = find_unit(lower_case(words.back()))) {
    result.unit = unit->name;
    result.energy = unit->energy;
    words.pop_back();
  }
  // The words of the measure stand behind the type or before it.
  const auto strip = [&](std::string_view word) {
    for (const int percentile : {50, 95, 99}) {
      if (lower_case(word) != "p" + std::to_string(percentile) || result.percentile != 0) continue;
      result.percentile = percentile;
      return true;
    }
    const bool time = is_time_word(word);
    const bool energy = lower_case(word) == "energy";
    if (!time && !energy) return false;
    if (!result.unit.empty() && energy != result.energy) return false;
    result.energy = energy;
    named = true;
    return true;
  };
  while (!words.empty() && strip(words.back())) words.pop_back();
  if (!words.empty() && strip(words.front())) words.erase(words.begin());
  if (!named && (result.unit.empty() || words.empty() || is_doubtful(heading, result.unit))) return std::nullopt;
  if (words.empty()) return result;
  const char* begin = words.front().data();
  result.type = std::string(begin, words.back().data() + words.back().size());
  return result;
}

std::optional<int> unit_power(std::string_view unit, bool energy) {
  const Unit* found = find_unit(lower_case(unit));
  if (found == nullptr || found->energy != energy) return std::nullopt;
  return found->power;
}

} // namespace terastal
