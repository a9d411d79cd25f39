import FixedPoint
import Program

extension Program {
  /// For every instruction, the one that makes its words: itself, or for a reshape its operand's.
  public var roots: [Int] {
    var roots: [Int] = []
    for (index, instruction) in instructions.enumerated() {
      if case .rearrange(.reshape) = instruction.operation {
        roots.append(roots[instruction.operands[0].index])
      } else {
        roots.append(index)
      }
    }
    return roots
  }

  /// Whether the instruction computes every position of the first `axes` axes from the same position of its
  /// operands, where `positions` are those axes' lengths. Constants may be the same for all positions.
  func isPositionwise(_ index: Int, positions: [Int]) -> Bool {
    let axes = positions.count
    let instruction = instructions[index]
    func leads(_ shape: [Int]) -> Bool { shape.count >= axes && Array(shape.prefix(axes)) == positions }
    guard leads(instruction.type.shape) else { return false }
    let rank = instruction.type.shape.count
    let shapes = instruction.operands.map { self[$0].type.shape }
    switch instruction.operation.form {
    case .input, .constant, .wiring(.window), .scan: return false
    case .wordwise(let operation):
      return zip(instruction.operands, shapes).enumerated().allSatisfy { place, pair in
        let (operand, shape) = pair
        // Tables that differ from position to position are read by all of them at once.
        if place == operation.table { return shape.count - 1 <= rank - axes }
        if holdsConstant(operand) {
          // A constant for each position, or one that broadcasting repeats.
          let leading = shape.dropLast(min(shape.count, rank - axes))
          return leading.allSatisfy { $0 == 1 } || (shape.count == rank && leads(shape))
        }
        return shape.count == rank && leads(shape)
      }
    case .product(.affine):
      return leads(shapes[0]) && shapes[0].count - axes >= self[instruction.operands[1]].type.shape.count - 1
    case .product: return false
    case .reduction: return shapes[0].count > axes && leads(shapes[0])
    case .wiring(.rearrange(let wiring)):
      guard shapes.allSatisfy(leads), !instruction.operands.contains(where: holdsConstant) else {
        return false
      }
      switch wiring {
      case .reshape: return true
      case .transpose(let order): return Array(order.prefix(axes)) == Array(0..<axes)
      case .concatenate(let axis), .gather(let axis, _): return axis >= axes
      case .pad(let before, let after, let interior, _):
        return (0..<axes).allSatisfy { before[$0] == 0 && after[$0] == 0 && interior[$0] == 0 }
      case .slice(let start, let count, let step):
        return (0..<axes).allSatisfy { start[$0] == 0 && step[$0] == 1 && count[$0] == positions[$0] }
      }
    }
  }
}
