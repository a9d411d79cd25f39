import Diagnostics
import Model
import Storage

/// Operations of `keras.ops` that are several layers of ours, or have several results: products of tensors, sorting, and rows at
/// places that were computed.
let tensorOperations: [String: LayerParser] = productsAndPlaces.merging(normalizationOperations) { $1 }

private let productsAndPlaces: [String: LayerParser] = [
  "Matmul": .layers(parseMatmul),
  "Einsum": .layers(parseEinsumOperation),
  "TakeAlongAxis": .layers(parseTakeAlongAxis),
  "Take": .layers(parseTake),
  "Argmax": .layers { (call) throws(Failure) in try parseExtreme(&call, isLargest: true) },
  "Argmin": .layers { (call) throws(Failure) in try parseExtreme(&call, isLargest: false) },
  "Argsort": .layers { (call) throws(Failure) in try parseSort(&call, wantsPlaces: true) },
  "Sort": .layers { (call) throws(Failure) in try parseSort(&call, wantsPlaces: false) },
  "TopK": .results(parseTopK),
  "Split": .results(parseSplit),
  "FullLike": .layers { (call) throws(Failure) in try parseLike(&call, nil) },
  "OnesLike": .layers { (call) throws(Failure) in try parseLike(&call, 1) },
  "ZerosLike": .layers { (call) throws(Failure) in try parseLike(&call, 0) },
]

/// One number everywhere, in the shape of a tensor.
private func parseLike(_ call: inout LayerCall, _ value: Double?) throws(Failure) -> Tensor {
  let shape = call.builder.model.plain(try call.single()).shape
  var number = value
  if number == nil, call.arguments.count == 2, let given = try Weights.written(in: call.arguments[1]),
    given.values.count == 1
  {
    number = given.values[0]
  }
  guard let number else { throw call.refusal("with a value that is not one number") }
  return try call.constant(
    Weights(shape: shape, values: Array(repeating: number, count: shape.reduce(1, *))), "")
}

// MARK: Products

/// The operands of a product, each a tensor or numbers.
private enum ProductOperands {
  case tensors(Tensor, Tensor)
  case tensorFirst(Tensor, Weights)
  case constantFirst(Weights, Tensor)
}

extension LayerCall {
  fileprivate func productOperands() throws(Failure) -> ProductOperands {
    let tensors = inputs.map { builder.model.plain($0) }
    let operands = try operands()
    switch (operands[0], operands[1]) {
    case (.tensor, .tensor) where tensors.count == 2: return .tensors(tensors[0], tensors[1])
    case (.tensor, .constant(let weights)) where tensors.count == 1: return .tensorFirst(tensors[0], weights)
    case (.constant(let weights), .tensor) where tensors.count == 1:
      return .constantFirst(weights, tensors[0])
    default: throw refusal("of these arguments")
    }
  }

  /// A product by an equation whose operands stand in the equation's order.
  fileprivate func product(_ operands: ProductOperands, _ text: String) throws(Failure) -> Tensor {
    let sides = text.filter { $0 != " " }.split(separator: "->", omittingEmptySubsequences: false)
    let labels = sides.first?.split(separator: ",", omittingEmptySubsequences: false) ?? []
    guard sides.count == 2, labels.count == 2 else {
      throw refusal(
        "with the equation \"\(text)\"", hint: "supported is one of two operands, with its result behind ->")
    }
    func equation(_ first: Substring, _ second: Substring, _ ranks: (Int, Int), bothHaveBatch: Bool)
      throws(Failure)
      -> Einsum
    {
      let text = "\(first),\(second)->\(sides[1])"
      guard let equation = Einsum(text, ranks: ranks, bothHaveBatch: bothHaveBatch) else {
        throw refusal(
          "with the equation \"\(text)\"", hint: "the batch stays first, and no diagonal is taken")
      }
      return equation
    }
    func product(_ x: Tensor, _ weights: Weights, _ first: Substring, _ second: Substring) throws(Failure)
      -> Tensor
    {
      let equation = try equation(
        first, second, (x.shape.count + 1, weights.shape.count), bothHaveBatch: false)
      guard equation.lengths(x.shape, weights.shape) != nil else {
        throw refusal("of data of shape \(x.shape) and numbers of shape \(weights.shape)")
      }
      return try self.product(x, EinsumProduct(equation: equation, kernel: weights), "")
    }
    switch operands {
    case .tensors(let x, let y):
      let equation = try equation(
        labels[0], labels[1], (x.shape.count + 1, y.shape.count + 1), bothHaveBatch: true)
      return try self.product(x, y, equation, "")
    case .tensorFirst(let x, let weights): return try product(x, weights, labels[0], labels[1])
    case .constantFirst(let weights, let x): return try product(x, weights, labels[1], labels[0])
    }
  }
}

