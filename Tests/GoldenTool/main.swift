import Diagnostics
import GoldenSupport
import Lowering

// Lists every golden case with pass, fail, or why it is not supported yet:
// swift run -c release triggerfish-golden [--events N] [--verbose] [name …]

var arguments = Array(CommandLine.arguments.dropFirst())
var limit = Int.max
if let flag = arguments.firstIndex(of: "--events"), arguments.indices.contains(flag + 1) {
  limit = Int(arguments[flag + 1]) ?? .max
  arguments.removeSubrange(flag...flag + 1)
}
let isVerbose = arguments.contains("--verbose")
arguments.removeAll { $0 == "--verbose" }

if !GoldenCase.hasShared { print("no shared vectors: set TRIGGERFISH_SHARED or place them in ../shared") }
var counts = ["pass": 0, "FAIL": 0, "not yet": 0]
for name in GoldenCase.names where arguments.isEmpty || arguments.contains(where: { name.contains($0) }) {
  var verdict = "pass"
  var details: [String] = []
  do throws(Failure) {
    let golden = try GoldenCase(name)
    let model = try golden.model()
    let configuration = try golden.configuration()
    let lowered = try lowerAsHLS4ML(model, configuration) { pass, graph in
      if isVerbose { print("-- \(pass)\n\(graph())") }
    }
    if isVerbose { for warning in lowered.warnings { print(warning) } }
    let report = try golden.compare(lowered.program, limit: limit)
    details = try golden.compareTypes(lowered.layers) + report.differences
    if !details.isEmpty { verdict = "FAIL" }
  } catch {
    verdict = "not yet"
    details = error.diagnostics.map(\.message)
  }
  counts[verdict, default: 0] += 1
  print("\(verdict.padded(to: 8))\(name)\(details.first.map { ": \($0)" } ?? "")")
  if isVerbose { for detail in details { print("        \(detail)") } }
}
print("\(counts["pass"] ?? 0) pass, \(counts["FAIL"] ?? 0) fail, \(counts["not yet"] ?? 0) not yet supported")

extension String {
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
