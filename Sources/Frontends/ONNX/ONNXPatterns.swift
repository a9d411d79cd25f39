import Diagnostics

/// Functions that exporters write as several nodes, read as the one node they are: Gelu in either form, softsign, softplus, layer
/// normalization and its relatives.
struct ONNXPatterns {
  private let graph: ONNXGraph
  /// The node that computes a name.
  private var producers: [String: Int] = [:]
  /// The nodes that read a name.
  private var readers: [String: [Int]] = [:]

  /// The graph with the last node of every pattern in its place; nodes that only the pattern read are not needed any more.
  static func recognized(in graph: ONNXGraph) -> ONNXGraph {
    let operations = Set(graph.nodes.map(\.operation))
    guard !operations.isDisjoint(with: ["Erf", "Tanh", "Sqrt", "Abs", "Softplus", "ReduceL2", "Pow"]) else {
      return graph
    }
    var result = graph
    let patterns = ONNXPatterns(graph)
    for (index, node) in graph.nodes.enumerated() {
      switch node.operation {
      case "Erf", "Tanh":
        for (place, x) in patterns.gelus(around: node) {
          result.nodes[place].operation = "Gelu"
          result.nodes[place].inputs = [x]
          result.nodes[place].attributes = ["approximate": .text(node.operation == "Erf" ? "none" : "tanh")]
        }
      case "Div" where patterns.isSoftsign(node):
        result.nodes[index].operation = "Softsign"
        result.nodes[index].inputs = [node.inputs[0]]
      case "Where" where patterns.isSoftplus(node):
        result.nodes[index].operation = "Softplus"
        result.nodes[index].inputs = [node.inputs[1]]
      case "Div", "Mul":
        guard result.nodes[index].operation == node.operation, let length = patterns.normalization(node)
        else {
          continue
        }
        result.nodes[index].operation = length.isCentered ? "LayerNormalization" : "RMSNormalization"
        result.nodes[index].inputs = [length.x]
        result.nodes[index].attributes = length.attributes
      default: continue
      }
    }
    return result
  }

  private init(_ graph: ONNXGraph) {
    self.graph = graph
    for (index, node) in graph.nodes.enumerated() {
      for name in node.outputs where !name.isEmpty { producers[name] = index }
      for name in Set(node.inputs) where !name.isEmpty { readers[name, default: []].append(index) }
    }
  }

  private func node(_ name: String) -> ONNXNode? { producers[name].map { graph.nodes[$0] } }

  /// The node that computes a name, if it is of an operation.
  private func node(_ name: String, _ operation: String, inputs: Int) -> ONNXNode? {
    node(name).flatMap { $0.operation == operation && $0.inputs.count >= inputs ? $0 : nil }
  }

  private func tensor(_ name: String) -> ONNXTensor? {
    if let tensor = graph.initializers[name] { return tensor }
    guard let node = node(name), node.operation == "Constant" else { return nil }
    switch node.attributes["value"] ?? node.attributes["value_float"] {
    case .tensor(let tensor)?: return tensor
    case .real(let value)?: return ONNXTensor(.float32, [], [value])
    default: return nil
    }
  }

  /// A constant of one number.
  private func number(_ name: String) -> Double? {
    tensor(name).flatMap { $0.values.count == 1 ? $0.values[0] : nil }
  }

  private func isNear(_ value: Double, _ wanted: Double) -> Bool { abs(value - wanted) <= 5e-5 * abs(wanted) }

  /// A product's constant and its other factors, Mul, Div by a constant and powers multiplied out; the names in `atoms` are not.
  private func product(_ name: String, atoms: Set<String>, depth: Int = 5) -> (Double, [String]) {
    if let value = number(name) { return (value, []) }
    guard !atoms.contains(name), depth > 0, let node = node(name), node.inputs.count == 2 else {
      return (1, [name])
    }
    let first = product(node.inputs[0], atoms: atoms, depth: depth - 1)
    switch node.operation {
    case "Mul":
      let second = product(node.inputs[1], atoms: atoms, depth: depth - 1)
      return (first.0 * second.0, first.1 + second.1)
    case "Div":
      guard let divisor = number(node.inputs[1]), divisor != 0 else { return (1, [name]) }
      return (first.0 / divisor, first.1)
    case "Pow":
      guard let power = number(node.inputs[1]), power == 2 || power == 3 else { return (1, [name]) }
      let count = Int(power)
      return (
        (0..<count).reduce(1) { value, _ in value * first.0 },
        Array(repeating: first.1, count: count).flatMap { $0 }
      )
    default: return (1, [name])
    }
  }

