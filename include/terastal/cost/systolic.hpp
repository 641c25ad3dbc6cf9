#pragma once

#include <algorithm> // max, min
#include <cmath>     // ceil
#include <cstdint>
#include <memory>
#include <vector>

#include "terastal/cost/common.hpp"
#include "terastal/cost/cost_model.hpp"
#include "terastal/cost/matrix_products.hpp"

namespace terastal {

/// A systolic array as in TPUs, with SRAM for each operand and a vector unit beside it for pooling, elementwise and, if
/// so set, depthwise layers.
///
/// Time of the array: Samajdar et al., A Systematic Methodology for Characterizing Scalability of DNN Accelerators
/// using SCALE-Sim, ISPASS 2020: 2R + C + T − 2 cycles for each fold of a product onto R rows and C columns. Off-chip
/// traffic, the first fill and energy are our reading; docs/cost_models.md has the formulas.
class SystolicCostModel final : public CostModel {
 public:
  [[nodiscard]] static CostModelInfo info();
  explicit SystolicCostModel(const Settings& settings);

  [[nodiscard]] CostEstimate estimate(const LayerShape& shape) const override;
  [[nodiscard]] double clock_hz() const override { return clock_hz_; }

 private:
  /// What stays in the processing elements while the rest streams through.
  enum class Dataflow : std::uint8_t { weights, outputs, inputs };

  /// One product on the array. Rows and columns are spatial; what is left of the product's dimensions is time.
  struct Folds {
    double rows = 0.0;    ///< extent along the array's rows
    double columns = 0.0; ///< extent along its columns
    double steps = 0.0;   ///< elements that stream through each row
    double row_folds = 0.0;
    double column_folds = 0.0;
  };

  /// Cycles and accesses of one layer; accesses in elements.
  struct Work {
    double cycles = 0.0;
    double sram_accesses = 0.0;
    double dram_elements = 0.0; ///< inputs, weights and outputs
    double spilled_sums = 0.0;  ///< partial sums written to DRAM and read again
    double first_fill = 0.0;    ///< what must arrive before the first cycle; counted in `dram_elements` too
  };

  [[nodiscard]] Folds fold(const MatrixProducts& p) const;
  [[nodiscard]] Work stationary_outputs(const MatrixProducts& p, const Folds& f) const;
  [[nodiscard]] Work stationary_operand(const MatrixProducts& p, const Folds& f, double pieces) const;
  [[nodiscard]] Work array_work(const MatrixProducts& p) const;
  [[nodiscard]] Work vector_work(const LayerShape& shape) const;
  [[nodiscard]] double times_read(double elements, double sram_bytes, double reads) const;
  [[nodiscard]] double fill_cycles(const Work& work) const {
    return std::ceil(work.first_fill * element_bytes_ / bytes_per_cycle_);
  }
  [[nodiscard]] double off_chip_bytes(const Work& work) const {
    return work.dram_elements * element_bytes_ + work.spilled_sums * accumulator_bytes_;
  }
  [[nodiscard]] double busy_cycles(const Work& work) const {
    return std::max(work.cycles + fill_cycles(work), std::ceil(off_chip_bytes(work) / bytes_per_cycle_));
  }

