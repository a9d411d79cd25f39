import Diagnostics
import Foundation
import Frontends
import Model
import Storage
import TestSupport
import Testing

/// A folder with a model m.json and its weights m_weights.h5, deleted after `body`.
private func withModel<Result>(
  _ architecture: String, weights: String = "good.h5", _ body: (String) throws -> Result
) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("bad-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let model = folder.appendingPathComponent("m.json")
  try architecture.write(to: model, atomically: false, encoding: .utf8)
  try FileManager.default.copyItem(
    atPath: fixture("broken/\(weights)"), toPath: folder.appendingPathComponent("m_weights.h5").path)
  return try body(model.path)
}

private func complaintAbout(_ architecture: String, weights: String = "good.h5") throws -> String {
  try withModel(architecture, weights: weights) { path in complaint { _ = try loadModel(path: path) } }
}

private func good() throws -> String {
  try String(contentsOfFile: fixture("broken/good.json"), encoding: .utf8)
}

/// Broken architectures, each pinned to its exit code and full message in Fixtures/broken/architectures.txt.
@Suite struct BadArchitectureTests {
  static let file = fixture("broken/architectures.txt")

  /// A case of the file: the text replaced, the text put there, and what is said.
  struct Case: CustomTestStringConvertible, Sendable {
    var old = ""
    var new = ""
    var message = ""
    var testDescription: String { "\(old) → \(new)" }
  }

  static let blocks = ((try? String(contentsOfFile: file, encoding: .utf8)) ?? "").components(
    separatedBy: "\n\n")

  static func parse(_ block: String) -> Case? {
    let lines = block.split(separator: "\n", omittingEmptySubsequences: false)
    func text(_ mark: String) -> String {
      lines.filter { $0.hasPrefix("\(mark) ") }.map { String($0.dropFirst(2)) }.joined(separator: "\n")
    }
    return text("-").isEmpty ? nil : Case(old: text("-"), new: text("+"), message: text("="))
  }

  static func complaint(about test: Case) throws -> String {
    let parts = try good().components(separatedBy: test.old)
    return parts.count == 2
      ? try complaintAbout(parts.joined(separator: test.new))
      : "the replaced text is there \(parts.count - 1) times"
  }

  @Test func soundModelLoads() throws {
    #expect(try complaintAbout(good()) == "no failure")
    #expect(BadArchitectureTests.blocks.compactMap(BadArchitectureTests.parse).count == 85)
  }

  @Test(arguments: blocks.compactMap(parse)) func pinned(_ test: Case) throws {
    #expect(try BadArchitectureTests.complaint(about: test) == test.message)
  }

  @Test(.enabled(if: ProcessInfo.processInfo.environment["TRIGGERFISH_RECORD"] != nil, "not recording"))
  func record() throws {
    let blocks = try BadArchitectureTests.blocks.map { block in
      guard let test = BadArchitectureTests.parse(block) else { return block }
      let kept = block.split(separator: "\n").filter { !$0.hasPrefix("= ") }.map(String.init)
      let said = try BadArchitectureTests.complaint(about: test).split(separator: "\n").map { "= \($0)" }
      return (kept + said).joined(separator: "\n")
    }
    try (blocks.joined(separator: "\n\n") + "\n").write(
      toFile: BadArchitectureTests.file, atomically: true, encoding: .utf8)
    Issue.record("recorded: look at the changes, and run again without TRIGGERFISH_RECORD")
  }
}

