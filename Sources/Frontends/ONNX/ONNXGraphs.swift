import Diagnostics
import Model

// What graph networks and attention have besides matrices: products by an equation, the largest words, rows at places that were
// computed, and masks.

/// A node as a maker of layers on single events: batches are left out.
struct ONNXLayerMaker: LayerMaker {
  let call: ONNXCall

  func added(_ kind: LayerKind, _ suffix: String, _ inputs: [Tensor], _ shape: [Int]) throws(Failure)
    -> Tensor
  {
    let data = inputs.map { ONNXData(value: $0.value, shape: $0.shape, hasBatch: false, isMoved: $0.isMoved) }
    return try call.add(kind, data, shape, hasBatch: false, suffix: suffix).tensor
  }

  func problem(_ message: String, hint: String?) -> Failure { call.problem(message, hint: hint) }
}

extension ONNXCall {
  /// Makes layers of single events.
  var events: ONNXLayerMaker { ONNXLayerMaker(call: self) }

  /// A tensor of one event as data with x's batch.
  func data(_ tensor: Tensor, like x: ONNXData) -> ONNXData {
    ONNXData(
      value: tensor.value, shape: (x.hasBatch ? [x.shape[0]] : []) + tensor.shape, hasBatch: x.hasBatch)
  }

  /// An axis of an event; the batch is none.
  func eventAxis(_ axis: Int, of x: ONNXData) throws(Failure) -> Int {
    let place = try self.axis(axis, rank: x.shape.count) - (x.hasBatch ? 1 : 0)
    guard place >= 0 else { throw problem("works along the batch (axis 0)") }
    return place
  }
}

extension ONNXImporter {
  /// Whether data is known to be whole numbers: places of words, integer inputs, and what only moves or adds such.
  func isWhole(_ x: ONNXData) -> Bool {
    func isWhole(_ result: LayerResult, _ depth: Int) -> Bool {
      guard builder.layers.indices.contains(result.layer), depth > 0 else { return false }
      if wholes.contains(result) { return true }
      let layer = builder.layers[result.layer]
      switch layer.kind {
      case .topPlaces: return true
      case .input(let type): return type != nil
      case .constant(let constant): return constant.values.values.allSatisfy { $0 == $0.rounded() }
      case .reshape, .permute, .gather, .split, .take, .concatenate, .merge(.add), .merge(.subtract),
        .merge(.multiply), .merge(.maximum), .merge(.minimum):
        return layer.inputs.prefix(layer.kind.isTake ? 1 : layer.inputs.count).allSatisfy {
          isWhole($0, depth - 1)
        }
      default: return false
      }
    }
    return isWhole(x.value, 64)
  }
}

extension LayerKind {
  fileprivate var isTake: Bool {
    if case .take = self { return true }
    return false
  }
}

// MARK: Products