  Dataflow dataflow_;
  bool depthwise_on_array_;
  double array_rows_;
  double array_columns_;
  double vector_lanes_;
  double input_sram_;
  double weight_sram_;
  double output_sram_;
  double element_bytes_;
  double accumulator_bytes_;
  double clock_hz_;
  double bytes_per_cycle_;
  double overhead_cycles_;
  EnergyCosts energy_;
};

// -- implementation

inline CostModelInfo SystolicCostModel::info() {
  // Defaults: the first TPU (Jouppi et al., ISCA 2017): 256 × 256 at 700 MHz, 24 MiB unified buffer, 4 MiB
  // accumulators, weight FIFO of four 64 KiB tiles, two channels of DDR3-2133. Energies: 45 nm (Horowitz, ISSCC 2014):
  // 8-bit multiply 0.2 pJ + 32-bit add 0.1 pJ, 1 MB SRAM 100 pJ for 8 bytes, DRAM 1.3 nJ for 8 bytes; registers are our
  // reading, a tenth of a multiply-accumulate.
  constexpr EnergyCosts energy{0.3, 0.03, 12.5, 162.5};
  constexpr double mebi = 1048576.0;
  const auto sram = [](std::string name, double bytes, std::string help) {
    return Setting::quantity(std::move(name), Dimension::bytes, bytes, 1024.0, kLargestMemory, std::move(help));
  };
  const std::vector<Setting> own = {
      Setting::choice("dataflow", "ws", {"ws", "os", "is"}, "what stays in the array: weights, outputs or inputs"),
      Setting::integer("rows", 256, 1, 65536, "rows of processing elements"),
      Setting::integer("cols", 256, 1, 65536, "columns of processing elements"),
      Setting::choice("depthwise", "array", {"array", "vector"},
                      "where depthwise layers run: on the array, one channel after the other, or on the vector unit"),
      Setting::integer("vector_lanes", 0, 0, 65536,
                       "operations each cycle of the vector unit, which pools and adds; 0: as many as cols"),
      sram("input_sram", 24.0 * mebi, "memory for inputs; half of it holds what is in use"),
      sram("weight_sram", 0.25 * mebi, "memory for weights; half of it holds what is in use"),
      sram("output_sram", 4.0 * mebi, "memory for outputs and partial sums; half of it holds what is in use"),
      element_bytes_setting(),
      Setting::integer("accumulator_bytes", 4, 1, 16, "bytes of one partial sum"),
      Setting::duration("layer_overhead", Duration{0}, "fixed time before each layer")};
  return {"systolic",
          "systolic array (TPU): folds of matrix products, off-chip traffic by SRAM sizes",
          "Samajdar et al., SCALE-Sim, ISPASS 2020",
          true,
          join_settings({own, clock_and_dram_settings(700e6, 34e9), energy.settings()}),
          [](const Settings& settings) { return std::make_unique<SystolicCostModel>(settings); }};
}

inline SystolicCostModel::SystolicCostModel(const Settings& settings)
    : dataflow_(settings.choice("dataflow") == "ws"   ? Dataflow::weights
                : settings.choice("dataflow") == "os" ? Dataflow::outputs
                                                      : Dataflow::inputs),
      depthwise_on_array_(settings.choice("depthwise") == "array"),
      array_rows_(static_cast<double>(settings.integer("rows"))),
      array_columns_(static_cast<double>(settings.integer("cols"))),
      vector_lanes_(static_cast<double>(settings.integer("vector_lanes"))), input_sram_(settings.number("input_sram")),
      weight_sram_(settings.number("weight_sram")), output_sram_(settings.number("output_sram")),
      element_bytes_(static_cast<double>(settings.integer("element_bytes"))),
      accumulator_bytes_(static_cast<double>(settings.integer("accumulator_bytes"))),
      clock_hz_(settings.number("clock")), bytes_per_cycle_(settings.number("dram_bandwidth") / clock_hz_),
      overhead_cycles_(std::ceil(to_seconds(settings.duration("layer_overhead")) * clock_hz_)),
      energy_(EnergyCosts::from(settings)) {
  if (vector_lanes_ == 0.0) vector_lanes_ = array_columns_;
}

inline SystolicCostModel::Folds SystolicCostModel::fold(const MatrixProducts& p) const {
  const auto positions = static_cast<double>(p.rows);
  const auto filters = static_cast<double>(p.columns);
  const auto window = static_cast<double>(p.depth);
  Folds f;
  switch (dataflow_) {
  case Dataflow::weights:
    f = {window, filters, positions};
    break;
  case Dataflow::outputs:
    f = {positions, filters, window};
    break;
  case Dataflow::inputs:
    f = {window, positions, filters};
    break;
  }
  f.row_folds = std::ceil(f.rows / array_rows_);
  f.column_folds = std::ceil(f.columns / array_columns_);
  return f;
}

/// How often an operand of which the array makes `reads` passes comes from DRAM: once if half the SRAM holds it.
inline double SystolicCostModel::times_read(double elements, double sram_bytes, double reads) const {
  return elements * element_bytes_ <= sram_bytes / 2.0 ? 1.0 : reads;
}

inline SystolicCostModel::Work SystolicCostModel::stationary_outputs(const MatrixProducts& p, const Folds& f) const {
  const auto count = static_cast<double>(p.count);
  const auto input = static_cast<double>(p.input);
  const auto weights = static_cast<double>(p.weights);
  const double used_rows = std::min(f.rows, array_rows_);
  const double used_columns = std::min(f.columns, array_columns_);
  Work work;
  work.cycles = count * f.row_folds * f.column_folds * (2.0 * array_rows_ + array_columns_ + f.steps - 2.0);
  work.sram_accesses = count * (f.steps * (f.rows * f.column_folds + f.columns * f.row_folds) + f.rows * f.columns);
  // For each fold of the columns the rows pass by: the weights of those columns are used again.
  work.dram_elements =
      count * (input * times_read(input, input_sram_, f.column_folds) +
               weights * times_read(f.steps * used_columns, weight_sram_, f.row_folds) + static_cast<double>(p.output));
  work.first_fill = used_rows + used_columns;
  return work;
}

/// Weights or inputs stay; the stream is cut into pieces, and for each of them all folds are loaded again.
inline SystolicCostModel::Work SystolicCostModel::stationary_operand(const MatrixProducts& p, const Folds& f,
                                                                     double pieces) const {
  const bool weights_stay = dataflow_ == Dataflow::weights;
  const auto count = static_cast<double>(p.count);
  const auto stationary = static_cast<double>(weights_stay ? p.weights : p.input);
  const auto streamed = static_cast<double>(weights_stay ? p.input : p.weights);
  const double stationary_sram = weights_stay ? weight_sram_ : input_sram_;
  const double streamed_sram = weights_stay ? input_sram_ : weight_sram_;
  const double used_rows = std::min(f.rows, array_rows_);
  const double used_columns = std::min(f.columns, array_columns_);
  const double results = f.steps * f.columns;
  const double sum_bytes = std::ceil(f.steps / pieces) * used_columns * accumulator_bytes_;
  Work work;
  work.cycles = count * f.row_folds * f.column_folds * (pieces * (2.0 * array_rows_ + array_columns_ - 2.0) + f.steps);
  // Each fold of the rows adds to the partial sums of the folds before it.
  work.sram_accesses =
      count * (f.rows * f.columns * pieces + f.steps * f.rows * f.column_folds + results * (2.0 * f.row_folds - 1.0));
  work.dram_elements =
      count * (stationary * times_read(stationary, stationary_sram, pieces) +
               streamed * times_read(streamed / pieces, streamed_sram, f.column_folds) + static_cast<double>(p.output));
  work.spilled_sums = sum_bytes <= output_sram_ / 2.0 ? 0.0 : count * 2.0 * results * (f.row_folds - 1.0);
  work.first_fill = std::min(used_rows * used_columns, stationary);
  return work;
}

inline SystolicCostModel::Work SystolicCostModel::array_work(const MatrixProducts& p) const {
  const Folds f = fold(p);
  if (dataflow_ == Dataflow::outputs) return stationary_outputs(p, f);
  Work best = stationary_operand(p, f, 1.0);
  double best_cycles = busy_cycles(best);
  for (double pieces = 2.0; pieces < 2.0 * f.steps; pieces *= 2.0) {
    const Work work = stationary_operand(p, f, pieces);
    if (work.cycles >= best_cycles) break; // and more pieces only take longer
    if (busy_cycles(work) >= best_cycles) continue;
    best = work;
    best_cycles = busy_cycles(work);
  }
  return best;
}

inline SystolicCostModel::Work SystolicCostModel::vector_work(const LayerShape& shape) const {
  Work work;
  work.cycles = std::ceil(static_cast<double>(shape.macs()) / vector_lanes_);
  work.dram_elements = static_cast<double>(shape.input_elements() + shape.weight_elements() + shape.output_elements());
  work.sram_accesses = work.dram_elements;
  return work;
}

inline CostEstimate SystolicCostModel::estimate(const LayerShape& shape) const {
  const bool on_array = shape.kind == OperatorKind::depthwise ? depthwise_on_array_ : multiplies_matrices(shape.kind);
  const Work work = on_array ? array_work(matrix_products(shape)) : vector_work(shape);
  const auto operations = static_cast<double>(shape.macs());
  CostEstimate result;
  result.l1_accesses = kRegisterAccesses * operations;
  // What passes between SRAM and DRAM is written and read on the SRAM's side, too.
  result.l2_accesses = work.sram_accesses + work.dram_elements + work.spilled_sums;
  result.dram_bytes = off_chip_bytes(work);
  term_of(result, CostTerm::compute) = work.cycles;
  term_of(result, CostTerm::off_chip) = std::ceil(result.dram_bytes / bytes_per_cycle_);
  term_of(result, CostTerm::overhead) = overhead_cycles_ + fill_cycles(work);
  result.cycles = overhead_cycles_ + busy_cycles(work);
  result.bound = largest_term(result);
  result.energy_nj = energy_.nanojoules(operations, result);
  return result;
}

} // namespace terastal
