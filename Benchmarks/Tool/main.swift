// What Benchmarks/benchmark.py cannot time from outside: our side, in process, as JSON on standard output.
//
//     triggerfish-benchmark MODEL CONFIG EVENTS

import DataFiles
import Emulator
import Foundation
import HLSBackend
import Reports
import Scheduling
import Triggerfish

/// Seconds of the fastest of several runs: the others were disturbed.
func fastest(of runs: Int, _ body: () throws -> Void) rethrows -> Double {
  var best = Double.infinity
  for _ in 0..<runs {
    let clock = ContinuousClock()
    let elapsed = try clock.measure { try body() }
    best = min(best, elapsed / .seconds(1))
  }
  return best
}

let arguments = CommandLine.arguments
guard arguments.count == 4 else {
  print("usage: triggerfish-benchmark MODEL CONFIG EVENTS")
  exit(64)
}
var source = Source(model: arguments[1])
source.configuration = arguments[2]
let folder = NSTemporaryDirectory() + "triggerfish-benchmark-\(ProcessInfo.processInfo.processIdentifier)"
defer { try? FileManager.default.removeItem(atPath: folder) }

let project = try fastest(of: 10) {
  let compilation = try Compilation(source)
  let design = try schedule(compilation.program, compilation.scheduleRequest)
  let report = Report(design, numerics: compilation.numerics.rawValue)
  try Project.write(design, report, name: compilation.projectName, to: folder, force: true)
}

let program = try Compilation(source).program
let sample = try EventReader(arguments[3]).readAll()
let perEvent = sample.count / sample.events
let copies = 200
let events = sample.events * copies
var inputs: [Float] = []
for _ in 0..<copies { inputs += sample.reals.map { Float($0) } }

var results: [String: Double] = ["project_s": project]
for threads in [1, ProcessInfo.processInfo.activeProcessorCount] {
  let emulator = try Emulator(program, options: EmulatorOptions(threads: threads))
  let seconds = try fastest(of: 3) { _ = try emulator.values([.float32(inputs)]) }
  results["events_per_s_\(threads)"] = Double(events) / seconds
}
let json = try JSONSerialization.data(withJSONObject: results, options: [.sortedKeys])
print(String(decoding: json, as: UTF8.self))
