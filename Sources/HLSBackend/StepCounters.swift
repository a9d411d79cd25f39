import Backends

/// Counters along the axes of nested loops over places `p0`, `p1`, …: which places are a whole number of steps after
/// the first that counts. They stand for `%` of run-time values, for which hardware would divide.
struct StepCounters {
  /// How many axes the loops have.
  let rank: Int
  /// By axis, the first place that counts and the places from one to the next; only steps of more than 1.
  private var axes: [(axis: Int, first: Int, step: Int)] = []

  init(rank: Int) { self.rank = rank }

  /// Counts along an axis, if its step asks for it.
  mutating func add(_ axis: Int, first: Int, step: Int) {
    if step > 1 { axes.append((axis, first, step)) }
  }

  /// The expression that says whether a place from the first on counts.
  func isWhole(_ axis: Int) -> String { "phase\(axis) == 0" }

  /// Declares the counters, before the loops.
  func declare(_ code: inout CodeWriter) {
    for (axis, _, _) in axes { code.line("int phase\(axis) = 0;") }
  }

  /// Brings the counters to the place the loops are at: first in the innermost loop.
  func advance(_ code: inout CodeWriter) {
    for (axis, first, step) in axes {
      func move(_ code: inout CodeWriter) {
        code.line(
          "phase\(axis) = p\(axis) == \(first) || phase\(axis) == \(step - 1) ? 0 : phase\(axis) + 1;")
      }
      // An outer axis moves where the inner ones begin.
      let begins = (axis + 1..<max(rank, axis + 1)).map { "p\($0) == 0" }
      if begins.isEmpty { move(&code) } else { code.block("if (\(begins.joined(separator: " && ")))", move) }
    }
  }
}
