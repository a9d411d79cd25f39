/// How far an estimate may be off, as factors: 1.25 says that two designs in three take between the estimate / 1.25 and
/// the estimate × 1.25. At least 1.
///
/// Fitted categories take theirs from designs held out from the fit (`scripts/fit-cost-model.py`), networks from the
/// reports of other networks (`triggerfish evaluate FOLDER`); what no report covers is marked `uncalibrated`.
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

  /// Makes an uncertainty; by default there is none.
  public init(lut: Double = 1, ff: Double = 1, dsp: Double = 1, bram: Double = 1, cycles: Double = 1) {
    (self.lut, self.ff, self.dsp, self.bram, self.cycles) = (lut, ff, dsp, bram, cycles)
  }

  /// For operations no synthesis result was fitted to: within a factor of 1.8 two times in three.
  public static let uncalibrated = Uncertainty(lut: 1.8, ff: 1.8, dsp: 1.3, bram: 1.8, cycles: 1.3)
  /// At least this far off outside the range of sizes and widths of the fitted layers: what the reports of whole networks
  /// show (docs/cost-model.md).
  static let extrapolated = Uncertainty(lut: 1.2, ff: 1.25, dsp: 1.15, bram: 1.3, cycles: 1.15)

  /// The larger of two uncertainties, resource by resource.
  func widened(to other: Uncertainty) -> Uncertainty {
    Uncertainty(
      lut: max(lut, other.lut), ff: max(ff, other.ff), dsp: max(dsp, other.dsp), bram: max(bram, other.bram),
      cycles: max(cycles, other.cycles))
  }

  /// The uncertainty of a sum of parts.
  ///
  /// The parts' errors come from one model and lean the same way, so that they are added, not averaged out.
  public static func combined(_ parts: [Step.Estimate]) -> Uncertainty {
    func mean(_ amount: (Step.Estimate) -> Int, _ factor: (Uncertainty) -> Double) -> Double {
      let total = parts.reduce(0) { $0 + amount($1) }
      if total == 0 { return 1 }
      return parts.reduce(0) { $0 + Double(amount($1)) * factor($1.uncertainty) } / Double(total)
    }
    return Uncertainty(
      lut: mean(\.resources.lut, \.lut), ff: mean(\.resources.ff, \.ff), dsp: mean(\.resources.dsp, \.dsp),
      bram: mean(\.resources.bram, \.bram), cycles: mean(\.latency, \.cycles))
  }

  /// Whether a figure is within `factor` of its estimate, up or down; of small figures half a unit is.
  public static func covers(_ estimate: Int, _ found: Int, factor: Double) -> Bool {
    if estimate == found { return true }
    if estimate == 0 || found == 0 { return false }
    let ratio = Double(max(estimate, found)) / Double(min(estimate, found))
    return ratio <= factor || abs(Double(estimate) * factor - Double(found)) < 0.5
  }
}
