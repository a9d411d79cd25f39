import FixedPoint
import Program

/// What one operation costs and how long it takes.
struct Estimate {
  /// When its result is there.
  enum Timing {
    /// Logic that shares a cycle with its neighbours, in ns; a new event every cycle.
    case chained(Double)
    /// Cycles from a cycle boundary on and logic behind them, in ns; a new event every cycle.
    case clocked(cycles: Int, Double)
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
  /// Its shared adders; nil: it can have none, or nobody asked for them.
  var adders: SharedAdders?
  /// Whether logic of one cycle registers its inputs, as a layer by itself does: in a network the layer before has.
  var registersInputs = true
  private let clock: LogicClock
  private let binding: MultiplierBinding

  /// hls4ml's limit on multipliers acts as if reuse factors ended here: designs of 1,024 have one more.
  static let largestSharing = 1023
  /// Unrolled products the vendor's tool gets through; in the fitted data no layer of more did.
  static let largestUnrolled = 4096

  /// - Parameter live: which inputs and outputs are neither constant nor unused; nil: all.
  init(
    _ instruction: Instruction, _ affine: Affine, program: Program, clock: LogicClock,
    binding: MultiplierBinding = .automatic, live: (inputs: [Bool], outputs: [Bool])? = nil
  ) {
    let types = instruction.operands.map { program[$0].type }
    let shape = types[1].shape
    (inputs, outputs) = (shape[shape.count - 2], shape[shape.count - 1])
    groups = shape.dropLast(2).reduce(1, *)
    canLoop = shape.count == 2
    positions = types[0].count / max(1, inputs * groups)
    (inputWidth, weightWidth) = (types[0].format.width, types[1].format.width)
    sumWidth = affine.accumulator.width
    (self.clock, self.binding) = (clock, binding)
    let fraction = types[0].format.fractionBits + types[1].format.fractionBits
    var matrix = ConstantMatrix(
      inputWidth: inputWidth, sumWidth: sumWidth,
      droppedBits: max(0, fraction - affine.accumulator.fractionBits), clock: clock, binding: binding)
    var words = program.constant(instruction.operands[1]) ?? []
    let biases = program.constant(instruction.operands[2]) ?? []
    let size = inputs * outputs
    if let live, groups == 1, words.count == size {
      for row in 0..<inputs {
        for column in 0..<outputs where !(live.inputs[row] && live.outputs[column]) {
          words[row * outputs + column] = 0
        }
      }
    }
    for group in 0..<groups where words.count == groups * size && biases.count == groups * outputs {
      matrix.add(
        words: words[(group * size)..<((group + 1) * size)],
        biases: biases[(group * outputs)..<((group + 1) * outputs)], inputs: inputs, outputs: outputs)
    }
    self.matrix = matrix
  }

  /// Products of all groups at one position.
  var products: Int { inputs * outputs * groups }

  /// Products the vendor's tool unrolls at once, of all positions; none where multipliers are an array, or adders written one
  /// by one.
  func unrolled(strategy: Strategy, reuse: Int) -> Int {
    if strategy == .distributedArithmetic { return 0 }
    return strategy == .latency || reuse == 1 ? products * positions : 0
  }

  /// The estimate for one choice.
  func estimate(strategy: Strategy, reuse: Int) -> Estimate {
    var result: Estimate
    switch (strategy, reuse) {
    case (.latency, 1): result = pipelined()
    case (.latency, _): result = shared(reuse)
    case (.resource, 1): result = unrolled()
    case (.resource, _): result = array(reuse)
    case (.distributedArithmetic, _): result = added()
    case (.resourceUnrolled, _):
      preconditionFailure("the scheduler refuses strategies that are not built")
    }
    if strategy == .latency { result.turns = reuse }
    result.resources = Resources(
      dsp: result.resources.dsp * positions, lut: result.resources.lut * positions,
      ff: result.resources.ff * positions, bram: result.resources.bram * positions)
    if isOutsideData(strategy, reuse) {
      result.uncertainty = result.uncertainty.widened(to: .extrapolated)
    }
    // From which width on a product takes a DSP is known for inputs of 16 bits.
    if inputWidth < 16 { result.uncertainty.dsp = max(result.uncertainty.dsp, 1.2) }
    return result
  }

  /// Whether no fitted design is near this one.
  private func isOutsideData(_ strategy: Strategy, _ reuse: Int) -> Bool {
    let sizes = strategy == .resource && reuse > 1 ? 32...256 : 32...96
    return !sizes.contains(inputs) || !sizes.contains(outputs) || groups * positions > 1 || inputWidth != 16
      || sumWidth != 16 || weightWidth > 14 || (reuse > 1 && reuse < 256)
  }

  /// Cycle boundaries within the logic.
  private var cuts: Int { matrix.finish.cycle }

  /// Outputs that are more than a constant.
  private var liveOutputs: Int { matrix.columns == 0 ? outputs * groups : matrix.columns }

  /// Inputs, and the two bits of the handshake.
  private var inputRegisters: Int { inputs * groups * inputWidth + 2 }

  /// Whether most sums have a cycle of their own: not so in the fitted designs, whose logic is cut once at most. The reports
  /// of whole networks show that all that crosses a cut is registered then, and that sums subtract instead of negating.
  private var isCutOften: Bool { cuts > 1 || cuts > 0 && clock.period < 4 * CostModel.adderDelay(sumWidth) }

  /// LUTs of so many multipliers, or of what stands beside their DSPs.
  private func multiplierLUT(_ count: Int, beside: Double) -> Double {
    let each =
      binding == .fabric
      ? CostModel.fabricMultiplierLUT(inputWidth, weightWidth)
      : beside * Double(CostModel.dspTiles(inputWidth, weightWidth))
    return Double(count) * each
  }

