import Diagnostics
import FixedPoint
import Glibc
import Model

extension HLSPass {
  /// infer_precision_types: chooses the types that are `auto`, wide enough for everything the formulas of
  /// hls4ml 1.3.0 think can happen (model/optimizer/passes/infer_precision.py).
  static let inferPrecision = HLSPass("infer_precision_types") { (graph, place) throws(Failure) in
    guard graph.layers[place].types.values.contains(.auto) else { return false }
    let hadResult = graph.layers[place].result != .auto
    var layer = graph.layers[place]
    let inputs = layer.inputs.indices.map { graph.operand(layer, $0)?.result ?? .auto }
    InferredTypes(graph: graph, inputs: inputs).infer(&layer)
    // What no rule chose gets the default.
    for (role, type) in layer.types where type == .auto { layer.types[role] = graph.defaultPrecision }
    graph.layers[place] = layer
    return !hadResult
  }
}

/// The rules of inference for one layer.
struct InferredTypes {
  let graph: HLSGraph
  let inputs: [HLSPrecision]

  func infer(_ layer: inout HLSLayer) {
    switch layer.kind {
    case .dense, .convolution: inferAffine(&layer)
    case .batchNormalization: for (role, type) in normalization(layer) { set(&layer, role, type) }
    case .kernel(let kernel): for (role, type) in kernel.inferred(layer, self) { set(&layer, role, type) }
    case .pooling(let pooling): inferPooling(&layer, pooling)
    case .clone, .reshape, .transpose, .resize, .zeroPadding, .repeatVector: set(&layer, .result, inputs[0])
    case .merge(let merge): set(&layer, .result, merged(merge))
    case .concatenate: set(&layer, .result, concatenated)
    case .dot:
      // hls4ml stops with an error where the accumulator is auto, too.
      set(&layer, .accum, dotted(layer))
      set(&layer, .result, dotted(layer))
    case .parametrized(let function, let parameter):
      set(&layer, .param, function == .thresholdedReLU ? inputs[0] : .smallest(holding: parameter))
    case .prelu: set(&layer, .param, inputs[0])
    default: break
    }
  }

  /// Sets a type that is `auto`.
  private func set(_ layer: inout HLSLayer, _ role: HLSRole, _ type: HLSPrecision) {
    if layer.types[role] == .auto { layer.types[role] = type }
  }

  /// The width of the sum of `count` products, plus a bit for the bias.
  private func inferAffine(_ layer: inout HLSLayer) {
    for role in [HLSRole.weight, .bias] {
      set(&layer, role, layer.weights[role]?.quantizer?.precision ?? graph.defaultPrecision)
    }
    var type = graph.defaultPrecision
    if let x = inputs[0].inferable, let w = layer.types[.weight]?.inferable,
      let b = layer.types[.bias]?.inferable
    {
      let growth = Int(log2(Double(layer.productCount)).rounded(.up))
      let product = FixedFormat(
        w.width + x.width + growth, w.integerBits + x.integerBits + growth, signed: w.isSigned || x.isSigned)
      type = limited(sum(product, b))
    }
    set(&layer, .accum, type)
    set(&layer, .result, type)
  }

  /// x · scale + bias.
  func normalization(_ layer: HLSLayer) -> [HLSRole: HLSPrecision] {
    func type(_ role: HLSRole) -> HLSPrecision {
      layer.types[role].flatMap { $0 == .auto ? nil : $0 } ?? graph.defaultPrecision
    }
    let (scale, bias) = (type(.scale), type(.bias))
    guard let x = inputs[0].inferable, let s = scale.inferable, let b = bias.inferable else {
      return [.scale: scale, .bias: bias, .result: graph.defaultPrecision]
    }
    return [.scale: scale, .bias: bias, .result: limited(sum(.product(x, s), b))]
  }

  private func inferPooling(_ layer: inout HLSLayer, _ pooling: Pooling) {
    if pooling.kind == .maximum {
      set(&layer, .accum, inputs[0])
    } else if let x = inputs[0].inferable {
      let extra = Int(log2(Double(pooling.size.reduce(1, *))).rounded(.up))
      set(
        &layer, .accum,
        .fixed(x.width + 2 * extra, x.integerBits + extra, signed: x.isSigned))
    } else {
      set(&layer, .accum, graph.defaultPrecision)
    }
    set(&layer, .result, inputs[0])
  }

