import Backends
import FixedPoint
import HLSTestSupport
import Program
import Scheduling
import TestSupport
import Testing

@testable import HLSBackend

/// The emitted C++, compiled against the vendor's ap_types, computes what the reference interpreter does:
/// the vendor's headers are the side nobody here wrote.
@Suite(.enabled(if: apTypes != nil, "the vendor's ap_types headers are absent: run 'make ap-types'"))
struct SemanticsTests {
  /// Compiles all programs in one go and compares every layer and output of every event.
  private func check(_ designs: [Design], events count: Int, _ label: (Int) -> String) throws {
    let batch = try Batch(designs, apTypes: try #require(apTypes))
    for (number, design) in designs.enumerated() {
      let events = RandomProgram.events(count, for: design.program, seed: UInt64(number))
      let verification = try batch.check(number, events)
      #expect(
        verification.passes,
        "\(label(number)): \(verification.first.map(\.description) ?? "")\n\(design.program)")
    }
  }

  @Test(arguments: [UInt64](0..<2)) func randomPrograms(_ block: UInt64) throws {
    let seeds = (0..<24).map { block * 1000 + $0 }
    let designs = seeds.map { seed in
      let options: RandomProgramOptions = seed % 4 == 3 ? .everything : RandomProgramOptions()
      return design(layered(RandomProgram.program(seed: seed, options: options)))
    }
    try check(designs, events: 24) { "seed \(seeds[$0])" }
  }

  @Test(arguments: [UInt64](0..<2)) func randomStreams(_ block: UInt64) throws {
    let seeds = (0..<6).map { 500_000 + block * 1000 + $0 }
    let designs = seeds.map { seed in
      let program = RandomProgram.program(seed: seed)
      return design(seed % 2 == 0 ? layered(program) : program, io: .stream)
    }
    try check(designs, events: 12) { "seed \(seeds[$0])" }
  }

  /// The resource strategy at every legal reuse factor, in natural and strided order, rounding and clamping
  /// at every addition so that the order shows.
  @Test func multipliersReused() throws {
    var generator = SeededGenerator(seed: 7)
    var designs: [Design] = []
    for (inputs, outputs) in [(6, 4), (8, 3), (5, 5), (12, 2)] {
      for reuse in ReuseFactors(inputs: inputs, outputs: outputs).all {
        for isStrided in reuse < inputs && reuse > 1 ? [false, true] : [false] {
          let program = try dense(
            inputs, outputs, rows: reuse % 2 + 1, order: isStrided ? .strided(reuse) : .natural,
            accumulator: FixedFormat(7, 3, .rnd, .sat), &generator)
          designs.append(design(program, strategy: .resource) { _ in reuse })
        }
      }
    }
    try check(designs, events: 40) { "\(designs[$0].steps.map(\.choice.reuseFactor))" }
  }

  /// Reuse factors above 1 under the latency strategy change pragmas, not words.
  @Test func multipliersShared() throws {
    var generator = SeededGenerator(seed: 8)
    let program = try dense(
      6, 4, rows: 1, order: .natural, accumulator: FixedFormat(9, 4, .rndConv, .satSym), &generator)
    try check([2, 3, 24].map { reuse in design(program) { _ in reuse } }, events: 40) { "case \($0)" }
  }

