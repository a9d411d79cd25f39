import FixedPoint
import Program
import TestSupport
import Testing

@Suite struct SumAnalysisTests {
  /// Each claim is held against the interpreter, which converts step by step.
  @Test func claimsHoldOnRandomPrograms() {
    var counts: [SumAnalysis.Kind: Int] = [:]
    var converted = 0
    for seed in 0..<1500 as Range<UInt64> {
      let program = RandomProgram.program(seed: seed, options: seed % 3 == 0 ? .everything : .init())
      let known = program.knownWords(detail: seed % 2 == 0 ? .channels : .words)
      let events = RandomProgram.events(4, for: program, seed: seed).map { program.evaluate($0) }
      var generator = SeededGenerator(seed: seed)
      for index in program.instructions.indices {
        guard let sums = program.sums(of: ValueID(index), given: known) else { continue }
        counts[sums.kind, default: 0] += 1
        converted += sums.conversions.count
        for values in events {
          check(program, index, sums, values, "seed \(seed), \(program.instructions[index])", &generator)
        }
      }
    }
    #expect(SumAnalysis.Kind.allKinds.allSatisfy { counts[$0, default: 0] > 50 }, "\(counts)")
    #expect(converted > 100)
  }

  private func check(
    _ program: Program, _ index: Int, _ sums: SumAnalysis, _ values: [[Raw]], _ place: String,
    _ generator: inout SeededGenerator
  ) {
    let accumulator = sums.accumulator
    for (result, sum) in Self.sums(program, index, values).enumerated() {
      let output = sums.outputs[result % sums.outputs.count]
      let word = values[index][result]
      #expect(output.result.interval.contains(Interval(word, word)), "\(place)")
      #expect(sum.terms.allSatisfy { sums.terms.contains(Interval($0, $0)) }, "\(place)")
      if sums.roundsSums { continue }
      let terms = sum.terms.map { term in
        let (word, bits) = sums.conversions.reduce((term, sum.fractionBits)) {
          ($1.quantize($0.0, fractionBits: $0.1), $1.fractionBits)
        }
        return word << Raw(accumulator.fractionBits - bits)
      }
      // In any order: within reach, and the same in the end.
      var acc = accumulator.quantize(sum.start, fractionBits: sum.startBits)
      #expect(output.start.contains(Interval(acc, acc)), "\(place)")
      for term in terms.shuffled(using: &generator) {
        acc += term
        #expect((output.start + output.reach).contains(Interval(acc, acc)), "\(place)")
      }
      #expect(output.total.contains(Interval(acc, acc)), "\(place)")
      switch output.kind {
      case .exact: #expect(word == acc, "\(place)")
      case .modular:
        #expect(word == accumulator.quantize(acc, fractionBits: accumulator.fractionBits), "\(place)")
      case .stepwise: break
      }
    }
  }

  private typealias Sum = (start: Raw, startBits: Int, terms: [Raw], fractionBits: Int)

  /// The exact terms of every result word.
  private static func sums(_ program: Program, _ index: Int, _ values: [[Raw]]) -> [Sum] {
    let operands = program.instructions[index].operands
    let words = operands.map { values[$0.index] }
    let types = operands.map { program[$0].type }
    let count = program.instructions[index].type.count
    switch program.instructions[index].operation {
    case .affine:
      let shape = types[1].shape
      let (depth, columns) = (shape[shape.count - 2], shape[shape.count - 1])
      let groups = shape.count == 3 ? shape[0] : 1
      return (0..<count).map { result in
        let (row, column) = (result / columns, result % columns)
        let group = row % groups
        return (
          words[2][group * columns + column], types[2].format.fractionBits,
          (0..<depth).map { words[0][row * depth + $0] * words[1][(group * depth + $0) * columns + column] },
          types[0].format.fractionBits + types[1].format.fractionBits
        )
      }
    case .contract:
      let rank = types[0].shape.count
      let (rows, columns, depth) = (
        types[0].shape[rank - 2], types[1].shape[rank - 2], types[0].shape[rank - 1]
      )
      return (0..<count).map { result in
        let (row, column) = (result / columns, result % columns)
        let batch = row / rows
        return (
          0, 0,
          (0..<depth).map { words[0][row * depth + $0] * words[1][(batch * columns + column) * depth + $0] },
          types[0].format.fractionBits + types[1].format.fractionBits
        )
      }
    default:
      let depth = types[0].shape.last ?? 1
      return (0..<count).map {
        (0, 0, Array(words[0][$0 * depth..<($0 + 1) * depth]), types[0].format.fractionBits)
      }
    }
  }

