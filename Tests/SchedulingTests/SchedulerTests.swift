import Diagnostics
import FixedPoint
import Program
import Scheduling
import Testing

/// x [16] → affine [16, 5] → 5 sums, all weights `word` or the given words.
func denseProgram(inputs: Int = 16, outputs: Int = 5, word: Raw = 3, words: [Raw]? = nil) throws -> Program {
  var builder = ProgramBuilder(name: "net")
  builder.beginLayer("in", className: "Input")
  let x = builder.input("x", ValueType([inputs], FixedFormat(16, 6)))
  builder.endLayer(x)
  builder.beginLayer("fc", className: "Dense")
  let weights = builder.constant(
    "w", ValueType([inputs, outputs], FixedFormat(8, 2)),
    words ?? Array(repeating: word, count: inputs * outputs))
  let bias = builder.constant(
    "b", ValueType([outputs], FixedFormat(8, 2)), Array(repeating: 1, count: outputs))
  let affine = Affine(product: nil, accumulator: FixedFormat(24, 10))
  let sums = try builder.add("sums", .affine(affine), x, weights, bias)
  builder.endLayer(sums)
  builder.output(sums)
  return builder.program
}

let vu13p = Target(part: "xcvu13p-flga2577-2-e", clockPeriod: 5, clockUncertainty: 0.125)

@Suite struct SchedulerTests {
  @Test func reuseSetsTheInterval() throws {
    let program = try denseProgram()
    for reuse in [2, 4, 8, 16, 80] {
      let request = ScheduleRequest(
        target: vu13p, defaults: .init(strategy: .resource, reuseFactor: reuse))
      let design = try schedule(program, request)
      #expect(design.interval == reuse)
      #expect(design.steps.count == program.instructions.count)
    }
  }

  @Test func moreReuseNeverCostsMoreMultipliersNorLessTime() throws {
    // No two words of a row are equal: none of the 80 multipliers can be shared by chance.
    let program = try denseProgram(words: (0..<80).map { [0x55, 0x2b, 0x4d, 0x35, 0x6b][$0 % 5] })
    let designs = try [1, 2, 4, 8, 16, 80].map { reuse in
      try schedule(
        program, ScheduleRequest(target: vu13p, defaults: .init(strategy: .resource, reuseFactor: reuse)))
    }
    for (less, more) in zip(designs, designs.dropFirst()) {
      #expect(more.resources.dsp <= less.resources.dsp)
      #expect(more.latency >= less.latency)
    }
  }

  @Test func everyIllegalRequestIsRefusedAtOnce() throws {
    let request = ScheduleRequest(
      target: Target(part: "xcfoo", clockPeriod: 0, clockUncertainty: 0.1),
      layers: ["fc": .init(strategy: .resource, reuseFactor: 3), "fd": .init(reuseFactor: 2)])
    let failure = try #require(throws: Failure.self) { try schedule(denseProgram(), request) }
    #expect(failure.kind == .badInput)
    #expect(
      failure.diagnostics.map { "\($0.place ?? "-"): \($0.message)" } == [
        "-: unknown part 'xcfoo'", "-: clock period 0.0 ns is not between 0.1 and 1000 ns",
        "fd: no layer has this name",
        "fc: reuse factor 3 is not possible: 3 does not divide the 80 products",
      ])
    #expect(failure.diagnostics.last?.hint == "nearest legal factors: 2, 4")
  }

  @Test func zeroAndPowerOfTwoWeightsNeedNoMultiplier() throws {
    let request = ScheduleRequest(target: vu13p)
    #expect(try schedule(denseProgram(word: 0), request).resources.lut == 0)
    #expect(try schedule(denseProgram(word: 4), request).resources.dsp == 0)
    // Equal products of one input are one product.
    #expect(try schedule(denseProgram(word: 0x55), request).resources.dsp == 16)
    let words: [Raw] = (0..<80).map { [0x55, 0x2b, 0x4d, 0x35, 0x6b][$0 % 5] }
    #expect(try schedule(denseProgram(words: words), request).resources.dsp == 80)
  }

  @Test func layersTheToolCannotUnrollAreNamed() throws {
    let program = try denseProgram(inputs: 64, outputs: 65)
    let request = ScheduleRequest(target: vu13p)
    let warnings = try schedule(program, request).warnings
    #expect(warnings.count == 1 && warnings[0].hasPrefix("fc: 4160 unrolled products"))
    let reused = ScheduleRequest(target: vu13p, defaults: .init(strategy: .resource, reuseFactor: 64))
    #expect(try schedule(program, reused).warnings == [])
    #expect(try schedule(denseProgram(inputs: 64, outputs: 64), request).warnings == [])
  }

  @Test func aPartIsFoundByItsFullNumber() {
    #expect(Part.named("xcvu9p-flga2104-2L-e")?.available.dsp == 6840)
    #expect(Part.named("xcu50-fsvh2104-2-e")?.device == "xcu50")
    #expect(Part.named("XC7A100T-CSG324-1")?.device == "xc7a100t")
    #expect(Part.named("xc7z020clg400-1")?.available.lut == 53_200)
    #expect(Part.named("nonsense") == nil)
  }
}
