import FixedPoint
import Program

/// Which channels (positions along the last axis) of each value are hardware: the tool removes what is constant, as a
/// neuron whose weights are all zero, and what nothing uses.
///
/// Followed through affine operations without groups, elementwise operations, conversions and tables; behind and before
/// everything else all channels count.
struct LiveChannels {
  /// By value; empty: all of its channels.
  private var masks: [[Bool]]

  init(_ program: Program) {
    let types = program.instructions.map(\.type)
    func channels(_ index: Int) -> Int { types[index].shape.last ?? 1 }
    var constant = types.indices.map { Array(repeating: false, count: channels($0)) }
    var used = constant
    for (index, instruction) in program.instructions.enumerated() {
      let operands = instruction.operands.map(\.index)
      switch instruction.operation.form {
      case .constant: constant[index] = Array(repeating: true, count: channels(index))
      case .wordwise(.requantize(let formats)):
        let isZero = formats.isZero(channels: channels(index))
        constant[index] = zip(constant[operands[0]], isZero).map { $0 || $1 }
      case .wordwise:
        for channel in 0..<channels(index) {
          constant[index][channel] = instruction.tensors.allSatisfy {
            constant[$0][channels($0) == 1 ? 0 : channel]
          }
        }
      case .product(.affine):
        guard let words = Self.matrix(instruction, program) else { continue }
        let outputs = channels(index)
        var isConstant = Array(repeating: true, count: outputs)
        for row in 0..<channels(operands[0]) where !constant[operands[0]][row] {
          for column in 0..<outputs where words[row * outputs + column] != 0 { isConstant[column] = false }
        }
        constant[index] = isConstant
      case .input, .product, .reduction, .wiring, .scan: continue
      }
    }
    for output in program.outputs { used[output.index] = used[output.index].map { _ in true } }
    for (index, instruction) in program.instructions.enumerated().reversed() {
      let live = zip(used[index], constant[index]).map { $0 && !$1 }
      if !live.contains(true) { continue }
      let operands = instruction.operands.map(\.index)
      switch instruction.operation.form {
      case .wordwise(.requantize(let formats)):
        for (channel, isZero) in formats.isZero(channels: live.count).enumerated()
        where live[channel] && !isZero { used[operands[0]][channel] = true }
      case .wordwise:
        for operand in instruction.tensors {
          for channel in live.indices where live[channel] {
            used[operand][channels(operand) == 1 ? 0 : channel] = true
          }
        }
      case .product(.affine):
        if let words = Self.matrix(instruction, program) {
          for row in 0..<channels(operands[0]) where !used[operands[0]][row] {
            used[operands[0]][row] = live.indices.contains { live[$0] && words[row * live.count + $0] != 0 }
          }
          continue
        }
        fallthrough
      case .input, .constant, .product, .reduction, .wiring, .scan:
        for operand in operands { used[operand] = used[operand].map { _ in true } }
      }
    }
    masks = zip(used, constant).map { used, constant in zip(used, constant).map { $0 && !$1 } }
  }

  /// The live channels of a value.
  func mask(_ value: ValueID) -> [Bool] { masks[value.index] }

  /// How many words of an instruction's result are live.
  func words(_ index: Int, _ type: ValueType) -> Int {
    let mask = masks[index]
    return mask.isEmpty ? type.count : type.count / mask.count * mask.count { $0 }
  }

  /// The words of an affine operation without groups.
  private static func matrix(_ instruction: Instruction, _ program: Program) -> [Raw]? {
    let shape = program[instruction.operands[1]].type.shape
    return shape.count == 2 ? program.constant(instruction.operands[1]) : nil
  }
}

extension Instruction {
  /// The places of the operands whose words are read at the result's own places: all but tables.
  fileprivate var tensors: [Int] {
    operands.enumerated().filter { $0.offset != operation.table }.map(\.element.index)
  }
}

extension FormatLayout {
  /// For every position of the last axis, whether all of its words become 0.
  fileprivate func isZero(channels: Int) -> [Bool] {
    guard case .laid(let laid) = self else { return Array(repeating: false, count: channels) }
    let period = laid.shape.last ?? 1
    var isZero = [Bool](repeating: true, count: channels)
    for channel in 0..<channels {
      isZero[channel] = stride(from: channel % period, to: laid.places.count, by: period).allSatisfy {
        laid[$0] == nil
      }
    }
    return isZero
  }
}
