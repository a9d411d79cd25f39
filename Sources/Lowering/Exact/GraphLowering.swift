import Diagnostics
import FixedPoint
import Model
import Program

// Neighbours that depend on the event: which words are the largest, and rows at places that were computed.

extension TopPlaces {
  /// The places in double precision, of equal numbers the first one first. `length`: of the last axis.
  func values(_ x: [Double], length: Int) -> [Double] {
    stride(from: 0, to: x.count, by: max(length, 1)).flatMap { start -> [Double] in
      let row = x[start..<start + length].map { isLargest ? $0 : -$0 }
      let order = row.indices.sorted { row[$0] != row[$1] ? row[$0] > row[$1] : $0 < $1 }
      return order.prefix(count).map { Double($0) }
    }
  }
}

/// Rows [batch, rows, channels] at places [batch, places], in double precision.
func taken(_ x: [Double], shape: [Int], at places: [Double]) -> [Double] {
  let (rows, channels) = (shape[1], shape[2])
  let perBatch = places.count / max(shape[0], 1)
  return places.enumerated().flatMap { index, place -> ArraySlice<Double> in
    let whole = place.rounded(.towardZero)
    let row = Int(min(max(whole < 0 ? whole + Double(rows) : whole, 0), Double(rows - 1)))
    let start = (index / max(perBatch, 1) * rows + row) * channels
    return x[start..<start + channels]
  }
}

extension ExactBuilder {
  /// The places of the largest words, one after the other: the place of the largest, which is then put below all others.
  mutating func lower(_ top: TopPlaces, _ x: ValueID) throws(Failure) -> ValueID {
    let whole = shape(x)
    let length = whole[whole.count - 1]
    var rest = x
    if !top.isLargest {
      rest = try tight(
        try add(.elementwise(.subtract), try constant(0, "zero"), x, named: "negative"), "negative")
    }
    let lowest = words(rest).lowerBound - 1
    let below = constant(
      FixedTensor(
        shape: [1], format: .tight(min(lowest, 0)...max(lowest, 0), fractionBits: format(rest).fractionBits),
        words: [lowest]), "below")
    let bits = max(1, Int.bitWidth - (length - 1).leadingZeroBitCount)
    let places = constant(
      FixedTensor(
        shape: [length], format: FixedFormat(bits, bits, signed: false), words: (0..<length).map { Raw($0) }),
      "places")
    var found: [ValueID] = []
    for number in 1...top.count {
      found.append(try add(.reduce(.argmax), rest, named: "place\(number)"))
      if number < top.count {
        rest = try add(
          .select(.equal), places, found[number - 1], below, rest, named: "rest\(number)")
      }
    }
    if found.count == 1 { return found[0] }
    return try add(.rearrange(.concatenate(axis: whole.count - 1)), found, named: "")
  }

  /// Rows x [B, N, C] at places [B, J]: a tree of choices, a bit of the place for every level.
  mutating func take(_ x: ValueID, _ places: ValueID) throws(Failure) -> ValueID {
    let (batch, rows, channels) = (shape(x)[0], shape(x)[1], shape(x)[2])
    if rows == 1 {
      let repeated = Array(repeating: 0, count: shape(places)[1])
      return try add(.rearrange(.gather(axis: 1, indices: repeated)), x, named: "")
    }
    let index = try reshape(try row(places, of: rows), [batch, shape(places)[1], 1, 1])
    let bits = Int.bitWidth - (rows - 1).leadingZeroBitCount
    var table = x
    if rows < 1 << bits {
      table = try add(
        .rearrange(
          .pad(before: [0, 0, 0], after: [0, (1 << bits) - rows, 0], interior: [0, 0, 0], word: 0)), x,
        named: "table")
    }
    table = try reshape(table, [batch, 1, 1 << bits, channels])
    var rest = index
    for level in (0..<bits).reversed() {
      let half = 1 << level
      func part(_ start: Int) throws(Failure) -> ValueID {
        try add(
          .rearrange(
            .slice(
              start: [0, 0, start, 0], count: [batch, shape(table)[1], half, channels], step: [1, 1, 1, 1])),
          table, named: "half\(level)")
      }
      let (low, high) = (try part(0), try part(half))
      table = try add(
        .select(.less), rest, try constant(Double(half), "half\(level)"), low, high, named: "rows\(level)")
      if level > 0 {
        // The bits below.
        rest = try requantize(rest, FixedFormat(level, level, signed: false), "place\(level)")
      }
    }
    return try reshape(table, [batch, shape(places)[1], channels])
  }

  /// Places as whole numbers within the rows: toward zero; negative ones from the end.
  private mutating func row(_ places: ValueID, of rows: Int) throws(Failure) -> ValueID {
    let width = max(1, format(places).integerBits)
    var index = try requantize(
      places, FixedFormat(width, width, signed: format(places).isSigned, .trnZero, .sat), "whole")
    if range(index).lowerBound < 0 {
      let wrapped = try sum(index, try constant(Double(rows), "rows"), "wrapped")
      index = try add(.select(.less), index, try constant(0, "zero"), wrapped, index, named: "place")
    }
    if range(index).lowerBound < 0 || range(index).upperBound > Double(rows - 1) {
      note(
        "places from \(range(places).lowerBound.short) to \(range(places).upperBound.short) are possible where there are "
          + "\(rows) rows; those outside read the first or the last")
    }
    index = try atMost(try atLeast(index, 0, "inside"), Double(rows - 1), "within")
    let bits = max(1, Int.bitWidth - (rows - 1).leadingZeroBitCount)
    return try requantize(index, FixedFormat(bits, bits, signed: false), "row")
  }
}
