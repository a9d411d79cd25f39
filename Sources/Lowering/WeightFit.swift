import FixedPoint

/// What a tensor of weights loses in its type.
public struct WeightFit: Hashable, Sendable {
  /// Which tensor: `weight`, `bias`, `scale`, …
  public var tensor: String
  /// Its type.
  public var format: FixedFormat
  /// How many numbers it has.
  public var count: Int
  /// How many lie outside the type's range, and wrap or saturate.
  public var misfits: Int
  /// How many are not zero and become zero.
  public var lost: Int
  /// How many differ at all.
  public var changed: Int
  /// The number that changes most.
  public var worst: Double
  /// What it becomes.
  public var becomes: Double
  /// √(Σ change² / Σ number²).
  public var relativeError: Double
  /// The type that holds them, to one part in 64 of the largest at least; nil where the type is a quantizer's, which no
  /// configuration changes.
  public var mending: FixedFormat?

  /// Compares numbers with the words that stand for them.
  ///
  /// - Parameter isQuantizers: whether the type follows from a quantizer.
  init(_ tensor: String, _ numbers: [Double], _ words: [Raw], _ format: FixedFormat, isQuantizers: Bool) {
    self.init(tensor, numbers, becoming: words.map(format.value(of:)), format)
    misfits = numbers.count { format.overflows($0) }
    if !isQuantizers { mending = FixedFormat.holding(numbers, like: format) }
  }

  /// Compares numbers with what they become.
  init(_ tensor: String, _ numbers: [Double], becoming values: [Double], _ format: FixedFormat) {
    self.tensor = tensor
    self.format = format
    count = numbers.count
    (misfits, lost, changed, worst, becomes) = (0, 0, 0, 0, 0)
    var (error, size) = (0.0, 0.0)
    for (number, value) in zip(numbers, values) where number != value {
      changed += 1
      if value == 0 { lost += 1 }
      if abs(number - value) > abs(worst - becomes) { (worst, becomes) = (number, value) }
      error += (number - value) * (number - value)
    }
    for number in numbers { size += number * number }
    relativeError = size > 0 ? (error / size).squareRoot() : 0
  }

  /// What the weights lose, as a sentence; nil where that is no more than rounding.
  public var loss: String? {
    let change = "\(worst.short) becomes \(becomes.short)"
    let type = format.shortDescription
    if misfits > 0 {
      return
        "\(misfits) of \(count) numbers of its \(tensor) \(misfits == 1 ? "does" : "do") not fit \(type): \(change)"
    }
    if mending == nil, relativeError > 1e-6 {
      return "\(changed) of \(count) quantized numbers of its \(tensor) are none of \(type): \(change)"
    }
    guard isCoarse else { return nil }
    return "\(type), whose step is \(format.step.short), is too coarse for its \(tensor), whose error is "
      + "\((100 * relativeError).short)% of its size: \(lost) of \(count) numbers become 0, \(change)"
  }

  /// Whether the type is too coarse: a quarter of the numbers' size is lost although they lie in its range. A bias adds to
  /// sums whose size its own does not tell.
  var isCoarse: Bool { misfits == 0 && tensor != "bias" && relativeError > 0.25 }
}

extension FixedFormat {
  /// The format with the range of some numbers and steps of at most 1/64 of the largest; as wide as `other` at least, with
  /// its sign and modes.
  public static func holding(_ numbers: [Double], like other: FixedFormat) -> FixedFormat {
    let largest = numbers.reduce(0) { max($0, abs($1)) }
    guard largest > 0, largest.isFinite else { return other }
    var format = other
    format.isSigned = other.isSigned || numbers.contains { $0 < 0 }
    let needed = 6 - Int(largest.exponent)
    let whole = Int(largest.exponent) + (format.isSigned ? 2 : 1)
    let fraction = whole > other.integerBits ? max(other.fractionBits, needed) : needed
    format.integerBits = whole
    format.width = max(other.width, whole + fraction)
    return format
  }
}
