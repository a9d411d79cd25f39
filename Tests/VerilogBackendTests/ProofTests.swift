import Backends
import Circuit
import Diagnostics
import FixedPoint
import Program
import Testing
import VerilogBackend

/// Small layers proven equal to a plain description by Yosys's SAT solver: for all words, not for some. The description is
/// written here, from the weights alone.
@Suite(.enabled(if: RTLTool.yosys.isInstalled, RTLTool.yosys.notice))
struct ProofTests {
  /// Σ wᵢxᵢ + b of four-bit words with `*` and `+`, in eleven bits, which no sum here leaves; then the low six, or what saturation makes of it.
  private static func plain(_ weights: [[Raw]], bias: Raw, saturates: Bool) -> String {
    var text =
      "module plain (input [\(4 * weights.count - 1):0] x, output [\(6 * weights[0].count - 1):0] y);\n"
    for input in weights.indices {
      text += "wire signed [10:0] x\(input) = $signed(x[\(4 * input + 3):\(4 * input)]);\n"
    }
    for output in weights[0].indices {
      let terms = weights.indices.map { "x\($0) * (\(weights[$0][output]))" } + ["(\(bias))"]
      text += "wire signed [10:0] s\(output) = \(terms.joined(separator: " + "));\n"
      let clamped = "s\(output) > 31 ? 6'd31 : s\(output) < -32 ? 6'd32 : s\(output)[5:0]"
      text += "assign y[\(6 * output + 5):\(6 * output)] = \(saturates ? clamped : "s\(output)[5:0]");\n"
    }
    return text + "endmodule\n"
  }

  /// Whether Yosys proves the emitted modules equal to the description.
  private static func proves(_ emitted: borrowing EmittedCircuit, _ plain: String) throws -> Bool {
    try emitted.folder.write(plain, to: "plain.v")
    let commands =
      "read_verilog -defer rtl/*.v; read_verilog plain.v wrap.v; hierarchy -check -top wrap; proc; flatten; opt -full; "
      + "sat -verify -prove same 1 -show x wrap"
    try emitted.folder.write(
      """
      module wrap (input [\(4 * emitted.program[emitted.program.inputs[0]].type.count - 1):0] x, output same);
      localparam N = \(6 * emitted.program[emitted.program.outputs[0]].type.count);
      wire [N-1:0] a, b;
      net emitted (.clk(1'b0), .rst(1'b0), .valid_in(1'b1), .x(x), .fc_2(a));
      plain described (.x(x), .y(b));
      assign same = a == b;
      endmodule

      """, to: "wrap.v")
    let (status, output) = try runTool("yosys", ["-p", commands], in: emitted.folder.path)
    // A failed proof is told from a script that does not run.
    guard status == 0 || output.contains("proof did fail") else {
      throw ProofError(text: String(output.suffix(2000)))
    }
    return status == 0
  }

  struct ProofError: Error, CustomStringConvertible {
    var text: String
    var description: String { text }
  }

  private static let weights: [[Raw]] = [[3, -5, 0, 7], [-11, 1, 6, 7], [2, 13, -4, 0], [-1, 9, 5, -6]]

  @Test(arguments: [false, true])
  func aDenseLayerIsItsWeights(saturates: Bool) throws {
    let result = FixedFormat(6, 6, .trn, saturates ? .sat : .wrap)
    var options = CircuitOptions()
    options.staging = .none
    let program = try denseLayer(Self.weights, result: result, bias: 3)
    let emitted = try EmittedCircuit(program, name: "net", options: options, events: events(4, for: program))
    let plain = Self.plain(Self.weights, bias: 3, saturates: saturates)
    #expect(try Self.proves(emitted, plain))
    // Planted: one weight is another, and the bias.
    var other = Self.weights
    other[2][1] += 16
    #expect(try !Self.proves(emitted, Self.plain(other, bias: 3, saturates: saturates)))
    #expect(try !Self.proves(emitted, Self.plain(Self.weights, bias: 4, saturates: saturates)))
  }

