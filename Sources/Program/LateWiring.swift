import Diagnostics
import FixedPoint

extension Program {
  /// The same program with word-by-word operations computed before the wiring they read, where that is finer:
  /// an activation behind a Flatten works on positions × channels like the layer before the Flatten, so that one
  /// position can be computed at a time. Words, layers and their results stay the same.
  ///
  /// - A reshape is passed where the shape before it has the shorter last axis.
  /// - A transposition is passed where nothing else reads it.
  public func withLateWiring() -> Program {
    var rewriter = LateWiring(self)
    rewriter.rewrite()
    return rewriter.program
  }
}

/// Rebuilds a program instruction by instruction.
private struct LateWiring {
  private(set) var program: Program
  private let old: Program
  /// By old value, the new one.
  private var moved: [ValueID] = []
  /// How often each old value is read, put out, or shown as a layer's result.
  private var uses: [Int]
  private var names: Set<String>

  init(_ program: Program) {
    old = program
    self.program = program
    self.program.instructions = []
    names = Set(program.instructions.map(\.name))
    uses = program.useCounts
  }

  mutating func rewrite() {
    for (index, instruction) in old.instructions.enumerated() {
      if let value = hoisted(index) {
        moved.append(value)
      } else {
        var copy = instruction
        copy.operands = instruction.operands.map { moved[$0.index] }
        moved.append(append(copy))
      }
    }
    program.inputs = old.inputs.map { moved[$0.index] }
    program.outputs = old.outputs.map { moved[$0.index] }
    for layer in program.layers.indices {
      program.layers[layer].result = old.layers[layer].result.map { moved[$0.index] }
    }
    program = program.withoutUnread()
  }

  private mutating func append(_ instruction: Instruction) -> ValueID {
    program.instructions.append(instruction)
    return ValueID(program.instructions.count - 1)
  }

  /// The value of a word-by-word operation computed before the wiring it reads; nil where it stays.
  private mutating func hoisted(_ index: Int) -> ValueID? {
    let instruction = old.instructions[index]
    guard instruction.operation.isWordByWord else { return nil }
    let isLookup = instruction.operation == .lookup
    // Several tables belong to the places behind the wiring.
    if isLookup, old[instruction.operands[1]].type.shape.count > 1 { return nil }
    let tensors = isLookup ? [instruction.operands[0]] : instruction.operands
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
      sources[first] = program[moved[first.index]].operands[0]
      shape = sources[first].map { program[$0].type.shape } ?? []
    } else {
      guard let finer = finerShape(moved[first.index], than: result) else { return nil }
      wiring = .reshape(result)
      shape = finer
      for id in Set(live) {
        guard let source = source(moved[id.index], shape: shape) else { return nil }
        sources[id] = source
      }
    }
    let operands = instruction.operands.map { id -> ValueID in
      if let source = sources[id] { return source }
      guard tensors.contains(id), case .reshape = wiring else { return moved[id.index] }
      return constant(moved[id.index], from: result, to: shape)
    }
    var copy = instruction
    copy.operands = operands
    copy.type.shape = shape
    if case .requantize(.laid(let laid)) = copy.operation {
      let map = wiring.elementMap([shape], result: result)
      copy.operation = .requantize(laid.before(map, from: shape, to: result))
    }
    let value = append(copy)
    return append(
      Instruction(
        name: names.insertUnique(instruction.name + ".shaped", separator: "."), operation: .rearrange(wiring),
        operands: [value],
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
    // Broadcast to every word, as numpy does.
    let padded = Array(repeating: 1, count: from.count - shape.count) + shape
    let strides = Rearrangement.strides(padded)
    let map = Rearrangement.affineMap(
      from, padded.indices.map { padded[$0] == 1 ? 0 : strides[$0] }, offset: 0)
    var copy = program[root]
    copy.name = names.insertUnique(copy.name + ".shaped", separator: ".")
    copy.type.shape = to
    copy.operation = .constant(map.map { words[$0] })
    return append(copy)
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
  /// How often each value is read, put out, or shown as a layer's result.
  fileprivate var useCounts: [Int] {
    var uses = [Int](repeating: 0, count: instructions.count)
    for id in instructions.flatMap(\.operands) + outputs + layers.compactMap(\.result) {
      uses[id.index] += 1
    }
    return uses
  }

  /// Without wiring and constants that nothing reads.
  fileprivate func withoutUnread() -> Program {
    var isRead = useCounts.map { $0 > 0 }
    var uses = useCounts
    for index in instructions.indices.reversed() where uses[index] == 0 {
      switch instructions[index].operation {
      case .rearrange, .constant:
        for operand in instructions[index].operands { uses[operand.index] -= 1 }
        isRead[index] = false
      default: isRead[index] = true
      }
    }
    var copy = self
    copy.instructions = []
    var place = [ValueID](repeating: ValueID(0), count: instructions.count)
    for (index, instruction) in instructions.enumerated() where isRead[index] {
      place[index] = ValueID(copy.instructions.count)
      var kept = instruction
      kept.operands = instruction.operands.map { place[$0.index] }
      copy.instructions.append(kept)
    }
    copy.inputs = inputs.map { place[$0.index] }
    copy.outputs = outputs.map { place[$0.index] }
    for layer in layers.indices { copy.layers[layer].result = layers[layer].result.map { place[$0.index] } }
    return copy
  }

  /// Whether a value is, or is a reshape of, a constant.
  public func holdsConstant(_ id: ValueID) -> Bool {
    var id = id
    while case .rearrange(.reshape) = self[id].operation { id = self[id].operands[0] }
    return constant(id) != nil
  }
}

extension Operation {
  /// Whether each result word depends only on the operand words at its own place (after broadcasting).
  public var isWordByWord: Bool {
    switch self {
    case .requantize, .elementwise, .lookup, .select: true
    case .input, .constant, .affine, .contract, .reduce, .window, .rearrange: false
    }
  }
}

extension [Int] {
  fileprivate var withoutTrailingOnes: [Int] { Array(self[..<((lastIndex { $0 != 1 } ?? -1) + 1)]) }
}
