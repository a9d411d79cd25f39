/// How far an estimate may be off: relative standard deviations, 0.1 for ±10%.
///
/// Fitted categories take theirs from designs held out from the fit (`scripts/fit-cost-model.py`); what the
/// data does not cover is marked `uncalibrated`.
public struct Uncertainty: Hashable, Sendable {
  /// Of look-up tables.
  public var lut: Double
  /// Of flip-flops.
  public var ff: Double
  /// Of DSP slices.
  public var dsp: Double
  /// Of block RAMs.
  public var bram: Double
  /// Of the latency.
  public var cycles: Double

  /// Makes an uncertainty; all zero by default.
  public init(lut: Double = 0, ff: Double = 0, dsp: Double = 0, bram: Double = 0, cycles: Double = 0) {
    (self.lut, self.ff, self.dsp, self.bram, self.cycles) = (lut, ff, dsp, bram, cycles)
  }

  /// For operations no synthesis result was fitted to: within a factor of 1.5 two times in three.
  public static let uncalibrated = Uncertainty(lut: 0.5, ff: 0.5, dsp: 0.3, bram: 0.3, cycles: 0.3)
  /// At least this far off outside the range of sizes and widths of the data.
  static let extrapolated = Uncertainty(lut: 0.25, ff: 0.3, dsp: 0.1, bram: 0.1, cycles: 0.2)

  /// The larger of two uncertainties, resource by resource.
  func widened(to other: Uncertainty) -> Uncertainty {
    Uncertainty(
      lut: max(lut, other.lut), ff: max(ff, other.ff), dsp: max(dsp, other.dsp), bram: max(bram, other.bram),
      cycles: max(cycles, other.cycles))
  }

  /// The uncertainty of a sum of parts.
  ///
  /// The parts' errors come from one model and lean the same way, so that they are added, not averaged out.
  public static func combined(_ steps: [Step]) -> Uncertainty {
    func mean(_ amount: (Step) -> Int, _ sigma: (Uncertainty) -> Double) -> Double {
      let total = steps.reduce(0) { $0 + amount($1) }
      if total == 0 { return 0 }
      return steps.reduce(0) { $0 + Double(amount($1)) * sigma($1.uncertainty) } / Double(total)
    }
    return Uncertainty(
      lut: mean(\.resources.lut, \.lut), ff: mean(\.resources.ff, \.ff), dsp: mean(\.resources.dsp, \.dsp),
      bram: mean(\.resources.bram, \.bram), cycles: mean(\.latency, \.cycles))
  }
}
