import FixedPoint
import Program

/// What one operation costs and how long it takes.
struct Estimate {
  /// When its result is there.
  enum Timing {
    /// Logic that shares a cycle with its neighbours, in ns; a new event every cycle.
    case chained(Double)
    /// Whole cycles from a cycle boundary on, and those between two events.
    case sequential(cycles: Int, interval: Int)
  }

  var resources = Resources()
  var uncertainty = Uncertainty.uncalibrated
  var timing = Timing.chained(0)
  /// Whether it is a loop of its own, which ends before the next position begins.
  var isLoop = false
  /// What a loop over positions is pipelined to, at least: the reuse factor of multipliers that take turns.
  var turns = 1
}

/// The cost of a matrix of constants times a vector, by strategy and reuse factor (docs/cost-model.md).
struct AffineCost {
  /// Sizes and widths; `positions` is how many vectors are multiplied in parallel.
  let inputs, outputs, groups: Int
  /// Whether the resource strategy builds a loop over multipliers; grouped matrices are unrolled, as a pipeline.
  let canLoop: Bool
  var positions: Int
  /// Bits of an input, a weight and the accumulator.
  let inputWidth, weightWidth, sumWidth: Int
  let matrix: ConstantMatrix
  /// The usable part of the clock period, in ns of the reference fabric.
  let period: Double

  /// A product in a multiplier, in ns: the fitted designs of 96 inputs meet their two cycles up to here.
  static let multiplierDelay = 3.3
  /// hls4ml's limit on multipliers acts as if reuse factors ended here: designs of 1,024 have one more.
  static let largestSharing = 1023
  /// Unrolled products the vendor's tool gets through; in the fitted data no layer of more did.
  static let largestUnrolled = 4096

  init(_ instruction: Instruction, _ affine: Affine, program: Program, period: Double) {
    let types = instruction.operands.map { program[$0].type }
    let shape = types[1].shape
    (inputs, outputs) = (shape[shape.count - 2], shape[shape.count - 1])
    groups = shape.dropLast(2).reduce(1, *)
    canLoop = shape.count == 2
    positions = types[0].count / max(1, inputs * groups)
    (inputWidth, weightWidth) = (types[0].format.width, types[1].format.width)
    sumWidth = affine.accumulator.width
    self.period = period
    var matrix = ConstantMatrix(inputWidth: inputWidth, sumWidth: sumWidth)
    let words = program.constant(instruction.operands[1]) ?? []
    let biases = program.constant(instruction.operands[2]) ?? []
    let size = inputs * outputs
    for group in 0..<groups where words.count == groups * size && biases.count == groups * outputs {
      matrix.add(
        words: words[(group * size)..<((group + 1) * size)],
        biases: biases[(group * outputs)..<((group + 1) * outputs)], inputs: inputs, outputs: outputs)
    }
    self.matrix = matrix
  }

  /// Products of all groups at one position.
  var products: Int { inputs * outputs * groups }

  /// Products the vendor's tool unrolls at once, of all positions; none where multipliers are an array.
  func unrolled(strategy: Strategy, reuse: Int) -> Int {
    strategy == .latency || reuse == 1 ? products * positions : 0
  }

  /// The estimate for one choice.
  func estimate(strategy: Strategy, reuse: Int) -> Estimate {
    var result: Estimate
    switch (strategy, reuse) {
    case (.latency, 1): result = pipelined()
    case (.latency, _): result = shared(reuse)
    case (.resource, 1): result = unrolled()
    case (.resource, _): result = array(reuse)
    }
    if strategy == .latency { result.turns = reuse }
    result.resources = Resources(
      dsp: result.resources.dsp * positions, lut: result.resources.lut * positions,
      ff: result.resources.ff * positions, bram: result.resources.bram * positions)
    if isOutsideData(strategy, reuse) {
      result.uncertainty = result.uncertainty.widened(to: .extrapolated)
    }
    // From which width on a product takes a DSP is known for inputs of 16 bits.
    if inputWidth < 16 { result.uncertainty.dsp = max(result.uncertainty.dsp, 0.3) }
    return result
  }

