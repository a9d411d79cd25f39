import FixedPoint
import Model
import Program

extension Program {
  /// The layers of a model with the formats they have here.
  func loweredLayers(of model: Model) -> [LoweredLayer] {
    model.layers.enumerated().map { index, layer in
      var lowered = LoweredLayer(
        name: layer.name, className: layer.className, shape: layer.outputShape,
        inputs: layer.sources.map { model.layers[$0].name },
        formats: formats(ofLayer: index, isTrees: layer.kind.ensemble != nil))
      lowered.trees = layer.kind.ensemble.map { trees($0, layer: index) }
      return lowered
    }
  }

  /// What a layer became that is this ensemble.
  private func trees(_ ensemble: Ensemble, layer: Int) -> LoweredTrees {
    let depths = ensemble.trees.map(\.depth)
    var thresholds: [Int: Int] = [:]
    for question in Set(ensemble.trees.flatMap { $0.nodes.map(Ensemble.Question.init) }) {
      thresholds[question.feature, default: 0] += 1
    }
    var built = 0
    for instruction in instructions where instruction.layer == layer {
      // Bits are 1 or 0 where a comparison has its answer; rounds give numbers of leaves.
      if case .select(.less) = instruction.operation { built += instruction.type.count }
    }
    let transform: String? =
      switch ensemble.transform {
      case .logistic: "logistic"
      case .softmax: "softmax"
      case .other(let what): "none (\(what))"
      case .unknown: nil
      }
    let names = ensemble.featureNames
    return LoweredTrees(
      trees: depths.count, nodes: ensemble.nodeCount, leaves: ensemble.nodeCount + depths.count,
      depth: ensemble.depth,
      depths: (0...ensemble.depth).map { depth in depths.count { $0 == depth } },
      comparisons: ensemble.questionCount, built: built,
      thresholds: thresholds.sorted { $0.key < $1.key }.map { feature, count in
        let name =
          feature >= ensemble.features
          ? "projection \(feature - ensemble.features)"
          : names.indices.contains(feature) ? names[feature] : "\(feature)"
        return LoweredTrees.Feature(name: name, count: count)
      }, transform: transform)
  }

  /// The formats of a layer's tensors: its result first, then those of its sums and tables.
  private func formats(ofLayer index: Int, isTrees: Bool) -> [TensorFormat] {
    var formats: [TensorFormat] = []
    if let result = layers[index].result { formats.append(TensorFormat("result", self[result].type.format)) }
    var tables = 0
    for instruction in instructions where instruction.layer == index {
      add(formatsOf: instruction, isTrees: isTrees, to: &formats, &tables)
    }
    return formats
  }

  /// Those of an instruction's weights, sums and tables; `tables` are numbered.
  private func add(
    formatsOf instruction: Instruction, isTrees: Bool, to formats: inout [TensorFormat], _ tables: inout Int
  ) {
    switch instruction.operation {
    case .affine(let affine):
      formats.append(TensorFormat("weight", self[instruction.operands[1]].type.format))
      formats.append(TensorFormat("bias", self[instruction.operands[2]].type.format))
      formats.append(TensorFormat("accum", affine.accumulator))
    case .lookup:
      tables += 1
      let name = tables == 1 ? "table" : "table\(tables)"
      formats.append(TensorFormat(name, self[instruction.operands[1]].type.format))
    case .scan(let scan):
      for inner in scan.body.instructions {
        scan.body.add(formatsOf: inner, isTrees: false, to: &formats, &tables)
      }
    case .select(.less) where isTrees && !formats.contains { $0.tensor == "threshold" }:
      formats.append(TensorFormat("threshold", self[instruction.operands[1]].type.format))
    case .reduce(.sum(let accumulator, _)) where isTrees: formats.append(TensorFormat("accum", accumulator))
    default: break
    }
  }
}
