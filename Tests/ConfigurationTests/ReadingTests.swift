import Configuration
import Diagnostics
import FixedPoint
import Foundation
import Testing

@Suite struct ReadingTests {
  /// A file in the style of hls4ml's examples.
  static let example = """
    KerasJson: ../models/KERAS_3layer.json
    KerasH5:   ../models/KERAS_3layer_weights.h5  # the weights
    #InputData: features.dat
    OutputPredictions: predictions.npy
    OutputDir: my-hls-test
    ProjectName: myproject
    Backend: Vivado
    Part: xcku115-flvb2104-2-i
    ClockPeriod: 4.5
    ClockUncertainty: 15%
    IOType: io_stream

    HLSConfig:
      Model:
        Precision:
          default: ap_fixed<16, 6>
          maximum: ap_fixed<18,8>
        ReuseFactor: 2
        Strategy: Resource
        BramFactor: 1_000_000_000
        PipelineStyle: dataflow
        PipelineInterval: 3
      LayerType:
        Dense:
          Precision: ap_fixed<14,5,AP_RND,AP_SAT>
          ReuseFactor: 4
          Strategy: ResourceUnrolled
          Compression: True
      LayerName:
        dense1:
          Precision:
            weight: ap_fixed<8,3>
            bias: auto
            result: ap_fixed<20,8>
          ReuseFactor: 1
          TargetCycles: 12
        softmax:
          Precision: {default: 'ap_ufixed<18,8>', accum: 'ap_fixed<20,10>'}
          exp_table_t: ap_fixed<16,6,AP_RND,AP_SAT>
          table_size: 2048
          Implementation: stable
          Trace: True
    """

  @Test func readsAnExample() throws {
    let (configuration, warnings) = try Configuration.parse(yaml: Self.example, file: "hls.yml")
    #expect(
      warnings.map(\.message) == [
        "OutputDir, KerasJson, KerasH5, OutputPredictions: no effect; the files are those the command is given"
      ])
    #expect(configuration.backend == .vivado)
    #expect(configuration.part == "xcku115-flvb2104-2-i")
    #expect(configuration.clockPeriod == 4.5)
    #expect(configuration.clockUncertainty == 0.15)
    #expect(configuration.ioType == .stream)
    #expect(configuration.projectName == "myproject")
    #expect(configuration.files.model == "../models/KERAS_3layer.json")
    #expect(configuration.files.weights == "../models/KERAS_3layer_weights.h5")
    #expect(configuration.files.output == "my-hls-test")
    #expect(configuration.files.inputData == nil)
    #expect(configuration.model.precision["maximum"] == .format(FixedFormat(18, 8)))
    #expect(configuration.pipelineStyle == .dataflow)
    #expect(configuration.pipelineInterval == 3)
    #expect(configuration.model.strategy == .resource)

