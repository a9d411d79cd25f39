import FixedPoint
import Foundation
import Program
import Scheduling

/// How long a plan and a search take as networks grow: seconds by the number of dense layers of 32 × 32.
enum SchedulingBenchmark {
  struct Row: Codable {
    var layers: Int
    /// `schedule`, the search for a design within a few cycles per layer, and with three times as many.
    var schedule, tightSearch, looseSearch: Double
    /// A search for a design of one cycle, which there is none of, and `explore`.
    var hopelessSearch, explore: Double
    /// Whether both searches proved their design the best.
    var isProven: Bool
  }

  static func rows() throws -> [Row] {
    let target = Target(part: "xcvu13p-flga2577-2-e", clockPeriod: 5, clockUncertainty: 0.125)
    let request = ScheduleRequest(target: target)
    return try [5, 10, 20, 40, 80].map { layers in
      let program = try network(layers)
      var isProven = true
      func search(_ latency: Int) throws -> Double {
        try fastest(of: 3) {
          let limits = SearchLimits(latency: latency)
          switch try Scheduling.search(program, request, limits: limits) {
          case .found(let found): isProven = isProven && found.isOptimal
          case .nothingFits(_, let proven): isProven = isProven && proven
          }
        }
      }
      return Row(
        layers: layers, schedule: try fastest(of: 3) { _ = try schedule(program, request) },
        tightSearch: try search(10 * layers), looseSearch: try search(30 * layers),
        hopelessSearch: try search(1),
        explore: try fastest(of: 3) { _ = try Scheduling.explore(program, request) }, isProven: isProven)
    }
  }

  /// Words from a fixed seed: the same network in every run.
  private static func network(_ layers: Int) throws -> Program {
    var state: UInt64 = 1
    var builder = ProgramBuilder(name: "net")
    builder.beginLayer("x", className: "Input")
    var value = builder.input("x", ValueType([32], FixedFormat(16, 6)))
    builder.endLayer(value)
    let format = FixedFormat(8, 1)
    for layer in 0..<layers {
      builder.beginLayer("fc\(layer)", className: "Dense")
      let words = (0..<1024).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Raw(Int8(truncatingIfNeeded: state >> 56))
      }
      let weights = builder.constant("w\(layer)", ValueType([32, 32], format), words)
      let bias = builder.constant("b\(layer)", ValueType([32], format), Array(repeating: 1, count: 32))
      let affine = Affine(product: nil, accumulator: FixedFormat(16, 6))
      value = try builder.add("sums\(layer)", .affine(affine), value, weights, bias)
      builder.endLayer(value)
    }
    builder.output(value)
    return builder.program
  }
}
