import CKernels
import FixedPoint
import Program

/// A conversion of an input's words that reading them does in the same go: shifts, roundings that are an addition, clamps and
/// wraps, as `tf_input.own` has them.
struct InputConversion: Sendable {
  private var add: Raw = 0
  private var right: Raw = 0
  private var low = Raw(Int32.min)
  private var high = Raw(Int32.max)
  private var mask: Raw = -1
  private var flip: Raw = 0
  private var up: Raw = 0
  /// What the words can be.
  private(set) var result = Interval(0, 0)

  /// - Parameters:
  ///   - format: what words are converted to; nil: they become 0.
  ///   - fractionBits: those of the converted words, no fewer than the format's.
  /// - Returns: nil where that is another kind of conversion.
  init?(_ words: Interval, _ own: Int, to format: FixedFormat?, fractionBits: Int) {
    guard let format else {
      mask = 0
      return
    }
    let dropped = own - format.fractionBits
    let left = fractionBits - format.fractionBits
    guard left < 24, abs(dropped) < 24,
      let plan = ConversionPlan(words, fractionBits: own, to: format, up: left)
    else { return nil }
    result = plan.result
    up = Raw(left)
    if dropped > 0 {
      guard let offset = format.rounding.offset(dropping: dropped, of: words) else { return nil }
      (add, right) = (offset, Raw(dropped))
    } else {
      up -= Raw(dropped)
      if plan.kernel.check != 0, dropped < 0 { return nil }
    }
    if up > 30 { return nil }
    if plan.kernel.check == 0 {
      // Words that fit are the same after a wrap to the format.
      if dropped >= 0, format.width < 30 { keep(format) }
      return
    }
    switch Int(plan.kernel.overflow) {
    case TF_SAT: (low, high) = (format.conversionRange.low, format.conversionRange.high)
    case TF_WRAP: keep(format)
    default: return nil
    }
  }

  private mutating func keep(_ format: FixedFormat) {
    mask = (1 << Raw(format.width)) - 1
    if format.isSigned { flip = 1 << Raw(format.width - 1) }
  }

  /// Whether words are clamped.
  var clamps: Bool { low != Raw(Int32.min) || high != Raw(Int32.max) }

  /// Whether words of a wrapping format give the same result if they do not wrap before: all that counts is among its bits.
  func wrapsAlone(_ format: FixedFormat) -> Bool {
    mask == 0 || (!clamps && mask > 0 && Int(right) + mask.nonzeroBitCount <= format.width)
  }

  /// A word converted.
  func callAsFunction(_ word: Raw) -> Raw {
    let clamped = min(max((word + add) >> right, low), high)
    return (((clamped & mask) ^ flip) - flip) << up
  }

  /// Conversions of elements one after the other, as the kernels read them.
  static func kernel(_ elements: [InputConversion]) -> [Int32] {
    let run = Int(TF_OWN_ELEMENTS)
    return stride(from: 0, to: elements.count, by: run).flatMap { start -> [Int32] in
      let some = elements[start..<min(start + run, elements.count)]
      let parts: [(InputConversion) -> Raw] = [
        \.add, \.right, \.low, \.high, \.mask, \.flip, \.up,
      ]
      return parts.flatMap { part in
        some.map { Int32(clamping: part($0)) } + Array(repeating: 0, count: run - some.count)
      }
    }
  }
}

extension PlanBuilder {
  /// Plans an input together with the conversion that is its only reader.
  ///
  /// - Returns: the conversion; nil where there is none, or one that reading does not do.
  mutating func planInput(_ index: Int) -> Int? {
    let input = ValueID(index)
    let own = type(input).format
    guard options.path == .fast, !results.contains(input), readers[index].count == 1, own.width <= 24,
      own.fractionBits >= 0, let reader = readers[index].first, !isDone[reader],
      case .requantize(let layout) = program.instructions[reader].operation,
      program.instructions[reader].type.shape == type(input).shape
    else { return nil }
    let (fraction, count) = (layout.result.fractionBits, type(input).count)
    let formats: [FixedFormat?] =
      switch layout {
      case .uniform(let format): Array(repeating: format, count: count)
      case .laid(let laid): laid.places(in: type(input).shape).map { laid.formats[$0] }
      }
    let conversions = formats.compactMap { format in
      InputConversion(intervals[index], own.fractionBits, to: format, fractionBits: fraction)
    }
    guard conversions.count == count, let first = conversions.first else { return nil }
    let words = conversions.dropFirst().reduce(first.result) { $0.union($1.result) }
    guard WordSize(words) == .bits32 else { return nil }
    settle(reader, words)
    views[reader] = store(reader)
    for (word, format) in formats.enumerated() where format == nil { zeros.insert(views[reader][word]) }
    inputs[input] = PlannedInput(words: views[reader], conversions: conversions)
    return reader
  }
}

/// An input that is converted once more as it is read.
struct PlannedInput {
  /// Where its words go.
  var words: [Reference]
  /// By element.
  var conversions: [InputConversion]
}
