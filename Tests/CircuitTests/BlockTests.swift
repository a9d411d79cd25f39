import Circuit
import Diagnostics
import FixedPoint
import Program
import Testing

/// Products of two words and tables, built of logic or of hard blocks: the same words, registers where blocks have them.
@Suite struct BlockTests {
  /// x · y, rounded down to so many bits where asked, of words of these formats.
  private static func product(_ x: FixedFormat, _ y: FixedFormat, _ result: FixedFormat? = nil) throws
    -> Program
  {
    var builder = ProgramBuilder(name: "product")
    let a = builder.input("x", ValueType([2], x))
    let b = builder.input("y", ValueType([2], y))
    let whole = try builder.add("product", .elementwise(.multiply), a, b)
    builder.output(try result.map { try builder.add("result", .requantize(.uniform($0)), whole) } ?? whole)
    return builder.program
  }

  private static func circuit(
    _ program: Program, _ products: BlockOptions.Choice, _ staging: Staging,
    addsThree: Bool = true
  ) throws -> Circuit {
    var options = CircuitOptions()
    (options.blocks.products, options.staging) = (products, staging)
    options.adder = addsThree ? .ternary : .binary
    return try Circuit(program, options)
  }

  /// The words at the ends of both formats, and some between.
  private static func words(_ format: FixedFormat) -> [Raw] {
    let range = Interval(format)
    let between = (1...5).map { range.low + (range.high - range.low) / 7 * Raw($0) + Raw($0) }
    return ([range.low, range.low + 1, -1, 0, 1, range.high] + between).filter {
      range.low <= $0 && $0 <= range.high
    }
  }

  @Test(
    arguments: [(1, 5), (3, 4), (4, 12), (7, 7), (8, 8), (18, 27), (19, 28), (25, 40), (50, 60)],
    [BlockOptions.Choice.bySize, .logic, .block])
  func productsAreProducts(_ widths: (Int, Int), _ choice: BlockOptions.Choice) throws {
    for (isSigned, other) in [(true, true), (false, true), (false, false)] {
      let (x, y) = (
        FixedFormat(widths.0, widths.0, signed: isSigned), FixedFormat(widths.1, widths.1, signed: other)
      )
      // Whole, and the low bits alone.
      for result in [nil, FixedFormat(max(2, widths.1 - 1), max(2, widths.1 - 1))] {
        let program = try Self.product(x, y, result)
        let circuit = try Self.circuit(program, choice, .period(4000), addsThree: isSigned)
        for a in Self.words(x) {
          for b in Self.words(y) {
            let event = [[a, b % 2 == 0 ? a : 0], [b, b]]
            let expected = program.evaluate(event)[program.outputs[0].index]
            let words = circuit.evaluate(event)
            let got = circuit.outputs[0].words.map { words[$0.index] }
            if got != expected {
              Issue.record("\(x) · \(y), \(choice): \(a) · \(b): \(got), expected \(expected)")
              return
            }
          }
        }
      }
    }
  }

  /// Factors of a DSP block, and of several.
  @Test func blocksAreCounted() throws {
    func counts(_ a: Int, _ b: Int, _ choice: BlockOptions.Choice) throws -> CircuitCounts {
      let program = try Self.product(FixedFormat(a, a), FixedFormat(b, b))
      return try Self.circuit(program, choice, .period(5000)).counts
    }
    // Two products each.
    #expect(try counts(8, 8, .bySize).dsp == 2)
    #expect(try counts(8, 8, .bySize).lut == 0)
    #expect(try counts(8, 4, .bySize).dsp == 0)
    #expect(try counts(7, 7, .bySize).dsp == 0)
    #expect(try counts(8, 4, .block).dsp == 2)
    #expect(try counts(18, 27, .bySize).dsp == 2)
    #expect(try counts(27, 18, .bySize).dsp == 2)
    // 27 + 8 bits by 18: two blocks, an adder.
    #expect(try counts(35, 18, .bySize).dsp == 4)
    #expect(try counts(18, 27, .logic).dsp == 0)
  }

