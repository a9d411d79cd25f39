import Diagnostics
import FixedPoint
import Model
import Program

/// What the words of a value stand for where that is more than a binary point: number = clip((word's number · factor + offset) /
/// divisor).
///
/// Scales of quantized networks are no powers of two in general. Multiplied out they make every word some 24 bits wider; left
/// aside until the next quantizer they cost nothing, as only its thresholds depend on them (docs/exact-policy.md).
struct Scaling: Hashable {
  /// One for all, or one per place of the last axis.
  var factor: [ExactReal]
  /// As many, or one.
  var offset: [ExactReal] = [ExactReal(0)]
  /// How many elements the words are sums of, where they stand for averages.
  var divisor = 1
  /// What the number is cut to at last.
  var clamp: ClosedRange<Double> = -.infinity...(.infinity)

  static let identity = Scaling(factor: [ExactReal(1)])

  var isClamped: Bool { clamp.lowerBound > -.infinity || clamp.upperBound < .infinity }
  var hasOffset: Bool { offset.contains { $0.sign != 0 } }
  /// One positive factor, a divisor, and nothing else: what a matrix can be computed behind.
  var isPlain: Bool { factor.count == 1 && factor[0].sign > 0 && !hasOffset && !isClamped }
  /// Whether axes may be moved: nothing differs between channels.
  var isUniform: Bool { factor.count == 1 && offset.count == 1 }

  /// number · scale + shift, per channel.
  func scaled(by scale: [ExactReal], adding shift: [ExactReal]) -> Scaling? {
    guard !isClamped else { return nil }
    let shift = shift.map { $0 * Double(divisor) }
    let count = [factor.count, offset.count, scale.count, shift.count].max() ?? 1
    func at(_ values: [ExactReal], _ index: Int) -> ExactReal { values[values.count == 1 ? 0 : index] }
    let factors = (0..<max(factor.count, scale.count)).map { at(factor, $0) * at(scale, $0) }
    let offsets = (0..<count).map { at(offset, $0) * at(scale, $0) + at(shift, $0) }
    return Scaling(
      factor: factors, offset: Set(offsets).count == 1 ? [offsets[0]] : offsets, divisor: divisor)
  }

  /// That of sums of `count` words, which stand for the averages; nil where it has to be multiplied out first.
  func averaged(over count: Int) -> Scaling? {
    guard !isClamped, divisor * count <= Self.mostElements else { return nil }
    return Scaling(factor: factor, offset: offset.map { $0 * Double(count) }, divisor: divisor * count)
  }

  /// The largest divisor put aside: a float32 scale times it is a double.
  private static let mostElements = 1 << 24
}

extension ExactBuilder {
  /// The value with its scaling multiplied out: its words' numbers are then the numbers.
  mutating func plain(_ id: ValueID) throws(Failure) -> ValueID {
    guard let scaling = scalings[id] else { return id }
    if let known = multipliedOut[id] { return known }
    var result = id
    if scaling.factor != [ExactReal(1)] {
      result = try multiply(result, constant(try exact(scaling.factor, "factor"), "factor"), "number")
    }
    if scaling.hasOffset {
      result = try sum(result, constant(try exact(scaling.offset, "offset"), "offset"), "number")
    }
    if scaling.divisor > 1 { result = try divide(result, by: [scaling.divisor], positions: []) }
    if scaling.clamp.lowerBound > -.infinity {
      result = try atLeast(result, scaling.clamp.lowerBound, "number")
    }
    if scaling.clamp.upperBound < .infinity {
      result = try atMost(result, scaling.clamp.upperBound, "number")
    }
    multipliedOut[id] = result
    return result
  }

  mutating func plain(_ ids: [ValueID]) throws(Failure) -> [ValueID] {
    var result: [ValueID] = []
    for id in ids { result.append(try plain(id)) }
    return result
  }

  /// Numbers per channel exactly; rounded, with a note, where they are products of more scales than 64 bits hold.
  private mutating func exact(_ values: [ExactReal], _ what: String) throws(Failure) -> FixedTensor {
    let numbers = values.map(\.approximation)
    guard let tensor = FixedTensor.exact(numbers, shape: [numbers.count], limit: 64),
      zip(values, numbers).allSatisfy({ $0 == ExactReal($1) })
    else {
      note("\(what)s rounded to \(Self.exactLimit) bits")
      return .rounded(numbers, shape: [numbers.count], width: Self.exactLimit)
    }
    return tensor
  }

