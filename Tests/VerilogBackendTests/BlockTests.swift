import Circuit
import FixedPoint
import Foundation
import Program
import Testing
import VerilogBackend

/// DSP blocks and block RAMs in Verilog: the words in Verilator and Icarus, and what Yosys makes of them.
@Suite(.enabled(if: RTLTool.verilator.isInstalled && RTLTool.iverilog.isInstalled, RTLTool.verilator.notice))
struct BlockTests {
  /// Products of several widths and tables of several sizes side by side.
  private static func program() throws -> Program {
    var builder = ProgramBuilder(name: "blocks")
    for (number, (a, b, isSigned)) in [
      (4, 4, true), (7, 7, true), (5, 12, false), (8, 8, true), (16, 16, false), (18, 27, true),
      (20, 30, true),
    ].enumerated() {
      let x = builder.input("x\(number)", ValueType([2], FixedFormat(a, a, signed: isSigned)))
      let y = builder.input("y\(number)", ValueType([2], FixedFormat(b, b)))
      let product = try builder.add("p\(number)", .elementwise(.multiply), x, y)
      let low = FixedFormat(max(4, b - 1), max(4, b - 1))
      builder.output(product)
      builder.output(try builder.add("low\(number)", .requantize(low), product))
    }
    for bits in [7, 10, 12] {
      let index = builder.input("i\(bits)", ValueType([2], FixedFormat(bits, bits, signed: false)))
      let entries = (0..<1 << bits).map { Raw(($0 * $0 * 2654435761) >> 7 & 1023) - 512 }
      let table = builder.constant("t\(bits)", ValueType([1 << bits], FixedFormat(10, 10)), entries)
      builder.output(try builder.add("l\(bits)", .lookup, index, table))
    }
    return builder.program
  }

  @Test(
    arguments: zip(
      [BlockOptions.Choice.bySize, .logic, .block],
      [Staging.period(2500), .period(2500), .period(5000)]))
  func words(choice: BlockOptions.Choice, staging: Staging) throws {
    var options = CircuitOptions()
    (options.blocks.products, options.blocks.tables, options.staging) = (choice, choice, staging)
    let program = try Self.program()
    let emitted = try EmittedCircuit(program, options: options, events: events(40, for: program))
    #expect(try emitted.lint() == "")
    #expect(try emitted.difference(.icarus) == nil)
    #expect(try emitted.difference(.verilator) == nil)
    guard RTLTool.yosys.isInstalled, choice != .logic else { return }
    let counts = emitted.circuit.counts
    let output = try Verilog.synthesize(projectIn: emitted.folder.path)
    // synth_xilinx prints statistics of its own before.
    let statistics = output.components(separatedBy: "Number of cells:").last ?? ""
    func count(_ cell: String) -> Int {
      statistics.split(separator: "\n").reduce(0) { sum, line in
        let words = line.split(separator: " ")
        return words.count == 2 && words[0] == cell ? sum + (Int(words[1]) ?? 0) : sum
      }
    }
    // synth_xilinx leaves products of fewer than nine bits to LUTs, whatever is asked for: the two of 4 by 4.
    #expect(count("DSP48E2") == counts.dsp - (choice == .block ? 2 : 0))
    #expect(count("RAMB18E2") + 2 * count("RAMB36E2") == counts.ram)
  }
}
