import FixedPoint
import Program
import TestSupport
import Testing

@testable import Scheduling

/// `Design.verify()`: it finds nothing in what `schedule` makes, and every invariant broken in it.
@Suite struct DesignVerifierTests {
  static let target = Target(part: "xcvu13p-flga2577-2-e", clockPeriod: 5, clockUncertainty: 0.125)

  /// A convolution, a dense layer over all of it and another one.
  static func design(
    _ io: IOType = .parallel, _ strategy: Strategy = .latency, reuse: Int = 1, positions: Int? = nil
  ) throws -> Design {
    let format = FixedFormat(8, 4)
    var builder = ProgramBuilder(name: "net")
    builder.beginLayer("x", className: "Input")
    let x = builder.input("x", ValueType([6, 4], format))
    builder.endLayer(x)
    builder.beginLayer("conv", className: "Conv1D")
    let window = try builder.add(
      "window",
      .window(
        Window(
          kernel: [3], strides: [1], dilation: [1], before: [0], after: [0], groups: 0, padding: 0)), x)
    func words(_ count: Int) -> [Raw] { (0..<count).map { Raw($0 % 7 - 3) } }
    let w0 = builder.constant("w0", ValueType([12, 4], format), words(48))
    let b0 = builder.constant("b0", ValueType([4], format), words(4))
    let affine = Affine(product: nil, accumulator: FixedFormat(16, 8))
    let convolved = try builder.add("convolved", .affine(affine), window, w0, b0)
    let relu = try builder.add("narrow", .requantize(format), convolved)
    builder.endLayer(relu)
    builder.beginLayer("flat", className: "Flatten")
    let flat = try builder.add("flat", .rearrange(.reshape([16])), relu)
    builder.endLayer(flat)
    builder.beginLayer("fc", className: "Dense")
    let w1 = builder.constant("w1", ValueType([16, 8], format), words(128))
    let b1 = builder.constant("b1", ValueType([8], format), words(8))
    let y = try builder.add("y", .affine(affine), flat, w1, b1)
    builder.endLayer(y)
    builder.output(y)
    var request = ScheduleRequest(
      target: target, ioType: io, defaults: .init(strategy: strategy, reuseFactor: reuse))
    request.defaults.parallelizationFactor = positions
    return try schedule(builder.program, request)
  }

  /// Comparisons of chosen words, three steps of two, whose answers are added: as trees that share hardware are.
  static func shared(_ io: IOType = .parallel) throws -> Design {
    let (format, bit) = (FixedFormat(8, 4), FixedFormat.integer(1, signed: false))
    var builder = ProgramBuilder(name: "shared")
    builder.beginLayer("x", className: "Input")
    let x = builder.input("x", ValueType([4], format))
    builder.endLayer(x)
    builder.beginLayer("trees", className: "Trees")
    let seen = try builder.add("seen", .rearrange(.gather(axis: 0, indices: [0, 3, 1, 1, 2, 0])), x)
    let steps = try builder.add("steps", .rearrange(.reshape([3, 2])), seen)
    let one = Window(kernel: [1], strides: [1], dilation: [1], before: [0], after: [0])
    let now = try builder.add("now", .window(one), steps)
    let bounds = builder.constant("bounds", ValueType([3, 2], format), [1, -2, 3, -4, 5, -6])
    let yes = builder.constant("yes", ValueType([1], bit), [1])
    let no = builder.constant("no", ValueType([1], bit), [0])
    let below = try builder.add("below", .select(.less), now, bounds, yes, no)
    let sum = Operation.reduce(.sum(accumulator: .integer(4, signed: true), order: .tree))
    let partial = try builder.add("partial", sum, below)
    let rows = try builder.add("rows", .rearrange(.transpose([1, 0])), partial)
    let total = try builder.add("total", sum, rows)
    builder.endLayer(total)
    builder.output(total)
    var request = ScheduleRequest(target: target, ioType: io)
    request.defaults.parallelizationFactor = 1
    return try schedule(builder.program, request)
  }

  @Test func loopsThatRewind() throws {
    let design = try Self.shared()
    #expect(design.verify() == [])
    #expect(design.regions.map(\.form) == [.rewindingLoop, .pipeline(interval: 1)])
    #expect(design.interval == 3 && design.treeReuse(layer: 1) == 3)
    #expect(try Self.shared(.stream).verify() == [])
    // Where its wiring is somebody else's, or more is in its region, it does not rewind.
    var broken = design
    broken.regions[0].loops[0].wiring = []
    #expect(broken.verify().contains { $0.message.contains("not all there is") })
    broken = design
    broken.regions[0].loops[0].wiring = [try Self.index("below", design)]
    #expect(broken.verify().contains { $0.message.contains("in a loop, but read outside") })
  }

