import Diagnostics
import Emulator
import FixedPoint
import Foundation
import Reports
import Triggerfish
import Version

// The functions of include/triggerfish.h that count events.

/// See include/triggerfish.h.
@c(tf_digest) public func digest(_ model: OpaquePointer?) -> UnsafePointer<CChar>? {
  held(model)?.digest.map { UnsafePointer($0) }
}

/// See include/triggerfish.h.
@c(tf_model_name) public func modelName(_ model: OpaquePointer?) -> UnsafePointer<CChar>? {
  held(model)?.name.map { UnsafePointer($0) }
}

/// See include/triggerfish.h.
@c(tf_numerics) public func numerics(_ model: OpaquePointer?) -> UnsafePointer<CChar>? {
  held(model)?.numerics.map { UnsafePointer($0) }
}

/// See include/triggerfish.h.
@c(tf_rates) public func rates(
  _ model: OpaquePointer?, _ options: UnsafePointer<CChar>?, _ events: Int,
  _ inputs: UnsafePointer<UnsafeRawPointer?>?, _ inputNumbers: Int32, _ labels: UnsafePointer<Int64>?,
  _ weights: UnsafePointer<Double>?, _ reference: UnsafePointer<Double>?,
  _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  giving(json, message) { () throws(Failure) in
    let model = try needed(model, "tf_rates")
    var reader = try OptionReader(options)
    let counted = reader.rateOptions()
    let files = reader.list("file")
    let first = reader.count("first", least: 0) ?? 0
    let total = reader.count("of", least: 0)
    try reader.finish()
    guard let inputs, events > 0, let element = numberType(inputNumbers), element != .raw else {
      throw Failure(.usage, "tf_rates needs events of TF_FLOAT32 or TF_FLOAT64, and at least one")
    }
    for tensor in model.tensors[0] + model.tensors[1] { _ = try size(events, tensor, .float64) }
    var lent: [BorrowedEvents] = []
    for (index, tensor) in model.tensors[0].enumerated() {
      guard let base = inputs[index] else { throw Failure(.usage, "input \(index) is missing") }
      let bytes = UnsafeRawBufferPointer(start: base, count: try size(events, tensor, element))
      lent.append(BorrowedEvents(bytes, element))
    }
    guard let emulator = try model.emulator(of: 1) else { throw Failure(.bug, "no outputs") }
    var run = RatesInMemory(inputs: lent, events: events)
    run.labels = labels.map { UnsafeBufferPointer(start: $0, count: events) }
    run.weights = weights.map { UnsafeBufferPointer(start: $0, count: events) }
    run.reference = reference.map { UnsafeBufferPointer(start: $0, count: events) }
    run.options = counted
    if !files.isEmpty { run.files = files }
    (run.first, run.total, run.version) = (first, total ?? first + events, Version.full)
    return try run.run(emulator, model.compilation).json
  }
}

/// See include/triggerfish.h.
@c(tf_join_rates) public func joinRates(
  _ parts: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int, _ options: UnsafePointer<CChar>?,
  _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  giving(json, message) { () throws(Failure) in
    var reader = try OptionReader(options)
    let isComplete = reader.flag("complete")
    let expected = reader.count("expect-events", least: 0)
    try reader.finish()
    return try RateResult.sum(results(parts, count), complete: isComplete, expectedEvents: expected).json
  }
}

/// See include/triggerfish.h.
@c(tf_show_rates) public func showRates(
  _ parts: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int, _ options: UnsafePointer<CChar>?,
  _ text: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  giving(text, message) { () throws(Failure) in
    var reader = try OptionReader(options)
    let form = reader.parsed("form", "table, csv or json") {
      ["table", "csv", "json"].contains($0) ? $0 : nil
    }
    var targets = RateTargets()
    targets.rates = reader.parsedList("rate", "a rate with its unit, as 100kHz", RateTargets.frequency)
    targets.efficiencies = reader.parsedList("efficiency", "a share, as 80% or 0.8", RateTargets.share)
    try reader.finish()
    var found: [(file: String, result: RateResult)] = []
    for (name, result) in try results(parts, count) { found.append((name, try result.with(targets))) }
    let comparison = try RateComparison(found)
    switch form {
    case "csv": return comparison.csv
    case "json": return found.first?.result.json ?? ""
    default: return comparison.text()
    }
  }
}

/// See include/triggerfish.h.
@c(tf_join) public func join(
  _ options: UnsafePointer<CChar>?, _ events: UnsafeMutablePointer<Int>?,
  _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  reporting(to: message) { () throws(Failure) in
    var reader = try OptionReader(options)
    var join = Join(reader.list("part"))
    join.outputs = reader.list("output")
    join.result = reader.text("record")
    join.expectedEvents = reader.count("expect-events", least: 0)
    try reader.finish()
    switch try join.run() {
    case .rates(let result): events?.pointee = result.provenance.events
    case .outputs(let count): events?.pointee = count
    }
  }
}

/// See include/triggerfish.h.
@c(tf_add_digest) public func addDigest(
  _ values: UnsafeRawPointer?, _ count: Int, _ numbers: Int32, _ position: Int
) -> UInt64 {
  var digest = EventDigest()
  switch numberType(numbers) {
  case .float32:
    digest.add(floats: UnsafeRawBufferPointer(start: values, count: 4 * count), from: position)
  case .float64:
    digest.add(doubles: UnsafeRawBufferPointer(start: values, count: 8 * count), from: position)
  default: digest.add(words: UnsafeRawBufferPointer(start: values, count: 8 * count), from: position)
  }
  return digest.value
}

private func results(
  _ parts: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int
) throws(Failure) -> [(file: String, result: RateResult)] {
  guard let parts, count > 0 else { throw Failure(.usage, "there are no rates") }
  var found: [(file: String, result: RateResult)] = []
  for index in 0..<count {
    guard let text = parts[index], let result = RateResult(json: String(cString: text)) else {
      throw Failure(
        .badInput, file: "part \(index)", "is not rates of this version of Triggerfish, or it is damaged")
    }
    found.append(("part \(index)", result))
  }
  return found
}
