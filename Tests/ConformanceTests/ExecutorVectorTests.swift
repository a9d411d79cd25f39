import Diagnostics
import Emulator
import FixedPoint
import Foundation
import GoldenSupport
import HLSBackend
import HLSTestSupport
import Lowering
import Program
import Scheduling
import Testing

/// The same vectors on the other executors: the emulator on every path, and the emitted C++ under g++ on the
/// vendor's headers. Both are held against hls4ml's numbers, not against each other.
@Suite("hls4ml's vectors on the emulator and in C++")
struct ExecutorVectorTests {
  static let supported = HLS4MLVectorTests.supported

  /// The odd cases are about lowering, which the other tests see; g++ takes seconds for each.
  static let compiled = supported.filter { !$0.hasPrefix("odd_") }

  static let apTypes: String? = try? APTypes.find(
    workingFolder: URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path)

  private func program(_ golden: GoldenCase) throws -> Program {
    try lowerAsHLS4ML(try golden.model(), try golden.configuration()).program
  }

  @Test("The emulator gives hls4ml's numbers on every path", arguments: supported)
  func emulator(name: String) throws {
    let golden = try GoldenCase(name)
    let program = try program(golden)
    var paths = InstructionSet.available.map { EmulatorOptions(path: .fast, instructionSet: $0) }
    paths.append(EmulatorOptions(path: .general))
    for set in golden.sets {
      let numbers = try set.inputs.map { try GoldenCase.read($0).values }
      var inputs = [numbers.map { EventData.float64($0) }]
      // float32, which dense layers take, where it holds the same numbers.
      let singles = numbers.map { $0.map { Float($0) } }
      if zip(singles, numbers).allSatisfy({ $0.map { Double($0) } == $1 }) {
        inputs.append(singles.map { .float32($0) })
      }
      let expected = try set.outputs.map { try GoldenCase.read($0).values }
      for options in paths {
        for inputs in inputs {
          let found = try Emulator(program, options: options).values(inputs)
          #expect(found == expected, "\(set.inputs[0]) on \(options)")
        }
      }
    }
  }

  @Test(
    "Dense layers are run on some of hls4ml's numbers",
    .enabled(if: InstructionSet.available.contains(.amx), "this machine has no AMX"))
  func denseLayers() throws {
    let fused = try Self.supported.filter { try Emulator(program(try GoldenCase($0))).denseLayers != nil }
    print("dense layers from float32 numbers in \(fused.count) golden cases: \(fused)")
    #expect(!fused.isEmpty)
  }

  /// Four cases to a compilation, most of whose time is the vendor's headers'.
  static let batches = stride(from: 0, to: compiled.count, by: 4).map {
    Array(compiled[$0..<min($0 + 4, compiled.count)])
  }

  @Test(
    "The emitted C++ gives hls4ml's numbers",
    .enabled(if: apTypes != nil, "no ap_types headers: make ap-types"), arguments: batches)
  func emittedCode(names: [String]) throws {
    let cases = try names.map { try GoldenCase($0) }
    let batch = try Batch(
      try cases.map { try design($0) }, apTypes: try #require(Self.apTypes), traces: false)
    for (number, golden) in cases.enumerated() {
      let program = try program(golden)
      for set in golden.sets {
        let inputs = try set.inputs.map { try GoldenCase.read($0) }
        let outputs = try set.outputs.map { try GoldenCase.read($0).values }
        let events = inputs[0].events
        let found = try batch.run(number, (0..<events).map { program.words(of: $0, in: inputs) })
        try #require(found.count == events, "\(golden.name)")
        for event in 0..<events {
          var rest = found[event][...]
          for (id, expected) in zip(program.outputs, outputs) {
            let type = program[id].type
            let values = rest.prefix(type.count).map { type.format.value(of: $0) }
            rest = rest.dropFirst(type.count)
            #expect(
              values == Array(expected[event * type.count..<(event + 1) * type.count]),
              "\(golden.name), event \(event)")
          }
        }
      }
    }
  }

  /// The design the case's configuration asks for.
  private func design(_ golden: GoldenCase) throws -> Design {
    let configuration = try golden.configuration()
    let lowered = try lowerAsHLS4ML(try golden.model(), configuration)
    var request = ScheduleRequest(
      target: Target(part: "xcvu13p-flga2577-2-e", clockPeriod: 5, clockUncertainty: 0.125),
      ioType: configuration.ioType == .stream ? .stream : .parallel)
    // Convolutions at one position at a time, two, or three.
    request.defaults.parallelizationFactor = 1 + golden.name.utf8.count % 3
    for layer in lowered.layers {
      guard let reuse = layer.reuseFactor else { continue }
      request.layers[layer.name] = .init(
        strategy: layer.strategy == .latency ? .latency : .resource, reuseFactor: reuse)
      let settings = configuration.settings(layer: layer.name, className: layer.className)
      request.layers[layer.name]?.isStatic = settings.isStatic ?? true
    }
    return try schedule(lowered.program, request)
  }
}
