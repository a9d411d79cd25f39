import FixedPoint

extension Operation {
  /// The type of the result, from the operands' types. `input` and `constant` have no operands to infer
  /// from: their type is given with the instruction.
  ///
  /// - Throws: `ProgramError` where the operands do not fit the operation.
  public func resultType(_ operands: [ValueType]) throws(ProgramError) -> ValueType {
    func need(_ condition: Bool, _ message: @autoclosure () -> String) throws(ProgramError) {
      if !condition { throw ProgramError(message()) }
    }
    try need(
      operandCount.contains(operands.count), "\(operands.count) operands where \(operandCount) are needed")
    switch self {
    case .input, .constant: throw ProgramError("has no type of its own")
    case .requantize(let formats):
      if case .laid(let laid) = formats {
        try need(
          laid.fits(operands[0].shape),
          "formats of shape \(laid.shape) do not broadcast to \(operands[0].shape)")
      }
      return ValueType(operands[0].shape, formats.result)
    case .affine(let affine):
      if case .strided(let stride) = affine.order { try need(stride > 0, "a stride that is not positive") }
      let (x, w, b) = (operands[0].shape, operands[1].shape, operands[2].shape)
      let grouped = w.count == 3
      try need(grouped || w.count == 2, "weights of shape \(w) where [K, N] or [G, K, N] is needed")
      try need(
        x.count >= w.count - 1 && Array(x.suffix(w.count - 1)) == Array(w.dropLast()),
        "input \(x) does not match weights \(w)")
      try need(b == (grouped ? [w[0], w[2]] : [w[1]]), "bias \(b) does not match weights \(w)")
      return ValueType(Array(x.dropLast()) + [w[w.count - 1]], affine.accumulator)
    case .contract(let contract):
      let (x, y) = (operands[0].shape, operands[1].shape)
      try need(
        x.count >= 2 && x.count == y.count && x.dropLast(2) == y.dropLast(2) && x.last == y.last,
        "cannot contract \(x) with \(y)")
      return ValueType(Array(x.dropLast()) + [y[y.count - 2]], contract.accumulator)
    case .elementwise(let kind):
      let shape = try Self.broadcast(operands.map(\.shape))
      let (a, b) = (operands[0].format, operands[1].format)
      switch kind {
      case .add: return ValueType(shape, .sum(a, b))
      case .subtract: return ValueType(shape, .difference(a, b))
      case .multiply: return ValueType(shape, .product(a, b))
      case .maximum, .minimum: return ValueType(shape, .union(a, b))
      case .divide:
        try need(b.fractionBits == 0, "divisor with fraction bits")
        return ValueType(shape, FixedFormat(a.width, a.integerBits, signed: a.isSigned))
      }
    case .reduce(let reduction):
      let x = operands[0]
      try need((x.shape.last ?? 0) > 0, "nothing to reduce in \(x.shape)")
      let shape = Array(x.shape.dropLast()) + [1]
      switch reduction {
      case .sum(let accumulator, _): return ValueType(shape, accumulator)
      case .maximum, .minimum: return x.with(shape: shape)
      case .argmax:
        let count = x.shape[x.shape.count - 1]
        let width = max(1, Int.bitWidth - (count - 1).leadingZeroBitCount)
        return ValueType(shape, .integer(width, signed: false))
      }
    case .lookup:
      try need(operands[0].format.fractionBits == 0, "index with fraction bits")
      try need((operands[1].shape.last ?? 0) > 0, "a table of shape \(operands[1].shape) without entries")
      let shape = try Self.broadcast([operands[0].shape, operands[1].shape.dropLast()])
      return ValueType(shape, operands[1].format)
    case .select:
      return ValueType(
        try Self.broadcast(operands.map(\.shape)), .union(operands[2].format, operands[3].format))
    case .window(let window):
      return operands[0].with(shape: try window.resultShape(operands[0].shape))
    case .rearrange(let rearrangement):
      let formats = operands.dropFirst().reduce(operands[0].format) { .union($0, $1.format) }
      let shape = try rearrangement.resultShape(operands.map(\.shape))
      return ValueType(shape, operands.count == 1 ? operands[0].format : formats)
    case .scan(let scan): return try scan.resultType(operands)
    }
  }

  /// How many operands the operation takes.
  var operandCount: ClosedRange<Int> {
    switch self {
    case .input, .constant: 0...0
    case .requantize, .reduce, .window: 1...1
    case .contract, .elementwise, .lookup: 2...2
    case .affine: 3...3
    case .select: 4...4
    case .rearrange(.concatenate): 1...Int.max
    case .rearrange: 1...1
    case .scan(let scan): scan.body.inputs.count...scan.body.inputs.count
    }
  }