  /// A layer of a scaled input that its scaling passes through, or that adds to it; nil for layers that need the numbers.
  mutating func lowerScaled(_ layer: Layer, _ inputs: [ValueID]) throws(Failure) -> ValueID? {
    switch layer.kind {
    case .activation(.quantizer(.uniform(let quantizer))): return try quantize(inputs[0], quantizer)
    case .dense(let dense):
      guard scalings[inputs[0]]?.isPlain ?? true else { return nil }
      return try scaledProduct(
        inputs[0], dense.kernel, dense.kernelQuantizer, dense.bias, dense.biasQuantizer,
        dense.foldedNormalization
      ) { (builder, x, kernel) throws(Failure) in
        try builder.affine(x, kernel, nil, "sum")
      }
    case .convolution(let convolution):
      guard scalings[inputs[0]]?.isPlain ?? true else { return nil }
      let geometry = ConvolutionGeometry(convolution, input: shape(inputs[0]), output: layer.outputShape)
      let isOutputLast = convolution.kind != .transposed
      return try scaledProduct(
        inputs[0], convolution.kernel, convolution.kernelQuantizer, convolution.bias,
        convolution.biasQuantizer,
        convolution.foldedNormalization, isOutputLast: isOutputLast
      ) { (builder, x, kernel) throws(Failure) in
        let matrix = FixedTensor(
          shape: geometry.matrixShape, format: kernel.format, words: geometry.matrix.map { kernel.words[$0] })
        var seen = x
        if let spreading = geometry.spreading {
          seen = try builder.add(.rearrange(spreading), seen, named: "spread")
        }
        seen = try builder.add(.window(geometry.window), seen, named: "window")
        return try builder.reshape(try builder.affine(seen, matrix, nil, "sum"), layer.outputShape)
      }
    case .batchNormalization(let normalization):
      guard normalization.axis == layer.outputShape.count - 1 else { return nil }
      let factors = try normalization.frameworkFactors()
      return try scaled(inputs[0], by: factors.scale, adding: factors.shift)
    case .activation(.relu(let maximum, 0, 0)):
      return try clamped(inputs[0], to: 0...(maximum ?? .infinity))
    case .activation(.hardTanh): return try clamped(inputs[0], to: -1...1)
    case .merge(let merge): return try scaledMerge(merge, inputs)
    case .pooling(let pooling) where pooling.kind == .average && pooling.averageQuantizer == nil:
      let window = Window(pooling, input: shape(inputs[0]), padding: 0)
      let counts = Set(window.counts(shape(inputs[0])))
      guard counts.count == 1, let count = counts.first else { return nil }
      return try scaledAverage(inputs[0], count, output: layer.outputShape) {
        (builder, x) throws(Failure) in try builder.add(.window(window), x, named: "window")
      }
    case .globalPooling(.average, _, nil):
      let count = type(inputs[0]).count / (shape(inputs[0]).last ?? 1)
      return try scaledAverage(inputs[0], count, output: layer.outputShape) {
        (builder, x) throws(Failure) in try builder.columns(x).0
      }
    default: break
    }
    guard inputs.count == 1, let scaling = scalings[inputs[0]] else { return nil }
    if let steps = layer.kind.wiring(input: shape(inputs[0]), output: layer.outputShape) {
      let isPadded = steps.contains { if case .pad = $0 { true } else { false } }
      guard scaling.isUniform, !isPadded || (!scaling.hasOffset && scaling.clamp.contains(0)) else {
        return nil
      }
      return try carrying(scaling, try rearrange(inputs[0], steps))
    }
    let rises = scaling.factor.allSatisfy { $0.sign > 0 }
    switch layer.kind {
    case .pooling(let pooling) where pooling.kind == .maximum && rises:
      return try carrying(scaling, try lower(pooling, inputs[0], output: layer.outputShape))
    case .globalPooling(.maximum, _, let quantizer) where rises:
      return try carrying(
        scaling, try globalPooling(.maximum, quantizer, inputs[0], output: layer.outputShape))
    default: return nil
    }
  }

  private mutating func carrying(_ scaling: Scaling, _ id: ValueID) throws(Failure) -> ValueID {
    scalings[id] = scaling
    return id
  }

  /// Averages of `count` elements with the scale aside: their exact sums, and the number put aside too. Nil where a shift does, or numbers
  /// are clipped before.
  private mutating func scaledAverage(
    _ x: ValueID, _ count: Int, output: [Int],
    _ rows: (inout ExactBuilder, ValueID) throws(Failure) -> ValueID
  ) throws(Failure) -> ValueID? {
    if scalings[x] == nil, count.nonzeroBitCount == 1 { return nil }
    guard let averaged = (scalings[x] ?? .identity).averaged(over: count) else { return nil }
    return try carrying(averaged, try reshape(try total(try rows(&self, x)), output))
  }

