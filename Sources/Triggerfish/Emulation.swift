import DataFiles
import Diagnostics
import Emulator
import FixedPoint
import Foundation
import Lowering
import Program
import Reports

/// A program run on files of events, a chunk at a time, so that files may be larger than memory.
public struct Emulation {
  let program: Program
  private let readers: [EventReader]
  private let options: EmulatorOptions
  /// The events that are run, of those in the files.
  let range: Range<Int>
  /// The number of events in the files.
  let total: Int
  /// The number of events that are run.
  public var events: Int { range.count }

  /// Opens the input files and checks their shapes; see `EventReader.open`.
  ///
  /// - Parameters:
  ///   - mapping: which columns of the one file are the inputs; nil: a file per input.
  ///   - part: which events are run; nil: all.
  /// - Throws: every file that is missing, damaged, or of the wrong shape; `usage` for events the files do not have.
  public init(
    _ program: Program, inputs: [String], mapping: EventMapping? = nil, part: EventRange? = nil,
    threads: Int? = nil,
    instructionSet: InstructionSet? = nil
  ) throws(Failure) {
    let shapes = program.inputs.map { (name: program[$0].name, shape: program[$0].type.shape) }
    if let mapping {
      guard inputs.count == 1 else {
        throw Failure(.usage, "a mapping takes the inputs from one file, \(inputs.count) are named")
      }
      readers = try EventReader.open(inputs[0], mapping, for: shapes)
    } else {
      readers = try EventReader.open(inputs, for: shapes)
    }
    let total = readers[0].events
    self.total = total
    range = try part?.resolved(of: total, file: inputs[0]) ?? 0..<total
    self.program = program
    var options = EmulatorOptions()
    if let threads { options.threads = threads }
    options.instructionSet = instructionSet
    self.options = options
  }

  /// Writes the model's outputs, one file each, and every layer's result by layer name to one archive. The
  /// files appear at the end, whole, or not at all.
  ///
  /// - Parameters:
  ///   - paths: one per output, in the model's order; none at all if only the trace is wanted.
  ///   - trace: the archive (.npz), if it is wanted. In its folder the results lie in files until the end, once more than
  ///     in the archive.
  ///   - raw: whether words are written, not values.
  ///   - record: what says which part of the events the outputs are of, if it is wanted.
  ///   - progress: called now and then with the number of events done.
  /// - Throws: `usage`, `cannotCreate`, `inputOutput`; `badInput` for numbers that are not finite.
  public func write(
    outputs paths: [String], trace: String? = nil, raw: Bool, record: RecordRequest? = nil,
    progress: (Int) -> Void = { _ in }
  ) throws(Failure) {
    guard paths.count == program.outputs.count || (paths.isEmpty && trace != nil) else {
      throw Failure(
        .usage, "\(paths.count) output files for \(program.outputs.count) model outputs",
        hint: "repeat --output once per output, in the model's order")
    }
    var layers: [(name: String, result: ValueID)] = []
    if trace != nil {
      layers = program.layers.compactMap { layer in layer.result.map { (layer.name, $0) } }
    }
    let outputs = paths.isEmpty ? [] : program.outputs
    var record = try record.map { record throws(Failure) in try self.record(record, paths, raw: raw) }
    let emulator = try Emulator(program, results: outputs + layers.map(\.result), options: options)
    var writers: [EventWriter] = []
    for (path, id) in zip(paths, outputs) {
      writers.append(try EventWriter(path, shape: [events] + program[id].type.shape, words: raw))
    }
    var archive: ArchiveWriter?
    if let trace {
      archive = try ArchiveWriter(
        trace, arrays: layers.map { ($0.name, [events] + program[$0.result].type.shape, raw) })
    }
    for chunk in chunks(emulator) {
      let arrays = try results(emulator, chunk, raw: raw)
      for (writer, array) in zip(writers, arrays) { try writer.append(array) }
      try archive?.append(Array(arrays.dropFirst(writers.count)))
      if var noted = record {
        try add(chunk, to: &noted.inputs)
        for (index, array) in arrays.prefix(writers.count).enumerated() {
          noted.outputs[index].add(array, from: chunk.lowerBound)
        }
        record = noted
      }
      progress(chunk.upperBound - range.lowerBound)
    }
    var files = try [archive?.complete()].compactMap { $0 }
    for writer in writers { if let file = try writer.complete() { files.append(file) } }
    // The last to appear: where it is, the outputs are.
    if let record, let file = try record.written() { files.append(file) }
    try commit(files)
  }

