import Configuration
import Diagnostics
import GoldenSupport
import Lowering

// Lists every golden case of both parts with pass, fail, or why it is not supported yet:
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
for name in ReferenceCase.names where arguments.isEmpty || arguments.contains(where: { name.contains($0) }) {
  for (policy, verdict, details) in checkReference(name, limit: limit) {
    counts[verdict, default: 0] += 1
    print("\(verdict.padded(to: 8))\(name) (\(policy))\(details.first.map { ": \($0)" } ?? "")")
    if isVerbose { for detail in details { print("        \(detail)") } }
  }
}
print("\(counts["pass"] ?? 0) pass, \(counts["FAIL"] ?? 0) fail, \(counts["not yet"] ?? 0) not yet supported")

/// A case of the second part under every policy it has a reference for.
func checkReference(_ name: String, limit: Int) -> [(policy: String, verdict: String, details: [String])] {
  var results: [(String, String, [String])] = []
  func check(_ policy: String, _ body: () throws(Failure) -> (passes: Bool, details: [String])) {
    do throws(Failure) {
      let (passes, details) = try body()
      results.append((policy, passes ? "pass" : "FAIL", details))
    } catch {
      results.append((policy, "not yet", error.diagnostics.map(\.message)))
    }
  }
  do throws(Failure) {
    let golden = try ReferenceCase(name)
    if !golden.exact.isEmpty {
      check("exact") { () throws(Failure) in
        // Which way a tree goes depends on words, and these events are numbers between them: nothing to compare here.
        guard golden.group != "trees" else {
          throw Failure(.badInput, "trees are held against their library on words by TreeGoldenTests")
        }
        let model = try golden.model()
        let lowered = try golden.lowerExactly(model)
        let report = try golden.compare(lowered.program, golden.exact, limit: limit)
        // Without quantizers the words are an approximation of 16 bits.
        let passes =
          model.isQuantized
          ? report.different <= golden.otherSide : report.largest <= 0.02 * max(1, report.magnitude)
        return (passes, [report.summary] + report.examples + lowered.warnings.map(\.message))
      }
    }
    for (configuration, file, sets) in golden.hls4ml {
      check("hls4ml \(configuration)") { () throws(Failure) in
        let lowered = try lowerAsHLS4ML(try golden.model(), try Configuration.load(file).configuration)
        let report = try golden.compare(lowered.program, sets, limit: limit)
        let types = golden.group == "hgq2" ? try golden.compareTypes(lowered.layers) : []
        return (report.unequal == 0 && types.isEmpty, types + [report.summary] + report.examples)
      }
    }
  } catch {
    results.append(("", "not yet", error.diagnostics.map(\.message)))
  }
  return results
}

extension String {
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
