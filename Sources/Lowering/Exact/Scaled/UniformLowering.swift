import Diagnostics
import FixedPoint
import Foundation
import Model
import Program

/// Uniform quantizers of data: the integers of the definition at every word, whatever the scales (docs/exact-policy.md).
extension ExactBuilder {
  /// The integers that x becomes, less the zero point; their scale is put aside where it is no power of two.
  mutating func quantize(_ x: ValueID, _ quantizer: UniformQuantizer) throws(Failure) -> ValueID {
    if scalings[x] == nil, let format = FixedFormat(quantizer) { return try requantize(x, format) }
    if let same = try unchanged(x, quantizer) { return same }
    if needsQuotient(x, quantizer) { return try quantize(try plain(x), quantizer) }
    let channels = try UniformChannels(quantizer, scalings[x] ?? .identity, shape(x), self)
    guard case .integers(let all) = quantizer.levels else {
      return try result(try signs(x, channels), of: x, channels, subtracting: 0)
    }
    // Of more levels than can be worked out one by one, those that x can reach.
    let isWide = all.upperBound - all.lowerBound > Self.mostSteps
    let range = isWide ? channels.reach(of: range(x)).map { $0.clamped(to: all) } ?? all : all
    var quantizer = quantizer
    quantizer.levels = .integers(range)
    if channels.hasTies {
      note(
        "its scale is that of an average of \(channels.divisor) elements: ties are those of their sums here; a float32 executor may round "
          + "them to the other side")
    }
    // Where the ratio of the scales has few bits, the quotient itself is a word; where there are too many steps, it has to be.
    if channels.exactRatios(limit: Self.exactRatioBits) != nil
      || range.upperBound - range.lowerBound > Self.mostSteps
    {
      return try rational(x, channels, range, limit: Self.exactLimit)
    }
    let zero = channels.commonZero
    let levels = range.lowerBound - zero...range.upperBound - zero
    let steps = channels.steps(of: quantizer, words: words(x), step: format(x).fractionBits, shifted: zero)
    let close = steps.reduce(0) { $0 + $1.closeCount }
    if close > 0 {
      let all = steps.reduce(0) { $0 + $1.thresholds.count }
      note(
        "\(close) of \(all) steps are so close to \(scalings[x] == nil ? "a word of the input" : "a sum") that a float32 executor may round there to the other side; "
          + "the words here are those of exact arithmetic")
    }
    let ratios = channels.ratios(step: format(x).fractionBits)
    if let plan = UniformMultiplier.coarsest(steps, ratios: ratios, levels: levels) {
      return try result(try multiplied(x, plan, channels, levels), of: x, channels, subtracting: 0)
    }
    if let exact = try? rational(x, channels, range, limit: Self.exactLimit) { return exact }
    return try result(try compared(x, steps, channels), of: x, channels, subtracting: 0)
  }

  /// x itself where it is integers of this scale within the levels already: a second quantizer behind a pooling.
  private func unchanged(_ x: ValueID, _ quantizer: UniformQuantizer) throws(Failure) -> ValueID? {
    guard let scaling = scalings[x], scaling.isPlain, scaling.divisor == 1, format(x).fractionBits <= 0,
      let scale = quantizer.scale.common,
      scaling.factor[0] == ExactReal(scale), case .integers(let levels) = quantizer.levels,
      let zero = quantizer.zeroPoint.common, zero == zero.rounded(.down)
    else { return nil }
    let range = range(x)
    return range.lowerBound >= Double(levels.lowerBound) - zero
      && range.upperBound <= Double(levels.upperBound) - zero
      ? x : nil
  }

  /// Whether an average has to be divided before it is quantized: by powers of two, or by a scale that times its number of elements is no
  /// double.
  private func needsQuotient(_ x: ValueID, _ quantizer: UniformQuantizer) -> Bool {
    guard let scaling = scalings[x], scaling.divisor > 1 else { return false }
    if scaling.factor == [ExactReal(1)], !scaling.hasOffset, FixedFormat(quantizer) != nil { return true }
    let all =
      quantizer.scale.values + [scaling.clamp.lowerBound, scaling.clamp.upperBound].filter(\.isFinite)
    return all.contains { (ExactReal($0) * Double(scaling.divisor)).terms.count > 1 }
  }

  /// Bits up to which a ratio of scales is multiplied out rather than approximated.
  private static let exactRatioBits = 12
  /// The most steps that are worked out one by one: 16 bits.
  private static let mostSteps = 1 << 16
  /// The most steps a quantizer is built of as comparisons.
  private static let mostComparisons = 255

