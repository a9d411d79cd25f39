import AdderGraph
import Diagnostics
import FixedPoint
import Program

/// Times and places every instruction of a program, once strategies and reuse factors are chosen.
struct Planner {
  let program: Program
  let request: ScheduleRequest
  let cost: CostModel
  /// What is known of the affine operations, by instruction: analysed once, estimated for many choices.
  let affines: [Int: AffineCost]
  /// Affine operations as shared adders, where these are asked for (in a search: wherever no other strategy is), by
  /// instruction: a graph for each group, or why there can be none.
  let adders: [Int: Result<[AdderGraph], Failure>]
  /// The loops over positions, by instruction; none in io_stream, which has its own.
  let loops: [Int: PositionLoop]
  /// The planners of one step of each scan, by instruction.
  let bodies: [Int: Planner]
  /// The channels that are hardware.
  let live: LiveChannels
  /// Where layers begin; nil for processes and single layers, which have no boundaries.
  private var boundaries: LayerBoundaries?
  /// The bits of each result that are registered.
  private var registers: [Int] = []
  /// Costs of the program as one position sees it, by the number of axes that count positions.
  private let positionCosts: [Int: CostModel]

  init(program: Program, request: ScheduleRequest, searching: Bool = false) {
    let usable = request.target.clockPeriod * (1 - request.target.clockUncertainty)
    let clock = LogicClock(usable: usable, slowness: request.target.choice.slowness)
    self.init(program: program, request: request, clock: clock, searching: searching)
  }

  /// The same plan of the program as one position sees it, without its first `axes` axes.
  func onePosition(_ axes: Int) -> Planner {
    let counted =
      axes == 0
      ? affines
      : affines.mapValues { cost in
        var cost = cost
        cost.positions = 1
        return cost
      }
    return Planner(
      dropped: program.dropping(axes: axes), request: request, clock: cost.clock, affines: counted)
  }

  private init(
    dropped program: Program, request: ScheduleRequest, clock: LogicClock, affines: [Int: AffineCost]
  ) {
    self.program = program
    self.request = request
    self.affines = affines
    cost = CostModel(program: program, clock: clock, binding: request.target.multipliers)
    (loops, positionCosts, adders, bodies) = ([:], [:], [:], [:])
    live = LiveChannels(program)
    registers = resultRegisters()
  }

  private init(program: Program, request: ScheduleRequest, clock: LogicClock, searching: Bool) {
    self.program = program
    self.request = request
    let binding = request.target.multipliers
    cost = CostModel(program: program, clock: clock, binding: binding)
    var loops: [Int: PositionLoop] = [:]
    var positionCosts: [Int: CostModel] = [:]
    if request.ioType == .parallel {
      for loop in program.positionLoops(factor: { Self.parallelizationFactor($0, program, request) }) {
        for index in loop.instructions { loops[index] = loop }
        if positionCosts[loop.axes] == nil {
          positionCosts[loop.axes] = CostModel(
            program: program.dropping(axes: loop.axes), clock: clock, binding: binding)
        }
      }
    }
    let scans = program.instructions.indices.filter(program.isScan)
    bodies = Dictionary(
      uniqueKeysWithValues: scans.compactMap { index in
        program.step(of: index).map {
          (index, Planner(program: $0, request: request.ofStep, clock: clock, searching: false))
        }
      })
    live = LiveChannels(program)
    let isNetwork = request.ioType == .parallel && LayerBoundaries.isNetwork(program)
    let adders = Self.adders(program, request, searching: searching)
    var affines: [Int: AffineCost] = [:]
    for index in program.instructions.indices {
      let program = loops[index].flatMap { positionCosts[$0.axes]?.program } ?? program
      guard case .affine(let affine) = program.instructions[index].operation else { continue }
      let instruction = program.instructions[index]
      affines[index] = AffineCost(
        instruction, affine, program: program, clock: clock, binding: binding,
        live: (live.mask(instruction.operands[0]), live.mask(ValueID(index))))
      affines[index]?.registersInputs = !isNetwork
      affines[index]?.adders = (try? adders[index]?.get()).map { SharedAdders($0, clock: clock) }
    }
    (self.affines, self.adders) = (affines, adders)
    self.loops = loops
    self.positionCosts = positionCosts
    if request.ioType == .parallel {
      if isNetwork { boundaries = LayerBoundaries(program, isFree: isWiring) }
      registers = resultRegisters()
    }
  }

