/// Why a type's spelling cannot be read.
public struct SpellingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, in one sentence without a final full stop.
  public let message: String
  /// What to write instead, if that is known.
  public let hint: String?

  /// Makes an error.
  public init(_ message: String, hint: String? = nil) {
    self.message = message
    self.hint = hint
  }

  /// The message and the hint in one line.
  public var description: String { hint.map { "\(message) (\($0))" } ?? message }
}

// An integer type has no rounding or overflow mode of its own, but a conversion to it drops the fraction
// toward zero where ap_fixed<W, W> would floor: ap_int<8>(-0.5) is 0 and ap_fixed<8, 8>(-0.5) is -1
// (numerics.md point 4). So `int<W>` is the format <W, W, TRN_ZERO, WRAP>, and that format prints as `int<W>`.

extension FixedFormat: CustomStringConvertible {
  /// Reads a type as C++ or hls4ml spells it, spaces and letter case aside:
  ///
  /// - `ap_fixed<16,6>`, `ap_ufixed<8,0,AP_RND,AP_SAT>`, `ap_fixed<12,4,AP_RND,AP_WRAP,1>`
  /// - `ap_int<8>`, `ap_uint<1>`
  /// - hls4ml's short forms: `fixed<18,8,RND,SAT,0>`, `ufixed<8,0>`, `int<4>`, `uint<1>`
  /// - Catapult's: `ac_fixed<16,6,true,AC_RND,AC_SAT>`, `ac_int<8,false>`
  ///
  /// - Throws: `SpellingError` for anything else, floating-point types among it.
  public init(parsing text: String) throws(SpellingError) {
    let spelling = try Spelling(text)
    let arguments = spelling.arguments
    let width = try spelling.integer(0, called: "width", in: 1...Self.maximumWidth(signed: spelling.isSigned))
    if spelling.isInteger {
      guard arguments.count == 1 else {
        throw SpellingError("'\(text)': an integer type takes its width and nothing else")
      }
      self.init(width, width, signed: spelling.isSigned, .trnZero, .wrap)
      return
    }
    guard (2...5).contains(arguments.count) else {
      throw SpellingError(
        "'\(text)' has \(arguments.count) argument\(arguments.count == 1 ? "" : "s")",
        hint: "a fixed-point type is written ap_fixed<width, integer bits[, rounding[, overflow[, N]]]>")
    }
    self.init(
      width, try spelling.integer(1, called: "number of integer bits", in: -1024...1024),
      signed: spelling.isSigned,
      try spelling.mode(2, called: "rounding mode", otherwise: Rounding.trn),
      try spelling.mode(3, called: "overflow mode", otherwise: Overflow.wrap),
      saturatedBits: arguments.count == 5
        ? try spelling.integer(4, called: "number of saturated bits", in: 0...width) : 0)
    // The vendor's header ends the program over this one.
    if overflow == .wrapSM && !isSigned {
      throw SpellingError("'\(text)': AP_WRAP_SM needs a signed type")
    }
  }

  /// The vendor's spelling, as short as it can be: `ap_fixed<16,6>`, `ap_ufixed<8,0,AP_RND,AP_SAT>`, `ap_int<8>`.
  public var cppSpelling: String {
    if let integer = integerSpelling { return "ap_\(integer)" }
    var arguments = ["\(width)", "\(integerBits)"]
    if rounding != .trn || overflow != .wrap || saturatedBits != 0 {
      arguments += ["AP_\(rounding.rawValue)", "AP_\(overflow.rawValue)"]
    }
    if saturatedBits != 0 { arguments.append("\(saturatedBits)") }
    return "\(isSigned ? "ap_fixed" : "ap_ufixed")<\(arguments.joined(separator: ","))>"
  }

  /// hls4ml's spelling, always in full: `fixed<16,6,TRN,WRAP,0>`, `uint<1>`.
  public var description: String {
    if let integer = integerSpelling { return integer }
    let modes = "\(rounding.rawValue),\(overflow.rawValue),\(saturatedBits)"
    return "\(isSigned ? "fixed" : "ufixed")<\(width),\(integerBits),\(modes)>"
  }

