import Model

/// A tensor of the source model while a model is built.
///
/// Layers of ours work on channels last. A channels-first layer's input is permuted, and its result stays
/// channels last for as long as only layers read it that do not care (`isMoved`); for any other reader it is
/// permuted back. So channels-first models need no change of weights, and their inputs and outputs keep the
/// shapes their owner gave them.
struct Tensor {
  /// The layer that holds it.
  var layer: Int
  /// Its shape as the source sees it, without the batch.
  var shape: [Int]
  /// Whether the layer holds it with its first axis, the channels, moved to the end.
  var isMoved = false

  /// Its shape as the layer holds it.
  var storedShape: [Int] { isMoved ? Array(shape.dropFirst()) + shape.prefix(1) : shape }

  /// The tensor that a layer holds in a shape.
  init(layer: Int, storedShape: [Int], isMoved: Bool) {
    self.layer = layer
    self.isMoved = isMoved
    shape = isMoved ? storedShape.suffix(1) + Array(storedShape.dropLast()) : storedShape
  }

  /// The axis, as the layer holds it, of an axis of the source.
  func storedAxis(_ axis: Int) -> Int { isMoved ? (axis == 0 ? shape.count - 1 : axis - 1) : axis }
}
