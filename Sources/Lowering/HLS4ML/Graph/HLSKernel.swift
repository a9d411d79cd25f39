import Configuration
import FixedPoint
import Program

/// A kernel of hls4ml's that one file describes: what its layer is called, which types and settings it has, and what it
/// computes. `HLSGraphBuilder` makes it of a layer of the model, with its weights.
protocol HLSKernel: Sendable {
  /// hls4ml's class.
  var className: String { get }
  /// Types that a configuration sets only by the tensor's own name, as they are where it does not.
  var types: [HLSRole: HLSPrecision] { get }
  /// Further tensors with types, which a configuration sets in any of its ways: in hls4ml's order, before `types`.
  var tensors: [HLSRole] { get }
  /// Types that a configuration sets under `Precision`, and there only by the tensor's own name; the reuse factor is known.
  func internals(_ layer: HLSLayer) -> [HLSRole: HLSPrecision]
  /// `Precision` of a starting configuration, where it is not the result and the types above.
  func startingPrecision(_ layer: HLSLayer) -> [StartingConfiguration.Tensor]?
  /// What a starting configuration has beside types.
  var settings: [String: StartingConfiguration.Setting] { get }

  /// Takes what the configuration sets for the layer.
  mutating func configure(_ settings: LayerSettings, _ layer: inout HLSLayer)
  /// The types that hls4ml infers for what is `auto`: all others get the default.
  func inferred(_ layer: HLSLayer, _ types: InferredTypes) -> [HLSRole: HLSPrecision]
  /// In a model with fixed-point quantizers (`HLSPass.bitExact`): the bits of every element of the result, given those of what
  /// the layer reads. Nil where hls4ml does not know.
  func produced(_ layer: HLSLayer, _ inputs: [[HLSBits]], _ shapes: [[Int]]) -> [HLSBits]?
  /// The kernel's instructions.
  func emit(_ emitter: inout HLSEmitter) throws(ProgramError) -> ValueID
}

extension HLSKernel {
  var tensors: [HLSRole] { [] }
  func internals(_ layer: HLSLayer) -> [HLSRole: HLSPrecision] { [:] }
  func startingPrecision(_ layer: HLSLayer) -> [StartingConfiguration.Tensor]? { nil }
  func produced(_ layer: HLSLayer, _ inputs: [[HLSBits]], _ shapes: [[Int]]) -> [HLSBits]? { nil }
  var types: [HLSRole: HLSPrecision] { [:] }
  var settings: [String: StartingConfiguration.Setting] { ["ReuseFactor": .count(1)] }
  mutating func configure(_ settings: LayerSettings, _ layer: inout HLSLayer) {}
  func inferred(_ layer: HLSLayer, _ types: InferredTypes) -> [HLSRole: HLSPrecision] { [:] }
}
