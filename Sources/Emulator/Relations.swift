import FixedPoint
import Program

// What the operands of a difference say of each other, which their intervals alone do not.

extension PlanBuilder {
  /// Narrows the intervals of differences whose operands are made of one value.
  mutating func relate() {
    for index in program.instructions.indices {
      guard case .elementwise(.subtract) = program.instructions[index].operation else { continue }
      if let bits = bitsLeft(by: index) {
        lowBits[index] = bits
        settle(index, Interval(0, 1 << Raw(bits) - 1))
      } else if let word = loweredFromMaximum(by: index) {
        settle(index, Interval(0, intervals[word.index].high - intervals[word.index].low))
      }
    }
  }

  /// How many low bits of a value a difference is: x less x rounded down to a coarser step, which loses nothing of it.
  private func bitsLeft(by index: Int) -> Int? {
    let operands = program.instructions[index].operands
    let rounding = program[operands[1]]
    guard case .requantize(.uniform(let format)) = rounding.operation, rounding.operands == [operands[0]],
      format.rounding == .trn
    else { return nil }
    let bits = type(operands[0]).format.fractionBits - format.fractionBits
    guard (1..<32).contains(bits), program.instructions[index].type.shape == type(operands[0]).shape else {
      return nil
    }
    let x = intervals[operands[0].index]
    let rounded = Interval(x.low >> Raw(bits), x.high >> Raw(bits))
    return format.conversionRange.contains(rounded) ? bits : nil
  }

  /// The words that a difference takes off the largest one of their row, which is no less than any of them.
  private func loweredFromMaximum(by index: Int) -> ValueID? {
    let operands = program.instructions[index].operands
    let largest = program[operands[0]]
    guard case .reduce(.maximum) = largest.operation, largest.operands == [operands[1]],
      program.instructions[index].type.shape == type(operands[1]).shape
    else { return nil }
    return operands[1]
  }

  /// Where the words of an affine operation are if each is one of x as it is: products with one, which no conversion changes. Who
  /// sends and who receives in a graph is written as such a matrix.
  func picks(_ affine: Affine, _ index: Int) -> [Reference]? {
    let operands = program.instructions[index].operands
    guard let weights = program.constant(operands[1]), let bias = program.constant(operands[2]),
      bias.allSatisfy({ $0 == 0 })
    else { return nil }
    let (x, shape) = (type(operands[0]).format, type(operands[1]).shape)
    func keeps(_ format: FixedFormat) -> Bool {
      let finer = format.fractionBits - x.fractionBits
      return (0..<64).contains(finer)
        && format.conversionRange.contains(intervals[operands[0].index].shifted(left: finer))
        && format.conversionRange.contains(Interval(0, 0))
    }
    let fraction = type(operands[1]).format.fractionBits
    guard affine.accumulator.fractionBits == x.fractionBits, keeps(affine.accumulator),
      affine.product.map(keeps) ?? true, (0..<64).contains(fraction)
    else { return nil }
    let (groups, depth, columns) = (
      shape.count == 3 ? shape[0] : 1, shape[shape.count - 2], shape[shape.count - 1]
    )
    var terms: [Int] = []
    for group in 0..<groups {
      for column in 0..<columns {
        let own = (0..<depth).filter { weights[(group * depth + $0) * columns + column] != 0 }
        guard own.count == 1, weights[(group * depth + own[0]) * columns + column] == 1 << Raw(fraction)
        else {
          return nil
        }
        terms.append(group * depth + own[0])
      }
    }
    let words = views[operands[0].index]
    return stride(from: 0, to: words.count, by: groups * depth).flatMap { first in
      terms.map { words[first + $0] }
    }
  }
}
