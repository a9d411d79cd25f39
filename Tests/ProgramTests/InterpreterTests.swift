import FixedPoint
import Program
import Testing

/// Results worked out by hand. The independent side for all operations and modes is compiled C++ on the
/// vendor's headers (HLSBackendTests); these say what was meant.
@Suite struct InterpreterTests {
  private func run(_ inputs: [([Int], FixedFormat, [Raw])], _ operation: Operation) throws -> [Raw] {
    var builder = ProgramBuilder(name: "one")
    let operands = inputs.enumerated().map { index, input in
      builder.constant("c\(index)", ValueType(input.0, input.1), input.2)
    }
    builder.output(try builder.add("result", operation, operands))
    #expect(builder.program.verify() == [])
    return try #require(builder.program.evaluate([]).last)
  }

  private let quarter = FixedFormat(8, 6)

  @Test func affineRoundsEveryProductAndEverySum() throws {
    // x = [1.75, -0.25], w = [0.75, 1.5], products 1.3125 and -0.375, floored to halves: 1.0 and -0.5.
    let half = FixedFormat(8, 7)
    let operands: [([Int], FixedFormat, [Raw])] = [
      ([2], quarter, [7, -1]), ([2, 1], quarter, [3, 6]), ([1], quarter, [1]),
    ]
    #expect(try run(operands, .affine(Affine(product: half, accumulator: half))) == [1])
    // Without product conversion: 0.25→0, 0+1.3125→1.0, 1.0−0.375→0.5.
    #expect(try run(operands, .affine(Affine(product: nil, accumulator: half))) == [1])
    let exact = FixedFormat(20, 12)
    // 0.25 + 1.3125 − 0.375 = 1.1875 = 304/256.
    #expect(try run(operands, .affine(Affine(product: nil, accumulator: exact))) == [304])
  }

  @Test func orderShowsWhereASumSaturates() throws {
    let narrow = FixedFormat(4, 4, .trn, .sat)
    let operands: [([Int], FixedFormat, [Raw])] = [
      ([4], .integer(5), [7, 7, -7, -7]), ([4, 1], .integer(2), [1, 1, 1, 1]), ([1], .integer(2), [0]),
    ]
    // 7, 7 (14 clamped), 0, −7; with stride 2: 7, 0, 7, 0.
    #expect(try run(operands, .affine(Affine(product: nil, accumulator: narrow))) == [-7])
    #expect(try run(operands, .affine(Affine(product: nil, accumulator: narrow, order: .strided(2)))) == [0])
  }

  @Test func treeSumsSplitAtTheLargestPowerOfTwoBelow() throws {
    // (((7+7)+(−7−7)) + (3)): the tree clamps 14 to 7 and −14 to −8; left to right −7+3.
    let narrow = FixedFormat(4, 4, .trn, .sat)
    let terms: [([Int], FixedFormat, [Raw])] = [([5], .integer(5), [7, 7, -7, -7, 3])]
    #expect(try run(terms, .reduce(.sum(accumulator: narrow, order: .tree))) == [2])
    #expect(try run(terms, .reduce(.sum(accumulator: narrow, order: .sequential))) == [-4])
  }

  @Test func eachWordHasItsOwnFormat() throws {
    // −1.75 and 1.75, in quarters, per column: halves rounded to even, nothing, quarters clamped to ±1.
    let formats = FormatLayout(
      shape: [1, 3], [FixedFormat(6, 5, .rndConv), nil, FixedFormat(3, 1, .trn, .satSym)])
    #expect(formats.result == FixedFormat(7, 5))
    let words: [Raw] = [-7, -7, -7, 7, 7, 7]
    // The result has quarters: −2.0 is −8, −0.75 is −3.
    #expect(try run([([2, 3], quarter, words)], .requantize(formats)) == [-8, 0, -3, 8, 0, 3])
    // No format has a bit: zeros, of one bit.
    let none = FormatLayout(shape: [3], [nil, nil, nil])
    #expect(none.result == FixedFormat(1, 1, signed: false))
    #expect(try run([([2, 3], quarter, words)], .requantize(none)) == [0, 0, 0, 0, 0, 0])
  }