  /// −1 or +1.
  private mutating func signs(_ x: ValueID, _ channels: UniformChannels) throws(Failure) -> ValueID {
    // Two levels: one step, at the number 0.
    let quantizer = UniformQuantizer(scale: Elements(1), levels: .integers(0...1), rounding: .floor)
    let steps = channels.steps(
      of: quantizer, words: words(x), step: format(x).fractionBits, shifted: 0, isSign: true)
    let (one, minus) = (try constant(1, "one"), try constant(-1, "minus"))
    let (upright, places) = try thresholds(x, steps, channels) {
      $0.base >= 1 ? $0.words.lowerBound : $0.thresholds.first
    }
    return try add(.select(.greaterOrEqual), upright, places, one, minus, named: "")
  }

  /// One comparison after the other.
  private mutating func compared(
    _ x: ValueID, _ steps: [UniformSteps], _ channels: UniformChannels
  ) throws(Failure) -> ValueID {
    let low = steps.map(\.base).min() ?? 0
    let high = steps.map(\.top).max() ?? 0
    guard high - low <= Self.mostComparisons else {
      throw failure(
        "a quantizer of \(high - low) steps whose ties no multiplication meets",
        hint: "scales that are powers of two need none of this")
    }
    var result = try constant(Double(low), "lowest")
    for integer in low + 1...max(low + 1, high) where integer <= high {
      let (upright, places) = try thresholds(x, steps, channels) { channel in
        if integer <= channel.base { return channel.words.lowerBound }
        let index = integer - channel.base - 1
        return channel.thresholds.indices.contains(index) ? channel.thresholds[index] : nil
      }
      result = try add(
        .select(.greaterOrEqual), upright, places, try constant(Double(integer), "level"), result,
        named: "stair")
    }
    return try tight(result, "stairs")
  }

  /// x, negated in falling channels, and a word per channel to compare it with; nil is one past the last word.
  private mutating func thresholds(
    _ x: ValueID, _ steps: [UniformSteps], _ channels: UniformChannels, _ word: (UniformSteps) -> Raw?
  ) throws(Failure) -> (ValueID, ValueID) {
    var upright = x
    if steps.contains(where: \.isFalling) {
      let signs = channels.tensor(steps.map { $0.isFalling ? -1 : 1 }, fractionBits: 0)
      upright = try multiply(x, constant(signs, "signs"), "upright")
    }
    let places = channels.tensor(
      steps.map { word($0) ?? $0.words.upperBound + 1 }, fractionBits: format(x).fractionBits)
    return (upright, constant(places, "steps"))
  }

  /// ⌊x · multiplier + addend⌋ within the levels.
  private mutating func multiplied(
    _ x: ValueID, _ plan: UniformMultiplier, _ channels: UniformChannels, _ levels: ClosedRange<Int>
  ) throws(Failure) -> ValueID {
    let multipliers = channels.tensor(plan.multipliers, fractionBits: plan.shift - format(x).fractionBits)
    let product = try multiply(x, constant(multipliers, "multiplier"), "product")
    let addends = channels.tensor(plan.addends, fractionBits: plan.shift)
    let sum = try self.sum(product, constant(addends, "addend"), "shifted")
    return try clipped(sum, .trn, levels)
  }

  /// The quotient exactly, rounded as the quantizer says.
  private mutating func rational(
    _ x: ValueID, _ channels: UniformChannels, _ range: ClosedRange<Int>, limit: Int
  ) throws(Failure) -> ValueID {
    guard let (ratios, shifts) = channels.exactRatios(limit: limit) else {
      throw failure("a quantizer whose scale has no short ratio to that of its input")
    }
    var quotient = x
    if ratios.contains(where: { $0 != 1 }) {
      guard let factor = FixedTensor.exact(ratios, shape: channels.shape, limit: limit) else {
        throw failure("a quantizer whose scale has no short ratio to that of its input")
      }
      quotient = try multiply(quotient, constant(factor, "ratio"), "quotient")
    }
    if channels.divisor > 1, !channels.isScaleRounded {
      quotient = try divide(quotient, by: [channels.divisor], positions: [])
    }
    if shifts.contains(where: { $0 != 0 }) {
      guard let shift = FixedTensor.exact(shifts, shape: channels.shape, limit: 64) else {
        throw failure("a quantizer whose offset does not fit 64 bits")
      }
      quotient = try sum(quotient, constant(shift, "shift"), "shifted")
    }
    if let clamp = channels.clampedLevels {
      if let low = clamp.low { quotient = try atLeast(quotient, low, "clamped") }
      if let high = clamp.high { quotient = try atMost(quotient, high, "clamped") }
    }
    guard channels.roundsFirst else {
      return try result(
        try rounded(quotient, channels.rounding, range), of: x, channels, subtracting: channels.commonZero)
    }
    // Every integer there can be, then the zero points, then the levels.
    let reach = self.range(quotient)
    let all = Int(reach.lowerBound.rounded(.down)) - 1...Int(reach.upperBound.rounded(.up)) + 1
    let integers = try rounded(quotient, channels.rounding, all)
    let zeros = channels.tensor(channels.zeros.map { Raw($0) }, fractionBits: 0)
    let shifted = try sum(integers, constant(zeros, "zeros"), "levels")
    return try result(
      try clipped(shifted, .trn, range), of: x, channels, subtracting: channels.commonZero)
  }

