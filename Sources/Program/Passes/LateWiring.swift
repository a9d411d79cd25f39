import FixedPoint

extension ProgramPass {
  /// Word-by-word operations are computed before the wiring they read, where that is finer: an activation behind a
  /// Flatten works on positions × channels like the layer before the Flatten, so that one position can be computed at a
  /// time. Wiring and constants that nothing reads any more are left for `deadCode`.
  ///
  /// - A reshape is passed where the shape before it has the shorter last axis.
  /// - A transposition is passed where nothing else reads it.
  public static let lateWiring = ProgramPass(
    name: "late wiring", summary: "computes word-by-word operations before the wiring they read",
    isScheduled: true
  ) { program in
    var pass = LateWiring(program)
    while let value = pass.rewriter.next {
      if let moved = pass.hoisted(value.index) {
        pass.rewriter.replace(by: moved)
      } else {
        pass.rewriter.keep()
      }
    }
    return pass.rewriter.finished()
  }
}

/// Rebuilds a program instruction by instruction.
private struct LateWiring {
  var rewriter: Rewriter
  private let old: Program
  /// How often each old value is read, put out, or shown as a layer's result.
  private let uses: [Int]

  private var program: Program { rewriter.program }

  init(_ program: Program) {
    old = program
    rewriter = Rewriter(program)
    uses = program.useCounts
  }

  /// The value of a word-by-word operation computed before the wiring it reads; nil where it stays.
  mutating func hoisted(_ index: Int) -> ValueID? {
    let instruction = old.instructions[index]
    guard case .wordwise(let operation) = instruction.operation.form else { return nil }
    // Several tables belong to the places behind the wiring.
    if let table = operation.table, old[instruction.operands[table]].type.shape.count > 1 { return nil }
    let tensors = instruction.operands.enumerated().filter { $0.offset != operation.table }.map(\.element)
    let live = tensors.filter { !old.holdsConstant($0) }
    guard let first = live.first, live.allSatisfy({ old[$0].type.shape == instruction.type.shape }) else {
      return nil
    }
    let result = instruction.type.shape
    let wiring: Rearrangement
    var sources: [ValueID: ValueID] = [:]
    let shape: [Int]
    if case .rearrange(.transpose(let order)) = old[first].operation {
      let constants = tensors.filter { old.holdsConstant($0) }
      guard Set(live).count == 1, uses[first.index] == live.count,
        constants.allSatisfy({ old[$0].type.count == 1 })
      else { return nil }
      wiring = .transpose(order)
      sources[first] = program[rewriter[first]].operands[0]
      shape = sources[first].map { program[$0].type.shape } ?? []
    } else {
      guard let finer = finerShape(rewriter[first], than: result) else { return nil }
      wiring = .reshape(result)
      shape = finer
      for id in Set(live) {
        guard let source = source(rewriter[id], shape: shape) else { return nil }
        sources[id] = source
      }
    }
    let operands = instruction.operands.map { id -> ValueID in
      if let source = sources[id] { return source }
      guard tensors.contains(id), case .reshape = wiring else { return rewriter[id] }
      return constant(rewriter[id], from: result, to: shape)
    }
    var copy = instruction
    copy.operands = operands
    copy.type.shape = shape
    if case .requantize(.laid(let laid)) = copy.operation {
      let map = wiring.elementMap([shape], result: result)
      copy.operation = .requantize(laid.before(map, from: shape, to: result))
    }
    let value = rewriter.addCopy(copy)
    return rewriter.add(
      Instruction(
        name: instruction.name + ".shaped", operation: .rearrange(wiring), operands: [value],
        type: instruction.type, layer: instruction.layer))
  }

  /// The nearest shape before a value's reshapes that is finer than `result`.
  private func finerShape(_ value: ValueID, than result: [Int]) -> [Int]? {
    var value = value
    while case .rearrange(.reshape) = program[value].operation {
      value = program[value].operands[0]
      let shape = program[value].type.shape
      if shape.withoutTrailingOnes != result.withoutTrailingOnes, let last = shape.last,
        last < result.last ?? 1
      {
        return shape
      }
    }
    return nil
  }

  /// What a value is a reshape of, where that has the given shape.
  private func source(_ value: ValueID, shape: [Int]) -> ValueID? {
    var value = value
    while case .rearrange(.reshape) = program[value].operation {
      value = program[value].operands[0]
      if program[value].type.shape == shape { return value }
    }
    return nil
  }

  /// A constant beside a value of shape `from`, as it is beside the same words in shape `to`.
  private mutating func constant(_ id: ValueID, from: [Int], to: [Int]) -> ValueID {
    var root = id
    while case .rearrange(.reshape) = program[root].operation { root = program[root].operands[0] }
    let shape = program[id].type.shape
    let own = Array(shape.drop { $0 == 1 })
    if shape.count <= to.count, own == to.suffix(own.count), own == from.suffix(own.count) { return id }
    let words = program.constant(root) ?? []
    let map = broadcastPlaces(of: shape, in: from)
    var copy = program[root]
    copy.name += ".shaped"
    copy.type.shape = to
    copy.operation = .constant(map.map { words[$0] })
    return rewriter.add(copy)
  }
}

extension LaidFormats {
  /// The formats of words of shape `from` that wiring moves to places of `to`, where these formats hold: `map` has every
  /// place's word, each of them once.
  fileprivate func before(_ map: [Int], from: [Int], to: [Int]) -> FormatLayout {
    var elements = [FixedFormat?](repeating: nil, count: map.count)
    for (word, place) in zip(map, places(in: to)) { elements[word] = formats[place] }
    return FormatLayout(shape: from, elements)
  }
}

extension Program {
  /// Whether a value is, or is a reshape of, a constant.
  public func holdsConstant(_ id: ValueID) -> Bool {
    var id = id
    while case .rearrange(.reshape) = self[id].operation { id = self[id].operands[0] }
    return constant(id) != nil
  }
}

extension [Int] {
  fileprivate var withoutTrailingOnes: [Int] { Array(self[..<((lastIndex { $0 != 1 } ?? -1) + 1)]) }
}