  private static func adders(
    _ program: Program, _ request: ScheduleRequest, searching: Bool
  ) -> [Int: Result<[AdderGraph], Failure>] {
    let asked = program.instructions.indices.filter { index in
      guard case .affine = program.instructions[index].operation else { return false }
      let layer = program.instructions[index].layer.map { program.layers[$0].name } ?? ""
      let strategy = request.layers[layer]?.strategy ?? request.defaults.strategy
      return strategy == .distributedArithmetic || searching && strategy == nil
    }
    if asked.isEmpty { return [:] }
    let known = program.knownWords()
    var found: [Int: Result<[AdderGraph], Failure>] = [:]
    for index in asked {
      found[index] = Result { () throws(Failure) in
        try program.sharedAdders(
          index, given: known, effort: SharedAdders.effort * request.target.effort.percent / 100)
      }
    }
    return found
  }

  /// Whether an instruction is wiring alone, as a product by a power of two is.
  func isWiring(_ index: Int) -> Bool {
    if affines[index] != nil || bodies[index] != nil { return false }
    let estimate = cost.estimate(program.instructions[index])
    guard case .chained(0) = estimate.timing else { return false }
    return estimate.resources == Resources()
  }

  /// How many positions of a window are computed at once; nil: all.
  private static func parallelizationFactor(
    _ index: Int, _ program: Program, _ request: ScheduleRequest
  ) -> Int? {
    let name = program.instructions[index].layer.map { program.layers[$0].name } ?? ""
    return request.layers[name]?.parallelizationFactor ?? request.defaults.parallelizationFactor
  }

  /// What an instruction costs with a strategy and a reuse factor.
  func estimate(_ index: Int, strategy: Strategy, reuse: Int) -> Estimate {
    guard let loop = loops[index], let cost = positionCosts[loop.axes] else {
      return affines[index]?.estimate(strategy: strategy, reuse: reuse)
        ?? plain(index, reuse: reuse)
    }
    var estimate =
      affines[index]?.estimate(strategy: strategy, reuse: reuse)
      ?? cost.estimate(cost.program.instructions[index], reuse: reuse)
    if index == loop.instructions[0] {
      // Each word of a window is chosen from those it sees in turn: four inputs of a multiplexer fill a LUT.
      let bits = cost.program.instructions[index].type.count * program.instructions[index].type.format.width
      let choices = program.placesByPosition(loop).map { ($0.max() ?? 0) + 1 } ?? loop.trips
      estimate.resources.lut += bits * (choices + 2) / 3
    }
    // Constants that differ from position to position are memories of LUTs.
    for operand in program.instructions[index].operands where program.holdsConstant(operand) {
      let type = program[operand].type
      guard type.shape.count > loop.axes, type.shape.prefix(loop.axes).reduce(1, *) == loop.positions,
        program.instructions[index].operation.table.map({ program.instructions[index].operands[$0] })
          != operand
      else { continue }
      estimate.resources.lut += type.count / loop.positions * type.format.width * ((loop.trips + 63) / 64)
    }
    estimate.resources = estimate.resources.times(loop.factor)
    estimate.uncertainty = estimate.uncertainty.widened(to: .uncalibrated)
    return estimate
  }

  /// What an instruction without strategy costs, with the registers of its result.
  private func plain(_ index: Int, reuse: Int) -> Estimate {
    let instruction = program.instructions[index]
    var estimate = cost.estimate(instruction, words: live.words(index, instruction.type), reuse: reuse)
    if registers.indices.contains(index) { estimate.resources.ff += registers[index] }
    return estimate
  }

