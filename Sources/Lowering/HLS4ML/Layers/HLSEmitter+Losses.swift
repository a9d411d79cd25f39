import Configuration
import Diagnostics
import FixedPoint
import Foundation
import Program

/// What a configuration's types do to weights and tables without a word from hls4ml: said once per tensor, with its size
/// and the setting that mends it.
extension HLSEmitter {
  // MARK: Weights

  /// What the weights of a layer lose, in the order of `HLSRole`; nothing for those that lose nothing to speak of.
  func fits(of layer: HLSLayer) throws(ProgramError) -> [WeightFit] {
    // The exact sums of distributed arithmetic are made of the weights as they are.
    if layer.kind.isAffine, layer.strategy == .distributedArithmetic { return [] }
    var fits: [WeightFit] = []
    for role in HLSRole.allCases {
      if let weight = layer.weights[role], !weight.isAbsent {
        let fit: WeightFit
        if case .exponent(let width)? = layer.types[role] {
          let powers = ExponentWeights(weight.data.values, shape: weight.data.shape, width: width)
          fit = WeightFit(
            role.rawValue, weight.data.values,
            becoming: zip(powers.signs, powers.exponents).map { Double($0) * exp2(Double($1)) },
            .integer(width))
        } else {
          let format = try format(role)
          fit = WeightFit(
            role.rawValue, weight.data.values, weight.words(format), format,
            isQuantizers: weight.quantizer != nil)
        }
        fits.append(fit)
      }
      for parameter in layer.kind.parameters(role) {
        let format = try format(role)
        fits.append(
          WeightFit(role.rawValue, [parameter], [format.quantize(parameter)], format, isQuantizers: false))
      }
    }
    return fits.filter { $0.changed > 0 }
  }

  /// Says what a tensor of the current layer loses, where that is more than rounding.
  mutating func note(_ fit: WeightFit) {
    guard let loss = fit.loss else { return }
    warn(
      loss,
      hint: fit.mending.map { layer.setting(fit.tensor, $0) }
        ?? "the quantizer sets this type; --numerics exact computes what it says")
  }

  // MARK: Tables

  /// Says that a table of the current layer is too coarse where neighbouring entries are more than half its range
  /// apart: one step of the index is then nearly all there is.
  ///
  /// - Parameters:
  ///   - entries: in the order of the numbers they stand for.
  ///   - step: how far apart the numbers of two entries are.
  mutating func check(table name: String, _ entries: [Raw], _ format: FixedFormat, step: Double) {
    guard let low = entries.min(), let high = entries.max() else { return }
    let jump = zip(entries, entries.dropFirst()).reduce(Raw(0)) { max($0, abs($1.1 - $1.0)) }
    guard low == high || jump > (high - low) / 2 else { return }
    let different = Set(entries).count
    let message: String
    let hint: String
    if step >= 0.5 {
      message =
        "its table '\(name)' has \(entries.count) entries, one for every \(step.short) of what it reads: it cannot tell "
        + "numbers apart that differ by less"
      hint = tableHint(step)
    } else {
      message =
        "its table '\(name)' cannot tell its inputs apart: in \(format.shortDescription) its \(entries.count) entries are "
        + (different == 1 ? "all \(format.value(of: low).short)" : "\(different) different numbers")
      hint = "give it more fraction bits: \(layer.setting("\(name)_t", FixedFormat(18, 8), direct: true))"
    }
    coarseTables[layer.name, default: []].append(message)
    warn(message, hint: hint)
  }

  /// Says that softmax's table of reciprocals has one entry for sums that differ by more than 1, which the sum of its
  /// exponentials does not.
  mutating func check(reciprocalsOf sum: FixedFormat, bits: Int) {
    let step = sum.tableStep(bits)
    guard step >= 1 else { return }
    let message =
      "its table 'inv_table' has \(1 << bits) entries, one for every \(step.short) of the sum it divides by: it cannot "
      + "tell sums apart that differ by less"
    coarseTables[layer.name, default: []].append(message)
    warn(
      message,
      hint:
        "LayerName: {\(layer.name): {TableSize: 1024}}, or fewer integer bits: \(layer.setting("inv_inp_t", FixedFormat(18, 8, signed: true, .rnd, .sat), direct: true))"
    )
  }

  /// What makes the steps of a table finer: a type with fewer integer bits for what it reads, or more entries.
  private func tableHint(_ step: Double) -> String {
    let entries = "TableSize: 1024"
    guard let source = graph.operand(layer), case .softmax = layer.kind,
      (source.result.format?.integerBits ?? 0) > 7
    else { return "LayerName: {\(layer.name): {\(entries)}}" }
    let type = FixedFormat(16, 6)
    // With a type of its own a layer is no longer one with the linear activation that hls4ml makes of it.
    let linear = "\(source.name)_linear"
    return source.setting("result", type)
      + (graph.names.contains(linear) ? ", " + HLSLayer.setting(linear, "result", type, direct: false) : "")
      + ", or as many integer bits as its numbers need: the fewer, the finer the table; for the largest class alone, "
      + "LayerName: {\(layer.name): {Implementation: argmax}}"
  }
}

extension HLSLayer {
  /// The line of a configuration that sets a type of this layer.
  ///
  /// - Parameter direct: whether the type stands beside `Precision`, as those of tables do.
  func setting(_ tensor: String, _ format: FixedFormat, direct: Bool = false) -> String {
    Self.setting(name, tensor, format, direct: direct)
  }

  static func setting(_ layer: String, _ tensor: String, _ format: FixedFormat, direct: Bool) -> String {
    let type = "'\(format.shortDescription)'"
    return direct
      ? "LayerName: {\(layer): {\(tensor): \(type)}}"
      : "LayerName: {\(layer): {Precision: {\(tensor): \(type)}}}"
  }
}

extension FixedFormat {
  /// How far apart the numbers are whose words differ by one in their top bits.
  func tableStep(_ bits: Int) -> Double {
    Double(sign: .plus, exponent: integerBits - bits, significand: 1)
  }
}

extension HLSKind {
  /// The numbers besides weights that become words of a role's type.
  fileprivate func parameters(_ role: HLSRole) -> [Double] {
    switch (self, role) {
    case (.parametrized(_, let parameter), .param): [parameter]
    case (.hard(_, let slope, _), .slope): [slope]
    case (.hard(_, _, let shift), .shift): [shift]
    default: []
    }
  }
}

extension Double {
  /// At most six significant digits.
  var short: String { String(format: "%.6g", self) }
}
