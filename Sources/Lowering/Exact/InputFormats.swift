import Diagnostics
import FixedPoint
import Model

/// The formats of a model's inputs under the `exact` policy, in the order of preference: the caller's; an
/// integer dtype's; the model's own input quantizer; one for the calibration events; a default.
struct InputFormats {
  var formats: [FixedFormat] = []
  var origins: [InputOrigin] = []
  var notes: [Diagnostic] = []

  /// The range of an input nothing is known of: ±32 in a float model, ±128 in a quantized one.
  private static let integerBits = (float: 5, quantized: 8)
  /// Bits of an unquantized input of a quantized model: 24 of fraction, as fine as float32 is near 1.
  private static let quantizedWidth = 32

  init(_ model: Model, _ options: ExactOptions) throws(Failure) {
    let consumers = model.consumers
    for (slot, index) in model.inputs.enumerated() {
      let layer = model.layers[index]
      if let given = options.inputFormats.indices.contains(slot) ? options.inputFormats[slot] : nil {
        guard given.width <= 64, given.isRepresentable else {
          throw Failure(
            .badInput, [Diagnostic(layer, "an input of \(given.width) bits; at most 64 are supported")])
        }
        // No number may become the word that stands for a missing one.
        let keepsLowest = options.isMissingLowest && given.overflow != .satSym
        formats.append(keepsLowest ? given.with(given.rounding, .satSym) : given)
        origins.append(.given)
        continue
      }
      if case .input(let type?) = layer.kind {
        formats.append(.integer(type.width, signed: type.isSigned))
        origins.append(.integerType)
        continue
      }
      let quantizers = Self.quantizers(of: index, model, consumers)
      if let format = Self.common(quantizers) {
        formats.append(format)
        origins.append(.quantizer)
        continue
      }
      if let trees = Self.trees(of: index, model, consumers) {
        let events = options.calibration.flatMap { $0.indices.contains(slot) ? $0[slot] : nil }?
          .filter { !$0.isNaN }
        let format = trees.inputFormat(options, events: events)
        formats.append(format)
        origins.append(events == nil ? .assumed : .calibration)
        if events == nil {
          notes.append(
            Diagnostic(
              layer, "taken as \(format), which holds the thresholds of the trees",
              hint: "--calibrate events.npy chooses a format for your events"))
        }
        continue
      }
      let format = Self.chosen(model, slot, options)
      formats.append(format)
      origins.append(options.calibration == nil ? .assumed : .calibration)
      if options.calibration == nil {
        notes.append(
          Diagnostic(
            layer, "nothing is known of the input; taken as \(format)",
            hint: "--calibrate events.npy, or quantize the input in the model"))
      } else if model.isQuantized {
        notes.append(
          Diagnostic(layer, "the model does not quantize its input; taken as \(format)"))
      }
    }
  }

  /// Refuses words for missing numbers where something else than trees would see them.
  static func checkMissing(_ model: Model) throws(Failure) {
    let consumers = model.consumers
    for index in model.inputs {
      guard let trees = trees(of: index, model, consumers) else {
        throw Failure(
          .usage,
          [
            Diagnostic(
              model.layers[index],
              "--missing: not only trees read this input, and nothing else knows missing numbers")
          ])
      }
      guard trees.projections.isEmpty else {
        throw Failure(
          .usage,
          [
            Diagnostic(
              model.layers[index], "--missing: oblique splits add features, of which none may be missing")
          ])
      }
    }
  }

  /// The trees that alone read an input; nil where something else does too.
  private static func trees(of index: Int, _ model: Model, _ consumers: [[Int]]) -> Ensemble? {
    let kinds = consumers[index].map { model.layers[$0].kind.ensemble }
    guard kinds.count == 1, let ensemble = kinds[0], !model.isOutput(index) else { return nil }
    return ensemble
  }