  /// Computes the model's outputs, a chunk of events at a time.
  ///
  /// - Parameter body: gets which events, and one array per output in the model's order: words, or values.
  func outputs(raw: Bool, _ body: (Range<Int>, [EventArray]) throws(Failure) -> Void) throws(Failure) {
    let emulator = try Emulator(program, options: options)
    for chunk in chunks(emulator) { try body(chunk, try results(emulator, chunk, raw: raw)) }
  }

  /// Counts the words whose conversion overflowed: one line per value that had any.
  public func overflows() throws(Failure) -> [String] {
    let counting = EmulatorOptions(
      instructionSet: options.instructionSet, threads: options.threads, countsOverflows: true)
    let emulator = try Emulator(program, options: counting)
    var totals: [ValueID: Int] = [:]
    for chunk in chunks(emulator) {
      let counts = try withInputs(chunk) { inputs throws(Failure) in try emulator.overflows(inputs) }
      for count in counts {
        totals[count.value, default: 0] += count.products + count.words
      }
    }
    return totals.sorted { $0.key < $1.key }.map { id, count in
      "\(program[id].name): \(count) conversions to \(program[id].type.format) overflowed"
    }
  }

  /// What the result of every layer was on the events.
  public func observedRanges() throws(Failure) -> [ValueID: TensorSpan] {
    let layers = Array(Set(program.layers.compactMap(\.result))).sorted()
    let emulator = try Emulator(program, results: layers, options: options)
    var spans: [ValueID: TensorSpan] = [:]
    for chunk in chunks(emulator) {
      let results = try withInputs(chunk) { inputs throws(Failure) in try emulator.values(inputs) }
      for (id, values) in zip(emulator.results, results) {
        guard let span = TensorSpan(values) else { continue }
        spans[id] = spans[id]?.union(span) ?? span
      }
    }
    return spans
  }

  /// What the inputs' formats do to the events: a note for every input whose words saturate, wrap, or become zero.
  ///
  /// - Parameters:
  ///   - origins: where the formats are from, in the program's order; nil for a compiled project.
  ///   - project: its folder.
  public func inputNotes(_ origins: [InputOrigin]?, project: String) throws(Failure) -> [String] {
    let compiled = InputOrigin.compiled(
      isExact: (try? loadReport(project))?.numerics == Numerics.exact.rawValue)
    var notes: [String] = []
    for (slot, id) in program.inputs.enumerated() {
      var fit = InputFit(program[id].name, program[id].type.format)
      let size = max(1, 4_000_000 / max(1, program[id].type.count))
      for start in stride(from: range.lowerBound, to: range.upperBound, by: size) {
        let chunk = start..<min(range.upperBound, start + size)
        if let lent = try readers[slot].lend(chunk) {
          defer { withExtendedLifetime(lent) {} }
          if lent.element == .float32, fit.add(lent.bytes, as: Float.self) { continue }
          if lent.element == .float64, fit.add(lent.bytes, as: Double.self) { continue }
        }
        try read(slot, chunk).reals.withUnsafeBufferPointer { fit.add($0) }
      }
      if let note = fit.note(origins?[slot] ?? compiled) { notes.append(note.described(as: "note")) }
    }
    return notes
  }

