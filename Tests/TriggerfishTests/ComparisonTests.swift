import Configuration
import DataFiles
import FixedPoint
import Foundation
import Model
import Reports
import Testing

@testable import Triggerfish

/// `ModelComparison`: the layer at fault, the figures, and what mends it.
struct ComparisonTests {
  /// One narrow type in an otherwise wide network: the fault is there, and nowhere else; what mends it is a type of that
  /// layer.
  @Test(arguments: [
    ("fc1", "weight", FixedFormat(8, 7)), ("fc2", "weight", FixedFormat(8, 7)),
    ("out", "weight", FixedFormat(8, 7)),
    ("fc2", "accum", FixedFormat(12, 1)), ("relu1", "result", FixedFormat(8, 0)),
    ("relu2", "result", FixedFormat(6, 6)),
  ])
  func theLayerAtFaultIsFound(_ layer: String, _ tensor: String, _ type: FixedFormat) throws {
    let network = SmallNetwork.chain()
    let wide = FixedFormat(24, 8)
    let comparison = try ModelComparison(
      try Compilation(network, .flat(wide, [layer: [tensor: type]])))
    let fault = try #require(comparison.faults.first)
    #expect(fault.layer == layer)
    #expect(comparison.faults.count == 1)
    #expect(!fault.reasons.isEmpty)
    #expect(fault.settings.allSatisfy { $0.layer == layer || $0.layer == "\(layer)_linear" })
    #expect(fault.settings.contains { $0.tensor == tensor })
    // Set as it says, nothing is at fault any more.
    var types: [String: [String: FixedFormat]] = [layer: [tensor: type]]
    for setting in fault.settings {
      types[setting.layer, default: [:]][setting.tensor] = try FixedFormat(parsing: setting.type)
    }
    let mended = try ModelComparison(try Compilation(network, .flat(wide, types)))
    #expect(mended.faults.isEmpty)
    #expect(mended.output == fault.mended)
    #expect(mended.output.relativeError < comparison.output.relativeError / 2)
  }

  /// Two faults are both found, in order.
  @Test func faultsAreFoundOneBehindTheOther() throws {
    let types = ["fc1": ["weight": FixedFormat(8, 7)], "out": ["weight": FixedFormat(8, 7)]]
    let comparison = try ModelComparison(
      try Compilation(.chain(), .flat(FixedFormat(24, 8), types)))
    #expect(comparison.faults.map(\.layer) == ["fc1", "out"])
    #expect(comparison.faults.last?.mended?.argmax ?? 0 > 0.95)
  }

  /// The figures of a network small enough to compute here: y = 2x in fixed<8,3>, x in fixed<16,6>.
  @Test func figuresAreWhatTheyAreCalled() throws {
    var network = SmallNetwork(1)
    network.dense("d", 1, kernel: [2], bias: [0])
    let type = FixedFormat(8, 3)
    let configuration = Configuration.flat(
      FixedFormat(16, 6), ["d_linear": ["result": type]])
    let events: [Double] = [0.25, 1, 1.015625, 3, 0.0078125]
    let comparison = try ModelComparison(try Compilation(network, configuration), events: [events])
    let row = try #require(comparison.layers.last)
    // 2x = 0.5, 2, 2.03125, 6 (wraps to −2), 0.015625 (becomes 0).
    #expect(row.words == 5)
    #expect(row.wrapped == 1)
    #expect(row.saturated == 0)
    #expect(row.underflowed == 1)
    #expect(row.largestError == 8)
    #expect(row.meanError == (8 + 0.015625) / 5)
    let size = (0.25 + 4 + 2.03125 * 2.03125 + 36 + 0.015625 * 0.015625).squareRoot()
    #expect(abs(row.relativeError - (64 + 0.015625 * 0.015625).squareRoot() / size) < 1e-12)
    #expect(comparison.output.argmax == nil)
    #expect(comparison.events == 5)
  }

  /// What wraps is counted whatever a layer is called: indices of tables, which may wrap, are known by what they do.
  @Test func aLayerCalledIndexIsCounted() throws {
    var network = SmallNetwork(1)
    network.dense("d.index", 1, kernel: [2], bias: [0])
    let configuration = Configuration.flat(FixedFormat(16, 6), ["d.index": ["result": FixedFormat(8, 3)]])
    let comparison = try ModelComparison(
      try Compilation(network, configuration), events: [[0.25, 1, 1.015625, 3, 0.0078125]])
    #expect(comparison.layers.map(\.wrapped).max() == 1)
  }

  /// The types a model's own quantizer names are what mends a configuration that has others.
  @Test func aQuantizerTheConfigurationLeavesOut() throws {
    var network = SmallNetwork(8)
    let bits = QKerasQuantizer(
      kind: .bits(bits: 8, integer: 0, symmetric: false, keepNegative: true), scale: .one,
      className: .quantizedBits)
    let relu = QKerasQuantizer(
      kind: .relu(
        bits: 6, integer: -1, useSigmoid: false, negativeSlope: 0, upperBound: nil, isQuantizedClip: true),
      scale: .one, className: .quantizedReLU)
    network.dense("fc1", 16, quantizer: bits)
    network.activation("relu1", .quantizer(.qkeras(relu)))
    network.dense("out", 4, quantizer: bits)
    let comparison = try ModelComparison(try Compilation(network, .flat(FixedFormat(20, 8))))
    let fault = try #require(comparison.faults.first)
    #expect(fault.layer == "relu1")
    #expect(fault.settings.map(\.type) == ["ufixed<6,-1,RND_CONV,SAT>"])
  }

