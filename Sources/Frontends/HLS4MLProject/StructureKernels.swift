import Configuration
import FixedPoint
import Model

/// Merges, poolings, and what only moves words.
extension ProjectBuilder {
  mutating func merge(_ call: KernelCall, _ merge: Merge) throws(Refusal) {
    let configuration = try configuration(of: call)
    let count = try configuration.integer("n_elem")
    let counts = [
      try configuration.integer("n_elem1", otherwise: count),
      try configuration.integer("n_elem2", otherwise: count),
    ]
    let (a, b) = (
      try operand(call, 0, otherwise: [counts[0]]), try operand(call, 1, otherwise: [counts[1]])
    )
    let sizes = [a, b].map { $0.shape.reduce(1, *) }
    if counts[0] == counts[1], sizes != counts, let most = sizes.max(), sizes.contains(count) {
      throw Refusal(
        "nnet::\(call.kernel) computes \(count) elements of \(a.shape) and \(b.shape): what the other \(most - count) of its result hold is not defined",
        hint:
          "this kernel does not repeat a smaller tensor; write the project again with a release of hls4ml that does"
      )
    }
    guard sizes == counts else {
      throw Refusal("nnet::\(call.kernel) reads \(counts) elements of \(a.shape) and \(b.shape)")
    }
    var operands = [a, b]
    var shape = a.shape
    if counts[0] == counts[1] {
      if a.shape != b.shape { operands[1] = try operand(call, 1, shape: a.shape) }
    } else {
      // The shorter is read over and over until the longer ends.
      guard counts.max() == count else { throw Refusal("\(configuration.made.name): n_elem is \(count)") }
      operands = [try operand(call, 0, shape: [counts[0]]), try operand(call, 1, shape: [counts[1]])]
      shape = [count]
    }
    let result = try format(of: call, 2)
    var written: WrittenKernel?
    if merge == .average {
      // Half of the sum since 1.2; before, the sum divided by 2 in the result's type, toward zero.
      let isCurrent = try KernelHeaders(files: files).isCurrent(
        "average", since: .release12, isStream ? "nnet_merge_stream.h" : "nnet_merge.h",
        now: "*ap_ufixed<1,0>(0.5)",
        before: isStream ? "/(typename res_T::value_type)2" : "/(res_T)2")
      if !isCurrent { written = WrittenKernel(isBefore12: true) }
      guard isCurrent || result.holds(2) else {
        throw Refusal("nnet::average divides by 2, which \(result.cppSpelling) does not hold")
      }
    }
    try add(
      call, to: 2, "Merge", .merge(merge), inputs: operands, shape: shape, ["result": result]
    ) {
      $0.written = written
    }
  }

  mutating func dot(_ call: KernelCall) throws(Refusal) {
    let configuration = try configuration(of: call)
    let count = try configuration.integer("n_in")
    let operands = [try operand(call, 0, shape: [count]), try operand(call, 1, shape: [count])]
    let product = configuration.typeName("product") ?? "mult"
    guard product == "mult" else {
      throw Refusal("\(configuration.made.name): products by \(product) are not read")
    }
    try add(
      call, to: 2, "Dot", .dot(axes: [0, 0], normalize: false), inputs: operands, shape: [1],
      ["result": try format(of: call, 2), "accum": try configuration.format("accum_t")])
  }

