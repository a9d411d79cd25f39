import Diagnostics
import Foundation
import Scheduling
import Storage

/// project.json: the plan of a project, so that it can be reported on and verified from its folder alone.
/// The arithmetic is in program.tf.
struct ProjectFile: Codable {
  struct Area: Codable {
    var dsp, lut, ff, bram, uram: Int
  }
  struct Port: Codable {
    var name: String
    var shape: [Int]
    var type: String
  }
  struct Instruction: Codable {
    var strategy: String
    var reuseFactor, start, latency, interval: Int
    var resources: Area
  }

  /// Grows when the meaning of a field changes.
  static let currentVersion = 1

  var version = Self.currentVersion
  var top: String
  var part: String
  var clockPeriod: Double
  var clockUncertainty: Double
  /// `config_op mul -impl`.
  var multipliers: String
  var ioType: String
  var latency: Int
  var interval: Int
  var resources: Area
  var inputs: [Port]
  var outputs: [Port]
  /// Names of the layers, by the numbers that traces use.
  var layers: [String]
  /// The plan of every instruction of program.tf.
  var steps: [Instruction]

  init(_ design: Design, ports: Ports) {
    func area(_ amount: Resources) -> Area {
      Area(dsp: amount.dsp, lut: amount.lut, ff: amount.ff, bram: amount.bram, uram: amount.uram)
    }
    func port(_ port: Ports.Port) -> Port {
      Port(name: port.name, shape: port.type.shape, type: port.type.format.description)
    }
    top = ports.top
    part = design.target.part
    clockPeriod = design.target.clockPeriod
    clockUncertainty = design.target.clockUncertainty
    multipliers = design.target.multipliers.rawValue
    ioType = design.ioType.rawValue
    latency = design.latency
    interval = design.interval
    resources = area(design.resources)
    inputs = ports.inputs.map(port)
    outputs = ports.outputs.map(port)
    layers = design.program.layers.map(\.name)
    steps = design.steps.map {
      Instruction(
        strategy: $0.choice.strategy.rawValue, reuseFactor: $0.choice.reuseFactor, start: $0.estimate.start,
        latency: $0.estimate.latency, interval: $0.estimate.interval, resources: area($0.estimate.resources))
    }
  }

  /// The file's text.
  var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else { return "" }
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}