  /// One sum of two int<4> inputs (−8…7 each) with weights 3 and −2 and bias 1: −37…38 all told.
  private func analysis(_ accumulator: String, product: String? = nil, fraction: Int = 0) throws
    -> SumAnalysis
  {
    let x = "fixed<4,\(4 - fraction)>"
    let program = try Program(
      parsing: """
        format 1
        program "sum"
        %0 "x" = input : [2] \(x)
        %1 "w" = constant [3, -2] : [2, 1] fixed<3,3>
        %2 "b" = constant [1] : [1] fixed<3,3>
        %3 "y" = affine accumulator=\(accumulator)\(product.map { " product=\($0)" } ?? "") %0 %1 %2 : [1] \(accumulator)
        inputs %0
        outputs %3
        """)
    #expect(program.verify() == [])
    return try #require(program.sums(of: ValueID(3), given: program.knownWords()))
  }

  @Test func exactWhereEveryPartialSumFits() throws {
    let sums = try analysis("fixed<7,7,TRN,SAT>")
    #expect(sums.kind == .exact && sums.conversions == [] && !sums.mayOverflow && sums.isOrderFree)
    #expect(sums.total == Interval(-37, 38) && sums.extreme == Interval(-37, 38))
    #expect(sums.outputs[0].result.interval == Interval(-37, 38))
  }

  @Test func modularWhereItWraps() throws {
    let sums = try analysis("fixed<6,6>")
    #expect(sums.kind == .modular && sums.mayOverflow && sums.isOrderFree)
    #expect(sums.outputs[0].result.interval == Interval(-32, 31))
  }

  /// One bit too few and a clamp: the order shows.
  @Test func stepwiseWhereItSaturates() throws {
    let sums = try analysis("fixed<6,6,TRN,SAT>")
    #expect(sums.kind == .stepwise && sums.mayOverflow && !sums.isOrderFree)
    // AP_WRAP that keeps its top bit saturated is no wrap.
    #expect(try analysis("fixed<6,6,TRN,WRAP,1>").kind == .stepwise)
  }

  /// The product wraps, but only what the accumulator wraps too.
  @Test func wrapOfProductsIsCovered() throws {
    #expect(try analysis("fixed<4,4>", product: "fixed<4,4>").conversions == [])
    #expect(try analysis("fixed<5,5>", product: "fixed<4,4>").conversions == [FixedFormat(4, 4)])
    #expect(try analysis("fixed<4,4,TRN,SAT>", product: "fixed<4,4>").conversions == [FixedFormat(4, 4)])
    #expect(try analysis("fixed<7,7,TRN,SAT>", product: "fixed<6,6>").conversions == [], "products fit")
  }

  /// Rounding that does not look at the sum is each term's own; other rounding is not.
  @Test func roundingOfTerms() throws {
    for rounding in ["TRN", "RND", "RND_MIN_INF"] {
      let sums = try analysis("fixed<7,7,\(rounding),SAT>", fraction: 1)
      #expect(sums.kind == .exact && !sums.roundsSums)
      #expect(
        sums.conversions.map(\.fractionBits) == [0] && sums.conversions.map(\.rounding.rawValue) == [rounding]
      )
    }
    for rounding in ["TRN_ZERO", "RND_ZERO", "RND_INF", "RND_CONV"] {
      let sums = try analysis("fixed<7,7,\(rounding),SAT>", fraction: 1)
      #expect(sums.kind == .stepwise && sums.roundsSums && !sums.mayOverflow)
    }
  }

  /// By formats alone, whatever the words: what emitted C++ depends on.
  @Test func byFormats() {
    let wide = FixedFormat(40, 20)
    #expect(SumAnalysis.kind(adding: FixedFormat(8, 4), in: wide) == .modular)
    #expect(SumAnalysis.kind(adding: FixedFormat(40, 19), in: wide) == .stepwise, "bits are dropped")
    #expect(SumAnalysis.kind(adding: FixedFormat(8, 4), in: wide.with(.trn, .sat)) == .stepwise)
  }
}

extension SumAnalysis.Kind {
  fileprivate static var allKinds: [Self] { [.exact, .modular, .stepwise] }
}