  /// The numbers of the first events of every input: as many as a note is based on.
  public func firstEvents() throws(Failure) -> [[Double]] {
    var inputs: [[Double]] = []
    for slot in readers.indices { inputs.append(try read(slot, first(Compilation.mostEvents)).reals) }
    return inputs
  }

  /// Some events of an input: with NaN where it stands for a missing number.
  private func read(_ slot: Int, _ chunk: Range<Int>) throws(Failure) -> EventArray {
    try readers[slot].read(chunk, allowingMissing: program.missing.contains(program.inputs[slot]))
  }

  private func first(_ count: Int) -> Range<Int> {
    range.lowerBound..<range.lowerBound + min(count, events)
  }

  /// The numbers of some events of every input.
  func inputs(_ chunk: Range<Int>) throws(Failure) -> [[Double]] {
    var inputs: [[Double]] = []
    for slot in readers.indices { inputs.append(try read(slot, chunk).reals) }
    return inputs
  }

  /// Adds some events to the digests of the inputs, in their order.
  func add(_ chunk: Range<Int>, to digests: inout [EventDigest]) throws(Failure) {
    for (slot, reader) in readers.enumerated() {
      let position = chunk.lowerBound * program[program.inputs[slot]].type.count
      if let lent = try reader.lend(chunk) {
        defer { withExtendedLifetime(lent) {} }
        switch lent.element {
        case .float32: digests[slot].add(floats: lent.bytes, from: position)
        case .float64: digests[slot].add(doubles: lent.bytes, from: position)
        }
      } else {
        digests[slot].add(.reals(try read(slot, chunk).reals), from: position)
      }
    }
  }

  /// The raw words of every input for the first `count` events, all if nil.
  public func inputWords(first count: Int? = nil) throws(Failure) -> [[Raw]] {
    var inputs: [[Raw]] = []
    for (slot, id) in program.inputs.enumerated() {
      let format = program[id].type.format
      switch try read(slot, first(count ?? events)).values {
      case .reals(let values): inputs.append(values.map { program.word($0, of: id) })
      case .words(let words): inputs.append(words.map { format.quantize(Raw($0), fractionBits: 0) })
      }
    }
    return inputs
  }

  private func results(
    _ emulator: Emulator, _ chunk: Range<Int>, raw: Bool
  ) throws(Failure) -> [EventArray] {
    let shapes = emulator.results.map { [chunk.count] + program[$0].type.shape }
    return try withInputs(chunk) { inputs throws(Failure) in
      raw
        ? zip(shapes, try emulator.words(inputs)).map { EventArray(shape: $0, words: $1) }
        : zip(shapes, try emulator.values(inputs)).map { EventArray(shape: $0, reals: $1) }
    }
  }

  /// Runs `body` on some events of every input, where they lie in the files if they can be lent.
  private func withInputs<Result>(
    _ chunk: Range<Int>, _ body: ([EventData]) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var inputs: [EventData] = []
    var lent: [LentEvents] = []
    for (slot, reader) in readers.enumerated() {
      if let events = try reader.lend(chunk) {
        lent.append(events)
        inputs.append(
          .borrowed(BorrowedEvents(events.bytes, events.element == .float32 ? .float32 : .float64)))
      } else {
        // Integers in a file are values too: the number 3 is 3, whatever the input's format.
        inputs.append(.float64(try read(slot, chunk).reals))
      }
    }
    defer { withExtendedLifetime(lent) {} }
    return try body(inputs)
  }

  /// Runs of events whose inputs and results together stay far below any machine's memory.
  private func chunks(_ emulator: Emulator) -> [Range<Int>] {
    let words = (program.inputs + emulator.results).map { program[$0].type.count }.reduce(0, +)
    let size = max(1, 4_000_000 / max(1, words))
    return stride(from: range.lowerBound, to: range.upperBound, by: size).map {
      $0..<min($0 + size, range.upperBound)
    }
  }
}
