import FixedPoint
import Program

/// What `inspect` shows of a program.
public enum Inspection {
  /// One layer: its result, and the formats on the way to it.
  public struct Layer: Codable, Hashable, Sendable {
    /// The layer's name and class.
    public var name, className: String
    /// The shape of its result.
    public var shape: [Int]
    /// The format of its result.
    public var result: String
    /// The smallest and largest value its result can take, from interval analysis over all inputs.
    public var minimum, maximum: Double
    /// The formats of its weights, bias and running sum, where it has them.
    public var weight, bias, accumulator: String?
  }

  /// Every layer with a result, in order.
  public static func layers(_ program: Program) -> [Layer] {
    let ranges = program.ranges()
    return program.layers.enumerated().compactMap { index, layer in
      guard let result = layer.result else { return nil }
      let type = program[result].type
      let hull = ranges[result.index].hull
      var entry = Layer(
        name: layer.name, className: layer.className, shape: type.shape, result: "\(type.format)",
        minimum: type.format.value(of: hull.lowerBound), maximum: type.format.value(of: hull.upperBound))
      for instruction in program.instructions where instruction.layer == index {
        if case .affine(let affine) = instruction.operation {
          entry.weight = "\(program[instruction.operands[1]].type.format)"
          entry.bias = "\(program[instruction.operands[2]].type.format)"
          entry.accumulator = "\(affine.accumulator)"
        }
      }
      return entry
    }
  }
}
