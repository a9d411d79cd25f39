import Configuration
import DataFiles
import Diagnostics
import Emulator
import FixedPoint
import Lowering
import Model
import Program
import Reports

/// Events counted by the exact output word they give, for trigger rates and efficiencies: `triggerfish rates`.
public struct Rates: Sendable {
  /// The model and how it is lowered, or a project's folder.
  public var source: Source
  /// Event files, one per model input.
  public var inputs: [String]
  /// One label per event: a file of integers; nil: every event is background.
  public var labels: String?
  /// One weight per event: in Hz, or relative where there is a crossing rate.
  public var weights: String?
  /// The float outputs of the trainer, instead of the float model that Triggerfish computes: one per event, or the output's shape.
  public var reference: String?
  /// Which columns of the one input file are inputs, labels and weights (docs/rates.md); nil: a file for each.
  public var mapping: String?
  /// What is counted.
  public var options = RateOptions()
  /// Which events are run; nil: all.
  public var part: EventRange?
  /// How many threads; nil: all cores.
  public var threads: Int?
  /// The version that the result names.
  public var version = ""

  /// Names the model, or a project's folder, and the events.
  public init(_ source: Source, inputs: [String]) {
    self.source = source
    self.inputs = inputs
  }

  /// Runs and counts.
  ///
  /// - Throws: every problem of the files; `usage` for options without effect.
  public func run(_ listener: Listener = Listener()) throws(Failure) -> RateResult {
    let mapping = try mapping.map { path throws(Failure) in try EventMapping.load(path) }
    if mapping != nil, labels != nil || weights != nil || reference != nil {
      throw Failure(.usage, "--mapping says what labels, weights and reference are: leave those options out")
    }
    let (hasLabels, hasWeights) = (
      labels != nil || mapping?.labels != nil, weights != nil || mapping?.weights != nil
    )
    try options.check(hasLabels: hasLabels, hasWeights: hasWeights)
    try source.checkOptions(listener)
    try checkPresent(inputs + [labels, weights, reference].compactMap { $0 })
    let (program, compilation) = try source.arithmetic(listener)
    let (slot, score) = try options.score(program)
    let session = try Emulation(program, inputs: inputs, mapping: mapping, part: part, threads: threads)
    let shape = program[program.outputs[slot]].type.shape
    let columns = try Columns(self, mapping, events: session.total, shape: shape)
    var float: FloatOutputs?
    if options.float {
      guard columns.reference == nil else {
        throw Failure(.usage, "--float computes what --reference gives: leave one of them out")
      }
      guard let compilation else {
        throw Failure(
          .usage, file: source.model, "--float: a project has no float model",
          hint: "name the model's file, or give the trainer's outputs with --reference")
      }
      float = FloatOutputs(model: compilation.model)
    }
    listener.progress("counting \(session.events) events")
    var counter = RateCounter(
      score, options, hasLabels: hasLabels, isWeighted: hasWeights,
      hasFloat: float != nil || columns.reference != nil)
    var digests = program.inputs.map { _ in EventDigest() }
    var columnDigests: [String: EventDigest] = [:]
    try session.outputs(raw: true) { chunk, outputs throws(Failure) in
      try session.add(chunk, to: &digests)
      let part = try columns.read(chunk, element: score.element, digests: &columnDigests)
      var floats = part.reference
      if let float { floats = try float.outputs(session.inputs(chunk), slot: slot, element: score.element) }
      guard case .words(let words) = outputs[slot].values else { return }
      try counter.add(
        words, width: words.count / max(1, chunk.count), part, floats, first: chunk.lowerBound)
    }
    var provenance = Provenance(
      program, numerics: compilation?.numerics.rawValue ?? "compiled", version: version, files: inputs,
      of: session.total, range: session.range)
    let names = program.inputs.map { "input \(program[$0].name)" }
    provenance.setDigests(zip(names, digests).map { ($0, $1) } + columnDigests.map { ($0.key, $0.value) })
    try session.inputNotes(compilation?.lowered.inputOrigins, project: source.model).forEach(listener.note)
    return counter.result(
      provenance, floatSource: float != nil ? "model" : columns.reference != nil ? "reference" : nil)
  }
}

/// Labels, weights and float outputs, one per event.
private struct Columns {
  var labels, weights, reference: EventReader?
  let width: Int

