#pragma once

#include <algorithm> // min
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "support/cost_models.hpp"

namespace terastal::testing {

/// Random shapes and settings from a fixed seed.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  bool coin() { return below(2) == 0; }

  /// 1 … largest; small numbers as likely as large ones.
  std::uint64_t size(std::uint64_t largest) {
    std::uint64_t limit = 1;
    while (limit < largest && below(4) != 0) limit *= 2;
    return 1 + below(std::min(limit, largest));
  }

  LayerShape shape() {
    LayerShape s;
    s.kind = static_cast<OperatorKind>(below(kOperatorNames.size()));
    s.n = coin() ? 1 : size(8);
    s.groups = coin() ? 1 : size(16);
    s.c = s.groups * size(2048);
    s.k = s.groups * size(2048);
    s.r = size(11);
    s.s = coin() ? s.r : size(11);
    s.y = size(300);
    s.x = coin() ? s.y : size(300);
    s.stride_y = 1 + below(4);
    s.stride_x = coin() ? s.stride_y : 1 + below(4);
    s.out_y = (s.y + s.stride_y - 1) / s.stride_y;
    s.out_x = (s.x + s.stride_x - 1) / s.stride_x;
    if (s.kind == OperatorKind::depthwise) s.k = s.groups * size(4);
    if (s.kind == OperatorKind::transposed_conv) {
      s.out_y = s.y * s.stride_y;
      s.out_x = s.x * s.stride_x;
    }
    if (s.kind == OperatorKind::matmul) s.r = s.s = 1, s.out_y = s.y, s.out_x = s.x;
    if (s.kind == OperatorKind::pool || s.kind == OperatorKind::elementwise) s.k = s.c;
    if (s.kind == OperatorKind::elementwise) s.operands = 1 + below(3);
    return shape_problem(s).empty() ? s : shape();
  }

  const std::string& one_of(const std::vector<std::string>& choices) { return choices[below(choices.size())]; }
  std::string between(double low, double high, const std::string& unit) {
    const double share = static_cast<double>(below(1000)) / 1000.0;
    return std::to_string(low * std::pow(high / low, share)) + unit;
  }
  std::string whole(std::uint64_t largest, const std::string& unit = "") {
    return std::to_string(size(largest)) + unit;
  }

 private:
  std::mt19937_64 random_;
};

inline std::string text_of(const LayerShape& s) {
  std::ostringstream text;
  text << to_string(s.kind) << " N" << s.n << " K" << s.k << " C" << s.c << " R" << s.r << " S" << s.s << " Y" << s.y
       << " X" << s.x << " stride " << s.stride_y << ',' << s.stride_x << " out " << s.out_y << ',' << s.out_x
       << " groups " << s.groups << " operands " << s.operands;
  return text.str();
}

/// A model's settings by name, so that single ones can be changed.
struct Configuration {
  std::string id;
  std::map<std::string, std::string> settings;

  [[nodiscard]] std::unique_ptr<CostModel> make() const { return cost_model(id, {settings.begin(), settings.end()}); }
  [[nodiscard]] Configuration with(const std::string& name, const std::string& value) const {
    Configuration changed = *this;
    changed.settings[name] = value;
    return changed;
  }
  [[nodiscard]] double number(const std::string& name) const { return std::stod(settings.at(name)); }
};

/// Settings of a model, drawn over wide ranges.
inline Configuration random_configuration(const std::string& id, Draw& draw) {
  Configuration c{id, {}};
  c.settings["clock"] = draw.whole(3000, " MHz");
  c.settings["dram_bandwidth"] = draw.between(1e-2, 1e3, " GB/s");
  for (const char* energy : {"mac_energy", "l1_energy", "l2_energy", "dram_energy"}) {
    c.settings[energy] = draw.between(1e-3, 1e3, " pJ");
  }
  const auto overhead = draw.between(1e-3, 1e2, " us");
  if (id == "systolic") {
    c.settings["dataflow"] = draw.one_of({"ws", "os", "is"});
    c.settings["depthwise"] = draw.one_of({"array", "vector"});
    c.settings["rows"] = draw.whole(512);
    c.settings["cols"] = draw.whole(512);
    c.settings["vector_lanes"] = std::to_string(draw.below(64));
    for (const char* sram : {"input_sram", "weight_sram", "output_sram"})
      c.settings[sram] = draw.whole(1 << 14, " KiB");
    c.settings["element_bytes"] = std::to_string(1 + draw.below(4));
    c.settings["layer_overhead"] = overhead;
  } else if (id == "gpu") {
    c.settings["sms"] = draw.whole(128);
    c.settings["precision"] = draw.one_of({"int8", "fp16", "fp32"});
    c.settings["efficiency"] = draw.between(0.05, 1.0, "");
    c.settings["largest_tile"] = draw.one_of({"64", "128", "256"});
    c.settings["smallest_tile"] = draw.one_of({"8", "16", "64"});
    c.settings["block_outputs"] = draw.whole(1024);
    c.settings["l2_size"] = draw.whole(1 << 14, " KiB");
    c.settings["l2_bandwidth"] = draw.between(1.0, 1e4, " GB/s");
    c.settings["launch_overhead"] = overhead;
  } else if (id == "cpu") {
    c.settings["cores"] = draw.whole(64);
    c.settings["simd_bits"] = draw.one_of({"64", "128", "256", "512"});
    c.settings["fma_units"] = std::to_string(1 + draw.below(4));
    c.settings["precision"] = draw.one_of({"int8", "fp16", "fp32"});
    c.settings["efficiency"] = draw.between(0.05, 1.0, "");
    c.settings["l1_size"] = draw.whole(128, " KiB");
    c.settings["l2_size"] = draw.whole(2048, " KiB");
    c.settings["l3_size"] = draw.whole(1 << 15, " KiB");
    c.settings["l2_bandwidth"] = draw.between(1.0, 1e3, " GB/s");
    c.settings["l3_bandwidth"] = draw.between(1.0, 1e3, " GB/s");
    c.settings["dispatch_overhead"] = overhead;
  } else {
    c.settings["pes"] = draw.whole(1 << 16);
    c.settings["efficiency"] = draw.between(0.05, 1.0, "");
    c.settings["element_bytes"] = std::to_string(1 + draw.below(4));
    c.settings["layer_overhead"] = overhead;
  }
  return c;
}

} // namespace terastal::testing
