import Model

/// The nodes that a layer is made of, beside its own, by their places in the file.
struct ONNXParts {
  /// The Add that became the bias.
  var sum: ONNXPlace?
  /// The quantizers of the weights and of the bias.
  var kernelQuantizer, biasQuantizer: ONNXPlace?
  /// Whether a Gemm multiplies by alpha or beta.
  var hasFactors = false
}

/// What qonnx's cleaning calls the nodes of a graph, which hls4ml's names of layers are made of: the operation and a number,
/// counted in the file's order. A file that has been cleaned keeps its names.
struct ONNXNaming {
  private let graph: ONNXGraph
  private var names: [ONNXPlace: String] = [:]
  private var sums: [ONNXPlace: String] = [:]
  private var inputs: [ONNXPlace: String] = [:]
  private var modules: [ONNXPlace: String] = [:]
  /// Every name, those of nodes that became parts of others among them.
  private(set) var all: [String] = []

  /// - Parameters:
  ///   - needed: the nodes that the outputs depend on.
  ///   - isLeft: whether a node is left when constants have been folded.
  init(_ graph: ONNXGraph, _ needed: Set<Int>, isLeft: (ONNXPlace) -> Bool) {
    self.graph = graph
    let isClean = graph.inputs.first?.name == "global_in"
    for (index, input) in graph.inputs.enumerated() {
      inputs[input.place] =
        isClean
        ? input.name.replacing(".", with: "_") : index == 0 ? "global_in" : "global_in_\(index)"
    }
    if isClean {
      for index in needed where isLeft(graph.nodes[index].place) {
        names[graph.nodes[index].place] = graph.nodes[index].label
      }
    } else {
      number(needed, isLeft)
    }
    if graph.producer.hasPrefix("pytorch") {
      for node in graph.nodes { modules[node.place] = Self.module(node.name) }
      for (index, input) in graph.inputs.enumerated() { modules[input.place] = "input_\(index + 1)" }
    }
    all = Array(Set(names.values).union(sums.values).union(inputs.values)).sorted()
  }

  /// Numbers nodes in the order that qonnx's SortGraph leaves them in: by how many nodes stand before them on the longest way, then
  /// as they stood. It sorts the whole file first, and again when constants are folded and channels are last: then the input of
  /// a network of images stands behind a transposition.
  private mutating func number(_ needed: Set<Int>, _ isLeft: (ONNXPlace) -> Bool) {
    let order = (try? graph.ordered(needed)) ?? needed.sorted()
    let whole = depths(order, startingAt: 0) { _ in 1 }
    let sorted = order.sorted { (whole[$0, default: 0], $0) < (whole[$1, default: 0], $1) }
    let position = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1, $0) })
    let hasWindows = graph.nodes.contains { ["Conv", "MaxPool"].contains($0.operation) }
    let start = hasWindows && graph.inputs.contains { $0.shape.count > 2 } ? 1 : 0
    let left = order.filter { isLeft(graph.nodes[$0].place) }
    let depth = depths(left, startingAt: start) { node in
      switch node.operation {
      case "Gemm": 2
      case "QuantizeLinear": 0
      case "Clip": node.inputs.first.map(isQuantized) == true ? 0 : 1
      default: 1
      }
    }
    var entries: [(depth: Int, position: Int, index: Int, operation: String)] = []
    for index in left {
      let (node, level, place) = (
        graph.nodes[index], depth[index, default: 0], position[index, default: index]
      )
      switch node.operation {
      case "Gemm":
        entries.append((level, place, index, "MatMul"))
        if node.inputs.count > 2, !node.inputs[2].isEmpty { entries.append((level + 1, place, index, "Add")) }
      // The three nodes of a quantizer become one Quant.
      case "QuantizeLinear": break
      case "Clip" where node.inputs.first.map(isQuantized) == true: break
      case "DequantizeLinear": entries.append((level, place, index, "Quant"))
      default: entries.append((level, place, index, node.operation))
      }
    }
    var counts: [String: Int] = [:]
    for entry in entries.sorted(by: { ($0.depth, $0.position) < ($1.depth, $1.position) }) {
      let name = "\(entry.operation)_\(counts[entry.operation, default: 0])"
      counts[entry.operation, default: 0] += 1
      let node = graph.nodes[entry.index]
      if node.operation == "Gemm", entry.operation == "Add" {
        sums[node.place] = name
      } else {
        names[node.place] = name
      }
      guard node.operation == "DequantizeLinear" else { continue }
      for place in quantizer(before: node) { names[place] = name }
    }
  }

  /// How many nodes stand before each on the longest way; every node counts for a length. `startingAt`: the inputs' depth.
  private func depths(_ order: [Int], startingAt start: Int, _ length: (ONNXNode) -> Int) -> [Int: Int] {
    var ends: [String: Int] = [:]
    for input in graph.inputs { ends[input.name] = start }
    var depths: [Int: Int] = [:]
    for index in order {
      let node = graph.nodes[index]
      let depth = node.inputs.reduce(0) { max($0, ends[$1] ?? 0) }
      depths[index] = depth
      for output in node.outputs { ends[output] = depth + length(node) }
    }
    return depths
  }

  /// Whether a name is that of integers a QuantizeLinear gives.
  private func isQuantized(_ name: String) -> Bool {
    graph.nodes.contains { $0.operation == "QuantizeLinear" && $0.outputs.contains(name) }
  }

  /// The QuantizeLinear and Clip before a DequantizeLinear.
  private func quantizer(before node: ONNXNode) -> [ONNXPlace] {
    var places: [ONNXPlace] = []
    var name = node.inputs.first
    while let wanted = name, places.count < 3,
      let source = graph.nodes.first(where: { $0.outputs.contains(wanted) }),
      ["QuantizeLinear", "Clip"].contains(source.operation)
    {
      places.append(source.place)
      name = source.inputs.first
    }
    return places
  }

  /// The names of a layer's nodes.
  func names(of origin: Origin, _ parts: ONNXParts?) -> ONNXNames? {
    let place = ONNXPlace(file: origin.file, path: origin.path)
    guard let name = names[place] ?? inputs[place] else { return nil }
    var result = ONNXNames(name)
    result.sum = parts?.sum.flatMap { names[$0] } ?? sums[place]
    result.kernelQuantizer = parts?.kernelQuantizer.flatMap { names[$0] }
    result.biasQuantizer = parts?.biasQuantizer.flatMap { names[$0] }
    result.hasFactors = parts?.hasFactors ?? false
    result.module = modules[place]
    return result
  }

  /// torch.onnx names a node `/block/fc1/Gemm` by the module it is of, torch.fx that module `block_fc1`; functions are `/Relu_1` and
  /// `relu_1`. fx puts `_` before a digit; Python's own names, such as `input`, get a number.
  private static func module(_ name: String) -> String? {
    let parts = name.split(separator: "/")
    guard name.hasPrefix("/"), let last = parts.last else { return nil }
    let joined = parts.count == 1 ? last.lowercased() : parts.dropLast().joined(separator: "_")
    let plain = joined.replacing(".", with: "_")
    return plain.first?.isNumber == true ? "_\(plain)" : plain
  }
}
