import DataFiles
import Emulator
import FixedPoint
import Foundation
import Program
import Triggerfish

/// What formats for every element cost the emulator: a network with them, and the same network with one format for
/// each tensor, which holds all of them, in the same run on one thread.
func formatRates(_ program: Program, _ values: [Float], events: Int, _ set: InstructionSet?) throws
  -> [String: Any]
{
  let programs = [program, try program.withUniformFormats()]
  let emulators = try programs.map {
    try Emulator($0, options: EmulatorOptions(instructionSet: set, threads: 1))
  }
  var rooms = emulators.map { emulator in
    emulator.results.map { [Float](repeating: 0, count: events * emulator.program[$0].type.count) }
  }
  let inputs = EventData.float32(values)
  // Turn by turn, so that what disturbs one disturbs both.
  var best = [Double.infinity, .infinity]
  for _ in 0..<40 {
    for (which, emulator) in emulators.enumerated() {
      let seconds = try fastest(of: 1, CLOCK_PROCESS_CPUTIME_ID) {
        try inputs.withBorrowed { input in
          try rooms[which][0].withUnsafeMutableBytes { bytes in
            try emulator.run([input], into: [ResultBuffer(bytes, .float32)].compactMap { $0 })
          }
        }
      }
      best[which] = min(best[which], seconds)
    }
  }
  let rates = best.map { Double(events) / $0 }
  return [
    "instruction_set": emulators[0].instructionSet.rawValue, "events": events,
    "formats_per_element_events_per_s": rates[0], "formats_per_tensor_events_per_s": rates[1],
    "ratio": rates[0] / rates[1],
  ]
}

/// As above, of a model's own events, repeated until a run takes long enough.
func formatRates(_ source: Source, events path: String, _ set: InstructionSet?) throws -> [String: Any] {
  let sample = try EventReader(path).readAll()
  let copies = max(1, 8192 / sample.events)
  let values = Array(repeatElement(sample.reals.map { Float($0) }, count: copies).joined())
  return try formatRates(try Compilation(source).program, values, events: copies * sample.events, set)
}

/// Networks with formats drawn for every element, a fifth of them pruned, as heterogeneously quantized ones have them.
enum FormatNetworks {
  /// The rates of each.
  static func rates(_ set: InstructionSet?) throws -> [String: Any] {
    var results: [String: Any] = [:]
    for rounding in [Rounding.trn, .rnd, .rndConv] {
      for overflow in [Overflow.wrap, .sat] {
        let events = 8192
        var generator = Generator(state: 1)
        let program = try tagger(rounding, overflow, &generator)
        let values = (0..<events * 16).map { _ in Float.random(in: -8..<8, using: &generator) }
        results["16-64-32-32-5 \(rounding.rawValue) \(overflow.rawValue)"] = try formatRates(
          program, values, events: events, set)
      }
    }
    let events = 1024
    var generator = Generator(state: 2)
    let program = try convolution(&generator)
    let values = (0..<events * 400).map { _ in Float.random(in: -2..<2, using: &generator) }
    results["conv 20x20, 8 and 8 channels"] = try formatRates(program, values, events: events, set)
    return results
  }

  /// SplitMix64.
  struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var word = state
      word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
      word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
      return word ^ (word >> 31)
    }
  }

  private static func layout(
    _ shape: [Int], integer: ClosedRange<Int>, signed: Bool, _ rounding: Rounding, _ overflow: Overflow,
    _ generator: inout Generator
  ) -> FormatLayout {
    FormatLayout(
      shape: shape,
      (0..<shape.reduce(1, *)).map { _ in
        if Int.random(in: 0..<5, using: &generator) == 0 { return nil }
        let bits = Int.random(in: integer, using: &generator) + (signed ? 1 : 0)
        return FixedFormat(
          bits + Int.random(in: 0...4, using: &generator), bits, signed: signed, rounding, overflow)
      })
  }

  private static func sums(
    _ value: ValueID, _ columns: Int, _ builder: inout ProgramBuilder, _ generator: inout Generator
  ) throws -> ValueID {
    let depth = builder.type(value).shape.last ?? 1
    let weights = builder.constant(
      "weights", ValueType([depth, columns], FixedFormat(6, 1)),
      (0..<depth * columns).map { _ in Raw(Int.random(in: -31...31, using: &generator)) })
    let bias = builder.constant(
      "bias", ValueType([columns], FixedFormat(6, 1)),
      (0..<columns).map { _ in Raw(Int.random(in: -31...31, using: &generator)) })
    return try builder.add(
      "sums", .affine(Affine(product: nil, accumulator: FixedFormat(32, 18))), value, weights, bias)
  }

  private static func tagger(_ rounding: Rounding, _ overflow: Overflow, _ generator: inout Generator) throws
    -> Program
  {
    var builder = ProgramBuilder(name: "tagger")
    let input = builder.input("x", ValueType([16], FixedFormat(12, 5)))
    var value = try builder.add(
      "words",
      .requantize(layout([16], integer: 2...3, signed: true, rounding, overflow, &generator)), input)
    for columns in [64, 32, 32] {
      let sums = try sums(value, columns, &builder, &generator)
      let zero = builder.constant("zero", ValueType([], FixedFormat(1, 1, signed: false)), [0])
      let relu = try builder.add("relu", .elementwise(.maximum), sums, zero)
      value = try builder.add(
        "words",
        .requantize(layout([columns], integer: 2...4, signed: false, rounding, overflow, &generator)), relu)
    }
    let last = try sums(value, 5, &builder, &generator)
    builder.output(
      try builder.add(
        "scores", .requantize(layout([5], integer: 4...6, signed: true, rounding, overflow, &generator)), last
      ))
    return builder.program
  }

  private static func convolution(_ generator: inout Generator) throws -> Program {
    var builder = ProgramBuilder(name: "convolution")
    var value = builder.input("x", ValueType([20, 20, 1], FixedFormat(6, 2)))
    for _ in 0..<2 {
      let window = Window(
        kernel: [3, 3], strides: [1, 1], dilation: [1, 1], before: [0, 0], after: [0, 0])
      let sums = try sums(
        try builder.add("window", .window(window), value), 8, &builder, &generator)
      let zero = builder.constant("zero", ValueType([], FixedFormat(1, 1, signed: false)), [0])
      let relu = try builder.add("relu", .elementwise(.maximum), sums, zero)
      value = try builder.add(
        "words", .requantize(layout([8], integer: 2...4, signed: false, .rnd, .sat, &generator)), relu)
    }
    builder.output(value)
    return builder.program
  }
}

extension Program {
  /// The same network with one format where conversions have several: what all of them fit in, with their modes.
  func withUniformFormats() throws -> Program {
    var copy = self
    for (index, instruction) in instructions.enumerated() {
      var operation = instruction.operation
      if case .requantize(let formats) = operation, let first = formats.formats.first {
        operation = .requantize(formats.result.with(first.rounding, first.overflow))
        copy.instructions[index].operation = operation
      }
      if instruction.operands.isEmpty { continue }
      copy.instructions[index].type = try operation.resultType(instruction.operands.map { copy[$0].type })
    }
    return copy
  }
}
