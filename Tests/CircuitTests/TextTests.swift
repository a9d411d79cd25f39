import Circuit
import Diagnostics
import FixedPoint
import Program
import TestSupport
import Testing

/// The textual form, read back; and the verifier, told of everything that can be wrong.
@Suite struct TextTests {
  static let example = """
    format 1
    circuit "net" latency=1
    layer "fc1 \\"a\\"" "Dense" -> "fc1.result" [2] fixed<9,9,TRN,WRAP,0> %4*2
    table 0 = first=0 [3, _, 0, -1]
    %0 = input : 0…3
    %1 = input : -8…7
    %2 = constant 3 : 3…3
    %3 @0 = less %1 %2 : 0…1
    %4 @0 = sum 4·%0 - %1&%3 constant=-7 : -14…13
    %5 @0 = table 0 %0 : -1…3
    %6 = slice %1 from=1 : -4…3
    %7 = concatenate %6 %3 : 0…15
    %8 = multiply %5 %6 : -12…9
    %9 = register %8 : -12…9 cycle=1
    input "x" [1] ufixed<2,2,TRN,WRAP,0> %0
    input "z" [1] fixed<4,4,TRN,WRAP,0> %1
    output "y" [1] fixed<5,3,TRN,WRAP,0> %9

    """

  @Test func textIsReadBack() throws {
    let text = Self.example
    let circuit = try Circuit(parsing: text)
    #expect(circuit.description == text)
    #expect(circuit.latency == 1 && circuit.nodes.count == 10)
  }

  @Test func randomCircuitsAreReadBack() throws {
    for seed in UInt64(0)..<60 {
      let program = RandomProgram.program(seed: seed, options: seed % 2 == 0 ? .everything : .init())
      var expand = Expand()
      expand.keepsResults = true
      guard let circuit = try? expand(program) else { continue }
      let read = try Circuit(parsing: circuit.description)
      #expect(read == circuit, "seed \(seed)")
    }
  }

  /// A change of the example, and what the verifier says of it.
  static let faults: [(String, String, String)] = [
    ("%6 = slice %1 from=1 : -4…3", "%6 = slice %1 from=1 : -4…2", "gives more than -4…2"),
    ("constant 3 : 3…3", "constant 3 : 3…4", "gives more than"),
    ("slice %1 from=1", "slice %1 from=4", "no bit 4 in 4"),
    ("slice %1 from=1", "slice %8 from=1", "reads a word that is not made before it"),
    ("register %8 : -12…9 cycle=1", "register %8 : -12…9 cycle=2", "not one cycle after its operand"),
    ("register %8 : -12…9 cycle=1", "slice %8 from=0 : -12…9 cycle=1", "stands in cycle 1, its operand"),
    ("latency=1", "latency=2", "y stands in cycle 1, not in 2"),
    ("output \"y\" [1] fixed<5,3", "output \"y\" [1] fixed<4,3", "leaves fixed<4,3"),
    ("table 0 %0", "table 1 %0", "no table 1"),
    ("table 0 %0", "table 0 %1", "an index outside the table's 4 entries"),
    ("%5 @0", "%5 @1", "no layer 1"),
    ("%1 = input : -8…7", "%1 = input : -9…7", "leaves fixed<4,4"),
    ("input \"z\" [1] fixed<4,4,TRN,WRAP,0> %1\n", "", "the inputs' words are not the input nodes"),
    ("fixed<5,3,TRN,WRAP,0> %9", "fixed<5,3,TRN,WRAP,0>", "0 words for shape [1]"),
    ("less %1 %2 : 0…1", "mux %1 %0 %2 : 0…3", "a condition that is not one bit"),
  ]

  @Test(arguments: faults) func theVerifierFindsIt(_ before: String, _ after: String, _ message: String)
    throws
  {
    let text = Self.example.replacing(before, with: after)
    #expect(text != Self.example)
    let failure = #expect(throws: Failure.self) { try Circuit(parsing: text) }
    #expect(failure?.kind == .badInput)
    #expect(failure?.description.contains(message) == true, "\(failure?.description ?? "")")
  }

  @Test(arguments: [
    ("format 1", "format 2", "is no circuit of format 1"), ("circuit \"net\"", "program \"net\"", "line 2"),
    ("less %1 %2", "lass %1 %2", "no operation is called 'lass'"),
    ("%5 @0", "%6 @0", "a number out of order"),
    ("%4*2", "%4*200000", "words that do not fill the shape"),
  ]) func damagedTextIsRefused(_ before: String, _ after: String, _ message: String) {
    let text = Self.example.replacing(before, with: after)
    let failure = #expect(throws: Failure.self) { try Circuit(parsing: text) }
    #expect(failure?.description.contains(message) == true, "\(failure?.description ?? "")")
  }
}
