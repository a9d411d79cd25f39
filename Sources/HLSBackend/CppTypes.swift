import FixedPoint

extension FixedFormat {
  /// The type in the emitted C++. Integers are spelled ap_fixed<W,W> as well: ap_int's conversion from a
  /// fraction differs between compilers.
  var cppType: String {
    var arguments = ["\(width)", "\(integerBits)"]
    if rounding != .trn || overflow != .wrap || saturatedBits != 0 {
      arguments.append("AP_\(rounding.rawValue)")
    }
    if overflow != .wrap || saturatedBits != 0 { arguments.append("AP_\(overflow.rawValue)") }
    if saturatedBits != 0 { arguments.append("\(saturatedBits)") }
    return "\(isSigned ? "ap_fixed" : "ap_ufixed")<\(arguments.joined(separator: ","))>"
  }

  /// What a word is rounded to before it is clamped to this format: nil where a plain conversion is the same under
  /// all headers. Bambu's lose the carry where rounding passes an unsigned format's largest word, and give 0; with an
  /// integer bit for the carry and one for the sign, clamping to this format finds it. Clamped words stay what they
  /// are: this format's range lies inside that one's.
  var roundedFirst: FixedFormat? {
    let rounds = rounding != .trn && rounding != .trnZero
    let clamps = overflow == .sat || overflow == .satZero || overflow == .satSym
    guard !isSigned, rounds, clamps else { return nil }
    return FixedFormat(width + 2, integerBits + 2, rounding, .sat)
  }

  /// The type constants of this format are stored in.
  var storageType: String {
    if width > 64 { return "tf::wide" }
    return "tf::\(isSigned ? "stored" : "ustored")<\(width)>"
  }

  /// A constant word as a literal of `storageType`.
  func literal(_ raw: Raw) -> String {
    if width > 64 {
      let bits = UInt128(truncatingIfNeeded: raw)
      let (high, low) = (UInt64(truncatingIfNeeded: bits >> 64), UInt64(truncatingIfNeeded: bits))
      return "{0x\(String(high, radix: 16))ULL, 0x\(String(low, radix: 16))ULL}"
    }
    if raw > Raw(Int64.max) { return "\(raw)ULL" }
    // There is no literal for the most negative integer, only for the one above it.
    if raw == Raw(Int64.min) { return "(-\(Int64.max)LL - 1)" }
    return raw > Raw(Int32.max) || raw <= Raw(Int32.min) ? "\(raw)LL" : "\(raw)"
  }

  /// A constant word as an expression of type `type`, this format's.
  func word(_ raw: Raw, as type: String) -> String {
    width > 64
      ? "tf::word<\(type)>(tf::wide\(literal(raw)))" : "tf::word<\(type)>(\(storageType)(\(literal(raw))))"
  }
}
