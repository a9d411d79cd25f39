import AdderGraph
import Backends
import FixedPoint
import Program

/// Writes distributed arithmetic: a function for each matrix, an adder a line, in integers.
extension Emission {
  /// Writes the products of a matrix, row after row, as calls of its functions, which are written ahead of the caller.
  mutating func writeAdders(
    _ graphs: [AdderGraph], _ index: Int, _ code: inout CodeWriter, _ scope: FunctionScope
  ) {
    let instruction = scope.program.instructions[index]
    let operand = layout.holder(instruction.operands[0])
    let names = graphs.map { addersFunction($0, index, operand: operand) }
    let rows =
      scope.program[instruction.operands[0]].type.count
      / graphs.reduce(0) { $0 + $1.inputs.count }
    code.loop("row", rows, .unrolled) { code in
      for (group, (name, graph)) in zip(names, graphs).enumerated() {
        func place(_ words: Int) -> String {
          graphs.count == 1 ? "row * \(words)" : "(row * \(graphs.count) + \(group)) * \(words)"
        }
        code.line(
          "\(name)(\(layout.name(operand)), \(layout.names[index]), \(place(graph.inputs.count)), "
            + "\(place(graph.outputs.count)));")
      }
    }
  }

  /// Writes the function of a graph; gives its name.
  private mutating func addersFunction(_ graph: AdderGraph, _ index: Int, operand: ValueID) -> String {
    let target = layout.typeName(ValueID(index))
    let key = "\(layout.names[index])_adders"
    let name = layout.identifier(key)
    let format = program[operand].type.format
    kernels.insert(.bits)
    var code = CodeWriter()
    code.line(
      "// \(Identifiers.comment(program.instructions[index].name)): \(graph.nodes.count) adders, "
        + "\(graph.levels) deep.")
    code.block(
      "TF_INLINE void \(name)(const \(layout.typeName(operand)) x[], \(target) y[], const int from, const int to)"
    ) { code in
      var isRead = Array(repeating: false, count: graph.inputs.count)
      for source in graph.nodes.flatMap({ $0.terms.map(\.source) }) + graph.outputs.map(\.source) {
        if case .input(let input) = source { isRead[input] = true }
      }
      let (type, bits) = format.isSigned ? ("ap_int", "signed_bits") : ("ap_uint", "unsigned_bits")
      for input in isRead.indices where isRead[input] {
        code.line("const \(type)<\(format.width)> x\(input) = tf::\(bits)(x[from + \(input)]);")
      }
      for (number, node) in graph.nodes.enumerated() {
        code.line("const \(node.type) n\(number) = \(node.expression);")
      }
      for (place, output) in graph.outputs.enumerated() {
        let width = program.instructions[index].type.format.width
        let value = AdderGraph.Term(output.source, shift: output.shift).expression(in: "ap_int<\(width)>")
        code.line("y[to + \(place)] = tf::word<\(target)>(\(value));")
      }
    }
    innerFunctions += code.text + "\n"
    return name
  }
}

extension AdderGraph.Node {
  /// The integers that hold its words.
  fileprivate var type: String { "\(low < 0 ? "ap_int" : "ap_uint")<\(max(1, word.width))>" }

  /// Its terms, each modulo 2^width, as the sum is: what is added first is not negated, if there is such a term.
  fileprivate var expression: String {
    let ordered = terms.filter { !$0.isNegated } + terms.filter(\.isNegated)
    return ordered.enumerated().map { place, term in
      (place == 0 ? (term.isNegated ? "-" : "") : term.isNegated ? " - " : " + ") + term.expression(in: type)
    }.joined()
  }
}

extension AdderGraph.Term {
  /// The term without its sign, in integers of a type.
  fileprivate func expression(in type: String) -> String {
    let name =
      switch source {
      case .input(let index): "x\(index)"
      case .node(let index): "n\(index)"
      case .constant(let value): FixedFormat.integer(64).literal(value)
      }
    let word = "\(type)(\(name))"
    return shift == 0 ? word : "(\(word) << \(shift))"
  }
}
