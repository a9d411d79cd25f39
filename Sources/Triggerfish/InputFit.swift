import Diagnostics
import FixedPoint
import Foundation
import Lowering
import Reports

/// What the format of an input does to the numbers of events.
struct InputFit {
  let name: String
  let format: FixedFormat
  private(set) var words = 0
  private(set) var overflowing = 0
  private(set) var nonzero = 0
  private(set) var underflowed = 0
  private(set) var low = 0.0
  private(set) var high = 0.0

  init(_ name: String, _ format: FixedFormat) {
    self.name = name
    self.format = format
  }

  /// Counts numbers. One pass of comparisons finds whether there is anything to look at more closely: events come by the
  /// million.
  mutating func add<Number: BinaryFloatingPoint>(_ numbers: UnsafeBufferPointer<Number>) {
    let (lowest, highest) = (Number(format.valueRange.lowerBound), Number(format.valueRange.upperBound))
    let step = Number(exp2(-Double(format.fractionBits)))
    var (outside, some, small, missing) = (0, 0, 0, 0)
    for number in numbers {
      outside += number < lowest || number > highest ? 1 : 0
      some += number != 0 ? 1 : 0
      small += abs(number) < step ? 1 : 0
      missing += number.isNaN ? 1 : 0
    }
    // What stands for a missing number is no number that fits or does not.
    if missing > 0 { return numbers.filter { !$0.isNaN }.withUnsafeBufferPointer { add($0) } }
    words += numbers.count
    nonzero += some
    if outside > 0 || format.width > 53 { overflowing += numbers.count { format.overflows(Double($0)) } }
    // Among the small ones are the zeros.
    if small > numbers.count - some {
      underflowed += numbers.count { $0 != 0 && format.quantize(Double($0)) == 0 }
    }
    low = min(low, Double(numbers.min() ?? 0))
    high = max(high, Double(numbers.max() ?? 0))
  }

  /// Counts numbers where they lie; false, and nothing is counted, where they do not lie at whole multiples of their size.
  mutating func add<Number: BinaryFloatingPoint>(_ bytes: UnsafeRawBufferPointer, as type: Number.Type)
    -> Bool
  {
    guard let base = bytes.baseAddress, Int(bitPattern: base) % MemoryLayout<Number>.alignment == 0 else {
      return bytes.isEmpty
    }
    add(bytes.bindMemory(to: type))
    return true
  }

  /// Whether numbers outside the range become its ends, rather than any word.
  var saturates: Bool { format.overflow == .sat || format.overflow == .satSym || format.overflow == .satZero }

  /// The type whose range holds the numbers that were seen, and a bit more.
  var mending: FixedFormat { FixedFormat.holding([low, high], like: format) }

  /// What is wrong, if anything is, with what mends it.
  func note(_ origin: InputOrigin) -> Diagnostic? {
    // The model's own quantizer does the same: nothing is lost.
    if origin == .quantizer { return nil }
    if overflowing > 0 {
      return Diagnostic(
        "\(overflowing) of \(words) words of input '\(name)' \(saturates ? "saturate" : "wrap"): the events reach from "
          + "\(text(low)) to \(text(high)), \(format.shortDescription) from \(text(format.valueRange.lowerBound)) to "
          + "\(text(format.valueRange.upperBound))",
        hint: hint(origin))
    }
    // A few numbers near zero are rounding; many are a format without a place for them.
    guard underflowed * 4 > nonzero else { return nil }
    return Diagnostic(
      "\(underflowed) of \(nonzero) words of input '\(name)' that are not zero become zero in \(format.shortDescription), whose step is "
        + "\(text(exp2(-Double(format.fractionBits))))", hint: hint(origin))
  }

  private func hint(_ origin: InputOrigin) -> String {
    switch origin {
    case .integerType:
      "the model file says that the input is \(format.isSigned ? "int" : "uint")\(format.width): give it such numbers"
    case .assumed: "--calibrate with these events chooses the input's format from them"
    case .calibration: "--calibrate with events that reach as far as these chooses a wider format"
    case .compiled(isExact: true):
      "compile again with --calibrate and these events, which chooses the input's format from them"
    case .compiled(isExact: false):
      "compile again with a wider type for the input, in the configuration "
        + "LayerName: {\(name): {Precision: {result: '\(mending.shortDescription)'}}}"
    case .given, .quantizer:
      "LayerName: {\(name): {Precision: {result: '\(mending.shortDescription)'}}} in the configuration"
    }
  }

  private func text(_ value: Double) -> String { String(format: "%.6g", value) }

  /// For a comparison.
  var input: ModelComparison.Input {
    ModelComparison.Input(
      name: name, format: format.shortDescription, words: words, saturated: saturates ? overflowing : 0,
      wrapped: saturates ? 0 : overflowing, underflowed: underflowed, low: low, high: high)
  }
}
