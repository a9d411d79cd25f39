import Diagnostics
import FixedPoint
import Model
import Storage

/// FixedPointQuantizer of HGQ's proxy models: the format of every element as three variables, of the shape of the input
/// with the batch's axis, 1 along axes where formats do not change; or of one element.
func parseFixedPointQuantizer(_ call: inout LayerCall) throws(Failure) -> LayerKind {
  let input = try call.plainInput()
  try call.setOutput(input)
  let node = try call.config.required("shape")
  let shape = try (node.elements ?? []).map { length throws(Failure) in try length.whole(atLeast: 1) }
  let data = Array(shape.dropFirst())
  guard shape.first == 1, broadcastPlaces(data, to: input) != nil else {
    throw Failure(
      node.diagnostic(
        "formats of shape \(shape) for an input of shape [1, \(input.map(String.init).joined(separator: ", "))]"
      ))
  }
  let rounding = try mode("RND", of: call, Rounding.allCases)
  let overflow = try mode("SAT", of: call, Overflow.allCases.filter { $0 != .wrapSM })
  let variables = try call.weights([(["keep_negative"], shape), (["bits"], shape), (["integers"], shape)])
  let whole = try variables.map { variable throws(Failure) in
    guard variable.values.allSatisfy({ $0 == $0.rounded() && abs($0) <= 256 }) else {
      throw call.problem("\"\(call.layer.name)\" has numbers of bits that are not whole, or are beyond 256")
    }
    return Elements(shape: data, values: variable.values.map { Int($0) })
  }
  // Bits and integer bits count the sign. Elements without bits are pruned.
  let (signs, bits, integers) = (whole[0], whole[1], whole[2])
  guard zip(signs.values, bits.values).allSatisfy({ (0...1).contains($0) && $1 >= 0 && $1 <= 127 }) else {
    throw call.problem(
      "\"\(call.layer.name)\" has signs that are not 0 or 1, or words of fewer than 0 or more than 127 bits")
  }
  let positions = signs.values.indices
  return .activation(
    .quantizer(
      .fixed(
        FixedQuantizer(
          isSigned: Elements(
            shape: data, values: positions.map { bits.values[$0] > 0 && signs.values[$0] == 1 }),
          integerBits: Elements(
            shape: data,
            values: positions.map { bits.values[$0] > 0 ? integers.values[$0] - signs.values[$0] : 0 }),
          fractionBits: Elements(
            shape: data,
            values: positions.map { bits.values[$0] > 0 ? bits.values[$0] - integers.values[$0] : 0 }),
          rounding: rounding, overflow: overflow))))
}

/// A mode by ap_fixed's name of it.
private func mode<Mode: RawRepresentable<String>>(_ key: String, of call: LayerCall, _ modes: [Mode])
  throws(Failure) -> Mode
{
  let node = try call.config.required(key)
  guard let mode = modes.first(where: { $0.rawValue == node.string }) else {
    let known = modes.map(\.rawValue).joined(separator: ", ")
    throw Failure(node.diagnostic("\(key) is \(node.short); supported: \(known)"))
  }
  return mode
}
