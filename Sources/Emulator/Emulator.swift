import CKernels
import Diagnostics
import Dispatch
import FixedPoint
import Foundation
import Program

/// A program compiled to a plan and run on batches of events, equal to `Program.evaluate` on every bit.
///
/// An emulator holds no state: one may be used from many threads at once, and there may be many.
public struct Emulator: Sendable {
  /// What it runs.
  public let program: Program
  /// The values it returns, in order.
  public let results: [ValueID]
  /// How it runs.
  public let options: EmulatorOptions
  /// The vector instructions it uses.
  public let instructionSet: InstructionSet
  let plan: Plan
  let kernels: tf_kernels

  /// Compiles a program.
  ///
  /// - Parameters:
  ///   - results: the values to return: the program's outputs unless told otherwise. For a trace, the layers'
  ///     results. Only what these need is computed.
  /// - Throws: where the program is not well formed, or this machine lacks the instruction set asked for.
  public init(_ program: Program, results: [ValueID]? = nil, options: EmulatorOptions = EmulatorOptions())
    throws(Failure)
  {
    let errors = program.verify()
    if !errors.isEmpty { throw Failure(.bug, errors.map { Diagnostic(file: program.name, $0.description) }) }
    let set = options.instructionSet ?? .best
    guard let kernels = set.kernels else {
      throw Failure(.unavailable, "this machine has no \(set.rawValue) instructions")
    }
    self.program = program
    self.results = results ?? program.outputs
    self.options = options
    self.kernels = kernels.pointee
    instructionSet = set
    plan = Plan(program, results: self.results, options: options)
  }

  /// What is done to a tile of events, step by step, for people who ask why a model runs as fast as it does.
  public var steps: [String] { plan.summary }

  /// The dense layers that take the place of the first steps for float32 inputs; nil where there are none.
  public var denseLayers: String? { plan.dense?.description }

  /// Runs events.
  ///
  /// - Parameter inputs: by program input, shape [events, …input shape].
  /// - Returns: by result, the values, shape [events, …result shape].
  public func values(_ inputs: [EventData]) throws(Failure) -> [[Double]] {
    try run(inputs, .float64, zero: 0.0).results
  }

  /// Runs events, and returns the results as raw words.
  ///
  /// - Throws: where a result's words are wider than 64 bits, besides wrong inputs.
  public func words(_ inputs: [EventData]) throws(Failure) -> [[Int64]] {
    for id in results where program[id].type.format.width > (program[id].type.format.isSigned ? 64 : 63) {
      throw Failure(
        .badInput, place: program[id].name,
        "has words of \(program[id].type.format.width) bits, which 64-bit integers cannot hold")
    }
    return try run(inputs, .raw, zero: Int64(0)).results
  }

  /// Runs events, and counts the words whose conversion overflowed.
  ///
  /// - Returns: one count per instruction where conversions can overflow and did. Needs
  ///   `EmulatorOptions.countsOverflows`.
  public func overflows(_ inputs: [EventData]) throws(Failure) -> [OverflowCount] {
    let counts = try run(inputs, .raw, zero: Int64(0)).counters
    // By value: those of all steps of a scan together.
    return stride(from: 0, to: counts.count, by: 2).compactMap { at in
      guard counts[at] != 0 || counts[at + 1] != 0 else { return nil }
      return OverflowCount(value: ValueID(at / 2), products: Int(counts[at]), words: Int(counts[at + 1]))
    }
  }

  /// Runs events, and returns the results as raw words of any width.
  public func wideWords(_ inputs: [EventData]) throws(Failure) -> [[Raw]] {
    try run(inputs, .wide, zero: Raw(0)).results
  }

  /// Runs events from lent memory into lent memory, without arrays in between.
  ///
  /// - Parameters:
  ///   - inputs: by program input, shape [events, …input shape].
  ///   - outputs: by result, with room for all events.
  /// - Throws: where inputs are not whole events, or a result's room is too small.
  public func run(_ inputs: [BorrowedEvents], into outputs: [ResultBuffer]) throws(Failure) {
    let events = try eventCount(inputs.map(\.count))
    guard outputs.count == results.count else {
      throw Failure(.bug, "room for \(outputs.count) results where \(results.count) are computed")
    }
    for (id, output) in zip(results, outputs) where output.count < events * program[id].type.count {
      throw Failure(
        .bug, place: program[id].name, "room for \(output.count) numbers is not enough for \(events) events")
    }
    _ = run(inputs, events: events, into: outputs)
  }

  private func run<Number: BitwiseCopyable>(
    _ inputs: [EventData], _ element: BorrowedEvents.Element, zero: Number
  ) throws(Failure) -> (results: [[Number]], counters: [Int64]) {
    let events = try eventCount(inputs.map(\.count))
    var outputs = results.map { [Number](repeating: zero, count: events * program[$0].type.count) }
    var counters: [Int64] = []
    Self.lend(inputs[...], to: []) { borrowed in
      Self.lend(&outputs, element, from: 0, to: []) { buffers in
        counters = run(borrowed, events: events, into: buffers)
      }
    }
    return (outputs, counters)
  }

  static func lend(
    _ inputs: ArraySlice<EventData>, to borrowed: [BorrowedEvents], _ body: ([BorrowedEvents]) -> Void
  ) {
    guard let first = inputs.first else { return body(borrowed) }
    first.withBorrowed { lend(inputs.dropFirst(), to: borrowed + [$0], body) }
  }