/// Settings that nothing reads: the model loads, and is told of them.
@Suite struct UnreadSettingsTests {
  @Test(arguments: [
    ("\"units\": 3", "\"units\": 3, \"unitz\": 4", "[2].config.unitz", "unitz", "Dense", "units"),
    ("\"units\": 3", "\"units\": 3, \"strides\": [2]", "[2].config.strides", "strides", "Dense", nil),
    (
      "\"units\": 3", "\"units\": 3, \"kernel_quantizer\": \"quantized_bits(4)\"",
      "[2].config.kernel_quantizer",
      "kernel_quantizer", "Dense", nil
    ),
    (
      "\"use_bias\": true}},\n  {\"class_name\": \"BatchN",
      "\"use_bia\": true}},\n  {\"class_name\": \"BatchN", "[2].config.use_bia", "use_bia", "Dense",
      "use_bias"
    ),
    (
      "\"dtype\": \"float32\"}},\n  {\"class_name\": \"Dense",
      "\"dtyp\": \"float32\"}},\n  {\"class_name\": \"Dense", "[1].config.dtyp", "dtyp", "InputLayer", "dtype"
    ),
    (
      "{\"name\": \"flat\"}", "{\"name\": \"flat\", \"activation\": \"relu\"}", "[5].config.activation",
      "activation", "Flatten", nil
    ),
    ("{\"name\": \"flat\"}", "{\"name\": \"flat\", \"trainable\": true, \"foo\": null}", nil, "", "", nil),
  ])
  func told(
    _ old: String, _ new: String, _ place: String?, _ key: String, _ layer: String, _ nearest: String?
  ) throws {
    let text = try good()
    try #require(text.contains(old))
    try withModel(text.replacingOccurrences(of: old, with: new)) { path in
      let notes = try loadModel(path: path).notes.map(\.description)
      let hint = nearest.map { "\nhint: did you mean \($0)?" } ?? ""
      #expect(
        notes
          == (place.map {
            [
              "\(path):config.layers\($0): error: \(key) is no setting of \(layer) that is read: it has no effect\(hint)"
            ]
          } ?? []))
    }
  }

  /// Once per class and key, however many layers have it.
  @Test func once() throws {
    let text = try good().replacingOccurrences(of: "\"activation\": ", with: "\"speed\": 2, \"activation\": ")
    try withModel(text) { path in
      let places = try loadModel(path: path).notes.map(\.place)
      #expect(places == ["config.layers[2].config.speed", "config.layers[4].config.speed"])
    }
  }
}

/// Broken weights of the sound architecture.
@Suite struct BadWeightsTests {
  @Test(arguments: [
    (
      "not_finite.h5",
      """
      65 m_weights.h5:fc/fc/kernel:0: error: 2 of 12 weights of layer fc are NaN or infinite (first: number 5)
      m_weights.h5:norm/norm/moving_mean:0: error: 1 of 3 weights of layer norm are NaN or infinite (first: number 1)
      """
    ),
    (
      "missing_bias.h5",
      "65 m_weights.h5:fc: error: the weights file has no bias of layer fc\nhint: it has: kernel"
    ),
    ("missing_layer.h5", "65 m_weights.h5:conv: error: the weights file has nothing for layer conv"),
    (
      "shapes.h5",
      """
      65 m_weights.h5:fc/fc/kernel:0: error: the shape is [3, 4], but layer fc needs [4, 3]
      m_weights.h5:norm/norm/beta:0: error: the shape is [3, 1], but layer norm needs [3]
      """
    ),
    ("text.h5", "65 m_weights.h5:fc/fc/kernel:0: error: the dataset does not hold numbers"),
    ("variance.h5", "65 m.json:config.layers[3]: error: a variance of \"norm\" plus epsilon is not positive"),
    (
      "claim.h5",
      "65 m_weights.h5:fc/fc/kernel:0: error: the shape is [1000000000, 1000000000], but layer fc needs [4, 3]"
    ),
    ("outside.h5", "65 m_weights.h5:fc/fc/bias:0: error: there is no such group or dataset"),
    (
      "unlisted.h5",
      """
      65 m_weights.h5:fc: error: the weights file has no bias of layer fc
      hint: it has no weights of this layer at all
      m_weights.h5:fc: error: the weights file has no kernel of layer fc
      hint: it has no weights of this layer at all
      """
    ),
    (
      "other.h5",
      "65 m_weights.h5: error: this HDF5 file has no Keras weights (neither layer_names nor layers)"
    ),
    (
      "numbered.weights.h5",
      """
      65 m_weights.h5:layers/batch_normalization/vars/0: error: the weights file has no gamma of layer norm here
      m_weights.h5:layers/batch_normalization/vars/1: error: the weights file has no beta of layer norm here
      m_weights.h5:layers/batch_normalization/vars/2: error: the weights file has no moving_mean of layer norm here
      m_weights.h5:layers/batch_normalization/vars/3: error: the weights file has no moving_variance of layer norm here
      m_weights.h5:layers/conv2d/vars/0: error: the weights file has no kernel of layer conv here
      m_weights.h5:layers/conv2d/vars/1: error: the weights file has no bias of layer conv here
      m_weights.h5:layers/dense/vars/1: error: the weights file has no bias of layer fc here
      """
    ),
    ("good.json", "65 m_weights.h5: error: this is no HDF5 file"),
  ])
  func pinned(_ weights: String, _ message: String) throws {
    #expect(try complaintAbout(good(), weights: weights) == message)
  }