  /// Products of logic are rows of one table a bit: by digits of two bits, where those are fewer than words that are masked.
  @Test(arguments: [
    // Four rows of ten bits.
    (8, 8, true, 40),
    // Without digits four rows, and two that add what they give: more.
    (8, 8, false, 40),
    // Two masked words of five bits in one row, the lowest of them a table of its own.
    (5, 2, true, 7), (5, 2, false, 7),
  ]) func productsOfLogicAreRows(_ a: Int, _ b: Int, _ digits: Bool, _ tables: Int) throws {
    var options = CircuitOptions()
    (options.blocks.products, options.staging, options.digits) = (.logic, .none, digits)
    let circuit = try Circuit(Self.product(FixedFormat(a, a), FixedFormat(b, b)), options)
    // Two products each.
    #expect(digits || b == 2 ? circuit.counts.lut == 2 * tables : circuit.counts.lut > 2 * tables)
    let hasChains = circuit.nodes.contains { node in
      if case .sum(let sum) = node.operation { sum.digit?.other != nil } else { false }
    }
    #expect(hasChains == (digits && b == 8))
  }

  /// Words that are always negative: the sign is a bit that is always 1.
  @Test func productsOfNegativeWords() throws {
    var builder = ProgramBuilder(name: "negative")
    let x = builder.input("x", ValueType([2], FixedFormat(6, 6, signed: false)))
    let offset = builder.constant("offset", ValueType([1], FixedFormat(9, 9)), [-100])
    let y = try builder.add("y", .elementwise(.add), x, offset)
    builder.output(try builder.add("z", .elementwise(.multiply), y, y))
    var options = CircuitOptions()
    options.blocks.products = .logic
    let circuit = try Circuit(builder.program, options)
    for word in Raw(0)..<64 {
      let words = circuit.evaluate([[word, 63 - word]])
      let expected = [(word - 100) * (word - 100), (-37 - word) * (-37 - word)]
      #expect(circuit.outputs[0].words.map { words[$0.index] } == expected)
    }
  }

  /// A short period puts registers into the blocks, where they are not counted; a long one does not.
  @Test func blocksArePipelined() throws {
    let program = try Self.product(FixedFormat(16, 16), FixedFormat(16, 16))
    let slow = try Self.circuit(program, .bySize, .period(5000))
    let fast = try Self.circuit(program, .bySize, .period(2000))
    #expect(slow.latency == 1)
    #expect(fast.latency == 2)
    #expect(fast.counts.ff == 0)
    #expect(fast.longestPath(.ultraScalePlus).period <= 2000)
    #expect(throws: Failure.self) { try Self.circuit(program, .bySize, .period(1000)) }
  }

  /// A table of 2^bits words of five bits, which no logic is simpler than.
  static func table(_ bits: Int) throws -> Program {
    var builder = ProgramBuilder(name: "table")
    let x = builder.input("x", ValueType([2], FixedFormat(bits, bits, signed: false)))
    let format = FixedFormat(5, 5)
    let entries = (0..<1 << bits).map { Raw(($0 * $0 * 2654435761) >> 7 & 31) - 16 }
    let table = builder.constant("t", ValueType([1 << bits], format), entries)
    let y = try builder.add("y", .lookup, x, table)
    let one = builder.constant("one", ValueType([1], format), [1])
    builder.output(try builder.add("z", .elementwise(.add), y, one))
    return builder.program
  }

  @Test(arguments: [6, 9, 10, 12]) func tablesInBlockRAM(bits: Int) throws {
    let program = try Self.table(bits)
    for choice in [BlockOptions.Choice.bySize, .logic, .block] {
      var options = CircuitOptions()
      options.blocks.tables = choice
      let circuit = try Circuit(program, options)
      let isBlock = choice == .block ? bits > 6 : choice == .bySize && bits >= 10
      #expect(circuit.tables.contains { $0.isBlock } == isBlock)
      // Two words of five bits are 2 · 5 · 4,096 bits at most.
      #expect(circuit.counts.ram == (isBlock ? bits == 12 ? 4 : 2 : 0))
      #expect(circuit.latency == (isBlock ? 2 : circuit.latency))
      let copy = try Circuit(parsing: circuit.description)
      #expect(copy == circuit)
      for word in stride(from: Raw(0), to: 1 << Raw(bits), by: 37) {
        let event = [[word, (1 << Raw(bits)) - 1 - word]]
        let words = circuit.evaluate(event)
        #expect(
          circuit.outputs[0].words.map { words[$0.index] }
            == program.evaluate(event)[program.outputs[0].index])
      }
    }
    var options = CircuitOptions()
    (options.blocks.tables, options.staging) = (.block, .cycles(1))
    if bits > 6 { #expect(throws: Failure.self) { try Circuit(program, options) } }
    options.staging = .none
    #expect(try Circuit(program, options).counts.ram == 0)
  }
}