  /// Roundings of many layers of which none is at fault: the layer that adds most is named.
  @Test func roundingsThatAddUp() throws {
    var comparison = try ModelComparison(try Compilation(.chain(), .flat(FixedFormat(24, 8))))
    try #require(comparison.faults.isEmpty && comparison.layers.count >= 3)
    #expect(comparison.text().contains("no layer is at fault: the outputs are the model's"))
    for place in comparison.layers.indices {
      comparison.layers[place].output.relativeError = place == 0 ? 0.02 : place == 1 ? 0.11 : 0.13
    }
    comparison.output.relativeError = 0.13
    let text = comparison.text()
    #expect(
      text.contains(
        "the roundings of all of them add up to outputs off by 13% of their spread; "
          + "'\(comparison.layers[1].name)' adds most (11% with it, 2% before it): wider types there round less"
      ),
      "\(text)")
    #expect(!text.contains("the outputs are the model's"))
  }

  @Test func jsonAndTextSayTheSame() throws {
    let types = ["fc2": ["weight": FixedFormat(8, 7)]]
    let comparison = try ModelComparison(
      try Compilation(.chain(), .flat(FixedFormat(24, 8), types)))
    #expect(ModelComparison(json: comparison.json) == comparison)
    let text = comparison.text()
    #expect(text.contains("first layer at fault: fc2"))
    #expect(text.contains("mended by LayerName: {fc2: {Precision: {weight: "))
    for layer in comparison.layers { #expect(text.contains("\n\(layer.name) ")) }
  }
}

/// The accuracy of the example tagger, as its owner measures it: with its labels, its framework's answers, and a
/// configuration that ruins it.
struct AccuracyTests {
  private static let folder = "\(Examples.folder)/jet_tagger"

  private static func read(_ name: String) throws -> [Double] {
    try EventReader("\(folder)/\(name).npy").readAll().reals
  }

  private static func accuracy(_ scores: [Double], _ labels: [Double]) -> Double {
    let right = labels.indices.count { event in
      let row = scores[event * 5..<event * 5 + 5]
      return row.firstIndex(of: row.max() ?? 0).map { $0 - event * 5 } == Int(labels[event])
    }
    return Double(right) / Double(labels.count)
  }

  private func comparison(_ yaml: String) throws -> (ModelComparison, Compilation) {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).yml")
    try yaml.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    var source = Source(model: "\(Self.folder)/jet_tagger_float.json")
    source.configuration = file.path
    let compilation = try Compilation(source)
    let events = try compilation.readEvents(["\(Self.folder)/events.npy"])
    return (try ModelComparison(compilation, events: events), compilation)
  }

  /// The programs' answers from the emulator, by themselves.
  private func scores(_ compilation: Compilation) throws -> [Double] {
    let output = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).npy")
      .path
    defer { try? FileManager.default.removeItem(atPath: output) }
    try Emulation(compilation.program, inputs: ["\(Self.folder)/events.npy"])
      .write(outputs: [output], raw: false)
    return try EventReader(output).readAll().reals
  }

  /// hls4ml's default configuration: every type inferred. Two events in three are right before, one in five after.
  @Test func aDefaultConfigurationThatRuinsAnAccuracy() throws {
    let labels = try Self.read("labels")
    let float = try Self.read("outputs_float")
    #expect(Self.accuracy(float, labels) > 0.6)
    let (comparison, compilation) = try comparison(
      """
      HLSConfig:
        Model: {Precision: {default: 'fixed<16,6>'}, ReuseFactor: 1}
        LayerType:
          Dense: {Precision: {result: auto, weight: auto, bias: auto, accum: auto}}
          Activation: {Precision: {result: auto}}
          Softmax: {Precision: {result: auto}}
      """)
    let found = try scores(compilation)
    #expect(Self.accuracy(found, labels) < 0.3)
    // The float model's side is the framework's: the share of equal choices is that of the answers in the file.
    #expect(comparison.output.argmax == Agreement.same(found, float, of: comparison.events))
    #expect(comparison.isConstant)
    #expect(comparison.exact?.argmax ?? 0 > 0.99)
    let fault = try #require(comparison.faults.first)
    #expect(fault.layer == "softmax")
    #expect(fault.reasons.contains { $0.contains("exp_table") })
    #expect(fault.mended?.argmax ?? 0 > 0.98)
  }

  /// One layer's weights in fixed<8,7>.
  @Test(arguments: ["fc1", "fc2", "fc3"])
  func oneLayersWeights(_ layer: String) throws {
    let (comparison, _) = try comparison(
      """
      HLSConfig:
        Model: {Precision: 'fixed<18,8>', ReuseFactor: 1}
        LayerName:
          \(layer): {Precision: {weight: 'fixed<8,7>'}}
      """)
    #expect(comparison.output.argmax ?? 1 < 0.7)
    #expect(comparison.faults.first?.layer == layer)
    let fault = try #require(comparison.faults.first)
    #expect(fault.settings.map(\.tensor) == ["weight"])
    #expect(fault.mended?.argmax ?? 0 > 0.9)
  }
}

/// Shares of equal choices, counted here.
private enum Agreement {
  static func same(_ found: [Double], _ expected: [Double], of events: Int) -> Double {
    let count = (0..<events).count { event in
      let (a, b) = (found[event * 5..<event * 5 + 5], expected[event * 5..<event * 5 + 5])
      return a.firstIndex(of: a.max() ?? 0) == b.firstIndex(of: b.max() ?? 0)
    }
    return Double(count) / Double(events)
  }
}