  private func merged(_ merge: Merge) -> HLSPrecision {
    let formats = inputs.compactMap(\.inferable)
    switch merge {
    case .maximum, .minimum:
      if Set(inputs).count == 1 { return inputs[0] }
      guard formats.count == inputs.count else { return graph.defaultPrecision }
      return .format(formats.dropFirst().reduce(formats[0], FixedFormat.union).with(.trn, .wrap))
    case .add, .subtract, .average:
      guard formats.count == inputs.count else { return graph.defaultPrecision }
      return formats.dropFirst().reduce(.format(formats[0])) { type, format in
        guard let a = type.inferable else { return type }
        var total = sum(a, format)
        if merge == .subtract { total.isSigned = true }
        return limited(total)
      }
    case .multiply:
      guard formats.count == inputs.count else { return graph.defaultPrecision }
      return formats.dropFirst().reduce(.format(formats[0])) { type, format in
        type.inferable.map { limited(.product($0, format)) } ?? type
      }
    }
  }

  /// The union of the inputs, with the first modes that are not the default ones.
  private var concatenated: HLSPrecision {
    if Set(inputs).count == 1 { return inputs[0] }
    let formats = inputs.compactMap(\.inferable)
    guard formats.count == inputs.count else { return graph.defaultPrecision }
    guard case .format(var type) = limited(formats.dropFirst().reduce(formats[0], FixedFormat.union)) else {
      return graph.defaultPrecision
    }
    let fixed = formats.filter { HLSPrecision.format($0) != .integer($0.width, signed: $0.isSigned) }
    type.rounding = fixed.first { $0.rounding != .trn }?.rounding ?? .trn
    type.overflow = fixed.first { $0.overflow != .wrap }?.overflow ?? .wrap
    type.saturatedBits = fixed.first { $0.saturatedBits != 0 }?.saturatedBits ?? 0
    return .format(type)
  }

  private func dotted(_ layer: HLSLayer) -> HLSPrecision {
    guard let a = inputs[0].inferable, let b = inputs[1].inferable else { return graph.defaultPrecision }
    let count = graph.operand(layer)?.shape.first ?? 1
    let growth = Int(log2(Double(count)).rounded(.up))
    return limited(
      FixedFormat(
        a.width + b.width + growth, a.integerBits + b.integerBits + growth, signed: a.isSigned || b.isSigned))
  }

  /// hls4ml's formula of a sum's type is that of ap_fixed.
  private func sum(_ a: FixedFormat, _ b: FixedFormat) -> FixedFormat { .sum(a, b) }

  /// `Precision.maximum` bounds width and integer bits separately, which may cost fraction bits.
  private func limited(_ format: FixedFormat) -> HLSPrecision {
    guard case .format(let maximum)? = graph.configuration.model.precision["maximum"] else {
      return .format(format)
    }
    return .fixed(
      min(format.width, maximum.width), min(format.integerBits, maximum.integerBits), signed: format.isSigned)
  }
}

extension HLSLayer {
  /// How many products hls4ml's inference thinks one result sums.
  var productCount: Int {
    guard let shape = weights[.weight]?.data.shape else { return 1 }
    guard case .convolution(let convolution) = kind else { return shape.first ?? 1 }
    let taps = convolution.kernel.reduce(1, *)
    switch convolution.kind {
    case .depthwise: return taps
    case .standard, .pointwise: return taps * shape[shape.count - 2]
    case .transposed: return taps * shape[shape.count - 1]
    }
  }
}

extension HLSPrecision {
  /// The smallest type that holds a constant, with at most 8 bits beside the sign.
  static func smallest(holding value: Double) -> HLSPrecision {
    guard value != 0, value.isFinite else { return .fixed(1, 1, signed: false) }
    let fraction = (-31...32).first { (value * Self.power($0)).rounded() == value * Self.power($0) } ?? 32
    let magnitude = max(value + Self.power(-fraction), -value)
    let integer = Int(log2(magnitude).rounded(.up))
    let sign = value < 0 ? 1 : 0
    return .fixed(sign + min(integer + fraction, 8), sign + integer, signed: value < 0)
  }

  private static func power(_ exponent: Int) -> Double {
    Double(sign: .plus, exponent: exponent, significand: 1)
  }
}
