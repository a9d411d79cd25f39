import FixedPoint
import Program

/// The textual form of a circuit, one node per line; `Circuit(parsing:)` reads it back.
///
///     format 1
///     circuit "net" latency=1
///     layer "fc1" "Dense"
///     table 0 = first=-2 [3, _, 0, 1]
///     %0 = input : 0…255
///     %1 @0 = constant 3 : 3…3
///     %2 @0 = sum 5·%0 - 2·%1 constant=7 group=1 : 1…1282
///     %3 @0 = less %0 %1 : 0…1
///     %4 @0 = mux %3 %0 %1 : 0…3
///     %5 @0 = register %4 : 0…3 cycle=1
///     input "x" [1] ufixed<8,8> %0
///     output "y" [1] ufixed<2,2> %5
///
/// `@0` names the layer, by position; a cycle of 0 is left out. A term is `factor·word`, the factor 1 left out, and ends with
/// `&mask` where it is masked. `_` is a don't-care entry. Loops stand behind the layers, as `loop 0 = start=0 steps=20 stages=5`,
/// their states as `state 0 first=%0 next=%9`. Runs of one word in ports are written `%0*5`.
extension Circuit: CustomStringConvertible {
  /// The version of the textual form. It changes whenever text of before would be read as something else, or not at all.
  public static let textVersion = 1

  /// The textual form, with a final newline.
  public var description: String {
    var text = "format \(Self.textVersion)\ncircuit \(quoted(name)) latency=\(latency)\n"
    for layer in layers {
      text += "layer \(quoted(layer.name)) \(quoted(layer.className))"
      text += layer.result.map { " -> \($0)" } ?? ""
      text += "\n"
    }
    for (index, loop) in loops.enumerated() {
      text += "loop \(index) = start=\(loop.start) steps=\(loop.steps) stages=\(loop.stages)\n"
    }
    for (index, table) in tables.enumerated() {
      text += "table \(index)\(table.isBlock ? " block" : "") = \(table)\n"
    }
    for (index, node) in nodes.enumerated() { text += "%\(index)\(node)\n" }
    for port in inputs { text += "input \(port)\n" }
    for port in outputs { text += "output \(port)\n" }
    return text
  }
}

extension NodeID: CustomStringConvertible {
  /// `%index`.
  public var description: String { "%\(index)" }
}

extension Table: CustomStringConvertible {
  /// `first=-2 [3, _, 1]`.
  public var description: String {
    "first=\(first) [\(entries.map { $0.map(String.init) ?? "_" }.joined(separator: ", "))]"
  }
}

extension Node: CustomStringConvertible {
  /// The line of this node, without its number.
  public var description: String {
    (layer.map { " @\($0)" } ?? "") + " = \(operation) : \(interval.low)…\(interval.high)"
      + (cycle == 0 ? "" : " cycle=\(cycle)")
  }
}

extension NodeOperation: CustomStringConvertible {
  /// The mnemonic, the attributes and the operands.
  public var description: String {
    switch self {
    case .input: "input"
    case .constant(let word): "constant \(word)"
    case .sum(let sum): "sum\(sum)"
    case .compare(let comparison, let a, let b): "\(comparison.rawValue) \(a) \(b)"
    case .mux(let condition, let then, let otherwise): "mux \(condition) \(then) \(otherwise)"
    case .table(let table, let word): "table \(table) \(word)"
    case .multiply(let a, let b): "multiply \(a) \(b)"
    case .slice(let word, let from): "slice \(word) from=\(from)"
    case .concatenate(let words): "concatenate" + words.map { " \($0)" }.joined()
    case .register(let word): "register \(word)"
    case .state(let loop, let first, let next):
      "state \(loop)" + (first.map { " first=\($0)" } ?? "") + " next=\(next)"
    }
  }
}

extension Sum: CustomStringConvertible {
  /// ` 5·%0 - 2·%1 constant=7 group=1`, with a leading space.
  public var description: String {
    var text = ""
    for (place, term) in terms.enumerated() {
      text += term.isNegated ? " - " : place == 0 ? " " : " + "
      text += "\(term)"
    }
    if constant != 0 { text += " constant=\(constant)" }
    return text + (group.map { " group=\($0)" } ?? "")
  }
}

extension Term: CustomStringConvertible {
  /// `5·%0&%3`, without its sign.
  public var description: String {
    (factor.magnitude == 1 ? "" : "\(factor.magnitude)·") + "\(word)" + (mask.map { "&\($0)" } ?? "")
  }
}

extension WordTensor: CustomStringConvertible {
  /// `"name" [shape] format words`.
  public var description: String {
    var runs: [(word: NodeID, count: Int)] = []
    for word in words {
      if runs.last?.word == word { runs[runs.count - 1].count += 1 } else { runs.append((word, 1)) }
    }
    let list = runs.map { $0.count == 1 ? "\($0.word)" : "\($0.word)*\($0.count)" }
    return "\(quoted(name)) \(shape) \(format) \(list.joined(separator: " "))"
  }
}