  static func index(_ name: String, _ design: Design) throws -> Int {
    try #require(design.program.instructions.firstIndex { $0.name == name })
  }

  @Test func soundDesignsPass() throws {
    for io in IOType.allCases {
      for (strategy, reuse) in [(Strategy.latency, 1), (.latency, 3), (.resource, 2), (.resource, 4)] {
        for positions in [1, 2, nil] {
          let design = try Self.design(io, strategy, reuse: reuse, positions: positions)
          #expect(design.verify() == [], "\(io) \(strategy) \(reuse) \(positions ?? 0)")
        }
      }
    }
    #expect(try Self.design(.parallel, .resource, reuse: 2).regions.last?.form == .rewindingLoop)
    #expect(try Self.design(.parallel, .latency).regions.map(\.form) == [.inlined, .inlined])
    #expect(try Self.design(positions: 1).regions.map(\.form) == [.loops, .pipeline(interval: 1)])
  }

  /// Networks of every kind of layer, as far as their reuse factors are legal.
  @Test(arguments: UInt64(0)..<12) func randomNetworksPass(_ seed: UInt64) throws {
    var random = RandomProgram(seed: seed)
    let program = random.convolutionalNetwork()
    for io in IOType.allCases {
      for (strategy, reuse) in [(Strategy.latency, 1), (.latency, 2), (.resource, 2)] {
        var request = ScheduleRequest(
          target: Self.target, ioType: io, defaults: .init(strategy: strategy, reuseFactor: reuse))
        request.defaults.parallelizationFactor = [1, 2, nil][Int(seed) % 3]
        guard let design = try? schedule(program, request) else { continue }
        #expect(design.verify() == [], "\(io) \(strategy) \(reuse)")
      }
    }
  }

  /// What is broken, in which design, and what the verifier says of it.
  struct Fault: CustomStringConvertible, Sendable {
    var description: String
    var message: String
    var io = IOType.parallel
    var strategy = Strategy.latency
    var reuse = 1
    var positions: Int?
    var change: @Sendable (inout Design) throws -> Void
  }

