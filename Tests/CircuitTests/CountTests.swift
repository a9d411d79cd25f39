import Circuit
import FixedPoint
import Program
import Testing

/// What nodes are made of, counted by hand; and that a pipeline's longest path is within the period asked for.
@Suite struct CountTests {
  /// A line of a node after two inputs of four bits and a sign, and its lookup tables: Yosys 0.23 makes as many.
  @Test(arguments: [
    // Four bits; the fifth, of both signs, is the fourth's table again.
    ("sum %0 + %1 : -16…14", 4),
    // The two low bits are those of %0.
    ("sum %0 + 4·%1 : -40…35", 4),
    // A negated lowest operand borrows from the first bit on, where inverters stand.
    ("sum 4·%1 - %0 : -39…36", 6),
    // Two negated operands are a row of cells.
    ("sum - %0 - %1 : -14…16", 6),
    ("sum 4·%0 : -32…28", 0), ("slice %0 from=1 : -4…3", 0), ("concatenate %0 %1 : -128…127", 0),
    ("less %0 %1 : 0…1", 4), ("mux %2 %0 %1 : -8…7", 4), ("table 0 %0 : 0…3", 2),
    // The index's top bit: a wire.
    ("table 1 %0 : 0…1", 0), ("register %0 : -8…7 cycle=1", 0),
  ]) func lookupTables(_ line: String, _ tables: Int) throws {
    let latency = line.hasPrefix("register") ? 1 : 0
    let circuit = try Circuit(
      parsing: """
        format 1
        circuit "p" latency=\(latency)
        table 0 = first=-8 [0, 1, 2, 3, 1, 0, 0, 1, 3, 3, 2, 0, 1, 1, 0, 2]
        table 1 = first=-8 [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]
        %0 = input : -8…7
        %1 = input : -8…7
        %2 = input : 0…1
        %3 = \(line)
        input "x" [2] fixed<4,4> %0 %1
        input "c" [1] ufixed<1,1> %2
        output "y" [1] fixed<8,8> %3

        """)
    #expect(circuit.counts.lut == tables)
    #expect(circuit.counts.ff == (latency == 1 ? 4 : 0))
  }

  /// What constants decide takes nothing, equal logic is made once, a register of a masked word is reset, and what one table
  /// reads of another is taken in.
  @Test func logicIsMerged() throws {
    let circuit = try Circuit(
      parsing: """
        format 1
        circuit "p" latency=1
        %0 = input : -8…7
        %1 = input : 0…1
        %2 = constant 0 : 0…0
        %3 = greaterOrEqual %0 %2 : 0…1
        %4 = mux %3 %0 %2 : 0…7
        %5 = register %4 : 0…7 cycle=1
        %6 = mux %1 %0 %2 : -8…7
        %7 = mux %3 %6 %2 : -8…7
        %8 = register %7 : -8…7 cycle=1
        %9 = register %7 : -8…7 cycle=1
        input "x" [1] fixed<4,4> %0
        input "c" [1] ufixed<1,1> %1
        output "y" [3] fixed<4,4> %5 %8 %9

        """)
    // %5 is reset by the sign; %6 is taken into %7, of which the two registers are one.
    #expect(circuit.counts.lut == 4)
    #expect(circuit.counts.ff == 3 + 4)
  }

  @Test func pathsAreWithinThePeriod() throws {
    let circuit = try Circuit(
      parsing: """
        format 1
        circuit "p" latency=0
        %0 = input : -8…7
        %1 = input : -8…7
        %2 = sum %0 + %1 : -16…14
        %3 = sum %2 + %0 : -24…21
        input "x" [2] fixed<4,4> %0 %1
        output "y" [1] fixed<6,6> %3

        """)
    let model = DelayModel.ultraScalePlus
    #expect(circuit.longestPath(model).levels == 4)
    var options = CircuitOptions()
    options.staging = .period(1500)
    let staged = try CircuitPass.all[CircuitPass.all.count - 1].run(circuit, options)
    #expect(staged.latency == 2)
    #expect(staged.longestPath(model).period <= 1500)
    #expect(staged.longestPath(model).levels == 2)
  }

  /// A sign, and a word that it masks, in a register or behind one: what is logic takes the time of logic.
  @Test(arguments: [
    // The sign is a wire to the registers' reset.
    ("less %0 %2", "register %3 : 0…1", 0), ("greaterOrEqual %0 %2", "mux %3 %1 %2 : -8…7", 1),
    // Its complement is a table, where a register takes it.
    ("greaterOrEqual %0 %2", "register %3 : 0…1", 2),
  ]) func signs(_ sign: String, _ use: String, _ expected: Int) throws {
    let isRegister = use.hasPrefix("register")
    let more = isRegister ? "" : "%5 = register %4 : -8…7 cycle=1\n"
    let circuit = try Circuit(
      parsing: """
        format 1
        circuit "p" latency=1
        %0 = input : -8…7
        %1 = input : -8…7
        %2 = constant 0 : 0…0
        %3 = \(sign) : 0…1
        %4 = \(use)\(isRegister ? " cycle=1" : "")
        \(more)input "x" [2] fixed<4,4> %0 %1
        output "y" [1] fixed<4,4> \(isRegister ? "%4" : "%5")

        """)
    let model = DelayModel.ultraScalePlus
    let delays = [0, model.reset, model.route / 2 + model.lut]
    #expect(circuit.longestPath(model).period == delays[expected] + model.register)
  }
}
