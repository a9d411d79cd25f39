import FixedPoint
import Program

// A recurrent layer multiplies all elements by its kernel, then in every step the state by another, and adds what comes of both. Where
// sums wrap that is one product of both together, and the elements' results need no memory.

extension Program {
  /// This program with the products of a scan's elements in its step where those of a state can be added to them there. What is left
  /// of them nothing reads.
  func joiningFeatures() -> Program {
    let moved = withFeaturesInSteps()
    var program = self
    for index in instructions.indices {
      guard case .scan(var scan) = moved.instructions[index].operation, let body = scan.body.joiningProducts()
      else { continue }
      scan.body = body
      program.instructions[index] = moved.instructions[index]
      program.instructions[index].operation = .scan(scan)
    }
    return program
  }

  /// A step with wrapped sums of two products made one; nil where there are none.
  private func joiningProducts() -> Program? {
    var uses = [Int](repeating: 0, count: instructions.count)
    for id in instructions.flatMap(\.operands) + outputs { uses[id.index] += 1 }
    var isJoined = false
    var rewriter = Rewriter(self)
    while let value = rewriter.next {
      if let (first, second, affine) = products(addedIn: value, uses),
        let joined = rewriter.joined(first, second, affine, as: self[value])
      {
        isJoined = true
        rewriter.replace(by: joined)
      } else {
        rewriter.keep()
      }
    }
    return isJoined ? rewriter.finished() : nil
  }

  /// The two products whose sum a conversion wraps, where that is what the sum of all their terms comes to.
  private func products(addedIn value: ValueID, _ uses: [Int]) -> (Instruction, Instruction, Affine)? {
    guard case .requantize(.uniform(let format)) = self[value].operation, format.overflow == .wrap,
      case .elementwise(.add) = self[self[value].operands[0]].operation,
      uses[self[value].operands[0].index] == 1
    else { return nil }
    let operands = self[self[value].operands[0]].operands
    let (first, second) = (self[operands[0]], self[operands[1]])
    guard case .affine(let affine) = first.operation, second.operation == first.operation,
      operands[0] != operands[1],
      operands.allSatisfy({ uses[$0.index] == 1 }), affine.accumulator == format,
      affine.product?.fractionBits == format.fractionBits, first.type.shape == second.type.shape
    else { return nil }
    return (first, second, affine)
  }
}

extension Rewriter {
  /// One product of what two multiply, joined; nil where their formats differ.
  fileprivate mutating func joined(
    _ first: Instruction, _ second: Instruction, _ affine: Affine, as sum: Instruction
  )
    -> ValueID?
  {
    let types = (0..<3).map { (source[first.operands[$0]].type, source[second.operands[$0]].type) }
    let isAlike = types.allSatisfy {
      $0.format == $1.format && $0.shape.count == $1.shape.count
        && $0.shape.dropFirst() == $1.shape.dropFirst()
    }
    guard isAlike, types[0].0.shape.count == 1, types[1].0.shape.count == 2,
      types[2].0.shape == types[2].1.shape,
      types[2].0.format.fractionBits == affine.accumulator.fractionBits,
      let words = source.constant(first.operands[1]), let more = source.constant(second.operands[1]),
      let bias = source.constant(first.operands[2]), let other = source.constant(second.operands[2])
    else { return nil }
    func add(_ name: String, _ operation: Operation, _ operands: [ValueID] = [], _ type: ValueType) -> ValueID
    {
      self.add(Instruction(name: "\(sum.name).\(name)", operation: operation, operands: operands, type: type))
    }
    func length(_ place: Int) -> Int { types[place].0.shape[0] + types[place].1.shape[0] }
    let format = types[0].0.format
    let x = add(
      "both", .rearrange(.concatenate(axis: 0)), [self[first.operands[0]], self[second.operands[0]]],
      ValueType([length(0)], .union(format, format)))
    let weights = add(
      "weights", .constant(words + more), [], ValueType([length(1), types[1].0.shape[1]], types[1].0.format))
    let fraction = affine.accumulator.fractionBits
    let starts = zip(bias, other).map { affine.accumulator.quantize($0 + $1, fractionBits: fraction) }
    let biases = add("bias", .constant(starts), [], ValueType(types[2].0.shape, affine.accumulator))
    return add("joined", .affine(affine), [x, weights, biases], sum.type)
  }
}