  /// The row of three operands as cells is the plain sum: for every operand inverted or not, gated or not.
  @Test func rowsOfCellsAreSums() throws {
    let folder = try TemporaryFolder()
    let program = try denseLayer([[1, 3], [5, 7], [11, 13]])
    let emitted = try EmittedCircuit(program, events: events(2, for: program))
    let text = String(decoding: try emitted.folder.read("rtl/tf_sum3.v"), as: UTF8.self)
    try folder.write(text, to: "tf_sum3.v")
    var top = "module top (input [4:0] a, b, c, input gate, gate2, output same);\nwire [23:0] good;\n"
    var place = 0
    // Of pairs only the first two are inverted.
    for inverted in 0..<12 {
      for family in [1, 2] {
        let isPair = inverted >= 8
        let parameters =
          isPair
          ? ".W(5), .PAIR(1), .GATE(1), .INVERT(\(inverted % 4)), .ONES(\(place % 3))"
          : ".W(5), .INVERT(\(inverted)), .GATE(\(inverted * 3 % 8)), .LOW(\(inverted / 4)), .ONES(\(place % 3))"
        let ports = ".a(a), .b(b), .c(\(isPair ? "{5{gate2}}" : "c")), .gate(gate)"
        top += "wire [4:0] p\(place), q\(place);\n"
        top += "tf_sum3 #(\(parameters), .FAMILY(0)) u\(place) (\(ports), .y(p\(place)));\n"
        top += "tf_sum3 #(\(parameters), .FAMILY(\(family))) v\(place) (\(ports), .y(q\(place)));\n"
        // Which of the operands count, and when.
        let gates =
          isPair
          ? ["gate", "gate2", "1'b0"]
          : (0..<3).map { (inverted * 3 % 8) >> $0 & 1 == 0 ? "1'b1" : inverted / 4 == 1 ? "~gate" : "gate" }
        let operands = zip(["a", "b", "c"], gates).enumerated().map { bit, operand in
          "(\(operand.0) & {5{\(operand.1)}} ^ {5{1'b\((isPair ? inverted % 4 : inverted) >> bit & 1)}})"
        }
        top += "wire [4:0] r\(place) = \(operands.joined(separator: " + ")) + 5'd\(place % 3);\n"
        top += "assign good[\(place)] = p\(place) == q\(place) && p\(place) == r\(place);\n"
        place += 1
      }
    }
    top += "assign same = &good;\nendmodule\n"
    func proof(_ top: String) throws -> (Int32, String) {
      try folder.write(top, to: "top.v")
      return try runTool(
        "yosys",
        [
          "-p",
          "read_verilog -defer tf_sum3.v; read_verilog top.v; read_verilog +/xilinx/cells_sim.v; hierarchy -top top; "
            + "proc; flatten; opt -full; sat -verify -prove same 1 top",
        ], in: folder.path)
    }
    let (status, output) = try proof(top)
    #expect(status == 0, "\(output.suffix(1500))")
    let (planted, reason) = try proof(top.replacing(".ONES(2), .FAMILY(1)", with: ".ONES(1), .FAMILY(1)"))
    #expect(planted != 0 && reason.contains("proof did fail"))
  }

  /// The row that multiplies by a digit, as cells and plainly, is what its digit says.
  @Test func rowsOfDigitsAreProducts() throws {
    let folder = try TemporaryFolder()
    var builder = ProgramBuilder(name: "square")
    let x = builder.input("x", ValueType([1], FixedFormat(6, 6)))
    let y = builder.input("y", ValueType([1], FixedFormat(6, 6)))
    builder.output(try builder.add("product", .elementwise(.multiply), x, y))
    let emitted = try EmittedCircuit(builder.program, events: events(2, for: builder.program))
    try folder.write(
      String(decoding: try emitted.folder.read("rtl/tf_digit.v"), as: UTF8.self), to: "tf_digit.v")
    var top = "module top (input [4:0] a, c, input [2:0] d, output same);\nwire [5:0] good;\n"
    top +=
      "wire signed [3:0] digit = $signed({3'b0, d[0]}) + $signed({3'b0, d[1]}) - $signed({2'b0, d[2], 1'b0});\n"
    for (place, (width, family)) in [(5, 0), (5, 1), (5, 2), (1, 0), (1, 1), (1, 2)].enumerated() {
      top += "wire [\(width - 1):0] y\(place);\n"
      top += "tf_digit #(.W(\(width)), .FAMILY(\(family))) u\(place) "
      top += "(.a(a[\(width - 1):0]), .c(c[\(width - 1):0]), .d(d), .y(y\(place)));\n"
      top += "wire [4:0] r\(place) = $signed(a) * digit + $signed(c);\n"
      top += "assign good[\(place)] = y\(place) == r\(place)[\(width - 1):0];\n"
    }
    top += "assign same = &good;\nendmodule\n"
    func proof(_ top: String) throws -> (Int32, String) {
      try folder.write(top, to: "top.v")
      return try runTool(
        "yosys",
        [
          "-p",
          "read_verilog -defer tf_digit.v; read_verilog top.v; read_verilog +/xilinx/cells_sim.v; hierarchy -top top; "
            + "proc; flatten; opt -full; sat -verify -prove same 1 top",
        ], in: folder.path)
    }
    let (status, output) = try proof(top)
    #expect(status == 0, "\(output.suffix(1500))")
    let (planted, reason) = try proof(
      top.replacing(".FAMILY(1)) u1 (.a(a[4:0])", with: ".FAMILY(1)) u1 (.a(a[4:0] ^ 1)"))
    #expect(planted != 0 && reason.contains("proof did fail"))
  }
}
