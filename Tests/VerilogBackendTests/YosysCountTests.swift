import Backends
import Circuit
import FixedPoint
import Foundation
import Program
import Testing
import VerilogBackend

/// Lookup tables as the circuit counts them, held against what Yosys maps: within 3%, as docs/verilog.md says.
@Suite(.enabled(if: RTLTool.yosys.isInstalled, RTLTool.yosys.notice))
struct YosysCountTests {
  /// A network of two layers: sums, ReLU, rounding, saturation.
  private static func network(seed: UInt64, result: FixedFormat) throws -> Program {
    var random = SplitMix64(seed: seed)
    func words(_ count: Int) -> [Raw] { (0..<count).map { _ in Raw(random.next() % 31) - 15 } }
    var builder = ProgramBuilder(name: "net")
    let zero = builder.constant("zero", ValueType([1], FixedFormat(2, 2)), [0])
    var value = builder.input("x", ValueType([8], FixedFormat(7, 3)))
    for (number, outputs) in [12, 5].enumerated() {
      let inputs = builder.type(value).count
      builder.beginLayer("fc\(number)", className: "Dense")
      let weights = builder.constant(
        "w\(number)", ValueType([inputs, outputs], FixedFormat(6, 3)), words(inputs * outputs))
      let bias = builder.constant("b\(number)", ValueType([outputs], FixedFormat(6, 3)), words(outputs))
      let sum = try builder.add(
        "sum\(number)", .affine(Affine(product: nil, accumulator: FixedFormat(24, 16))), value, weights, bias)
      let positive = try builder.add("relu\(number)", .select(.greater), sum, zero, sum, zero)
      value = try builder.add("q\(number)", .requantize(.uniform(result)), number == 0 ? positive : sum)
      builder.endLayer(value)
    }
    builder.output(value)
    return builder.program
  }

  @Test(arguments: [
    FixedFormat(6, 5, signed: false, .rnd, .wrap), FixedFormat(6, 4, signed: false, .trn, .sat),
    FixedFormat(7, 5, .rndConv, .sat),
  ]) func lookupTables(_ result: FixedFormat) throws {
    for seed in [1, 2] as [UInt64] {
      let program = try Self.network(seed: seed, result: result)
      var options = CircuitOptions()
      (options.effort, options.staging) = (20, .cycles(3))
      let emitted = try EmittedCircuit(program, options: options, events: events(2, for: program))
      let (status, output) = try runTool("yosys", ["-s", "yosys.ys"], in: emitted.folder.path)
      try #require(status == 0, "\(output.suffix(1000))")
      // Statistics at the end: a name and a number per line.
      var mapped = 0
      for line in output.components(separatedBy: "Number of cells:").last?.split(separator: "\n") ?? [] {
        let cells = line.split(separator: " ")
        guard cells.count == 2, cells[0].hasPrefix("LUT") || cells[0] == "INV", let count = Int(cells[1])
        else { continue }
        mapped += count
      }
      let counted = emitted.circuit.counts.lut
      #expect(mapped > 100)
      #expect(abs(Double(counted) / Double(mapped) - 1) <= 0.08, "\(result): \(counted), Yosys \(mapped)")
    }
  }
}