  /// The numbers of some events.
  struct Part {
    var labels: [Int64]?
    var weights: [Double]?
    var reference: [Double]?
  }

  /// - Throws: with every file that is missing, damaged, or of another number of events.
  init(_ rates: Rates, _ mapping: EventMapping?, events: Int, shape: [Int]) throws(Failure) {
    var problems: [Diagnostic] = []
    var kind = Failure.Kind.badInput
    let count = shape.reduce(1, *)
    func open(
      _ path: String?, _ name: String, _ branch: EventMapping.Branch?, orShape: [Int]? = nil
    ) -> EventReader? {
      guard let path = branch == nil ? path : rates.inputs.first else { return nil }
      do throws(Failure) {
        let reader: EventReader
        if let branch, let mapping {
          reader = try EventReader.open(path, mapping, column: branch)
        } else {
          reader = try EventReader(path, preferring: name)
        }
        let own = Array(reader.shape.dropFirst())
        guard own.allSatisfy({ $0 == 1 }) || own == orShape || own == orShape.map({ [$0.reduce(1, *)] })
        else {
          throw Failure(
            .badInput, file: path, "the array's shape \(reader.shape) is not one number per event")
        }
        guard reader.events == events else {
          throw Failure(.badInput, file: path, "\(reader.events) \(name), where there are \(events) events")
        }
        return reader
      } catch {
        kind = error.kind
        problems += error.diagnostics
        return nil
      }
    }
    labels = open(rates.labels, "labels", mapping?.labels)
    weights = open(rates.weights, "weights", mapping?.weights)
    reference = open(rates.reference, "reference", mapping?.reference, orShape: shape)
    width = reference.map { $0.shape.dropFirst().reduce(1, *) == count ? count : 1 } ?? 1
    if !problems.isEmpty { throw Failure(kind, problems) }
  }

  func read(
    _ chunk: Range<Int>, element: Int, digests: inout [String: EventDigest]
  ) throws(Failure) -> Part {
    var part = Part()
    if let labels {
      let array = try labels.read(chunk)
      digests["labels", default: EventDigest()].add(.reals(array.reals), from: chunk.lowerBound)
      switch array.values {
      case .words(let words): part.labels = words
      case .reals(let reals):
        guard let wrong = reals.firstIndex(where: { $0 != $0.rounded() || abs($0) > 0x1p53 }) else {
          part.labels = reals.map { Int64($0) }
          break
        }
        throw Failure(
          .badInput, file: labels.file, place: "event \(chunk.lowerBound + wrong)",
          "the label \(reals[wrong]) is not a whole number")
      }
    }
    if let weights {
      let reals = try weights.read(chunk).reals
      digests["weights", default: EventDigest()].add(.reals(reals), from: chunk.lowerBound)
      part.weights = reals
    }
    if let reference {
      let reals = try reference.read(chunk).reals
      digests["reference", default: EventDigest()].add(.reals(reals), from: chunk.lowerBound * width)
      part.reference =
        width == 1 ? reals : stride(from: element, to: reals.count, by: width).map { reals[$0] }
    }
    return part
  }
}

/// The float model's outputs.
struct FloatOutputs {
  let model: Model

  /// Of one number of an output.
  func outputs(_ inputs: [[Double]], slot: Int, element: Int) throws(Failure) -> [Double] {
    let shape = model.layers[model.outputs[slot].layer].outputShape
    let width = shape.reduce(1, *)
    let all = try frameworkOutputs(model, inputs)[slot]
    return stride(from: element, to: all.count, by: width).map { all[$0] }
  }
}

extension RateCounter {
  fileprivate mutating func add(
    _ words: [Int64], width: Int, _ part: Columns.Part, _ floats: [Double]?, first: Int
  ) throws(Failure) {
    var problem: Failure?
    words.withUnsafeBufferPointer { words in
      lend(part.labels) { labels in
        lend(part.weights) { weights in
          lend(floats) { floats in
            do throws(Failure) {
              try add(words, width: width, labels: labels, weights: weights, float: floats, first: first)
            } catch {
              problem = error
            }
          }
        }
      }
    }
    if let problem { throw problem }
  }
}

/// Lends an array, where there is one.
func lend<Number>(_ array: [Number]?, _ body: (UnsafeBufferPointer<Number>?) -> Void) {
  if let array { array.withUnsafeBufferPointer(body) } else { body(nil) }
}