  /// The formats of the exact values an operation makes on its way, from operands of these types.
  func intermediates(_ types: [ValueType]) -> [FixedFormat] {
    func terms(_ product: FixedFormat?, _ accumulator: FixedFormat) -> [FixedFormat] {
      let exact = FixedFormat.product(types[0].format, types[1].format)
      return [exact, .sum(product ?? exact, accumulator)] + (product.map { [$0] } ?? [])
    }
    switch self {
    case .affine(let affine): return terms(affine.product, affine.accumulator)
    case .contract(let contract): return terms(contract.product, contract.accumulator)
    case .elementwise: return [.sum(types[0].format, types[1].format)]
    case .reduce(.sum(let accumulator, _)): return [.sum(accumulator, accumulator)]
    case .select: return [.union(types[0].format, types[1].format)]
    case .requantize(let formats):
      // Conversion itself never leaves 128 bits (FixedFormat.quantize); nor does the shift to the result's lowest bit.
      return formats.formats
    case .input, .constant, .reduce, .lookup, .window, .rearrange, .scan: return []
    }
  }

  /// numpy's broadcast of several shapes.
  static func broadcast(_ shapes: [[Int]]) throws(ProgramError) -> [Int] {
    var result: [Int] = []
    for offset in 1...max(1, shapes.map(\.count).max() ?? 0) {
      let lengths = Set(shapes.compactMap { $0.count >= offset ? $0[$0.count - offset] : nil }).subtracting([
        1
      ])
      if lengths.count > 1 { throw ProgramError("shapes \(shapes) do not broadcast") }
      if shapes.contains(where: { $0.count >= offset }) { result.insert(lengths.first ?? 1, at: 0) }
    }
    return result
  }
}

extension ValueType {
  /// The most words a tensor may have: more than any FPGA holds, and far from overflowing anything.
  static let maximumCount = 1 << 32

  /// Whether a shape has no empty axis and at most `maximumCount` words.
  static func isSane(_ shape: [Int]) -> Bool {
    var count = 1
    for length in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      if length < 1 || overflow || product > maximumCount { return false }
      count = product
    }
    return true
  }

  /// The same format in another shape.
  func with(shape: [Int]) -> ValueType { ValueType(shape, format) }
}

extension Window {
  /// See `Window`.
  func resultShape(_ shape: [Int]) throws(ProgramError) -> [Int] {
    let rank = kernel.count
    let lists = [strides, dilation, before, after]
    guard shape.count == rank + 1, lists.allSatisfy({ $0.count == rank }) else {
      throw ProgramError("window of rank \(rank) on \(shape)")
    }
    guard (kernel + strides + dilation).allSatisfy({ $0 > 0 }), (before + after).allSatisfy({ $0 >= 0 })
    else {
      throw ProgramError("window with a length that is not positive")
    }
    let spots = positions(shape)
    guard spots.allSatisfy({ $0 > 0 }) else {
      throw ProgramError("kernel \(kernel) does not fit in \(shape)")
    }
    guard groups >= 0, groups == 0 || shape[rank] % groups == 0 else {
      throw ProgramError("\(shape[rank]) channels do not divide into \(groups) groups")
    }
    guard ValueType.isSane(spots + kernel + [shape[rank]]) else {
      throw ProgramError(
        "the windows of kernel \(kernel) on \(shape) have more than \(ValueType.maximumCount) words")
    }
    let taps = kernel.reduce(1, *)
    return groups == 0 ? spots + [taps * shape[rank]] : spots + [groups, taps * (shape[rank] / groups)]
  }
}

extension Rearrangement {
  /// See `Rearrangement`.
  func resultShape(_ shapes: [[Int]]) throws(ProgramError) -> [Int] {
    let shape = shapes[0]
    let rank = shape.count
    switch self {
    case .reshape(let target):
      guard ValueType.isSane(target), target.reduce(1, *) == shape.reduce(1, *) else {
        throw ProgramError("cannot reshape \(shape) to \(target)")
      }
      return target
    case .transpose(let order):
      guard order.sorted() == Array(0..<rank) else {
        throw ProgramError("\(order) is not an order of \(rank) axes")
      }
      return order.map { shape[$0] }
    case .concatenate(let axis):
      guard shape.indices.contains(axis) else { throw ProgramError("no axis \(axis) in \(shape)") }
      var result = shape
      for other in shapes.dropFirst() {
        var expected = shape
        guard other.count == rank else { throw ProgramError("cannot join \(shape) and \(other)") }
        expected[axis] = other[axis]
        guard other == expected else { throw ProgramError("cannot join \(shape) and \(other)") }
        result[axis] += other[axis]
      }
      return result
    case .pad(let before, let after, let interior, _):
      guard [before, after, interior].allSatisfy({ $0.count == rank && $0.allSatisfy { $0 >= 0 } }) else {
        throw ProgramError("padding does not match \(shape)")
      }
      return shape.indices.map { before[$0] + after[$0] + shape[$0] + (shape[$0] - 1) * interior[$0] }
    case .slice(let start, let count, let step):
      guard [start, count, step].allSatisfy({ $0.count == rank }),
        shape.indices.allSatisfy({
          start[$0] >= 0 && count[$0] > 0 && step[$0] > 0
            && start[$0] + (count[$0] - 1) * step[$0] < shape[$0]
        })
      else { throw ProgramError("slice does not fit in \(shape)") }
      return count
    case .gather(let axis, let indices):
      guard shape.indices.contains(axis), !indices.isEmpty,
        indices.allSatisfy({ (0..<shape[axis]).contains($0) })
      else { throw ProgramError("gather does not fit in \(shape)") }
      var result = shape
      result[axis] = indices.count
      return result
    }
  }
}
