import Diagnostics
import Foundation
import Scheduling

/// The cost model's errors on synthesis results, in all and by kind of design.
///
/// Results of whole networks are held against the model network by network as well: `transfer` says how far the errors
/// on all other networks tell those on one.
public struct CostEvaluation: Codable, Hashable, Sendable {
  /// The errors of a group of designs.
  public struct Group: Codable, Hashable, Sendable {
    /// "all", "latency unrolled", "latency unrolled 6 bits".
    public var name: String
    /// How many there are.
    public var designs: Int
    /// Median absolute percentage error by figure, in percent.
    public var median: [String: Double]
    /// Symmetric mean absolute percentage error by figure, in percent.
    public var smape: [String: Double]
    /// The share of designs whose interval is exact, in percent.
    public var exactIntervals: Double
    /// The share of designs within their own error bars by figure, in percent.
    public var covered: [String: Double]
  }

  /// One design: what was estimated and what the tool reported, in the order of `figures`.
  public struct Sample: Codable, Hashable, Sendable {
    /// The design's name, and the groups it belongs to besides all.
    public var name: String
    var groups: [String]
    /// The network it is one of; nil for single layers.
    public var network: String?
    /// The figures, ours and the tool's.
    public var estimate, measured: [Int]
    /// The factors the estimates are said to be within two times in three; the interval has none.
    public var factors: [Double]

    /// Compares a design with what the tool reported, in the order of `figures`.
    public init(name: String, groups: [String], network: String? = nil, design: Design, measured: [Int]) {
      (self.name, self.groups, self.network, self.measured) = (name, groups, network, measured)
      let (amounts, bars) = (design.resources, design.uncertainty)
      estimate = [amounts.lut, amounts.ff, amounts.dsp, amounts.bram, design.latency, design.interval]
      factors = [bars.lut, bars.ff, bars.dsp, bars.bram, bars.cycles, 1]
    }
  }

  /// Error bars made from all other networks, held against each network: leave one network out.
  public struct Transfer: Codable, Hashable, Sendable {
    /// The factor that two in three of all estimates are within, by figure.
    public var factor: [String: Double]
    /// The share of designs within the factor their network did not help to make, in percent.
    public var within: [String: Double]
    /// The median error where each network is corrected by the mean error on all others, in percent: nothing is
    /// gained by such a fit where it is no smaller than the estimates' own.
    public var correctedMedian: [String: Double]
  }

  /// All designs first, then by strategy and layout, then by precision too; or by reuse factor, then by network.
  public var groups: [Group]
  /// For results of several networks.
  public var transfer: Transfer?
  /// The designs, for results of networks.
  public var samples: [Sample]?

  /// The figures, by their names in reports.
  public static let figures = ["LUT", "FF", "DSP", "BRAM18", "cycles", "II"]

  /// Estimates every design and compares.
  public init(_ layers: [SynthesizedLayer]) throws(Failure) {
    var samples: [Sample] = []
    for layer in layers {
      // Two digits, so that names sort as numbers.
      let bits = String(format: "%2d bits", layer.precision)
      samples.append(
        Sample(
          name: layer.model, groups: [layer.layout, "\(layer.layout) \(bits)"], design: try layer.design(),
          measured: layer.measured))
    }
    groups = Self.groups(samples)
  }

  /// Compares designs of whole networks.
  public init(networks samples: [Sample]) {
    groups = Self.groups(samples)
    self.samples = samples
    transfer = Self.transfer(samples)
  }

  /// All, then the samples' first groups by name, then their second ones.
  private static func groups(_ samples: [Sample]) -> [Group] {
    var all = Errors()
    var parts: [[String: Errors]] = [[:], [:]]
    for sample in samples {
      all.add(sample)
      for (place, name) in sample.groups.enumerated() {
        parts[place][name, default: Errors()].add(sample)
      }
    }
    return [all.group("all")] + parts.flatMap { $0.sorted { $0.key < $1.key }.map { $1.group($0) } }
  }

