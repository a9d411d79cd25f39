import FixedPoint
import Program

/// Wiring of whole tokens: the leading axes move, what lies behind them stays together.
public struct Wire: Hashable, Sendable {
  /// Words of a token.
  public var words: Int
  /// What happens to the tokens.
  public var plan: Plan

  /// How result tokens come from operand tokens.
  public enum Plan: Hashable, Sendable {
    /// A box of places is walked. For a pad that is the result, for a slice the operand; the tokens of the other one
    /// are at the places with `from ≤ p ≤ last` and (p − from) a multiple of `step` on every axis.
    case places([Axis], fills: Bool)
    /// `outer` times: `runs[k]` tokens of operand k, one operand after the other.
    case join(outer: Int, runs: [Int])
    /// `outer` times: every operand row of `inner` tokens is given `counts` times, one row after the other.
    case repeats(outer: Int, counts: [Int], inner: Int)
    /// All tokens are kept in a memory and read in another order: result token t is operand token Σ tᵢ · strides[i],
    /// where t are the coordinates in `lengths`; along `axis` place i is that of `indices[i]` (empty: i).
    case reorder(lengths: [Int], strides: [Int], axis: Int, indices: [Int])
  }

  /// One axis of a walk over places.
  public struct Axis: Hashable, Sendable {
    /// Its length.
    public var length: Int
    /// The first and the last place that has a token, and their distance.
    public var from, last, step: Int

    /// Which places have a token.
    var flags: [Bool] { (0..<length).map { $0 >= from && $0 <= last && ($0 - from) % step == 0 } }
  }

  /// The walk's mask: which places have a token of the narrower side.
  static func mask(_ axes: [Axis]) -> [Bool] {
    axes.reduce([true]) { partial, axis in
      let flags = axis.flags
      return partial.flatMap { outer in flags.map { outer && $0 } }
    }
  }
}

extension Program {
  /// The words that stay together where an instruction moves leading axes only; nil if it is no such wiring.
  func wordsMovedTogether(_ index: Int) -> Int? {
    guard case .rearrange(let wiring) = instructions[index].operation else { return nil }
    let operands = instructions[index].operands
    if operands.contains(where: holdsConstant) { return nil }
    let shape = self[operands[0]].type.shape
    let touched: Int?
    switch wiring {
    case .reshape: return nil
    case .transpose(let order): touched = order.indices.last { order[$0] != $0 }
    case .concatenate(let axis), .gather(let axis, _): touched = axis
    case .pad(let before, let after, let interior, _):
      touched = shape.indices.last { before[$0] != 0 || after[$0] != 0 || interior[$0] != 0 }
    case .slice(let start, let count, let step):
      touched = shape.indices.last { start[$0] != 0 || step[$0] != 1 || count[$0] != shape[$0] }
    }
    return shape[((touched ?? -1) + 1)...].reduce(1, *)
  }