  /// Whether no fitted design is near this one.
  private func isOutsideData(_ strategy: Strategy, _ reuse: Int) -> Bool {
    let sizes = strategy == .resource && reuse > 1 ? 32...256 : 32...96
    return !sizes.contains(inputs) || !sizes.contains(outputs) || groups * positions > 1 || inputWidth != 16
      || sumWidth != 16 || weightWidth > 14 || (reuse > 1 && reuse < 256)
  }

  /// From the input to the sum, in ns.
  private var delay: Double {
    let product =
      matrix.multipliers > 0
      ? Self.multiplierDelay : matrix.logicProducts > 0 ? CostModel.adderDelay(inputWidth) : 0
    return product + Double(matrix.depth) * CostModel.adderDelay(sumWidth)
  }

  /// Cycle boundaries within the logic.
  private var cuts: Int { Int(delay / period) }

  /// Inputs, and the two bits of the handshake.
  private var inputRegisters: Int { inputs * groups * inputWidth + 2 }

  /// LUTs of the unrolled adders and products, without what stands beside DSPs.
  private var adderLUT: Double {
    let sums = Double(matrix.adderBits + matrix.adders * CostModel.adderOverhead)
    let shifts = Double(
      (matrix.shiftAdds + matrix.smallMultipliers) * (inputWidth + CostModel.adderOverhead))
    return sums * CostParameters.adder + shifts * CostParameters.shiftAdd
  }

  private var dsps: Int { matrix.multipliers * CostModel.dspTiles(inputWidth, weightWidth) }

  private func registers(adders: Double, dsps: Double) -> Double {
    Double(matrix.adderBits) * adders + Double(sumWidth * matrix.multipliers) * dsps
  }

  /// Registers where the fully pipelined logic is cut.
  private var cutRegisters: Double {
    if cuts == 0 { return 0 }
    let crossings =
      matrix.multipliers > 0
      ? registers(adders: CostParameters.cutAdder, dsps: CostParameters.cutDSP)
      : registers(adders: CostParameters.cutAdderOnly, dsps: 0)
    return crossings * Double(cuts)
  }

  /// Latency strategy, every product its own logic, a new event every cycle.
  private func pipelined() -> Estimate {
    // Logic within one cycle registers its inputs; deeper logic its outputs and what crosses the cuts.
    let ends = cuts > 0 ? outputs * groups * sumWidth : inputRegisters
    return Estimate(
      resources: Resources(
        dsp: dsps, lut: rounded(adderLUT + Double(dsps) * CostParameters.dspLUT),
        ff: matrix.adders + matrix.shiftAdds + dsps == 0 ? 0 : ends + rounded(cutRegisters)),
      uncertainty: CostParameters.latencyUnrolled, timing: .chained(delay))
  }

  /// Latency strategy with a limit on multipliers: the products that need one take turns.
  private func shared(_ reuse: Int) -> Estimate {
    let turns = matrix.multipliers + matrix.smallMultipliers
    if matrix.multipliers == 0 {
      let cycles = cuts == 0 ? 0 : cuts + 1
      let ends = cuts == 0 ? inputRegisters : 0
      return Estimate(
        resources: Resources(lut: rounded(adderLUT), ff: ends + rounded(cutRegisters)),
        uncertainty: CostParameters.latencyShared,
        timing: .sequential(cycles: cycles, interval: min(reuse, cycles + 1)))
    }
    let limit = min(reuse, Self.largestSharing)
    let instances = min((products + limit - 1) / limit, matrix.multipliers)
    let cycles = max(cuts, (turns + instances - 1) / instances) + 1
    let ff = registers(adders: CostParameters.sharedCutAdder, dsps: CostParameters.sharedCutDSP)
    return Estimate(
      resources: Resources(
        dsp: instances * CostModel.dspTiles(inputWidth, weightWidth),
        lut: rounded(adderLUT + Double(matrix.multipliers) * CostParameters.sharedDspLUT), ff: rounded(ff)),
      uncertainty: CostParameters.latencyShared,
      timing: .sequential(cycles: cycles, interval: min(reuse, cycles + 1)))
  }

