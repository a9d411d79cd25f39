import FixedPoint
import Program

/// unary_lut (nnet_activation.h), and the tables of HGQ2's softmax: functions and a quantizer as one table, whose index is the
/// bits of the word that is read.
struct UnaryTableKernel: HLSKernel {
  /// The functions, a quantizer last.
  var chain: FunctionChain
  /// The format whose words the entries were made for: that of the layer's own input quantizer. Nil: that of what it reads.
  var domain: FixedFormat?

  /// Bits of an index.
  private static let widest = 16

  var className: String { "UnaryLUT" }
  var types: [HLSRole: HLSPrecision] { [.table: .auto] }

  func produced(_ layer: HLSLayer, _ inputs: [[HLSBits]], _ shapes: [[Int]]) -> [HLSBits]? {
    guard let words = domain ?? HLSBits.common(inputs[0]).precision.format, words.width <= Self.widest,
      let values = try? values(of: words)
    else { return nil }
    let bits = HLSBits.common(values.map(HLSBits.init(holding:)))
    return Array(repeating: bits, count: layer.shape.reduce(1, *))
  }

  func emit(_ emitter: inout HLSEmitter) throws(ProgramError) -> ValueID {
    let x = try emitter.operand()
    let read = emitter.format(of: x)
    let words = domain ?? read
    guard read.width <= words.width, words.width <= Self.widest else {
      throw ProgramError(
        "reads words of \(read.width) bits; its table has \(words.width), and at most \(Self.widest) are supported"
      )
    }
    if read.width != words.width || read.fractionBits != words.fractionBits || read.isSigned != words.isSigned
    {
      emitter.warn(
        "hls4ml made its table for words of \(words) and reads it with the bits of \(read); so does this policy",
        hint: "--numerics exact, or an input quantizer no wider than what it reads")
    }
    guard let values = try? values(of: words) else { throw ProgramError("its table cannot be computed") }
    let result = try emitter.format(.result)
    let period = Raw(1) << Raw(words.width)
    let entries = (read.minRaw...read.maxRaw).map { word -> Raw in
      let bits = word & (Raw(1) << Raw(read.width) - 1)
      return result.quantize(values[Int((bits > words.maxRaw ? bits - period : bits) - words.minRaw)])
    }
    var index = try emitter.shift(x, by: read.fractionBits, "whole")
    if read.minRaw < 0 {
      index = try emitter.add(
        "index", .elementwise(.add), index, emitter.number("lowest", Double(-read.minRaw)))
    }
    let table = emitter.constant("table", ValueType([entries.count], result), entries)
    return try emitter.add("", .lookup, index, table)
  }

  /// An entry for every word of a format, from the lowest on.
  private func values(of format: FixedFormat) throws -> [Double] {
    try chain.values((format.minRaw...format.maxRaw).map { format.value(of: $0) }, element: 0)
  }
}