  /// A number rounded to an integer by any of the modes, within levels.
  private mutating func rounded(
    _ x: ValueID, _ mode: UniformQuantizer.Rounding, _ levels: ClosedRange<Int>
  ) throws(Failure) -> ValueID {
    switch mode {
    case .halfEven: return try clipped(x, .rndConv, levels)
    case .halfUp: return try clipped(x, .rndInf, levels)
    case .halfDown: return try clipped(x, .rndZero, levels)
    case .floor: return try clipped(x, .trn, levels)
    case .down: return try clipped(x, .trnZero, levels)
    case .ceiling:
      let minus = try constant(-1, "minus")
      let negated = try multiply(x, minus, "negated")
      let floor = try clipped(negated, .trn, -levels.upperBound...(-levels.lowerBound))
      return try multiply(floor, minus, "ceiling")
    case .up:
      let ceiling = try rounded(x, .ceiling, levels)
      let floor = try rounded(x, .floor, levels)
      return try tight(
        try add(.select(.greaterOrEqual), x, try constant(0, "zero"), ceiling, floor, named: "away"), "away")
    }
  }

  /// x rounded to an integer and clipped: one conversion where the levels are those of a format.
  private mutating func clipped(
    _ x: ValueID, _ rounding: Rounding, _ levels: ClosedRange<Int>
  ) throws(Failure) -> ValueID {
    let (low, high) = (levels.lowerBound, levels.upperBound)
    let bits = UniformQuantizer.Levels.integers(levels).bits
    let top = (1 << (low < 0 ? bits - 1 : bits)) - 1
    if bits > 0, high == top, low == 0 || low == -top - 1 || low == -top {
      return try requantize(
        x, FixedFormat(bits, bits, signed: low < 0, rounding, low == -top && low < 0 ? .satSym : .sat),
        "integer")
    }
    // Wide enough for every number x can be, then cut.
    let range = range(x)
    let wide = FixedFormat.covering(
      (range.lowerBound - 1).rounded(.down)...(range.upperBound + 1).rounded(.up), width: 1,
      signed: range.lowerBound < 0)
    let integer = try requantize(
      x,
      FixedFormat(
        max(1, wide.integerBits + 1), max(1, wide.integerBits + 1), signed: wide.isSigned, rounding, .sat),
      "integer")
    return try atMost(try atLeast(integer, Double(low), "clipped"), Double(high), "clipped")
  }

  /// Integers as the quantizer's result: times the scale where that is a power of two, or with the scale put aside.
  private mutating func result(
    _ integers: ValueID, of x: ValueID, _ channels: UniformChannels, subtracting zero: Int
  ) throws(Failure) -> ValueID {
    var result = try tight(integers, "integers")
    if zero != 0 { result = try sum(result, try constant(Double(-zero), "zero"), "centred") }
    let scaling = channels.resultScaling
    let isPower = scaling.factor.allSatisfy { $0.terms.count == 1 && $0.terms[0].significand == 1 }
    if isPower, !scaling.hasOffset {
      if channels.resultFactors.allSatisfy({ $0 == channels.resultFactors[0] }) {
        return try scale(result, byPowerOfTwo: Int(channels.resultFactors[0].exponent), "scaled")
      }
      guard
        let powers = FixedTensor.exact(
          channels.resultFactors, shape: channels.resultShape, limit: Self.exactLimit)
      else { throw failure("scales that span more than \(Self.exactLimit) bits") }
      return try multiply(result, constant(powers, "powers"), "scaled")
    }
    guard channels.isLastAxis else {
      // Scales along other axes cannot wait.
      let all = channels.resultFactors
      let offsets = channels.zeros.indices.map { -channels.zeros[$0] * all[all.count == 1 ? 0 : $0] }
      guard let factors = FixedTensor.exact(all, shape: channels.resultShape, limit: 64),
        let offset = FixedTensor.exact(offsets, shape: channels.shape, limit: 64)
      else { throw failure("scales along these axes that span more than 64 bits") }
      let scaled = try multiply(result, constant(factors, "scales"), "scaled")
      return scaling.hasOffset ? try sum(scaled, constant(offset, "offsets"), "offset") : scaled
    }
    // A value of its own, so that nothing else with these words takes the scale.
    if result == x {
      result = try add(.rearrange(.reshape(shape(result))), result, named: "same")
    }
    scalings[result] = scaling
    return result
  }
}

