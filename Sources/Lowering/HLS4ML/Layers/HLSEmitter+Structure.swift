import FixedPoint
import Model
import Program

/// Merges (nnet_merge.h), poolings (nnet_pooling*.h) and wiring.
extension HLSEmitter {
  mutating func merge(_ merge: Merge) throws(ProgramError) -> ValueID {
    let operation = merge.elementwise
    var value = try spread(try operand())
    for position in layer.inputs.indices.dropFirst() {
      value = try add(merge.rawValue, .elementwise(operation), value, try spread(try operand(position)))
    }
    if merge == .average, layer.written?.isBefore12 == true {
      let two = constant("two", ValueType([], FixedFormat(2, 2, signed: false)), [2])
      value = try add("mean", .elementwise(.divide), value, two)
    } else if merge == .average {
      let count = layer.inputs.count
      guard count & (count - 1) == 0 else {
        throw ProgramError("an average of \(count) tensors, whose reciprocal is not exact")
      }
      value = try shift(value, by: -count.trailingZeroBitCount, "mean")
    }
    return try converted(value)
  }

  /// The words over and over until they fill the layer's shape; the value itself where broadcasting does that.
  private mutating func spread(_ x: ValueID) throws(ProgramError) -> ValueID {
    if layer.shape.ends(with: shape(x)) { return x }
    let flat = try reshape(x, [shape(x).reduce(1, *)], "flat")
    let indices = (0..<layer.shape.reduce(1, *)).map { $0 % shape(flat)[0] }
    return try reshape(
      try add("repeated", .rearrange(.gather(axis: 0, indices: indices)), flat), layer.shape)
  }

  mutating func concatenate(axis: Int) throws(ProgramError) -> ValueID {
    let result = try format(.result)
    var parts: [ValueID] = []
    for position in layer.inputs.indices {
      parts.append(try convert(try operand(position), to: result, "part\(position + 1)"))
    }
    return try converted(try builder.add("\(layer.name).joined", .rearrange(.concatenate(axis: axis)), parts))
  }

  mutating func dot() throws(ProgramError) -> ValueID {
    let accumulator = try format(.accum)
    let (x, y) = (try operand(), try operand(1))
    let a = try reshape(x, [1] + shape(x), "row")
    let b = try reshape(y, [1] + shape(y), "column")
    let sum = try add("sum", .contract(Contract(product: accumulator, accumulator: accumulator)), a, b)
    return try converted(try reshape(sum, layer.shape))
  }

  mutating func wiring() throws(ProgramError) -> ValueID {
    let x = try operand()
    switch layer.kind {
    case .transpose(let order): return try converted(try add("order", .rearrange(.transpose(order)), x))
    case .zeroPadding(let spans):
      let channels = Array(repeating: 0, count: shape(x).count - spans.count)
      return try converted(
        try add(
          "padded",
          .rearrange(
            .pad(
              before: spans.map(\.before) + channels, after: spans.map(\.after) + channels,
              interior: shape(x).map { _ in 0 }, word: 0)), x))
    case .cropping(let spans):
      let starts = spans.map(\.before) + Array(repeating: 0, count: shape(x).count - spans.count)
      return try converted(
        try add(
          "cropped",
          .rearrange(.slice(start: starts, count: layer.shape, step: layer.shape.map { _ in 1 })), x))
    case .resize(let positions):
      var value = x
      for (axis, indices) in positions.enumerated() where indices != Array(0..<shape(x)[axis]) {
        value = try add("axis\(axis)", .rearrange(.gather(axis: axis, indices: indices)), value)
      }
      return try converted(value)
    case .gather(let indices):
      var value = x
      for (axis, places) in indices.enumerated() {
        guard let places else { continue }
        value = try add("axis\(axis)", .rearrange(.gather(axis: axis, indices: places)), value)
      }
      return try converted(value)
    case .repeatVector:
      let row = try reshape(x, [1] + shape(x), "row")
      let indices = Array(repeating: 0, count: layer.shape[0])
      return try converted(try add("repeated", .rearrange(.gather(axis: 0, indices: indices)), row))
    default: return try converted(try reshape(x, layer.shape))
    }
  }

  // MARK: Pooling

