import Configuration
import FixedPoint

extension HLSGraph {
  /// Gives a new layer the types, the reuse factor and the table size its configuration sets, and hls4ml's
  /// defaults where it sets none (model/layers.py, backends/fpga/fpga_backend.py).
  mutating func setTypes(_ layer: inout HLSLayer) {
    let (name, className) = (layer.name, layer.className)
    let settings = configuration.settings(layer: name, className: className)
    func configured(_ role: HLSRole) -> HLSPrecision {
      HLSPrecision(configuration.precision(layer: name, className: className, tensor: role.rawValue))
    }
    func direct(_ role: HLSRole, otherwise: HLSPrecision) -> HLSPrecision {
      settings.types[role.rawValue].map { .format($0) } ?? otherwise
    }
    layer.reuseFactor = configuration.reuseFactor(layer: name, className: className)
    layer.resolvedReuseFactor = layer.reuseFactor
    layer.strategy = configuration.strategy(layer: name, className: className)
    layer.tableSize = settings.tableSize ?? 1024
    switch layer.kind {
    case .zeroPadding, .cropping, .resize, .transpose, .repeatVector, .gather:
      layer.result = operand(layer)?.result ?? .auto
    default: layer.result = configured(.result)
    }
    if let format = layer.quantizedResult { layer.result = .format(format) }
    setWeightTypes(&layer)
    switch layer.kind {
    case .dense, .convolution, .pooling, .globalPooling, .dot:
      layer.types[.accum] = direct(.accum, otherwise: configured(.accum))
    case .softmax(var softmax):
      let table = HLSPrecision.fixed(18, 8, .rnd, .sat)
      layer.types[.accum] = direct(.accum, otherwise: configured(.accum))
      layer.types[.expTable] = direct(.expTable, otherwise: table)
      layer.types[.invTable] = direct(.invTable, otherwise: table)
      layer.types[.invInput] = direct(.invInput, otherwise: table)
      layer.types[.normalizedInput] = settings.types[HLSRole.normalizedInput.rawValue].map { .format($0) }
      softmax.implementation = settings.softmax ?? softmax.implementation
      softmax.isSkipped = settings.skip ?? false
      softmax.expTableSize = settings.expTableSize
      softmax.invTableSize = settings.invTableSize
      layer.kind = .softmax(softmax)
    case .kernel(var kernel):
      for (role, type) in kernel.types { layer.types[role] = direct(role, otherwise: type) }
      for (role, type) in kernel.internals(layer) {
        let own = configuration.ownPrecision(layer: name, className: className, tensor: role.rawValue)
        layer.types[role] = own.map { HLSPrecision($0) } ?? type
      }
      kernel.configure(settings, &layer)
      layer.kind = .kernel(kernel)
    case .parametrized: layer.types[.param] = configured(.param)
    default: break
    }
    if layer.kind.isActivation { layer.types[.table] = direct(.table, otherwise: .fixed(18, 8)) }
    if configuration.isWritten { setWrittenTypes(&layer, settings) }
  }

  /// Gives a layer of a project that hls4ml wrote what no configuration of hls4ml says.
  private func setWrittenTypes(_ layer: inout HLSLayer, _ settings: LayerSettings) {
    layer.result = settings.types[HLSRole.result.rawValue].map { .format($0) } ?? .auto
    for role in [HLSRole.slope, .shift] {
      if let format = settings.types[role.rawValue] { layer.types[role] = .format(format) }
    }
    guard let written = settings.written else { return }
    layer.written = written
    if written.isSign { layer.result = .xnor }
    if written.hasSignWeights { layer.types[.weight] = .xnor }
    if let bits = written.exponentBits { layer.types[.weight] = .exponent(width: bits) }
  }

  /// Gives the weights of a layer that have no type yet theirs: the quantizer's, or as configured.
  func setWeightTypes(_ layer: inout HLSLayer) {
    for (role, weight) in layer.weights where layer.types[role] == nil {
      layer.types[role] =
        weight.quantizer?.precision
        ?? HLSPrecision(
          configuration.precision(layer: layer.name, className: layer.className, tensor: role.rawValue))
    }
  }

  /// The type of everything that nothing else sets.
  var defaultPrecision: HLSPrecision {
    HLSPrecision(configuration.model.precision["default"] ?? .format(FixedFormat(16, 6)))
  }
}
