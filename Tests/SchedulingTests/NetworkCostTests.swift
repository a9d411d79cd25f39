import FixedPoint
import Program
import Scheduling
import Testing

/// What a whole network adds to its layers, in estimates.
@Suite struct NetworkCostTests {
  private let target = Target(part: "xc7z020clg400-1", clockPeriod: 3.33, clockUncertainty: 0.125)

  /// 8 inputs, dense layers with a ReLU behind all but the last; `word(layer, row, column)` gives the weights.
  private func network(_ sizes: [Int], word: (Int, Int, Int) -> Raw) throws -> Program {
    var builder = ProgramBuilder(name: "net")
    builder.beginLayer("in", className: "Input")
    var value = builder.input("x", ValueType([sizes[0]], FixedFormat(8, 2)))
    builder.endLayer(value)
    for layer in 1..<sizes.count {
      builder.beginLayer("fc\(layer)", className: "Dense")
      let (rows, columns) = (sizes[layer - 1], sizes[layer])
      let weights = (0..<(rows * columns)).map { word(layer, $0 / columns, $0 % columns) }
      let w = builder.constant("w\(layer)", ValueType([rows, columns], FixedFormat(8, 1)), weights)
      let bias = builder.constant(
        "b\(layer)", ValueType([columns], FixedFormat(8, 1)), Array(repeating: 0, count: columns))
      value = try builder.add(
        "sums\(layer)", .affine(Affine(product: nil, accumulator: FixedFormat(16, 6))), value, w, bias)
      builder.endLayer(value)
      if layer == sizes.count - 1 { continue }
      builder.beginLayer("relu\(layer)", className: "Activation")
      let zero = builder.constant("zero\(layer)", ValueType([], FixedFormat(1, 1)), [0])
      value = try builder.add("above\(layer)", .elementwise(.maximum), value, zero)
      value = try builder.add(
        "relu\(layer)", .requantize(FixedFormat(8, 0, signed: false).with(.rndConv, .sat)), value)
      builder.endLayer(value)
    }
    builder.output(value)
    return builder.program
  }

  /// Odd words of three and four signed digits, all different within a row.
  private func busy(_ layer: Int, _ row: Int, _ column: Int) -> Raw {
    [43, -85, 75, -53, 91, 107, 37, -45][(row + column + layer) % 8]
  }

  private func design(_ program: Program, _ multipliers: MultiplierBinding = .automatic) throws -> Design {
    var target = target
    target.multipliers = multipliers
    return try schedule(program, ScheduleRequest(target: target))
  }

  /// The neurons 4 and 5 of the second network have no weights or nobody who uses them: the tool removes them.
  @Test func whatIsConstantOrUnusedCostsNothing() throws {
    let lean = try design(network([8, 4, 3], word: busy))
    let full = try design(
      network([8, 6, 3]) { layer, row, column in
        if layer == 1 && column == 4 || layer == 2 && row == 5 { return 0 }
        // The lean network's words at its own places.
        return busy(layer, row, column)
      })
    #expect(full.resources == lean.resources)
    #expect(full.latency == lean.latency)
    let unpruned = try design(network([8, 6, 3], word: busy))
    #expect(unpruned.resources.dsp > lean.resources.dsp && unpruned.resources.ff > lean.resources.ff)
  }

  /// Each layer starts with a cycle, and the words between two layers are registered.
  @Test func layersStartWithACycleAndRegisterTheirWords() throws {
    let program = try network([8, 6, 3], word: busy)
    let design = try design(program)
    let relu = try #require(program.layers.firstIndex { $0.name == "relu1" })
    let members = program.instructions.indices.filter {
      program.instructions[$0].layer == relu && program.constant(ValueID($0)) == nil
    }
    // At least the six words of 8 bits towards the next layer.
    #expect(members.reduce(0) { $0 + design.steps[$1].estimate.resources.ff } >= 6 * 8)
    let sums = try #require(program.instructions.firstIndex { $0.name == "sums2" })
    let before = try #require(program.instructions.firstIndex { $0.name == "relu1" })
    #expect(
      design.steps[sums].estimate.start > design.steps[before].estimate.start
        + design.steps[before].estimate.latency)
  }

  /// Where every adder has its own cycle, its sum is registered: a tree of n terms has n − 1.
  @Test func aShortPeriodRegistersEverySum() throws {
    let program = try network([32, 4, 4], word: busy)
    let first = try #require(program.instructions.firstIndex { $0.name == "sums1" })
    let short = try design(program)
    var slow = target
    slow.clockPeriod = 40
    let long = try schedule(program, ScheduleRequest(target: slow))
    #expect(short.steps[first].estimate.resources.ff >= 4 * 31 * 14)
    #expect(long.steps[first].estimate.resources.ff <= 4 * 16)
    #expect(short.steps[first].estimate.latency >= 6 && long.steps[first].estimate.latency == 0)
  }

  /// `config_op mul -impl`: the same multipliers in DSP slices, in LUTs, or as the tool likes.
  @Test func multipliersAreBuiltOfWhatIsAsked() throws {
    let program = try network([8, 6, 3]) { layer, row, column in
      row == 0 ? 11 : self.busy(layer, row, column)
    }
    let (automatic, dsp, fabric) = try (
      design(program), design(program, .dsp), design(program, .fabric)
    )
    // Words of four bits take LUTs unless they are told not to.
    #expect(automatic.resources.dsp > 0 && automatic.resources.dsp < dsp.resources.dsp)
    #expect(fabric.resources.dsp == 0)
    // 62 LUTs each of 8 × 8 bits, in the reports.
    #expect(fabric.resources.lut - dsp.resources.lut >= 50 * dsp.resources.dsp)
  }

  @Test func factorsCoverUpAndDown() {
    #expect(Uncertainty.covers(100, 125, factor: 1.25) && Uncertainty.covers(125, 100, factor: 1.25))
    #expect(!Uncertainty.covers(100, 127, factor: 1.25) && !Uncertainty.covers(100, 79, factor: 1.25))
    #expect(!Uncertainty.covers(1700, 100, factor: 1.8 * 1.8))
    #expect(Uncertainty.covers(0, 0, factor: 1) && !Uncertainty.covers(0, 4, factor: 3))
  }

  /// A selection by a bit is a multiplexer: a LUT per bit of its result. One by a comparison of words has the comparator too.
  @Test func aSelectionByABitComparesNothing() throws {
    func lut(_ width: Int) throws -> Int {
      var builder = ProgramBuilder(name: "select")
      builder.beginLayer("in", className: "Input")
      let x = builder.input("x", ValueType([3], .integer(width, signed: false)))
      builder.endLayer(x)
      builder.beginLayer("choice", className: "Choice")
      let one = builder.constant("one", ValueType([1], .integer(width, signed: false)), [1])
      let yes = builder.constant("yes", ValueType([3], .integer(4, signed: false)), [1, 2, 3])
      let no = builder.constant("no", ValueType([3], .integer(4, signed: false)), [4, 5, 6])
      let choice = try builder.add("choice", .select(.equal), x, one, yes, no)
      builder.endLayer(choice)
      builder.output(choice)
      return try design(builder.program).steps[choice.index].estimate.resources.lut
    }
    #expect(try lut(1) == 3 * 4)
    #expect(try lut(2) > 3 * 4)
  }
}