  @Test func layoutsAreAsShortAsTheyCanBe() {
    let (a, b) = (FixedFormat(8, 3), FixedFormat(4, 2, signed: false))
    #expect(FormatLayout(shape: [2, 2], [a, a, a, a]) == .uniform(a))
    #expect(FormatLayout(shape: [1, 2, 2], [a, b, a, b]) == FormatLayout(shape: [2], [a, b]))
    guard case .laid(let laid) = FormatLayout(shape: [2, 2, 2], [a, a, b, b, a, a, b, b]) else {
      Issue.record("one format")
      return
    }
    #expect(laid.shape == [2, 1])
    #expect(laid.places(in: [2, 2, 3]) == [0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1])
    #expect(laid.fits([5, 2, 7]) && !laid.fits([2]) && !laid.fits([3, 2]))
  }

  @Test func divisionTruncatesTowardZero() throws {
    let operands: [([Int], FixedFormat, [Raw])] = [([2], quarter, [-7, 7]), ([1], .integer(3), [3])]
    #expect(try run(operands, .elementwise(.divide)) == [-2, 2])
  }

  @Test func lookupClampsItsIndex() throws {
    let operands: [([Int], FixedFormat, [Raw])] = [
      ([3], .integer(4), [-3, 1, 7]), ([3], quarter, [10, 11, 12]),
    ]
    #expect(try run(operands, .lookup) == [10, 11, 12])
  }

  @Test func lookupTakesATableForEveryChannelAndRowsOfATable() throws {
    let tables: ([Int], FixedFormat, [Raw]) = ([2, 3], quarter, [10, 11, 12, 20, 21, 22])
    // Two channels at three positions, each channel with its own table.
    #expect(
      try run([([3, 2], .integer(5), [0, 0, 1, 2, -1, 9]), tables], .lookup) == [10, 20, 11, 22, 10, 22])
    // One index at each of three positions: the row of both tables' entries.
    #expect(try run([([3, 1], .integer(4), [2, 0, 1]), tables], .lookup) == [12, 22, 10, 20, 11, 21])
  }

  @Test func selectComparesAcrossFormats() throws {
    // 1.5 > 1 and −1 > 1, choosing 3 (as 12 quarters) or 0.5 (2 quarters).
    let operands: [([Int], FixedFormat, [Raw])] = [
      ([2], FixedFormat(4, 3), [3, -2]), ([1], .integer(3), [1]), ([1], .integer(3), [3]),
      ([1], quarter, [2]),
    ]
    #expect(try run(operands, .select(.greater)) == [12, 2])
  }

  @Test func windowOrdersTapsThenChannels() throws {
    let x: ([Int], FixedFormat, [Raw]) = ([3, 2], .integer(8), [1, 2, 3, 4, 5, 6])
    var window = Window(kernel: [2], strides: [2], dilation: [1], before: [1], after: [0], padding: 9)
    #expect(try run([x], .window(window)) == [9, 9, 1, 2, 3, 4, 5, 6])
    window.groups = 2
    #expect(try run([x], .window(window)) == [9, 1, 9, 2, 3, 5, 4, 6])
  }

  @Test func rearrangementsMoveWords() throws {
    let x: ([Int], FixedFormat, [Raw]) = ([2, 3], .integer(8), [1, 2, 3, 4, 5, 6])
    #expect(try run([x], .rearrange(.transpose([1, 0]))) == [1, 4, 2, 5, 3, 6])
    #expect(
      try run([x], .rearrange(.pad(before: [0, 1], after: [1, 0], interior: [0, 1], word: 7)))
        == [7, 1, 7, 2, 7, 3, 7, 4, 7, 5, 7, 6, 7, 7, 7, 7, 7, 7])
    #expect(try run([x], .rearrange(.slice(start: [0, 1], count: [2, 1], step: [1, 2]))) == [2, 5])
    #expect(try run([x], .rearrange(.gather(axis: 1, indices: [2, 2]))) == [3, 3, 6, 6])
    let halves: ([Int], FixedFormat, [Raw]) = ([2, 1], FixedFormat(4, 3), [1, 2])
    #expect(try run([x, halves], .rearrange(.concatenate(axis: 1))) == [2, 4, 6, 1, 8, 10, 12, 2])
  }

  @Test func argmaxPicksTheFirst() throws {
    #expect(try run([([3], .integer(4), [2, 5, 5])], .reduce(.argmax)) == [1])
  }
}
