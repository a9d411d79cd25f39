import Backends
import FixedPoint
import Foundation
import Program
import Scheduling
import TestSupport
import Testing

@testable import HLSBackend

/// The rules of the C++ that both Vitis HLS and Bambu accept, held against the text that is emitted.
@Suite struct DialectTests {
  /// Every rule, over the firmware of one project. Returns what breaks one.
  static func violations(_ project: HLSProject) -> [String] {
    var found: [String] = []
    for (path, text) in project.files.sorted(by: { $0.key < $1.key }) where path.hasPrefix("firmware/") {
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      var isForBambu = true
      for (number, line) in lines.enumerated() {
        func report(_ rule: String) { found.append("\(path):\(number + 1): \(rule): \(line)") }
        if line == "#ifndef __BAMBU__" { isForBambu = false }
        if line == "#endif" { isForBambu = true }
        let code =
          line.contains("//")
          ? String(line.prefix(upTo: line.range(of: "//")?.lowerBound ?? line.endIndex)) : line
        let words = code.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init)
        if words.contains(where: ["float", "double", "exp", "expf", "new", "malloc"].contains) {
          report("no floating point, no run-time tables, no heap")
        }
        if code.contains(".empty()") || code.contains(".range()") { report("not in Bambu's types") }
        if code.contains("(int)") || code.contains("to_double") {
          report("no conversion of fixed point to int")
        }
        if code.contains(".to_int()"), path != "firmware/tf_kernels.h" {
          report("indices are kernels' business")
        }
        if words.contains("UNROLL"), !code.contains("#define") { report("unroll through the macros only") }
        if code.contains("#pragma HLS INTERFACE") {
          if code.components(of: "port=") != 1 || !code.contains("mode=") { report("one port per INTERFACE") }
          // Streams are the ports whose mode Bambu must be told.
          let isStream =
            code.contains(/mode=ap_fifo port=\w+ depth=\d+$/)
            && lines.contains { $0.contains("hls::stream<") }
          if isForBambu && !isStream { report("Bambu's array ports have no such mode") }
        }
        if code.contains("#pragma HLS PIPELINE") {
          let ii = code.components(separatedBy: "II=").last.flatMap { Int($0.prefix { $0 != " " }) }
          if ii == nil { report("a literal II") }
          if isForBambu { report("Bambu pipelines array results wrongly") }
        }
        if words.contains("struct"), path.hasSuffix("_types.h") {
          report("tokens are integers, never structs")
        }
        if code.hasPrefix("static const"), !code.contains("= {") { report("constants are literals") }
        if path.hasSuffix("_layers.h"), code.contains(" % ") || code.contains(" / ") {
          report("a run-time division: count instead")
        }
        if line.hasPrefix("TF_LAYER void") {
          let pragma = lines.dropFirst(number + 2).first ?? ""
          if !pragma.hasPrefix("#pragma HLS INLINE"), !pragma.hasPrefix("#pragma HLS PIPELINE") {
            report("a layer's function is inlined, a pipeline, or a process")
          }
        }
        if code.hasPrefix("template"), path != "firmware/tf_kernels.h" { report("templates are kernels") }
        if code.contains("TF_UNROLL_NEXT"), !code.contains("#define"), number + 1 < lines.count,
          !lines[number + 1].contains("for (")
        {
          report("Bambu's unroll stands right before its loop")
        }
      }
      if path.hasSuffix("\(project.topName).cpp") {
        let body = text.components(separatedBy: "\(project.topName)(").last ?? ""
        let first = body.split(separator: "\n").dropFirst().first { !$0.hasPrefix("#ifndef") }
        if first?.hasPrefix("#pragma HLS PIPELINE II=") != true, first != "#pragma HLS DATAFLOW" {
          found.append("\(path): PIPELINE or DATAFLOW is not the first line of the top function")
        }
      }
    }
    return found + streams(project) + unusedKernels(project)
  }

  /// Tokens are `ap_uint` (Bambu makes a FIFO of 8 bits of a struct), streams of the test bench are locals (static
  /// ones fail in co-simulation at the second event), and every stream port holds an event (with less it hangs).
  private static func streams(_ project: HLSProject) -> [String] {
    let name = project.topName
    let bench = project.files["\(name)_test.cpp"] ?? ""
    var found: [String] = []
    if bench.contains("static hls::stream") { found.append("a static stream in the test bench") }
    let all = project.files.filter { $0.key.hasPrefix("firmware/\(name)") || $0.key.hasSuffix("_test.cpp") }
    let types = project.files["firmware/\(name)_types.h"] ?? ""
    let tokens = Set(all.values.flatMap { $0.matches(of: /hls::stream<(\w+)>/).map { String($0.1) } })
    let integers = Set(types.matches(of: /typedef ap_uint<\d+> (\w+);/).map { String($0.1) })
    for token in tokens.subtracting(integers).sorted() { found.append("\(token) is no ap_uint") }
    // What the test bench writes to or reads from a port in an event.
    let top = project.files["firmware/\(name).cpp"] ?? ""
    let depths = top.matches(of: /INTERFACE mode=ap_fifo port=\w+ depth=(\d+)/).map { String($0.1) }
    let counts = bench.matches(of: /for \(int t = 0; t < (\d+); t\+\+\)/).map { String($0.1) }
    if depths != counts { found.append("ports of depths \(depths) for \(counts) tokens") }
    return found
  }

  /// Kernels that nothing calls: a pragma in a template that is never instantiated is an error in Bambu.
  private static func unusedKernels(_ project: HLSProject) -> [String] {
    let kernels = project.files["firmware/tf_kernels.h"] ?? ""
    let users = project.files.filter { $0.key.hasPrefix("firmware/") }.values.joined()
    return kernels.split(separator: "\n").compactMap { line -> String? in
      guard line.hasPrefix("TF_INLINE"), let end = line.firstIndex(of: "(") else { return nil }
      let name = String(line[..<end].split(separator: " ").last ?? "")
      // Overloads of `word`, and pairs that come together, count as used with one of them.
      if ["word", "larger", "smaller", "signed_bits", "unsigned_bits"].contains(name) { return nil }
      return users.contains("\(name)<") ? nil : "kernel \(name) is not used"
    }
  }

  @Test func emittedTextKeepsTheRules() throws {
    for seed in UInt64(0)..<60 {
      let program = layered(RandomProgram.program(seed: seed))
      let strategy: Strategy = seed % 2 == 0 ? .latency : .resource
      let project = try HLSProject(design(program, strategy: strategy) { _ in 2 }, name: "net")
      #expect(Self.violations(project) == [], "seed \(seed)")
    }
  }

  @Test func streamsKeepTheRules() throws {
    for seed in UInt64(0)..<40 {
      let program = layered(RandomProgram.program(seed: seed))
      let strategy: Strategy = seed % 2 == 0 ? .latency : .resource
      let project = try HLSProject(design(program, io: .stream, strategy: strategy) { _ in 2 }, name: "net")
      #expect(Self.violations(project) == [], "seed \(seed)")
    }
  }

  /// Those of streams can fail: each is broken once.
  @Test(arguments: [
    ("net.cpp", "depth=", "depth=9"), ("net_types.h", "typedef ap_uint<", "typedef ap_int<"),
    ("net_types.h", "typedef ap_uint<", "struct token {};\ntypedef ap_uint<"),
    ("net_test.cpp", "  hls::stream<", "  static hls::stream<"), ("net_test.cpp", "t < ", "t < 9"),
  ]) func streamRulesCanFail(_ file: String, _ text: String, _ wrong: String) throws {
    let program = layered(RandomProgram.program(seed: 1))
    var project = try HLSProject(design(program, io: .stream), name: "net")
    #expect(Self.violations(project) == [])
    let path = file.hasSuffix("_test.cpp") ? file : "firmware/\(file)"
    let before = try #require(project.files[path])
    project.files[path] = before.replacingOccurrences(of: text, with: wrong)
    #expect(project.files[path] != before)
    #expect(!Self.violations(project).isEmpty)
  }

  /// The rules can fail: each is broken once.
  @Test(arguments: [
    "float x;", "#pragma HLS UNROLL", "#pragma HLS PIPELINE II=config::ii", "y = (int)x;",
    "#ifndef __BAMBU__\n#pragma HLS INTERFACE mode=ap_vld port=x,port=y\n#endif",
    "#pragma HLS INTERFACE mode=ap_fifo port=x", "a.range() = b.range();", "TF_UNROLL_NEXT\nx = 1;",
    "if ((p0 - 2) % 3 == 0) x = 1;", "TF_LAYER void fc(const x_t x[1], y_t y[1]) {\n  y[0] = x[0];\n}",
  ]) func rulesCanFail(_ text: String) throws {
    var project = try HLSProject(design(layered(RandomProgram.program(seed: 1))), name: "net")
    project.files["firmware/net_layers.h", default: ""] += text + "\n"
    #expect(!Self.violations(project).isEmpty)
  }

  @Test func sameDesignSameBytes() throws {
    let program = layered(RandomProgram.program(seed: 5))
    let (a, b) = (try HLSProject(design(program), name: "net"), try HLSProject(design(program), name: "net"))
    #expect(a.files == b.files)
  }
}

extension String {
  /// How often `text` occurs.
  fileprivate func components(of text: String) -> Int { components(separatedBy: text).count - 1 }
}
