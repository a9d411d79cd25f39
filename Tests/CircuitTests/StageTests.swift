import Diagnostics
import FixedPoint
import Program
import TestSupport
import Testing

@testable import Circuit

/// Pipelines: what they compute cycle by cycle, how long their paths are, and how many register bits they have.
@Suite struct StageTests {
  private static func circuit(_ seed: UInt64, _ staging: Staging) throws -> (Program, Circuit)? {
    let program = RandomProgram.program(seed: seed)
    var options = CircuitOptions()
    options.effort = 0
    options.staging = staging
    do throws(Failure) {
      return (program, try Circuit(program, options))
    } catch {
      // One wide operation can be over the period: refused by name.
      guard error.kind == .usage else { throw error }
      return nil
    }
  }

  /// Events back to back and with bubbles between, over registers and idle inputs that hold anything.
  @Test(arguments: [Staging.period(3000), .period(6000), .cycles(1), .cycles(4)])
  func pipelinesGiveTheProgramsWordsInTheirCycle(_ staging: Staging) throws {
    for seed in UInt64(0)..<50 {
      guard let (program, circuit) = try Self.circuit(seed, staging) else { continue }
      #expect(circuit.verify(inGates: true) == [])
      if case .cycles(let cycles) = staging { #expect(circuit.latency == cycles) }
      let events = RandomProgram.events(8, for: program, seed: seed)
      let expected = events.map { event in
        let words = program.evaluate(event)
        return program.outputs.map { words[$0.index] }
      }
      var simulation = Simulation(circuit, seed: seed)
      /// By cycle, the event that enters: every third cycle that may have one has none.
      let entering = (0..<16 * circuit.interval + circuit.latency).map { cycle in
        let turn = cycle / circuit.interval
        let number = turn - turn / 3
        return cycle % circuit.interval != 0 || turn % 3 == 2 || number >= events.count ? nil : number
      }
      for cycle in entering.indices {
        let seen = simulation.clock(entering[cycle].map { events[$0] })
        let leaving = cycle < circuit.latency ? nil : entering[cycle - circuit.latency]
        #expect(seen.valid == (leaving != nil), "seed \(seed), cycle \(cycle)")
        if let leaving { #expect(seen.outputs == expected[leaving], "seed \(seed), cycle \(cycle)") }
      }
    }
  }

  @Test func aResetForgetsEventsOnTheirWay() throws {
    let (program, circuit) = try #require(try Self.circuit(1, .cycles(3)))
    let event = RandomProgram.events(1, for: program, seed: 1)[0]
    var simulation = Simulation(circuit)
    _ = simulation.clock(event)
    simulation.reset()
    #expect((0..<4).allSatisfy { _ in !simulation.clock(nil).valid })
  }

  /// Paths between registers, of the pipeline itself.
  @Test(arguments: [2500, 4000]) func noPathIsLongerThanThePeriod(_ period: Int) throws {
    let model = CircuitOptions().delays
    for seed in UInt64(0)..<50 {
      guard let (_, circuit) = try Self.circuit(seed, .period(period)) else { continue }
      // Fan-outs as they were before registers took some of them.
      var arrival = [Int](repeating: 0, count: circuit.nodes.count)
      let outputs = circuit.blockOutputs
      let split = Set(outputs.values)
      for (index, node) in circuit.nodes.enumerated() {
        let before = node.operation.operands.map { arrival[$0.index] }.max() ?? 0
        if case .register = node.operation { continue }
        let own = outputs[index].map { model.output(of: circuit.nodes[$0]) }
        arrival[index] =
          before + (own ?? model.delay(node, in: circuit, fanOut: 1, isSplit: split.contains(index)))
        #expect(arrival[index] + model.register <= period, "seed \(seed)")
      }
    }
  }

  /// Small circuits: no assignment of cycles at all has fewer register bits.
  @Test func noPipelineHasFewerRegisterBits() throws {
    var compared = 0
    for seed in UInt64(0)..<400 {
      var generator = SeededGenerator(seed: seed)
      let circuit = Self.small(&generator)
      let timing = Timing(circuit, CircuitOptions().delays)
      let period = Int.random(in: (timing.delays.max() ?? 0)...timing.longest, using: &generator)
      let latency = timing.cycles(period) + 1 + Int.random(in: 0...1, using: &generator)
      let cycles = Schedule(circuit, timing, period: period, latency: latency).cycles()
      let least = try #require(Self.leastBits(circuit, timing, period, latency))
      #expect(Self.bits(circuit, cycles, latency) == least, "seed \(seed)")
      #expect(Self.isLegal(circuit, timing, cycles, period, latency), "seed \(seed)")
      compared += 1
    }
    #expect(compared == 400)
  }

  private static func small(_ generator: inout SeededGenerator) -> Circuit {
    var builder = CircuitBuilder(name: "small")
    var words = (0..<2).map { _ in
      builder.input(Interval(0, Raw(1) << Raw(Int.random(in: 1...9, using: &generator))))
    }
    let inputs = words
    for _ in 0..<Int.random(in: 2...5, using: &generator) {
      let (a, b) = (generator.pick(words), generator.pick(words))
      switch Int.random(in: 0..<3, using: &generator) {
      case 0: words.append(builder.word(builder.sum([(Wire(word: a), 1), (Wire(word: b), 2)], constant: 5)))
      case 1: words.append(builder.slice(a, from: 1))
      default: words.append(builder.compare(.less, a, b))
      }
    }
    func tensor(_ name: String, _ words: [NodeID]) -> WordTensor {
      WordTensor(name: name, shape: [words.count], format: .integer(60, signed: true), words: words)
    }
    builder.setPorts(
      inputs: [tensor("x", inputs)], outputs: [tensor("y", [words[words.count - 1], generator.pick(words)])])
    return builder.circuit.withoutDeadNodes()
  }

  /// The register bits of an assignment.
  private static func bits(_ circuit: Circuit, _ cycles: [Int], _ latency: Int) -> Int {
    let outputs = Set(circuit.outputs.flatMap(\.words).map(\.index))
    return circuit.nodes.indices.reduce(0) { total, node in
      if circuit.nodes[node].constant != nil { return total }
      let users = circuit.nodes.indices.filter {
        circuit.nodes[$0].operation.operands.contains(NodeID(node))
      }
      let last = outputs.contains(node) ? latency : users.map { cycles[$0] }.max() ?? cycles[node]
      return total + circuit.nodes[node].width * (last - cycles[node])
    }
  }

  private static func isLegal(
    _ circuit: Circuit, _ timing: Timing, _ cycles: [Int], _ period: Int, _ latency: Int
  ) -> Bool {
    var arrival = [Int](repeating: 0, count: cycles.count)
    for node in cycles.indices {
      for operand in timing.operands[node] {
        if cycles[operand] > cycles[node] { return false }
        if cycles[operand] == cycles[node] { arrival[node] = max(arrival[node], arrival[operand]) }
      }
      arrival[node] += timing.delays[node]
      if arrival[node] > period { return false }
      if circuit.nodes[node].operation == .input && cycles[node] != 0 { return false }
    }
    return circuit.outputs.flatMap(\.words).allSatisfy {
      circuit[$0].constant != nil || cycles[$0.index] < latency
    }
  }

  /// The fewest register bits of all legal assignments, tried one by one.
  private static func leastBits(_ circuit: Circuit, _ timing: Timing, _ period: Int, _ latency: Int) -> Int? {
    var best: Int?
    var cycles = [Int](repeating: 0, count: circuit.nodes.count)
    func assign(_ node: Int) {
      if node == cycles.count {
        if isLegal(circuit, timing, cycles, period, latency) {
          best = min(best ?? .max, bits(circuit, cycles, latency))
        }
        return
      }
      let isFixed = circuit.nodes[node].operation == .input || circuit.nodes[node].constant != nil
      for cycle in 0..<(isFixed ? 1 : latency) {
        cycles[node] = cycle
        assign(node + 1)
      }
    }
    assign(0)
    return best
  }

  @Test func whatCannotBeIsRefused() throws {
    let program = try Program(
      parsing: """
        format 1
        program "sum"
        layer "fc" "Dense" -> %1
        %0 "x" = input : [2] fixed<60,60,TRN,WRAP,0>
        %1 "y" @0 = reduce sum accumulator=fixed<61,61,TRN,WRAP,0> order=tree %0 : [1] fixed<61,61,TRN,WRAP,0>
        inputs %0
        outputs %1

        """, file: nil)
    var options = CircuitOptions()
    options.staging = .period(1000)
    let failure = #expect(throws: Failure.self) { try Circuit(program, options) }
    #expect(failure?.kind == .usage)
    #expect(failure?.diagnostics.first?.place == "fc")
    #expect(
      failure?.description.contains("fc: error: a clock period of 1.0 ns: an adder of 61 bits takes 1.")
        == true
    )
    // A quarter of the clock is not for logic: what is asked for is the whole of it.
    options.clockShare = 0.75
    let shared = #expect(throws: Failure.self) { try Circuit(program, options) }
    #expect(shared?.description.contains("1.33 ns") == true)
    #expect(shared?.description.contains("25% of the period are its uncertainty") == true)
    let hint = shared?.diagnostics.first?.hint ?? ""
    let wanted = hint.split(separator: " ").compactMap { Double($0) }.first ?? 0
    options.staging = .period(Int((wanted * 750).rounded(.down)))
    #expect(try Circuit(program, options).latency == 1)
    options.staging = .period(Int((wanted * 750).rounded(.down)) - 10)
    #expect(throws: Failure.self) { try Circuit(program, options) }
    options.staging = .cycles(0)
    #expect(throws: Failure.self) { try Circuit(program, options) }
    options.staging = .period(5000)
    options.limit = 1
    let large = #expect(throws: Failure.self) { try Circuit(program, options) }
    #expect(large?.description.contains("fc: error: 2 words and products when unrolled, of 4 in all") == true)
  }

  /// What cannot fit the part is refused before adders are searched for; twelve digits on eight bits are about 38 tables.
  @Test func moreAddersThanThePartHas() throws {
    let program = try Program(
      parsing: """
        format 1
        program "net"
        layer "fc" "Dense" -> %3
        %0 "x" = input : [2] fixed<8,8,TRN,WRAP,0>
        %1 "w" = constant [85, 5, 5, 85] : [2, 2] fixed<8,8,TRN,WRAP,0>
        %2 "b" = constant [0, 0] : [2] fixed<8,8,TRN,WRAP,0>
        %3 "y" @0 = affine accumulator=fixed<20,20,TRN,WRAP,0> %0 %1 %2 : [2] fixed<20,20,TRN,WRAP,0>
        inputs %0
        outputs %3

        """, file: nil)
    var options = CircuitOptions()
    options.tables = 26
    _ = try Circuit(program, options)
    options.tables = 24
    let failure = #expect(throws: Failure.self) { try Circuit(program, options) }
    #expect(failure?.kind == .badInput)
    #expect(
      failure?.description.contains(
        "fc: error: adders of about 38 lookup tables when unrolled, of 38 in all; the part has 24") == true)
  }
}
