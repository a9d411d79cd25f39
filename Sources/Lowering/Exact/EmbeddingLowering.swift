import Diagnostics
import FixedPoint
import Model
import Program

extension Embedding {
  /// The columns of the table, each a table of its own.
  fileprivate var columns: Weights {
    let (count, width) = (rows.shape[0], rows.shape[1])
    return Weights(
      shape: [width, count],
      values: (0..<width).flatMap { column in (0..<count).map { rows.values[$0 * width + column] } })
  }

  /// The rows that numbers say, in double precision. What is outside the table reads its first or last row.
  func values(_ x: [Double]) -> [Double] {
    let (count, width) = (rows.shape[0], rows.shape[1])
    return x.flatMap { number -> ArraySlice<Double> in
      let row = Int(min(max(number.rounded(.towardZero), 0), Double(count - 1)))
      return rows.values[row * width..<(row + 1) * width]
    }
  }
}

extension ExactBuilder {
  /// Rows of a table: a lookup in every column's table by the same index.
  mutating func lower(_ embedding: Embedding, _ x: ValueID) throws(Failure) -> ValueID {
    let rows = embedding.rows.shape[0]
    let range = range(x)
    if range.lowerBound <= -1 || range.upperBound >= Double(rows) {
      note(
        "numbers from \(range.lowerBound) to \(range.upperBound) are possible where the table has rows 0 to \(rows - 1); "
          + "those outside read the first or the last")
    }
    let bits = max(1, format(x).integerBits)
    let whole = try requantize(
      x, FixedFormat(bits, bits, signed: format(x).isSigned, .trnZero, .sat), "row")
    let table = constant(try parameter(embedding.columns, "table"), "table")
    let index = try reshape(whole, shape(x) + [1])
    return try add(.lookup, index, table, named: "")
  }
}
