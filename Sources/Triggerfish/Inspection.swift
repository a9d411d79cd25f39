import FixedPoint
import Lowering
import Program

/// What `inspect` shows of one layer: its result, and the formats on the way to it.
public struct LayerInspection: Codable, Hashable, Sendable {
  /// The layer's name and class.
  public var name, className: String
  /// The shape of its result.
  public var shape: [Int]
  /// The formats of its tensors, by name: result, weight, bias, accum, table, ….
  public var formats: [String: String]
  /// The smallest and largest value its result can take, from interval analysis over all inputs.
  public var minimum, maximum: Double
}

extension Lowered {
  /// Every layer that computes something, in order.
  public var inspection: [LayerInspection] {
    let ranges = program.knownWords(detail: .channels)
    let results = Dictionary(
      program.layers.compactMap { layer in layer.result.map { (layer.name, $0) } }, uniquingKeysWith: { $1 })
    return layers.compactMap { layer in
      guard let result = results[layer.name] else { return nil }
      let format = program[result].type.format
      let hull = ranges[result.index].interval
      return LayerInspection(
        name: layer.name, className: layer.className, shape: layer.shape,
        formats: Dictionary(layer.formats.map { ($0.tensor, "\($0.format)") }, uniquingKeysWith: { $1 }),
        minimum: format.value(of: hull.low), maximum: format.value(of: hull.high))
    }
  }
}

/// What `inspect --passes` shows of a pass of programs (`ProgramPass`).
public struct PassInspection: Sendable {
  /// The pass's name, what it does, and whether designs go through it, in a line.
  public let title: String
  /// The program after a pass that is run; for others what they would change.
  public let state: String
}

extension Program {
  /// Every pass of programs, in order: those that designs go through, one after the other, and what the others would do.
  public var passInspections: [PassInspection] {
    let scheduled = Set(ProgramPass.scheduled.map(\.name))
    var program = self
    return ProgramPass.all.map { pass in
      let after = pass.run(program)
      let title = "\(pass.name): \(pass.summary)"
      let isRun = scheduled.contains(pass.name)
      defer { if isRun { program = after } }
      let state: String
      if after == program {
        state = "changes nothing"
      } else if isRun {
        state = after.description
      } else {
        let operations = Dictionary(after.instructions.map { ($0.name, $0.operation) }) { $1 }
        let gone = program.instructions.filter { operations[$0.name] == nil }
        let changed = program.instructions.count {
          $0.operation != operations[$0.name, default: $0.operation]
        }
        state =
          "would drop \(gone.count) of \(program.instructions.count) instructions and change \(changed)"
      }
      return PassInspection(title: isRun ? title : title + " (not run)", state: state)
    }
  }
}
