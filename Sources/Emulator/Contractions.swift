import CKernels
import FixedPoint
import Program

// Dot products of two tensors (`contracts.h`), exact in 32 bits, or of the second tensor's digits each for itself.

/// Dot products of two tensors and what follows them: `tf_contract`.
struct ContractStep {
  /// But for places.
  var kernel: tf_contract
  /// [groups, positions, terms]
  var x: [Reference]
  /// [groups, columns, terms]
  var y: [Reference]
  var terms: Int
  /// [groups, positions, columns]
  var out: [Reference]

  /// Bytes of scratch memory.
  var scratch: Int {
    let positions = Int(TF_CONTRACT_POSITIONS)
    let lanes = kernel.columns * (kernel.depth + 1) * Int(kernel.parts) + positions * kernel.depth
    return lanes * Int(TF_BLOCK) * TileLayout.lane
  }

  /// For people.
  var description: String {
    "dot products of \(terms) pairs of words, \(out.count) results, in \(kernel.parts) parts"
  }
}

extension PlanBuilder {
  /// Plans a contraction, and the chain after it, as products of int16.
  ///
  /// - Returns: the last instruction of the chain; nil where the kernels cannot do it.
  mutating func planFast(_ contract: Contract, _ index: Int) -> Int? {
    let operands = program.instructions[index].operands
    let fraction = operands.map { type($0).format.fractionBits }.reduce(0, +)
    guard
      let sums = program.sums(of: ValueID(index), given: known).flatMap({
        SumConversion($0, fractionBits: fraction)
      }),
      sums.kind == .exact, sums.term == nil, sums.shift == 0
    else { return nil }
    let (chain, last) = grow(Chain(sums.total), from: index)
    if let end = emit(contractionOf: index, sums.total, chain, last) { return end }
    return last == index ? nil : emit(contractionOf: index, sums.total, Chains(Chain(sums.total)), index)
  }

  private mutating func emit(contractionOf index: Int, _ sums: Interval, _ chain: Chains, _ last: Int) -> Int?
  {
    let operands = program.instructions[index].operands
    let shape = type(operands[0]).shape
    let (rows, columns) = (shape[shape.count - 2], type(operands[1]).shape[shape.count - 2])
    // Only x may be stored less an offset.
    let isTransposed = offset(of: operands[1]) != 0 && offset(of: operands[0]) == 0
    let (x, y) = isTransposed ? (operands[1], operands[0]) : (operands[0], operands[1])
    guard chain.kinds.count == 1, chain.left == 0, let xOffset = offset(of: x), offset(of: y) == 0 else {
      return nil
    }
    let row = Buffer.storage(chain.interval, bytes: options.usesBytes)
    guard WordSize(chain.interval) == .bits32, Int(row.storage) <= TF_S32,
      var kernel = parts(
        intervals[x.index], intervals[y.index], depth: shape[shape.count - 1], sums, chain, row)
    else { return nil }
    let terms = shape[shape.count - 1]
    kernel.x_offset = xOffset
    (kernel.positions, kernel.columns) = isTransposed ? (columns, rows) : (rows, columns)
    kernel.groups = type(operands[0]).count / (rows * terms)
    kernel.depth = (terms + 1) / 2
    let own = kernel.columns
    let width = (own + 3) / 4 * 4
    kernel.columns = width
    intervals[last] = chain.interval
    let stored = store(
      Buffer(count: kernel.groups * kernel.positions * width, row: row, step: steps.count))
    views[last] = (0..<program.instructions[last].type.count).map { word in
      let (line, column) = word.quotientAndRemainder(dividingBy: columns)
      let (group, position) = line.quotientAndRemainder(dividingBy: rows)
      let place = isTransposed ? (column, position) : (position, column)
      return stored[(group * kernel.positions + place.0) * width + place.1]
    }
    // Columns that fill up the last four are those of the last one.
    let yView = views[y.index]
    let columnsOfY = (0..<kernel.groups).flatMap { group in
      (0..<width).flatMap { column -> [Reference] in
        let first = (group * own + min(column, own - 1)) * terms
        return Array(yView[first..<first + terms])
      }
    }
    steps.append(
      .contraction(
        ContractStep(kernel: kernel, x: views[x.index], y: columnsOfY, terms: terms, out: stored)))
    return last
  }

  /// What is taken off a value's words where they are stored as int16; nil where they are not, or not alike.
  private func offset(of id: ValueID) -> Int32? {
    let view = views[id.index]
    guard let first = view.first, view.allSatisfy({ !$0.isConstant }) else { return nil }
    let row = buffers[Int(first.buffer)].row
    let isAlike = Set(view.map(\.buffer)).allSatisfy { buffer in
      let other = buffers[Int(buffer)].row
      return Int(other.storage) == TF_S16 && other.shift == 0 && other.offset == row.offset
    }
    return isAlike ? row.offset : nil
  }

  /// In how many parts y is multiplied, what the sums start from and how they end; nil where something leaves 32 bits.
  private func parts(
    _ x: Interval, _ y: Interval, depth: Int, _ sums: Interval, _ chain: Chains, _ row: tf_row
  ) -> tf_contract? {
    var kernel = tf_contract()
    kernel.parts = 1
    if let (epilogue, starts, _) = chain.epilogue(sums, row: row), WordSize(sums) == .bits32 {
      kernel.epilogue = epilogue
      kernel.start.0 = Int32(truncatingIfNeeded: starts[0])
      return kernel
    }
    kernel.parts = 2
    guard !chain.isConvergent else { return nil }
    let terms = Interval(Raw(depth), Raw(depth))
    for split in (1..<16).reversed() where split <= chain.dropped {
      guard let (epilogue, starts, _) = chain.epilogue(sums, joined: split, row: row) else { continue }
      let (high, low) = (starts[0] >> Raw(split), starts[0] & ((1 << Raw(split)) - 1))
      let lower = x * Interval(0, (1 << Raw(split)) - 1) * terms + Interval(low, low)
      let carried = Interval(lower.low >> Raw(split), lower.high >> Raw(split))
      let upper =
        x * Interval(y.low >> Raw(split), y.high >> Raw(split)) * terms + Interval(high, high) + carried
      guard WordSize(lower) == .bits32, WordSize(upper) == .bits32 else { continue }
      kernel.split = UInt8(split)
      kernel.epilogue = epilogue
      kernel.start = (Int32(truncatingIfNeeded: high), Int32(truncatingIfNeeded: low))
      return kernel
    }
    return nil
  }
}

extension ContractStep {
  /// The kernel's form.
  ///
  /// - Parameter copy: keeps arrays as long as the plan lives.
  func resolved(_ buffers: [Buffer], _ memory: Memory) -> tf_contract {
    func pairs(_ words: [Reference]) -> UnsafePointer<tf_pair> {
      memory.copy(
        stride(from: 0, to: words.count, by: terms).flatMap { line in
          stride(from: line, to: line + terms, by: 2).map { place in
            let isSingle = place + 1 == line + terms
            let rows = [words[place], words[isSingle ? place : place + 1]].map {
              buffers[Int($0.buffer)].row(Int($0.element))
            }
            return tf_pair(
              lanes: (rows[0].lane, rows[1].lane), positions: (rows[0].position, rows[1].position),
              is_single: isSingle ? 1 : 0)
          }
        })
    }
    var kernel = kernel
    kernel.x = pairs(x)
    kernel.y = pairs(y)
    kernel.out = memory.copy(
      stride(from: 0, to: out.count, by: 4).map {
        buffers[Int(out[$0].buffer)].row(Int(out[$0].element)).lane
      })
    return kernel
  }
}
