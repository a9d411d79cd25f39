import Configuration
import DataFiles
import Diagnostics
import FixedPoint
import Frontends
import Lowering
import Model
import Program
import Storage

#if canImport(Glibc)
  import Glibc
#endif

/// One folder of the second part of the shared vectors (`../shared/golden2`): a model of any format, what its own framework
/// computes of it, and what hls4ml made of it where it can.
public struct ReferenceCase: Sendable {
  /// The folder's name.
  public let name: String
  /// The folder.
  public let folder: String
  /// hgq2, onnx, trees, recurrent, layers.
  public let group: String
  /// The format within the group; empty where there is one only.
  public let kind: String
  /// What the policy `exact` is held to; empty where the case has no reference of that kind.
  public let exact: [GoldenCase.EventFiles]
  /// What the policy `hls4ml` is held to, by the name of the configuration.
  public let hls4ml: [(name: String, configuration: String, sets: [GoldenCase.EventFiles])]
  private let modelFile: String
  private let weightsFile: String?

  /// The folder of all cases: `$TRIGGERFISH_SHARED/golden2`, or `../shared/golden2` beside the package.
  public static let root: String = GoldenCase.roots[0] + "2"

  /// Whether the shared vectors are there.
  public static var hasShared: Bool { access(root, R_OK) == 0 }

  /// The names of all cases, sorted.
  public static let names: [String] = GoldenCase.names(in: root)

  /// The names of a group's cases.
  public static func names(ofGroup group: String) -> [String] {
    names.filter { (try? ReferenceCase($0).group) == group }
  }

  /// Words that differ from the float32 executor's by more than its own last bits, where that is known: the executor rounded to
  /// the other side of a tie (docs/exact-policy.md, "Scales"). Counted by an evaluation of the same file in exact arithmetic in
  /// Python, which has these words too.
  public var otherSide: Int { ["qcdq_mlp_perchannel": 14][name, default: 0] }

  /// Reads a case's description.
  public init(_ name: String) throws(Failure) {
    self.name = name
    let folder = "\(Self.root)/\(name)"
    self.folder = folder
    let node = try JSONNode(contentsOf: "\(folder)/case.json")
    func text(_ node: JSONNode, _ key: String) -> String? { node[key]?.string.map { "\(folder)/\($0)" } }
    func files(_ node: JSONNode, _ key: String) -> [String] {
      (node[key]?.elements ?? []).compactMap { $0.string.map { "\(folder)/\($0)" } }
    }
    func sets(_ results: JSONNode, _ key: String, _ stress: String) -> [GoldenCase.EventFiles] {
      [
        GoldenCase.EventFiles(inputs: files(node, "inputs"), outputs: files(results, key)),
        GoldenCase.EventFiles(inputs: files(node, "stress_inputs"), outputs: files(results, stress)),
      ].filter { !$0.inputs.isEmpty && !$0.outputs.isEmpty }
    }
    group = node["group"]?.string ?? ""
    kind = node["kind"]?.string ?? ""
    modelFile = text(node, "model") ?? ""
    weightsFile = text(node, "weights")
    let expected = node["expected"]?.string ?? ""
    switch expected {
    case "outputs_float": exact = sets(node, "outputs_float", "stress_outputs_float")
    case let other where other.hasPrefix("hls4ml"): exact = []
    default: exact = sets(node, "outputs", "stress_outputs")
    }
    guard node["hls4ml_invalid"] == nil else {
      hls4ml = []
      return
    }
    var configurations = (node["configs"]?.members ?? []).compactMap { name, entry in
      text(entry, "config").map { (name, $0, sets(entry, "outputs", "stress_outputs")) }
    }
    if configurations.isEmpty, expected.hasPrefix("hls4ml"), let file = text(node, "config") {
      configurations = [(expected, file, sets(node, "outputs", "stress_outputs"))]
    }
    // HGQ2: csim's words are the trainer's, or those of layers that it does not compute (README.md of the vectors, "Known
    // disagreements"), which the policy refuses.
    if configurations.isEmpty, node["references"]?["hls4ml"]?["files"]?.string == "outputs_float*",
      let file = text(node, "config")
    {
      configurations = [("hls4ml", file, sets(node, "outputs_float", "stress_outputs_float"))]
    }
    hls4ml = configurations.filter { !$0.2.isEmpty }
  }

