import Backends
import Emulator
import FixedPoint
import HLSTestSupport
import Program
import Scheduling
import TestSupport
import Testing

@testable import HLSBackend

/// Convolutional networks: the reference interpreter, the emulator and the compiled C++ agree, in both I/O types.
@Suite struct ConvolutionTests {
  private static func network(_ seed: UInt64) -> Program {
    var options = RandomProgramOptions()
    options.maximumCount = 400
    var random = RandomProgram(seed: seed, options: options)
    return random.convolutionalNetwork()
  }

  @Test func emulator() throws {
    for seed in UInt64(0)..<40 {
      let program = Self.network(seed)
      let events = RandomProgram.events(4, for: program, seed: seed)
      let results = program.layers.compactMap(\.result)
      let inputs = program.inputs.indices.map { input in EventData.wide(events.flatMap { $0[input] }) }
      let found = try Emulator(program, results: results).wideWords(inputs)
      let values = events.map(program.evaluate)
      for (number, result) in results.enumerated() {
        #expect(found[number] == values.flatMap { $0[result.index] }, "seed \(seed)\n\(program)")
      }
    }
  }

  /// Activations before wiring make the same words: the emulator of the rewritten program, the interpreter of the
  /// first one.
  @Test func lateWiring() throws {
    var moved = 0
    for seed in UInt64(0)..<60 {
      let program = Self.network(seed)
      let late = program.after(ProgramPass.scheduled)
      #expect(late.verify().isEmpty, "seed \(seed)\n\(late)")
      if late != program { moved += 1 }
      let events = RandomProgram.events(3, for: program, seed: seed)
      let inputs = program.inputs.indices.map { input in EventData.wide(events.flatMap { $0[input] }) }
      let found = try Emulator(late, results: late.layers.compactMap(\.result)).wideWords(inputs)
      let values = events.map(program.evaluate)
      for (number, result) in program.layers.compactMap(\.result).enumerated() {
        #expect(found[number] == values.flatMap { $0[result.index] }, "seed \(seed)\n\(late)")
      }
    }
    #expect(moved > 5)
  }

  /// A few at a time, as one call of g++ holds them all in memory: all positions at once or some, every strategy,
  /// and streams.
  @Test(
    .enabled(if: apTypes != nil, "the vendor's ap_types headers are absent: run 'make ap-types'"),
    arguments: [UInt64](0..<4))
  func compiledCode(_ block: UInt64) throws {
    var designs: [Design] = []
    var labels: [String] = []
    for seed in [block * 100, block * 100 + 2] {
      let program = Self.network(seed).after(ProgramPass.scheduled)
      var generator = SeededGenerator(seed: seed)
      let strategy: Strategy = generator.chance(0.5) ? .latency : .resource
      let reuse = Int.random(in: 1...3, using: &generator)
      let factor = generator.pick([nil, 1, 2, 3])
      designs.append(design(program, strategy: strategy, factor: factor) { _ in reuse })
      designs.append(design(program, io: .stream, strategy: strategy) { _ in reuse })
      labels += ["parallel", "stream"].map { "seed \(seed), \($0)" }
    }
    let batch = try Batch(designs, apTypes: try #require(apTypes))
    for (number, design) in designs.enumerated() {
      let events = RandomProgram.events(10, for: design.program, seed: UInt64(number))
      let verification = try batch.check(number, events)
      #expect(
        verification.passes && verification.compared > 0,
        "\(labels[number]): \(verification.first.map(\.description) ?? "")\n\(design.program)")
    }
  }

  /// Convolution and ReLU, so many times over.
  private func chain(size: Int, layers: Int) throws -> Program {
    let format = FixedFormat(8, 3)
    var builder = ProgramBuilder(name: "chain")
    var value = builder.input("image", ValueType([size, size, 2], format))
    for number in 0..<layers {
      builder.beginLayer("conv\(number)", className: "Conv2D")
      let window = Window(
        kernel: [3, 3], strides: [1, 1], dilation: [1, 1], before: [1, 1], after: [1, 1])
      let windowed = try builder.add("window", .window(window), value)
      let w = builder.constant("w", ValueType([18, 2], format), (0..<36).map { Raw($0) - 18 })
      let b = builder.constant("b", ValueType([2], format), [1, 2])
      value = try builder.add("sum", .affine(Affine(product: nil, accumulator: format)), windowed, w, b)
      builder.endLayer(value)
    }
    builder.output(value)
    return builder.program
  }

  /// Rows of line buffers are declared independent where a row is long enough for it.
  @Test func longRowsAreIndependent() throws {
    func text(_ size: Int) throws -> String {
      let project = try HLSProject(design(chain(size: size, layers: 1), io: .stream), name: "net")
      return try #require(project.files["firmware/net_layers.h"])
    }
    let pragma = "#pragma HLS DEPENDENCE variable=lines type=inter dependent=false"
    let (long, short) = (try text(10), try text(4))
    #expect(long.contains("lines[2][12][2];") && long.contains(pragma))
    #expect(short.contains("lines[2][6][2];") && !short.contains(pragma))
  }

  /// Emitted text grows with layers, not with images; numbers have more digits.
  @Test(arguments: IOType.allCases) func sizeOfTheText(_ io: IOType) throws {
    func bytes(_ size: Int, _ layers: Int) throws -> Int {
      let project = try HLSProject(design(chain(size: size, layers: layers), io: io, factor: 1), name: "net")
      return project.files.filter { $0.key.hasPrefix("firmware/") }.map(\.value.utf8.count).reduce(0, +)
    }
    let (small, large) = (try bytes(10, 4), try bytes(90, 4))
    #expect(large < small + small / 100)
    let growth = try [1, 5, 9].map { try bytes(16, $0) }
    #expect(abs((growth[2] - growth[1]) - (growth[1] - growth[0])) < growth[0] / 50)
  }
}
