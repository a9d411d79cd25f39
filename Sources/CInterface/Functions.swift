import Diagnostics
import Emulator
import Foundation
import Triggerfish
import Version

// The functions of include/triggerfish.h, which documents them. Unsafe, as C's pointers are: everything else of
// Triggerfish is reached through `LoadedModel`.

/// See include/triggerfish.h.
@c(tf_version) public func version() -> UnsafePointer<CChar>? { UnsafePointer(versionText) }

/// See include/triggerfish.h.
@c(tf_commit) public func commit() -> UnsafePointer<CChar>? { UnsafePointer(commitText) }

// Made once and never freed: every caller gets the same text.
private nonisolated(unsafe) let versionText = strdup(Version.number)
private nonisolated(unsafe) let commitText = strdup(Version.commit)

/// See include/triggerfish.h.
@c(tf_load) public func load(
  _ path: UnsafePointer<CChar>?, _ weights: UnsafePointer<CChar>?, _ config: UnsafePointer<CChar>?,
  _ numerics: UnsafePointer<CChar>?, _ wordLength: Int32,
  _ calibrate: UnsafePointer<UnsafePointer<CChar>?>?, _ calibrateCount: Int, _ threads: Int32,
  _ model: UnsafeMutablePointer<OpaquePointer?>?,
  _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  model?.pointee = nil
  return reporting(to: message) { () throws(Failure) in
    guard let path, let model else { throw Failure(.usage, "tf_load needs a path and a place for the model") }
    var source = Source(model: String(cString: path))
    source.weights = weights.map { String(cString: $0) }
    source.configuration = config.map { String(cString: $0) }
    if let numerics {
      let name = String(cString: numerics)
      guard let known = Numerics(rawValue: name) else {
        throw Failure(
          .usage, "unknown numerics \"\(name)\"",
          hint: "one of \(Numerics.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      source.numerics = known
    }
    if wordLength != 0 {
      guard (2...64).contains(wordLength) else {
        throw Failure(.usage, "the word length must be from 2 to 64")
      }
      source.wordLength = Int(wordLength)
    }
    for index in 0..<(calibrate == nil ? 0 : calibrateCount) {
      if let file = calibrate?[index] { source.calibration.append(String(cString: file)) }
    }
    guard threads >= 0 else {
      throw Failure(.usage, "the number of threads must be at least 1, or 0 for all cores")
    }
    model.pointee = OpaquePointer(
      Unmanaged.passRetained(try LoadedModel(source, threads: Int(threads))).toOpaque())
  }
}

/// See include/triggerfish.h.
@c(tf_free) public func free(_ model: OpaquePointer?) {
  if let model { Unmanaged<LoadedModel>.fromOpaque(UnsafeRawPointer(model)).release() }
}

/// See include/triggerfish.h.
@c(tf_free_message) public func free(message: UnsafeMutablePointer<CChar>?) { Foundation.free(message) }

/// See include/triggerfish.h.
@c(tf_notes) public func notes(_ model: OpaquePointer?) -> UnsafePointer<CChar>? {
  held(model)?.notes.map { UnsafePointer($0) }
}

/// See include/triggerfish.h.
@c(tf_count) public func count(_ model: OpaquePointer?, _ kind: Int32) -> Int {
  guard let tensors = held(model)?.tensors, tensors.indices.contains(Int(kind)) else { return 0 }
  return tensors[Int(kind)].count
}

/// See include/triggerfish.h.
@c(tf_name) public func name(_ model: OpaquePointer?, _ kind: Int32, _ index: Int) -> UnsafePointer<CChar>? {
  tensor(model, kind, index)?.name.map { UnsafePointer($0) }
}

/// See include/triggerfish.h.
@c(tf_format) public func format(_ model: OpaquePointer?, _ kind: Int32, _ index: Int) -> UnsafePointer<
  CChar
>? {
  tensor(model, kind, index)?.format.map { UnsafePointer($0) }
}

/// See include/triggerfish.h.
@c(tf_rank) public func rank(_ model: OpaquePointer?, _ kind: Int32, _ index: Int) -> Int {
  tensor(model, kind, index)?.shape.count ?? 0
}

/// See include/triggerfish.h.
@c(tf_dimension) public func dimension(_ model: OpaquePointer?, _ kind: Int32, _ index: Int, _ axis: Int)
  -> Int
{
  guard let shape = tensor(model, kind, index)?.shape, shape.indices.contains(axis) else { return 0 }
  return shape[axis]
}

/// See include/triggerfish.h.
@c(tf_run) public func run(
  _ model: OpaquePointer?, _ events: Int, _ inputs: UnsafePointer<UnsafeRawPointer?>?, _ inputNumbers: Int32,
  _ kind: Int32, _ results: UnsafePointer<UnsafeMutableRawPointer?>?, _ resultNumbers: Int32,
  _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  reporting(to: message) { () throws(Failure) in
    guard let model = held(model), let emulator = try model.emulator(of: Int(kind)) else {
      throw Failure(.usage, "tf_run needs a model, and TF_OUTPUTS or TF_LAYERS")
    }
    guard let inputs, let results, events >= 0 else {
      throw Failure(.usage, "tf_run needs inputs and results")
    }
    guard let element = numberType(inputNumbers), let found = numberType(resultNumbers), resultNumbers != 0
    else {
      throw Failure(.usage, "numbers are TF_FLOAT32, TF_FLOAT64 or TF_WORDS; results not TF_FLOAT32")
    }
    if events == 0 { return }
    // All sizes before any number is looked at: a count that no memory holds is a mistake of the caller's.
    for tensor in model.tensors[0] { _ = try size(events, tensor, element) }
    for tensor in model.tensors[Int(kind)] { _ = try size(events, tensor, found) }
    var lent: [BorrowedEvents] = []
    for (index, tensor) in model.tensors[0].enumerated() {
      let bytes = try size(events, tensor, element)
      guard let base = inputs[index] else { throw Failure(.usage, "input \(index) is missing") }
      let numbers = BorrowedEvents(UnsafeRawBufferPointer(start: base, count: bytes), element)
      guard numbers.isFinite || (model.takesMissing(index) && numbers.isFiniteOrMissing) else {
        throw Failure(
          .badInput, "input \(index) holds \(model.takesMissing(index) ? "" : "NaN or ")infinity",
          hint: "no fixed-point word is equal to it")
      }
      lent.append(numbers)
    }
    var room: [ResultBuffer] = []
    for (index, tensor) in model.tensors[Int(kind)].enumerated() {
      let bytes = try size(events, tensor, found)
      guard
        let buffer = ResultBuffer(UnsafeMutableRawBufferPointer(start: results[index], count: bytes), found)
      else { throw Failure(.usage, "there is no room for result \(index)") }
      room.append(buffer)
    }
    try emulator.run(lent, into: room)
  }
}

// MARK: Helpers

/// The bytes of a tensor of so many events.
///
/// - Throws: `usage` where they are more than a process can address (47 bits on x86-64 and AArch64).
func size(
  _ events: Int, _ tensor: LoadedModel.Tensor, _ element: BorrowedEvents.Element
) throws(Failure) -> Int {
  let bytes = Saturating.product([events] + tensor.shape + [element.bytes])
  guard bytes < 1 << 47 else {
    throw Failure(
      .usage, "\(events) events of \(tensor.shape) numbers are more than the memory of any process")
  }
  return bytes
}

func numberType(_ numbers: Int32) -> BorrowedEvents.Element? {
  [0: .float32, 1: .float64, 2: .raw][numbers]
}

func held(_ model: OpaquePointer?) -> LoadedModel? {
  model.map { Unmanaged<LoadedModel>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
}

private func tensor(_ model: OpaquePointer?, _ kind: Int32, _ index: Int) -> LoadedModel.Tensor? {
  guard let tensors = held(model)?.tensors, tensors.indices.contains(Int(kind)),
    tensors[Int(kind)].indices.contains(index)
  else { return nil }
  return tensors[Int(kind)][index]
}

/// Runs something, and turns its failure into a message for C and an exit code.
func reporting(
  to message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ body: () throws(Failure) -> Void
) -> Int32 {
  message?.pointee = nil
  do throws(Failure) {
    try body()
    return 0
  } catch {
    message?.pointee = strdup(error.description)
    return error.kind.rawValue
  }
}
