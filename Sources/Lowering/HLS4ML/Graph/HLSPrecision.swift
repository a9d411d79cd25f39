import Configuration
import FixedPoint

/// A tensor's type as hls4ml resolves it (model/types.py, the PrecisionType classes).
enum HLSPrecision: Hashable, Sendable, CustomStringConvertible {
  /// Not chosen yet: `InferPrecision` will.
  case auto
  /// ap_fixed, ap_ufixed, ap_int or ap_uint.
  case format(FixedFormat)
  /// One bit that stands for −1 (0) or +1 (1).
  case xnor
  /// A power of two: a sign and an exponent of `width` bits.
  case exponent(width: Int)

  init(_ choice: PrecisionChoice?) {
    switch choice {
    case .format(let format): self = .format(format)
    case .auto, nil: self = .auto
    }
  }

  static func fixed(
    _ width: Int, _ integerBits: Int, signed: Bool = true, _ rounding: Rounding = .trn,
    _ overflow: Overflow = .wrap
  ) -> HLSPrecision {
    .format(FixedFormat(width, integerBits, signed: signed, rounding, overflow))
  }

  /// ap_int or ap_uint, whose conversions drop the fraction toward zero.
  static func integer(_ width: Int, signed: Bool = true) -> HLSPrecision {
    .format(FixedFormat(width, width, signed: signed, .trnZero, .wrap))
  }

  /// The format of a word; nil where there is none.
  var format: FixedFormat? {
    switch self {
    case .format(let format): format
    case .xnor: FixedFormat(1, 1, signed: false, .trnZero, .wrap)
    case .auto, .exponent: nil
    }
  }

  /// The format, if types may be inferred from it.
  var inferable: FixedFormat? {
    if case .format(let format) = self { return format }
    return nil
  }

  /// Whether hls4ml multiplies by it as by −1, 0 or +1.
  var isTernary: Bool { self == .integer(2) }

  /// hls4ml's spelling.
  var description: String {
    switch self {
    case .auto: "auto"
    case .format(let format): format.description
    case .xnor: "uint<1>"
    case .exponent(let width): "int<\(width)>"
    }
  }
}

/// The tensors of a layer that have types, by hls4ml's names.
enum HLSRole: String, CaseIterable, Hashable, Sendable {
  case result, accum, weight, bias, scale, param, threshold, embeddings
  case thresholdHigh = "threshold_hi"
  case thresholdLow = "threshold_lo"
  case slope, shift, table
  case expTable = "exp_table"
  case invTable = "inv_table"
  case invInput = "inv_inp"
  case normalizedInput = "inp_norm"
  case edgeWeight = "edge_weight"
  case edgeWeightSum = "edge_weight_aggr"
  case aggregate = "aggr"
  case norm
}
