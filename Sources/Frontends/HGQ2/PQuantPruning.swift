import Diagnostics
import Model
import Program

// Pruning of PQuant's that is not in the weights yet: a layer inside with the mask, and with what stage of training the model is in. After
// `apply_final_compression` the mask is multiplied in.

/// One of PQuant's ways of pruning: where its variables are, and when it multiplies with the mask that is stored.
private struct PruningMethod {
  enum Rule {
    /// The mask that is stored, always.
    case stored
    /// None before pruning has begun; the mask that is stored from then on.
    case storedSinceBegun
    /// The mask that is stored, before pruning and for the last tuning; another one while it is trained.
    case storedOutsideTraining
    /// None before pruning; the mask that is stored for the last tuning; another one while it is trained.
    case storedAtLast
    /// Weights up to a bound are 0 for the last tuning; before, none are.
    case threshold
  }
  var rule: Rule
  /// The numbers of the mask and of `is_pretraining`, which `is_finetuning` follows.
  var mask: Int
  var stage: Int

  static let named: [String: PruningMethod] = [
    "pdp": PruningMethod(rule: .storedOutsideTraining, mask: 0, stage: 2),
    "wanda": PruningMethod(rule: .stored, mask: 0, stage: 5),
    "activation_pruning": PruningMethod(rule: .storedSinceBegun, mask: 0, stage: 5),
    "dst": PruningMethod(rule: .storedOutsideTraining, mask: 1, stage: 2),
    "cs": PruningMethod(rule: .storedOutsideTraining, mask: 2, stage: 3),
    "autosparse": PruningMethod(rule: .storedAtLast, mask: 1, stage: 3),
    "mdmm": PruningMethod(rule: .threshold, mask: 0, stage: 1),
  ]
}

extension LayerCall {
  /// Weights as PQuant's layer multiplies with them before they are quantized: those that are pruned are 0, which its quantizers keep.
  ///
  /// - Parameter isDepthwise: whether it is the kernel of a depthwise convolution, whose output channels are an axis of their own.
  func pquantPruned(_ weights: Weights, isDepthwise: Bool = false) throws(Failure) -> Weights {
    if try config.boolean("final_compression_done", default: false) { return weights }
    let settings = try pquantSettings("pruning_parameters")
    let isPruned = try settings.boolean("enable_pruning", default: false)
    guard try config.boolean("enable_pruning", default: isPruned) else { return weights }
    let name = settings["pruning_method"]?.string ?? ""
    let part = variables.part("pruning_layer", named: "pruning_layer")
    guard let method = PruningMethod.named[name] else {
      throw unpruned("is that of a method that is not read: \(name)")
    }
    // In files that name variables these have none of their own.
    guard builder.weights.isNumbered, part.isPresent else { throw unpruned("is not in the file") }
    func isStage(_ offset: Int) throws(Failure) -> Bool {
      try part.read("stage", method.stage + offset, shape: []).values == [1]
    }
    let (isBefore, isLast) = (try isStage(0), try isStage(1))
    switch method.rule {
    case .stored: break
    case .storedSinceBegun: if isBefore { return weights }
    case .storedAtLast where isBefore && !isLast: return weights
    case .storedOutsideTraining where isBefore, .storedOutsideTraining where isLast,
      .storedAtLast where isLast:
      break
    case .storedOutsideTraining, .storedAtLast: throw unpruned("is still being trained")
    case .threshold:
      guard isLast else { return weights }
      guard try pquantSettings("training_parameters").boolean("pruning_first", default: false) else {
        throw unpruned("depends on the quantized weights")
      }
      let bound = Double(Float(try settings.number("epsilon", default: 0)))
      return Weights(shape: weights.shape, values: weights.values.map { abs($0) > bound ? $0 : 0 })
    }
    return try masked(weights, try part.read("mask", method.mask, shape: nil), isDepthwise: isDepthwise)
  }

  private func unpruned(_ why: String) -> Failure {
    problem(
      "the mask of the pruned weights of \"\(layer.name)\" \(why)",
      hint: "pquant.apply_final_compression(model) before the model is saved")
  }

  /// Weights times a mask with output channels first, whose axes of length 1 repeat.
  private func masked(_ weights: Weights, _ mask: Weights, isDepthwise: Bool) throws(Failure) -> Weights {
    let rank = weights.shape.count
    // [inputs, outputs] and [positions…, inputs, outputs] to outputs, inputs, positions; depthwise has the channels first.
    let ends = isDepthwise ? [rank - 2, rank - 1] : [rank - 1, rank - 2]
    let shape = (ends + (0..<rank - 2)).map { weights.shape[$0] }
    guard let spread = Elements(shape: mask.shape, values: mask.values).broadcast(to: shape),
      mask.shape.count == rank, mask.values.allSatisfy({ $0 == 0 || $0 == 1 })
    else {
      throw unpruned("has the shape \(mask.shape), or numbers other than 0 and 1")
    }
    let back = Array(2..<rank) + (isDepthwise ? [0, 1] : [1, 0])
    let places = Rearrangement.transpose(back).elementMap([shape], result: weights.shape)
    return Weights(
      shape: weights.shape, values: zip(weights.values, places).map { $0 * spread.values[$1] })
  }
}
