import Diagnostics
import Model
import Storage

// Masks that Keras hands from layer to layer beside the data (Masking, Embedding with mask_zero): which steps of a sequence count. Here
// they are tensors of 1 and 0, one number per step, that go with a tensor (`Tensor.mask`); what a layer does with one is its class's.

/// A tensor with one of its masks.
struct MaskedTensor: Hashable {
  var value: LayerResult
  var mask: SequenceMask?
}

/// What becomes of the mask of a layer's input.
enum MaskRule {
  /// The result has it too; the layer computes the same with or without.
  case passes
  /// The result has none; the layer computes the same with or without.
  case ends
  /// Merges: the result has the mask that all inputs have.
  case joins
  /// The layer's parser says (`LayerCall.resultMasks`).
  case isRead
}

/// What Keras's and QKeras's classes do with a mask, as their `supports_masking` and `compute_mask` say; nil for those that are
/// not known to.
private func maskRule(_ layer: KerasClass, generation: Int) -> MaskRule? {
  switch layer.package {
  case .operations: return layer.name == "Cast" ? nil : .ends
  case .pruning: return .isRead
  case .qkeras, .keras: break
  default: return nil
  }
  let name = layer.name
  if passingClasses.contains(name) { return .passes }
  if ["Identity", "Normalization", "Rescaling"].contains(name) { return generation >= 3 ? .passes : .ends }
  if readingClasses.contains(name) { return .isRead }
  if ["Add", "Subtract", "Average"].contains(name) { return .joins }
  // Keras 3 has other results where a step is masked.
  if ["Maximum", "Minimum", "Multiply"].contains(name) { return generation >= 3 ? nil : .joins }
  return endingClasses.contains(name) || ["Conv", "Pooling"].contains(where: name.contains) ? .ends : nil
}

private let passingClasses: Set = [
  "Activation", "ActivityRegularization", "AlphaDropout", "Dense", "Dropout", "ELU", "GaussianDropout",
  "GaussianNoise", "LayerNormalization", "LeakyReLU", "PReLU", "ReLU", "ThresholdedReLU", "SpatialDropout1D",
  "SpatialDropout2D", "UnitNormalization", "GroupNormalization", "BatchNormalization", "TimeDistributed",
  "QDense",
  "QBatchNormalization",
]

private let readingClasses: Set = [
  "Masking", "Embedding", "SimpleRNN", "LSTM", "GRU", "RNN", "Bidirectional", "QSimpleRNN", "QLSTM", "QGRU",
  "QBidirectional", "GlobalAveragePooling1D", "MultiHeadAttention", "GroupQueryAttention", "Attention",
  "AdditiveAttention", "Concatenate",
]

/// Besides convolutions and other poolings.
private let endingClasses: Set = [
  "Flatten", "Reshape", "Permute", "RepeatVector", "EinsumDense", "Resizing", "UpSampling1D", "UpSampling2D",
  "ZeroPadding1D", "ZeroPadding2D", "Cropping1D", "Cropping2D", "LocallyConnected1D", "LocallyConnected2D",
  "RMSNormalization", "QActivation", "Dot",
]

extension KerasLayerNode {
  /// Whether a call may name masks of its inputs' steps.
  var takesMask: Bool {
    [.keras, .qkeras].contains(kerasClass.package)
      && (isDotAttention
        || ["GlobalAveragePooling1D", "TimeDistributed", "BatchNormalization"].contains(className)
        || recurrentLayers[className] != nil || quantizedRecurrentLayers[className] != nil)
  }
}

extension LayerCall {
  /// Takes the masks off the inputs, the one that the call names before those that come with the tensors, and says what becomes
  /// of them; refuses masks of which that is not known.
  mutating func takeMasks() throws(Failure) {
    masks = inputs.map(\.mask)
    var implicit = inputs
    if layer.takesMask, let node = keywords?["mask"] {
      let named = (node.elements ?? [node]).map { tensorReferences(in: $0).isEmpty }
      let count = named.count { !$0 }
      if count > 0, count < inputs.count {
        var given = inputs.suffix(count).map { builder.model.plain($0) }[...]
        inputs.removeLast(count)
        implicit = []
        masks = named.map { isNone in
          isNone ? nil : given.popFirst().map { SequenceMask(value: $0.value, shape: $0.shape) }
        }
      }
    }
    for place in inputs.indices { inputs[place].mask = nil }
    let all = masks.compactMap { $0 }
    guard let first = all.first else { return }
    guard let rule = maskRule(layer.kerasClass, generation: builder.generation) else {
      throw maskRefusal("is not supported")
    }
    if case .ends = rule {} else { try readMasks(of: implicit) }
    switch rule {
    case .passes: resultMasks = [masks[0]]
    case .ends, .isRead: break
    case .joins:
      guard Set(all).count == 1 else { throw maskRefusal("that differ is not supported") }
      // Keras 2 asks those that have one, Keras 3 all.
      if all.count == masks.count || builder.generation < 3 { resultMasks = [first] }
    }
  }

  /// Notes that masks which come with tensors are read. Keras 3's MultiHeadAttention takes them off its inputs, so that what other
  /// layers see depends on their order and on the release.
  private func readMasks(of inputs: [Tensor]) throws(Failure) {
    guard builder.generation >= 3 else { return }
    let takes = layer.kerasClass == KerasClass(.keras, "MultiHeadAttention")
    for tensor in Set(inputs.filter { $0.mask != nil }.map { MaskedTensor(value: $0.value, mask: $0.mask) }) {
      if let isTaken = builder.maskReaders[tensor], isTaken || takes {
        throw maskRefusal("that a MultiHeadAttention of Keras 3 and another layer read is not supported")
      }
      builder.maskReaders[tensor] = takes
    }
  }

