import FixedPoint
import Program
import Scheduling
import TestSupport
import Testing

/// What holds for every layer, every legal reuse factor and every search.
@Suite struct PropertyTests {
  /// One dense layer of random size, widths and words, some of them zero.
  private func layer(_ generator: inout SeededGenerator) throws -> (
    program: Program, inputs: Int, outputs: Int
  ) {
    let (inputs, outputs) = (generator.pick([1, 3, 4, 8, 12, 16, 30]), generator.pick([1, 2, 5, 8, 16, 24]))
    let format = FixedFormat(generator.pick([2, 3, 5, 6, 8, 12, 16]), 1)
    let keep = generator.pick([0.2, 0.6, 1])
    let words = (0..<(inputs * outputs)).map { _ in
      generator.chance(keep) ? Raw.random(in: format.minRaw...format.maxRaw, using: &generator) : 0
    }
    var builder = ProgramBuilder(name: "layer")
    builder.beginLayer("x", className: "Input")
    let width = generator.pick([1, 6, 8, 16, 18])
    let x = builder.input("x", ValueType([inputs], FixedFormat(width, 1, signed: generator.chance(0.5))))
    builder.endLayer(x)
    builder.beginLayer("fc", className: "Dense")
    let weights = builder.constant("w", ValueType([inputs, outputs], format), words)
    let bias = builder.constant("b", ValueType([outputs], format), Array(repeating: 1, count: outputs))
    let sums = try builder.add(
      "sums", .affine(Affine(product: nil, accumulator: FixedFormat(24, 8))), x, weights, bias)
    builder.endLayer(sums)
    builder.output(sums)
    return (builder.program, inputs, outputs)
  }

  private func designs(
    _ program: Program, _ strategy: Strategy, _ factors: [Int]
  ) throws -> [(factor: Int, design: Design)] {
    try factors.map { factor in
      let request = ScheduleRequest(
        target: vu13p, defaults: .init(strategy: strategy, reuseFactor: factor))
      return (factor, try schedule(program, request))
    }
  }

  @Test(arguments: 0..<60 as Range<UInt64>)
  func lessReuseNeverCostsLessNorMoreReuseLessTime(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let (program, inputs, outputs) = try layer(&generator)
    let factors = ReuseFactors(inputs: inputs, outputs: outputs).all
    for strategy in [Strategy.latency, .resource] {
      let all = try designs(program, strategy, factors)
      for (less, more) in zip(all, all.dropFirst()) {
        let what = "\(strategy), reuse \(less.factor) and \(more.factor)"
        #expect(more.design.latency >= less.design.latency, "\(what)")
        #expect(more.design.interval >= less.design.interval, "\(what)")
        // An unrolled layer is made of its constants, an array of multipliers is not: they are two kinds of design.
        if strategy == .resource, less.factor == 1 { continue }
        #expect(more.design.resources.dsp <= less.design.resources.dsp, "\(what)")
        // Beyond its inputs an array needs multiplexers over the outputs, as synthesis results show.
        if strategy == .resource, more.factor <= inputs {
          #expect(more.design.resources.fits(less.design.resources), "\(what)")
        }
      }
    }
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func chosenDesignsKeepTheirLimits(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let sizes = (0..<generator.pick([3, 6, 9])).map { _ in generator.pick([4, 10, 16, 24]) }
    let program = try randomNetwork(sizes, seed: seed)
    for _ in 0..<5 {
      var limits = SearchLimits(latency: generator.pick([3, 8, 20, 60, 200]))
      if generator.chance(0.5) { limits.interval = generator.pick([1, 2, 8, 40]) }
      let most = Resources(
        dsp: generator.pick([0, 20, 200, 12_288]), lut: generator.pick([20_000, 100_000, 1_728_000]),
        ff: 3_456_000, bram: generator.pick([0, 50, 5376]))
      if generator.chance(0.7) { limits.resources = most }
      switch try search(program, ScheduleRequest(target: vu13p), limits: limits) {
      case .found(let found):
        let design = found.design
        #expect(design.latency <= limits.latency ?? .max && design.interval <= limits.interval ?? .max)
        #expect(
          design.resources.fits(
            limits.resources ?? PartCatalogue.standard.part(of: vu13p.part)?.available ?? Resources()))
        #expect(found.bound <= found.share)
        #expect(found.isOptimal ? found.bound == found.share : true)
      case .nothingFits(let nearest, _):
        for miss in nearest { #expect(!miss.needs.isEmpty) }
      }
    }
  }

  /// Layers of more than 4,096 unrolled products are chosen only where there is nothing else.
  @Test func whatCannotBeSynthesizedIsNotChosen() throws {
    let program = try randomNetwork([96, 96], seed: 1)
    guard
      case .found(let found) = try search(program, ScheduleRequest(target: vu13p), limits: SearchLimits())
    else {
      Issue.record("nothing found")
      return
    }
    #expect(found.design.warnings.isEmpty)
    let forced = ScheduleRequest(target: vu13p, layers: ["fc0": .init(strategy: .latency)])
    guard case .found(let unrolled) = try search(program, forced, limits: SearchLimits()) else {
      Issue.record("nothing found")
      return
    }
    #expect(unrolled.design.warnings.count == 1)
  }
}