/// Sums of products of two tensors by an equation; the first axis of data is the batch where it has one.
func convertEinsum(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let text = try call.text("equation", default: "").filter { $0 != " " }
  var sides = text.split(separator: "->", omittingEmptySubsequences: false).map(String.init)
  var labels = (sides.first ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  func refused() -> Failure {
    call.problem(
      "the equation \"\(text)\" is not supported",
      hint: "supported is one of two operands that keeps the batch first and takes no diagonal")
  }
  guard labels.count == 2, call.operands.count == 2, (1...2).contains(sides.count), !text.contains("Ω") else {
    throw refused()
  }
  if sides.count == 1 {
    // What occurs once, in the order of the alphabet.
    let all = Array(labels.joined().filter(\.isLetter))
    let once = Set(all).filter { label in all.filter { $0 == label }.count == 1 }.sorted()
    sides.append((text.contains("...") ? "..." : "") + String(once))
  }
  var order = [0, 1]
  if call.isConstant(0) {
    order = [1, 0]
    labels.swapAt(0, 1)
  }
  let x = call.plain(try call.data(order[0]))
  // Data without a batch gets one that no layer sees.
  func withBatch(_ text: String) -> String { "Ω" + text }
  var result = sides[1]
  if !x.hasBatch {
    labels[0] = withBatch(labels[0])
    result = withBatch(result)
  }
  let maker = call.events
  let value: Tensor
  if call.isConstant(order[1]) {
    let constant = try call.constant(order[1], "the constant")
    let weights = try call.weights(constant, "the constant")
    guard
      let equation = Einsum(
        "\(labels[0]),\(labels[1])->\(result)", ranks: (x.eventShape.count + 1, constant.shape.count),
        bothHaveBatch: false), equation.lengths(x.eventShape, constant.shape) != nil
    else { throw refused() }
    value = try maker.product(
      x.eventTensor,
      EinsumProduct(equation: equation, kernel: weights.values, kernelQuantizer: weights.quantizer), "")
  } else {
    let y = call.plain(try call.data(order[1]))
    if !x.hasBatch || !y.hasBatch {
      labels[1] = y.hasBatch ? labels[1] : "\(labels[0].prefix(1))\(labels[1])"
    }
    guard x.hasBatch || !y.hasBatch,
      let equation = Einsum(
        "\(labels[0]),\(labels[1])->\(result)", ranks: (x.eventShape.count + 1, y.eventShape.count + 1),
        bothHaveBatch: true), equation.lengths(x.eventShape, y.eventShape) != nil
    else { throw refused() }
    value = try maker.product(x.eventTensor, y.eventTensor, equation, "")
  }
  let final = call.data(value, like: x)
  // A result of no axes besides the batch.
  let rank = result.filter(\.isLetter).count
  return [
    .data(rank == 1 && !result.contains("...") && x.hasBatch ? try call.reshape(final, [x.shape[0]]) : final)
  ]
}

extension ONNXData {
  /// One event of it.
  fileprivate var eventTensor: Tensor { Tensor(value, storedShape: eventShape) }
}

// MARK: Places

func convertTopK(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = call.plain(try call.data(0))
  let axis = try call.eventAxis(call.integer("axis", default: -1), of: x)
  let count = call.has(1) ? Int(clamping: try call.scalar(1, "k")) : try call.integer("k", default: 0)
  let maker = call.events
  let places = try maker.topPlaces(
    x.eventTensor, axis: axis, count, isLargest: try call.flag("largest", default: true), "places")
  let values = try maker.takenAlong(x.eventTensor, places, axis: axis, "")
  return [.data(call.data(values, like: x)), .data(call.data(places, like: x))]
}

/// ArgMax and ArgMin.
func convertExtreme(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = call.plain(try call.data(0))
  let axis = try call.eventAxis(call.integer("axis", default: 0), of: x)
  guard try !call.flag("select_last_index") else {
    throw call.problem("select_last_index is not supported: of equal words the first is taken")
  }
  let places = try call.events.topPlaces(
    x.eventTensor, axis: axis, 1, isLargest: call.node.operation == "ArgMax", "")
  let found = call.data(places, like: x)
  if try call.flag("keepdims", default: true) { return [.data(found)] }
  var shape = found.shape
  shape.remove(at: axis + (x.hasBatch ? 1 : 0))
  return [.data(try call.reshape(found, shape.isEmpty ? [1] : shape, suffix: "shaped"))]
}

/// Gather of data at places that depend on the events: rows along an axis, in the shape of the places.
func gatherRows(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = call.plain(try call.data(0))
  let places = call.plain(try call.data(1))
  let axis = try call.eventAxis(call.integer("axis", default: 0), of: x)
  guard !x.hasBatch || !places.hasBatch || places.shape[0] == 1 else {
    throw call.problem(
      "reads rows of all events of a batch", hint: "export with a batch of one, or use GatherElements")
  }
  let maker = call.events
  let rank = x.eventShape.count
  let others = (0..<rank).filter { $0 != axis }
  let rows = try maker.arranged(
    x.eventTensor, order: [axis] + others,
    shape: [1, x.eventShape[axis], others.map { x.eventShape[$0] }.reduce(1, *)], "rows")
  let count = places.eventShape.reduce(1, *)
  let index = try maker.arranged(places.eventTensor, shape: [1, count], "places")
  let taken = try maker.added(.take, "taken", [rows, index], [1, count, rows.shape[2]])
  // The places' own axes, the batch of one among them, stand where the axis was.
  let own = places.shape
  let wide = try maker.arranged(taken, shape: own + others.map { x.eventShape[$0] }, "taken")
  let order =
    (0..<axis).map { own.count + $0 } + own.indices + (axis..<others.count).map { own.count + $0 }
  let value = try maker.arranged(wide, order: order, "")
  var result = call.data(value, like: x)
  if !x.hasBatch, places.hasBatch, axis == 0 {
    result.value = try maker.arranged(value, shape: Array(value.shape.dropFirst()), "event").value
    result.hasBatch = true
  }
  return [.data(result)]
}

func convertGatherElements(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = call.plain(try call.data(0))
  let places = call.plain(try call.dataOrIntegers(1))
  let axis = try call.eventAxis(call.integer("axis", default: 0), of: x)
  guard x.shape.count == places.shape.count, x.hasBatch == places.hasBatch,
    zip(x.eventShape, places.eventShape).enumerated().allSatisfy({
      $0.offset == axis || $0.element.0 == $0.element.1
    })
  else {
    throw call.problem(
      "reads data of shape \(x.shape.shortened) at places of shape \(places.shape.shortened)",
      hint: "the shapes have to be equal but along the axis")
  }
  return [
    .data(call.data(try call.events.takenAlong(x.eventTensor, places.eventTensor, axis: axis, ""), like: x))
  ]
}

/// GatherND with one place for every row.
func convertGatherND(_ call: ONNXCall) throws(Failure) -> [ONNXOperand] {
  let x = call.plain(try call.data(0))
  let places = call.plain(try call.data(1))
  let batch = try call.integer("batch_dims", default: 0)
  let lead = batch - (x.hasBatch ? 1 : 0)
  guard places.shape.last == 1, x.hasBatch == places.hasBatch, lead >= 0, lead < x.eventShape.count,
    Array(x.eventShape.prefix(lead)) == Array(places.eventShape.prefix(lead)), places.eventShape.count > lead
  else {
    throw call.problem(
      "reads data of shape \(x.shape.shortened) at places of shape \(places.shape.shortened) with batch_dims \(batch)",
      hint: "one index for every row is supported, behind the axes that both have")
  }
  let maker = call.events
  let shared = Array(x.eventShape.prefix(lead))
  let rest = Array(x.eventShape.dropFirst(lead + 1))
  let own = Array(places.eventShape.dropFirst(lead).dropLast())
  let count = shared.reduce(1, *)
  let rows = try maker.arranged(
    x.eventTensor, shape: [count, x.eventShape[lead], rest.reduce(1, *)], "rows")
  let index = try maker.arranged(places.eventTensor, shape: [count, own.reduce(1, *)], "places")
  let taken = try maker.added(.take, "taken", [rows, index], [count, index.shape[1], rows.shape[2]])
  let value = try maker.arranged(taken, shape: shared + own + rest, "")
  return [.data(call.data(value, like: x))]
}

// MARK: Masks

/// Logits whose elements are left out of a softmax where a mask is 0.
struct ONNXMask {
  var logits: ONNXData
  var mask: ONNXOperand
}

extension ONNXCall {
  /// Numbers so low that exporters mean "not this one": −∞, the lowest float, −10⁴ and below.
  static let lowest = -1e4

  /// Whether the node's only readers are softmaxes.
  private var isOfSoftmax: Bool {
    let readers = importer.graph.nodes.filter { $0.inputs.contains(node.outputs.first ?? "") }
    return !readers.isEmpty && readers.allSatisfy { $0.operation == "Softmax" }
      && !importer.graph.outputs.contains { $0.name == node.outputs.first }
  }

  /// A sum of logits and a constant of zeros and lowest numbers before a softmax; nil for any other sum.
  func maskedLogits() throws(Failure) -> ONNXData? {
    guard operands.count == 2, isConstant(0) != isConstant(1), isOfSoftmax else { return nil }
    let place = isConstant(0) ? 0 : 1
    let constant = try constant(place, "the mask")
    guard constant.values.contains(where: { $0 <= Self.lowest }),
      constant.values.allSatisfy({ $0 == 0 || $0 <= Self.lowest })
    else { return nil }
    var mask = constant
    mask.grid = nil
    mask.values = constant.values.map { $0 == 0 ? 1 : 0 }
    return try noted(try data(1 - place), .constant(mask))
  }

  /// The layer that stands for masked logits, which the softmax behind it takes the logits and the mask from.
  fileprivate func noted(_ logits: ONNXData, _ mask: ONNXOperand) throws(Failure) -> ONNXData {
    let stand = try elementwise(.activation(.linear), logits, suffix: "masked")
    importer.masks[stand.value] = ONNXMask(logits: logits, mask: mask)
    return stand
  }

  func maskedSoftmax(_ x: ONNXData, _ mask: ONNXMask, axis: Int) throws(Failure) -> ONNXData {
    let logits = plain(mask.logits)
    guard let place = logits.storedAxis(axis) else { throw problem("works along the batch (axis \(axis))") }
    let held: ONNXData
    switch mask.mask {
    case .constant(let tensor):
      let laid = try stored(tensor, like: logits, "the mask")
      held = try constantLayer(
        Weights(shape: laid.shape.isEmpty ? [1] : laid.shape, values: laid.values), suffix: "mask")
    case .data(let data): held = plain(data)
    case .unknown: throw Failure(.badInput, [])
    }
    return try add(.maskedSoftmax(axis: place), [logits, held], logits.shape)
  }
}

extension ONNXCall {
  /// Where(condition, logits, lowest) before a softmax; nil for any other.
  func softmaxMask() throws(Failure) -> ONNXData? {
    guard isConstant(1) != isConstant(2), isOfSoftmax else { return nil }
    let kept = isConstant(2) ? 1 : 2
    let lowest = try constant(3 - kept, "the number in the place of what is masked")
    guard lowest.values.allSatisfy({ $0 <= Self.lowest }) else { return nil }
    switch operands[0] {
    case .constant(var mask)?:
      mask.values = mask.values.map { ($0 != 0) == (kept == 1) ? 1 : 0 }
      return try noted(try data(kept), .constant(mask))
    case .data(let mask)?:
      let held =
        kept == 1
        ? mask : try elementwise(.activation(.scaled(factor: -1, offset: 1)), mask, suffix: "not")
      return try noted(try data(kept), .data(held))
    default: return nil
    }
  }
}
