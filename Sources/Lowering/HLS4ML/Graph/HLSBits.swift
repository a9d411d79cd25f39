import FixedPoint
import Glibc
import Model

/// What hls4ml's bit-exact flow knows of an element (model/optimizer/passes/bit_exact.py): whether it has a sign, its
/// integer bits without the sign, its fraction bits.
struct HLSBits: Hashable, Sendable {
  var sign: Int
  var integer: Int
  var fraction: Int

  init(_ sign: Int, _ integer: Int, _ fraction: Int) {
    (self.sign, self.integer, self.fraction) = (sign, integer, fraction)
  }

  /// What nothing is known of.
  static let anything = HLSBits(1, 126, 126)
  static let zero = HLSBits(0, 0, 0)

  /// The bits of every element at once.
  static func common(_ bits: [HLSBits]) -> HLSBits {
    bits.dropFirst().reduce(bits[0]) { $0.combined($1, max) }
  }

  func combined(_ other: HLSBits, _ choose: (Int, Int) -> Int) -> HLSBits {
    HLSBits(
      choose(sign, other.sign), choose(integer, other.integer), choose(fraction, other.fraction))
  }

  var width: Int { sign + integer + fraction }

  /// The type (`to_hls4ml_fixed`); hls4ml has one of its own for no bits at all.
  var precision: HLSPrecision {
    width >= 1 ? .fixed(width, sign + integer, signed: sign != 0) : .fixed(2, 32, signed: false)
  }

  /// The bits a number needs (`minimal_kif`).
  init(holding value: Double) {
    guard value != 0, value.isFinite else {
      self = .zero
      return
    }
    let fraction = HLSInterval.fraction(of: value)
    let reach = max(value + exp2(-Double(fraction)), -value)
    self.init(value < 0 ? 1 : 0, Int(log2(reach).rounded(.up)), fraction)
  }
}

/// Numbers between two ends, multiples of a step (utils/qinterval.py).
struct HLSInterval: Sendable {
  var low: Double
  var high: Double
  var step: Double

  init(_ low: Double, _ high: Double, step: Double) { (self.low, self.high, self.step) = (low, high, step) }

  init(_ bits: HLSBits) {
    step = exp2(-Double(bits.fraction))
    low = bits.sign == 0 ? 0 : -exp2(Double(bits.integer))
    high = exp2(Double(bits.integer)) - step
  }

  /// A constant. Of zero the step is that of no fraction bits that hls4ml looks for.
  init(_ value: Double) { self.init(value, value, step: exp2(-Double(Self.fraction(of: value)))) }

  /// The fewest fraction bits of a number, within those hls4ml looks for.
  static func fraction(of value: Double) -> Int {
    guard value != 0, value.isFinite else { return -31 }
    return min(32, max(-31, value.significandWidth - Int(value.exponent)))
  }

  static func + (a: HLSInterval, b: HLSInterval) -> HLSInterval {
    HLSInterval(a.low + b.low, a.high + b.high, step: min(a.step, b.step))
  }

  static prefix func - (a: HLSInterval) -> HLSInterval { HLSInterval(-a.high, -a.low, step: a.step) }

  static func * (a: HLSInterval, b: HLSInterval) -> HLSInterval {
    let corners = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high]
    return HLSInterval(corners.min() ?? 0, corners.max() ?? 0, step: a.step * b.step)
  }

  var bits: HLSBits {
    if low == 0 && high == 0 { return HLSBits(0, 0, 0) }
    return HLSBits(low < 0 ? 1 : 0, Int(log2(max(high + step, -low)).rounded(.up)), -Int(log2(step)))
  }
}

/// A quantizer layer of hls4ml's: formats laid along the axes of its input, 1 along those where they do not change.
struct HLSFixedQuantizer: Hashable, Sendable {
  /// As many axes as the input; none: one format, of which hls4ml makes one layer with the layer before.
  var shape: [Int]
  var bits: [HLSBits]
  var rounding: Rounding
  var overflow: Overflow

  /// Nil where hls4ml has no such quantizer.
  init?(_ quantizer: FixedQuantizer, over input: [Int]) {
    guard quantizer.scaler ?? 1 == 1, quantizer.affine == nil, !quantizer.isUnbounded,
      quantizer.overflow != .wrapSM, let own = quantizer.shape,
      let signs = quantizer.isSigned.broadcast(to: own),
      let integers = quantizer.integerBits.broadcast(to: own),
      let fractions = quantizer.fractionBits.broadcast(to: own), broadcastPlaces(own, to: input) != nil
    else { return nil }
    shape = own.isEmpty ? [] : Array(repeating: 1, count: input.count - own.count) + own
    bits = signs.values.indices.map {
      HLSBits(signs.values[$0] ? 1 : 0, integers.values[$0], fractions.values[$0])
    }
    (rounding, overflow) = (quantizer.rounding, quantizer.overflow)
  }

  /// The formats as the emitted code has them: no bits, or fewer than none, are zero.
  var layout: FormatLayout { FormatLayout(shape: shape, bits.map(format)) }

  /// The one format of all elements.
  var uniform: FixedFormat? {
    guard bits.allSatisfy({ $0 == bits[0] }) else { return nil }
    return FixedFormat(
      max(bits[0].width, 1), bits[0].sign + bits[0].integer, signed: bits[0].sign != 0, rounding, overflow)
  }

  private func format(_ bits: HLSBits) -> FixedFormat? {
    guard bits.width > 0 else { return nil }
    return FixedFormat(bits.width, bits.sign + bits.integer, signed: bits.sign != 0, rounding, overflow)
  }

  /// For every element of a tensor, its format's place.
  func places(in input: [Int]) -> [Int] { broadcastPlaces(shape, to: input) ?? [] }
}