  mutating func concatenate(_ call: KernelCall, rank: Int) throws(Refusal) {
    let configuration = try configuration(of: call)
    var shapes: [[Int]] = [[], []]
    for axis in 0..<rank {
      for operand in 0..<2 {
        shapes[operand].append(try configuration.integer("n_elem\(operand + 1)_\(axis)"))
      }
    }
    // As the kernels take it: the batch is axis 0.
    let axis =
      switch (rank, try configuration.value("axis")) {
      case (1, _): 0
      case (2, .integer(2)?), (2, .integer(-1)?): 1
      case (2, _): 0
      case (_, .integer(3)?), (_, .integer(-1)?): 2
      case (_, .integer(2)?), (_, .integer(-2)?): 1
      default: 0
      }
    for other in 0..<rank where other != axis {
      guard shapes[0][other] == shapes[1][other] else {
        throw Refusal("nnet::\(call.kernel) joins \(shapes[0]) and \(shapes[1]) along axis \(axis + 1)")
      }
    }
    let operands = [try operand(call, 0, shape: shapes[0]), try operand(call, 1, shape: shapes[1])]
    var shape = shapes[0]
    shape[axis] += shapes[1][axis]
    try add(
      call, to: 2, "Concatenate", .concatenate(axis: axis), inputs: operands, shape: shape,
      ["result": try format(of: call, 2)])
  }

  // MARK: Poolings

  private func poolingKind(_ configuration: KernelConfiguration) throws(Refusal) -> PoolingKind {
    switch try configuration.symbol("pool_op") {
    case "Max": return .maximum
    case "Average": return .average
    default: throw Refusal("\(configuration.made.name) has no pool_op that is known")
    }
  }

  /// The type words are compared or summed in. Kernels since 1.0, and those for streams, have a type of their own for it;
  /// older ones sum words of ap_fixed<W,I> in as many more bits as they need, and any others in their own type. Where both come
  /// to the same, it does not matter which they are.
  private func accumulator(_ configuration: KernelConfiguration, _ x: Tensor, _ kind: PoolingKind, count: Int)
    throws(Refusal) -> FixedFormat
  {
    let declared = configuration.hasType("accum_t") ? try configuration.format("accum_t") : nil
    if isStream {
      guard let declared else { throw Refusal("\(configuration.made.name) has no type accum_t") }
      return declared
    }
    var before = x.format
    let isExact =
      kind == .average && x.format.rounding == .trn && x.format.overflow == .wrap && x.format.isSigned
    if isExact {
      let growth = count <= 1 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount
      before = FixedFormat(x.format.width + growth, x.format.integerBits + growth)
    }
    guard let declared else { return before }
    let isSame =
      declared.contains(before)
      && (kind == .maximum || (isExact && declared.fractionBits == before.fractionBits))
    if isSame { return declared }
    return try isPoolingCurrent(configuration, kind) ? declared : before
  }

  /// Whether the kernels for arrays are those since 1.0.
  private func isPoolingCurrent(_ configuration: KernelConfiguration, _ kind: PoolingKind) throws(Refusal)
    -> Bool
  {
    // They do not compile without the type of the accumulator.
    guard configuration.hasType("accum_t") else { return false }
    let name = kind == .average ? "avg" : "max"
    return try KernelHeaders(files: files).isCurrent(
      name, since: .release10, "nnet_pooling.h", now: "accum_ty=", before: "Ty=")
  }

