import FixedPoint
import Foundation
import Program
import Scheduling
import TestSupport

/// One C-synthesis result of `dense_csynth.csv`, and the same layer as we schedule it.
struct SynthesisResult {
  var model: String
  var inputs, outputs, precision, reuse: Int
  var strategy: Strategy
  /// LUT, FF, DSP, BRAM18, cycles, interval.
  var measured: [Int]

  static let columns = ["LUT", "FF", "DSP", "BRAM_18K", "BestLatency", "IntervalMax"]

  /// The successful rows; nil where the data is absent.
  static func all() -> [SynthesisResult]? {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    let shared =
      ProcessInfo.processInfo.environment["TRIGGERFISH_SHARED"].map { URL(filePath: $0) }
      ?? root.appending(path: "../shared")
    let file = shared.appending(path: "data/synthesis/dense_csynth.csv")
    guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
    let lines = text.split(whereSeparator: \.isNewline).map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    return lines.dropFirst().compactMap { cells in
      let row = Dictionary(uniqueKeysWithValues: zip(lines[0], cells))
      func number(_ key: Substring) -> Int? { row[key].flatMap { Double($0) }.map { Int($0) } }
      let measured = columns.compactMap { number(Substring($0)) }
      guard row["hls_synth_success"] == "true", measured.count == columns.count,
        let name = row["model_name"], let inputs = number("d_in"), let outputs = number("d_out"),
        let precision = number("prec"), let reuse = number("rf"),
        let strategy = row["strategy"].flatMap({ Strategy(rawValue: String($0)) })
      else { return nil }
      return SynthesisResult(
        model: String(name), inputs: inputs, outputs: outputs, precision: precision, reuse: reuse,
        strategy: strategy, measured: measured)
    }
  }

  /// Whether the fit left this model out: the CRC-32 of its name tells (scripts/fit-cost-model.py).
  var isHeldOut: Bool {
    var checksum = UInt32.max
    for byte in model.utf8 {
      checksum ^= UInt32(byte)
      for _ in 0..<8 { checksum = checksum >> 1 ^ (checksum & 1 == 1 ? 0xedb8_8320 : 0) }
    }
    return ~checksum % 4 == 0
  }

  /// "latency unrolled", "resource shared"…
  var layout: String { strategy.rawValue + (reuse == 1 ? " unrolled" : " shared") }

  /// The layer with weights drawn as in scripts/fit-cost-model.py, since the data does not hold them.
  func program() throws -> Program {
    let seed = UInt64(inputs) << 32 | UInt64(outputs) << 16 | UInt64(precision)
    var generator = SeededGenerator(seed: seed)
    let limit = (3 / Double(inputs)).squareRoot() * Double(1 << (precision - 1))
    let format = FixedFormat(precision, 1)
    let words = (0..<(inputs * outputs)).map { _ in
      let unit = Double(generator.next() >> 11) * 0x1p-53
      return min(max(Raw(((2 * unit - 1) * limit).rounded(.down)), format.minRaw), format.maxRaw)
    }
    var builder = ProgramBuilder(name: model)
    builder.beginLayer("x", className: "Input")
    let x = builder.input("x", ValueType([inputs], FixedFormat(16, 6)))
    builder.endLayer(x)
    builder.beginLayer("dense", className: "Dense")
    let weights = builder.constant("w", ValueType([inputs, outputs], format), words)
    let bias = builder.constant("b", ValueType([outputs], format), Array(repeating: 0, count: outputs))
    let sums = try builder.add(
      "sums", .affine(Affine(product: nil, accumulator: FixedFormat(16, 6))), x, weights, bias)
    builder.endLayer(sums)
    builder.output(sums)
    return builder.program
  }

  /// LUT, FF, DSP, BRAM18, cycles, interval by the cost model.
  func estimate() throws -> [Int] {
    let request = ScheduleRequest(
      target: Target(part: "xcvu13p-flga2577-2-e", clockPeriod: 5, clockUncertainty: 0.125),
      defaults: .init(strategy: strategy, reuseFactor: reuse))
    let design = try schedule(program(), request)
    let amounts = design.resources
    return [amounts.lut, amounts.ff, amounts.dsp, amounts.bram, design.latency, design.interval]
  }
}

/// Errors of a group of designs.
struct EstimateErrors {
  /// Per column of `SynthesisResult.columns`: |estimate - measured| / max(measured, 1), one per design.
  var relative: [[Double]] = Array(repeating: [], count: SynthesisResult.columns.count)
  var symmetric: [[Double]] = Array(repeating: [], count: SynthesisResult.columns.count)
  var exactIntervals = 0

  var count: Int { relative[0].count }
  var intervalShare: Double { Double(exactIntervals) / Double(max(1, count)) }

  mutating func add(_ estimate: [Int], _ measured: [Int]) {
    for (column, (a, b)) in zip(estimate, measured).enumerated() {
      let difference = Double(abs(a - b))
      relative[column].append(difference / Double(max(b, 1)))
      symmetric[column].append(a + b == 0 ? 0 : 2 * difference / Double(a + b))
    }
    if estimate.last == measured.last { exactIntervals += 1 }
  }

  /// Median absolute percentage error of a column, as a share.
  func median(_ column: Int) -> Double {
    let sorted = relative[column].sorted()
    return (sorted[sorted.count / 2] + sorted[(sorted.count - 1) / 2]) / 2
  }

  /// Symmetric mean absolute percentage error of a column, as a share.
  func smape(_ column: Int) -> Double {
    symmetric[column].reduce(0, +) / Double(max(1, symmetric[column].count))
  }

  /// One line: median APE/sMAPE of every column in percent, exact intervals.
  func line(_ name: String) -> String {
    let cells = relative.indices.map { String(format: "%6.1f/%-5.1f", 100 * median($0), 100 * smape($0)) }
    let head = name.padding(toLength: 28, withPad: " ", startingAt: 0)
    return head + String(format: "%4d", count) + cells.joined()
      + String(format: "  %5.1f%%", 100 * intervalShare)
  }
}
