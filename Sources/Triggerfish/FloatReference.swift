import DataFiles
import Diagnostics
import Emulator
import Foundation
import Lowering
import Model
import Program
import Reports

/// What the model's framework answers on events: what programs of any word length are compared with.
public struct FloatReference: Sendable {
  /// Events compared, at most: more would not change a share of events by what anybody acts on.
  static let mostEvents = 2000

  /// How many events there are.
  public let events: Int
  private let inputs: [[Double]]
  private let expected: [[Double]]

  /// Computes the answers to at most the first 2,000 events.
  ///
  /// - Parameter events: per model input, row major with the event first.
  init(_ model: Model, _ events: [[Double]]) throws(Failure) {
    let sizes = model.inputs.map { model.layers[$0].outputShape.reduce(1, *) }
    let count = min(Self.mostEvents, (events.first?.count ?? 0) / max(1, sizes.first ?? 1))
    inputs = zip(events, sizes).map { Array($0.prefix(count * $1)) }
    expected = try frameworkOutputs(model, inputs)
    self.events = count
  }

  /// Reads the events from files, one per model input.
  ///
  /// - Throws: where a file is missing, damaged, or of the wrong shape.
  public init(_ model: Model, files: [String]) throws(Failure) {
    try self.init(model, Self.read(files, model))
  }

  /// How a program compares on these events.
  public func agreement(_ program: Program) throws(Failure) -> Report.Agreement {
    let found = try Emulator(program).values(inputs.map { .float64($0) })
    let outputs = zip(found, expected).map { Agreement($0, $1, events: events) }
    let sizes = program.outputs.map { program[$0].type.count }
    let argmax = zip(outputs, sizes).filter { $0.1 > 1 }.map(\.0.argmax).min()
    return Report.Agreement(
      events: events, argmax: argmax, maximumError: outputs.map(\.largestError).max() ?? 0)
  }

  /// The events of files, one per model input.
  static func read(
    _ paths: [String], _ model: Model, allowingMissing: Bool = false
  ) throws(Failure) -> [[Double]] {
    guard paths.count == model.inputs.count else {
      throw Failure(
        .usage, "\(paths.count) event files for \(model.inputs.count) model inputs",
        hint: "repeat the option once per input, in the model's order")
    }
    var arrays: [[Double]] = []
    for (path, input) in zip(paths, model.inputs) {
      let reader = try EventReader(path, preferring: model.layers[input].name)
      try reader.check(shape: model.layers[input].outputShape, of: model.layers[input].name)
      guard reader.events > 0 else {
        throw Failure(
          .badInput, file: path, "there are no events in it", hint: "ranges and agreement are those of events"
        )
      }
      arrays.append(try reader.readAll(allowingMissing: allowingMissing).reals)
    }
    return arrays
  }
}
