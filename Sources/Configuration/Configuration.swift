import Diagnostics
import FixedPoint
import Program

/// An hls4ml configuration: project settings, defaults of the model, settings by layer class and by layer name.
///
/// Looking a setting up follows hls4ml 1.3.0 (model/graph.py, class HLSConfig) exactly: the layer's name
/// comes before its class, its class before the model's default. Letter case is ignored for precision, reuse
/// factor, strategy and compression, and counts for everything else.
public struct Configuration: Hashable, Sendable {
  /// The hls4ml backend the file is written for. All three compute the same bits.
  public var backend: Backend = .vitis
  /// The full part number; nil if the file names none.
  public var part: String?
  /// The board (`Board`, or `AcceleratorConfig.Board`), whose part `part` then is; nil if none is named.
  public var board: String?
  /// The clock period in ns.
  public var clockPeriod: Double = 5
  /// The share of the clock period kept back, 0..<1: 27% for Vitis unless the file says otherwise, 12.5% for
  /// Vivado.
  public var clockUncertainty: Double = 0.27
  /// How tensors move between layers.
  public var ioType: IOType = .parallel
  /// The top function's name; nil if the file names none.
  public var projectName: String?
  /// Files the configuration names: the model, its weights, test bench data, the output folder.
  public var files = Files()

  /// `HLSConfig.Model`: the defaults. `precision["default"]` is the default type of everything and
  /// `precision["maximum"]` the largest type that inference of `auto` may choose.
  public var model = LayerSettings(precision: ["default": .format(FixedFormat(16, 6))], reuseFactor: 1)
  /// `HLSConfig.Model.PipelineStyle`.
  public var pipelineStyle: PipelineStyle = .automatic
  /// `HLSConfig.Model.PipelineInterval`: cycles between events; nil if the file leaves it open.
  public var pipelineInterval: Int?
  /// Whether all types follow from the model's quantizers (hls4ml's `BitExact`); nil: where the model has HGQ's.
  public internal(set) var bitExact: Bool?
  /// Where that is said.
  public internal(set) var bitExactPlace: String?
  /// `HLSConfig.Model.BramFactor`: hls4ml turns the weights of layers with more of them into ports of the top
  /// function; nil: of none.
  public var bramFactor: Int?
  /// `HLSConfig.LayerType`, by the class names of the file.
  public private(set) var layerTypes: [String: LayerSettings] = [:]
  /// `HLSConfig.LayerName`, by the layer names of the file.
  public private(set) var layerNames: [String: LayerSettings] = [:]

  /// Whether it is that of a project that hls4ml wrote: every layer of the model is a layer of the project, with all its types
  /// and its resolved reuse factor, and nothing is inferred, fused, split off or moved any more.
  public var isWritten = false

  /// The types of conifer's arithmetic, where the file is a configuration of conifer's.
  public var conifer: ConiferTypes?

  /// The file it was read from, and where in it the settings of each layer name stand.
  public internal(set) var file: String?
  var layerPlaces: [String: String] = [:]

  // hls4ml keeps precisions in flat dictionaries with keys `<name>_<tensor>`, so that `sep: {depthwise_accum: …}`
  // is also what layer `sep_depthwise` finds for its `accum`. Lookups depend on that.
  private var byName = Table()
  private var byType = Table()

  /// hls4ml's configuration of a model that says nothing: ap_fixed<16,6>, reuse factor 1, latency.
  public init() {}

  /// Adds or replaces the settings of a layer by name: for the layers that lowering makes out of others.
  public mutating func setLayer(_ name: String, _ settings: LayerSettings) {
    layerNames[name] = settings
    byName.add(name, settings)
  }

  /// Adds or replaces the settings of a layer class.
  public mutating func setLayerType(_ className: String, _ settings: LayerSettings) {
    layerTypes[className] = settings
    byType.add(className, settings)
  }
}

// MARK: Checks

extension Configuration {
  /// A problem for every name under `LayerName` that is none of a model's layers, letter case aside, naming the nearest.
  ///
  /// - Parameter names: every name hls4ml gives a layer of the model, those of activations it splits off
  ///   (`fc1_relu`) and of layers it leaves out again (`fc1_linear`) among them.
  public func unknownLayers(names: some Sequence<String>) -> [Diagnostic] {
    let known = Set(names.map { $0.lowercased() })
    return layerNames.keys.filter { !known.contains($0.lowercased()) }.sorted().map { name in
      Diagnostic(
        file: file, place: layerPlaces[name], "the model has no layer '\(name)'",
        hint: nearest(to: name, in: names).map { "did you mean '\($0)'?" })
    }
  }
}

// MARK: Lookups

extension Configuration {
  /// The type of a layer's tensor (`result`, `weight`, `accum`, …), or `auto` where lowering is to infer it; nil
  /// where the configuration has no default. At each level the tensor's own entry comes before `default`.
  ///
  /// hls4ml 1.3.0 reads `table`, `exp_table`, `inv_table`, `inv_inp`, `slope` and `shift` nowhere (act_sigmoid_table2048_t12
  /// in the golden vectors shows it): for those use `LayerSettings.types`.
  public func precision(layer: String, className: String, tensor: String) -> PrecisionChoice? {
    byName.precision(layer, tensor) ?? byType.precision(className, tensor)
      ?? model.precision[tensor] ?? model.precision["default"]
  }

  /// Whether `precision` for this tensor is the model's `default`, no more specific setting having been found: hls4ml
  /// then derives the accumulator of a softmax from its table of exponentials instead.
  public func isModelDefault(layer: String, className: String, tensor: String) -> Bool {
    byName.precision(layer, tensor) == nil && byType.precision(className, tensor) == nil
      && model.precision[tensor] == nil
  }