  /// The shortest spelling that hls4ml reads as this type: without modes that are the default ones.
  public var shortDescription: String {
    if let integer = integerSpelling { return integer }
    let name = isSigned ? "fixed" : "ufixed"
    if saturatedBits != 0 { return description }
    if rounding == .trn, overflow == .wrap { return "\(name)<\(width),\(integerBits)>" }
    return "\(name)<\(width),\(integerBits),\(rounding.rawValue),\(overflow.rawValue)>"
  }

  private var integerSpelling: String? {
    guard integerBits == width, rounding == .trnZero, overflow == .wrap, saturatedBits == 0 else {
      return nil
    }
    return "\(isSigned ? "int" : "uint")<\(width)>"
  }
}

/// A type's spelling taken apart: what kind it is, and its arguments, the sign one removed.
private struct Spelling {
  let text: String
  let isInteger: Bool
  let isSigned: Bool
  let arguments: [String]

  init(_ text: String) throws(SpellingError) {
    self.text = text
    let trimmed = text.trimmingSpaces
    let name = trimmed.prefix { $0 != "<" }.trimmingSpaces.lowercased()
    guard let (isInteger, isSigned) = Self.families[name] else {
      if Self.floats.contains(name) {
        throw SpellingError(
          "'\(text)' is a floating-point type",
          hint: "only fixed-point and integer types are computed exactly")
      }
      throw SpellingError("'\(text)' is not a type", hint: "write it like ap_fixed<16,6> or ap_uint<8>")
    }
    guard let open = trimmed.firstIndex(of: "<"), trimmed.hasSuffix(">") else {
      throw SpellingError("'\(text)' has no <…> around its width", hint: "write it like ap_fixed<16,6>")
    }
    var arguments = trimmed[trimmed.index(after: open)...].dropLast()
      .split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingSpaces }
    self.isInteger = isInteger
    let signPosition = isInteger ? 1 : 2
    if name.hasPrefix("ac_"), arguments.count > signPosition {
      let sign = arguments.remove(at: signPosition).lowercased()
      guard ["true", "false", "1", "0"].contains(sign) else {
        throw SpellingError("'\(text)': '\(sign)' is not true or false")
      }
      self.isSigned = sign == "true" || sign == "1"
    } else {
      self.isSigned = isSigned
    }
    self.arguments = arguments
  }

  func integer(_ position: Int, called what: String, in range: ClosedRange<Int>) throws(SpellingError) -> Int
  {
    guard position < arguments.count, let value = Int(arguments[position]) else {
      let found = position < arguments.count ? "'\(arguments[position])'" : "missing"
      throw SpellingError("'\(text)': the \(what) is \(found)", hint: "it must be a whole number")
    }
    guard range.contains(value) else {
      throw SpellingError(
        "'\(text)': the \(what) is \(value); it must be from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  func mode<Mode: RawRepresentable & CaseIterable>(
    _ position: Int, called what: String, otherwise: Mode
  ) throws(SpellingError) -> Mode where Mode.RawValue == String {
    guard position < arguments.count else { return otherwise }
    var name = arguments[position].uppercased()
    if name.hasPrefix("AP_") || name.hasPrefix("AC_") { name.removeFirst(3) }
    guard let mode = Mode(rawValue: name) else {
      let known = Mode.allCases.map { "AP_\($0.rawValue)" }.joined(separator: ", ")
      throw SpellingError("'\(text)': '\(arguments[position])' is not a \(what)", hint: "one of \(known)")
    }
    return mode
  }

  /// Whether a type name means an integer, and whether it is signed unless its arguments say otherwise.
  private static let families: [String: (isInteger: Bool, isSigned: Bool)] = [
    "ap_fixed": (false, true), "ap_ufixed": (false, false), "ap_int": (true, true), "ap_uint": (true, false),
    "fixed": (false, true), "ufixed": (false, false), "int": (true, true), "uint": (true, false),
    "ac_fixed": (false, true), "ac_int": (true, true),
  ]

  private static let floats: Set<String> = [
    "float", "double", "half", "bfloat16", "ap_float", "std_float", "ac_float", "ac_std_float",
  ]
}

extension StringProtocol {
  /// The text without white space at its ends.
  fileprivate var trimmingSpaces: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
