import Diagnostics
import FixedPoint
import Foundation
import Lowering
import Program
import Storage

/// What comparing a program with golden vectors found.
public struct GoldenReport: Sendable {
  /// The differences, worded for people; none means that every bit is equal.
  public var differences: [String] = []
  /// Words compared.
  public var words = 0

  /// Makes an empty report.
  public init() {}
}

extension GoldenCase {
  /// Runs the reference interpreter on the case's events and compares every output word, and every layer's
  /// result for the events of the trace.
  ///
  /// - Parameter limit: at most this many events of each set.
  public func compare(_ program: Program, limit: Int = .max) throws(Failure) -> GoldenReport {
    var report = GoldenReport()
    for set in sets {
      let inputs = try set.inputs.map { (file) throws(Failure) in try Self.read(file) }
      let outputs = try set.outputs.map { (file) throws(Failure) in try Self.read(file) }
      guard inputs.count == program.inputs.count, outputs.count == program.outputs.count else {
        report.differences.append(
          "\(program.inputs.count) inputs and \(program.outputs.count) outputs, not \(inputs.count) and "
            + "\(outputs.count)")
        return report
      }
      let expected = zip(outputs.indices, program.outputs).map {
        Expectation("output \($0)", outputs[$0], $1)
      }
      for event in 0..<min(limit, inputs[0].events) {
        let results = program.evaluate(program.words(of: event, in: inputs))
        for expectation in expected {
          report.compare(expectation, event, results, program, set.inputs[0])
        }
      }
    }
    if trace != nil { try compareTrace(program, limit, &report) }
    return report
  }

  private func compareTrace(_ program: Program, _ limit: Int, _ report: inout GoldenReport) throws(Failure) {
    guard let trace, let set = sets.first else { return }
    let inputs = try set.inputs.map { (file) throws(Failure) in try Self.read(file) }
    var expectations: [Expectation] = []
    for name in try ZipArchive(path: trace).entryNames where name.hasSuffix(".npy") {
      let key = String(name.dropLast(4))
      let array = try Self.read("\(trace):\(key)")
      guard let result = program.layers.first(where: { $0.name == key })?.result else {
        report.differences.append("no layer '\(key)'")
        continue
      }
      expectations.append(Expectation(key, array, result))
    }
    for event in 0..<min(limit, expectations.first?.events ?? 0) {
      let results = program.evaluate(program.words(of: event, in: inputs))
      for expectation in expectations { report.compare(expectation, event, results, program, "trace") }
    }
  }

  /// Compares the layers' names, classes and types with what hls4ml resolved.
  public func compareTypes(_ layers: [LoweredLayer]) throws(Failure) -> [String] {
    guard let resolved = try resolvedTypes() else { return [] }
    let names = resolved.compactMap { $0["name"]?.string }
    var differences: [String] = []
    if layers.map(\.name).sorted() != names.sorted() {
      differences.append("layers \(layers.map(\.name)), not \(names)")
    }
    return differences + typeDifferences(layers, resolved)
  }
}

extension ReferenceCase {
  /// Compares the types of layers with what hls4ml resolved for those of the same name. A softmax, and a table with its output
  /// quantizer, are several layers here; EinsumDense is a matrix product between layers that move words.
  public func compareTypes(_ layers: [LoweredLayer]) throws(Failure) -> [String] {
    let file = "\(folder)/resolved_types.json"
    // Cases of ONNX models have none.
    guard FileManager.default.fileExists(atPath: file) else { return [] }
    let resolved = try JSONNode(contentsOf: file).elements ?? []
    return typeDifferences(
      layers, resolved.filter { !["Softmax", "UnaryLUT"].contains($0["class"]?.string) },
      except: ["EinsumDense"])
  }
}

/// The classes, types and reuse factors of layers that are not those hls4ml resolved for the layer of that name.
///
/// - Parameter others: hls4ml's classes of which layers have another class here.
private func typeDifferences(
  _ layers: [LoweredLayer], _ resolved: [JSONNode], except others: [String] = []
) -> [String] {
  var differences: [String] = []
  for node in resolved {
    guard let name = node["name"]?.string, let layer = layers.first(where: { $0.name == name }) else {
      continue
    }
    if let className = node["class"]?.string, className != layer.className, !others.contains(className) {
      differences.append("\(name): class \(layer.className), not \(className)")
    }
    for (key, type) in node["types"]?.members ?? [] {
      guard let own = layer.formats.first(where: { "\($0.tensor)_t" == key }), let text = type["str"]?.string
      else { continue }
      if own.format.description != text {
        differences.append("\(name): \(own.tensor) \(own.format), not \(text)")
      }
    }
    if let reuse = node["attrs"]?["reuse_factor"]?.integer, let own = layer.reuseFactor, own != reuse {
      differences.append("\(name): reuse factor \(own), not \(reuse)")
    }
  }
  return differences
}

/// The values a tensor should have.
private struct Expectation {
  let name: String
  let events: Int
  let values: [Double]
  let id: ValueID

  init(_ name: String, _ array: (events: Int, values: [Double]), _ id: ValueID) {
    self.name = name
    events = array.events
    values = array.values
    self.id = id
  }
}

extension GoldenReport {
  /// Differences kept per report; the others are counted.
  private static let most = 20

  fileprivate mutating func compare(
    _ expectation: Expectation, _ event: Int, _ results: [[Raw]], _ program: Program, _ file: String
  ) {
    let words = results[expectation.id.index]
    let format = program[expectation.id].type.format
    guard expectation.values.count == expectation.events * words.count else {
      if event == 0 {
        differences.append(
          "\(expectation.name): \(words.count) words, not \(expectation.values.count / expectation.events)")
      }
      return
    }
    self.words += words.count
    for (place, word) in words.enumerated() {
      let wanted = expectation.values[event * words.count + place]
      if format.value(of: word) != wanted, differences.count < Self.most {
        differences.append(
          "\(file): \(expectation.name)[\(place)] of event \(event): \(format.value(of: word)), not \(wanted)"
            + " (\(format))")
      }
    }
  }
}

extension Program {
  /// One event's numbers as words of the inputs' formats.
  public func words(of event: Int, in arrays: [(events: Int, values: [Double])]) -> [[Raw]] {
    zip(inputs, arrays).map { id, array in
      let type = self[id].type
      let start = event * type.count
      return array.values[start..<start + type.count].map { type.format.quantize($0) }
    }
  }
}
