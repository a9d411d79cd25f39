import Diagnostics
import Foundation
import Model

/// One node while it is read: its operands and attributes, and the importer that collects layers.
struct ONNXCall {
  let node: ONNXNode
  /// nil for an optional input that is left out.
  let operands: [ONNXOperand?]
  let importer: ONNXImporter
  /// The attributes that were asked for.
  let asked = AskedKeys()

  /// The version of the operator set that the node is of, as far as it matters here.
  var opset: Int { importer.graph.opset }

  /// A problem with the node.
  func problem(_ message: String, hint: String? = nil) -> Failure {
    let name = node.label.isEmpty ? node.title : "\(node.title) '\(node.label)'"
    return Failure(node.place.diagnostic("\(name): \(message)", hint: hint))
  }

  // MARK: Operands

  /// Whether an input is given.
  func has(_ index: Int) -> Bool { operands.indices.contains(index) && operands[index] != nil }

  private func operand(_ index: Int) throws(Failure) -> ONNXOperand {
    guard operands.indices.contains(index), let operand = operands[index] else {
      throw problem("input \(index) is missing")
    }
    return operand
  }

  /// An input that depends on the events, as real numbers.
  func data(_ index: Int) throws(Failure) -> ONNXData {
    let data = try dataOrIntegers(index)
    if data.integers != nil {
      throw problem(
        "computes with the integers that a QuantizeLinear gives",
        hint:
          "a DequantizeLinear behind it makes them numbers again; operator-form quantization is not supported"
      )
    }
    return data
  }

  /// An input that depends on the events; of quantized integers, the numbers they stand for.
  func dataOrIntegers(_ index: Int) throws(Failure) -> ONNXData {
    switch try operand(index) {
    case .data(let data): return data
    case .constant: return try importer.constantLayer(for: self, operand: index)
    case .unknown: throw Failure(.badInput, [])
    }
  }

  /// An input that does not depend on the events.
  func constant(_ index: Int, _ what: String) throws(Failure) -> ONNXTensor {
    switch try operand(index) {
    case .constant(let tensor): return tensor
    case .data:
      throw problem("\(what) (\"\(node.inputs[index])\") depends on the events; it has to be a constant")
    case .unknown: throw Failure(.badInput, [])
    }
  }

  /// An input that does not depend on the events, if it is given.
  func constant(ifAny index: Int, _ what: String) throws(Failure) -> ONNXTensor? {
    has(index) ? try constant(index, what) : nil
  }

  /// Whether an input is a constant.
  func isConstant(_ index: Int) -> Bool {
    if operands.indices.contains(index), case .constant? = operands[index] { return true }
    return false
  }

  /// One number that does not depend on the events.
  func scalar(_ index: Int, _ what: String) throws(Failure) -> Double {
    let tensor = try constant(index, what)
    guard tensor.values.count == 1 else {
      throw problem("\(what) is a tensor of shape \(tensor.shape), not one number")
    }
    return tensor.values[0]
  }

  /// Lengths or indices: an input since an operator set, an attribute before.
  func integers(_ index: Int, orAttribute key: String, _ what: String) throws(Failure) -> [Int]? {
    if has(index) { return try constant(index, what).integers }
    return try integers(key)
  }

  // MARK: Attributes

  func attribute(_ key: String) -> ONNXAttribute? {
    asked.keys.insert(key)
    return node.attributes[key]
  }

  func integer(_ key: String, default fallback: Int) throws(Failure) -> Int {
    switch attribute(key) {
    case nil: return fallback
    case .integer(let value): return value
    default: throw problem("the attribute \(key) is no integer")
    }
  }

  func flag(_ key: String, default fallback: Bool = false) throws(Failure) -> Bool {
    try integer(key, default: fallback ? 1 : 0) != 0
  }

  func real(_ key: String, default fallback: Double) throws(Failure) -> Double {
    switch attribute(key) {
    case nil: return fallback
    case .real(let value): return value
    case .integer(let value): return Double(value)
    default: throw problem("the attribute \(key) is no number")
    }
  }

  func text(_ key: String, default fallback: String) throws(Failure) -> String {
    switch attribute(key) {
    case nil: return fallback
    case .text(let value): return value
    default: throw problem("the attribute \(key) is no text")
    }
  }

  func integers(_ key: String) throws(Failure) -> [Int]? {
    switch attribute(key) {
    case nil: return nil
    case .integers(let values): return values
    case .integer(let value): return [value]
    default: throw problem("the attribute \(key) is no list of integers")
    }
  }

  /// A list with one number for each of `count` axes.
  func perAxis(_ key: String, _ count: Int, default fallback: Int, atLeast least: Int) throws(Failure)
    -> [Int]
  {
    let values = try integers(key) ?? Array(repeating: fallback, count: count)
    guard values.count == count, values.allSatisfy({ $0 >= least && $0 <= ONNXImporter.lengthLimit }) else {
      throw problem("\(key) is \(values.shortened) where \(count) numbers of at least \(least) are needed")
    }
    return values
  }

  /// The place of an axis that may count from the end.
  func axis(_ axis: Int, rank: Int) throws(Failure) -> Int {
    let place = axis < 0 ? axis &+ rank : axis
    guard axis >= -rank, (0..<rank).contains(place) else {
      throw problem("there is no axis \(axis) in a tensor of \(rank) axes")
    }
    return place
  }

  /// Axes in order, each once.
  func axes(_ values: [Int], rank: Int) throws(Failure) -> [Int] {
    var axes: [Int] = []
    for value in values { axes.append(try axis(value, rank: rank)) }
    guard Set(axes).count == axes.count else { throw problem("an axis is named twice: \(values.shortened)") }
    return axes.sorted()
  }

  /// Whether data is known to be whole multiples of a step: what a quantizer with that scale gave, whatever only moves it.
  func isOnGrid(_ x: ONNXData, _ step: Double) -> Bool {
    guard case .activation(.quantizer(.uniform(let quantizer))) = importer.kind(of: x) else { return false }
    return quantizer.scale.common == step && quantizer.zeroPoint.values.allSatisfy { $0 == $0.rounded(.down) }
  }

  // MARK: Results

  /// Adds a layer. `shape`: as ONNX sees it, with the batch; where `isMoved`, the layer holds the channels last.
  func add(
    _ kind: LayerKind, _ inputs: [ONNXData], _ shape: [Int], isMoved: Bool = false, hasBatch: Bool? = nil,
    suffix: String = ""
  ) throws(Failure) -> ONNXData {
    try importer.add(kind, inputs, shape, isMoved: isMoved, hasBatch: hasBatch, suffix: suffix, for: self)
  }

  /// Notes which nodes of the file a layer is made of.
  func note(_ data: ONNXData, _ change: (inout ONNXParts) -> Void) {
    change(&importer.parts[data.value.layer, default: ONNXParts()])
  }

  /// Adds a layer that works on every element: shape and layout stay.
  func elementwise(_ kind: LayerKind, _ input: ONNXData, suffix: String = "") throws(Failure) -> ONNXData {
    try add(kind, [input], input.shape, isMoved: input.isMoved, suffix: suffix)
  }

  /// The tensor with its axes held in ONNX's order.
  func plain(_ data: ONNXData) -> ONNXData { importer.plain(data) }

  /// The tensor with axis 1, the channels, held last.
  func moved(_ data: ONNXData) -> ONNXData { importer.moved(data) }
}

extension [Int] {
  /// The list for a message: not more than a few numbers of it.
  var shortened: String {
    count > 8 ? "[\(prefix(8).map(String.init).joined(separator: ", ")), …]" : "\(self)"
  }
}
