import Circuit
import FixedPoint
import Program
import Testing

/// What nodes are made of, counted by hand; and that a pipeline's longest path is within the period asked for.
@Suite struct CountTests {
  /// A line of a node after two inputs of four bits and a sign, and its lookup tables.
  @Test(arguments: [
    // Four bits, a sign and a carry; all of them added.
    ("sum %0 + %1 : -16…14", 5),
    // The two low bits are those of %0.
    ("sum %0 + 4·%1 : -40…35", 5),
    // A negated lowest operand borrows from the first bit on.
    ("sum 4·%1 - %0 : -39…36", 7),
    ("sum 4·%0 : -32…28", 0), ("slice %0 from=1 : -4…3", 0), ("concatenate %0 %1 : -128…127", 0),
    ("less %0 %1 : 0…1", 2), ("mux %2 %0 %1 : -8…7", 4), ("table 0 %0 : 0…3", 2),
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
    #expect(circuit.longestPath(model).levels == 2)
    var options = CircuitOptions()
    options.staging = .period(1500)
    let staged = try CircuitPass.all[CircuitPass.all.count - 1].run(circuit, options)
    #expect(staged.latency == 2)
    #expect(staged.longestPath(model).period <= 1500)
    #expect(staged.longestPath(model).levels == 1)
  }
}
