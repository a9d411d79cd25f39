/// The keys of a configuration file. Raw values are hls4ml's spellings.
enum ProjectKey: String, CaseIterable {
  case backend = "Backend"
  case part = "Part"
  case board = "Board"
  case clockPeriod = "ClockPeriod"
  case clockUncertainty = "ClockUncertainty"
  case ioType = "IOType"
  case projectName = "ProjectName"
  case outputDir = "OutputDir"
  case kerasJson = "KerasJson"
  case kerasH5 = "KerasH5"
  case kerasModel = "KerasModel"
  case onnxModel = "OnnxModel"
  case pytorchModel = "PytorchModel"
  case inputData = "InputData"
  case outputPredictions = "OutputPredictions"
  case acceleratorConfig = "AcceleratorConfig"
  case hlsConfig = "HLSConfig"
  // What hls4ml's own writer needs or leaves behind.
  case projectDir = "ProjectDir"
  case inputShape = "InputShape"
  case inputShapes = "InputShapes"
  case outputShapes = "OutputShapes"
  case writerConfig = "WriterConfig"
  case version = "Version"
  case stamp = "Stamp"
  case traceOutput = "TraceOutput"
  // An option of hls4ml's build that people write into files.
  case fifoOptimization = "FIFO_opt"

  /// Names that older versions of hls4ml had for a key.
  static let formerNames: [String: ProjectKey] = ["XilinxPart": .part, "Device": .part]

  /// The keys that name the files of a model and its events and the folder of the project, which our commands take as
  /// arguments.
  static let files: Set<ProjectKey> = [
    .kerasJson, .kerasH5, .kerasModel, .onnxModel, .pytorchModel, .inputData, .outputPredictions, .outputDir,
  ]
}

/// What a key of the project, of `HLSConfig` or of `Model` means. People put keys of one level into another, and
/// hls4ml overlooks them there; none of them has two meanings, so that they can be read as what they are.
enum KeyMeaning {
  case project(ProjectKey)
  case section(SectionKey)
  /// A setting of `Model`, by its present name.
  case model(String)

  init?(_ text: String) {
    if let key = ProjectKey(rawValue: text) ?? ProjectKey.formerNames[text] {
      self = .project(key)
    } else if let key = SectionKey(rawValue: text) {
      self = .section(key)
    } else if LayerKey.ofModel.contains(where: { $0.rawValue == text }) || ModelKey(rawValue: text) != nil {
      self = .model(text)
    } else if text == "DefaultPrecision" {
      self = .model(LayerKey.precision.rawValue)
    } else {
      return nil
    }
  }

  /// Where the key belongs in the files of hls4ml 1.3.0, by its name there.
  var home: String {
    switch self {
    case .project(let key): "\(key.rawValue) of the project"
    case .section(let key): "HLSConfig.\(key.rawValue)"
    case .model(let name): "HLSConfig.Model.\(name)"
    }
  }
}

/// The keys of `HLSConfig`, which may also stand at the top of the file.
enum SectionKey: String, CaseIterable {
  case model = "Model"
  case layerType = "LayerType"
  case layerName = "LayerName"
  case optimizers = "Optimizers"
  case skipOptimizers = "SkipOptimizers"
  case flows = "Flows"
}

/// The keys of `Model` that layers do not have.
enum ModelKey: String, CaseIterable {
  case bramFactor = "BramFactor"
  case pipelineStyle = "PipelineStyle"
  case pipelineInterval = "PipelineInterval"
  case bitExact = "BitExact"
  case traceOutput = "TraceOutput"
  case channelsLastConversion = "ChannelsLastConversion"
  case transposeOutputs = "TransposeOutputs"
  case allowDAFallback = "AllowDAFallback"
  case allowV2Fallback = "AllowV2Fallback"
}

/// The keys of a layer's settings.
enum LayerKey: String, CaseIterable {
  case precision = "Precision"
  case reuseFactor = "ReuseFactor"
  case targetCycles = "TargetCycles"
  case strategy = "Strategy"
  case compression = "Compression"
  case convImplementation = "ConvImplementation"
  case parallelizationFactor = "ParallelizationFactor"
  // From here on hls4ml also takes the key in snake_case.
  case tableSize = "TableSize"
  case expTableSize = "ExpTableSize"
  case invTableSize = "InvTableSize"
  case tableRangePower2 = "TableRangePower2"
  case implementation = "Implementation"
  case skip = "Skip"
  case trace = "Trace"
  case algorithm = "Algorithm"
  case isStatic = "Static"
  // These change neither bits nor schedule: hls4ml overwrites the reuse factors with `ReuseFactor`.
  case recurrentReuseFactor = "RecurrentReuseFactor"
  case forwardReuseFactor = "ForwardReuseFactor"
  case backwardReuseFactor = "BackwardReuseFactor"
  case forwardRecurrentReuseFactor = "ForwardRecurrentReuseFactor"
  case backwardRecurrentReuseFactor = "BackwardRecurrentReuseFactor"
  case depthwiseReuseFactor = "DepthwiseReuseFactor"
  case pointwiseReuseFactor = "PointwiseReuseFactor"
  case direction = "Direction"
  case timeStepLoopParallelism = "TimeStepLoopParallelism"

  /// The keys that have a meaning in `Model`.
  static let ofModel: [LayerKey] = [
    .precision, .reuseFactor, .targetCycles, .strategy, .compression, .convImplementation,
    .parallelizationFactor,
  ]

  /// The key a file's spelling means; nil if there is none.
  init?(spelled text: String) {
    let found = LayerKey.allCases.first { key in
      key.rawValue == text || (!Self.ofModel.contains(key) && snakeCase(key.rawValue) == text)
    }
    guard let found else { return nil }
    self = found
  }
}

/// The tensors hls4ml 1.3.0 knows types of: its layers' type attributes (model/layers.py, backends/fpga,
/// backends/vivado) without `_t`, what config_from_keras_model writes of QBatchNormalization's quantizers, and the internal arrays
/// of separable convolutions and GarNet.
let knownTensors: Set<String> = {
  var names: Set<String> = [
    "default", "result", "weight", "bias", "accum", "scale", "param", "table", "exp_table", "inv_table",
    "inv_inp",
    "slope", "shift", "embeddings", "recurrent_weight", "recurrent_bias", "dw_output", "expr",
    "edge_weight", "edge_weight_aggr", "aggr", "norm", "beta", "gamma", "mean", "variance",
  ]
  for part in ["depthwise", "pointwise"] { names.formUnion([part, "\(part)_accum", "\(part)_result"]) }
  for part in ["forward", "backward"] {
    names.formUnion(["weight", "bias", "recurrent_weight", "recurrent_bias"].map { "\(part)_\($0)" })
  }
  return names
}()

/// The tensors whose type is read from a key `<tensor>_t` of the layer itself. hls4ml overwrites any other.
let directTensors: Set<String> = ["accum", "table", "exp_table", "inv_table", "inv_inp", "inp_norm"]

/// The tensors whose entry under `Precision` hls4ml 1.3.0 writes and never reads.
let ignoredTensors: Set<String> = ["table", "exp_table", "inv_table", "inv_inp", "slope", "shift"]

/// PascalCase to snake_case as hls4ml does it (utils/string_utils.py): every capital starts a word, so `RESOURCE`
/// becomes `r_e_s_o_u_r_c_e`.
func snakeCase(_ text: String) -> String {
  var result = ""
  for (index, character) in text.enumerated() {
    if index > 0, character.isASCII, character.isUppercase { result += "_" }
    if character == "_", result.last == "_" { continue }
    result += character.lowercased()
  }
  return result.replacing("__", with: "_")
}
