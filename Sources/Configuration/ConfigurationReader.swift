import Diagnostics
import FixedPoint
import Storage

extension Configuration {
  /// Reads hls4ml's configuration file: `.json` is JSON, anything else YAML.
  ///
  /// - Returns: the configuration, and warnings about settings that hls4ml 1.3.0 accepts without effect.
  /// - Throws: `missingInput`; `badInput` with every unknown key and wrong value, each with line or path.
  public static func load(_ path: String) throws(Failure) -> (
    configuration: Configuration, warnings: [Diagnostic]
  ) {
    if path.lowercased().hasSuffix(".json") { return try read(SettingNode(JSONNode(contentsOf: path))) }
    let bytes = try readFile(path, limit: 1 << 22)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(.badInput, file: path, "the file is not text in UTF-8")
    }
    return try parse(yaml: text, file: path)
  }

  /// Reads a configuration from YAML text; see `load`.
  public static func parse(
    yaml: String, file: String
  ) throws(Failure) -> (configuration: Configuration, warnings: [Diagnostic]) {
    try read(SettingNode.parse(yaml: yaml, file: file))
  }

  private static func read(_ root: SettingNode) throws(Failure) -> (Configuration, warnings: [Diagnostic]) {
    var reader = ConfigurationReader(file: root.file)
    reader.project(root)
    guard reader.values.problems.isEmpty else { throw Failure(.badInput, reader.values.problems) }
    return (reader.result, reader.warnings)
  }
}

/// Fills a configuration from a tree of values, collecting what is wrong on the way.
struct ConfigurationReader {
  var result = Configuration()
  var values = ValueReader()
  var warnings: [Diagnostic] = []

  init(file: String) { result.file = file }

  // MARK: The project

  mutating func project(_ root: SettingNode) {
    let entries = values.entries(root)
    let isNested = entries.contains { $0.key == ProjectKey.hlsConfig.rawValue }
    for (key, node) in entries {
      if let key = ProjectKey(rawValue: key) {
        project(key, node)
      } else if let key = SectionKey(rawValue: key) {
        if isNested {
          values.report(node, "'\(key.rawValue)' stands beside HLSConfig", hint: "move it into HLSConfig")
        } else {
          section(key, node)
        }
      } else {
        let known =
          ProjectKey.allCases.map(\.rawValue) + (isNested ? [] : SectionKey.allCases.map(\.rawValue))
        values.unknown(key, node, known: known)
      }
    }
    if !entries.contains(where: { $0.key == ProjectKey.clockUncertainty.rawValue }), result.backend != .vitis
    {
      result.clockUncertainty = 0.125
    }
  }

  private mutating func project(_ key: ProjectKey, _ node: SettingNode) {
    switch key {
    case .backend: backend(node)
    case .part: result.part = values.text(node)
    case .board: result.board = values.text(node)
    case .clockPeriod:
      if let period = values.number(node, unit: "ns"),
        values.check(period > 0 && period.isFinite, node, "must be above 0")
      {
        result.clockPeriod = period
      }
    case .clockUncertainty: clockUncertainty(node)
    case .ioType: result.ioType = values.choice(node, of: Configuration.IOType.self) ?? .parallel
    case .projectName: result.projectName = values.text(node)
    case .outputDir: result.files.output = values.text(node)
    case .kerasJson, .kerasModel, .onnxModel, .pytorchModel: result.files.model = values.text(node)
    case .kerasH5: result.files.weights = values.text(node)
    case .inputData: result.files.inputData = values.text(node)
    case .outputPredictions: result.files.outputPredictions = values.text(node)
    case .acceleratorConfig:
      for (key, child) in values.entries(node) where key == ProjectKey.board.rawValue {
        result.board = values.text(child)
      }
    case .hlsConfig:
      for (key, child) in values.entries(node) {
        guard let section = SectionKey(rawValue: key) else {
          values.unknown(key, child, known: SectionKey.allCases.map(\.rawValue))
          continue
        }
        self.section(section, child)
      }
    case .projectDir, .inputShape, .inputShapes, .outputShapes, .writerConfig, .version, .stamp, .traceOutput:
      break
    }
  }