  mutating func pooling(_ pooling: Pooling) throws(ProgramError) -> ValueID {
    let x = try operand()
    let rank = pooling.size.count
    let spans = pooling.spans(input: shape(x), output: layer.shape)
    let isPadded = spans.contains { $0.before != 0 || $0.after != 0 }
    let accumulator = try format(.accum)
    // In io_stream words are converted to the accumulator's type before they are compared or added.
    let source = graph.isStream ? try convert(x, to: accumulator, "wide") : x
    var padding: Raw = 0
    if pooling.kind == .maximum, isPadded {
      // hls4ml sets the top bit, which is the sign only in signed types.
      let input = format(of: source)
      padding = input.isSigned ? input.minRaw : 1 << Raw(input.width - 1)
      if !input.isSigned {
        warn("hls4ml pads the maximum of unsigned words with half their range; so does this policy")
      }
    }
    let window = Window(
      kernel: pooling.size, strides: pooling.strides, dilation: pooling.size.map { _ in 1 },
      before: spans.map(\.before), after: spans.map(\.after), groups: layer.shape[rank],
      padding: padding)
    let seen = try add("window", .window(window), source)
    if pooling.kind == .maximum { return try largest(seen, accumulator) }
    let counts = window.counts(shape(x))
    let sum = graph.isStream ? try treeSum(seen, accumulator) : try self.sum(seen, accumulator)
    return try mean(sum, counts)
  }

  mutating func globalPooling(_ kind: PoolingKind) throws(ProgramError) -> ValueID {
    let x = try operand()
    let accumulator = try format(.accum)
    let channels = shape(x)[shape(x).count - 1]
    let count = shape(x).dropLast().reduce(1, *)
    let flat = try reshape(x, [count, channels], "flat")
    let columns = try add("columns", .rearrange(.transpose([1, 0])), flat)
    let source = graph.isStream ? try convert(columns, to: accumulator, "wide") : columns
    if kind == .maximum { return try largest(source, accumulator) }
    return try mean(try sum(source, accumulator), [count])
  }

  private mutating func largest(_ x: ValueID, _ accumulator: FixedFormat) throws(ProgramError) -> ValueID {
    let largest = try add("largest", .reduce(.maximum), x)
    return try reshape(
      try converted(try convert(largest, to: accumulator, "accumulator")), layer.shape)
  }

  /// The sum over the last axis, from left to right: accumulator(y + x) at each step.
  mutating func sum(_ x: ValueID, _ accumulator: FixedFormat, _ name: String = "sum") throws(ProgramError)
    -> ValueID
  {
    if accumulator.contains(format(of: x)) {
      return try add(name, .reduce(.sum(accumulator: accumulator, order: .sequential)), x)
    }
    // `reduce` would round each term before it is added, so this is a product with ones.
    let length = shape(x)[shape(x).count - 1]
    let bit = FixedFormat(1, 1, signed: false)
    let prefix = name == "sum" ? "" : "\(name)."
    let ones = constant("\(prefix)ones", ValueType([length, 1], bit), Array(repeating: 1, count: length))
    let zero = constant("\(prefix)zero", ValueType([1], bit), [0])
    return try add(name, .affine(Affine(product: nil, accumulator: accumulator)), x, ones, zero)
  }

  private mutating func treeSum(_ x: ValueID, _ accumulator: FixedFormat) throws(ProgramError) -> ValueID {
    try add("sum", .reduce(.sum(accumulator: accumulator, order: .tree)), x)
  }

  /// Sums [positions…, channels, 1] divided by the number of pixels each of them has.
  private mutating func mean(_ sum: ValueID, _ counts: [Int]) throws(ProgramError) -> ValueID {
    let isUniform = Set(counts).count == 1
    let width = Int.bitWidth - (counts.max() ?? 1).leadingZeroBitCount
    let type = ValueType(
      isUniform ? [] : Array(shape(sum).dropLast(2)) + [1, 1], FixedFormat(width, width, signed: false))
    let words = isUniform ? [Raw(counts[0])] : counts.map { Raw($0) }
    let divisor = constant("pixels", type, words)
    let mean = try add("mean", .elementwise(.divide), sum, divisor)
    return try reshape(try converted(mean), layer.shape)
  }
}

extension Pooling {
  /// What is put around the spatial axes.
  func spans(input: [Int], output: [Int]) -> [Span] {
    size.indices.map { axis in
      guard padding == .same else { return Span(before: 0, after: 0) }
      let total = max((output[axis] - 1) * strides[axis] + size[axis] - input[axis], 0)
      return Span(before: total / 2, after: total - total / 2)
    }
  }
}
