import Backends
import Circuit
import Diagnostics
import FixedPoint
import Foundation
import Program
import Scheduling
import TestSupport
import Testing
import VerilogBackend

/// Which of the tools are installed; tests that miss one are skipped and say so.
enum RTLTool: String {
  case verilator, yosys, iverilog

  var notice: Comment { "needs \(rawValue): run scripts/setup.sh --rtl" }

  var isInstalled: Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(rawValue)")
    }
  }
}

let target = Target(part: "xcvu13p-flga2577-2-e", clockPeriod: 5, clockUncertainty: 0.125)

/// A circuit's project on disk, with events and the words that the program's reference interpreter gives for them.
struct EmittedCircuit: ~Copyable {
  let folder: TemporaryFolder
  let program: Program
  let circuit: Circuit
  let events: [[Raw]]
  let expected: [[Raw]]

  init(
    _ program: Program, name: String = "emitted", options: CircuitOptions = CircuitOptions(),
    events: [[[Raw]]]
  ) throws {
    let circuit = try Circuit(program, options)
    let words = events.map { event in
      let values = program.evaluate(event)
      return program.outputs.map { values[$0.index] }
    }
    let folder = try TemporaryFolder()
    let files = try Verilog.files(
      circuit: circuit, name: name, target: target, events: TestEvents(inputs: events, outputs: words))
    for (path, text) in files { try folder.write(text, to: path) }
    // Nothing throws from here on: what cannot be copied is not made by halves.
    (self.events, expected) = (events.map { Array($0.joined()) }, words.map { Array($0.joined()) })
    self.program = program
    self.circuit = circuit
    self.folder = folder
  }

  /// What Verilator's lint says, all warnings on; empty: nothing.
  func lint() throws -> String {
    let top = try #require(try folder.read("project.json").top)
    let result = try runTool(
      "sh", ["-c", "verilator --lint-only -Wall --top-module \(top) rtl/*.v"], in: folder.path)
    return result.0 == 0 ? "" : result.1
  }

  /// Where the library of this Verilator is kept, compiled once for all tests; nil: nowhere.
  static let objects: String? = {
    guard let (status, version) = try? runTool("verilator", ["--version"], in: "/"), status == 0 else {
      return nil
    }
    let name = version.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(60)
    let path = "\(FileManager.default.temporaryDirectory.path)/triggerfish-\(getuid())-\(name)"
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }()

  /// The first event with other words; nil: there is none.
  func difference(_ simulator: Simulator) throws -> String? {
    let found = try simulator.run(events, projectIn: folder.path, objects: Self.objects)
    for (event, words) in found.enumerated() where words != expected[event] {
      return "\(simulator.rawValue), event \(event): \(words), expected \(expected[event])"
    }
    return found.count == expected.count ? nil : "\(found.count) events, expected \(expected.count)"
  }
}

extension Data {
  /// The top module of a project.json.
  var top: String? {
    (try? JSONSerialization.jsonObject(with: self) as? [String: Any])?["top"] as? String
  }
}

/// A dense layer of few bits: weights by input and output, sums exact, results that wrap or saturate.
func denseLayer(
  _ weights: [[Raw]], name: String = "fc", input: FixedFormat = FixedFormat(4, 4),
  result: FixedFormat = FixedFormat(6, 6), bias: Raw = 0
) throws -> Program {
  var builder = ProgramBuilder(name: "net")
  builder.beginLayer("x", className: "Input")
  let x = builder.input("x", ValueType([weights.count], input))
  builder.endLayer(x)
  builder.beginLayer(name, className: "Dense")
  let outputs = weights[0].count
  let word = FixedFormat(6, 6)
  let w = builder.constant("w", ValueType([weights.count, outputs], word), weights.flatMap { $0 })
  let b = builder.constant("b", ValueType([outputs], word), Array(repeating: bias, count: outputs))
  let sum = try builder.add("sum", .affine(Affine(product: nil, accumulator: FixedFormat(16, 16))), x, w, b)
  let y = try builder.add(name, .requantize(result), sum)
  builder.endLayer(y)
  builder.output(y)
  return builder.program
}

/// Random words for a program's inputs.
func events(_ count: Int, for program: Program) -> [[[Raw]]] {
  TestEvents.random(program, count: count).inputs
}

extension EmittedCircuit {
  /// What `make` of the project prints.
  func make(_ target: String) throws -> String {
    let (status, output) = try runTool("make", [target], in: folder.path)
    #expect(status == 0, "\(output)")
    return output
  }
}
