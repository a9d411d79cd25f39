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