  /// What is set for a tensor by its own name or as the layer's default, and not as a default of its class or of the model: what
  /// hls4ml 1.3.0 takes for types that it has a rule of its own for.
  public func ownPrecision(layer: String, className: String, tensor: String) -> PrecisionChoice? {
    byName.precision(layer, tensor) ?? byType.ownPrecision(className, tensor)
  }

  /// How many times each multiplier of a layer is used.
  public func reuseFactor(layer: String, className: String) -> Int {
    find(layer, className, \.reuseFactor) ?? model.reuseFactor ?? 1
  }

  /// How a layer's multiplications are laid out.
  public func strategy(layer: String, className: String) -> Strategy {
    find(layer, className, \.strategy) ?? model.strategy ?? .latency
  }

  /// Whether a layer's zero weights are left out (hls4ml's compressed dense layer).
  public func compression(layer: String, className: String) -> Bool {
    find(layer, className, \.compression) ?? model.compression ?? false
  }

  /// The cycles a layer may take; nil where it is not limited. hls4ml ignores this setting under `LayerType`.
  public func targetCycles(layer: String) -> Int? {
    byName.settings[layer.lowercased()]?.targetCycles ?? model.targetCycles
  }

  /// How a convolution collects its windows. hls4ml ignores this setting under `LayerType`.
  public func convImplementation(layer: String) -> ConvImplementation {
    byName.settings[layer.lowercased()]?.convImplementation ?? model.convImplementation ?? .lineBuffer
  }

  /// How many output pixels of a convolution are computed at once; nil where it is left open. A layer with
  /// settings of its own does not look further, even if they leave this one out: so does hls4ml.
  public func parallelizationFactor(layer: String, className: String) -> Int? {
    (layerNames[layer] ?? layerTypes[className] ?? model).parallelizationFactor
  }

  /// The settings of a layer's class, overridden by those of its name: for the settings that no function above looks
  /// up (table size, softmax implementation, direct types, …). The defaults of the model do not take part.
  public func settings(layer: String, className: String) -> LayerSettings {
    (layerTypes[className] ?? LayerSettings()).overridden(by: layerNames[layer] ?? LayerSettings())
  }

  private func find<Value>(_ layer: String, _ className: String, _ key: KeyPath<LayerSettings, Value?>)
    -> Value?
  {
    byName.settings[layer.lowercased()]?[keyPath: key]
      ?? byType.settings[className.lowercased()]?[keyPath: key]
  }

  /// Settings by lower-case name, and precisions by `<name>_<tensor>`, as hls4ml stores them.
  private struct Table: Hashable, Sendable {
    var settings: [String: LayerSettings] = [:]
    var precisions: [String: PrecisionChoice] = [:]

    mutating func add(_ name: String, _ new: LayerSettings) {
      let name = name.lowercased()
      settings[name] = (settings[name] ?? LayerSettings()).overridden(by: new)
      for (tensor, choice) in new.precision { precisions["\(name)_\(tensor)"] = choice }
      if new.precision.isEmpty { precisions["\(name)_default"] = nil }
    }

    func ownPrecision(_ name: String, _ tensor: String) -> PrecisionChoice? {
      precisions["\(name.lowercased())_\(tensor)"]
    }

    func precision(_ name: String, _ tensor: String) -> PrecisionChoice? {
      precisions["\(name.lowercased())_\(tensor)"] ?? precisions["\(name.lowercased())_default"]
    }
  }
}

extension Configuration {
  /// Whether it says anything of formats or tables but the model's default type.
  public var setsTypes: Bool {
    let all = Array(layerNames.values) + Array(layerTypes.values)
    return model.precision.count > 1 || bitExact == true || conifer != nil
      || all.contains { !$0.precision.isEmpty || !$0.types.isEmpty || $0.tableSize != nil }
  }
}

// MARK: Values

extension Configuration {
  /// The hls4ml backends whose arithmetic Triggerfish computes.
  public enum Backend: String, CaseIterable, Hashable, Sendable {
    case vivado = "Vivado"
    case vitis = "Vitis"
    case vivadoAccelerator = "VivadoAccelerator"
  }

  /// How a softmax is computed.
  public enum SoftmaxImplementation: String, CaseIterable, Hashable, Sendable {
    case latency, stable, argmax, legacy
  }

  /// How a convolution collects its windows.
  public enum ConvImplementation: String, CaseIterable, Hashable, Sendable {
    case lineBuffer = "LineBuffer"
    case encoded = "Encoded"
  }

  /// How an image is resized.
  public enum ResizeAlgorithm: String, CaseIterable, Hashable, Sendable {
    case nearest, bilinear
  }

  /// How the layers overlap in time.
  public enum PipelineStyle: String, CaseIterable, Hashable, Sendable {
    case automatic = "auto"
    case pipeline, dataflow
  }

  /// Files the configuration names, as it names them.
  public struct Files: Hashable, Sendable {
    /// The model: `KerasJson`, `KerasModel`, `OnnxModel` or `PytorchModel`.
    public var model: String?
    /// Its weights: `KerasH5`.
    public var weights: String?
    /// Events for the test bench: `InputData`.
    public var inputData: String?
    /// The answers expected: `OutputPredictions`.
    public var outputPredictions: String?
    /// The folder for the project: `OutputDir`.
    public var output: String?

    /// Names no files.
    public init() {}
  }
}