  func maskRefusal(_ what: String) -> Failure {
    problem(
      "layer \"\(layer.name)\" (\(layer.className)) of a masked sequence \(what)",
      hint: "end the mask before it, with a Reshape of the same shape, if it shall not count")
  }

  /// The mask of the first input as a column, [steps, 1].
  mutating func maskColumn(_ steps: Int) throws(Failure) -> Tensor? {
    guard let mask = masks.first ?? nil else { return nil }
    guard mask.shape == [steps] else { throw maskRefusal("of shape \(mask.shape) is not supported") }
    return try arranged(mask.tensor, shape: [steps, 1], "mask")
  }
}

// MARK: Layers that make masks

/// Masking: steps whose features all equal a number are masked, and become zeros.
func parseMasking(_ call: inout LayerCall) throws(Failure) -> Tensor {
  let x = call.builder.model.plain(try call.single())
  guard x.shape.count >= 2 else {
    throw call.problem(
      "Masking needs steps and features besides the batch, but \"\(call.layer.name)\" reads shape \(x.shape)")
  }
  let number = try call.config.number("mask_value", default: 0)
  let differs = try call.make(.activation(.differs(from: Double(Float(number)))), "differs", [x], x.shape)
  let axis = x.shape.count - 1
  let column = try call.reduced(differs, over: [axis], .maximum, "any")
  let mask = try call.arranged(column, shape: Array(x.shape.dropLast()), "steps")
  call.resultMasks = [SequenceMask(value: mask.value, shape: mask.shape)]
  // Masked steps are zeros already.
  if number == 0 { return x }
  return try call.make(.merge(.multiply), "", [x, column], x.shape)
}

extension LayerCall {
  /// The mask of an embedding's input: numbers that are not 0.
  mutating func maskZeros(of x: Tensor) throws(Failure) {
    let mask = try make(.activation(.differs(from: 0)), "mask", [x], x.shape)
    resultMasks = [SequenceMask(value: mask.value, shape: mask.shape)]
  }
}

// MARK: Layers that read masks

extension LayerCall {
  /// Gives a recurrent layer its mask as the last input: masked steps leave the states as they are. Their results repeat those
  /// before, or are zeros.
  mutating func mask(_ recurrent: inout Recurrent, results: Int, zeroes: Bool) throws(Failure) {
    guard let column = try maskColumn(inputs[0].shape[0]) else { return }
    guard inputs.count == 1 else {
      // Until the first step that is not masked, Keras has zeros as results, and not the states.
      throw maskRefusal("with states that are given is not supported")
    }
    inputs.append(column)
    recurrent.isMasked = true
    guard recurrent.returnsSequences || zeroes else { return }
    if recurrent.returnsSequences { resultMasks = Array(repeating: masks[0], count: results) }
    guard zeroes else { return }
    guard recurrent.returnsSequences else {
      throw maskRefusal("with zero_output_for_mask for the last step is not supported")
    }
    zeroedResults = (column, results)
  }

  /// The average over the steps that a mask leaves: their sum over their number.
  mutating func maskedAverage(_ shape: [Int], _ column: Tensor, keepDimensions: Bool) throws(Failure)
    -> LayerKind
  {
    let kept = try make(.merge(.multiply), "kept", [inputs[0], column], shape)
    let sum = try reduced(kept, over: [0], .sum, "sum")
    let count = try reduced(column, over: [0], .sum, "count")
    let part = try make(.activation(.reciprocal(offset: 0)), "reciprocal", [count], count.shape)
    let result = keepDimensions ? [1, shape[1]] : [shape[1]]
    inputs = [
      try arranged(sum, shape: result, "sum"),
      try arranged(part, shape: keepDimensions ? [1, 1] : [1], "part"),
    ]
    try setOutput(result)
    return .merge(.multiply)
  }

  /// The mask of a Concatenate's result: that of all its inputs, where they are joined along an axis that masks lack.
  mutating func maskConcatenation(axis: Int, rank: Int) throws(Failure) {
    let all = masks.compactMap { $0 }
    guard let first = all.first else { return }
    guard axis == rank - 1, all.count == masks.count, Set(all).count == 1, first.shape.count < rank else {
      throw maskRefusal("along steps, or of sequences with other masks, is not supported")
    }
    resultMasks = [first]
  }

  /// The masks of an attention's query and of its values and keys, as one [target, source] that is broadcast; nil without any.
  mutating func attentionMask(query: Bool) throws(Failure) -> Tensor? {
    var found: [Tensor] = []
    for (place, mask) in masks.prefix(3).enumerated() {
      guard let mask, place > 0 || query, !masks[1..<max(1, place)].contains(mask) else { continue }
      guard mask.shape.count == 1 else { throw maskRefusal("of shape \(mask.shape) is not supported") }
      let name = ["query", "value", "key"][place]
      found.append(
        try arranged(
          mask.tensor, shape: place == 0 ? mask.shape + [1] : [1] + mask.shape, "\(name)_mask"))
    }
    return try found.isEmpty ? nil : product(of: found, "masks")
  }

  /// Masks multiplied, broadcast to each other.
  func product(of masks: [Tensor], _ suffix: String) throws(Failure) -> Tensor {
    var all = masks[0]
    for (number, mask) in masks.dropFirst().enumerated() {
      guard let shape = broadcastShape(all.shape, mask.shape) else {
        throw problem("masks of the shapes \(all.shape) and \(mask.shape) of \"\(layer.name)\" do not fit")
      }
      all = try make(.merge(.multiply), number == 0 ? suffix : "\(suffix)_\(number + 1)", [all, mask], shape)
    }
    return all
  }
}