  /// Distributed arithmetic in every layer that may have it, of random programs: signed and unsigned words, several
  /// rows, grouped matrices, accumulators that wrap.
  @Test(arguments: IOType.allCases) func sharedAdders(_ io: IOType) throws {
    var designs: [Design] = []
    for seed in 0..<400 as Range<UInt64> where designs.count < 8 {
      let program = layered(RandomProgram.program(seed: 700_000 + seed))
      let known = program.knownWords()
      var request = ScheduleRequest(
        target: Target(part: "xcvu13p-flga2577-2-e", clockPeriod: 5, clockUncertainty: 0.125), ioType: io)
      for (index, instruction) in program.instructions.enumerated() {
        guard case .affine = instruction.operation, let layer = instruction.layer else { continue }
        let isPossible = program.objectionToSharedAdders(index, given: known) == nil
        request.layers[program.layers[layer].name] = .init(
          strategy: isPossible ? .distributedArithmetic : .latency)
      }
      guard request.layers.values.contains(where: { $0.strategy == .distributedArithmetic }) else { continue }
      if let design = try? schedule(program, request) { designs.append(design) }
    }
    #expect(!designs.isEmpty)
    for design in designs { #expect(design.verify() == []) }
    try check(designs, events: 40) { "\(io) \($0)" }
  }

  /// The same of layers as they are trained: many outputs, a bias, a convolution's positions in turn.
  @Test func sharedAddersOfLayers() throws {
    var generator = SeededGenerator(seed: 9)
    var designs: [Design] = []
    for (inputs, outputs, rows) in [(12, 9, 1), (7, 16, 3)] {
      let program = try dense(
        inputs, outputs, rows: rows, order: .natural, accumulator: FixedFormat(12, 4), &generator)
      for io in IOType.allCases {
        designs.append(
          try schedule(
            program,
            ScheduleRequest(
              target: Target(part: "xcvu13p-flga2577-2-e", clockPeriod: 5, clockUncertainty: 0.125),
              ioType: io, defaults: .init(strategy: .distributedArithmetic))))
      }
    }
    /// The layers of a program that may have shared adders.
    func possible(_ program: Program) -> [String] {
      let known = program.knownWords()
      return program.instructions.indices.filter { index in
        guard case .affine = program.instructions[index].operation else { return false }
        return program.objectionToSharedAdders(index, given: known) == nil
      }.compactMap { program.instructions[$0].layer.map { program.layers[$0].name } }
    }
    let convolutions = (0..<100 as Range<UInt64>).lazy.map { seed -> Program in
      var random = RandomProgram(seed: seed)
      return random.convolutionalNetwork()
    }
    let convolution = try #require(convolutions.first { possible($0).contains { $0.hasPrefix("conv") } })
    let layers = possible(convolution)
    for (factor, io) in [(1, IOType.parallel), (2, .parallel), (nil, .parallel), (1, .stream)] {
      var request = ScheduleRequest(
        target: Target(part: "xcvu13p-flga2577-2-e", clockPeriod: 5, clockUncertainty: 0.125), ioType: io)
      request.defaults.parallelizationFactor = factor
      for layer in layers { request.layers[layer] = .init(strategy: .distributedArithmetic) }
      designs.append(try schedule(convolution, request))
    }
    for design in designs {
      #expect(design.multipliers.values.contains { if case .adders = $0 { true } else { false } })
    }
    try check(designs, events: 40) { "design \($0)" }
  }

  private func dense(
    _ inputs: Int, _ outputs: Int, rows: Int, order: AccumulationOrder, accumulator: FixedFormat,
    _ generator: inout SeededGenerator
  ) throws -> Program {
    var builder = ProgramBuilder(name: "dense")
    func words(_ count: Int, _ format: FixedFormat) -> [Raw] {
      (0..<count).map { _ in
        Raw(Int.random(in: Int(format.minRaw)...Int(format.maxRaw), using: &generator))
      }
    }
    let x = builder.input("x", ValueType([rows, inputs], FixedFormat(6, 2)))
    builder.beginLayer("fc", className: "Dense")
    let format = FixedFormat(5, 1)
    let weights = builder.constant(
      "weight", ValueType([inputs, outputs], format), words(inputs * outputs, format))
    let bias = builder.constant("bias", ValueType([outputs], format), words(outputs, format))
    let result = try builder.add(
      "fc", .affine(Affine(product: nil, accumulator: accumulator, order: order)), x, weights, bias)
    builder.endLayer(result)
    builder.output(result)
    return builder.program
  }

  /// Signed beside unsigned words, below and from 32 bits on, where the vendor's headers compare raw patterns by
  /// C's rules (`FixedFormat.comparesByValue` is false): emitted comparisons are those of exact numbers.
  @Test func unlikeSigns() throws {
    let pairs: [(FixedFormat, FixedFormat)] = [
      (FixedFormat(8, 4), FixedFormat(8, 4, signed: false)),
      (FixedFormat(32, 16), FixedFormat(32, 16, signed: false)),
      (FixedFormat(16, 8), FixedFormat(40, 20, signed: false)),
      (FixedFormat(48, 20), FixedFormat(33, 5, signed: false)),
      (FixedFormat(64, 32), FixedFormat(64, 32, signed: false)),
    ]
    #expect(pairs.contains { !FixedFormat.comparesByValue($0, $1) })
    let designs = try pairs.map { signed, unsigned in
      var builder = ProgramBuilder(name: "signs")
      let a = builder.input("a", ValueType([16], signed))
      let b = builder.input("b", ValueType([16], unsigned))
      for (x, y) in [(a, b), (b, a)] {
        for comparison in [Comparison.less, .lessOrEqual, .equal, .greaterOrEqual, .greater] {
          builder.output(try builder.add("select", .select(comparison), x, y, x, y))
        }
        builder.output(try builder.add("largest", .elementwise(.maximum), x, y))
        builder.output(try builder.add("smallest", .elementwise(.minimum), x, y))
      }
      return design(builder.program)
    }
    try check(designs, events: 40) { "\(pairs[$0])" }
  }

  /// Words of more than 64 bits: constants, tables, divisions, comparisons.
  @Test func wideWords() throws {
    let wide = FixedFormat(100, 40)
    let table: [Raw] = [wide.minRaw, -1, 0, 1, 1 << 70, wide.maxRaw]
    var builder = ProgramBuilder(name: "wide")
    let x = builder.input("x", ValueType([6], wide))
    builder.beginLayer("body", className: "Body")
    let c = builder.constant("c", ValueType([6], wide), table)
    let index = try builder.add("index", .requantize(.integer(4, signed: false)), x)
    let entry = try builder.add("entry", .lookup, index, c)
    let sum = try builder.add("sum", .elementwise(.add), entry, x)
    let divisors = builder.constant(
      "d", ValueType([6], FixedFormat(90, 90, signed: false)), [1, 3, 10, 1 << 65, (1 << 80) + 7, 255])
    let quotient = try builder.add("quotient", .elementwise(.divide), x, divisors)
    let chosen = try builder.add("chosen", .select(.less), x, c, sum, quotient)
    let padded = try builder.add(
      "padded", .rearrange(.pad(before: [1], after: [1], interior: [0], word: -(1 << 90))), x)
    builder.endLayer(chosen)
    for value in [chosen, quotient, padded, c] { builder.output(value) }
    try check([design(builder.program)], events: 100) { _ in "wide" }
  }
}
