import Diagnostics
import Emulator
import FixedPoint
import Foundation
import Reports

/// Events that lie in a caller's memory, counted as `Rates` counts those of files.
public struct RatesInMemory {
  /// Per model input, all events.
  public var inputs: [BorrowedEvents]
  /// How many events there are.
  public var events: Int
  /// One per event, where there are any.
  public var labels: UnsafeBufferPointer<Int64>?
  public var weights, reference: UnsafeBufferPointer<Double>?
  /// What is counted.
  public var options = RateOptions()
  /// What the result calls the events, the number of the first, and of how many.
  public var files = ["memory"]
  /// The number of the first event.
  public var first = 0
  /// How many events there are in what `files` names.
  public var total = 0
  /// The version that the result names.
  public var version = ""

  /// Lends events.
  public init(inputs: [BorrowedEvents], events: Int) {
    (self.inputs, self.events) = (inputs, events)
  }

  /// Runs and counts.
  ///
  /// - Throws: `badInput` for numbers that are not finite; `usage` for options that do not fit.
  public func run(_ emulator: Emulator, _ compilation: Compilation) throws(Failure) -> RateResult {
    let program = emulator.program
    try options.check(hasLabels: labels != nil, hasWeights: weights != nil)
    guard first >= 0, total >= first, events <= total - first else {
      throw Failure(.usage, "events \(first):\(first + events) are not among \(total)")
    }
    if options.float, reference != nil {
      throw Failure(.usage, "float computes what the float outputs give: leave one of them out")
    }
    for (id, numbers) in zip(program.inputs, inputs)
    where !(numbers.isFinite || program.missing.contains(id) && numbers.isFiniteOrMissing) {
      throw Failure(
        .badInput, place: program[id].name, "the events hold NaN or infinity",
        hint: "no fixed-point word is equal to it")
    }
    let (slot, score) = try options.score(program)
    var counter = RateCounter(
      score, options, hasLabels: labels != nil, isWeighted: weights != nil,
      hasFloat: options.float || reference != nil)
    var digests: [(String, EventDigest)] = []
    for (id, numbers) in zip(program.inputs, inputs) {
      var digest = EventDigest()
      let position = first * program[id].type.count
      switch numbers.element {
      case .float32: digest.add(floats: numbers.bytes, from: position)
      default: digest.add(doubles: numbers.bytes, from: position)
      }
      digests.append(("input \(program[id].name)", digest))
    }
    for (name, numbers) in [("weights", weights), ("reference", reference)] {
      guard let numbers else { continue }
      var digest = EventDigest()
      digest.add(doubles: UnsafeRawBufferPointer(numbers), from: first)
      digests.append((name, digest))
    }
    if let labels {
      var digest = EventDigest()
      labels.map(Double.init).withUnsafeBytes { digest.add(doubles: $0, from: first) }
      digests.append(("labels", digest))
    }
    let float = options.float ? FloatOutputs(model: compilation.model) : nil
    let width = program[program.outputs[slot]].type.count
    let size = max(1, 4_000_000 / emulator.results.map { program[$0].type.count }.reduce(1, +))
    for start in stride(from: 0, to: events, by: size) {
      let chunk = start..<min(events, start + size)
      let part = zip(program.inputs, inputs).map { id, numbers in
        let bytes = program[id].type.count * numbers.element.bytes
        return BorrowedEvents(
          UnsafeRawBufferPointer(
            rebasing: numbers.bytes[chunk.lowerBound * bytes..<chunk.upperBound * bytes]),
          numbers.element)
      }
      let words = try emulator.words(part.map { .borrowed($0) })[slot]
      let floats = try float.map { float throws(Failure) in
        try float.outputs(part.map(\.doubles), slot: slot, element: score.element)
      }
      try counter.add(
        words, width: width,
        labels: labels.map { UnsafeBufferPointer(rebasing: $0[chunk]) },
        weights: weights.map { UnsafeBufferPointer(rebasing: $0[chunk]) },
        floats: floats, reference: reference.map { UnsafeBufferPointer(rebasing: $0[chunk]) },
        first: first + start)
    }
    var provenance = Provenance(
      program, numerics: compilation.numerics.rawValue, version: version, files: files, of: total,
      range: first..<first + events)
    provenance.setDigests(digests)
    return counter.result(
      provenance, floatSource: options.float ? "model" : reference != nil ? "reference" : nil)
  }
}

extension BorrowedEvents {
  fileprivate var doubles: [Double] {
    (0..<count).map {
      element == .float32
        ? Double(bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self))
        : bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self)
    }
  }
}

extension RateCounter {
  fileprivate mutating func add(
    _ words: [Int64], width: Int, labels: UnsafeBufferPointer<Int64>?, weights: UnsafeBufferPointer<Double>?,
    floats: [Double]?, reference: UnsafeBufferPointer<Double>?, first: Int
  ) throws(Failure) {
    var problem: Failure?
    words.withUnsafeBufferPointer { words in
      lend(floats) { floats in
        do throws(Failure) {
          try add(
            words, width: width, labels: labels, weights: weights, float: floats ?? reference, first: first)
        } catch {
          problem = error
        }
      }
    }
    if let problem { throw problem }
  }
}
