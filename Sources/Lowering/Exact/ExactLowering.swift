import Diagnostics
import FixedPoint
import Model
import Program

/// Lowers a model under the `exact` policy: nothing overflows, and nothing is rounded except where the model's
/// quantizers say so; without quantizers, in words of `options.wordLength` bits chosen from ranges.
///
/// Passes, in order: activations become layers (`splitActivations`); batch normalizations are folded (models
/// without quantizers); input formats; ranges are seen on events; every layer is lowered.
///
/// - Parameter observe: called after every pass with its name and what prints the state.
/// - Throws: `badInput` for layers or settings that cannot be lowered.
public func lowerExactly(
  _ model: Model, _ options: ExactOptions = ExactOptions(),
  observe: (String, () -> String) -> Void = { _, _ in }
) throws(Failure) -> Lowered {
  guard ExactOptions.wordLengths.contains(options.wordLength) else {
    throw Failure(
      .usage, "a word length of \(options.wordLength); \(ExactOptions.wordLengths) are supported")
  }
  if let calibration = options.calibration { _ = try Events(calibration, for: model) }
  observe("read") { model.listing() }
  let isQuantized = model.isQuantized
  var builder = ExactBuilder(name: model.name, options, isQuantized: isQuantized)
  var (model, values) = model.withSingleResults().split()
  observe("split activations") { model.listing() }
  if !isQuantized {
    let folded = model.foldNormalizations()
    model = folded.model
    // Of a layer and the normalization folded into it, the normalization's result is what there is.
    values = Dictionary(zip(folded.places, values), uniquingKeysWith: { $1 }).sorted { $0.key < $1.key }.map(
      \.value)
    folded.notes.forEach { builder.note($0) }
    observe("fold normalizations") { model.listing() }
  }
  if options.isMissingLowest { try InputFormats.checkMissing(model) }
  let inputs = try InputFormats(model, options)
  observe("input formats") {
    zip(model.inputs, inputs.formats).map { "\(model.layers[$0].name.visible): \($1)" }.joined(
      separator: "\n")
  }
  inputs.notes.forEach { builder.note($0) }
  // Margins of trees are exact: no word has to be fitted to a range.
  let needsRanges = !isQuantized && model.layers.contains { $0.kind.ensemble == nil && !$0.kind.isInput }
  let estimates = !needsRanges ? nil : try estimates(model, options, inputs.formats)
  if let estimates, !estimates.isGiven {
    builder.note(
      Diagnostic(
        file: model.layers.first?.origin.file, "ranges were seen on synthetic events",
        hint: "--calibrate events.npy: ranges of your own events"))
  }
  if let estimates {
    observe("ranges on events") {
      zip(model.layers, estimates.ranges).map {
        "\($0.name.visible): \($1.result.lowerBound)…\($1.result.upperBound)"
      }
      .joined(separator: "\n")
    }
  }
  try builder.lower(model, inputs.formats, estimates?.ranges)
  let program = builder.builder.program
  let errors = program.verify()
  guard errors.isEmpty else {
    throw Failure(.badInput, errors.map { Diagnostic(file: model.layers.first?.origin.file, $0.description) })
  }
  var layers = program.loweredLayers(of: model)
  for index in layers.indices {
    // Where a scale was put aside, the words are not the model's numbers.
    let isScaled = program.layers[index].result.map { builder.scalings[$0] != nil } ?? false
    layers[index].value = isScaled ? nil : values[index]
  }
  return Lowered(
    program: program, layers: layers, warnings: builder.notes, inputOrigins: inputs.origins)
}

/// The range of every layer's results, as seen on events and widened.
private func estimates(
  _ model: Model, _ options: ExactOptions, _ formats: [FixedFormat]
) throws(Failure) -> (ranges: [LayerRange], isGiven: Bool) {
  let float = try FloatModel(model)
  let calibration: Calibration
  if let given = options.calibration {
    calibration = try Calibration(given, for: float)
  } else {
    calibration = Calibration(syntheticFor: float, formats: formats)
  }
  let ranges = float.ranges(calibration.events).map { $0.widened(by: calibration.margin) }
  return (ranges, calibration.isGiven)
}

