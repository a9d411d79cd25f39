import AdderGraph
import Diagnostics
import Foundation

/// Writes Verilog of a constant matrix: `triggerfish-matrix MATRIX OUTPUT [slack] [effort] [binary]`.
///
/// MATRIX has a row of weights per line; inputs are signed bytes. Prints what the graph costs, as JSON.
@main struct MatrixTool {
  static func main() throws {
    let arguments = CommandLine.arguments
    let weights = try String(contentsOfFile: arguments[1], encoding: .utf8).split(separator: "\n").map {
      $0.split(separator: " ").compactMap { Int128($0) }
    }
    let slack = arguments.count > 3 ? Int(arguments[3]) ?? 1 : 1
    let options = AdderGraph.Options(
      adder: arguments.dropFirst(5).first == "binary" ? .binary : .ternary,
      depth: slack < 0 ? .unbounded : .least(plus: slack),
      effort: arguments.count > 4 ? Int(arguments[4]) ?? 100 : 100)
    let start = clock()
    let graph = try AdderGraph.solve(
      weights, inputs: weights.map { _ in AdderGraph.Word(low: -128, high: 127) }, options: options)
    // Of this process alone: the machine may be busy.
    let seconds = Double(clock() - start) / Double(CLOCKS_PER_SEC)
    try verilog(graph).write(toFile: arguments[2], atomically: true, encoding: .utf8)
    print(
      "{\"cost\": \(graph.cost), \"rows\": \(graph.nodes.count), \"levels\": \(graph.levels), "
        + "\"delay\": \(delay(graph)), \"seconds\": \(seconds)}")
  }

  /// alkaid's estimate of the delay (trace/passes/surrogate.py), so that both are measured alike.
  static func delay(_ graph: AdderGraph) -> Double {
    var delays: [Double] = []
    for node in graph.nodes {
      let below = node.terms.reduce(0.0) {
        if case .node(let index) = $1.source { max($0, delays[index]) } else { $0 }
      }
      let bits = Double(max(0, node.cost - 1))
      let own =
        node.form == .wires ? 0 : node.terms.count > 2 ? 1.3125 * (1 + 0.03125 * bits) : 1.094 + 0.0254 * bits
      delays.append(below + own)
    }
    return graph.outputs.reduce(0) {
      if case .node(let index) = $1.source { max($0, delays[index]) } else { $0 }
    }
  }

  static func width(_ word: AdderGraph.Word) -> Int {
    let bits = 128 - max(word.high, word.low < 0 ? ~word.low : 0).leadingZeroBitCount
    return max(1, word.low < 0 ? bits + 1 : bits)
  }

  static func name(_ source: AdderGraph.Source) -> String {
    switch source {
    case .input(let index): "x\(index)"
    case .node(let index): "n\(index)"
    case .constant(let value): "\(value)"
    }
  }

  /// A term as wide as the row, from the row's bit `from` on.
  static func operand(_ term: AdderGraph.Term, _ graph: AdderGraph, from: Int, width: Int) -> String {
    let word = graph.word(term.source)
    let own = self.width(word)
    let name = name(term.source)
    let bits = (from..<(from + width)).reversed().map { bit -> String in
      let place = bit - term.shift
      if place < 0 { return "1'b0" }
      if place < own { return "\(name)[\(place)]" }
      return word.low < 0 ? "\(name)[\(own - 1)]" : "1'b0"
    }
    return "{\(bits.joined(separator: ", "))}"
  }

  static func verilog(_ graph: AdderGraph) -> String {
    var text = ""
    let inputs = graph.inputs.enumerated().map { "input [\(width($1) - 1):0] x\($0)" }
    let outputs = graph.outputs.enumerated().map { index, output in
      "output [\(width(graph.word(output.source)) + output.shift - 1):0] y\(index)"
    }
    text += "module top(\n  " + (inputs + outputs).joined(separator: ",\n  ") + ");\n"
    for (index, node) in graph.nodes.enumerated() {
      let wide = width(.init(low: node.low, high: node.high))
      text += "  wire [\(wide - 1):0] n\(index);\n"
      // The lowest operand's bits below all others are wires, if it is not negated.
      let starts = node.terms.map { $0.shift + graph.word($0.source).trailingZeros }
      let lowest =
        starts.indices.min {
          (starts[$0], node.terms[$0].isNegated ? 1 : 0) < (starts[$1], node.terms[$1].isNegated ? 1 : 0)
        } ?? 0
      var from = starts[lowest]
      if !node.terms[lowest].isNegated, starts.count > 1 {
        from = starts.indices.filter { $0 != lowest }.map { starts[$0] }.min() ?? from
      }
      from = min(from, wide)
      if from > 0 {
        text +=
          "  assign n\(index)[\(from - 1):0] = \(operand(node.terms[lowest], graph, from: 0, width: from));\n"
      }
      let rest = wide - from
      guard rest > 0 else { continue }
      let result = "n\(index)[\(wide - 1):\(from)]"
      let words = node.terms.map { operand($0, graph, from: from, width: rest) }
      if node.form == .wires {
        text += "  assign \(result) = \(words.joined(separator: " | "));\n"
      } else if words.count == 3 {
        let signs = node.terms.enumerated().map { ".N\($0)(\($1.isNegated ? 1 : 0))" }
        text +=
          "  tf_row3 #(.W(\(rest)), \(signs.joined(separator: ", "))) r\(index) (.a(\(words[0])), .b(\(words[1])), .c(\(words[2])), .y(\(result)));\n"
      } else {
        let sum = zip(words, node.terms).sorted { !$0.1.isNegated && $1.1.isNegated }
        let text2 = sum.enumerated().map { ($1.1.isNegated ? "- " : $0 == 0 ? "" : "+ ") + $1.0 }
        text += "  assign \(result) = \(text2.joined(separator: " "));\n"
      }
    }
    for (index, output) in graph.outputs.enumerated() {
      if case .constant(let value) = output.source {
        text += "  assign y\(index) = \(value);\n"
        continue
      }
      let zeros = output.shift > 0 ? ", \(output.shift)'b0" : ""
      text += "  assign y\(index) = {\(name(output.source))\(zeros)};\n"
    }
    return text + "endmodule\n"
  }
}
