// Networks that are written and read again are the same.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "support/same_network.hpp"
#include "terastal/core/random.hpp"
#include "terastal/io/load.hpp"
#include "terastal/io/write.hpp"
#include "unit/io_test_support.hpp"

namespace terastal {
namespace {

/// Makes networks that files can hold, with awkward names and numbers.
class RandomNetwork {
 public:
  explicit RandomNetwork(std::uint64_t seed) : random_(seed, 0, Purpose::arrivals) {}

  Platform platform() {
    Platform p;
    p.name = "p";
    const std::size_t types = 1 + below(3);
    for (std::size_t t = 0; t < types; ++t) {
      AcceleratorType type;
      type.name = name();
      type.clock_hz = std::array<std::uint64_t, 5>{0, 1, 1'000'000'000, 700'000'000, 333'333'333}[below(5)];
      p.types.push_back(type);
      p.accelerators.push_back({name(), static_cast<TypeIndex>(t)});
    }
    return p;
  }

  Network network(const Platform& p) {
    network_ = {};
    network_.name = name();
    network_.description = coin() ? "" : text();
    network_.source = coin() ? "" : "line\nbreak, " + text();
    network_.type_count = p.types.size();
    const std::size_t layers = 1 + below(6);
    std::vector<std::size_t> variants(layers);
    std::size_t bits = 0;
    for (std::size_t l = 0; l < layers; ++l) variants[l] = coin() ? 0 : below(3);
    for (const std::size_t v : variants) bits += v;
    std::vector<std::size_t> order; // variants get their bits in any order
    for (std::size_t v = 0; v < bits; ++v) order.insert(order.begin() + static_cast<std::ptrdiff_t>(below(v + 1)), v);
    network_.variant_names.resize(bits);
    const bool chain = coin();
    for (std::size_t l = 0; l < layers; ++l) add_layer(l, variants[l], order, chain, p);
    add_accuracy();
    if (below(3) == 0) add_samples();
    if (below(3) == 0) add_percentiles(p);
    finish_network(network_);
    return network_;
  }

 private:
  std::uint64_t below(std::uint64_t n) { return random_.below(n); }
  bool coin() { return below(2) == 0; }

  std::string text() {
    static const std::vector<std::string> parts = {"a",  "Z", "0", "é", "漢", " b", ",", "\"", "#", "'", ": ",
                                                   "\\", "{", "]", "&", "*",  "-",  ".", "%",  "~", "x"};
    std::string result = "#";
    result.resize(below(2));
    const std::uint64_t length = 1 + below(4);
    for (std::uint64_t i = 0; i < length; ++i) result += parts[below(parts.size())];
    return result;
  }
  /// A text that is unique and without blanks at its ends.
  std::string name() { return std::string(trim(text())) + "_" + std::to_string(++names_); }

  Duration time(std::uint64_t clock_hz) {
    if (clock_hz == 1'000'000'000 && coin()) return Duration{static_cast<Duration::rep>(1000 * (1 + below(1'000'000)))};
    return Duration{static_cast<Duration::rep>(1 + below(std::uint64_t{1} << (1 + below(60))))};
  }

  void add_option(Option option, const Platform& p) {
    if (coin()) option.shape = shape();
    network_.options.push_back(option);
    const std::size_t runs = below(p.types.size());
    for (std::size_t t = 0; t < p.types.size(); ++t) {
      network_.latency.push_back(t == runs || coin() ? time(p.types[t].clock_hz) : kCannotRun);
      network_.energy_nj.push_back(coin() ? 0.0 : random_.exponential() * 1e3);
    }
  }

  LayerShape shape() {
    LayerShape s;
    s.kind = static_cast<OperatorKind>(below(kOperatorNames.size()));
    const auto size = [&] { return 1 + below(9); };
    s.groups = coin() ? 1 : size();
    s.k = s.groups * size();
    s.c = s.groups * size();
    for (auto member : {&LayerShape::n, &LayerShape::r, &LayerShape::s, &LayerShape::y, &LayerShape::x,
                        &LayerShape::stride_y, &LayerShape::stride_x, &LayerShape::operands}) {
      s.*member = coin() ? 1 : size();
    }
    s.out_y = coin() ? size() : (s.y + s.stride_y - 1) / s.stride_y;
    s.out_x = coin() ? size() : (s.x + s.stride_x - 1) / s.stride_x;
    return s;
  }

  void add_layer(std::size_t l, std::size_t variants, std::vector<std::size_t>& order, bool chain, const Platform& p) {
    Layer layer;
    layer.name = name();
    layer.block = coin() ? "" : " " + text();
    layer.first_option = static_cast<OptionIndex>(network_.options.size());
    layer.option_count = static_cast<OptionIndex>(1 + variants);
    for (LayerIndex before = 0; before < l; ++before) {
      if (chain ? before + 1 == l : coin()) layer.predecessors.push_back(before);
    }
    add_option({}, p);
    std::vector<std::size_t> bits(order.end() - static_cast<std::ptrdiff_t>(variants), order.end());
    order.resize(order.size() - variants);
    std::sort(bits.begin(), bits.end());
    for (const std::size_t bit : bits) {
      network_.variant_names[bit] = name();
      add_option(
          {network_.variant_names[bit], VariantSet{1} << bit, coin() ? 0.0 : 0.1 * static_cast<double>(below(50))}, p);
    }
    const auto& shape = network_.options[layer.first_option].shape;
    layer.op = shape ? std::string(to_string(shape->kind)) : coin() ? "" : text();
    layer.macs = shape && coin() ? shape->macs() : below(1000);
    layer.output_bytes = shape && coin() ? shape->output_elements() : below(3);
    network_.layers.push_back(layer);
  }

  void add_accuracy() {
    const std::size_t bits = network_.variant_names.size();
    if (bits == 0 && coin()) return;
    const double baseline = 0.1 + random_.uniform();
    if (bits > 0 && coin()) {
      std::vector<double> costs;
      for (std::size_t v = 0; v < bits; ++v) costs.push_back(coin() ? 0.0 : random_.uniform());
      network_.accuracy = coin() ? AccuracyModel::additive(text(), baseline, costs)
                                 : AccuracyModel::multiplicative(text(), baseline, costs);
      return;
    }
    std::vector<std::pair<VariantSet, double>> sets;
    if (coin()) sets.emplace_back(0, baseline);
    for (VariantSet set = 1; set < VariantSet{1} << bits && sets.size() < 8; set += 1 + below(3)) {
      sets.emplace_back(set, random_.uniform());
    }
    network_.accuracy = AccuracyModel::measured(text(), baseline, sets);
  }

  void add_samples() {
    std::int64_t id = 0;
    for (std::uint64_t i = 1 + below(4); i > 0; --i)
      network_.samples.ids.push_back(id += 1 + static_cast<std::int64_t>(below(9)));
    for (std::size_t s = 0; s < network_.samples.ids.size(); ++s) {
      for (const Layer& layer : network_.layers) {
        for (TypeIndex t = 0; t < network_.type_count; ++t) {
          const bool runs = network_.latency_of(layer.first_option, t) != kCannotRun;
          network_.samples.latency.push_back(runs ? time(0) : kCannotRun);
        }
      }
    }
  }

  void add_percentiles(const Platform& p) {
    bool any = false;
    for (std::size_t cell = 0; cell < network_.latency.size(); ++cell) {
      const Duration unit = time(p.types[cell % p.types.size()].clock_hz) / 4;
      const bool measured = network_.latency[cell] != kCannotRun && unit > Duration::zero() && coin();
      network_.percentiles.push_back(measured ? TimePercentiles{unit, unit * (coin() ? 1 : 2), unit * 3}
                                              : TimePercentiles{});
      any = any || measured;
    }
    if (!any) network_.percentiles.clear();
  }

  RandomStream random_;
  Network network_;
  int names_ = 0;
};

TEST(WriteNetwork, ReadingGivesTheSameNetwork) {
  const testing::TemporaryFolder folder;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    RandomNetwork random(seed);
    const Platform platform = random.platform();
    const Network network = random.network(platform);
    const auto paths = write_network(network, "sub/net.yaml", written_types(platform), Existing::replace);
    Network read;
    try {
      read = load_network("sub/net.yaml", platform);
    } catch (const InputError& error) {
      FAIL() << "seed " << seed << ": " << error.what();
    }
    testing::expect_same_network(network, read);
    // Written again, the files are the same.
    EXPECT_EQ(network_files(read, "sub/net.yaml", written_types(platform)).size(), paths.size());
    ASSERT_FALSE(::testing::Test::HasFailure()) << "seed " << seed;
    std::filesystem::remove_all("sub");
  }
}

} // namespace
} // namespace terastal