  static func lend<Number: BitwiseCopyable>(
    _ outputs: inout [[Number]], _ element: BorrowedEvents.Element, from index: Int,
    to buffers: [ResultBuffer],
    _ body: ([ResultBuffer]) -> Void
  ) {
    if index == outputs.count { return body(buffers) }
    // The array leaves `outputs` while it is lent, so that lending the next one is no overlapping access.
    var array: [Number] = []
    swap(&array, &outputs[index])
    array.withUnsafeMutableBytes { bytes in
      var more = buffers
      if let buffer = ResultBuffer(bytes, element) { more.append(buffer) }
      lend(&outputs, element, from: index + 1, to: more, body)
    }
    swap(&array, &outputs[index])
  }

  /// The number of events that inputs of `counts` numbers hold.
  func eventCount(_ counts: [Int]) throws(Failure) -> Int {
    guard counts.count == program.inputs.count else {
      throw Failure(.badInput, "\(counts.count) inputs where the model has \(program.inputs.count)")
    }
    var events: Int?
    for (id, count) in zip(program.inputs, counts) {
      let type = program[id].type
      guard count % type.count == 0 else {
        throw Failure(
          .badInput, place: program[id].name, "\(count) numbers are not whole events of shape \(type.shape)")
      }
      if let events, events != count / type.count {
        throw Failure(
          .badInput, place: program[id].name, "\(count / type.count) events where another input has \(events)"
        )
      }
      events = count / type.count
    }
    return events ?? 0
  }

  /// Events per tile: the arena stays within a core's cache, and a tile is not mostly padding.
  func tileEvents(_ events: Int) -> Int {
    let fitting = 384 << 10 / max(1, plan.arenaLanes * TileLayout.lane + plan.scratchPerEvent)
    // Every step starts and ends anew with every tile.
    let block = Int(TF_BLOCK)
    return block * max(1, min(32, fitting / block, (events + block - 1) / block))
  }

  /// Runs events from lent memory into lent memory, on `options.threads` threads.
  ///
  /// - Returns: the overflow counters, if they are counted.
  func run(_ inputs: [BorrowedEvents], events: Int, into outputs: [ResultBuffer]) -> [Int64] {
    let size = tileEvents(events)
    let tiles = (events + size - 1) / size
    let workers = min(options.threads, tiles)
    // Threads take a few tiles at a time, so that a slow core does not hold up the others.
    let share = max(1, min(4, tiles / (8 * max(1, workers))))
    let queue = TileQueue(tiles: tiles)
    let job = Job(inputs: inputs, outputs: outputs, events: events)
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      let workspace = Workspace(plan, kernels: kernels, events: size)
      while let range = queue.take(share) {
        for tile in range {
          let start = tile * size
          let valid = min(size, events - start)
          let next = job.largestInput(start + size, min(start + 2 * size, events))
          workspace.run(job, start: start, valid: valid, next: next)
          workspace.write(job, start: start, valid: valid)
        }
      }
      queue.add(workspace.counts)
    }
    return queue.counters
  }
}

/// How often an instruction's conversions overflowed: wrapped or saturated, as its formats say.
public struct OverflowCount: Hashable, Sendable {
  /// The instruction.
  public var value: ValueID
  /// Converted products (of affine operations and contractions) and converted terms (of reductions).
  public var products: Int
  /// Partial sums, or the words of a conversion.
  public var words: Int
}

/// What the threads of a run share.
struct Job: Sendable {
  var inputs: [BorrowedEvents]
  var outputs: [ResultBuffer]
  var events: Int

  /// Whether the numbers are of the type, and where, a plan's dense layers need them.
  func takesDense(_ plan: Plan) -> Bool {
    guard let dense = plan.dense else { return false }
    let numbers = inputs[dense.input]
    return numbers.element == .float32
      && Int(bitPattern: numbers.bytes.baseAddress) % MemoryLayout<Float>.alignment == 0
  }

  /// Where the largest of the results of some events goes; nil where there are none. Asked for with every tile.
  func largestRoom(_ start: Int, _ count: Int, _ plan: Plan) -> UnsafeRawBufferPointer? {
    var largest: (base: UnsafeMutableRawPointer, size: Int)?
    for index in outputs.indices {
      let size = outputs[index].element.bytes * plan.results[index].rows.count
      if size > largest?.size ?? 0 { largest = (outputs[index].base, size) }
    }
    return largest.map { UnsafeRawBufferPointer(start: $0.base + start * $0.size, count: count * $0.size) }
  }

  /// Where the largest input of some events is; nil for none.
  func largestInput(_ start: Int, _ end: Int) -> UnsafeRawBufferPointer? {
    guard start < end, let input = inputs.max(by: { $0.bytes.count < $1.bytes.count }) else { return nil }
    let each = input.bytes.count / events
    return UnsafeRawBufferPointer(rebasing: input.bytes[start * each..<end * each])
  }
}

/// Hands out tiles, and collects what threads counted.
private final class TileQueue: @unchecked Sendable {
  private let lock = NSLock()
  private let tiles: Int
  private var next = 0
  private(set) var counters: [Int64] = []

  init(tiles: Int) { self.tiles = tiles }

  func take(_ count: Int) -> Range<Int>? {
    lock.lock()
    defer { lock.unlock() }
    guard next < tiles else { return nil }
    let range = next..<min(tiles, next + count)
    next = range.upperBound
    return range
  }

  func add(_ counts: [Int64]) {
    lock.lock()
    defer { lock.unlock() }
    counters = counters.isEmpty ? counts : zip(counters, counts).map { $0 + $1 }
  }
}
