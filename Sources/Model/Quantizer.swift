import FixedPoint

/// How training rounds numbers: weights, or what flows between layers.
public enum Quantizer: Hashable, Sendable {
  /// To fixed point, each element in a format of its own where so trained.
  case fixed(FixedQuantizer)
  /// To integers times a scale.
  case uniform(UniformQuantizer)
  /// As one of QKeras's quantizers.
  case qkeras(QKerasQuantizer)

  /// What messages call it.
  public var title: String {
    switch self {
    case .fixed: "a fixed-point quantizer"
    case .uniform(let uniform): uniform.levels == .bipolar ? "a bipolar quantizer" : "a uniform quantizer"
    case .qkeras(let qkeras): qkeras.className.rawValue
    }
  }
}

/// Conversion to fixed point with a format per element, as HGQ trains it and as PQuant does.
///
/// Bits are laid along the axes of the tensor that is quantized (for data without the batch's) and broadcast as numpy does.
/// With k = 1 for signed and 0 for unsigned elements, i integer bits, which do not count the sign, and f fraction bits, the
/// value of x is, in this order:
/// 1. x / `scaler`;
/// 2. 0 where k + i + f ≤ 0: an element that training pruned;
/// 3. under `wrap`: round(x · 2^f) / 2^f, then modulo 2^(i' + k) into [−k · 2^i', 2^i'), with i' = max(i, −f);
///    under the others: clipped to [−k · 2^i', 2^i' − 2^−f] (`satSym`: from −k · (2^i' − 2^−f)), then rounded;
/// 4. times `scaler`;
/// 5. times `affine.scale`, plus `affine.offset`.
///
/// Weights are quantized in float32 as the trainer does: rounding to nearest with ties up is ⌊x · 2^f + ½⌋, whose sum is a
/// float32 one.
public struct FixedQuantizer: Hashable, Sendable {
  /// Whether an element has a sign.
  public var isSigned: Elements<Bool>
  /// Bits left of the binary point, the sign not counted; may be negative.
  public var integerBits: Elements<Int>
  /// Bits right of the binary point; may be negative.
  public var fractionBits: Elements<Int>
  /// How dropped bits round.
  public var rounding: Rounding
  /// What happens outside the range.
  public var overflow: Overflow
  /// Whether nothing is outside the range: weights that training never wraps. They are only rounded.
  public var isUnbounded: Bool
  /// What the number is divided by before and multiplied by afterwards.
  public var scaler: Double?
  /// A factor and an offset afterwards.
  public var affine: Affine?

  /// scale · x + offset.
  public struct Affine: Hashable, Sendable {
    /// The factor.
    public var scale: Double
    /// What is added.
    public var offset: Double

    /// Makes a factor and an offset.
    public init(scale: Double, offset: Double) {
      self.scale = scale
      self.offset = offset
    }
  }

  /// Makes a quantizer.
  public init(
    isSigned: Elements<Bool>, integerBits: Elements<Int>, fractionBits: Elements<Int>, rounding: Rounding,
    overflow: Overflow, isUnbounded: Bool = false, scaler: Double? = nil, affine: Affine? = nil
  ) {
    self.isSigned = isSigned
    self.integerBits = integerBits
    self.fractionBits = fractionBits
    self.rounding = rounding
    self.overflow = overflow
    self.isUnbounded = isUnbounded
    self.scaler = scaler
    self.affine = affine
  }

  /// Makes a quantizer of one format.
  public init(_ format: FixedFormat) {
    self.init(
      isSigned: Elements(format.isSigned),
      integerBits: Elements(format.integerBits - (format.isSigned ? 1 : 0)),
      fractionBits: Elements(format.fractionBits), rounding: format.rounding, overflow: format.overflow)
  }

  /// The shape the three tensors of bits broadcast to; nil where they do not fit together.
  public var shape: [Int]? {
    broadcastShape(isSigned.shape, integerBits.shape).flatMap { broadcastShape($0, fractionBits.shape) }
  }
}

