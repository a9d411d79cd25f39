// What Benchmarks/benchmark.py cannot time from outside: our side, in process, as JSON on standard output.
//
//     triggerfish-benchmark compile MODEL CONFIG
//     triggerfish-benchmark emulate MODEL CONFIG EVENTS [INSTRUCTION-SET]
//     triggerfish-benchmark rate MODEL CONFIG EVENTS [INSTRUCTION-SET]      # of `emulate`, the rate on one thread alone
//     triggerfish-benchmark profile MODEL CONFIG EVENTS… [INSTRUCTION-SET]   # nanoseconds per event of every step
//     triggerfish-benchmark formats [MODEL CONFIG EVENTS] [INSTRUCTION-SET]   # formats per element against per tensor
//     triggerfish-benchmark read MODEL      # from a file to a model in memory
//     triggerfish-benchmark scheduling      # how planning and searching grow with the network
//
// CONFIG is "-" for none: the exact policy.

import DataFiles
import Diagnostics
import Dispatch
import Emulator
import Foundation
import Frontends
import HLSBackend
import Program
import Reports
import Scheduling
import Triggerfish

/// Seconds of the fastest of several runs: the others were disturbed.
///
/// - Parameter clock: the wall's, or the processor's, which other processes do not move.
func fastest(of runs: Int, _ clock: clockid_t = CLOCK_MONOTONIC, _ body: () throws -> Void) rethrows -> Double
{
  func now() -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
  var best = Double.infinity
  for _ in 0..<runs {
    let start = now()
    try body()
    best = min(best, now() - start)
  }
  return best
}

/// A model lowered, scheduled and written as a project, as `triggerfish compile` does it: read from its files, and in
/// memory already, as hls4ml's is where it is timed.
func compileTimes(_ source: Source) throws -> [String: Any] {
  let folder = NSTemporaryDirectory() + "triggerfish-benchmark-\(ProcessInfo.processInfo.processIdentifier)"
  defer { try? FileManager.default.removeItem(atPath: folder) }
  func write(_ compilation: Compilation) throws {
    let design = try compilation.design(compilation.scheduleRequest())
    let report = Report(design, numerics: compilation.numerics.rawValue)
    try Project.write(design, report, name: compilation.projectName, to: folder, force: true)
  }
  let read = try Compilation(source)
  return [
    "project_s": try fastest(of: 20) { try write(try Compilation(source)) },
    "from_memory_s": try fastest(of: 20) {
      try write(try Compilation(read.model, read.configuration, source))
    },
  ]
}

/// Bytes that copying memory reads and writes in a second on one thread, from and to more than caches hold.
func copyRate() -> Double {
  let count = 1 << 25
  let from = [Float](repeating: 1, count: count)
  var to = [Float](repeating: 0, count: count)
  let seconds = fastest(of: 10, CLOCK_PROCESS_CPUTIME_ID) {
    to.withUnsafeMutableBytes { to in from.withUnsafeBytes { to.copyMemory(from: $0) } }
  }
  return Double(2 * count * MemoryLayout<Float>.size) / seconds
}

/// Events per second on one thread and, unless `isBrief`, on all, and what the machine could do at most.
func emulationRates(_ source: Source, events path: String, _ set: InstructionSet?, isBrief: Bool) throws
  -> [String: Any]
{
  let program = try Compilation(source).program
  let sample = try EventReader(path).readAll()
  let one = try Emulator(program, options: EmulatorOptions(instructionSet: set, threads: 1))
  let values = sample.reals.map { Float($0) }
  func inputs(_ copies: Int) -> [EventData] {
    [.float32(Array(repeatElement(values, count: copies).joined()))]
  }
  // Runs of about 50 ms: long enough to measure, short enough that one of them is not disturbed.
  let pilot = try fastest(of: 3) { _ = try one.values(inputs(1)) }
  let copies = max(1, min(Int(0.05 / pilot), 40_000_000 / values.count))
  let events = sample.events * copies
  let many = inputs(copies)
  func rate(_ emulator: Emulator, runs: Int = 30) throws -> Double {
    var room = emulator.results.map { [Float](repeating: 0, count: events * program[$0].type.count) }
    // Models of the benchmark have one input and one output.
    return try Double(events)
      / fastest(of: runs, emulator.options.threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC) {
        try many[0].withBorrowed { input in
          try room[0].withUnsafeMutableBytes { bytes in
            try emulator.run([input], into: [ResultBuffer(bytes, .float32)].compactMap { $0 })
          }
        }
      }
  }
  var results: [String: Any] = ["events": events, "instruction_set": one.instructionSet.rawValue]
  if isBrief {
    results["events_per_s_1"] = try rate(one)
    return results
  }
  results["bytes_per_event"] =
    (values.count / sample.events + one.results.map { program[$0].type.count }.reduce(0, +))
    * MemoryLayout<Float>.size
  results["copy_bytes_per_s"] = copyRate()
  results["steps"] = try profile(source, events: [path], set)["steps"]
  results["multiplications"] = program.multiplications
  for threads in Set([1, ProcessInfo.processInfo.activeProcessorCount]) {
    let options = EmulatorOptions(instructionSet: set, threads: threads)
    results["events_per_s_\(threads)"] = try rate(Emulator(program, options: options))
  }
  results["general_path_events_per_s"] = try rate(
    Emulator(program, options: EmulatorOptions(path: .general, instructionSet: set, threads: 1)), runs: 2)
  for product in InstructionSet.Product.allCases {
    var products = 0
    let seconds = fastest(of: 300, CLOCK_PROCESS_CPUTIME_ID) {
      products = one.instructionSet.measurePeak(product, rounds: 1 << 15)
    }
    results["peak_\(product.rawValue)_per_s"] = Double(products) / seconds
  }
  // Whether all cores are free and cores of their own: what all threads do at once to what one does.
  let threads = ProcessInfo.processInfo.activeProcessorCount
  func together(_ count: Int) -> Double {
    fastest(of: 100) {
      DispatchQueue.concurrentPerform(iterations: count) { _ in
        _ = one.instructionSet.measurePeak(.bytes, rounds: 1 << 17)
      }
    }
  }
  results["peak_scaling"] = Double(threads) * together(1) / together(threads)
  return results
}

