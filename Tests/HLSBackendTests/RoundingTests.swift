import Backends
import FixedPoint
import HLSTestSupport
import Program
import Scheduling
import TestSupport
import Testing

@testable import HLSBackend

/// Rounding into unsigned words and clamping them: Bambu's headers lose the carry where rounding passes the largest
/// word (../shared/hls-dialect.md: raw word 0 where Xilinx's give the largest), so that the emitted C++ keeps one more
/// integer bit for it. Held against the vendor's headers, and against the same headers made to lose the carry.
@Suite(.enabled(if: apTypes != nil, "the vendor's ap_types headers are absent: run 'make ap-types'"))
struct RoundingTests {
  private static let roundings: [Rounding] = [.rnd, .rndZero, .rndInf, .rndMinInf, .rndConv]
  private static let modes: [(Rounding, Overflow)] = Rounding.allCases.flatMap { rounding in
    [Overflow.wrap, .sat, .satZero, .satSym].map { (rounding, $0) }
  }

  /// The vendor's ap_fixed.h with an ap_ufixed that loses the carry as Bambu's does.
  private static let losesCarry = """
    #ifndef LOSES_CARRY_H
    #define LOSES_CARRY_H
    #define ap_ufixed kept_ufixed
    #include_next "ap_fixed.h"
    #undef ap_ufixed
    template <int W, int I, ap_q_mode Q = AP_TRN, ap_o_mode O = AP_WRAP, int N = 0>
    struct ap_ufixed : kept_ufixed<W, I, Q, O, N> {
      typedef kept_ufixed<W, I, Q, O, N> kept;
      ap_ufixed() {}
      template <class X>
      ap_ufixed(const X &x) : kept(x) {
        const bool rounds = Q != AP_TRN && Q != AP_TRN_ZERO;
        const bool clamps = O == AP_SAT || O == AP_SAT_ZERO || O == AP_SAT_SYM;
        const kept_ufixed<W + 1, I + 1, Q, AP_SAT> up(x);
        const kept_ufixed<W + 1, I + 1, AP_TRN, AP_SAT> down(x);
        const bool carries = up[W] && !down[W];
        if (rounds && clamps && carries) *static_cast<kept *>(this) = 0;
      }
    };
    #endif

    """

  private func events(_ program: Program) -> [[[Raw]]] { RandomProgram.events(60, for: program, seed: 3) }

  /// Every word of four formats, wider and narrower than what it becomes, in every mode of two unsigned formats.
  private func everyWord() throws -> (Design, [[[Raw]]]) {
    let sources = [
      FixedFormat(9, 4), FixedFormat(9, 3, signed: false), FixedFormat(3, 1),
      FixedFormat(2, 1, signed: false),
    ]
    var builder = ProgramBuilder(name: "every")
    var words: [[Raw]] = []
    for (number, source) in sources.enumerated() {
      words.append((Int(source.minRaw)...Int(source.maxRaw)).map { Raw($0) })
      let x = builder.input("x\(number)", ValueType([words[number].count], source))
      for (rounding, overflow) in Self.modes {
        for (width, integer) in [(5, 2), (3, 3)] {
          let format = FixedFormat(width, integer, signed: false, rounding, overflow)
          builder.output(try builder.add("y", .requantize(format), x))
        }
      }
    }
    return (design(builder.program), [words])
  }

  /// Sums and products whose formats round and clamp, in every operation that has such formats.
  private func sums(_ rounding: Rounding) throws -> Program {
    var generator = SeededGenerator(seed: 5)
    func constant(_ builder: inout ProgramBuilder, _ name: String, _ shape: [Int]) -> ValueID {
      let format = FixedFormat(5, 2)
      let words = (0..<shape.reduce(1, *)).map { _ in Raw(Int.random(in: -16...15, using: &generator)) }
      return builder.constant(name, ValueType(shape, format), words)
    }
    var builder = ProgramBuilder(name: "sums")
    let x = builder.input("x", ValueType([2, 6], FixedFormat(6, 2)))
    for overflow in [Overflow.sat, .satZero, .satSym] {
      let product = FixedFormat(4, 1, signed: false, rounding, overflow)
      let sum = FixedFormat(4, 3, signed: false, rounding, overflow)
      builder.beginLayer("\(overflow)", className: "Body")
      let weights = constant(&builder, "w", [6, 3])
      let bias = constant(&builder, "b", [3])
      let dense = try builder.add("fc", .affine(Affine(product: product, accumulator: sum)), x, weights, bias)
      let attention = try builder.add("qk", .contract(Contract(product: product, accumulator: sum)), x, x)
      let total = try builder.add("total", .reduce(.sum(accumulator: sum, order: .sequential)), x)
      let tree = try builder.add("tree", .reduce(.sum(accumulator: sum, order: .tree)), x)
      builder.endLayer(dense)
      for value in [dense, attention, total, tree] { builder.output(value) }
    }
    return builder.program
  }

  private func designs() throws -> [Design] {
    let programs = try Self.roundings.map(sums)
    return programs.map { design($0) }
      + [design(programs[0], io: .stream), design(programs[4], strategy: .resource) { _ in 3 }]
  }

  @Test func underTheVendorsHeaders() throws {
    let (every, words) = try everyWord()
    let designs = [every] + (try designs())
    let batch = try Batch(designs, apTypes: try #require(apTypes))
    for (number, design) in designs.enumerated() {
      let verification = try batch.check(number, number == 0 ? words : events(design.program))
      #expect(verification.passes, "\(number): \(verification.first.map(\.description) ?? "")")
    }
  }

  /// The same where headers lose the carry; and not the same any more with plain conversions.
  @Test(arguments: [true, false]) func underHeadersThatLoseTheCarry(_ isKept: Bool) throws {
    let (every, words) = try everyWord()
    let designs = [every] + (try designs())
    let batch = try Batch(
      designs, apTypes: try #require(apTypes), headers: ["ap_fixed.h": Self.losesCarry]
    ) { files in
      if isKept { return }
      let kernels = "firmware/tf_kernels.h"
      files[kernels] = files[kernels]?.replacing(
        /template <>\nstruct rounded<.*?};\n\n/.dotMatchesNewlines(), with: "")
    }
    for (number, design) in designs.enumerated() {
      let verification = try batch.check(number, number == 0 ? words : events(design.program))
      if isKept {
        #expect(verification.passes, "\(number): \(verification.first.map(\.description) ?? "")")
      } else {
        #expect(verification.different > 0, "design \(number) converts nothing that carries")
      }
    }
  }
}
