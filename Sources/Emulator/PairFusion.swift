import CKernels
import FixedPoint

// Rows of operations that one operation does, so that nothing between them goes through memory.

extension PairBuilder {
  /// Sums that are compared at once, and the two rows of words x less a part of them (`TF_WIDE_LESS_LOWER`, `…UPPER`), where x is
  /// looked up in two tables by the upper bits of a word of 16 bits and what the part is in a third one by the lower bits:
  /// `TF_WIDE_TABLES`. What nothing reads then is left to `packed`.
  static func fuse(_ ops: inout [Op], _ tables: inout [PairTable]) {
    for row in ops.indices where ops[row].code == TF_PAIR_MAXIMUM {
      if let sum = sum(under: row, ops) { ops[row] = sum }
    }
    for row in ops.indices.dropLast() {
      guard ops[row].code == TF_WIDE_LESS_LOWER, ops[row + 1].code == TF_WIDE_LESS_UPPER,
        ops[row].sources.dropFirst() == ops[row + 1].sources.dropFirst(),
        ops[row].count == ops[row + 1].count,
        let fused = product(of: row, ops, &tables)
      else { continue }
      ops[row] = fused
      ops[row + 1] = .second(of: row)
    }
  }

  /// A sum that only a maximum reads, with it.
  private static func sum(under row: Int, _ ops: [Op]) -> Op? {
    let sources = ops[row].sources
    for (sum, other) in [(sources[0], sources[1]), (sources[1], sources[0])] {
      guard case .row(let added) = sum, ops[added].code == TF_PAIR_ADD,
        ops.count(where: { $0.sources.contains(sum) }) == 1, sum != other
      else { continue }
      return Op(code: TF_PAIR_ADD_MAXIMUM, sources: ops[added].sources + [other])
    }
    return nil
  }

  private static func product(of row: Int, _ ops: [Op], _ tables: inout [PairTable]) -> Op? {
    func op(_ place: PairPlace, _ codes: Int...) -> Op? {
      guard case .row(let row) = place, codes.contains(ops[row].code) else { return nil }
      return ops[row]
    }
    let less = ops[row]
    guard let lower = op(less.sources[0], TF_PAIR_JOIN),
      let upper = op(ops[row + 1].sources[0], TF_PAIR_JOIN_UPPER),
      lower.sources == upper.sources, case .constant(let one) = less.sources[2],
      let low = op(lower.sources[0], TF_PAIR_LOOKUP_AT),
      let high = op(lower.sources[1], TF_PAIR_LOOKUP_AT, TF_PAIR_LOOKUP), high.isPlain,
      let part = op(less.sources[1], TF_PAIR_LOOKUP_AT), low.sources[0] == high.sources[0],
      let index = op(low.sources[0], TF_PAIR_RIGHT_BITS, TF_PAIR_RIGHT), index.count > 0,
      let rest = op(part.sources[0], TF_PAIR_AND), rest.sources[0] == index.sources[0],
      rest.sources[1] == .int16(1 << Raw(index.count) - 1), tables.count < 250
    else { return nil }
    // What y is less than one.
    let parts = tables[part.table].words.map { Raw(one) - $0 }
    let used = [tables[low.table], tables[high.table], PairTable(words: parts)]
    guard parts.allSatisfy((0...PairForm.int16s.high).contains), parts.count >= 1 << index.count,
      used.allSatisfy({ !$0.isWide && tf_pair_table.needed($0.words).count <= 256 })
    else { return nil }
    let word = op(index.sources[0], TF_PAIR_SUBTRACT)?.sources ?? [index.sources[0], .int16(0)]
    let first = tables.count
    tables += used
    return Op(
      code: TF_WIDE_TABLES, sources: word + [less.sources[3]], count: index.count, table: first,
      right: less.count)
  }
}

extension PairBuilder.Op {
  /// Whether a word is looked up at its source as it is.
  fileprivate var isPlain: Bool { count == 0 && sources.dropFirst().allSatisfy { $0 == .int16(0) } }
}
