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
    try read(SettingNode.load(path))
  }

  /// Reads a configuration from YAML text; see `load`.
  public static func parse(
    yaml: String, file: String
  ) throws(Failure) -> (configuration: Configuration, warnings: [Diagnostic]) {
    try read(SettingNode.parse(yaml: yaml, file: file))
  }

  private static func read(_ root: SettingNode) throws(Failure) -> (Configuration, warnings: [Diagnostic]) {
    var reader = ConfigurationReader(file: root.file)
    if case .map(let entries) = root.value, isConifer(entries.map(\.key)) {
      reader.conifer(root)
    } else {
      reader.project(root)
    }
    guard reader.values.problems.isEmpty else { throw Failure(.badInput, reader.values.problems) }
    return (reader.result, reader.warnings)
  }
}

/// Fills a configuration from a tree of values, collecting what is wrong on the way.
struct ConfigurationReader {
  var result = Configuration()
  var values = ValueReader()
  var warnings: [Diagnostic] = []
  /// The project's keys that were read, each with its place.
  var projectKeys: [ProjectKey: SettingNode] = [:]
  /// The model's keys that stand elsewhere in the file than under `Model`.
  var strayModelKeys: [(name: String, node: SettingNode)] = []

  init(file: String) { result.file = file }

  // MARK: Sections

  mutating func section(_ key: SectionKey, _ node: SettingNode) {
    switch key {
    case .model: model(values.entries(node), node)
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

  /// The settings of `Model`, and those of its keys that stand elsewhere.
  mutating func model(_ entries: [(key: String, node: SettingNode)], _ place: SettingNode) {
    var settings = LayerSettings()
    for (name, child) in entries {
      if let key = LayerKey(rawValue: name), LayerKey.ofModel.contains(key) {
        layer(key, child, &settings, isModel: true)
      } else if let key = ModelKey(rawValue: name) {
        model(key, child)
      } else if case .project(let key)? = KeyMeaning(name) {
        stray(name, child, ProjectKey.formerNames[name] == nil ? .misplaced : .renamed)
        project(key, child)
      } else {
        values.unknown(
          name, child, known: LayerKey.ofModel.map(\.rawValue) + ModelKey.allCases.map(\.rawValue))
      }
    }
    if settings.precision["default"] == .auto {
      values.report(
        place, "the model's default precision cannot be 'auto'", hint: "the usual one is fixed<16,6>")
    }
    result.model = result.model.overridden(by: settings)
  }

  private mutating func model(_ key: ModelKey, _ node: SettingNode) {
    switch key {
    case .pipelineStyle:
      result.pipelineStyle = values.choice(node, of: Configuration.PipelineStyle.self) ?? .automatic
    case .pipelineInterval: result.pipelineInterval = values.count(node)
    case .bitExact:
      result.bitExact = values.bool(node)
      result.bitExactPlace = node.problem("").place
    case .bramFactor: result.bramFactor = values.integer(node, in: 0...Int.max)
    case .traceOutput, .channelsLastConversion, .transposeOutputs, .allowDAFallback, .allowV2Fallback:
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