  private mutating func backend(_ node: SettingNode) {
    guard let name = values.text(node) else { return }
    let supported = Configuration.Backend.allCases
    if let backend = supported.first(where: { $0.rawValue.lowercased() == name.lowercased() }) {
      result.backend = backend
    } else if ["quartus", "catapult", "symbolicexpression", "oneapi", "libero"].contains(name.lowercased()) {
      values.report(
        node,
        "the backend '\(name)' computes other bits than the Vitis backend, and Triggerfish computes Vitis's",
        hint: "write Backend: Vitis to compile the model for Vitis HLS")
    } else {
      values.unknownValue(name, node, known: supported.map(\.rawValue))
    }
  }

  /// `27%` of the period, or ns.
  private mutating func clockUncertainty(_ node: SettingNode) {
    guard let share = values.number(node, unit: "%", scale: 0.01, otherwise: ("ns", 1 / result.clockPeriod))
    else { return }
    if values.check((0..<1).contains(share), node, "must be at least 0 and less than the clock period") {
      result.clockUncertainty = share
    }
  }

  // MARK: Sections

  private mutating func section(_ key: SectionKey, _ node: SettingNode) {
    switch key {
    case .model: model(node)
    case .layerType:
      for (name, child) in values.entries(node) { layerType(name, child) }
    case .layerName:
      for (name, child) in values.entries(node) {
        result.setLayer(name, settings(child))
        result.layerPlaces[name] = child.problem("").place
      }
    case .optimizers, .skipOptimizers, .flows:
      if case .null = node.value { return }
      warnings.append(node.problem("'\(key.rawValue)' has no effect: Triggerfish has its own passes"))
    }
  }

  private mutating func model(_ node: SettingNode) {
    var settings = LayerSettings()
    for (name, child) in values.entries(node) {
      if let key = LayerKey(rawValue: name), LayerKey.ofModel.contains(key) {
        layer(key, child, &settings, isModel: true)
      } else if let key = ModelKey(rawValue: name) {
        model(key, child)
      } else {
        values.unknown(
          name, child, known: LayerKey.ofModel.map(\.rawValue) + ModelKey.allCases.map(\.rawValue))
      }
    }
    if settings.precision["default"] == .auto {
      values.report(
        node, "the model's default precision cannot be 'auto'", hint: "the usual one is fixed<16,6>")
    }
    result.model = result.model.overridden(by: settings)
  }

  private mutating func model(_ key: ModelKey, _ node: SettingNode) {
    switch key {
    case .pipelineStyle:
      result.pipelineStyle = values.choice(node, of: Configuration.PipelineStyle.self) ?? .automatic
    case .pipelineInterval: result.pipelineInterval = values.count(node)
    case .bitExact: result.bitExact = values.bool(node)
    case .bramFactor, .traceOutput, .channelsLastConversion, .transposeOutputs, .allowDAFallback,
      .allowV2Fallback:
      break
    }
  }

  private mutating func layerType(_ name: String, _ node: SettingNode) {
    let settings = settings(node)
    result.setLayerType(name, settings)
    // Precision, reuse factor and strategy find the class whatever the case of its letters.
    let known = Configuration.layerClasses
    guard
      let spelling = known[name] != nil
        ? name : known.keys.first(where: { $0.lowercased() == name.lowercased() })
    else {
      values.unknown(name, node, called: "layer type", known: Array(known.keys))
      return
    }
    let className = Configuration.layerClass(spelling)
    if className.lowercased() != name.lowercased() {
      warnings.append(
        node.problem("the layer type '\(name)' has no effect: hls4ml looks its layers up as '\(className)'"))
    }
    for (key, isSet) in [
      ("TargetCycles", settings.targetCycles != nil),
      ("ConvImplementation", settings.convImplementation != nil),
    ]
    where isSet {
      warnings.append(
        node.problem("hls4ml 1.3.0 ignores \(key) under LayerType", hint: "set it under LayerName"))
    }
  }
}
