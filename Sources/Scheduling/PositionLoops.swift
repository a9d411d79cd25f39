import Program

/// A convolution or pooling of an `io_parallel` design, built for some of its positions and used for all of them
/// in turn: a window and the operations that follow it position by position, those of the layers behind it
/// (activations, quantizers, normalizations) too.
public struct PositionLoop: Hashable, Sendable {
  /// Wiring of a whole tensor that only the window reads: done anew in every pass, so that there are no registers for the words
  /// of all positions.
  public var wiring: [Int] = []
  /// The instructions, in order; the first is the window.
  public var instructions: [Int]
  /// The leading axes of their results that count positions.
  public var axes: Int
  /// How many positions there are.
  public var positions: Int
  /// How many are computed at once (hls4ml's ParallelizationFactor).
  public var factor: Int

  /// How many times the hardware is used per event.
  public var trips: Int { (positions + factor - 1) / factor }
  /// All it takes, in order.
  public var all: [Int] { wiring + instructions }
  /// Whether it is a region of its own, which goes on with the next event without a pause: where passes choose from a tensor that is
  /// there as a whole, as trees do that share hardware.
  public var rewinds: Bool { !wiring.isEmpty && factor == 1 }

  /// The instruction whose time is counted with the other passes': the one that multiplies, or the last.
  func carrier(_ program: Program) -> Int {
    instructions.last { index in
      if case .affine = program.instructions[index].operation { true } else { false }
    } ?? instructions[instructions.count - 1]
  }
}

extension Program {
  /// The instructions of every layer, in order.
  var instructionsByLayer: [[Int]] {
    var members: [[Int]] = layers.map { _ in [] }
    for (index, instruction) in instructions.enumerated() {
      if let layer = instruction.layer { members[layer].append(index) }
    }
    return members
  }

  /// Whether an operation is a loop over an array of multipliers; grouped matrices are always unrolled.
  func loopsOverMultipliers(_ index: Int, _ choice: Step.Choice) -> Bool {
    guard case .affine = instructions[index].operation else { return false }
    return choice.strategy == .resource && choice.reuseFactor > 1
      && self[instructions[index].operands[1]].type.shape.count == 2
  }

  /// The loops over positions; `factor` is asked for the positions computed at once at each window, nil for all.
  func positionLoops(factor: (Int) -> Int?) -> [PositionLoop] {
    let roots = self.roots
    var loops: [PositionLoop] = []
    var index = 0
    while index < instructions.count {
      defer { index += 1 }
      guard case .window(let window) = instructions[index].operation, instructions[index].layer != nil,
        !holdsConstant(instructions[index].operands[0])
      else { continue }
      let shape = Array(instructions[index].type.shape.prefix(window.kernel.count))
      var loop = PositionLoop(
        instructions: [index], axes: shape.count, positions: shape.reduce(1, *), factor: 1)
      var next = index + 1
      while next < instructions.count {
        if roots[next] != next || constant(ValueID(next)) != nil {
          next += 1
          continue
        }
        let sources = instructions[next].operands.filter { !holdsConstant($0) }
        guard isPositionwise(next, positions: shape),
          sources.allSatisfy({ loop.instructions.contains(roots[$0.index]) })
        else { break }
        loop.instructions.append(next)
        next += 1
      }
      guard loop.instructions.count > 1, let factor = factor(index), factor < loop.positions else { continue }
      loop.factor = max(1, factor)
      loop.wiring = wiring(before: index, window)
      loops.append(loop)
      index = next - 1
    }
    return loops
  }

  /// Where a loop's window sees more positions than there are words to choose from, the place of each word that it sees among them,
  /// position by position: a multiplexer of those words is smaller than one of all positions' words. Nil elsewhere.
  public func placesByPosition(_ loop: PositionLoop) -> [Int]? {
    guard loop.rewinds, let index = loop.wiring.first,
      case .rearrange(.gather(axis: 0, let places)) = instructions[index].operation
    else { return nil }
    let source = self[instructions[index].operands[0]].type
    return source.shape.count == 1 && source.count < loop.positions ? places : nil
  }

  /// The choice of words directly in front of a window that sees one position at a time, if nothing else reads it.
  private func wiring(before index: Int, _ window: Window) -> [Int] {
    let roots = self.roots
    let source = roots[instructions[index].operands[0].index]
    guard window.kernel.allSatisfy({ $0 == 1 }), instructions[source].layer == instructions[index].layer,
      case .rearrange(.gather(axis: 0, _)) = instructions[source].operation,
      !holdsConstant(instructions[source].operands[0]),
      (source + 1..<index).allSatisfy({ roots[$0] == source || constant(ValueID($0)) != nil }),
      !outputs.contains(where: { roots[$0.index] == source }),
      instructions.indices.allSatisfy({ reader in
        reader == index || roots[reader] == source
          || !instructions[reader].operands.contains { roots[$0.index] == source }
      })
    else { return [] }
    return [source]
  }
}