  /// x · kernel + bias with the scales of x and kernel aside: integers are multiplied and summed, and the bias waits with the scale.
  private mutating func scaledProduct(
    _ x: ValueID, _ kernel: Weights, _ kernelQuantizer: Quantizer?, _ bias: Weights?,
    _ biasQuantizer: Quantizer?,
    _ folded: BatchNormalization?, isOutputLast: Bool = true,
    _ product: (inout ExactBuilder, ValueID, FixedTensor) throws(Failure) -> ValueID
  ) throws(Failure) -> ValueID? {
    guard folded == nil else { return nil }
    let scaling = scalings[x] ?? .identity
    var weights: FixedTensor?
    var scale: [Double] = [1]
    if case .uniform? = kernelQuantizer, let quantization = try kernelQuantizer?.quantization(of: kernel),
      quantization.scale.contains(where: { $0.significand != 1 }),
      isOutputLast || quantization.scale.count == 1
    {
      weights = FixedTensor.exact(quantization.units.values, shape: kernel.shape, limit: Self.exactLimit)
      scale = quantization.scale
    }
    // Without a scale on either side there is nothing to put aside.
    if weights == nil, scalings[x] == nil { return nil }
    let units: FixedTensor
    if let weights {
      units = weights
    } else {
      scale = [1]
      let values = try kernelQuantizer?.quantized(kernel) ?? kernel
      units = try parameter(values, "weights")
    }
    let sums = try product(&self, x, units)
    let outputs = shape(sums)[shape(sums).count - 1]
    let offset = try bias.map { (bias) throws(Failure) in
      try (biasQuantizer?.quantized(bias) ?? bias).values
    }
    let result = scaling.scaled(
      by: (scale.count == 1 ? scale : (0..<outputs).map { scale[$0 % scale.count] }).map { ExactReal($0) },
      adding: (offset ?? [0]).map { ExactReal($0) })
    guard let result else { return nil }
    scalings[sums] = result
    return sums
  }

  /// x · scale + shift, put aside; nil where that cannot be.
  private mutating func scaled(_ x: ValueID, by scale: [Double], adding shift: [Double]) throws(Failure)
    -> ValueID?
  {
    let scaling = (scalings[x] ?? Scaling.identity).scaled(
      by: scale.map { ExactReal($0) }, adding: shift.map { ExactReal($0) })
    guard let scaling else { return nil }
    return try renamed(x, scaling)
  }

  /// x cut to a range, put aside; nil where x has no scaling: there the cut itself costs less.
  private mutating func clamped(_ x: ValueID, to range: ClosedRange<Double>) throws(Failure) -> ValueID? {
    guard var scaling = scalings[x], range.lowerBound <= scaling.clamp.upperBound,
      range.upperBound >= scaling.clamp.lowerBound
    else { return nil }
    scaling.clamp =
      max(range.lowerBound, scaling.clamp.lowerBound)...min(range.upperBound, scaling.clamp.upperBound)
    return try renamed(x, scaling)
  }

  /// The same words under another scaling: in place where the layer at hand is the only one to read them.
  private mutating func renamed(_ x: ValueID, _ scaling: Scaling) throws(Failure) -> ValueID {
    let id = ownOperands.contains(x) ? x : try add(.rearrange(.reshape(shape(x))), x, named: "same")
    multipliedOut[id] = nil
    scalings[id] = scaling
    return id
  }

  /// A sum or product with a constant per channel, put aside; or a sum of two with the same scale.
  private mutating func scaledMerge(_ merge: Merge, _ inputs: [ValueID]) throws(Failure) -> ValueID? {
    guard inputs.count == 2 else { return nil }
    for (data, other) in [(0, 1), (1, 0)] {
      guard let numbers = constants[inputs[other]], constants[inputs[data]] == nil else { continue }
      let shape = shape(inputs[data])
      // One number for all, or one per place of the last axis.
      guard
        numbers.count == 1
          || (numbers.count == shape.last && self.shape(inputs[other]).last == numbers.count),
        self.shape(inputs[other]).count <= shape.count
      else { return nil }
      switch merge {
      case .multiply: return try scaled(inputs[data], by: numbers, adding: [0])
      case .add: return try scaled(inputs[data], by: [1], adding: numbers)
      case .subtract where data == 0: return try scaled(inputs[data], by: [1], adding: numbers.map { -$0 })
      case .subtract: return try scaled(inputs[data], by: [-1], adding: numbers)
      case .maximum where numbers.count == 1: return try clamped(inputs[data], to: numbers[0]...(.infinity))
      case .minimum where numbers.count == 1: return try clamped(inputs[data], to: -.infinity...numbers[0])
      case .average, .maximum, .minimum: return nil
      }
    }
    guard let scaling = scalings[inputs[0]], scaling == scalings[inputs[1]], scaling.isPlain else {
      return nil
    }
    return try carrying(scaling, try lower(merge, inputs))
  }
}

extension LayerKind {
  /// Whether it is a quantizer with scales of any size.
  var isUniformQuantizer: Bool {
    if case .activation(.quantizer(.uniform)) = self { true } else { false }
  }
}