  /// The other summand of a sum with a number.
  private func summand(_ name: String, with value: Double) -> String? {
    guard let node = node(name, "Add", inputs: 2) else { return nil }
    if number(node.inputs[0]) == value { return node.inputs[1] }
    return number(node.inputs[1]) == value ? node.inputs[0] : nil
  }

  // MARK: Softsign, softplus

  /// x / (|x| + 1).
  private func isSoftsign(_ node: ONNXNode) -> Bool {
    guard node.inputs.count == 2, let size = summand(node.inputs[1], with: 1) else { return false }
    return self.node(size, "Abs", inputs: 1)?.inputs[0] == node.inputs[0]
  }

  /// softplus(x), or x where that is above a threshold from which on float32 knows no difference.
  private func isSoftplus(_ node: ONNXNode) -> Bool {
    guard node.inputs.count == 3, let condition = self.node(node.inputs[0], "Greater", inputs: 2),
      let function = self.node(node.inputs[2], "Softplus", inputs: 1), let bound = number(condition.inputs[1])
    else { return false }
    let x = node.inputs[1]
    return bound >= 17 && condition.inputs[0] == x && function.inputs[0] == x
  }

  // MARK: Gelu

  /// x · ½ · (1 + erf(x / √2)), or with tanh(√(2/π) · (x + 0.044715 · x³)): the nodes of whole products, and x.
  private func gelus(around function: ONNXNode) -> [(place: Int, x: String)] {
    guard let argument = function.inputs.first, let result = function.outputs.first,
      let x = function.operation == "Erf" ? erfArgument(argument) : tanhArgument(argument)
    else { return [] }
    var found: [(place: Int, x: String)] = []
    for upper in (readers[result] ?? []).compactMap({ graph.nodes[$0].outputs.first })
    where summand(upper, with: 1) == result {
      var products = [upper]
      for _ in 0..<3 {
        let places = products.flatMap { readers[$0] ?? [] }.filter { graph.nodes[$0].operation == "Mul" }
        for place in places {
          let (factor, others) = product(graph.nodes[place].outputs[0], atoms: [x, upper])
          if isNear(factor, 0.5), others.sorted() == [x, upper].sorted() { found.append((place, x)) }
        }
        products = places.compactMap { graph.nodes[$0].outputs.first }
      }
    }
    return found
  }

  /// x of x / √2.
  private func erfArgument(_ name: String) -> String? {
    guard let node = node(name), node.inputs.count == 2, ["Mul", "Div"].contains(node.operation) else {
      return nil
    }
    for x in node.inputs where number(x) == nil {
      let (factor, others) = product(name, atoms: [x])
      if others == [x], isNear(factor, 0.5.squareRoot()) { return x }
    }
    return nil
  }

  /// x of √(2/π) · (x + 0.044715 · x³), or of √(2/π) · x · (1 + 0.044715 · x²).
  private func tanhArgument(_ name: String) -> String? {
    let (factor, others) = product(name, atoms: [])
    guard isNear(factor, (2 / Double.pi).squareRoot()) else { return nil }
    for sum in others {
      guard let node = node(sum, "Add", inputs: 2) else { continue }
      for (x, cube) in [(node.inputs[0], node.inputs[1]), (node.inputs[1], node.inputs[0])] {
        let (small, powers) = product(cube, atoms: [x])
        if others == [sum], isNear(small, 0.044715), powers == [x, x, x] { return x }
      }
      guard let square = summand(sum, with: 1), others.count == 2, let x = others.first(where: { $0 != sum })
      else {
        continue
      }
      let (small, powers) = product(square, atoms: [x])
      if isNear(small, 0.044715), powers == [x, x] { return x }
    }
    return nil
  }

  // MARK: Normalizations

  /// What x is divided by: the root of the mean or the sum of its squares over axes.
  struct Length {
    var x: String
    var axes: [Int]
    var isMean: Bool
    /// Added under the root, or the least that may stand there.
    var epsilon = 0.0
    var isLeast = false
    /// Whether x's mean over the same axes is to be subtracted first.
    var isCentered = false

    /// Those of the node that reads it: see `convertLayerNormalization`.
    fileprivate var attributes: [String: ONNXAttribute] {
      var attributes: [String: ONNXAttribute] = ["axes": .integers(axes), "epsilon": .real(epsilon)]
      if isLeast { attributes["least"] = .integer(1) }
      if !isMean { attributes["sum"] = .integer(1) }
      return attributes
    }
  }

