import Configuration
import Diagnostics
import Emulator
import FixedPoint
import Foundation
import Lowering
import Program
import Reports

/// A type of a layer that may mend it.
struct Remedy: Hashable {
  var layer: String
  /// The tensor, by the name `Precision` has for it.
  var tensor: String
  var format: FixedFormat

  func isSamePlace(as other: Remedy) -> Bool { layer == other.layer && tensor == other.tensor }

  /// For a comparison.
  var setting: ModelComparison.Setting {
    ModelComparison.Setting(layer: layer, tensor: tensor, type: format.shortDescription)
  }
}

extension Configuration {
  /// The configuration with some types set by layer name; other settings of those layers stay.
  func applying(_ remedies: [Remedy]) -> Configuration {
    var result = self
    for remedy in remedies {
      var settings = result.layerNames[remedy.layer] ?? LayerSettings()
      settings.precision[remedy.tensor] = .format(remedy.format)
      result.setLayer(remedy.layer, settings)
    }
    return result
  }
}

/// A layer where numbers part from the model's: what is seen there, and types that may mend it.
struct Suspect {
  let layer: String
  private(set) var reasons: [String] = []
  /// Types that follow from what is seen.
  private(set) var remedies: [Remedy] = []
  /// Wider types for everything the layer computes, where that is not enough.
  private(set) var escalation: [Remedy] = []

  /// An input that its format does not hold.
  init(input fit: InputFit) {
    layer = fit.name
    if let note = fit.note(.given) { reasons.append(note.message) }
    remedies = [Remedy(layer: fit.name, tensor: "result", format: fit.mending)]
  }

  /// - Parameters:
  ///   - place: of the layer in the measurement.
  ///   - numbers: its numbers.
  ///   - overflows: the measurement's.
  init(
    _ measurement: Measurement, _ place: Int, _ numbers: Measurement.LayerNumbers,
    overflows: [ValueID: OverflowCount]
  ) {
    let (index, result, tensor) = measurement.layers[place]
    let lowered = measurement.lowered.layers[index]
    layer = lowered.name
    let program = measurement.lowered.program
    let largest = numbers.own.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
    let formats = Dictionary(lowered.formats.map { ($0.tensor, $0.format) }, uniquingKeysWith: { $1 })
    // Twice what was seen: a billion events reach further than these.
    let reach = [-2 * largest, 2 * largest]

    for fit in lowered.weights where fit.loss != nil || fit.relativeError > 0.1 {
      reasons.append(
        fit.loss
          ?? "the error of its \(fit.tensor) in \(fit.format.shortDescription) is \(text(100 * fit.relativeError))% of its "
          + "size")
      if let format = fit.mending {
        remedies.append(Remedy(layer: layer, tensor: fit.tensor, format: format))
      }
    }
    reasons += lowered.coarseTables
    if let quantizer = measurement.reference.model.quantizerFormat(of: tensor),
      let format = formats["result"],
      format != quantizer
    {
      reasons.append(
        "the model quantizes here to \(quantizer.shortDescription), the configuration to \(format.shortDescription)"
      )
      remedies.append(Remedy(layer: layer, tensor: "result", format: quantizer))
    }
    for instruction in program.instructions.indices where program.instructions[instruction].layer == index {
      guard let count = overflows[ValueID(instruction)] else { continue }
      let conversions = count.products + count.words
      switch program.instructions[instruction].operation.form {
      case .product(.affine(let affine)):
        reasons.append(
          "\(conversions) additions \(affine.accumulator.verb) in its accum \(affine.accumulator.shortDescription)"
        )
        remedies.append(
          Remedy(layer: layer, tensor: "accum", format: .holding(reach, like: affine.accumulator)))
      case .wordwise(.requantize(.uniform(let format))) where ValueID(instruction) == result:
        reasons.append(
          "\(conversions) results \(format.verb) in \(format.shortDescription): they reach \(text(largest)) in magnitude"
        )
        remedies.append(Remedy(layer: layer, tensor: "result", format: .holding(reach, like: format)))
      case .wordwise(.requantize(.uniform(let format))), .reduction(.sum(let format, _)):
        if lowered.coarseTables.isEmpty {
          reasons.append(
            "\(conversions) numbers \(format.verb) in \(format.shortDescription) on the way to its result")
        }
      case .scan: reasons.append("\(conversions) numbers overflow in its steps")
      case .input, .constant, .wordwise, .product, .reduction, .wiring: break
      }
    }
    if lowered.isSoftmax, let source = lowered.inputs.first,
      let input = measurement.layers.firstIndex(where: { measurement.lowered.layers[$0.index].name == source }
      )
    {
      // The fewer integer bits softmax reads, the finer its table.
      let logits = measurement.reach(of: input)
      let format = FixedFormat.holding(
        [-2 * logits, 2 * logits], like: FixedFormat(16, 6, signed: true, .rnd, .sat))
      remedies.append(Remedy(layer: source, tensor: "result", format: format))
    }
    if let format = formats["result"], reasons.isEmpty {
      reasons.append(
        "its result \(format.shortDescription) is too coarse or too narrow: step \(text(exp2(-Double(format.fractionBits)))), results up to "
          + "\(text(largest)) in magnitude")
    }
    for tensor in ["accum", "result"] {
      guard var format = formats[tensor] else { continue }
      format = .holding(reach, like: format)
      // Eight more bits of fraction, and two for partial sums that reach further than their total.
      format.width += 10
      format.integerBits += 2
      escalation.append(Remedy(layer: layer, tensor: tensor, format: format))
    }
  }

  private func text(_ value: Double) -> String { String(format: "%.6g", value) }
}

extension FixedFormat {
  /// What happens outside its range, as the verb of a sentence.
  fileprivate var verb: String { overflow == .wrap || overflow == .wrapSM ? "wrap" : "saturate" }
}
