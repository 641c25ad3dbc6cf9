#pragma once

#include <algorithm> // max
#include <cmath>     // ceil
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "terastal/cost/common.hpp"
#include "terastal/cost/cost_model.hpp"
#include "terastal/cost/dataflow/maestro_analysis.hpp"
#include "terastal/cost/dataflow/mappings.hpp"
#include "terastal/cost/dataflow/xrbench_analysis.hpp"

namespace terastal {

/// An array of processing elements with a spatial dataflow, analysed as MAESTRO does, in one of two calibrations:
///
/// * `xrbench`: XRBench's fork of MAESTRO and its mappings. Agrees with the tables that the papers use, the fork's
///   quirks included (docs/cost_models.md).
/// * `maestro`: upstream MAESTRO and the mappings it ships for NVDLA, ShiDianNao and Eyeriss.
///
/// The off-chip link and layers that are not convolutions are our reading; the link is not waited for unless a
/// bandwidth is set, as in the tools' tables.
class ArrayCostModel final : public CostModel {
 public:
  enum class Calibration : std::uint8_t { xrbench, maestro };

  [[nodiscard]] static CostModelInfo info(Calibration calibration);
  /// \throws InputError when the PEs are fewer than one cluster of the mapping.
  ArrayCostModel(Calibration calibration, const Settings& settings);

  [[nodiscard]] CostEstimate estimate(const LayerShape& shape) const override;
  [[nodiscard]] double clock_hz() const override { return clock_hz_; }

  /// The multiply-accumulates of the shape that is costed, which is not the true one where strides and padding are
  /// ignored or zeros are multiplied.
  [[nodiscard]] double costed_macs(const LayerShape& shape) const;

 private:
  /// A layer as convolutions of one shape, one after the other.
  struct Pieces {
    dataflow::Extents extents{};
    bool depthwise = false;
    double count = 1.0;
  };

  [[nodiscard]] Pieces pieces(const LayerShape& shape) const;
  [[nodiscard]] dataflow::ArrayCost analyse(const Pieces& pieces) const;
  void add_off_chip(const Pieces& pieces, const dataflow::ArrayCost& cost, CostEstimate& result) const;

