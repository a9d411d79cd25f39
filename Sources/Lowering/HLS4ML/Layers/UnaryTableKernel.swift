import FixedPoint
import Program

/// unary_lut (nnet_activation.h), and the tables of HGQ2's softmax: functions and a quantizer as one table, whose index is the
/// bits of the word that is read.
struct UnaryTableKernel: HLSKernel {
  enum Entries: Sendable {
    /// Those of functions, a quantizer last, for the words of a format: that of the layer's own input quantizer. Nil: that of what
    /// it reads.
    case computed(FunctionChain, domain: FixedFormat?)
    /// Those of a project that hls4ml wrote, by the bits of every word it reads.
    case written([Double])
  }

  var entries: Entries

  /// Bits of an index.
  private static let widest = 16

  var className: String { "UnaryLUT" }
  var types: [HLSRole: HLSPrecision] { [.table: .auto] }

  func produced(_ layer: HLSLayer, _ inputs: [[HLSBits]], _ shapes: [[Int]]) -> [HLSBits]? {
    guard case .computed(let chain, let domain) = entries,
      let words = domain ?? HLSBits.common(inputs[0]).precision.format, words.width <= Self.widest,
      let values = try? Self.values(chain, of: words)
    else { return nil }
    let bits = HLSBits.common(values.map(HLSBits.init(holding:)))
    return Array(repeating: bits, count: layer.shape.reduce(1, *))
  }

  func emit(_ emitter: inout HLSEmitter) throws(ProgramError) -> ValueID {
    let x = try emitter.operand()
    let read = emitter.format(of: x)
    let byBits = try table(for: read, &emitter)
    let result = try emitter.format(.result)
    let entries = (read.minRaw...read.maxRaw).map { word in
      result.quantize(byBits[Int(word & (Raw(1) << Raw(read.width) - 1))])
    }
    var index = try emitter.shift(x, by: read.fractionBits, "whole")
    if read.minRaw < 0 {
      index = try emitter.add(
        "index", .elementwise(.add), index, emitter.number("lowest", Double(-read.minRaw)))
    }
    let table = emitter.constant("table", ValueType([entries.count], result), entries)
    return try emitter.add("", .lookup, index, table)
  }

  /// The entries by the bits of words of a format.
  private func table(for read: FixedFormat, _ emitter: inout HLSEmitter) throws(ProgramError) -> [Double] {
    switch entries {
    case .written(let table):
      guard read.width <= Self.widest, table.count >= 1 << read.width else {
        throw ProgramError(
          "reads words of \(read.width) bits from a table of \(table.count); at most \(Self.widest) bits are supported"
        )
      }
      return table
    case .computed(let chain, let domain):
      let words = domain ?? read
      guard read.width <= words.width, words.width <= Self.widest else {
        throw ProgramError(
          "reads words of \(read.width) bits; its table has \(words.width), and at most \(Self.widest) are supported"
        )
      }
      if read.width != words.width || read.fractionBits != words.fractionBits
        || read.isSigned != words.isSigned
      {
        emitter.warn(
          "hls4ml made its table for words of \(words) and reads it with the bits of \(read); so does this policy",
          hint: "--numerics exact, or an input quantizer no wider than what it reads")
      }
      guard let values = try? Self.values(chain, of: words) else {
        throw ProgramError("its table cannot be computed")
      }
      // Lowest first: the words with a sign bit are behind the others.
      let negative = Int(-words.minRaw)
      return Array(values.dropFirst(negative) + values.prefix(negative))
    }
  }

  /// An entry for every word of a format, from the lowest on.
  private static func values(_ chain: FunctionChain, of format: FixedFormat) throws -> [Double] {
    try chain.values((format.minRaw...format.maxRaw).map { format.value(of: $0) }, element: 0)
  }
}
