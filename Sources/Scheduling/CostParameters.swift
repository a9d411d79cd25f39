// Made by scripts/fit-cost-model.py; do not edit.

/// Parameters of the cost model, fitted on three quarters of the models of `dense_csynth.csv` (Vitis HLS
/// C-synthesis of dense layers, Apache-2.0, Dendendelen/wa-hls4ml-search): 519 designs.
/// What each stands for: docs/cost-model.md.
enum CostParameters {
  /// LUTs of an adder of the sums' trees, per bit (and seven).
  static let adder = 0.9388
  /// LUTs of a shift-and-add operation of a product, per bit (and seven).
  static let shiftAdd = 0.9947
  /// LUTs beside a DSP, fully pipelined.
  static let dspLUT = 3.2464
  /// LUTs for each product that takes its turn on a shared DSP.
  static let sharedDspLUT = 4.0542
  /// LUTs beside a DSP, resource strategy: below zero, since DSPs take over adders.
  static let resourceDspLUT = -1.3327
  /// Registers where the pipeline is cut, per adder bit; latency strategy with DSPs.
  static let cutAdder = 0.1202
  /// The same per product bit.
  static let cutDSP = 0.0678
  /// The same per adder bit without any DSP.
  static let cutAdderOnly = 0.1220
  /// Registers of a layer whose DSPs are shared, per adder bit.
  static let sharedCutAdder = 0.7946
  /// The same per product bit.
  static let sharedCutDSP = -0.0520
  /// Registers of an unrolled layer of the resource strategy, per adder bit.
  static let resourceCutAdder = 0.1643
  /// The same per product bit.
  static let resourceCutDSP = 0.4561
  /// The same per adder bit without DSPs, with shift-and-add products.
  static let resourceCutShift = 0.1099
  /// The same per adder bit where every product is a wire.
  static let resourceCutWire = 0.0441
  /// LUTs of an array of multipliers, whatever its size.
  static let arrayControl = 4750.2510
  /// LUTs per input bit.
  static let arrayInput = 1.9984
  /// LUTs per accumulator bit.
  static let arrayOutput = 1.4325
  /// LUTs per multiplier and accumulator bit.
  static let arrayMultiplier = 2.7646
  /// Flip-flops of an array of multipliers, whatever its size.
  static let arrayControlFF = 124.0000
  /// LUTs per bit of a multiplexer of 32, 64, 128 and 256 inputs.
  static let multiplexer = [8.0755, 15.7804, 40.9652, 84.1811]

  // Factors that 68% of the held-out designs are within.

  /// Latency strategy, unrolled.
  static let latencyUnrolled = Uncertainty(
    lut: 1.045, ff: 1.150, dsp: 1.020, bram: 1.020, cycles: 1.020)
  /// Latency strategy, shared.
  static let latencyShared = Uncertainty(
    lut: 1.050, ff: 1.117, dsp: 1.020, bram: 1.020, cycles: 1.020)
  /// Resource strategy, unrolled.
  static let resourceUnrolled = Uncertainty(
    lut: 1.036, ff: 1.055, dsp: 1.027, bram: 1.020, cycles: 1.020)
  /// Resource strategy, shared.
  static let resourceShared = Uncertainty(
    lut: 1.020, ff: 1.020, dsp: 1.020, bram: 1.020, cycles: 1.020)
}