  /// Every quantizer that reads a layer's result, also past layers that only move words; nil for a reader that is none.
  private static func quantizers(of index: Int, _ model: Model, _ consumers: [[Int]]) -> [Quantizer?] {
    consumers[index].flatMap { consumer -> [Quantizer?] in
      let layer = model.layers[consumer]
      if case .activation(.quantizer(let quantizer)) = layer.kind { return [quantizer] }
      let isWiring =
        layer.kind.wiring(input: model.layers[index].outputShape, output: layer.outputShape) != nil
      return isWiring && !model.isOutput(consumer)
        ? quantizers(of: consumer, model, consumers) : [nil]
    }
  }

  /// The format of an input that only these quantizers read; nil where no format keeps what they make of every number.
  ///
  /// One format for all is the input's. Otherwise it holds the formats of all elements, and a number that is converted to
  /// it first becomes the same word as one that is converted at once: rounding down to one bit more does not change a
  /// rounding to nearest with ties up, nor does wrapping or saturating at a wider range.
  private static func common(_ quantizers: [Quantizer?]) -> FixedFormat? {
    let formats = quantizers.map { quantizer -> FixedFormat? in
      if case .uniform(let uniform)? = quantizer {
        return FixedFormat(.uniform(uniform)) ?? uniform.inputFormat
      }
      return quantizer.flatMap { FixedFormat($0) }
    }
    if let first = formats.first, let format = first, formats.allSatisfy({ $0 == format }) { return format }
    var elements: [FixedFormat] = []
    for quantizer in quantizers {
      guard case .fixed(let fixed)? = quantizer, fixed.scaler ?? 1 == 1, let shape = fixed.shape,
        let layout = fixed.layout(over: shape)
      else { return nil }
      elements += layout.formats
    }
    let (roundings, overflows) = (Set(elements.map(\.rounding)), Set(elements.map(\.overflow)))
    guard !quantizers.isEmpty, roundings.isSubset(of: [.trn, .rnd]),
      overflows.isSubset(of: [.wrap]) || overflows.isSubset(of: [.sat, .satSym])
    else { return nil }
    let isSigned = elements.contains(where: \.isSigned)
    let fraction = elements.map { $0.fractionBits + ($0.rounding == .rnd ? 1 : 0) }.max() ?? 0
    let integer = elements.map { $0.integerBits + (isSigned && !$0.isSigned ? 1 : 0) }.max() ?? 1
    let format = FixedFormat(
      max(1, integer + fraction), max(integer, 1 - fraction), signed: isSigned, .trn,
      overflows == [.wrap] ? .wrap : .sat)
    return format.width <= 64 ? format : nil
  }

  private static func chosen(_ model: Model, _ slot: Int, _ options: ExactOptions) -> FixedFormat {
    let width = model.isQuantized ? max(quantizedWidth, options.wordLength) : options.wordLength
    if let events = options.calibration, events.indices.contains(slot) {
      // Numbers that words hold exactly (pixels, counts) keep their own format.
      if let exact = FixedTensor.exact(events[slot], shape: [events[slot].count], limit: options.wordLength) {
        return exact.format.with(.rnd, .sat)
      }
      let range = min(0, events[slot].min() ?? 0)...max(0, events[slot].max() ?? 0)
      return FixedFormat.covering(range, width: width)
    }
    let bits = model.isQuantized ? integerBits.quantized : min(integerBits.float, (width + 2) / 3)
    return FixedFormat(width, bits, signed: true, .rnd, .sat)
  }
}

extension UniformQuantizer {
  /// A format for numbers that this quantizer, which is none itself, reads: what saturates in it saturates in the quantizer
  /// too, and rounding down never takes a number across a step that is a word, as the sign is.
  fileprivate var inputFormat: FixedFormat? {
    guard case .integers(let range) = levels else { return FixedFormat(16, 8, signed: true, .trn, .sat) }
    var (low, high) = (0.0, 0.0)
    for scale in scale.values {
      for zero in zeroPoint.values {
        low = min(low, (Double(range.lowerBound) - zero - 1) * scale)
        high = max(high, (Double(range.upperBound) - zero + 1) * scale)
      }
    }
    guard (high - low).isFinite, high - low < 0x1p30, high - low > 0x1p-30 else { return nil }
    return FixedFormat.covering(low...high, width: 32, signed: low < 0).with(.trn, .sat)
  }
}
