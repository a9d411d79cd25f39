import FixedPoint
import Model
import Program

extension Program {
  /// The layers of a model with the formats they have here.
  func loweredLayers(of model: Model) -> [LoweredLayer] {
    model.layers.enumerated().map { index, layer in
      var lowered = LoweredLayer(
        name: layer.name, className: layer.className, shape: layer.outputShape,
        inputs: layer.sources.map { model.layers[$0].name }, formats: formats(ofLayer: index))
      lowered.trees = layer.kind.ensemble?.summary
      return lowered
    }
  }

  /// The formats of a layer's tensors: its result first, then those of its sums and tables.
  private func formats(ofLayer index: Int) -> [TensorFormat] {
    var formats: [TensorFormat] = []
    if let result = layers[index].result { formats.append(TensorFormat("result", self[result].type.format)) }
    var tables = 0
    for instruction in instructions where instruction.layer == index {
      switch instruction.operation {
      case .affine(let affine):
        formats.append(TensorFormat("weight", self[instruction.operands[1]].type.format))
        formats.append(TensorFormat("bias", self[instruction.operands[2]].type.format))
        formats.append(TensorFormat("accum", affine.accumulator))
      case .lookup:
        tables += 1
        let name = tables == 1 ? "table" : "table\(tables)"
        formats.append(TensorFormat(name, self[instruction.operands[1]].type.format))
      default: break
      }
    }
    return formats
  }
}