  /// DSPs of so many multipliers.
  private func dsps(_ count: Int) -> Int {
    binding == .fabric ? 0 : count * CostModel.dspTiles(inputWidth, weightWidth)
  }

  /// LUTs of the unrolled adders and products, without multipliers.
  private var adderLUT: Double {
    let sums = Double(matrix.keptBits + matrix.adders * CostModel.adderOverhead)
    let shiftAdds = matrix.shiftAdds - (isCutOften ? matrix.negations : 0)
    let shifts = Double((shiftAdds + matrix.smallMultipliers) * (inputWidth + CostModel.adderOverhead))
    return sums * CostParameters.adder + shifts * CostParameters.shiftAdd
  }

  private func registers(adders: Double, dsps: Double) -> Double {
    Double(matrix.adderBits) * adders + Double(sumWidth * matrix.multipliers) * dsps
  }

  /// Registers where the fully pipelined logic is cut.
  private var cutRegisters: Double {
    if cuts == 0 { return 0 }
    // One cut in long cycles is where the tool finds least to register, which is fitted.
    if isCutOften { return Double(matrix.cutBits) }
    return matrix.multipliers > 0
      ? registers(adders: CostParameters.cutAdder, dsps: CostParameters.cutDSP)
      : registers(adders: CostParameters.cutAdderOnly, dsps: 0)
  }

  /// Latency strategy, every product its own logic, a new event every cycle.
  private func pipelined() -> Estimate {
    // Logic within one cycle registers its inputs; deeper logic its outputs and what crosses the cuts.
    let ends = cuts > 0 || !registersInputs ? liveOutputs * sumWidth : inputRegisters
    let isLogic = matrix.adders + matrix.shiftAdds + matrix.multipliers > 0
    return Estimate(
      resources: Resources(
        dsp: dsps(matrix.multipliers),
        lut: rounded(adderLUT + multiplierLUT(matrix.multipliers, beside: CostParameters.dspLUT)),
        ff: isLogic ? ends + rounded(cutRegisters) : 0),
      uncertainty: CostParameters.latencyUnrolled, timing: .chained(clock.delay(matrix.finish)))
  }

  /// Distributed arithmetic: shared adders as an unrolled layer's own, a new event every cycle.
  private func added() -> Estimate {
    guard let adders else { preconditionFailure("the scheduler refuses adders where there are none") }
    let lut = Double(adders.bits + adders.count * CostModel.adderOverhead) * CostParameters.adder
    let isCut = adders.finish.cycle > 0
    let ends = isCut || !registersInputs ? liveOutputs * sumWidth : inputRegisters
    return Estimate(
      resources: Resources(lut: rounded(lut), ff: adders.count > 0 ? ends + adders.cutBits : 0),
      uncertainty: .uncalibrated, timing: .chained(clock.delay(adders.finish)))
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
    let cycles = max(cuts, (turns + instances - 1) / instances + 1)
    // Cut often, each sum and each product is held once.
    let ff =
      isCutOften
      ? registers(adders: 1, dsps: 1)
      : registers(adders: CostParameters.sharedCutAdder, dsps: CostParameters.sharedCutDSP)
    let multiplierLUT =
      binding == .fabric
      ? self.multiplierLUT(instances, beside: 0) : Double(matrix.multipliers) * CostParameters.sharedDspLUT
    return Estimate(
      resources: Resources(dsp: dsps(instances), lut: rounded(adderLUT + multiplierLUT), ff: rounded(ff)),
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
        dsp: dsps(matrix.multipliers),
        lut: rounded(adderLUT + multiplierLUT(matrix.multipliers, beside: CostParameters.resourceDspLUT)),
        ff: matrix.adders + matrix.shiftAdds + matrix.multipliers == 0 ? 0 : rounded(ff)),
      uncertainty: CostParameters.resourceUnrolled,
      timing: .sequential(cycles: cuts, interval: cuts + 1))
  }

  /// Resource strategy: an array of multipliers, weights in memories of `reuse` words.
  private func array(_ reuse: Int) -> Estimate {
    let multipliers = (products + reuse - 1) / reuse
    let isSmall = binding != .dsp && ConstantMatrix.isSmall(inputWidth, weightWidth)
    let isDSP = !isSmall && binding != .fabric
    // Columns a multiplier serves in turn; from three on its sum is chosen by a multiplexer.
    let columns = reuse / inputs
    let selects = columns > 2
    // The fixed part is calibrated from 32 inputs on and taken to shrink with the array below.
    var lut = CostParameters.arrayControl * min(1, Double(inputs) / 32)
    lut += CostParameters.arrayInput * Double(inputs * groups * inputWidth)
    lut += CostParameters.arrayOutput * Double(outputs * groups * sumWidth)
    lut += CostParameters.arrayMultiplier * Double(multipliers * sumWidth)
    if binding == .fabric { lut += multiplierLUT(multipliers, beside: 0) }
    if selects { lut += Double(multipliers * sumWidth) * Self.multiplexer(outputs) }
    let wordBits = isDSP ? (selects ? sumWidth : weightWidth) : selects ? weightWidth : 0
    let indexBits = reuse * CostModel.log2Ceiling(columns)
    let memory = CostModel.memoryBlocks(width: multipliers * weightWidth, depth: reuse)
    // Where several products of a step go to one sum, a tree adds them up first.
    let chain = reuse < inputs ? CostModel.log2Ceiling((inputs + reuse - 1) / reuse) : 0
    let tree = Int(Double(chain) * CostModel.adderDelay(sumWidth) / clock.period)
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