  Calibration calibration_;
  dataflow::Stationary stationary_;
  std::int64_t pes_;
  std::int64_t noc_elements_per_cycle_;
  bool literal_;
  bool repeat_batch_;
  double clock_hz_;
  double element_bytes_;
  double l2_elements_;
  double bytes_per_cycle_; ///< 0: the link is not waited for
  EnergyCosts energy_;
};

// -- implementation

inline CostModelInfo ArrayCostModel::info(Calibration calibration) {
  const bool xrbench = calibration == Calibration::xrbench;
  // The tools' constants: energy of a MAC, and of an access as a multiple of it. They count no DRAM.
  const EnergyCosts energy =
      xrbench ? EnergyCosts{2.88, 2.88 * 0.55, 2.88 * 6.0, 0.0} : EnergyCosts{0.23, 0.23 * 1.68, 0.23 * 18.61, 0.0};
  const std::vector<Setting> own = {
      Setting::choice("dataflow", "ws", {"ws", "os", "rs"},
                      xrbench ? "weight-, output- or row-stationary mapping of XRBench"
                              : "weight- (NVDLA), output- (ShiDianNao) or row-stationary (Eyeriss) mapping of MAESTRO"),
      Setting::integer("pes", 1024, 8, std::int64_t{1} << 20, "processing elements"),
      Setting::integer("noc_bandwidth", 128, 1, std::int64_t{1} << 20,
                       "elements each cycle of the network on chip, at every level of the array"),
      Setting::choice(
          "shape", xrbench ? "literal" : "equivalent", {"literal", "equivalent"},
          "literal: stride and padding are ignored, as the fork does; equivalent: a stride-1 layer with the "
          "true output"),
      Setting::choice("batch", xrbench ? "ignore" : "repeat", {"ignore", "repeat"},
                      "ignore: N counts as 1, as in both tools; repeat: N times the cost"),
      element_bytes_setting(),
      Setting::quantity("clock", Dimension::frequency, 1e9, 1e3, 100e9, "clock of the array"),
      Setting::quantity("l2_size", Dimension::bytes, 2097152.0, 1024.0, kLargestMemory,
                        "on-chip buffer; decides how often an operand crosses the off-chip link"),
      Setting::quantity(
          "dram_bandwidth", Dimension::bandwidth, 0.0, 0.0, 1e18,
          "off-chip memory, reads and writes together; 0 B/s: never waited for, as in the tools' tables")};
  return {xrbench ? "xrbench" : "maestro",
          xrbench ? "array of PEs as XRBench's fork of MAESTRO costs it; agrees with the papers' tables"
                  : "array of PEs as upstream MAESTRO costs it; better physics",
          xrbench ? "XRBench-MLSys2023, fork of MAESTRO (Kwon et al., MICRO 2019)"
                  : "MAESTRO (Kwon et al., MICRO 2019)",
          false,
          join_settings({own, energy.settings()}),
          [calibration](const Settings& settings) { return std::make_unique<ArrayCostModel>(calibration, settings); }};
}

inline ArrayCostModel::ArrayCostModel(Calibration calibration, const Settings& settings)
    : calibration_(calibration), stationary_(settings.choice("dataflow") == "ws"   ? dataflow::Stationary::weight
                                             : settings.choice("dataflow") == "os" ? dataflow::Stationary::output
                                                                                   : dataflow::Stationary::row),
      pes_(settings.integer("pes")), noc_elements_per_cycle_(settings.integer("noc_bandwidth")),
      literal_(settings.choice("shape") == "literal"), repeat_batch_(settings.choice("batch") == "repeat"),
      clock_hz_(settings.number("clock")), element_bytes_(static_cast<double>(settings.integer("element_bytes"))),
      l2_elements_(settings.number("l2_size") / element_bytes_),
      bytes_per_cycle_(settings.number("dram_bandwidth") / clock_hz_), energy_(EnergyCosts::from(settings)) {
  const dataflow::StatedMapping mapping = calibration == Calibration::xrbench
                                              ? dataflow::xrbench_mapping(stationary_)
                                              : dataflow::maestro_mapping(stationary_, {1, 1, 1, 1, 1, 1});
  if (pes_ < mapping.pes_per_cluster()) {
    throw InputError("setting 'pes': the mapping '" + settings.choice("dataflow") + "' needs at least " +
                     std::to_string(mapping.pes_per_cluster()) + ", got " + std::to_string(pes_));
  }
}

inline ArrayCostModel::Pieces ArrayCostModel::pieces(const LayerShape& s) const {
  using dataflow::Dim;
  using dataflow::index;
  std::uint64_t c = s.c / s.groups;
  std::uint64_t k = s.k / s.groups;
  Pieces result;
  result.count = static_cast<double>(s.groups) * (repeat_batch_ ? static_cast<double>(s.n) : 1.0);
  switch (s.kind) {
  case OperatorKind::conv:
  case OperatorKind::matmul:
  case OperatorKind::transposed_conv:
    break;
  case OperatorKind::depthwise:
    result.depthwise = true;
    c = s.c * s.k;
    k = 1;
    break;
  case OperatorKind::pool:
  case OperatorKind::elementwise:
    // Neither has weights of its own; channels are independent, as in a depthwise layer.
    result.depthwise = true;
    result.count *= static_cast<double>(s.operands) / static_cast<double>(s.groups);
    c = s.k;
    k = 1;
    break;
  }
  // A transposed convolution slides over its output, with zeros between the inputs.
  const bool literal = literal_ && s.kind != OperatorKind::transposed_conv;
  const std::uint64_t y = literal ? std::max(s.y, s.r) : s.out_y + s.r - 1;
  const std::uint64_t x = literal ? std::max(s.x, s.s) : s.out_x + s.s - 1;
  result.extents[index(Dim::c)] = static_cast<std::int64_t>(c);
  result.extents[index(Dim::k)] = static_cast<std::int64_t>(k);
  result.extents[index(Dim::r)] = static_cast<std::int64_t>(s.r);
  result.extents[index(Dim::s)] = static_cast<std::int64_t>(s.s);
  result.extents[index(Dim::y)] = static_cast<std::int64_t>(y);
  result.extents[index(Dim::x)] = static_cast<std::int64_t>(x);
  return result;
}

inline dataflow::ArrayCost ArrayCostModel::analyse(const Pieces& pieces) const {
  const dataflow::ArraySettings array{noc_elements_per_cycle_, pieces.depthwise};
  if (calibration_ == Calibration::xrbench) {
    return analyse_xrbench(bind_mapping(dataflow::xrbench_mapping(stationary_), pieces.extents, pes_), array);
  }
  const auto stated = dataflow::maestro_mapping(stationary_, pieces.extents);
  return analyse_maestro(bind_mapping(stated, pieces.extents, pes_), array);
}

namespace detail {

/// Elements of the tensors of one convolution.
struct TensorSizes {
  double input = 0.0;
  double weight = 0.0;
  double output = 0.0;
  double macs = 0.0;

