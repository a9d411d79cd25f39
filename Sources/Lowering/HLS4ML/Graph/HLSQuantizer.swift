import Diagnostics
import FixedPoint
import Model

/// What hls4ml applies to weights before it prints them (model/quantizers.py).
struct HLSQuantizer: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    /// hls4ml's own, of BinaryDense layers: ±1 in ap_int<2>, or 0/1 in one bit.
    case binary(isXnor: Bool)
    /// hls4ml's own, of TernaryDense layers: −1 up to −0.5, +1 above 0.5.
    case ternary
    /// QONNX's Quant with a power of two as its scale, of weights that it has quantized.
    case fixed(FixedFormat)
    /// A QKeras quantizer.
    case qkeras(QKerasQuantizer)
    /// A QKeras binary quantizer, then `binary`.
    case qkerasBinary(QKerasQuantizer, isXnor: Bool)
  }

  var kind: Kind

  /// The quantizer hls4ml makes of a QKeras one (converters/keras/qkeras.py); kernels may become xnor.
  init(_ quantizer: QKerasQuantizer, isKernel: Bool) {
    switch quantizer.className {
    case .binary, .stochasticBinary: kind = .qkerasBinary(quantizer, isXnor: isKernel)
    case .binaryDense: kind = .binary(isXnor: false)
    case .ternaryDense: kind = .ternary
    default: kind = .qkeras(quantizer)
    }
  }

  init(_ kind: Kind) { self.kind = kind }

  /// The type the quantized weights get.
  var precision: HLSPrecision {
    switch kind {
    case .binary(let isXnor), .qkerasBinary(_, let isXnor): return isXnor ? .xnor : .integer(2)
    case .ternary: return .integer(2)
    case .fixed(let format): return .format(format)
    case .qkeras(let quantizer):
      switch quantizer.kind {
      case .bits(let bits, let integer, _, _) where quantizer.className == .quantizedBits:
        if bits == integer { return bits == 1 ? .xnor : .integer(bits) }
        return .fixed(bits, integer + 1)
      case .powerOfTwo(let bits, _, _): return .exponent(width: bits)
      case .ternary: return .integer(2)
      default: return .fixed(16, 6)
      }
    }
  }

  /// Whether a factor other than 1 multiplies the quantized weights.
  var hasScale: Bool {
    guard let quantizer else { return false }
    switch quantizer.scale {
    case .one: return false
    case .constant(let values): return !values.allSatisfy { $0 == 1 }
    case .auto, .autoPowerOfTwo: return true
    }
  }

  /// The QKeras quantizer inside, if there is one.
  var quantizer: QKerasQuantizer? {
    switch kind {
    case .qkeras(let quantizer), .qkerasBinary(let quantizer, _): quantizer
    case .binary, .ternary, .fixed: nil
    }
  }

  /// The same without its factor.
  var unscaled: HLSQuantizer {
    var result = self
    switch kind {
    case .qkeras(var quantizer):
      quantizer.scale = .one
      result.kind = .qkeras(quantizer)
    case .qkerasBinary(var quantizer, let isXnor):
      quantizer.scale = .one
      result.kind = .qkerasBinary(quantizer, isXnor: isXnor)
    case .binary, .ternary, .fixed: break
    }
    return result
  }

  /// The quantized numbers.
  func quantized(_ array: HLSArray) throws(Failure) -> HLSArray {
    switch kind {
    case .binary(let isXnor): return array.map { $0 >= 0 ? 1 : (isXnor ? 0 : -1) }
    case .ternary: return array.map { $0 > 0.5 ? 1 : ($0 <= -0.5 ? -1 : 0) }
    case .fixed(let format): return array.map { format.value(of: format.quantize($0)) }
    case .qkeras(let quantizer):
      let values = try quantizer.quantized(array.weights)
      return HLSArray(shape: array.shape, values.values, isDouble: false)
    case .qkerasBinary(let quantizer, let isXnor):
      let values = try quantizer.quantized(array.weights)
      return try HLSQuantizer(.binary(isXnor: isXnor)).quantized(
        HLSArray(shape: array.shape, values.values, isDouble: false))
    }
  }
}