  /// Resource strategy without reuse: one event is finished before the next starts.
  private func unrolled() -> Estimate {
    let ff: Double
    if cuts == 0 {
      ff = Double(outputs * groups * sumWidth + 2)
    } else if matrix.multipliers > 0 {
      ff = registers(adders: CostParameters.resourceCutAdder, dsps: CostParameters.resourceCutDSP)
    } else {
      let share =
        matrix.logicProducts > 0 ? CostParameters.resourceCutShift : CostParameters.resourceCutWire
      ff = registers(adders: share, dsps: 0)
    }
    return Estimate(
      resources: Resources(
        dsp: dsps, lut: rounded(adderLUT + Double(dsps) * CostParameters.resourceDspLUT),
        ff: matrix.adders + matrix.shiftAdds + dsps == 0 ? 0 : rounded(ff)),
      uncertainty: CostParameters.resourceUnrolled,
      timing: .sequential(cycles: cuts, interval: cuts + 1))
  }

  /// Resource strategy: an array of multipliers, weights in memories of `reuse` words.
  private func array(_ reuse: Int) -> Estimate {
    let multipliers = (products + reuse - 1) / reuse
    let isDSP = !ConstantMatrix.isSmall(inputWidth, weightWidth)
    // Columns a multiplier serves in turn; from three on its sum is chosen by a multiplexer.
    let columns = reuse / inputs
    let selects = columns > 2
    // The fixed part is calibrated from 32 inputs on and taken to shrink with the array below.
    var lut = CostParameters.arrayControl * min(1, Double(inputs) / 32)
    lut += CostParameters.arrayInput * Double(inputs * groups * inputWidth)
    lut += CostParameters.arrayOutput * Double(outputs * groups * sumWidth)
    lut += CostParameters.arrayMultiplier * Double(multipliers * sumWidth)
    if selects { lut += Double(multipliers * sumWidth) * Self.multiplexer(outputs) }
    let wordBits = isDSP ? (selects ? sumWidth : weightWidth) : selects ? weightWidth : 0
    let indexBits = reuse * CostModel.log2Ceiling(columns)
    let memory = CostModel.memoryBlocks(width: multipliers * weightWidth, depth: reuse)
    // Where several products of a step go to one sum, a tree adds them up first.
    let chain = reuse < inputs ? CostModel.log2Ceiling((inputs + reuse - 1) / reuse) : 0
    let tree = Int(Double(chain) * CostModel.adderDelay(sumWidth) / period)
    return Estimate(
      resources: Resources(
        dsp: isDSP ? multipliers * CostModel.dspTiles(inputWidth, weightWidth) : 0, lut: rounded(lut),
        ff: rounded(CostParameters.arrayControlFF) + outputs * groups * sumWidth + multipliers * wordBits,
        bram: memory + (selects && indexBits >= 1024 ? 1 : 0)),
      uncertainty: CostParameters.resourceShared,
      timing: .sequential(cycles: reuse + tree + (isDSP || selects ? 1 : 0), interval: reuse), isLoop: canLoop
    )
  }

  /// LUTs per bit of a multiplexer of so many inputs: fitted from 32 to 256, in proportion beyond.
  static func multiplexer(_ inputs: Int) -> Double {
    let table = CostParameters.multiplexer
    let size = CostModel.log2Ceiling(max(2, inputs)) - 5
    if table.indices.contains(size) { return table[size] }
    let edge = size < 0 ? 0 : table.count - 1
    let ratio = Double(1 << abs(size - edge))
    return size < 0 ? table[edge] / ratio : table[edge] * ratio
  }

  private func rounded(_ value: Double) -> Int { max(0, Int(value.rounded())) }
}
