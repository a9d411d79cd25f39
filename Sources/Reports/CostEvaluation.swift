import Diagnostics
import Foundation
import Scheduling

/// The cost model's errors on synthesis results, in all and by kind of design.
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
  }

  /// All designs first, then by strategy and layout, then by precision too.
  public var groups: [Group]

  /// The figures, by their names in reports.
  public static let figures = ["LUT", "FF", "DSP", "BRAM18", "cycles", "II"]

  /// Estimates every design and compares.
  public init(_ layers: [SynthesizedLayer]) throws(Failure) {
    var all = Errors()
    var kinds: [String: Errors] = [:]
    var precisions: [String: Errors] = [:]
    for layer in layers {
      let estimate = try layer.estimate()
      all.add(estimate, layer.measured)
      kinds[layer.layout, default: Errors()].add(estimate, layer.measured)
      // Two digits, so that names sort as numbers.
      let bits = String(format: "%2d bits", layer.precision)
      precisions["\(layer.layout) \(bits)", default: Errors()].add(estimate, layer.measured)
    }
    groups = [all.group("all")]
    for part in [kinds, precisions] {
      groups += part.sorted { $0.key < $1.key }.map { $1.group($0) }
    }
  }

  /// The group of a name.
  public subscript(name: String) -> Group? { groups.first { $0.name == name } }

  /// The table for people: median absolute percentage error / sMAPE of every figure, and exact intervals.
  public var text: String {
    let head = ["", "designs"] + Self.figures + ["II exact"]
    let rows = groups.map { group in
      [group.name.visible, "\(group.designs)"]
        + Self.figures.map { String(format: "%.1f/%.1f", group.median[$0] ?? 0, group.smape[$0] ?? 0) }
        + [String(format: "%.1f%%", group.exactIntervals)]
    }
    return Report.aligned([head] + rows, numbersFrom: 1).joined(separator: "\n") + "\n"
  }

  /// The groups as JSON.
  public var json: String { jsonText(self) }

  private struct Errors {
    var relative: [[Double]] = Array(repeating: [], count: CostEvaluation.figures.count)
    var symmetric: [[Double]] = Array(repeating: [], count: CostEvaluation.figures.count)
    var exact = 0

    mutating func add(_ estimate: [Int], _ measured: [Int]) {
      for (column, (a, b)) in zip(estimate, measured).enumerated() {
        let difference = 100 * Double(abs(a - b))
        relative[column].append(difference / Double(max(b, 1)))
        symmetric[column].append(a + b == 0 ? 0 : 2 * difference / Double(a + b))
      }
      if estimate.last == measured.last { exact += 1 }
    }

    func group(_ name: String) -> Group {
      let count = relative[0].count
      let medians = relative.map { errors in
        let sorted = errors.sorted()
        return sorted.isEmpty ? 0 : (sorted[sorted.count / 2] + sorted[(sorted.count - 1) / 2]) / 2
      }
      let means = symmetric.map { $0.reduce(0, +) / Double(max(1, $0.count)) }
      return Group(
        name: name, designs: count,
        median: Dictionary(zip(CostEvaluation.figures, medians), uniquingKeysWith: { $1 }),
        smape: Dictionary(zip(CostEvaluation.figures, means), uniquingKeysWith: { $1 }),
        exactIntervals: 100 * Double(exact) / Double(max(1, count)))
    }
  }
}