/// A uniform quantizer and its input's scaling, laid out by channel.
private struct UniformChannels {
  /// The shape of a tensor of one number per channel, which broadcasts to the data's.
  let shape: [Int]
  /// Whether channels are places of the last axis, or all are one.
  let isLastAxis: Bool
  let rounding: UniformQuantizer.Rounding
  let roundsFirst: Bool
  private let scale: [Double]
  private let zero: [Double]
  private let scaling: Scaling
  let resultShape: [Int]
  let resultFactors: [Double]
  /// Per channel the power of two that factor / divisor / scale is but for float32's rounding, where all of them have one. It counts as
  /// exactly that: else ties would go to the side that this error is on.
  private let powers: [Double]

  init(_ quantizer: UniformQuantizer, _ scaling: Scaling, _ shape: [Int], _ builder: ExactBuilder)
    throws(Failure)
  {
    let last = shape[shape.count - 1]
    func axes(_ elements: Elements<Double>) -> Int {
      elements.common != nil ? 1 : elements.values.count == elements.shape.last ? last : .max
    }
    let needed = max(
      axes(quantizer.scale), axes(quantizer.zeroPoint), scaling.factor.count, scaling.offset.count)
    let all = shape.reduce(1, *)
    self.shape = needed == 1 ? [1] : needed == .max ? shape : [last]
    isLastAxis = needed != .max
    guard let scales = quantizer.scale.broadcast(to: shape),
      let zeros = quantizer.zeroPoint.broadcast(to: shape)
    else {
      throw builder.failure(
        "a scale of shape \(quantizer.scale.shape) or a zero point of shape \(quantizer.zeroPoint.shape) for data of "
          + "shape \(shape)")
    }
    let count = needed == .max ? all : needed
    scale = Array(scales.values.prefix(count))
    zero = Array(zeros.values.prefix(count))
    rounding = quantizer.rounding
    roundsFirst = quantizer.roundsFirst
    self.scaling = scaling
    resultShape = quantizer.scale.common != nil ? [1] : self.shape
    resultFactors = quantizer.scale.common.map { [$0] } ?? scale
    powers =
      scaling.divisor > 1 && !scaling.hasOffset
      ? scale.enumerated().compactMap { Self.power(scaling, $0, $1) } : []
  }

  /// The power of two that factor / divisor / scale is but for float32's rounding of a quotient and a product; nil if it is none.
  private static func power(_ scaling: Scaling, _ index: Int, _ scale: Double) -> Double? {
    let ratio =
      scaling.factor[index % scaling.factor.count].approximation / (scale * Double(scaling.divisor))
    guard ratio > 0, ratio.isFinite else { return nil }
    let power = Double(sign: .plus, exponent: Int(log2(ratio).rounded()), significand: 1)
    return abs(ratio / power - 1) <= 0x1p-22 ? power : nil
  }

  /// How many elements the words are sums of.
  var divisor: Int { scaling.divisor }
  /// Whether dividing by the scale divides by `divisor` too.
  var isScaleRounded: Bool { powers.count == scale.count }
  /// Whether words may lie halfway between two integers, but for the rounding of the scale.
  var hasTies: Bool { isScaleRounded && powers.contains { $0 < 1 } }

  /// The zero points, one per channel.
  var zeros: [Double] { zero }

  private func at<T>(_ values: [T], _ index: Int) -> T { values[index % values.count] }

  /// The zero point if it is one integer, by which the integers are shifted; else 0, and it becomes an offset.
  var commonZero: Int {
    guard let first = zero.first, zero.allSatisfy({ $0 == first }), first == first.rounded(.down),
      abs(first) < 0x1p40
    else { return 0 }
    return Int(first)
  }

  /// What the integers stand for.
  var resultScaling: Scaling {
    let factor = resultFactors.map { ExactReal($0) }
    if Double(commonZero) == zero[0], zero.allSatisfy({ $0 == zero[0] }) { return Scaling(factor: factor) }
    return Scaling(factor: factor, offset: scale.indices.map { -(ExactReal(zero[$0]) * scale[$0]) })
  }

