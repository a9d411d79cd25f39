import FixedPoint

/// The intervals the words of a value lie in, in raw integers of its format.
public struct ValueRange: Hashable, Sendable {
  /// One interval for all words, or one for every position of the last axis, or as many as follow one another again and
  /// again along it (a window's, tap by tap).
  public var channels: [ClosedRange<Raw>]

  /// One interval for all words.
  public init(_ range: ClosedRange<Raw>) { channels = [range] }

  /// One interval for every position of the last axis (or one for all). Not empty.
  public init(channels: [ClosedRange<Raw>]) { self.channels = channels }

  /// The interval at a position of the last axis.
  public subscript(position: Int) -> ClosedRange<Raw> { channels[position % channels.count] }

  /// The smallest interval around all words.
  public var hull: ClosedRange<Raw> { channels.dropFirst().reduce(channels[0]) { $0.hull($1) } }
}

extension Program {
  /// For every value the words it can have, by interval arithmetic on raw integers: sound (no event in the
  /// given input ranges leaves them), not always tight.
  ///
  /// - Parameter inputs: the words of each of `inputs`; nil means every word of its format.
  /// - Precondition: the program passes `verify()`.
  public func ranges(inputs given: [ClosedRange<Raw>]? = nil) -> [ValueRange] {
    var ranges: [ValueRange] = []
    ranges.reserveCapacity(instructions.count)
    for index in instructions.indices {
      if let given, let slot = inputs.firstIndex(of: ValueID(index)) {
        ranges.append(ValueRange(given[slot]))
      } else {
        ranges.append(range(of: ValueID(index), given: ranges))
      }
    }
    return ranges
  }

  /// The range of one value, from the ranges of the values before it. An input has every word of its format.
  public func range(of id: ValueID, given ranges: [ValueRange]) -> ValueRange {
    let instruction = self[id]
    let operands = instruction.operands.map {
      RangedOperand(id: $0, type: self[$0].type, range: ranges[$0.index], words: constant($0))
    }
    let format = instruction.type.format
    switch instruction.operation {
    case .input: return ValueRange(format.minRaw...format.maxRaw)
    case .constant(let words): return ValueRange(words: words, lastAxis: instruction.type.shape.last ?? 1)
    case .requantize(let formats): return formats.range(operands[0])
    case .affine:
      let columns = instruction.type.shape.last ?? 1
      guard let sums = sums(of: id, given: ranges) else { return ValueRange(format.words) }
      return ValueRange(
        channels: (0..<columns).map { column in
          let groups = stride(from: column, to: sums.outputs.count, by: columns)
          return groups.dropFirst().reduce(sums.outputs[column].result.words) {
            $0.hull(sums.outputs[$1].result.words)
          }
        })
    case .contract, .reduce(.sum):
      return ValueRange(sums(of: id, given: ranges)?.outputs[0].result.words ?? format.words)
    case .elementwise(let kind): return kind.range(operands, result: instruction.type)
    case .reduce(let reduction): return reduction.range(operands[0], result: instruction.type)
    case .lookup: return operands[0].lookup(in: operands[1], result: instruction.type)
    case .select(let comparison): return comparison.range(operands, result: instruction.type)
    case .window(let window): return window.range(operands[0])
    case .rearrange(let rearrangement): return rearrangement.range(operands, result: instruction.type)
    }
  }
}

/// What a transfer function knows of an operand.
struct RangedOperand {
  let id: ValueID
  let type: ValueType
  let range: ValueRange
  /// The words, if the operand is a constant.
  let words: [Raw]?

  var lastAxis: Int { type.shape.last ?? 1 }
  var fractionBits: Int { type.format.fractionBits }

  /// The intervals as integer multiples of 2^−fraction.
  func aligned(to fraction: Int) -> ValueRange {
    ValueRange(channels: range.channels.map { $0.shifted(left: fraction - fractionBits) })
  }

  /// Entries of tables read by these indices, clamped.
  fileprivate func lookup(in tables: RangedOperand, result: ValueType) -> ValueRange {
    guard let words = tables.words else { return ValueRange(tables.type.format.words) }
    let (entries, rows) = (tables.lastAxis, tables.type.shape.dropLast())
    // The tables that position `channel` of the last axis reads: every `period`th.
    let period = rows.last ?? 1
    struct Read: Hashable {
      let table: Int
      let entries: ClosedRange<Int>
    }
    var known: [Read: ClosedRange<Raw>] = [:]
    let channels = period > 1 ? result.shape.last ?? 1 : range.channels.count
    return ValueRange(
      channels: (0..<channels).map { channel in
        let (indices, last) = (range[channel], Raw(entries - 1))
        let read = Read(
          table: channel % period,
          entries: Int(min(max(indices.lowerBound, 0), last))...Int(min(max(indices.upperBound, 0), last)))
        if let range = known[read] { return range }
        let starts = stride(from: read.table * entries, to: words.count, by: period * entries)
        let all = starts.lazy.flatMap { words[$0 + read.entries.lowerBound...$0 + read.entries.upperBound] }
        let first = words[read.table * entries + read.entries.lowerBound]
        let range = all.reduce(first...first) { $0.hull($1...$1) }
        known[read] = range
        return range
      })
  }
}

