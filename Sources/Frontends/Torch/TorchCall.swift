import Diagnostics
import Model

/// One call while it is translated.
struct TorchCall {
  let node: TorchNode
  let translator: TorchTranslator

  /// The function of a target, without namespace and overload: `conv2d` of `aten.conv2d.default`.
  static func functionName(_ target: String) -> String {
    let parts = target.split(separator: ".")
    return parts.count == 3 ? String(parts[1]) : target
  }

  /// The plain function, where this is one in place.
  var function: String { node.isInPlace ? String(node.function.dropLast()) : node.function }

  /// A problem with the call.
  func problem(_ message: String, hint: String? = nil) -> Failure {
    Failure(node.place.diagnostic("\(function) '\(node.label)': \(message)", hint: hint))
  }

  // MARK: Arguments

  func argument(_ key: String) -> TorchArgument { node.arguments[key] ?? .none }

  func has(_ key: String) -> Bool { argument(key) != .none }

  /// The name that the program has for a tensor.
  func tensorName(_ key: String) throws(Failure) -> String {
    guard case .tensor(let name) = argument(key) else { throw problem("the argument \(key) is no tensor") }
    return name
  }

  /// A tensor.
  func tensor(_ key: String) throws(Failure) -> String { try translator.name(of: tensorName(key), for: node) }

  /// A tensor that may be left out: nil, or a name.
  func tensor(ifAny key: String) throws(Failure) -> String? { has(key) ? try tensor(key) : nil }

  /// Several tensors.
  func tensors(_ key: String) throws(Failure) -> [String] {
    guard case .tensors(let names) = argument(key) else {
      throw problem("the argument \(key) is no list of tensors")
    }
    return try names.map { (name) throws(Failure) in
      guard let name else { throw problem("a tensor of \(key) is missing") }
      return try translator.name(of: name, for: node)
    }
  }

  func flag(_ key: String, default fallback: Bool = false) throws(Failure) -> Bool {
    switch argument(key) {
    case .none: return fallback
    case .flag(let value): return value
    default: throw problem("the argument \(key) is neither true nor false")
    }
  }

  func integer(_ key: String, default fallback: Int? = nil) throws(Failure) -> Int {
    switch argument(key) {
    case .length(.known(let value)): return value
    case .none: if let fallback { return fallback }
    default: break
    }
    throw problem("the argument \(key) is no known integer")
  }

  /// Integers; of one number, a list of it.
  func integers(_ key: String, default fallback: [Int]? = nil) throws(Failure) -> [Int] {
    switch argument(key) {
    case .length(.known(let value)): return [value]
    case .lengths(let values):
      return try values.map { (value) throws(Failure) in
        guard case .known(let value) = value else {
          throw problem("the argument \(key) has a length that is not fixed")
        }
        return value
      }
    case .none: if let fallback { return fallback }
    default: break
    }
    throw problem("the argument \(key) is no list of integers")
  }

  /// One number per axis: one alone is for all.
  func perAxis(_ key: String, _ rank: Int, default fallback: Int? = nil) throws(Failure) -> [Int] {
    var values = try integers(key, default: fallback.map { [$0] })
    if values.count == 1 { values = Array(repeating: values[0], count: rank) }
    guard values.count == rank else {
      throw problem("the argument \(key) has \(values.count) numbers for \(rank) axes")
    }
    return values
  }

  func real(_ key: String, default fallback: Double? = nil) throws(Failure) -> Double {
    switch argument(key) {
    case .real(let value): return value
    case .length(.known(let value)): return Double(value)
    case .flag(let value): return value ? 1 : 0
    case .none: if let fallback { return fallback }
    default: break
    }
    throw problem("the argument \(key) is no known number")
  }

  func text(_ key: String, default fallback: String) throws(Failure) -> String {
    switch argument(key) {
    case .none: return fallback
    case .text(let value): return value
    default: throw problem("the argument \(key) is no text")
    }
  }

  /// A tensor or a number, as a tensor.
  func operand(_ key: String) throws(Failure) -> String {
    switch argument(key) {
    case .tensor: return try tensor(key)
    case .length(.symbol(let name)): return try translator.name(of: name, for: node)
    case .length(.known(let value)): return integers([value], shape: [])
    default: return number(try real(key))
    }
  }

  // MARK: Shapes, as the file states them; what comes of it is held against them.

  /// The shape of an argument; nil for a length that is not fixed.
  func shape(_ key: String) throws(Failure) -> [Int?] {
    guard let shape = translator.shape(try tensorName(key)) else {
      throw problem("the file has no shape of its \(key)")
    }
    return shape
  }

  func rank(_ key: String) throws(Failure) -> Int { try shape(key).count }

  /// The place of an axis that may count from the end.
  func axis(_ axis: Int, rank: Int) throws(Failure) -> Int {
    let place = axis < 0 ? axis &+ rank : axis
    guard axis >= -rank, (0..<max(rank, 1)).contains(place) else {
      throw problem("there is no axis \(axis) in a tensor of \(rank) axes")
    }
    return place
  }

  /// The length of an axis.
  func length(_ key: String, _ axis: Int) throws(Failure) -> Int {
    let shape = try shape(key)
    let place = try self.axis(axis, rank: shape.count)
    guard shape.indices.contains(place), let length = shape[place] else {
      throw problem("axis \(axis) of its \(key) has no fixed length")
    }
    return length
  }

  // MARK: Results

  func number(_ value: Double) -> String { translator.constant(ONNXTensor(.float64, [], [value])) }

  func integers(_ values: [Int], shape: [Int]? = nil) -> String {
    translator.constant(ONNXTensor(.int64, shape ?? [values.count], values.map { Double($0) }))
  }

  /// A list of lengths as a tensor: known ones, and those that calls compute.
  func lengths(_ key: String) throws(Failure) -> String {
    if case .lengths(let values) = argument(key) { return try lengths(values) }
    return integers(try integers(key))
  }

  func lengths(_ values: [TorchLength]) throws(Failure) -> String {
    let known = values.compactMap { if case .known(let length) = $0 { length } else { nil } }
    if known.count == values.count { return integers(known) }
    var parts: [String] = []
    for value in values {
      switch value {
      case .known(let length): parts.append(integers([length]))
      case .symbol(let name):
        let one = try translator.name(of: name, for: node)
        let axis = integers([1])
        parts.append(emit("Reshape", [one, axis], suffix: "length"))
      }
    }
    return emit("Concat", parts, ["axis": .integer(0)], suffix: "lengths")
  }

  /// A node of one result.
  func emit(
    _ operation: String, _ inputs: [String], _ attributes: [String: ONNXAttribute] = [:], suffix: String = ""
  ) -> String {
    translator.emit(operation, inputs, attributes, results: 1, suffix: suffix, for: node)[0]
  }

  /// A node of several results.
  func emit(
    _ operation: String, _ inputs: [String], _ attributes: [String: ONNXAttribute], results: Int,
    suffix: String = ""
  ) -> [String] {
    translator.emit(operation, inputs, attributes, results: results, suffix: suffix, for: node)
  }
}