  /// Strategy and reuse factor of each instruction.
  func choices(_ problems: inout [Diagnostic]) -> [Step.Choice] {
    for (layer, asked) in request.layers.sorted(by: { $0.key < $1.key }) + [("", request.defaults)] {
      guard let factor = asked.parallelizationFactor, factor < 1 else { continue }
      problems.append(
        Diagnostic(
          place: layer.isEmpty ? nil : layer,
          "parallelization factor \(factor) is not possible: at least one position is computed"))
    }
    return program.instructions.enumerated().map { index, instruction in
      let layer = instruction.layer.map { program.layers[$0].name } ?? ""
      let asked = request.layers[layer] ?? ScheduleRequest.Layer()
      let strategy = asked.strategy ?? request.defaults.strategy ?? .latency
      _ = bodies[index]?.choices(&problems)
      guard case .affine(let affine) = instruction.operation else {
        let sharing = sharing(index)
        return Step.Choice(strategy: sharing > 1 ? .latency : strategy, reuseFactor: sharing)
      }
      let reuse = asked.reuseFactor ?? request.defaults.reuseFactor ?? 1
      if strategy == .distributedArithmetic {
        if reuse != 1 {
          problems.append(
            Diagnostic(
              place: layer,
              "reuse factor \(reuse) is not possible: adders of distributed arithmetic are used once",
              hint: "ReuseFactor: 1"))
        }
        if case .failure(let failure) = adders[index] {
          problems += failure.diagnostics
        }
        return Step.Choice(strategy: strategy, reuseFactor: 1)
      }
      let shape = program[instruction.operands[1]].type.shape
      let factors = ReuseFactors(inputs: shape[shape.count - 2], outputs: shape[shape.count - 1])
      // Latency strategy: the tool shares multipliers freely, so any factor up to the products will do.
      let isFree = strategy == .latency && reuse >= 1 && reuse <= factors.inputs * factors.outputs
      if !isFree, let objection = factors.objection(to: reuse) {
        problems.append(
          Diagnostic(
            place: layer, "reuse factor \(reuse) is not possible: \(objection)",
            hint: "nearest legal factors: \(neighbours(reuse, factors))"))
      }
      // Only arrays of multipliers tie the order of the sums to the reuse factor.
      if strategy == .resource, let stride = Self.stride(affine, inputs: factors.inputs), stride != reuse {
        problems.append(
          Diagnostic(
            place: layer,
            "reuse factor \(reuse) differs from \(stride), which the order of its sums was made for"))
      }
      return Step.Choice(strategy: strategy, reuseFactor: reuse)
    }
  }

  /// The reuse factor the order of an affine's sums was made for; nil where any order will do.
  static func stride(_ affine: Affine, inputs: Int) -> Int? {
    if case .strided(let stride) = affine.order, stride < inputs { return stride }
    return nil
  }

  private func neighbours(_ factor: Int, _ factors: ReuseFactors) -> String {
    let all = factors.all
    let below = all.last { $0 < factor }
    let above = all.first { $0 > factor }
    return [below, above].compactMap { $0 }.map(String.init).joined(separator: ", ")
  }

