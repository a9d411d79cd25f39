import FixedPoint
import Foundation
import Program

/// The values a tensor has, or can have.
public struct TensorSpan: Hashable, Sendable {
  /// The least and the largest.
  public var low, high: Double
  /// The least magnitude above zero; nil where all are zero, or where it is not known.
  public var smallest: Double?

  /// The span of some values; nil of none.
  public init?(_ values: some Sequence<Double>) {
    var span: TensorSpan?
    for value in values { span = span?.including(value) ?? TensorSpan(value) }
    guard let span else { return nil }
    self = span
  }

  private init(_ value: Double) {
    (low, high, smallest) = (value, value, value == 0 ? nil : abs(value))
  }

  init(low: Double, high: Double) {
    (self.low, self.high) = (low, high)
  }

  private func including(_ value: Double) -> TensorSpan {
    var span = self
    span.low = min(low, value)
    span.high = max(high, value)
    if value != 0 { span.smallest = min(smallest ?? .infinity, abs(value)) }
    return span
  }

  /// The span of both.
  public func union(_ other: TensorSpan) -> TensorSpan {
    var span = TensorSpan(low: min(low, other.low), high: max(high, other.high))
    span.smallest = [smallest, other.smallest].compactMap { $0 }.min()
    return span
  }

  /// The largest magnitude.
  var largest: Double { max(abs(low), abs(high)) }
}

/// A tensor of a layer, its format, and what it holds.
struct TensorRanges {
  var layer, name: String
  var format: FixedFormat
  /// Constants: their words. Others: what interval analysis says they can be.
  var possible: TensorSpan
  var isConstant: Bool
  /// What they were on given events.
  var observed: TensorSpan?

  /// The weights, biases and results of every layer, in order.
  static func all(_ program: Program, observed: [ValueID: TensorSpan]) -> [TensorRanges] {
    let ranges = program.knownWords(detail: .channels)
    var tensors: [TensorRanges] = []
    for (index, layer) in program.layers.enumerated() {
      for instruction in program.instructions where instruction.layer == index {
        guard case .affine = instruction.operation else { continue }
        for (name, operand) in zip(["weights", "biases"], instruction.operands.dropFirst()) {
          let format = program[operand].type.format
          guard let words = program.constant(operand),
            let span = TensorSpan(words.lazy.map(format.value(of:)))
          else { continue }
          tensors.append(
            TensorRanges(layer: layer.name, name: name, format: format, possible: span, isConstant: true))
        }
      }
      guard let result = layer.result else { continue }
      let format = program[result].type.format
      let hull = ranges[result.index].interval
      tensors.append(
        TensorRanges(
          layer: layer.name, name: "result", format: format,
          possible: TensorSpan(
            low: format.value(of: hull.low), high: format.value(of: hull.high)),
          isConstant: false, observed: observed[result]))
    }
    return tensors
  }
}
