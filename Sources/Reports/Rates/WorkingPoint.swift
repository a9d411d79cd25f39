import Diagnostics
import Foundation

/// Rates not to be exceeded (Hz) and efficiencies to be reached (shares), for which thresholds are wanted.
public struct RateTargets: Hashable, Sendable {
  /// Rates not to be exceeded, in Hz.
  public var rates: [Double] = []
  /// Efficiencies to be reached, as shares.
  public var efficiencies: [Double] = []

  /// Wants nothing.
  public init() {}

  /// Reads a rate as `100kHz` or `31.5 MHz`, in Hz; nil for anything else.
  public static func frequency(_ argument: String) -> Double? {
    let text = argument.lowercased().replacing(" ", with: "")
    for (unit, factor) in [("ghz", 1e9), ("mhz", 1e6), ("khz", 1e3), ("hz", 1.0)] where text.hasSuffix(unit) {
      guard let amount = Double(text.dropLast(unit.count)), amount > 0, amount.isFinite else { return nil }
      return amount * factor
    }
    return nil
  }

  /// Reads a share as `50%` or `0.5`; nil for anything else.
  public static func share(_ text: String) -> Double? {
    let value = text.hasSuffix("%") ? Double(text.dropLast()).map { $0 / 100 } : Double(text)
    return value.flatMap { $0 > 0 && $0 <= 1 ? $0 : nil }
  }
}

/// The threshold for a wanted rate or efficiency.
///
/// Field names are the JSON keys. Intervals are of 68.3% (docs/rates.md).
public struct WorkingPoint: Codable, Hashable, Sendable {
  /// "words" or "float".
  public var curve: String
  /// What was wanted: "rate" in Hz, not to be exceeded, or "efficiency", to be reached; and how much.
  public var wanted: String
  /// How much was wanted.
  public var target: Double
  /// The raw word to put into the firmware, and its value; nil where no threshold does it.
  public var threshold: Int64?
  /// The word's value.
  public var value: Double?
  /// Background and signal events that fire.
  public var background, signal: Int?
  public var rate, rateLow, rateHigh: Double?
  public var efficiency, efficiencyLow, efficiencyHigh: Double?
  public var backgroundEfficiency, backgroundEfficiencyLow, backgroundEfficiencyHigh: Double?

  init(curve: String, wanted: String, target: Double, _ point: RatePoint?) {
    (self.curve, self.wanted, self.target) = (curve, wanted, target)
    (threshold, value) = (point?.threshold, point?.value)
    (background, signal) = (point?.background, point?.signal)
    (rate, rateLow, rateHigh) = (point?.rate?.value, point?.rate?.low, point?.rate?.high)
    let (efficiency, share) = (point?.efficiency, point?.backgroundEfficiency)
    (self.efficiency, efficiencyLow, efficiencyHigh) = (efficiency?.value, efficiency?.low, efficiency?.high)
    (backgroundEfficiency, backgroundEfficiencyLow, backgroundEfficiencyHigh) = (
      share?.value, share?.low, share?.high
    )
  }
}

extension RateResult {
  /// The same result with the thresholds for what is wanted.
  ///
  /// - Throws: `usage` for a rate where nothing says what an event stands for, or an efficiency without signal.
  public func with(_ targets: RateTargets) throws(Failure) -> RateResult {
    var problems: [Diagnostic] = []
    if !targets.rates.isEmpty, crossingRate == nil, weightBits == nil {
      problems.append(
        Diagnostic(
          "a rate was asked for, but nothing says how many Hz an event stands for",
          hint: "give --crossing-rate, or --event-weights in Hz"))
    }
    if !targets.efficiencies.isEmpty, signal == nil {
      problems.append(
        Diagnostic(
          "an efficiency was asked for, but nothing says which events are signal", hint: "give --labels"))
    }
    if !problems.isEmpty { throw Failure(.usage, problems) }
    var result = self
    result.workingPoints = workingPoints(targets)
    return result
  }

  private func workingPoints(_ targets: RateTargets) -> [WorkingPoint]? {
    if targets == RateTargets() { return nil }
    var found: [WorkingPoint] = []
    for (name, curve) in curves {
      found += targets.rates.map {
        WorkingPoint(curve: name, wanted: "rate", target: $0, curve.point(rate: $0))
      }
      found += targets.efficiencies.map {
        WorkingPoint(curve: name, wanted: "efficiency", target: $0, curve.point(efficiency: $0))
      }
    }
    return found
  }

  /// The firmware's curve, and the float model's where there is one.
  var curves: [(name: String, curve: RateCurve)] {
    [("words", curve)] + (floatCurve.map { [("float", $0)] } ?? [])
  }
}