/// How long every step of the emulator takes.
///
/// - Parameter paths: events, by model input.
func profile(_ source: Source, events paths: [String], _ set: InstructionSet?) throws -> [String: Any] {
  let program = try Compilation(source).program
  let samples = try paths.map { try EventReader($0).readAll() }
  let emulator = try Emulator(program, options: EmulatorOptions(instructionSet: set, threads: 1))
  // Few events are repeated: a tile that is not full takes as long.
  let copies = max(1, 2048 / max(1, samples[0].events))
  let times = try emulator.profile(
    samples.map { sample in
      .float32(Array(repeatElement(sample.reals.map { Float($0) }, count: copies).joined()))
    })
  return [
    "instruction_set": emulator.instructionSet.rawValue,
    "steps": times.map { String(format: "%8.2f ns  %@", $0.nanoseconds, $0.step) },
    "total_ns": times.map(\.nanoseconds).reduce(0, +),
  ]
}

extension Program {
  /// The multiplications by weights that an event takes, zero weights included.
  var multiplications: Int {
    instructions.map { instruction in
      guard case .affine = instruction.operation else { return 0 }
      let weights = self[instruction.operands[1]].type.shape
      return instruction.type.count * weights[weights.count - 2]
    }.reduce(0, +)
  }
}

let arguments = CommandLine.arguments.dropFirst()
if arguments.first == "scheduling" {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  print(String(decoding: try encoder.encode(SchedulingBenchmark.rows()), as: UTF8.self))
  exit(0)
}
if arguments.first == "read", let path = arguments.dropFirst().first {
  let seconds = try fastest(of: 10, CLOCK_PROCESS_CPUTIME_ID) { _ = try loadModel(path: path) }
  print("{\"read_s\": \(seconds)}")
  exit(0)
}
if arguments.first == "formats", arguments.count <= 2 {
  let results = try FormatNetworks.rates(arguments.dropFirst().first.flatMap(InstructionSet.init))
  let json = try JSONSerialization.data(withJSONObject: results, options: [.sortedKeys, .prettyPrinted])
  print(String(decoding: json, as: UTF8.self))
  exit(0)
}
guard arguments.count >= 3, let mode = arguments.first, mode == "compile" || arguments.count >= 4 else {
  print(
    "usage: triggerfish-benchmark compile MODEL CONFIG | emulate|rate MODEL CONFIG EVENTS [INSTRUCTION-SET] | "
      + "profile MODEL CONFIG EVENTS… [INSTRUCTION-SET] | formats [MODEL CONFIG EVENTS] [INSTRUCTION-SET] | read MODEL | scheduling"
  )
  exit(64)
}
let words = Array(arguments)
var source = Source(model: words[1])
source.configuration = words[2] == "-" ? nil : words[2]
let set = words.last.flatMap(InstructionSet.init)
let files = Array(words.dropFirst(3).dropLast(set == nil ? 0 : 1))
do {
  let results =
    switch mode {
    case "compile": try compileTimes(source)
    case "profile": try profile(source, events: files, set)
    case "formats": try formatRates(source, events: files[0], set)
    default: try emulationRates(source, events: files[0], set, isBrief: mode == "rate")
    }
  let json = try JSONSerialization.data(withJSONObject: results, options: [.sortedKeys, .prettyPrinted])
  print(String(decoding: json, as: UTF8.self))
} catch {
  FileHandle.standardError.write(Data("\(error)\n".utf8))
  exit((error as? Failure)?.kind.rawValue ?? 1)
}