extension ExactBuilder {
  /// Every layer in order; all problems with layers are reported at once.
  fileprivate mutating func lower(
    _ model: Model, _ inputFormats: [FixedFormat], _ estimates: [LayerRange]?
  ) throws(Failure) {
    let consumers = model.consumers
    let hasScales = isQuantized && model.layers.contains { $0.kind.isUniformQuantizer }
    var values: [ValueID?] = []
    var outputs: [Int: ValueID] = [:]
    var problems: [Diagnostic] = []
    for (index, layer) in model.layers.enumerated() {
      begin(layer)
      var operands: [ValueID] = []
      for input in layer.sources { if let value = values[input] { operands.append(value) } }
      guard operands.count == layer.inputs.count else {
        values.append(nil)  // an input failed already
        continue
      }
      do throws(Failure) {
        var value: ValueID
        if let slot = model.inputs.firstIndex(of: index) {
          value = input(layer.name, ValueType(layer.outputShape, inputFormats[slot]))
          if isMissingLowest { try setMissing(value) }
        } else {
          ownOperands = Set(
            zip(layer.sources, operands).filter { source, operand in
              consumers[source].count == 1 && !model.isOutput(source) && values.count { $0 == operand } == 1
            }.map(\.1))
          if hasScales, let scaled = try lowerScaled(layer, operands) {
            value = scaled
          } else {
            stateRanges = estimates?[index].states ?? []
            value = try lower(layer, try plain(operands), estimate: estimates?[index].result)
          }
          // Margins are exact sums of leaves, which are words already.
          if layer.kind.ensemble == nil, !keepsSum(model, index, consumers[index]) {
            let scaling = scalings[value]
            value = try word(value, estimate: estimates?[index].result)
            scalings[value] = scaling
          }
          if model.isOutput(index), scalings[value] != nil {
            outputs[index] = try word(try plain(value), estimate: nil, "output")
          }
        }
        guard shape(value) == layer.outputShape else {
          throw failure("computed shape \(shape(value)) where the model has \(layer.outputShape)")
        }
        end(outputs[index] ?? value)
        values.append(value)
      } catch {
        problems += error.diagnostics
        values.append(nil)
      }
    }
    guard problems.isEmpty else { throw Failure(.badInput, problems) }
    for result in model.outputs {
      if let value = outputs[result.layer] ?? values[result.layer] { output(value) }
    }
  }

  /// Whether a layer's exact sums go straight to one activation that takes them.
  private func keepsSum(_ model: Model, _ index: Int, _ consumers: [Int]) -> Bool {
    guard consumers.count == 1, !model.isOutput(index) else { return false }
    if case .activation(let activation) = model.layers[consumers[0]].kind { return activation.takesSums }
    return false
  }

  /// scale · x + shift along one axis.
  mutating func lower(_ normalization: BatchNormalization, _ x: ValueID) throws(Failure) -> ValueID {
    let factors = try isQuantized ? normalization.frameworkFactors() : normalization.factors
    let shape =
      [factors.scale.count] + Array(repeating: 1, count: self.shape(x).count - 1 - normalization.axis)
    let scale = try parameter(Weights(shape: shape, values: factors.scale), "scale")
    let product = try multiply(x, constant(scale, "scale"), "product")
    let shift = Weights(shape: shape, values: factors.shift)
    guard let offset = try bias(shift, nil, fractionBits: format(product).fractionBits) else {
      return product
    }
    return try sum(product, constant(offset, "shift"), "")
  }
}

extension Model {
  /// One line per layer: what is printed when passes are looked into.
  fileprivate func listing() -> String {
    layers.enumerated().map { index, layer in
      let reads = layer.sources.map { layers[$0].name.visible }.joined(separator: ", ")
      return "\(layer.name.visible): \(layer.className.visible)(\(reads)) \(layer.outputShape)"
        + (isOutput(index) ? " out" : "")
    }.joined(separator: "\n")
  }
}