extension ValueRange {
  /// The smallest and largest of `words` at every position of the last axis.
  init(words: [Raw], lastAxis: Int) {
    var ranges = words.prefix(lastAxis).map { $0...$0 }
    for (index, word) in words.enumerated().dropFirst(lastAxis) {
      let position = index % lastAxis
      if !ranges[position].contains(word) { ranges[position] = ranges[position].hull(word...word) }
    }
    channels = ranges
  }

  /// One interval for all positions.
  var merged: ValueRange { ValueRange(hull) }

  /// Every interval widened to hold a word.
  func including(_ word: Raw) -> ValueRange { ValueRange(channels: channels.map { $0.hull(word...word) }) }
}

extension ClosedRange<Raw> {
  /// The smallest interval around both.
  func hull(_ other: ClosedRange<Raw>) -> ClosedRange<Raw> {
    Swift.min(lowerBound, other.lowerBound)...Swift.max(upperBound, other.upperBound)
  }

  /// Every word times 2^count, count ≥ 0.
  func shifted(left count: Int) -> ClosedRange<Raw> {
    (lowerBound << Raw(count))...(upperBound << Raw(count))
  }

  /// Sums of a word of each.
  static func + (a: ClosedRange<Raw>, b: ClosedRange<Raw>) -> ClosedRange<Raw> {
    (a.lowerBound + b.lowerBound)...(a.upperBound + b.upperBound)
  }

  /// Products of a word of each.
  static func * (a: ClosedRange<Raw>, b: ClosedRange<Raw>) -> ClosedRange<Raw> {
    let corners = [a.lowerBound, a.upperBound].flatMap { x in [x * b.lowerBound, x * b.upperBound] }
    return (corners.min() ?? 0)...(corners.max() ?? 0)
  }

  /// The larger of a word of each.
  func maximum(_ other: ClosedRange<Raw>) -> ClosedRange<Raw> {
    Swift.max(lowerBound, other.lowerBound)...Swift.max(upperBound, other.upperBound)
  }

  /// The smaller of a word of each.
  func minimum(_ other: ClosedRange<Raw>) -> ClosedRange<Raw> {
    Swift.min(lowerBound, other.lowerBound)...Swift.min(upperBound, other.upperBound)
  }
}

extension Reduction {
  fileprivate func range(_ x: RangedOperand, result: ValueType) -> ValueRange {
    // Not an array: the axis may be as long as the tensor.
    let terms = (0..<x.lastAxis).lazy.map { x.range[$0] }
    switch self {
    case .argmax: return ValueRange(0...Raw(x.lastAxis - 1))
    case .maximum: return ValueRange(terms.reduce(terms[0]) { $0.maximum($1) })
    case .minimum: return ValueRange(terms.reduce(terms[0]) { $0.minimum($1) })
    case .sum: return ValueRange(result.format.words)
    }
  }
}

extension FixedFormat {
  /// Every word of the format.
  var words: ClosedRange<Raw> { minRaw...maxRaw }

  /// The words the conversions of `range · 2^−fractionBits` give.
  func quantize(_ range: ClosedRange<Raw>, fractionBits source: Int) -> ClosedRange<Raw> {
    let low = quantize(range.lowerBound, fractionBits: source)
    if range.lowerBound == range.upperBound { return low...low }
    switch overflow {
    case .sat, .satSym:
      // Rounding and clamping keep the order of numbers.
      return low...quantize(range.upperBound, fractionBits: source)
    case .wrap, .satZero, .wrapSM:
      // Two bits more than this format tell an end that is outside from one that is just inside.
      guard width < 120 else { return words }
      let wider = FixedFormat(width + 2, integerBits + 2, signed: true, rounding, .sat)
      let ends = (
        wider.quantize(range.lowerBound, fractionBits: source),
        wider.quantize(range.upperBound, fractionBits: source)
      )
      return ends.0 >= minRaw && ends.1 <= maxRaw ? ends.0...ends.1 : words
    }
  }
}