    func type(_ layer: String, _ className: String, _ tensor: String) -> String? {
      configuration.precision(layer: layer, className: className, tensor: tensor)?.description
    }
    #expect(type("dense1", "Dense", "weight") == "fixed<8,3,TRN,WRAP,0>")
    #expect(type("dense1", "Dense", "bias") == "auto")
    #expect(type("dense1", "Dense", "accum") == "fixed<14,5,RND,SAT,0>")
    #expect(type("softmax", "Softmax", "result") == "ufixed<18,8,TRN,WRAP,0>")
    #expect(type("relu1", "Activation", "result") == "fixed<16,6,TRN,WRAP,0>")
    #expect(configuration.strategy(layer: "dense1", className: "Dense") == .resourceUnrolled)
    #expect(configuration.reuseFactor(layer: "dense1", className: "Dense") == 1)
    #expect(configuration.reuseFactor(layer: "dense2", className: "Dense") == 4)
    #expect(configuration.reuseFactor(layer: "relu1", className: "Activation") == 2)
    #expect(configuration.targetCycles(layer: "dense1") == 12)
    #expect(configuration.compression(layer: "dense1", className: "Dense"))
    let softmax = configuration.settings(layer: "softmax", className: "Softmax")
    #expect(softmax.types == ["exp_table": FixedFormat(16, 6, .rnd, .sat)])
    #expect(softmax.tableSize == 2048)
    #expect(softmax.softmax == .stable)
    #expect(softmax.trace == true)
  }

  /// What config_from_keras_model returns, saved by itself.
  @Test func readsTheBareForm() throws {
    let configuration = try Configuration.parse(
      yaml:
        "Model: {Precision: 'fixed<16,6>', ReuseFactor: 1, Strategy: Latency}\nLayerName: {fc1: {ReuseFactor: 2}}",
      file: "hls.yml"
    ).configuration
    #expect(configuration.backend == .vitis)
    #expect(configuration.clockUncertainty == 0.27)
    #expect(configuration.reuseFactor(layer: "fc1", className: "Dense") == 2)
  }

  /// Keys of older versions, and keys that stand elsewhere than hls4ml looks for them, mean what they meant.
  @Test(arguments: [
    (
      "XilinxPart: xcku115-flvb2104-2-i", "part", "xcku115-flvb2104-2-i",
      "'XilinxPart' is read as Part of the project, its name in hls4ml 1.3.0"
    ),
    (
      "Device: xcku115-flvb2104-2-i", "part", "xcku115-flvb2104-2-i",
      "'Device' is read as Part of the project, its name in hls4ml 1.3.0"
    ),
    (
      "HLSConfig: {Model: {ClockPeriod: 4}}", "clock", "4.0",
      "'ClockPeriod' is read as ClockPeriod of the project, where it belongs; hls4ml 1.3.0 does not read it here"
    ),
    (
      "HLSConfig: {Model: {}, IOType: io_stream}", "io", "io_stream",
      "'IOType' is read as IOType of the project, where it belongs; hls4ml 1.3.0 does not read it here"
    ),
    (
      "ReuseFactor: 8", "reuse", "8",
      "'ReuseFactor' is read as HLSConfig.Model.ReuseFactor, where it belongs; hls4ml 1.3.0 does not read it here"
    ),
    (
      "HLSConfig: {Model: null, ReuseFactor: 8}", "reuse", "8",
      "'ReuseFactor' is read as HLSConfig.Model.ReuseFactor, where it belongs; hls4ml 1.3.0 does not read it here"
    ),
    (
      "DefaultPrecision: 'ap_fixed<18,8>'", "default", "fixed<18,8,TRN,WRAP,0>",
      "'DefaultPrecision' is read as HLSConfig.Model.Precision, its name in hls4ml 1.3.0"
    ),
    (
      "FIFO_opt: 1", "reuse", "1",
      "'FIFO_opt' has no effect: the depths of all FIFOs are computed from when their words pass"
    ),
    ("Board: zcu102", "part", "xczu9eg-ffvb1156-2-e", nil),
    (
      "Part: xcku115-flvb2104-2-i\nAcceleratorConfig: {Board: pynq-z2}", "part", "xc7z020clg400-1",
      "the board pynq-z2 has part xc7z020clg400-1, which counts, not xcku115-flvb2104-2-i"
    ),
  ])
  func readsOlderAndStrayKeys(_ yaml: String, _ what: String, _ value: String, _ note: String?) throws {
    let (configuration, warnings) = try Configuration.parse(yaml: yaml, file: "hls.yml")
    let found = [
      "part": configuration.part ?? "", "clock": "\(configuration.clockPeriod)",
      "io": configuration.ioType.rawValue,
      "reuse": "\(configuration.reuseFactor(layer: "a", className: "Dense"))",
      "default": configuration.model.precision["default"]?.description ?? "",
    ]
    #expect(found[what] == value)
    #expect(warnings.map(\.message) == [note].compactMap { $0 })
  }

  /// An uncertainty in ns is a share of the period wherever in the file the period stands.
  @Test func readsTheUncertaintyAfterThePeriod() throws {
    let configuration = try Configuration.parse(
      yaml: "ClockUncertainty: 1\nClockPeriod: 4", file: "hls.yml"
    ).configuration
    #expect(configuration.clockUncertainty == 0.25)
  }

  /// Anchors, merge keys, tags: what PyYAML writes and people use.
  @Test func readsTheRestOfYAML() throws {
    let configuration = try Configuration.parse(
      yaml: """
        KerasModel: !keras_model out/keras_model.keras
        InputShape: !!python/tuple [16]
        ClockUncertainty: 1.25
        WriterConfig: {Namespace: null, WriteTar: false}
        HLSConfig:
          Model: &default
            Precision: fixed<12,4>
            ReuseFactor: 8
          LayerName:
            a: *default
            b: {<<: *default, ReuseFactor: 2}
            c:
        """, file: "hls.yml"
    ).configuration
    #expect(configuration.files.model == "out/keras_model.keras")
    #expect(configuration.clockUncertainty == 0.25)
    #expect(
      configuration.layerNames["a"]
        == LayerSettings(precision: ["default": .format(FixedFormat(12, 4))], reuseFactor: 8))
    #expect(configuration.layerNames["b"]?.reuseFactor == 2)
    #expect(configuration.layerNames["b"]?.precision == ["default": .format(FixedFormat(12, 4))])
    #expect(configuration.layerNames["c"] == LayerSettings())
  }

  @Test func readsJSONAsItReadsYAML() throws {
    let json =
      #"{"Backend": "vitis", "HLSConfig": {"Model": {"Precision": "ap_fixed<16,6>", "ReuseFactor": 1}}}"#
    let path = FileManager.default.temporaryDirectory.appending(path: "triggerfish-\(UUID()).json")
    try Data(json.utf8).write(to: path)
    defer { try? FileManager.default.removeItem(at: path) }
    var fromJSON = try Configuration.load(path.path(percentEncoded: false)).configuration
    var fromYAML = try Configuration.parse(yaml: json, file: "c").configuration
    #expect(fromJSON.model == fromYAML.model)
    #expect(fromJSON.backend == fromYAML.backend)
    fromJSON.setLayer("x", LayerSettings(reuseFactor: 2))
    fromYAML.setLayer("x", LayerSettings(reuseFactor: 2))
    #expect(fromJSON.layerNames == fromYAML.layerNames)
  }

  /// Every golden case's configuration.
  @Test(.enabled(if: Golden.isPresent, "skipped: no ../shared/golden"))
  func readsEveryGoldenConfiguration() throws {
    let files = try Golden.files(named: "config.json")
    #expect(files.count > 100)
    var formats = 0
    for file in files {
      let configuration = try Configuration.load(file).configuration
      for (name, settings) in configuration.layerNames {
        for (tensor, choice) in settings.precision {
          #expect(configuration.precision(layer: name, className: "", tensor: tensor) == choice)
          formats += 1
        }
      }
    }
    #expect(formats > 1000)
  }
}

/// The golden vectors beside the package, or where TRIGGERFISH_SHARED says.
enum Golden {
  static let folder: URL = {
    if let shared = ProcessInfo.processInfo.environment["TRIGGERFISH_SHARED"] {
      return URL(filePath: shared).appending(path: "golden")
    }
    return URL(filePath: #filePath).appending(path: "../../../../shared/golden").standardized
  }()

  static var isPresent: Bool { FileManager.default.fileExists(atPath: folder.path(percentEncoded: false)) }

  static func files(named name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .map { $0.appending(path: name).path(percentEncoded: false) }
      .filter { FileManager.default.fileExists(atPath: $0) }.sorted()
  }
}