private func parseEinsumOperation(_ call: inout LayerCall) throws(Failure) -> Tensor {
  let node = try call.config.required("subscripts")
  guard let text = node.string, call.arguments.count == 2 else {
    throw call.refusal("of \(call.arguments.count) operands", hint: "take them two at a time")
  }
  return try call.product(try call.productOperands(), text)
}

/// numpy's product of matrices. Tensors of data have as many axes, and their first ones in common.
private func parseMatmul(_ call: inout LayerCall) throws(Failure) -> Tensor {
  let letters = Array("bcdefghi")
  func batch(_ rank: Int) throws(Failure) -> String {
    guard (0...letters.count).contains(rank) else { throw call.refusal("of so many axes") }
    return String(letters.prefix(rank))
  }
  let operands = try call.productOperands()
  switch operands {
  case .tensors(let x, let y):
    guard x.shape.count == y.shape.count, x.shape.count >= 2 else {
      throw call.refusal("of shapes \(x.shape) and \(y.shape)", hint: "both have a batch and as many axes")
    }
    let batch = try batch(x.shape.count - 1)
    return try call.product(operands, "\(batch)xy,\(batch)yz->\(batch)xz")
  case .tensorFirst(let x, let weights):
    guard weights.shape.count == 2 else { throw call.refusal("with numbers of shape \(weights.shape)") }
    let batch = try batch(x.shape.count)
    return try call.product(operands, "\(batch)y,yz->\(batch)z")
  case .constantFirst(let weights, let x):
    guard weights.shape.count == 2, x.shape.count >= 2 else {
      throw call.refusal("of numbers of shape \(weights.shape) and data of shape \(x.shape)")
    }
    let batch = try batch(x.shape.count - 1)
    return try call.product(operands, "xy,\(batch)yz->\(batch)xz")
  }
}

// MARK: Rows at places

private func parseTakeAlongAxis(_ call: inout LayerCall) throws(Failure) -> Tensor {
  guard call.inputs.count == 2, call.arguments.count == 2 else {
    throw call.refusal("of a constant", hint: "with constant places it is an indexing: x[:, places]")
  }
  let inputs = call.inputs.map { call.builder.model.plain($0) }
  guard let node = call.config["axis"] else { throw call.refusal("over all axes, the batch among them,") }
  return try call.takenAlong(
    inputs[0], inputs[1], axis: try call.axis(node, rank: inputs[0].shape.count), "")
}

/// take: elements at constant places along an axis, or rows of a constant table. (At places that depend on the events numpy's
/// function reads those of all events of the batch.)
private func parseTake(_ call: inout LayerCall) throws(Failure) -> Tensor {
  let x = call.builder.model.plain(try call.single())
  guard call.arguments.count == 2 else { throw call.refusal("of \(call.arguments.count) arguments") }
  let isTensor = call.arguments.map { !tensorReferences(in: $0).isEmpty }
  if isTensor == [false, true] {
    guard let table = try Weights.written(in: call.arguments[0]), table.shape.count == 2,
      let axis = call.config.written("axis")?.integer, axis == 0 || axis == -2
    else { throw call.refusal("from numbers that are no table of rows") }
    return try call.make(.embedding(Embedding(rows: table)), "", [x], x.shape + [table.shape[1]])
  }
  guard isTensor == [true, false], let given = try Weights.written(in: call.arguments[1].asNumbers) else {
    throw call.refusal(
      "at places that depend on the events", hint: "take_along_axis reads rows of the same event")
  }
  guard let node = call.config["axis"] else { throw call.refusal("over all axes, the batch among them,") }
  let axis = try call.axis(node, rank: x.shape.count)
  let places = given.values.map { $0 < 0 ? Int($0) + x.shape[axis] : Int($0) }
  guard given.values.allSatisfy({ $0 == $0.rounded() && abs($0) <= Double(x.shape[axis]) }), !places.isEmpty,
    places.allSatisfy({ (0..<x.shape[axis]).contains($0) })
  else { throw call.refusal("at places outside \(x.shape[axis]) elements") }
  var shape = x.shape
  shape[axis] = places.count
  let picked = try call.make(
    .gather(indices: x.shape.indices.map { $0 == axis ? places : nil }), "", [x], shape)
  shape.replaceSubrange(axis...axis, with: given.shape)
  return try call.arranged(picked, shape: shape.isEmpty ? [1] : shape, "shaped")
}