  static let faults: [Fault] = [
    // 1
    Fault(description: "a program", message: "are not the input instructions") { $0.program.inputs = [] },
    Fault(description: "a step too few", message: "steps for") { $0.steps.removeLast() },
    // 2
    Fault(description: "no reuse", message: "is below 1") {
      $0.steps[try index("y", $0)].choice.reuseFactor = 0
    },
    Fault(description: "too much reuse", message: "for 128 products") {
      $0.steps[try index("y", $0)].choice.reuseFactor = 129
    },
    Fault(description: "reuse of a conversion", message: "multiplies by no weights") {
      $0.steps[try index("narrow", $0)].choice.reuseFactor = 2
    },
    Fault(description: "an impossible array", message: "no array of multipliers adds") {
      let index = try index("y", $0)
      $0.steps[index].choice = Step.Choice(strategy: .resource, reuseFactor: 24)
      $0.multipliers[index] = .shared(count: 6)
    },
    // 3
    Fault(description: "no multipliers", message: "no multipliers") {
      $0.multipliers[try index("y", $0)] = nil
    },
    Fault(description: "an array unasked", message: "unasked") {
      $0.multipliers[try index("y", $0)] = MultiplierArray(
        reuse: 2, inputs: 16, outputs: 8, stride: 1, isOrderFree: true
      ).map { .array($0) }
    },
    Fault(description: "another array", message: "another one's", strategy: .resource, reuse: 2) {
      $0.multipliers[try index("y", $0)] = MultiplierArray(
        reuse: 4, inputs: 16, outputs: 8, stride: 1, isOrderFree: true
      ).map { .array($0) }
    },
    Fault(description: "adders unasked", message: "or unasked") {
      $0.multipliers[try index("y", $0)] = .adders([])
    },
    Fault(description: "no adders", message: "no adders") {
      $0.steps[try index("y", $0)].choice.strategy = .distributedArithmetic
    },
    Fault(description: "unlimited multipliers", message: "do not follow", reuse: 2) {
      $0.multipliers[try index("y", $0)] = .each
    },
    // 4
    Fault(description: "a lost region", message: "in no region") { $0.regions.removeLast() },
    Fault(description: "a region twice", message: "in 2 regions") { $0.regions.append($0.regions[1]) },
    Fault(description: "a constant in a region", message: "takes no hardware") {
      $0.regions[1].instructions.insert(try index("w1", $0), at: 0)
    },
    Fault(description: "two layers in one", message: "of another layer") {
      $0.regions[0].instructions += $0.regions[1].instructions
      $0.regions.removeLast()
    },
    Fault(description: "regions in disorder", message: "not made before it") { $0.regions.reverse() },
    // 5
    Fault(description: "a loop of no window", message: "begins with no window", positions: 1) {
      $0.regions[0].loops[0].instructions.removeFirst()
    },
    Fault(description: "too many positions at once", message: "computes 5 of 4", positions: 1) {
      $0.regions[0].loops[0].factor = 5
    },
    Fault(description: "a dense layer in a loop", message: "not computed position by position", positions: 1)
    {
      $0.regions[0].loops[0].instructions.append(try index("y", $0))
    },
    Fault(description: "a loop out of its region", message: "leaves its region", positions: 1) {
      $0.regions[1].loops = $0.regions[0].loops
    },
    // 6
    Fault(description: "a process that dissolves", message: "dissolves", positions: 1) {
      $0.regions[1].form = .inlined
    },
    Fault(description: "a pipeline at a standstill", message: "of interval 0", positions: 1) {
      $0.regions[1].form = .pipeline(interval: 0)
    },
    Fault(description: "a loop in a pipeline", message: "a loop in one pipeline") {
      $0.regions[1].form = .loops
    },
    Fault(description: "rewinding without end", message: "not all there is", positions: 1) {
      $0.regions[0].form = .rewindingLoop
    },
    // 7
    Fault(description: "a stream without a network", message: "no network", io: .stream) {
      $0.dataflow = nil
    },
    Fault(description: "a region of its own", message: "not the network's processes", io: .stream) {
      $0.regions[0].form = .pipeline(interval: 7)
    },
    Fault(description: "a network without a stream", message: "has a network") {
      $0.dataflow = try design(.stream).dataflow
    },
    Fault(description: "another program's network", message: "another program's", io: .stream) {
      $0.program.instructions[0].name = "z"
    },
    Fault(description: "a lost reader", message: "0 readers", io: .stream) {
      $0.dataflow?.processes[0].reads = []
    },
    Fault(description: "a channel that is none", message: "that there is not", io: .stream) {
      $0.dataflow?.processes[0].reads = [99]
    },
    Fault(description: "a port inside", message: "a port inside", io: .stream) { design in
      let inner = try #require(design.dataflow?.channels.firstIndex { !$0.isPort })
      design.dataflow?.channels[inner].isPort = true
    },
    Fault(description: "half a tensor", message: "do not make the value", io: .stream) {
      $0.dataflow?.channels[0].tokens -= 1
    },
    Fault(description: "a FIFO of no room", message: "depth 0", io: .stream) { design in
      let inner = try #require(design.dataflow?.channels.firstIndex { !$0.isPort })
      design.dataflow?.channels[inner].depth = 0
    },
    Fault(description: "processes in disorder", message: "before it is written", io: .stream) {
      $0.dataflow?.processes.reverse()
    },
    Fault(description: "an endless process", message: "of interval 0", io: .stream) {
      $0.dataflow?.processes[0].interval = 0
    },
    Fault(description: "an array over a stream", message: "over a stream", io: .stream) {
      $0.multipliers[try index("y", $0)] = MultiplierArray(
        reuse: 2, inputs: 16, outputs: 8, stride: 1, isOrderFree: true
      ).map { .array($0) }
    },
    // 8
    Fault(description: "a step before its time", message: "starts before") { design in
      let narrow = try index("narrow", design)
      design.steps[narrow].estimate.latency += 50
    },
    Fault(description: "negative time", message: "negative time") { $0.steps[0].estimate.start = -1 },
    Fault(description: "a latency of its own", message: "outputs are there after") { $0.latency += 1 },
    Fault(description: "an interval of its own", message: "of the slowest step") { $0.interval += 1 },
    Fault(description: "resources of its own", message: "not the sum") { $0.resources.lut += 1 },
  ]

  @Test(arguments: faults) func findsEveryFault(_ fault: Fault) throws {
    var design = try Self.design(
      fault.io, fault.strategy, reuse: fault.reuse, positions: fault.positions)
    #expect(design.verify() == [])
    try fault.change(&design)
    let found = design.verify().map { "\($0)" }
    #expect(found.contains { $0.contains(fault.message) }, "\(found)")
  }

  /// A residual block whose shortcut has too little room for what the convolutions keep back.
  @Test func findsALockUp() throws {
    var random = RandomProgram(seed: 3)
    for seed in UInt64(0)..<60 {
      random = RandomProgram(seed: seed)
      let request = ScheduleRequest(target: Self.target, ioType: .stream)
      guard var design = try? schedule(random.convolutionalNetwork(), request), var flow = design.dataflow
      else {
        continue
      }
      for channel in flow.channels.indices where !flow.channels[channel].isPort {
        flow.channels[channel].depth = 1
      }
      design.dataflow = flow
      if design.verify().contains(where: { "\($0)".contains("locks up") }) { return }
    }
    Issue.record("no network locks up with FIFOs of one token")
  }
}