  /// Where the integers, less `zero`, change.
  func steps(
    of quantizer: UniformQuantizer, words: ClosedRange<Raw>, step fractionBits: Int, shifted zero: Int,
    isSign: Bool = false
  ) -> [UniformSteps] {
    guard case .integers(let levels) = quantizer.levels else { return [] }
    let step = Double(sign: .plus, exponent: -fractionBits, significand: 1)
    let count = Double(divisor)
    return scale.indices.map { index in
      UniformSteps(
        // A sign is 1 from the number 0 on: ⌊number⌋ + 1 within 0…1.
        levels: isSign ? 0...1 : levels, rounding: quantizer.rounding,
        scale: isSign ? 1 : scale[index] * count,
        zero: isSign ? 1 : self.zero[index], factor: at(scaling.factor, index) * step,
        offset: at(scaling.offset, index),
        clamp: scaling.clamp.lowerBound * count...scaling.clamp.upperBound * count, words: words, shift: zero,
        roundsFirst: quantizer.roundsFirst)
    }
  }

  /// Integers between which the result of every number in a range lies, with room on both sides; nil where they are beyond 2⁵².
  func reach(of range: ClosedRange<Double>) -> ClosedRange<Int>? {
    var (low, high) = (Double.infinity, -Double.infinity)
    for index in scale.indices {
      for end in [range.lowerBound, range.upperBound] {
        let number = at(scaling.factor, index).approximation * end + at(scaling.offset, index).approximation
        let place = number / (scale[index] * Double(divisor)) + zero[index]
        (low, high) = (min(low, place), max(high, place))
      }
    }
    guard low.isFinite, high.isFinite, abs(low) < 0x1p50, abs(high) < 0x1p50 else { return nil }
    // An integer more for the rounding, another for this estimate's own error.
    let room = 2 + (max(abs(low), abs(high)) * 0x1p-40).rounded(.up)
    return Int((low - room).rounded(.down))...Int((high + room).rounded(.up))
  }

  /// About how many integers one word is, per channel.
  func ratios(step fractionBits: Int) -> [Double] {
    let step = Double(sign: .plus, exponent: -fractionBits, significand: 1)
    return scale.indices.map { at(scaling.factor, $0).approximation * step / (scale[$0] * Double(divisor)) }
  }

  /// factor / scale and offset / scale + zero per channel, if they are numbers of few bits; behind an average to be divided by `divisor`,
  /// or divided by it already (`isScaleRounded`).
  func exactRatios(limit: Int) -> (ratios: [Double], shifts: [Double])? {
    var (ratios, shifts): ([Double], [Double]) = ([], [])
    if divisor > 1, scaling.hasOffset { return nil }
    for index in scale.indices {
      let power = isScaleRounded ? powers[index] : nil
      guard let ratio = power ?? ExactReal.quotient(at(scaling.factor, index), scale[index]),
        let shift = ExactReal.quotient(
          at(scaling.offset, index) + ExactReal(roundsFirst ? 0 : zero[index]) * scale[index], scale[index])
      else { return nil }
      ratios.append(ratio)
      shifts.append(shift)
    }
    guard FixedTensor.exact(ratios, shape: shape, limit: limit) != nil,
      FixedTensor.exact(shifts, shape: shape, limit: 64) != nil, clampedLevels != nil || !scaling.isClamped
    else { return nil }
    return (ratios, shifts)
  }

  /// The clamp in units of the quantizer, if it is one for all channels and exact.
  var clampedLevels: (low: Double?, high: Double?)? {
    guard let first = scale.first, scale.allSatisfy({ $0 == first }), zero.allSatisfy({ $0 == zero[0] })
    else { return nil }
    func level(_ bound: Double) -> Double? {
      ExactReal.quotient(ExactReal(bound) + ExactReal(roundsFirst ? 0 : zero[0]) * first, first)
    }
    let low = scaling.clamp.lowerBound > -.infinity ? level(scaling.clamp.lowerBound) : nil
    let high = scaling.clamp.upperBound < .infinity ? level(scaling.clamp.upperBound) : nil
    if scaling.clamp.lowerBound > -.infinity, low == nil { return nil }
    if scaling.clamp.upperBound < .infinity, high == nil { return nil }
    return (low, high)
  }

  /// Words, one per channel.
  func tensor(_ words: [Raw], fractionBits: Int) -> FixedTensor {
    let range = (words.min() ?? 0)...(words.max() ?? 0)
    return FixedTensor(shape: shape, format: .tight(range, fractionBits: fractionBits), words: words)
  }
}