  /// Sound weights in forms no installed Keras writes any more.
  @Test(arguments: ["keras_2_12.weights.h5", "pieces.h5"]) func oldForms(_ weights: String) throws {
    let architecture = fixture("broken/good.json")
    let old = try loadModel(path: architecture, weights: fixture("broken/\(weights)")).model
    let new = try loadModel(path: architecture, weights: fixture("broken/good.h5")).model
    for (a, b) in zip(old.layers, new.layers) {
      switch (a.kind, b.kind) {
      case (.dense(let x), .dense(let y)): #expect(x.kernel == y.kernel && x.bias == y.bias)
      case (.convolution(let x), .convolution(let y)): #expect(x.kernel == y.kernel && x.bias == y.bias)
      case (.batchNormalization(let x), .batchNormalization(let y)):
        #expect([x.gamma, x.beta, x.mean, x.variance] == [y.gamma, y.beta, y.mean, y.variance])
      default: #expect(a.name == b.name)
      }
    }
  }

  /// A weight 10^9 × 10^9, in an architecture that asks for just that.
  @Test func hugeWeights() throws {
    let huge = try good().replacingOccurrences(of: "[null, 4]", with: "[null, 1000000000]")
      .replacingOccurrences(of: "\"units\": 3", with: "\"units\": 1000000000")
    #expect(
      try complaintAbout(huge, weights: "claim.h5")
        == "65 m.json:config.layers[0].config.batch_input_shape: error: the shape [1000000000] has more than 134217728 elements"
    )
  }
}