  private static func transfer(_ samples: [Sample]) -> Transfer? {
    let networks = Set(samples.compactMap(\.network)).sorted()
    if networks.count < 2 { return nil }
    var transfer = Transfer(factor: [:], within: [:], correctedMedian: [:])
    for (column, figure) in figures.enumerated() {
      // The logarithm of what was found over what was estimated; of nothing there is none.
      func error(_ sample: Sample) -> Double {
        log(Double(max(1, sample.measured[column])) / Double(max(1, sample.estimate[column])))
      }
      func quantile(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty
          ? 0 : sorted[min(sorted.count - 1, Int((0.68 * Double(sorted.count)).rounded(.up)) - 1)]
      }
      var within = 0
      var corrected: [Double] = []
      for network in networks {
        let others = samples.filter { $0.network != network }.map(error)
        let bar = quantile(others.map(abs))
        let mean = others.reduce(0, +) / Double(max(1, others.count))
        for sample in samples where sample.network == network {
          if abs(error(sample)) <= bar + 1e-9 { within += 1 }
          corrected.append(100 * abs(exp(mean - error(sample)) - 1))
        }
      }
      transfer.factor[figure] = exp(quantile(samples.map { abs(error($0)) }))
      transfer.within[figure] = 100 * Double(within) / Double(samples.count)
      transfer.correctedMedian[figure] = median(corrected)
    }
    return transfer
  }

  fileprivate static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? 0 : (sorted[sorted.count / 2] + sorted[(sorted.count - 1) / 2]) / 2
  }

  /// The group of a name.
  public subscript(name: String) -> Group? { groups.first { $0.name == name } }

  /// The table for people: median absolute percentage error / sMAPE of every figure, and exact intervals.
  public var text: String {
    let head = ["median APE / sMAPE", "designs"] + Self.figures + ["II exact"]
    let rows = groups.map { group in
      [group.name.visible, "\(group.designs)"]
        + Self.figures.map { String(format: "%.1f/%.1f", group.median[$0] ?? 0, group.smape[$0] ?? 0) }
        + [String(format: "%.1f%%", group.exactIntervals)]
    }
    var lines = Report.aligned([head] + rows, numbersFrom: 1)
    let bars = Self.figures.dropLast()
    let covered = groups.filter { !$0.name.hasSuffix(" bits") }.map { group in
      [group.name] + bars.map { String(format: "%.0f%%", group.covered[$0] ?? 0) }
    }
    lines += [""] + Report.aligned([["within the error bar"] + bars] + covered, numbersFrom: 1)
    if let samples {
      let table = samples.map { sample in
        [sample.name] + zip(sample.estimate, sample.measured).map { "\($0) for \($1)" }
      }
      lines += [""] + Report.aligned([["estimate for report"] + Self.figures] + table, numbersFrom: 1)
    }
    if let transfer {
      func row(_ name: String, _ values: [String: Double], _ format: String) -> [String] {
        [name] + Self.figures.map { String(format: format, values[$0] ?? 0) }
      }
      let table = [
        ["one network left out"] + Self.figures,
        row("2 in 3 of all are within", transfer.factor, "×/÷%.2f"),
        row("within the others' factor", transfer.within, "%.0f%%"),
        row("median if corrected by the others", transfer.correctedMedian, "%.1f%%"),
      ]
      lines += [""] + Report.aligned(table, numbersFrom: 1)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The groups as JSON.
  public var json: String { jsonText(self) }

  private struct Errors {
    var relative: [[Double]] = Array(repeating: [], count: CostEvaluation.figures.count)
    var symmetric: [[Double]] = Array(repeating: [], count: CostEvaluation.figures.count)
    var covered = Array(repeating: 0, count: CostEvaluation.figures.count)
    var exact = 0

    mutating func add(_ sample: Sample) {
      let (estimate, measured) = (sample.estimate, sample.measured)
      for (column, factor) in sample.factors.enumerated()
      where Uncertainty.covers(estimate[column], measured[column], factor: factor) { covered[column] += 1 }
      for (column, (a, b)) in zip(estimate, measured).enumerated() {
        let difference = 100 * Double(abs(a - b))
        relative[column].append(difference / Double(max(b, 1)))
        symmetric[column].append(a + b == 0 ? 0 : 2 * difference / Double(a + b))
      }
      if estimate.last == measured.last { exact += 1 }
    }

    func group(_ name: String) -> Group {
      let count = relative[0].count
      let medians = relative.map(CostEvaluation.median)
      let means = symmetric.map { $0.reduce(0, +) / Double(max(1, $0.count)) }
      return Group(
        name: name, designs: count,
        median: Dictionary(zip(CostEvaluation.figures, medians), uniquingKeysWith: { $1 }),
        smape: Dictionary(zip(CostEvaluation.figures, means), uniquingKeysWith: { $1 }),
        exactIntervals: 100 * Double(exact) / Double(max(1, count)),
        covered: Dictionary(
          zip(CostEvaluation.figures, covered.map { 100 * Double($0) / Double(max(1, count)) }),
          uniquingKeysWith: { $1 }))
    }
  }
}