  /// The case's model.
  public func model() throws(Failure) -> Model { try loadModel(path: modelFile, weights: weightsFile).model }

  /// The model under the policy `exact`, its input formats seen on the case's own events where the model does not say them.
  public func lowerExactly(_ model: Model) throws(Failure) -> Lowered {
    var events = model.inputs.map { _ in [Double]() }
    for set in exact {
      for (slot, file) in set.inputs.enumerated() where events.indices.contains(slot) {
        events[slot] += try GoldenCase.read(file).values
      }
    }
    return try Lowering.lowerExactly(model, ExactOptions(calibration: events))
  }

  /// The model under the policy `hls4ml`, with a configuration file.
  public func lowerAsHLS4ML(configuration file: String) throws(Failure) -> Lowered {
    try Lowering.lowerAsHLS4ML(model(), Configuration.load(file).configuration)
  }

  /// Every output of a program on the events of sets, against what is expected.
  ///
  /// - Parameter limit: at most this many events of each set.
  public func compare(
    _ program: Program, _ sets: [GoldenCase.EventFiles], limit: Int = .max
  ) throws(Failure) -> ReferenceReport {
    var report = ReferenceReport()
    for set in sets {
      let inputs = try set.inputs.map { (file) throws(Failure) in try GoldenCase.read(file) }
      let outputs = try set.outputs.map { (file) throws(Failure) in try GoldenCase.read(file) }
      guard inputs.count == program.inputs.count, outputs.count == program.outputs.count else {
        throw Failure(
          .badInput, file: folder,
          "\(program.inputs.count) inputs and \(program.outputs.count) outputs, not \(inputs.count) and \(outputs.count)"
        )
      }
      for event in 0..<min(limit, inputs[0].events) {
        let results = program.evaluate(program.words(of: event, in: inputs))
        for (slot, id) in program.outputs.enumerated() {
          let words = results[id.index]
          let format = program[id].type.format
          guard outputs[slot].values.count == outputs[slot].events * words.count else {
            throw Failure(
              .badInput, file: folder,
              "output \(slot): \(words.count) words, not \(outputs[slot].values.count / max(1, outputs[slot].events))"
            )
          }
          for (place, word) in words.enumerated() {
            report.add(
              format.value(of: word), outputs[slot].values[event * words.count + place],
              "\(set.inputs[0]): output \(slot)[\(place)] of event \(event)")
          }
        }
      }
    }
    return report
  }
}

/// How a program's outputs compare with a reference's.
public struct ReferenceReport: Sendable {
  /// Values compared.
  public private(set) var words = 0
  /// Values that are not the same number.
  public private(set) var unequal = 0
  /// Values that differ by more than the last bits of a float32 sum.
  public private(set) var different = 0
  /// The largest difference.
  public private(set) var largest = 0.0
  /// The largest magnitude expected.
  public private(set) var magnitude = 0.0
  /// The first differences beyond float32's last bits, worded for people.
  public private(set) var examples: [String] = []

  mutating func add(_ value: Double, _ wanted: Double, _ place: @autoclosure () -> String) {
    words += 1
    magnitude = max(magnitude, abs(wanted))
    guard value != wanted else { return }
    unequal += 1
    let difference = abs(value - wanted)
    largest = max(largest, difference)
    if difference > 0x1p-20 * max(abs(wanted), magnitude) || difference.isNaN {
      different += 1
      if examples.count < 10 { examples.append("\(place()): \(value), not \(wanted)") }
    }
  }

  /// One line: "600 words, 2 differ by up to 0.25".
  public var summary: String {
    unequal == 0
      ? "\(words) words equal"
      : "\(words) words, \(unequal) unequal, \(different) by more than float32's last bits, up to \(largest)"
  }
}
