import FixedPoint
import Program

/// nnet_embed.h: word `data[j] * n_out + i` of the table, for every input word j and column i.
struct EmbeddingKernel: HLSKernel {
  var className: String { "Embedding" }
  var tensors: [HLSRole] { [.embeddings] }

  func emit(_ emitter: inout HLSEmitter) throws(ProgramError) -> ValueID {
    let x = try emitter.operand()
    guard let shape = emitter.layer.weights[.embeddings]?.data.shape, shape.count == 2 else {
      throw ProgramError("has no embeddings")
    }
    let (rows, columns) = (shape[0], shape[1])
    let (format, result) = (try emitter.format(.embeddings), try emitter.format(.result))
    let words = result.quantize(try emitter.words(.embeddings), from: format)
    let index = try emitter.reshape(x, emitter.shape(x) + [1], "places")
    if emitter.format(of: x).fractionBits <= 0 {
      // A table for every column, all read by the same index.
      let tables = (0..<columns).flatMap { column in (0..<rows).map { words[$0 * columns + column] } }
      let table = emitter.constant("table", ValueType([columns, rows], result), tables)
      let whole = try emitter.scaledIndex(index, 1, unsigned: false, "index")
      return try emitter.add("", .lookup, whole, table)
    }
    // The place in the whole table is an integer only after the multiplication: with fraction bits a word may begin
    // within a row.
    let first = try emitter.add(
      "first", .elementwise(.multiply), index, emitter.number("columns", Double(columns)))
    let offsets = emitter.constant(
      "offsets", ValueType([columns], .integer(Int.bitWidth - columns.leadingZeroBitCount, signed: false)),
      (0..<columns).map { Raw($0) })
    let place = try emitter.add("place", .elementwise(.add), first, offsets)
    let table = emitter.constant("table", ValueType([words.count], result), words)
    return try emitter.add("", .lookup, try emitter.scaledIndex(place, 1, unsigned: false, "index"), table)
  }
}
