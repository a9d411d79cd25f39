import Diagnostics
import FixedPoint
import Program

extension ConfigurationReader {
  /// The settings of one layer or class of layers.
  mutating func settings(_ node: SettingNode) -> LayerSettings {
    var settings = LayerSettings()
    for (name, child) in values.entries(node) {
      if let key = LayerKey(spelled: name) {
        layer(key, child, &settings, isModel: false)
      } else if name.hasSuffix("_t"), directTensors.contains(String(name.dropLast(2))) {
        if case .format(let format) = values.precision(child) {
          settings.types[String(name.dropLast(2))] = format
        }
      } else if name.hasSuffix("_t"), knownTensors.contains(String(name.dropLast(2))) {
        values.report(
          child, "hls4ml 1.3.0 overwrites '\(name)'", hint: "write '\(name.dropLast(2))' under Precision")
      } else {
        values.unknown(
          name, child, known: LayerKey.allCases.map(\.rawValue) + directTensors.map { "\($0)_t" })
      }
    }
    return settings
  }

  /// One key of a layer's settings, or of the model's.
  mutating func layer(_ key: LayerKey, _ node: SettingNode, _ settings: inout LayerSettings, isModel: Bool) {
    switch key {
    case .precision: settings.precision = precisions(node, isModel: isModel)
    case .reuseFactor: settings.reuseFactor = values.count(node)
    case .targetCycles: settings.targetCycles = values.count(node)
    case .strategy: settings.strategy = strategy(node)
    case .compression: settings.compression = values.bool(node)
    case .convImplementation:
      settings.convImplementation = values.choice(node, of: Configuration.ConvImplementation.self)
    case .parallelizationFactor: settings.parallelizationFactor = values.count(node)
    case .tableSize: settings.tableSize = values.count(node, atMost: 1 << 24)
    case .expTableSize: settings.expTableSize = values.count(node, atMost: 1 << 24)
    case .invTableSize: settings.invTableSize = values.count(node, atMost: 1 << 24)
    case .tableRangePower2: settings.tableRangePower2 = values.integer(node, in: -64...64)
    case .implementation: settings.softmax = values.choice(node, of: Configuration.SoftmaxImplementation.self)
    case .skip: settings.skip = values.bool(node)
    case .trace: settings.trace = values.bool(node)
    case .algorithm:
      if values.choice(node, of: Configuration.ResizeAlgorithm.self) == .bilinear {
        values.report(node, "Algorithm: bilinear is not implemented", hint: "there is nearest")
      }
    case .recurrentReuseFactor, .forwardReuseFactor, .backwardReuseFactor, .forwardRecurrentReuseFactor,
      .backwardRecurrentReuseFactor, .depthwiseReuseFactor, .pointwiseReuseFactor:
      if let factor = values.count(node), factor != 1 {
        warnings.append(
          node.problem("hls4ml 1.3.0 ignores \(key.rawValue)", hint: "ReuseFactor is what counts"))
      }
    case .timeStepLoopParallelism:
      if let choice = values.text(node), choice.lowercased() != "off" {
        values.report(
          node, "TimeStepLoopParallelism: \(shortened(choice)) is not implemented",
          hint: "there is Off: the steps of a TimeDistributed layer one after the other")
      }
    case .isStatic: settings.isStatic = values.bool(node)
    case .direction: break
    }
  }

  /// `Precision`: one type for everything, or one by tensor.
  private mutating func precisions(_ node: SettingNode, isModel: Bool) -> [String: PrecisionChoice] {
    guard case .map = node.value else { return values.precision(node).map { ["default": $0] } ?? [:] }
    var result: [String: PrecisionChoice] = [:]
    for (tensor, child) in values.entries(node) {
      guard knownTensors.contains(tensor) || (isModel && tensor == "maximum") else {
        values.unknown(tensor, child, called: "tensor", known: knownTensors.union(isModel ? ["maximum"] : []))
        continue
      }
      guard let choice = values.precision(child) else { continue }
      result[tensor] = choice
      if ignoredTensors.contains(tensor), !isModel, !Self.written.contains(choice) {
        warnings.append(
          child.problem(
            "hls4ml 1.3.0 ignores '\(tensor)' under Precision",
            hint: directTensors.contains(tensor) ? "write '\(tensor)_t' beside Precision instead" : nil))
      }
    }
    return result
  }

  /// What hls4ml's config_from_… functions write for the tensors that are ignored: nothing to warn about.
  private static let written: Set<PrecisionChoice> = [
    .auto, .format(FixedFormat(18, 8)), .format(FixedFormat(18, 8, .rnd, .sat)),
    .format(FixedFormat(8, 5, signed: false, .rndConv, .sat)),
  ]

  /// hls4ml makes snake_case of the value and takes what it does not know for latency; here that is an error.
  private mutating func strategy(_ node: SettingNode) -> Strategy? {
    guard let text = values.text(node) else { return nil }
    let spelling = snakeCase(text)
    if let strategy = Strategy(rawValue: spelling) { return strategy }
    if spelling == "da" { return .distributedArithmetic }
    if text.lowercased() == "latency" { return .latency }
    if let softmax = Configuration.SoftmaxImplementation(rawValue: text.lowercased()) {
      warnings.append(
        node.problem(
          "the strategy '\(text)' has no effect: hls4ml 1.3.0 reads it as latency",
          hint: "write Implementation: \(softmax.rawValue)"))
      return .latency
    }
    let known = ["Latency", "Resource", "ResourceUnrolled", "DistributedArithmetic"]
    if let meant = (known + ["da"]).first(where: { $0.lowercased() == spelling.filter { $0 != "_" } }) {
      values.report(
        node, "hls4ml 1.3.0 would read the strategy '\(text)' as latency", hint: "write '\(meant)'")
    } else {
      values.unknownValue(text, node, known: known)
    }
    return nil
  }
}
