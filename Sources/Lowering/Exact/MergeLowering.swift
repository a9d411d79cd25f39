import Diagnostics
import FixedPoint
import Model
import Program

extension ExactBuilder {
  /// Two or more inputs, element by element.
  mutating func lower(_ merge: Merge, _ inputs: [ValueID]) throws(Failure) -> ValueID {
    let operation = merge.elementwise
    var result = inputs[0]
    for input in inputs.dropFirst() {
      result = try tight(
        try add(.elementwise(operation), result, input, named: merge.rawValue), merge.rawValue)
    }
    guard merge == .average else { return result }
    return try divide(result, by: [inputs.count], positions: [])
  }

  /// The dot product of two inputs along one axis of each.
  mutating func dot(_ inputs: [ValueID], axes: [Int], normalize: Bool, output: [Int]) throws(Failure)
    -> ValueID
  {
    if normalize { throw failure("a Dot layer with normalize is not supported") }
    let x = try rows(inputs[0], axes[0])
    let y = try rows(inputs[1], axes[1])
    return try reshape(try contract(x, y, "sum"), output)
  }

  /// x [batch…, M, K] and y [batch…, N, K] to [batch…, M, N].
  mutating func matrixProduct(_ inputs: [ValueID]) throws(Failure) -> ValueID {
    guard inputs.count == 2 else { throw failure("a matrix product of \(inputs.count) inputs") }
    return try contract(inputs[0], inputs[1], "")
  }

  /// Exact sums of products along the last axes.
  private mutating func contract(_ x: ValueID, _ y: ValueID, _ suffix: String) throws(Failure) -> ValueID {
    let product = FixedFormat.product(format(x), format(y))
    let corners = [words(x).lowerBound, words(x).upperBound].flatMap { a in
      [a * words(y).lowerBound, a * words(y).upperBound]
    }
    let count = Raw(shape(x)[shape(x).count - 1])
    let range = min(0, count * (corners.min() ?? 0))...max(0, count * (corners.max() ?? 0))
    let accumulator = FixedFormat.tight(range, fractionBits: product.fractionBits)
    return try add(.contract(Contract(product: nil, accumulator: accumulator)), x, y, named: suffix)
  }

  /// x as a matrix whose rows run along `axis`.
  private mutating func rows(_ x: ValueID, _ axis: Int) throws(Failure) -> ValueID {
    let shape = shape(x)
    let order = shape.indices.filter { $0 != axis } + [axis]
    var moved = x
    if order != Array(shape.indices) { moved = try add(.rearrange(.transpose(order)), x, named: "moved") }
    return try reshape(moved, [type(x).count / shape[axis], shape[axis]])
  }

  /// The inputs joined along an axis, each first brought to the words that hold the widest range among them.
  mutating func concatenate(_ inputs: [ValueID], axis: Int) throws(Failure) -> ValueID {
    var parts = inputs
    if !isQuantized {
      let union = inputs.dropFirst().reduce(format(inputs[0])) { .union($0, format($1)) }
      if union.width > wordLength {
        let common = FixedFormat(
          wordLength, union.integerBits, signed: union.isSigned, .rnd, .sat)
        for (index, part) in parts.enumerated() where !common.contains(format(part)) {
          parts[index] = try requantize(part, common, "part")
        }
      }
    }
    guard parts.count > 1 else { return parts[0] }
    return try add(.rearrange(.concatenate(axis: axis)), parts, named: "joined")
  }
}