  /// The wiring at `index` in tokens of `words` words, which divide `wordsMovedTogether`.
  func wire(_ index: Int, words: Int) -> Wire? {
    guard let together = wordsMovedTogether(index), together % words == 0,
      case .rearrange(let wiring) = instructions[index].operation
    else { return nil }
    let shapes = instructions[index].operands.map { self[$0].type.shape }
    let shape = shapes[0]
    let inner = together / words
    var axes = shape.count
    while axes > 0, shape[axes...].reduce(1, *) < together { axes -= 1 }
    func lengths(_ shape: [Int]) -> [Int] { Array(shape.prefix(axes)) + [inner] }
    switch wiring {
    case .reshape: return nil
    case .transpose(let order):
      let strides = Rearrangement.strides(lengths(shape))
      let places = order.prefix(axes) + [axes]
      return Wire(
        words: words,
        plan: .reorder(
          lengths: places.map { lengths(shape)[$0] }, strides: places.map { strides[$0] }, axis: 0,
          indices: []))
    case .concatenate(let axis):
      return Wire(
        words: words,
        plan: .join(
          outer: shape[..<axis].reduce(1, *), runs: shapes.map { $0[axis...].reduce(1, *) / words }))
    case .gather(let axis, let indices):
      let outer = shape[..<axis].reduce(1, *)
      let inner = shape[(axis + 1)...].reduce(1, *) / words
      if zip(indices, indices.dropFirst()).allSatisfy({ $0 <= $1 }) {
        let counts = (0..<shape[axis]).map { row in indices.count { $0 == row } }
        return Wire(words: words, plan: .repeats(outer: outer, counts: counts, inner: inner))
      }
      return Wire(
        words: words,
        plan: .reorder(
          lengths: [outer, indices.count, inner], strides: [shape[axis] * inner, inner, 1], axis: 1,
          indices: indices))
    case .pad(let before, let after, let interior, _):
      let walked = (0..<axes).map { axis in
        let last = before[axis] + (shape[axis] - 1) * (interior[axis] + 1)
        return Wire.Axis(
          length: last + 1 + after[axis], from: before[axis], last: last, step: interior[axis] + 1)
      }
      return Wire(words: words, plan: .places(walked + Self.whole(inner), fills: true))
    case .slice(let start, let count, let step):
      let walked = (0..<axes).map { axis in
        Wire.Axis(
          length: shape[axis], from: start[axis], last: start[axis] + (count[axis] - 1) * step[axis],
          step: step[axis])
      }
      return Wire(words: words, plan: .places(walked + Self.whole(inner), fills: false))
    }
  }

  private static func whole(_ length: Int) -> [Wire.Axis] {
    length == 1 ? [] : [Wire.Axis(length: length, from: 0, last: length - 1, step: 1)]
  }
}

extension Dataflow {
  /// The wiring of a wire process.
  public func wire(_ process: Process) -> Wire? {
    guard case .wire(let index) = process.kind, let input = process.reads.first else { return nil }
    return program.wire(index, words: channels[input].words)
  }

  /// The channels a wire process reads, in the order of its operands.
  public func operandChannels(_ process: Process) -> [Int] {
    guard case .wire(let index) = process.kind else { return process.reads }
    return program.instructions[index].operands.compactMap { operand in
      process.reads.first { channels[$0].value.index == root[operand.index] }
    }
  }

  /// What a wire process keeps tokens in: a row that is given again, or the whole tensor where its order changes.
  public func wireMemory(_ process: Process) -> Memory? {
    guard let wire = wire(process), let input = process.reads.first else { return nil }
    let width = wire.words * program[channels[input].value].type.format.width
    switch wire.plan {
    case .places, .join: return nil
    case .repeats(_, _, let inner): return inner > 1 ? memory(width, inner) : nil
    case .reorder: return memory(width, channels[input].tokens)
    }
  }

  private func memory(_ width: Int, _ depth: Int) -> Memory {
    var memory = Memory(width: width, depth: depth, hasURAM: hasURAM)
    // Any word may be read: no shift registers.
    if memory.kind == .srl { memory.kind = .lutram }
    return memory
  }

  /// The firings of a wire process, in order: the operands' channels read, and whether a token is given.
  func wireSteps(_ wire: Wire, _ inputs: [Int]) -> [(read: Int?, writes: Bool)] {
    switch wire.plan {
    case .places(let axes, let fills):
      return Wire.mask(axes).map { fills ? ($0 ? inputs[0] : nil, true) : (inputs[0], $0) }
    case .join(let outer, let runs):
      let once = runs.indices.flatMap { operand in
        Array(repeating: (read: Int?.some(inputs[operand]), writes: true), count: runs[operand])
      }
      return (0..<outer).flatMap { _ in once }
    case .repeats(let outer, let counts, let inner):
      let once = counts.flatMap { count in
        (0..<max(1, count)).flatMap { copy in
          Array(repeating: (read: copy == 0 ? inputs[0] : nil, writes: copy < count), count: inner)
        }
      }
      return (0..<outer).flatMap { _ in once }
    case .reorder(let lengths, _, _, _):
      return Array(repeating: (read: inputs[0], writes: false), count: channels[inputs[0]].tokens)
        + Array(repeating: (read: nil, writes: true), count: lengths.reduce(1, *))
    }
  }
}