  /// Times and places what was chosen for each instruction.
  func plan(_ choices: [Step.Choice]) -> Design {
    // When each value is ready, in cycles; fractions are chained logic within a cycle.
    var ready: [Double] = []
    var steps = choices.map { Step($0) }
    var timings: [Timing] = []
    let stepLoops = stepLoops()
    for (index, instruction) in program.instructions.enumerated() {
      let loop = stepLoops[index]
      let estimate =
        loop.map { self.estimate($0, index) }
        ?? estimate(index, strategy: choices[index].strategy, reuse: choices[index].reuseFactor)
      let arrival = instruction.operands.map { ready[$0.index] }.max() ?? 0
      let timing = loop.map { Timing($0) } ?? timing(index, estimate)
      timings.append(timing)
      ready.append(timing.ready(arrival))
      let start = Int(timing.start(arrival))
      steps[index].estimate = Step.Estimate(
        start: start, latency: Int(ready[index]) - start, interval: timing.interval,
        resources: estimate.resources, uncertainty: estimate.uncertainty)
      steps[index].choice.parallelizationFactor = loops[index]?.factor
    }
    for members in program.instructionsByLayer {
      guard let loop = members.last(where: { timings[$0].isLoop }) else { continue }
      // Loops over steps are processes of their own: those of a Bidirectional layer run beside each other.
      let turns = members.filter { stepLoops[$0] != nil }
      let processes =
        turns.isEmpty ? [members] : turns.map { own in members.filter { stepLoops[$0] == nil || $0 == own } }
      steps[loop].estimate.interval =
        processes.map { part in interval(part, part.map { timings[$0] }) }.max() ?? 1
    }
    for (index, bits) in arraysBetweenLayers() {
      // Of an instruction by itself the registers of its result are counted already.
      let isCounted = loops[index] == nil && affines[index] == nil && registers.indices.contains(index)
      let counted = isCounted ? registers[index] : 0
      steps[index].estimate.resources.ff += max(0, bits - counted)
    }
    var design = Design(
      program: program, target: request.target, ioType: request.ioType, steps: steps,
      latency: Int(program.outputs.map { ready[$0.index] }.max() ?? 0),
      interval: steps.map(\.estimate.interval).max() ?? 1,
      resources: steps.map(\.estimate.resources).reduce(Resources(), +),
      adders: adders.compactMapValues { try? $0.get() }, stepLoops: stepLoops)
    if request.ioType == .parallel {
      design.paceRegions()
      design.warnings = warnings(choices)
    }
    if request.ioType == .stream { stream(&design) }
    if let part = request.target.choice.part, let excess = part.available.excess(design.resources) {
      design.warnings.append("\(part.device) has fewer resources than the design needs: \(excess)")
    }
    return design
  }

