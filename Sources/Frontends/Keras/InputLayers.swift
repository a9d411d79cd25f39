import Diagnostics
import Foundation
import Model
import Storage

/// Rescaling: scale · x + offset.
func parseRescaling(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  func numbers(_ key: String) throws(Failure) -> Weights? {
    guard let node = call.config[key] else { return nil }
    return try Weights.listed(in: node)
  }
  return try affine(&call, scale: try numbers("scale"), shift: try numbers("offset"))
}

/// Normalization: (x − mean) / max(√variance, 10⁻⁷), with numbers that are settings or that `adapt` has found.
func parseInputNormalization(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let shape = try call.plainInput()
  try call.setOutput(shape)
  if try call.config.boolean("invert", default: false) {
    throw call.problem("Normalization \"\(call.layer.name)\" is inverted, which is not supported")
  }
  var axes: [Int] = []
  if let node = call.config["axis"] {
    for element in node.elements ?? [node] { axes.append(try call.axis(element, rank: shape.count)) }
  }
  axes.sort()
  let lengths = axes.map { shape[$0] }
  let (mean, variance): (Weights, Weights)
  if let first = call.config["mean"], let second = call.config["variance"] {
    (mean, variance) = (try Weights.listed(in: first), try Weights.listed(in: second))
  } else {
    let found = try call.weights([(["mean"], lengths), (["variance"], lengths)])
    (mean, variance) = (found[0], found[1])
  }
  // Along the axes it keeps apart, and one number along all others.
  let laid = shape.indices.map { axes.contains($0) ? shape[$0] : 1 }
  func spread(_ weights: Weights) throws(Failure) -> [Double] {
    let count = laid.reduce(1, *)
    if weights.values.count == 1 { return Array(repeating: weights.values[0], count: count) }
    guard weights.values.count == count else {
      throw call.problem(
        "Normalization \"\(call.layer.name)\" has \(weights.values.count) means for \(shape)")
    }
    return weights.values
  }
  let (means, variances) = (try spread(mean), try spread(variance))
  guard variances.allSatisfy({ $0 >= 0 }) else {
    throw call.problem("a variance of \"\(call.layer.name)\" is negative")
  }
  let factors = variances.map { 1 / max($0.squareRoot(), 1e-7) }
  return try affine(
    &call, scale: Weights(shape: laid, values: factors),
    shift: Weights(shape: laid, values: zip(means, factors).map { -$0 * $1 }))
}

extension Weights {
  /// A number or a list of numbers; of lists in lists, their numbers in order.
  fileprivate static func listed(in node: JSONNode) throws(Failure) -> Weights {
    if node.elements == nil, let written = try Weights.written(in: node) { return written }
    var values: [Double] = []
    func collect(_ node: JSONNode) throws(Failure) {
      guard let elements = node.elements else { return values.append(try node.finite()) }
      for element in elements { try collect(element) }
    }
    try collect(node)
    return Weights(shape: [values.count], values: values)
  }
}
