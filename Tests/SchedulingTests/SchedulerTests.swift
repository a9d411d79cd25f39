import Diagnostics
import FixedPoint
import Program
import Testing

@testable import Scheduling

/// x [16] → affine [16, 5] → 5 sums, all weights `word` or the given words.
func denseProgram(
  inputs: Int = 16, outputs: Int = 5, word: Raw = 3, words: [Raw]? = nil,
  accumulator: FixedFormat = FixedFormat(24, 10), layers: Int = 1
) throws -> Program {
  var builder = ProgramBuilder(name: "net")
  builder.beginLayer("in", className: "Input")
  let x = builder.input("x", ValueType([inputs], FixedFormat(16, 6)))
  builder.endLayer(x)
  for number in ["", "2", "3"].prefix(layers) {
    builder.beginLayer("fc\(number)", className: "Dense")
    let weights = builder.constant(
      "w\(number)", ValueType([inputs, outputs], FixedFormat(8, 2)),
      words ?? Array(repeating: word, count: inputs * outputs))
    let bias = builder.constant(
      "b\(number)", ValueType([outputs], FixedFormat(8, 2)), Array(repeating: 1, count: outputs))
    let affine = Affine(product: nil, accumulator: accumulator)
    let sums = try builder.add("sums\(number)", .affine(affine), x, weights, bias)
    builder.endLayer(sums)
    builder.output(sums)
  }
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
      target: Target(part: "xc foo", clockPeriod: 0, clockUncertainty: 0.1),
      layers: ["fc": .init(strategy: .resource, reuseFactor: 3), "fd": .init(reuseFactor: 2)])
    let failure = try #require(throws: Failure.self) { try schedule(denseProgram(), request) }
    #expect(failure.kind == .badInput)
    #expect(
      failure.diagnostics.map { "\($0.place ?? "-"): \($0.message)" } == [
        "-: 'xc foo' is no part number", "-: clock period 0.0 ns is not between 0.1 and 1000 ns",
        "fd: no layer has this name",
        "fc: reuse factor 3 is not possible: 3 does not divide the 80 products",
      ])
    #expect(failure.diagnostics.last?.hint == "nearest legal factors: 2, 4")
  }

  /// A strategy that exists in configurations and in no design is not built as another one.
  @Test func strategiesThatAreNotBuiltAreRefused() throws {
    var request = ScheduleRequest(target: vu13p)
    request.layers["fc"] = .init(strategy: .resourceUnrolled)
    request.defaults.strategy = .resourceUnrolled
    let failure = #expect(throws: Failure.self) { try schedule(denseProgram(), request) }
    #expect(failure?.kind.rawValue == 65)
    #expect(
      failure?.diagnostics.map(\.message) == [
        "Strategy: resource_unrolled is not built by any backend",
        "Strategy: resource_unrolled is not built by any backend",
      ])
    #expect(failure?.diagnostics.map(\.place) == [nil, "fc"])
  }

  /// Distributed arithmetic: adders in the place of multipliers, of the accumulator's words.
  @Test func sharedAdders() throws {
    let program = try denseProgram(
      words: (0..<80).map { [0x55, 0x2b, -0x4d, 0x35, 0x6b][$0 % 5] }, accumulator: FixedFormat(28, 12))
    let request = ScheduleRequest(target: vu13p, defaults: .init(strategy: .distributedArithmetic))
    let design = try schedule(program, request)
    #expect(design.verify() == [])
    let products = try schedule(program, ScheduleRequest(target: vu13p))
    #expect(design.resources.dsp == 0 && products.resources.dsp > 0)
    #expect(design.resources.lut > 0 && design.resources.lut < 10_000)
    guard case .adders(let graphs) = design.multipliers.values.first else {
      Issue.record("no adders")
      return
    }
    #expect(graphs.count == 1 && graphs[0].outputs.count == 5)
    // A search finds them, where no DSP is left.
    let limits = SearchLimits(interval: 1, resources: Resources(dsp: 0, lut: 1 << 30, ff: 1 << 30))
    guard case .found(let found) = try search(program, ScheduleRequest(target: vu13p), limits: limits) else {
      Issue.record("nothing found")
      return
    }
    #expect(found.design.steps.contains { $0.choice.strategy == .distributedArithmetic })
  }

  /// Where the order of a sum shows there are no shared adders; nor is anything used twice.
  @Test func sumsInOrderHaveNoSharedAdders() throws {
    let accumulator = FixedFormat(12, 5, .rnd, .sat)
    let program = try denseProgram(word: 0x55, accumulator: accumulator)
    let request = ScheduleRequest(
      target: vu13p, layers: ["fc": .init(strategy: .distributedArithmetic, reuseFactor: 2)])
    let failure = #expect(throws: Failure.self) { try schedule(program, request) }
    #expect(
      failure?.diagnostics.map { "\($0.place ?? "-"): \($0.message)" } == [
        "fc: reuse factor 2 is not possible: adders of distributed arithmetic are used once",
        "fc: Strategy: distributed_arithmetic is not possible: its sums are rounded or overflow step by step, so that "
          + "their order shows in the results",
      ])
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
    // One warning for all of them.
    let two = try schedule(denseProgram(inputs: 65, outputs: 65, layers: 2), request).warnings
    #expect(two.count == 1 && two[0].hasPrefix("fc: 4225, fc2: 4225 unrolled products"))
    let reused = ScheduleRequest(target: vu13p, defaults: .init(strategy: .resource, reuseFactor: 64))
    #expect(try schedule(program, reused).warnings == [])
    #expect(try schedule(denseProgram(inputs: 64, outputs: 64), request).warnings == [])
  }

  @Test func aPartIsFoundByItsFullNumber() {
    #expect(PartCatalogue.standard.part(of: "xcvu9p-flga2104-2L-e")?.available.dsp == 6840)
    #expect(PartCatalogue.standard.part(of: "xcu50-fsvh2104-2-e")?.device == "xcu50")
    #expect(PartCatalogue.standard.part(of: "XC7A100T-CSG324-1")?.device == "xc7a100t")
    #expect(PartCatalogue.standard.part(of: "xc7z020clg400-1")?.available.lut == 53_200)
    #expect(PartCatalogue.standard.part(of: "nonsense") == nil)
    // The start of another device's number is not that device.
    #expect(PartCatalogue.standard.part(of: "xczu39dr-ffvf1760-2-i")?.device == "xczu39dr")
    #expect(PartCatalogue.standard.part(of: "xczu3eg-sbva484-1-e")?.device == "xczu3eg")
    #expect(PartCatalogue.standard.part(of: "xczu33dr-ffve1156-2-i") == nil)
  }

  /// A second writing of some lines of the table, so that a slip of the hand in one of them shows.
  @Test(arguments: [
    ("xczu7ev-ffvc1156-2-e", 1728, 230_400, 460_800, 624),
    ("xck26-sfvc784-2lv-c", 1248, 117_120, 234_240, 288),
    ("xcu280-fsvh2892-2L-e", 9024, 1_303_680, 2_607_360, 4032), ("xc7z007sclg225-1", 66, 14_400, 28_800, 100),
    ("xczu28dr-ffvg1517-2-e", 4272, 425_280, 850_560, 2160),
    ("xczu49dr-ffvf1760-2-e", 4272, 425_280, 850_560, 2160),
    ("xcvu37p-fsvh2892-2L-e", 9024, 1_303_680, 2_607_360, 4032),
    ("xcku15p-ffva1760-2-e", 1968, 522_720, 1_045_440, 1968),
    ("xc7z010clg400-1", 80, 17_600, 35_200, 120), ("xc7z045ffg900-2", 900, 218_600, 437_200, 1090),
    ("xcvp1802-lsvc4072-2MP-e-S", 14352, 3_360_896, 6_721_792, 9882),
    ("xc7vx690tffg1927-2", 3600, 433_200, 866_400, 2940),
    ("xcu55c-fsvh2892-2L-e", 9024, 1_303_680, 2_607_360, 4032),
    ("xc7k325tffg900-2", 840, 203_800, 407_600, 890),
  ])
  func partsHaveTheirSizes(_ number: String, _ dsp: Int, _ lut: Int, _ ff: Int, _ bram: Int) throws {
    let part = try #require(PartCatalogue.standard.part(of: number))
    #expect(part.available.dsp == dsp && part.available.lut == lut)
    #expect(part.available.ff == ff && part.available.bram == bram)
    #expect(part.source.hasPrefix("AMD DS"))
  }

  /// Every line of the table is a part, once. In all these fabrics a LUT has two flip-flops.
  @Test func theTableOfPartsIsWhole() {
    let lines = PartFamily.all.map { $0.devices.split(separator: "\n").count }.reduce(0, +)
    #expect(PartCatalogue.standard.parts.count == lines && lines > 90)
    #expect(Set(PartCatalogue.standard.parts.map(\.device)).count == lines)
    for part in PartCatalogue.standard.parts {
      #expect(part.available.ff == 2 * part.available.lut, "\(part.device)")
    }
  }

  /// A part whose size is not known is built for all the same: the clock is that of its family, and a note says so.
  @Test func anUnknownPartCostsItsSharesOnly() throws {
    func design(_ part: String) throws -> Design {
      try schedule(
        denseProgram(), ScheduleRequest(target: Target(part: part, clockPeriod: 5, clockUncertainty: 0.27)))
    }
    #expect(
      try design("xc7k999t-1").warnings == [
        "the size of part xc7k999t-1 is not known: no shares of it are given; the clock is modelled as 7 series"
      ])
    #expect(try design("xc7k999t-1").latency == design("xc7k325tffg900-2").latency)
    #expect(try design("xcvu999-1").latency == design("xcvu190-flgc2104-2-e").latency)
    #expect(try design("xcvu99p-1").latency == design("xcvu9p-flga2104-2L-e").latency)
    #expect(try design("xcvu9p-flga2104-2L-e").warnings == [])
    let found = try search(
      denseProgram(), ScheduleRequest(target: Target(part: "xcfoo", clockPeriod: 5, clockUncertainty: 0.27)),
      limits: SearchLimits())
    guard case .found = found else {
      Issue.record("nothing was found for an unknown part")
      return
    }
  }
}