  TensorSizes(const dataflow::Extents& extents, bool depthwise) {
    using dataflow::Dim;
    const auto at = [&](Dim dim) { return static_cast<double>(extents[dataflow::index(dim)]); };
    input = at(Dim::c) * at(Dim::y) * at(Dim::x);
    weight = at(Dim::k) * at(Dim::c) * at(Dim::r) * at(Dim::s);
    output = (depthwise ? at(Dim::c) : at(Dim::k)) * (at(Dim::y) - at(Dim::r) + 1.0) * (at(Dim::x) - at(Dim::s) + 1.0);
    macs = output * (depthwise ? 1.0 : at(Dim::c)) * at(Dim::r) * at(Dim::s);
  }
};

} // namespace detail

inline double ArrayCostModel::costed_macs(const LayerShape& shape) const {
  const Pieces p = pieces(shape);
  return p.count * detail::TensorSizes(p.extents, p.depthwise).macs;
}

/// Off-chip traffic, our reading: everything crosses the link once; an input tensor that does not fit into half of the
/// buffer crosses it as often as the array reads it from the buffer.
inline void ArrayCostModel::add_off_chip(const Pieces& pieces, const dataflow::ArrayCost& cost,
                                         CostEstimate& result) const {
  const detail::TensorSizes sizes(pieces.extents, pieces.depthwise);
  const auto crossing = [&](double elements, std::int64_t reads) {
    return elements <= l2_elements_ / 2.0 ? elements : std::max(elements, static_cast<double>(reads));
  };
  const double elements =
      crossing(sizes.input, cost.input_reads) + crossing(sizes.weight, cost.weight_reads) + sizes.output;
  result.dram_bytes = pieces.count * elements * element_bytes_;
  if (bytes_per_cycle_ > 0.0) term_of(result, CostTerm::off_chip) = result.dram_bytes / bytes_per_cycle_;
}

inline CostEstimate ArrayCostModel::estimate(const LayerShape& shape) const {
  const Pieces p = pieces(shape);
  const dataflow::ArrayCost cost = analyse(p);
  const detail::TensorSizes sizes(p.extents, p.depthwise);
  // Both analyses lose a few elements or sums of some ragged tiles. Every operand passes the network once at least, and
  // every PE computes its share.
  const double passing = std::ceil((sizes.input + sizes.weight) / static_cast<double>(noc_elements_per_cycle_));
  const double computing = std::ceil(sizes.macs / static_cast<double>(pes_));
  CostEstimate result;
  term_of(result, CostTerm::compute) = p.count * std::max(computing, static_cast<double>(cost.compute_cycles));
  term_of(result, CostTerm::on_chip) = p.count * std::max(passing, static_cast<double>(cost.noc_cycles));
  add_off_chip(p, cost, result);
  const double array = std::max({passing, computing, static_cast<double>(cost.cycles)});
  result.cycles = std::max(p.count * array, result.terms[2]);
  result.bound = largest_term(result);
  result.l1_accesses = p.count * static_cast<double>(cost.lower_accesses);
  const auto l2 = static_cast<double>(cost.input_reads + cost.weight_reads + cost.output_writes);
  result.l2_accesses = p.count * (l2 + sizes.input + sizes.weight); // both inputs are written to L2 once
  result.energy_nj = energy_.nanojoules(p.count * static_cast<double>(cost.macs), result);
  return result;
}

} // namespace terastal