  /// x / length(x), x · (1 / length(x)); of x less its mean, layer normalization.
  private func normalization(_ node: ONNXNode) -> Length? {
    guard node.inputs.count == 2 else { return nil }
    let orders = [(node.inputs[0], node.inputs[1]), (node.inputs[1], node.inputs[0])]
    for (x, other) in node.operation == "Div" ? [orders[0]] : orders {
      guard var length = node.operation == "Div" ? length(other) : inverse(other), isSame(length.x, x) else {
        continue
      }
      length.x = x
      if length.isMean, !length.isLeast, length.epsilon > 0, let centered = self.node(x, "Sub", inputs: 2),
        let mean = self.node(centered.inputs[1], "ReduceMean", inputs: 1),
        mean.inputs[0] == centered.inputs[0], axes(mean) == length.axes
      {
        (length.x, length.isCentered) = (centered.inputs[0], true)
      }
      return length
    }
    return nil
  }

  /// Whether two names are the same number: one name, or differences of the same two.
  private func isSame(_ a: String, _ b: String) -> Bool {
    guard a != b else { return true }
    guard let inputs = node(a, "Sub", inputs: 2)?.inputs else { return false }
    return node(b, "Sub", inputs: 2)?.inputs == inputs
  }

  private func length(_ name: String, depth: Int = 4) -> Length? {
    guard depth > 0, let node = node(name), let first = node.inputs.first else { return nil }
    switch node.operation {
    case "Expand": return length(first, depth: depth - 1)
    case "Sqrt": return squares(first)
    case "Pow" where node.inputs.count == 2 && number(node.inputs[1]) == 0.5: return squares(first)
    case "ReduceL2": return axes(node).map { Length(x: first, axes: $0, isMean: false) }
    case "Max", "Clip":
      guard let (inner, floor) = floored(node), var length = length(inner, depth: depth - 1),
        length.epsilon == 0
      else { return nil }
      (length.epsilon, length.isLeast) = (floor * floor, true)
      return length
    default: return nil
    }
  }

  /// 1 / length.
  private func inverse(_ name: String, depth: Int = 4) -> Length? {
    guard depth > 0, let node = node(name), let first = node.inputs.first else { return nil }
    switch node.operation {
    case "Expand": return inverse(first, depth: depth - 1)
    case "Reciprocal": return length(first)
    case "Div" where node.inputs.count == 2 && number(first) == 1: return length(node.inputs[1])
    case "Pow" where node.inputs.count == 2 && number(node.inputs[1]) == -0.5: return squares(first)
    default: return nil
    }
  }

  /// The mean or the sum of squares, with an epsilon added or a floor.
  private func squares(_ name: String) -> Length? {
    guard let node = node(name), let first = node.inputs.first else { return nil }
    switch node.operation {
    case "Add" where node.inputs.count == 2:
      let place = number(first) == nil ? 0 : 1
      guard let epsilon = number(node.inputs[1 - place]), epsilon >= 0, epsilon.isFinite,
        var length = squares(node.inputs[place]), length.epsilon == 0
      else { return nil }
      length.epsilon = epsilon
      return length
    case "Max", "Clip":
      guard let (inner, floor) = floored(node), var length = squares(inner), length.epsilon == 0 else {
        return nil
      }
      (length.epsilon, length.isLeast) = (floor, true)
      return length
    case "ReduceSumSquare": return axes(node).map { Length(x: first, axes: $0, isMean: false) }
    case "ReduceMean", "ReduceSum":
      guard let axes = axes(node), let square = self.node(first), square.inputs.count == 2 else { return nil }
      let x = square.inputs[0]
      let isSquare =
        square.operation == "Pow"
        ? number(square.inputs[1]) == 2 : square.operation == "Mul" && isSame(x, square.inputs[1])
      return isSquare ? Length(x: x, axes: axes, isMean: node.operation == "ReduceMean") : nil
    default: return nil
    }
  }

  /// The operand of a maximum with a number that is not negative.
  private func floored(_ node: ONNXNode) -> (x: String, floor: Double)? {
    var found: (String, Double)?
    if node.operation == "Max", node.inputs.count == 2 {
      let place = number(node.inputs[0]) == nil ? 0 : 1
      if let floor = number(node.inputs[1 - place]) { found = (node.inputs[place], floor) }
    } else if node.operation == "Clip", node.inputs.count >= 2, node.inputs.dropFirst(2).allSatisfy(\.isEmpty)
    {
      if let floor = number(node.inputs[1]) { found = (node.inputs[0], floor) }
    }
    guard let found, found.1 >= 0, found.1.isFinite else { return nil }
    return found
  }

  /// The axes of a reduction that keeps them.
  private func axes(_ node: ONNXNode) -> [Int]? {
    if case .integer(0)? = node.attributes["keepdims"] { return nil }
    if case .integers(let axes)? = node.attributes["axes"] { return axes }
    return node.inputs.count == 2 ? tensor(node.inputs[1])?.integers : nil
  }
}