/// Files that are no models, and models that are not there.
@Suite struct BadFileTests {
  @Test func missingFiles() throws {
    #expect(
      complaint { _ = try loadModel(path: fixture("none.json")) }
        == "66 none.json: error: there is no such file")
    #expect(
      complaint { _ = try loadModel(path: fixture("broken/good.json"), weights: fixture("none.h5")) }
        == "66 none.h5: error: there is no such file")
    #expect(
      complaint { _ = try loadModel(path: fixture("")) }
        == "65 Fixtures: error: this is a folder, which is not read as a model"
        + "\nhint: read are Keras .json with weights, whole-model .h5 and .keras, ONNX, PyTorch .pt2, and trees of XGBoost and LightGBM"
    )
    try withModel(good()) { path in
      try FileManager.default.removeItem(
        atPath: path.replacingOccurrences(of: "m.json", with: "m_weights.h5"))
      let stem = path.dropLast(".json".count)
      #expect(
        complaint { _ = try loadModel(path: path) }
          == "66 m.json: error: no weights: there is neither \(stem)_weights.h5 nor \(stem).weights.h5 nor \(stem).h5"
          + "\nhint: name the weights file with --weights")
    }
  }

  @Test func findsWeightsBesideTheArchitecture() throws {
    try withModel(good()) { path in
      let stem = String(path.dropLast(".json".count))
      #expect(try loadModel(path: path).model.layers.count == 7)
      for (old, new) in [("_weights.h5", ".weights.h5"), (".weights.h5", ".h5")] {
        try FileManager.default.moveItem(atPath: stem + old, toPath: stem + new)
        #expect(try loadModel(path: path).model.layers.count == 7)
      }
    }
  }

  @Test func notModels() throws {
    #expect(
      try complaintAbout("{}")
        == "65 m.json: error: this JSON is not a Keras model: it has no class_name and config at the top"
        + "\nhint: model.to_json() writes what is needed")
    #expect(
      try complaintAbout("hello")
        == "65 m.json: error: this is no file of a format that is read as a model"
        + "\nhint: read are Keras .json with weights, whole-model .h5 and .keras, ONNX, PyTorch .pt2, and trees of XGBoost and LightGBM"
    )
    #expect(
      try complaintAbout(#""{\"class_name\": \"Sequential\"}""#)
        == "65 m.json: error: this JSON is not a Keras model: it has no class_name and config at the top"
        + "\nhint: it is one string: write what model.to_json() gives to the file itself, without json.dump")
    #expect(
      try complaintAbout("")
        == "65 m.json: error: this is an empty file, which is not read as a model"
        + "\nhint: it was not written to its end, or not copied")
    #expect(
      try complaintAbout(#"{"learner": {}, "version": [2, 0, 0]}"#)
        == "65 m.json:learner: error: 'learner_model_param' is missing")
    try withModel(good()) { path in
      let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 130\n"
      try Data(pointer.utf8).write(
        to: URL(fileURLWithPath: path.replacingOccurrences(of: "m.json", with: "m_weights.h5")))
      #expect(
        complaint { _ = try loadModel(path: path) }
          == "65 m_weights.h5: error: this is a Git LFS pointer (a file that Git has not fetched), not weights "
          + "of Keras\nhint: git lfs install, then git lfs pull, fetch the file itself")
    }
    #expect(
      complaint { _ = try loadModel(path: fixture("broken/good.h5")) }
        == "65 good.h5: error: this HDF5 file has weights but no architecture (no attribute model_config)"
        + "\nhint: give the architecture's .json file, and this file with --weights")
  }

  @Test func truncatedArchitectures() throws {
    let text = try good()
    for length in [1, 100, 700, text.count - 3] {
      let part = String(text.prefix(length))
      let lines = part.split(separator: "\n", omittingEmptySubsequences: false).count
      #expect(
        try complaintAbout(part)
          == "65 m.json:line \(lines), byte \(length): error: the JSON text ends too early"
          + "\nhint: it has \(length) bytes and may be cut off: write, copy or download it again")
    }
  }

  @Test func archives() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).keras")
      .path
    defer { try? FileManager.default.removeItem(atPath: path) }
    func said(_ entries: [(name: String, bytes: [UInt8])]) throws -> String {
      try writeArchive(entries, to: path)
      let text = complaint { _ = try loadModel(path: path) }
      return text.replacingOccurrences(of: URL(fileURLWithPath: path).lastPathComponent, with: "m.keras")
    }
    let config = Array(try good().utf8)
    #expect(
      try said([("data.npy", [1])])
        == "65 m.keras: error: this is an archive of numpy arrays, which is not read as a model"
        + "\nhint: events go to --input; read are Keras .json with weights, whole-model .h5 and .keras, ONNX, PyTorch .pt2, and trees of XGBoost and LightGBM"
    )
    #expect(try said([("config.json", config)]) == "65 m.keras: error: the archive has no model.weights.h5")
    #expect(
      try said([("config.json", config), ("model.weights.json", [])])
        == "65 m.keras: error: weights split over several files are not supported"
        + "\nhint: save the model without sharding")
    #expect(
      try said([("config.json", config), ("model.weights.h5", [1, 2, 3])])
        == "65 m.keras:model.weights.h5: error: the entry is not what its name says, or damaged")
    #expect(
      try said([("config.json", Array(config.prefix(50)))])
        == "65 m.keras:line 1, byte 50: error: the JSON text ends too early"
        + "\nhint: it has 50 bytes and may be cut off: write, copy or download it again")
    let bytes = try readFile(fixture("keras2/sequential.keras"))
    try Data(bytes.prefix(bytes.count / 2)).write(to: URL(fileURLWithPath: path))
    #expect(
      complaint { _ = try loadModel(path: path) }.hasSuffix(
        """
        : error: the zip archive is damaged or cut off: the list of its entries, at its end, cannot be read
        hint: write, copy or download the file again
        """))
  }

  /// Nested deeper than any model, and nested so that the layers multiply.
  @Test(.timeLimit(.minutes(1))) func nesting() throws {
    func chain(_ depth: Int) -> String {
      let layer = #"{"class_name": "Activation", "config": {"name": "a", "activation": "relu"}}"#
      let inner = depth == 0 ? layer : chain(depth - 1)
      let input =
        #"{"class_name": "InputLayer", "config": {"name": "i\#(depth)", "batch_input_shape": [null, 4]}}"#
      return
        #"{"class_name": "Sequential", "config": {"name": "s\#(depth)", "layers": [\#(input), \#(inner)]}}"#
    }
    #expect(try complaintAbout(chain(90)) == "no failure")
    #expect(try complaintAbout(chain(200)).hasSuffix(": error: JSON nested deeper than 512 levels"))

    func twice(_ depth: Int) -> String {
      let calls = "[[[\"i\", 0, 0, {}]], [[\"s\", 0, 0, {}]]]"
      let inner =
        depth == 0
        ? #"{"class_name": "Activation", "name": "s", "config": {"name": "s", "activation": "relu"}, "inbound_nodes": \#(calls)}"#
        : twice(depth - 1).dropLast() + ", \"name\": \"s\", \"inbound_nodes\": "
          + calls.replacingOccurrences(of: "\"s\", 0", with: "\"s\", 1") + "}"
      return #"""
        {"class_name": "Functional", "config": {"name": "s", "layers": [
          {"class_name": "InputLayer", "name": "i", "config": {"name": "i", "batch_input_shape": [null, 2]},
           "inbound_nodes": []}, \#(inner)],
         "input_layers": [["i", 0, 0]], "output_layers": [["s", \#(depth == 0 ? 1 : 2), 0]]},
         "keras_version": "2.15.0"}
        """#
    }
    #expect(try complaintAbout(twice(3)) == "no failure")
    #expect(
      try complaintAbout(twice(40)).hasSuffix("error: the model calls its layers more than 20000 times"))
  }

  /// Names are data: they come out as they are, and are never paths or identifiers.
  @Test func hostileNames() throws {
    for name in ["../../x", "int", "a/b", "", "π", "a b\tc", String(repeating: "n", count: 1000), "norm:0"] {
      let text = try good().replacingOccurrences(of: "\"flat\"", with: "\"\(name)\"")
        .replacingOccurrences(of: "\t", with: "\\t")
      if name.isEmpty {
        #expect(
          try complaintAbout(text).hasPrefix("65 m.json:config.layers[5]: error: the layer has no name"))
      } else {
        try withModel(text) { path in
          let names = try loadModel(path: path).model.layers.map(\.name)
          #expect(names.contains(name))
        }
      }
    }
    let long = try good().replacingOccurrences(
      of: "\"flat\"", with: "\"\(String(repeating: "n", count: 2000))\"")
    #expect(try complaintAbout(long).contains("error: the layer's name is 2000 bytes long"))
  }
}
