import Backends
import Diagnostics
import FixedPoint
import Program
import Scheduling

@testable import HLSBackend

/// Many projects in one compilation: each in its own namespace, dispatched by number.
public struct Batch: ~Copyable {
  private let folder: TemporaryFolder
  private let designs: [Design]

  /// Compiles designs.
  ///
  /// - Parameters:
  ///   - traces: whether runs record every layer.
  ///   - compiler: instead of g++.
  ///   - isSynthesis: whether the branches for Vitis HLS are compiled. The vendor's headers refuse the macro that
  ///     selects them, which is defined after they are included.
  ///   - headers: files, by name, that are found before the vendor's.
  ///   - change: what is done to the files of each project first.
  public init(
    _ designs: [Design], apTypes: String, traces: Bool = true, compiler: String? = nil,
    isSynthesis: Bool = false,
    headers: [String: String] = [:], change: (inout [String: String]) -> Void = { _ in }
  ) throws {
    let folder = try TemporaryFolder()
    for (name, text) in headers { try folder.write(text, to: "headers/\(name)") }
    var source = """
      #define AP_INT_MAX_W 4096
      #include <stdint.h>
      #include <stdio.h>
      #include <stdlib.h>
      #include <string>
      #include <vector>
      #include "ap_fixed.h"
      #include "ap_int.h"
      #include "hls_stream.h"

      """
    if isSynthesis { source += "#define __SYNTHESIS__ 1\n" }
    for (number, design) in designs.enumerated() {
      var project = try HLSProject(design, name: "net\(number)")
      change(&project.files)
      for (path, text) in project.files { try folder.write(text, to: "p\(number)/\(path)") }
      source += """
        #undef TF_KERNELS_H
        #undef TF_HOST_H
        #undef TF_TRACE_H
        #undef TF_RECORD
        #define main test_main
        namespace n\(number) {
        #include "p\(number)/all.h"
        }
        #undef main

        """
      // Includes are relative to the including file, so each project needs a file of its own.
      try folder.write(
        "#include \"net\(number)_test.cpp\"\n#include \"firmware/net\(number).cpp\"\n", to: "p\(number)/all.h"
      )
    }
    source += "int main(int argc, char **argv) {\n  switch (atoi(argv[1])) {\n"
    for number in designs.indices {
      source += "    case \(number): return n\(number)::test_main(argc - 1, argv + 1);\n"
    }
    try folder.write(source + "  }\n  return 3;\n}\n", to: "all.cpp")
    try CompiledProject.compile(
      folder.path, source: "all.cpp", includes: headers.isEmpty ? [] : ["headers"], apTypes: apTypes,
      traces: traces, with: compiler, takesCompiled: headers.isEmpty)
    self.designs = designs
    self.folder = folder
  }

  /// Runs one project on its events and compares every layer and output with the reference interpreter.
  public borrowing func check(_ number: Int, _ events: [[[Raw]]]) throws -> Verification {
    let program = designs[number].program
    let results = try run(number, events)
    let layers = RawText.layers(try folder.read("trace.dat"), events: events.count)
    var verification = Verification(HLS.executable)
    for (event, words) in events.enumerated() {
      let values = program.evaluate(words)
      for (layer, recorded) in layers.sorted(by: { $0.key < $1.key }) {
        guard let result = program.layers[layer].result else { continue }
        verification.compare(
          event: event, name: program.layers[layer].name, expected: values[result.index],
          found: recorded[event])
      }
      verification.compare(
        event: event, name: "outputs", expected: program.outputs.flatMap { values[$0.index] },
        found: event < results.count ? results[event] : [])
    }
    return verification
  }

  /// Runs one project on its events: per event, the raw words of all outputs, one after the other.
  public borrowing func run(_ number: Int, _ events: [[[Raw]]]) throws -> [[Raw]] {
    try folder.write(ProjectWriter.lines(events), to: "inputs.dat")
    let (status, output) = try runTool(
      "./bench", ["\(number)", "inputs.dat", "results.dat", "trace.dat"], in: folder.path)
    guard status == 0 else { throw Failure(.unavailable, "status \(status): \(output)") }
    return RawText.lines(try folder.read("results.dat"))
  }
}