  mutating func pooling(_ call: KernelCall, rank: Int) throws(Refusal) {
    let configuration = try configuration(of: call)
    let axes = ["height", "width"].suffix(rank)
    var (input, size, strides, output): ([Int], [Int], [Int], [Int]) = ([], [], [], [])
    for axis in axes {
      input.append(try configuration.integer(rank == 1 ? "n_in" : "in_\(axis)"))
      size.append(try configuration.integer("pool_\(axis)"))
      strides.append(try configuration.integer("stride_\(axis)"))
      output.append(try configuration.integer(rank == 1 ? "n_out" : "out_\(axis)"))
    }
    var spans: [Span] = []
    for (before, after) in [("pad_top", "pad_bottom"), ("pad_left", "pad_right")].suffix(rank) {
      spans.append(
        Span(
          before: try configuration.integer(before, least: 0, otherwise: 0),
          after: try configuration.integer(after, least: 0, otherwise: 0)))
    }
    let channels = try configuration.integer("n_filt")
    let kind = try poolingKind(configuration)
    let x = try operand(call, shape: input + [channels])
    let isPadded = spans.contains { $0.before + $0.after > 0 }
    guard !isStream || !isPadded else {
      throw Refusal("\(configuration.made.name): padded poolings of streams are not read")
    }
    if !isStream, isPadded || size != strides, try !isPoolingCurrent(configuration, kind) {
      throw Refusal(
        "\(configuration.made.name): padded or overlapping poolings of hls4ml before 1.0 are not read")
    }
    // The average of older kernels is multiplied by 1, which has to be in the type of the data, as the length has.
    let holdsLength = size.allSatisfy { x.format.holds($0) }
    if !isStream, kind == .average, !holdsLength, try !isPoolingCurrent(configuration, kind) {
      throw Refusal(
        "\(configuration.made.name): an average over \(size) in \(x.format.cppSpelling), which does not hold that length"
      )
    }
    if isPadded, kind == .average, try configuration.integer("count_pad", least: 0, otherwise: 0) != 0 {
      throw Refusal("\(configuration.made.name): averages that count the zeros around an image are not read")
    }
    for axis in 0..<rank {
      let total = spans[axis].before + spans[axis].after
      let same = max((output[axis] - 1) * strides[axis] + size[axis] - input[axis], 0)
      let isSame = isPadded && spans[axis] == Span(before: same / 2, after: same - same / 2)
      guard isSame || !isPadded, input[axis] + total >= size[axis],
        (input[axis] + total - size[axis]) / strides[axis] + 1 == output[axis]
      else {
        throw Refusal(
          "\(configuration.made.name): a pooling of \(input) to \(output) with padding \(spans[axis].before) and \(spans[axis].after) is not read"
        )
      }
    }
    try add(
      call, to: 1, "Pooling\(rank)D",
      .pooling(Pooling(kind: kind, size: size, strides: strides, padding: isPadded ? .same : .valid)),
      inputs: [x], shape: output + [channels],
      [
        "result": try format(of: call, 1),
        "accum": try accumulator(configuration, x, kind, count: size.reduce(1, *)),
      ])
  }

  mutating func globalPooling(_ call: KernelCall, rank: Int) throws(Refusal) {
    let configuration = try configuration(of: call)
    let input =
      rank == 1
      ? [try configuration.integer("n_in")]
      : [try configuration.integer("in_height"), try configuration.integer("in_width")]
    let channels = try configuration.integer("n_filt")
    let kind = try poolingKind(configuration)
    let x = try operand(call, shape: input + [channels])
    try add(
      call, to: 1, "GlobalPooling\(rank)D",
      .globalPooling(kind, keepDimensions: false, averageQuantizer: nil), inputs: [x], shape: [channels],
      [
        "result": try format(of: call, 1),
        "accum": try accumulator(configuration, x, kind, count: input.reduce(1, *)),
      ])
  }

  // MARK: Wiring

  /// Rows and columns left out at the edges.
  mutating func cropping(_ call: KernelCall, rank: Int) throws(Refusal) {
    let configuration = try configuration(of: call)
    let axes = [("height", "crop_top", "crop_bottom"), ("width", "crop_left", "crop_right")].suffix(rank)
    var (input, output, spans): ([Int], [Int], [Span]) = ([], [], [])
    for (axis, before, after) in axes {
      let span = Span(
        before: try configuration.integer(before, least: 0), after: try configuration.integer(after, least: 0)
      )
      let (from, left) = (try configuration.integer("in_\(axis)"), try configuration.integer("out_\(axis)"))
      guard from - span.before - span.after == left else {
        throw Refusal("\(configuration.made.name): \(left) of \(from) are not what is left of its \(axis)")
      }
      input.append(from)
      output.append(left)
      spans.append(span)
    }
    let channels = try configuration.integer("n_chan")
    let x = try operand(call, shape: input + [channels])
    try add(
      call, to: 1, "Cropping\(rank)D", .cropping(spans), inputs: [x], shape: output + [channels],
      ["result": try format(of: call, 1)])
  }