extension JSONNode {
  /// A list of numbers, as Keras writes an array.
  fileprivate var asNumbers: JSONNode {
    guard elements != nil else { return self }
    var config = JSONObject()
    config["value"] = value
    var array = JSONObject()
    array["class_name"] = .string("__numpy__")
    array["config"] = .object(config)
    return JSONNode(.object(array), file: file, path: path)
  }
}

// MARK: Sorting

/// argmax, argmin.
private func parseExtreme(_ call: inout LayerCall, isLargest: Bool) throws(Failure) -> Tensor {
  let x = call.builder.model.plain(try call.single())
  guard let node = call.config["axis"] else { throw call.refusal("over all axes, the batch among them,") }
  let axis = try call.axis(node, rank: x.shape.count)
  let found = try call.topPlaces(x, axis: axis, 1, isLargest: isLargest, "")
  if try call.config.boolean("keepdims", default: false) { return found }
  var shape = x.shape
  shape.remove(at: axis)
  return try call.arranged(found, shape: shape.isEmpty ? [1] : shape, "shaped")
}

/// sort, argsort: the smallest first.
private func parseSort(_ call: inout LayerCall, wantsPlaces: Bool) throws(Failure) -> Tensor {
  let x = call.builder.model.plain(try call.single())
  guard let node = call.config["axis"] else { throw call.refusal("over all axes, the batch among them,") }
  let axis = try call.axis(node, rank: x.shape.count)
  let places = try call.topPlaces(x, axis: axis, x.shape[axis], isLargest: false, wantsPlaces ? "" : "places")
  return wantsPlaces ? places : try call.takenAlong(x, places, axis: axis, "")
}

private func parseTopK(_ call: inout LayerCall) throws(Failure) -> [Tensor] {
  let x = call.builder.model.plain(try call.single())
  let axis = x.shape.count - 1
  let places = try call.topPlaces(x, axis: axis, try call.config.positive("k"), isLargest: true, "places")
  return [try call.takenAlong(x, places, axis: axis, ""), places]
}

private func parseSplit(_ call: inout LayerCall) throws(Failure) -> [Tensor] {
  let x = call.builder.model.plain(try call.single())
  guard let node = call.config["axis"] else { throw call.refusal("along the batch") }
  let axis = try call.axis(node, rank: x.shape.count)
  let parts = try call.config.required("indices_or_sections")
  var ends: [Int]
  if let list = parts.elements {
    ends = try list.map { node throws(Failure) in try node.whole(atLeast: 1) } + [x.shape[axis]]
  } else {
    let count = try parts.whole(atLeast: 1)
    guard x.shape[axis] % count == 0 else {
      throw call.refusal("of \(x.shape[axis]) elements into \(count) parts")
    }
    ends = (1...count).map { $0 * (x.shape[axis] / count) }
  }
  let lengths = zip(ends, [0] + ends).map { $0 - $1 }
  guard lengths.allSatisfy({ $0 > 0 }), ends.last == x.shape[axis], ends.count <= 1 << 16 else {
    throw call.refusal("at \(ends.dropLast())")
  }
  return call.builder.model.add(
    .split(axis: axis, lengths: lengths), call.layer.name, within: call.path,
    source: SourceNames(call.layer.className), reading: [x],
    shapes: lengths.map { length in x.shape.indices.map { $0 == axis ? length : x.shape[$0] } },
    origin: call.layer.node.origin)
}
