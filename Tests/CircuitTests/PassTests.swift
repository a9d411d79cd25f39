import Diagnostics
import FixedPoint
import Program
import Testing

@testable import Circuit

/// Text in, text out: what each pass makes of a small circuit, and that it leaves alone what is not its own. Every time both
/// circuits give the same words for all words of the inputs.
@Suite struct PassTests {
  private static func circuit(_ nodes: String, tables: String = "", inputs: [String], output: String) throws
    -> Circuit
  {
    let ports = inputs.enumerated().map { "input \"x\($0)\" [1] \($1) %\($0)\n" }.joined()
    return try Circuit(
      parsing: "format 1\ncircuit \"p\" latency=0\n\(tables)\n\(nodes)\n\(ports)output \"y\" [1] \(output)\n")
  }

  /// The lines of a circuit's nodes.
  private static func nodes(_ circuit: Circuit) -> String {
    circuit.description.split(separator: "\n").filter { $0.hasPrefix("%") }.joined(separator: "\n")
  }

  private func expect(
    _ pass: CircuitPass, _ before: Circuit, _ after: String, _ location: SourceLocation = #_sourceLocation
  ) throws {
    var options = CircuitOptions()
    options.effort = 0
    let result = try pass.run(before, options)
    #expect(result.verify() == [], sourceLocation: location)
    #expect(Self.nodes(result) == after, sourceLocation: location)
    #expect(try pass.run(result, options) == result, "twice is once", sourceLocation: location)
    // All words of all inputs.
    var events: [[[Raw]]] = [[]]
    for port in before.inputs {
      let range = before[port.words[0]].interval
      events = events.flatMap { event in (range.low...range.high).map { event + [[$0]] } }
    }
    for event in events {
      let (a, b) = (before.evaluate(event), result.evaluate(event))
      #expect(
        before.outputs[0].words.map { a[$0.index] } == result.outputs[0].words.map { b[$0.index] },
        "\(event)", sourceLocation: location)
    }
  }

  @Test func narrowDropsHighBits() throws {
    try expect(
      .narrow,
      Self.circuit(
        """
        %0 = input : -8…7
        %1 = input : -8…7
        %2 = sum %0 + 4·%1 : -40…35
        %3 = slice %2 from=1 : -2…1
        """, inputs: ["fixed<4,4>", "fixed<4,4>"], output: "fixed<2,2> %3"),
      """
      %0 = input : -8…7
      %1 = input : -8…7
      %2 = sum %0 + 4·%1 : -4…3
      %3 = slice %2 from=1 : -2…1
      """)
  }

  @Test func narrowShortensComparisons() throws {
    try expect(
      .narrow,
      Self.circuit(
        """
        %0 = input : -8…7
        %1 = constant 4 : 4…4
        %2 = greaterOrEqual %0 %1 : 0…1
        """, inputs: ["fixed<4,4>"], output: "ufixed<1,1> %2"),
      """
      %0 = input : -8…7
      %1 = constant 1 : 1…1
      %2 = slice %0 from=2 : -2…1
      %3 = greaterOrEqual %2 %1 : 0…1
      """)
  }

  @Test func narrowLeavesWhatIsRead() throws {
    let text = """
      %0 = input : -8…7
      %1 = sum 3·%0 constant=2 : -22…23
      """
    try expect(.narrow, Self.circuit(text, inputs: ["fixed<4,4>"], output: "fixed<6,6> %1"), text)
  }

  @Test func shareMakesAdders() throws {
    try expect(
      .share,
      Self.circuit(
        """
        %0 = input : 0…255
        %1 = sum 3·%0 group=1 : 0…765
        %2 = sum 6·%0 constant=1 group=1 : 1…1531
        %3 = sum %1 + %2 : 1…2296
        """, inputs: ["ufixed<8,8>"], output: "ufixed<12,12> %3"),
      """
      %0 = input : 0…255
      %1 = sum - %0 + 4·%0 : 0…765
      %2 = constant 1 : 1…1
      %3 = concatenate %2 %1 : 1…1531
      %4 = sum %1 + %3 : 1…2296
      """)
  }

  @Test func fuseMasksOperands() throws {
    try expect(
      .fuse,
      Self.circuit(
        """
        %0 = input : -8…7
        %1 = input : -8…7
        %2 = constant 0 : 0…0
        %3 = greaterOrEqual %0 %2 : 0…1
        %4 = mux %3 %0 %2 : 0…7
        %5 = sum 2·%4 + %1 : -8…21
        """, inputs: ["fixed<4,4>", "fixed<4,4>"], output: "fixed<6,6> %5"),
      """
      %0 = input : -8…7
      %1 = input : -8…7
      %2 = constant 0 : 0…0
      %3 = greaterOrEqual %0 %2 : 0…1
      %4 = sum 2·%0&%3 + %1 : -8…21
      """)
  }

  /// A ReLU that an output shows has to be made anyway.
  @Test func fuseLeavesWhatIsShown() throws {
    let text = """
      %0 = input : -8…7
      %1 = constant 0 : 0…0
      %2 = greaterOrEqual %0 %1 : 0…1
      %3 = mux %2 %0 %1 : 0…7
      """
    try expect(.fuse, Self.circuit(text, inputs: ["fixed<4,4>"], output: "ufixed<3,3> %3"), text)
  }

  @Test func fuseMakesAddersOfThree() throws {
    try expect(
      .fuse,
      Self.circuit(
        """
        %0 = input : 0…3
        %1 = input : 0…3
        %2 = input : 0…3
        %3 = sum %0 - %1 : -3…3
        %4 = sum %2 - 2·%3 : -6…9
        """, inputs: ["ufixed<2,2>", "ufixed<2,2>", "ufixed<2,2>"], output: "fixed<5,5> %4"),
      """
      %0 = input : 0…3
      %1 = input : 0…3
      %2 = input : 0…3
      %3 = sum - 2·%0 + 2·%1 + %2 : -6…9
      """)
  }

  @Test func stagePutsRegistersWhereWordsAreNarrow() throws {
    var options = CircuitOptions()
    options.staging = .cycles(2)
    let circuit = try Self.circuit(
      """
      %0 = input : 0…255
      %1 = constant 100 : 100…100
      %2 = less %0 %1 : 0…1
      %3 = table 0 %2 : 0…60
      """, tables: "table 0 = first=0 [0, 60]", inputs: ["ufixed<8,8>"], output: "ufixed<6,6> %3")
    let result = try CircuitPass.stage.run(circuit, options)
    #expect(
      Self.nodes(result) == """
        %0 = input : 0…255
        %1 = constant 100 : 100…100
        %2 = less %0 %1 : 0…1
        %3 = register %2 : 0…1 cycle=1
        %4 = table 0 %3 : 0…60 cycle=1
        %5 = register %4 : 0…60 cycle=2
        """)
    #expect(result.verify(inGates: true) == [])
  }
}