  mutating func zeroPadding(_ call: KernelCall, rank: Int) throws(Refusal) {
    let configuration = try configuration(of: call)
    let axes = [("height", "pad_top", "pad_bottom"), ("width", "pad_left", "pad_right")].suffix(rank)
    var (input, spans): ([Int], [Span]) = ([], [])
    for (axis, before, after) in axes {
      input.append(try configuration.integer("in_\(axis)"))
      spans.append(
        Span(
          before: try configuration.integer(before, least: 0),
          after: try configuration.integer(after, least: 0)))
    }
    let channels = try configuration.integer("n_chan")
    let x = try operand(call, shape: input + [channels])
    let output = zip(input, spans).map { $0 + $1.before + $1.after }
    try add(
      call, to: 1, "ZeroPadding\(rank)D", .zeroPadding(spans), inputs: [x], shape: output + [channels],
      ["result": try format(of: call, 1)])
  }

  mutating func resize(_ call: KernelCall) throws(Refusal) {
    let configuration = try configuration(of: call)
    let channels = try configuration.integer("n_chan")
    let x = try operand(
      call, shape: [try configuration.integer("height"), try configuration.integer("width"), channels])
    try add(
      call, to: 1, "Resize", .resizing, inputs: [x],
      shape: [try configuration.integer("new_height"), try configuration.integer("new_width"), channels],
      ["result": x.format])
  }

  mutating func transpose(_ call: KernelCall, rank: Int? = nil) throws(Refusal) {
    let configuration = try configuration(of: call)
    let order: [Int]
    let shape: [Int]
    switch rank {
    case 2?:
      shape = [try configuration.integer("height"), try configuration.integer("width")]
      order = [1, 0]
    case .some:
      shape = [
        try configuration.integer("depth"), try configuration.integer("height"),
        try configuration.integer("width"),
      ]
      order = configuration.made.values["perm"].map(\.integers) ?? []
    case nil:
      let name = configuration.made.name
      func integers(_ suffix: String) -> [Int] {
        (text.arrays["\(name)_\(suffix)"]?.values ?? []).compactMap { Int(exactly: $0) }
      }
      shape = integers("from_shape")
      order = integers("perm")
    }
    guard !order.isEmpty, order.sorted() == Array(shape.indices), shape.allSatisfy({ $0 > 0 }) else {
      throw Refusal("\(configuration.made.name) has no permutation of its axes")
    }
    let x = try operand(call, shape: shape)
    try add(
      call, to: 1, "Transpose", .permute(order: order), inputs: [x], shape: order.map { shape[$0] },
      ["result": try format(of: call, 1)])
  }

  /// A stream in packs of another size: the same elements in one row.
  mutating func repack(_ call: KernelCall) throws(Refusal) {
    let x = try operand(call)
    let pack = try text.packSize(try type(of: call, 1)) ?? 1
    let count = x.shape.reduce(1, *)
    guard count % pack == 0 else {
      throw Refusal("nnet::repack_stream puts \(count) elements into packs of \(pack)")
    }
    try add(
      call, to: 1, "Repack", .reshape, inputs: [x], shape: pack == count ? [count] : [count / pack, pack],
      ["result": try format(of: call, 1)])
  }

  mutating func clone(_ call: KernelCall) throws(Refusal) {
    let (from, to) = (try format(of: call, 0), try format(of: call, 1))
    // The shape of an input that is cloned before anything reads it is told by who reads the copies.
    if isUnread(try call.name(0)) {
      guard from == to else { throw Refusal("nnet::clone_stream changes the type") }
      for position in 1..<max(1, call.arguments.count) {
        try alias(try call.name(position), to: try call.name(0))
      }
      return
    }
    let x = try operand(call)
    guard to == x.format else { throw Refusal("nnet::clone_stream changes the type") }
    for position in 1..<max(1, call.arguments.count) { try define(call, position, x) }
  }
}

extension CppExpression {
  /// The whole numbers of `{2, 0, 1}`.
  fileprivate var integers: [Int] {
    tokens.compactMap { if case .number(let text) = $0 { Int(text) } else { nil } }
  }
}
