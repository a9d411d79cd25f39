import Diagnostics
import Model
import Storage

/// Keras's EinsumDense.
func parseEinsumDense(_ call: inout LayerCall) throws(Failure) -> Tensor {
  let x = call.builder.model.plain(try call.single())
  let product = try call.einsumProduct(x.shape)
  let name = call.config["activation"] == nil ? "" : "product"
  return try call.activated(try call.product(x, product, name), "")
}

/// NodeEdgeProjection of the interaction networks published with alkaid (https://github.com/calad0i/alkaid-ae, jedi/): rows of
/// nodes become rows of edges, or rows of edges are added up by node. An edge is a pair of different nodes, receiver and
/// sender; those of a receiver are together. The authors' handler makes an EinsumDense of it for hls4ml, and so is it here.
func parseNodeEdgeProjection(_ call: inout LayerCall) throws(Failure) -> Tensor {
  let x = call.builder.model.plain(try call.single())
  let toEdges = try call.config.boolean("node_to_edge", default: true)
  let isReceiving = try call.config.boolean("receiving", default: true)
  let rows = x.shape.first ?? 0
  let nodes = toEdges ? rows : (1...max(1, rows)).first { $0 * ($0 - 1) >= rows } ?? 0
  let edges = toEdges ? Saturating.product([nodes, nodes - 1]) : rows
  guard x.shape.count == 2, edges > 0, edges == Saturating.product([nodes, nodes - 1]) else {
    throw call.problem(
      "\"\(call.layer.name)\" takes [\(toEdges ? "nodes" : "nodes · (nodes − 1)"), features], and is given \(x.shape)"
    )
  }
  let shape = [toEdges ? edges : nodes, rows]
  try checkSize(shape, call.layer.node)
  // [edges, nodes], transposed where edges are given.
  var kernel = Weights(shape: shape, values: Array(repeating: 0, count: edges * nodes))
  var edge = 0
  for receiver in 0..<nodes {
    for sender in 0..<nodes where sender != receiver {
      let node = isReceiving ? receiver : sender
      kernel.values[toEdges ? edge * nodes + node : node * edges + edge] = 1
      edge += 1
    }
  }
  // Keras 2 stores the matrix with the weights; Keras 3 makes it anew.
  if call.builder.generation < 3 {
    let stored = try call.weights([(["adjacency_matrix"], [1] + shape)])
    guard stored[0].values == kernel.values else {
      throw call.problem("the matrix that is stored for \"\(call.layer.name)\" is not that of its settings")
    }
  }
  guard let equation = Einsum("bij,ki->bkj", ranks: (3, 2), bothHaveBatch: false) else {
    throw call.problem("a product that is not known")
  }
  return try call.product(x, EinsumProduct(equation: equation, kernel: kernel), "")
}

extension LayerCall {
  /// The equation of an EinsumDense and its variables.
  func einsumProduct(_ input: [Int], of variables: HGQVariables? = nil) throws(Failure) -> EinsumProduct {
    let variables = variables ?? self.variables
    let node = try config.required("equation")
    let kernel = try variables.read("kernel", 0, shape: nil)
    let usesBias = config["bias_axes"] != nil
    let product = EinsumProduct(
      equation: try equation(node, (input, kernel.shape)), kernel: kernel,
      bias: usesBias ? try variables.read("bias", 1, shape: nil) : nil)
    guard let lengths = product.equation.lengths(input, kernel.shape) else {
      throw mismatch(node, input, kernel.shape)
    }
    let result = product.equation.result.compactMap { lengths[$0] }
    if let bias = product.bias, broadcastPlaces(bias.shape, to: result) == nil {
      throw problem("the bias of \"\(layer.name)\" of shape \(bias.shape) does not fit its result \(result)")
    }
    if let stated = config["output_shape"] {
      let lengths = stated.elements ?? [stated]
      let known = zip(lengths, result.suffix(lengths.count)).allSatisfy { $0.isNull || $0.integer == $1 }
      guard known, lengths.count <= result.count else {
        throw Failure(stated.diagnostic("the output shape is not \(result), which the equation gives"))
      }
    }
    return product
  }

  /// The equation of two operands, without the batch.
  func equation(_ node: JSONNode, _ shapes: ([Int], [Int]), bothHaveBatch: Bool = false) throws(Failure)
    -> Einsum
  {
    let ranks = (shapes.0.count + 1, shapes.1.count + (bothHaveBatch ? 1 : 0))
    guard let text = node.string, let equation = Einsum(text, ranks: ranks, bothHaveBatch: bothHaveBatch)
    else {
      throw Failure(
        node.diagnostic(
          "the equation \(node.short) is not supported for shapes \(shapes.0) and \(shapes.1)",
          hint: "supported is one between two operands that keeps the batch first and takes no diagonal"))
    }
    return equation
  }

  private func mismatch(_ node: JSONNode, _ x: [Int], _ y: [Int]) -> Failure {
    Failure(node.diagnostic("the equation \(node.short) does not fit the shapes \(x) and \(y)"))
  }
}