/// Numbers rounded to integers, `levels` of them, times a scale: QONNX's Quant and BipolarQuant, and ONNX's QuantizeLinear
/// followed by DequantizeLinear. The value of x is (round(clip(x / scale + zeroPoint)) − zeroPoint) · scale.
///
/// Scale and zero point are laid along the axes of the tensor that is quantized (for data without the batch's) and broadcast
/// as numpy does. Bounds are integers: whether numbers are clipped before or after they are rounded is the same.
public struct UniformQuantizer: Hashable, Sendable {
  /// The integers a number becomes.
  public enum Levels: Hashable, Sendable {
    /// All integers from one to another.
    case integers(ClosedRange<Int>)
    /// −1 below 0, else +1.
    case bipolar
  }

  /// How a number between two integers rounds: QONNX's modes.
  public enum Rounding: String, Hashable, Sendable, CaseIterable {
    /// To nearest, ties to even. ONNX's QuantizeLinear has this alone.
    case halfEven = "HALF_EVEN"
    /// To nearest, ties away from zero.
    case halfUp = "HALF_UP"
    /// To nearest, ties toward zero.
    case halfDown = "HALF_DOWN"
    /// Toward plus infinity.
    case ceiling = "CEIL"
    /// Toward minus infinity.
    case floor = "FLOOR"
    /// Away from zero.
    case up = "UP"
    /// Toward zero.
    case down = "DOWN"

    /// The mode of a name as QONNX writes it, in any case: `ROUND` is another name of `HALF_EVEN`. Nil for other names.
    public init?(name: String) {
      let name = name.uppercased()
      self.init(rawValue: name == "ROUND" ? "HALF_EVEN" : name)
    }
  }

  /// What one step stands for: positive float32 numbers.
  public var scale: Elements<Double>
  /// The number added before rounding, or behind it (`roundsFirst`).
  public var zeroPoint: Elements<Double>
  /// The integers a number becomes.
  public var levels: Levels
  /// How a number between two integers rounds.
  public var rounding: Rounding
  /// Whether the zero point, an integer, is added behind rounding, as ONNX's QuantizeLinear does: with an odd one ties go to the
  /// other side.
  public var roundsFirst = false

  /// Makes a quantizer.
  public init(
    scale: Elements<Double>, zeroPoint: Elements<Double> = Elements(0), levels: Levels,
    rounding: Rounding = .halfEven
  ) {
    self.scale = scale
    self.zeroPoint = zeroPoint
    self.levels = levels
    self.rounding = rounding
  }
}

extension UniformQuantizer.Levels {
  /// The integers of `bits` bits as QONNX has them: with `isNarrow` without the lowest (signed) or the highest (unsigned).
  /// One signed bit is −1 and +1.
  ///
  /// - Precondition: 1 to 62 bits.
  public init(bits: Int, isSigned: Bool, isNarrow: Bool = false) {
    precondition((1...62).contains(bits), "integers of \(bits) bits")
    if isSigned, bits == 1 {
      self = .bipolar
    } else if isSigned {
      self = .integers((-1 << (bits - 1)) + (isNarrow ? 1 : 0)...(1 << (bits - 1)) - 1)
    } else {
      self = .integers(0...(1 << bits) - (isNarrow && bits > 1 ? 2 : 1))
    }
  }

  /// How many bits hold the integers.
  public var bits: Int {
    switch self {
    case .bipolar: 1
    case .integers(let range):
      range.lowerBound < 0
        ? 1 + max(Int.bitWidth - (-(range.lowerBound + 1)).leadingZeroBitCount, range.upperBound.bitWidthUsed)
        : range.upperBound.bitWidthUsed
    }
  }
}

extension Int {
  /// How many bits a number that is not negative needs.
  fileprivate var bitWidthUsed: Int { Int.bitWidth - Swift.max(self, 0).leadingZeroBitCount }
}