  /// The bits of the arrays between the processes of an io_parallel design that loops over positions: registers, since
  /// a window reads many words at once. By the instruction that makes them.
  private func arraysBetweenLayers() -> [(index: Int, bits: Int)] {
    if loops.isEmpty, bodies.isEmpty { return [] }
    let roots = program.roots
    var bits: [Int: Int] = [:]
    for (reader, instruction) in program.instructions.enumerated() where roots[reader] == reader {
      for operand in instruction.operands {
        let maker = roots[operand.index]
        let type = program.instructions[maker].type
        let isOne = loops[maker] != nil && loops[maker] == loops[reader]
        if program.instructions[maker].operation == .input || program.holdsConstant(operand)
          || program.instructions[maker].layer == instruction.layer && loops[maker]?.rewinds != true || isOne
        {
          continue
        }
        // One event's words are written while those of the one before are read.
        bits[maker] = type.count * type.format.width * (loops[maker]?.rewinds == true ? 2 : 1)
      }
    }
    return bits.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// When an instruction's result is there, in cycles.
  func timing(_ index: Int, _ estimate: Estimate) -> Timing {
    let once = onceTiming(index, estimate)
    guard let loop = loops[index], loop.carrier(program) == index else { return once }
    // The passes follow one another at the interval, or one enters its own loop when the one before has left it.
    let cycles = max(1, once.duration.rounded(.up))
    let interval = Double(max(once.interval, estimate.turns))
    let step =
      estimate.isLoop
      ? max(cycles, interval) + Double(Dataflow.restart) : interval
    let duration = cycles + Double(loop.trips - 1) * step
    let own = loop.rewinds ? Double(loop.trips) * step : duration
    return Timing(startsOnEdge: true, duration: duration, interval: max(1, Int(own)), isLoop: true)
  }

  /// Cycles between two events in the process that computes `instructions`, all of one layer; `timings` are theirs.
  ///
  /// Code without loops is a pipeline, as fast as its slowest operation. A loop is a pipeline too, but its next run
  /// begins when the process has ended, `Dataflow.restart` cycles later; unless it is all there is, when the emitted
  /// loop continues with the next event (`rewind`).
  func interval(_ instructions: [Int], _ timings: [Timing]) -> Int {
    let pipelined = timings.map(\.interval).max() ?? 1
    let looping = zip(instructions, timings).filter(\.1.isLoop).map(\.0)
    if looping.allSatisfy({ loops[$0]?.rewinds == true }) { return pipelined }
    let computed = instructions.filter { index in
      switch program.instructions[index].operation.form {
      case .input, .constant, .wiring(.rearrange(.reshape)): false
      case .wordwise, .product, .reduction, .wiring, .scan: true
      }
    }
    if computed.count == 1, loops[computed[0]] == nil { return pipelined }
    let end = timings.reduce(0) { $1.ready($0) }
    return max(pipelined, Int(end.rounded(.up)) + Dataflow.restart)
  }

  /// The same of one pass of its hardware.
  private func onceTiming(_ index: Int, _ estimate: Estimate) -> Timing {
    let begins = boundaries?.starts[index] ?? false
    switch estimate.timing {
    case .sequential(let cycles, let interval):
      return Timing(
        startsOnEdge: true, duration: Double(cycles), interval: interval, isLoop: estimate.isLoop)
    case .chained(let delay):
      return Timing(startsOnEdge: begins, duration: delay / cost.clock.period, interval: 1)
    case .clocked(let cycles, let delay):
      // Read on a clock edge, there in the next cycle.
      let access = min(1, delay / cost.clock.period)
      return Timing(startsOnEdge: true, duration: Double(cycles) + access, interval: 1)
    }
  }

  /// Products of an affine operation the tool unrolls at once.
  func unrolledProducts(_ index: Int, _ strategy: Strategy, _ reuse: Int) -> Int {
    guard let cost = affines[index] else { return 0 }
    let once = cost.unrolled(strategy: strategy, reuse: reuse)
    // In io_stream a position is computed at a time; in a loop, some.
    return request.ioType == .stream ? once / max(1, cost.positions) : once * (loops[index]?.factor ?? 1)
  }

  /// What keeps the vendor's tool from building the design, and what is not known of its part; `shares` says of a matrix
  /// over a stream how many tokens bring its products.
  func warnings(_ choices: [Step.Choice], shares: [Int: Int] = [:]) -> [String] {
    var warnings = [request.target.choice.note].compactMap { $0 }
    for planner in bodies.sorted(by: { $0.key < $1.key }).map(\.value) {
      var problems: [Diagnostic] = []
      warnings += planner.warnings(planner.choices(&problems)).filter { !warnings.contains($0) }
    }
    var large: [(layer: String, products: Int)] = []
    for (index, instruction) in program.instructions.enumerated() {
      let products =
        unrolledProducts(index, choices[index].strategy, choices[index].reuseFactor) / (shares[index] ?? 1)
      if products > AffineCost.largestUnrolled {
        large.append((instruction.layer.map { program.layers[$0].name } ?? "a layer without name", products))
      }
    }
    if !large.isEmpty {
      let all = large.map { "\($0.layer): \($0.products)" }.joined(separator: ", ")
      warnings.append(
        "\(all) unrolled products; Vitis HLS got through no layer of more than "
          + "\(AffineCost.largestUnrolled) in our data: use the resource strategy with a reuse factor")
    }
    return warnings
  }
}

/// An estimate's timing in clock cycles.
struct Timing: Hashable {
  /// Whether it waits for a cycle to begin.
  var startsOnEdge: Bool
  /// Cycles from its start to its result; a fraction is logic within a cycle.
  var duration: Double
  /// Cycles between two events.
  var interval: Int
  /// Whether it is a loop, whose runs do not overlap.
  var isLoop = false

  init(startsOnEdge: Bool, duration: Double, interval: Int, isLoop: Bool = false) {
    (self.startsOnEdge, self.duration) = (startsOnEdge, duration)
    (self.interval, self.isLoop) = (interval, isLoop)
  }

  /// Of all steps of a scan, which begin again when they have ended.
  init(_ loop: StepLoop) {
    self.init(
      startsOnEdge: true, duration: Double(loop.total), interval: loop.total + Dataflow.restart, isLoop: true)
  }

  /// Logic that does not fit into what is left of a cycle begins with the next.
  func start(_ arrival: Double) -> Double {
    let rest = arrival - arrival.rounded(.down)
    let isCut = rest > 0 && duration > 0 && rest + duration > 1 + 1e-9
    return startsOnEdge || isCut ? arrival.rounded(.up) : arrival
  }
  func ready(_ arrival: Double) -> Double { start(arrival) + duration }
}
