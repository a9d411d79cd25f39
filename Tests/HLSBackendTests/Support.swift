import Diagnostics
import FixedPoint
import Foundation
import Program
import Scheduling

@testable import HLSBackend

/// The vendor's headers, nil where `make ap-types` has not run.
let apTypes: String? = {
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
  return try? APTypes.find(workingFolder: root)
}()

/// A plan that says nothing of time: one strategy and reuse factor for every sum, `factor` positions of every window
/// at once.
func design(
  _ program: Program, io: IOType = .parallel, strategy: Strategy = .latency, factor: Int? = nil,
  reuse: (Instruction) -> Int = { _ in 1 }
) -> Design {
  Design(
    program: program, target: Target(part: "xcvu13p-flga2577-2-e", clockPeriod: 5, clockUncertainty: 0.125),
    ioType: io,
    steps: program.instructions.map {
      Step(strategy: strategy, reuseFactor: reuse($0), parallelizationFactor: factor)
    }, latency: 1,
    interval: 1, resources: Resources())
}

/// The same program with its instructions dealt out to layers, three at a time, so that layers pass values on.
func layered(_ program: Program) -> Program {
  var copy = program
  for (index, instruction) in program.instructions.enumerated() where instruction.operation != .input {
    let layer = index / 3
    while copy.layers.count <= layer {
      copy.layers.append(ProgramLayer(name: "layer \(copy.layers.count)", className: "Body"))
    }
    copy.instructions[index].layer = layer
    copy.layers[layer].result = ValueID(index)
  }
  return copy
}

/// Many projects in one compilation: each in its own namespace, dispatched by number.
struct Batch: ~Copyable {
  private let folder: TemporaryFolder
  private let designs: [Design]

  init(_ designs: [Design], apTypes: String) throws {
    let folder = try TemporaryFolder()
    var source = """
      #include <stdint.h>
      #include <stdio.h>
      #include <stdlib.h>
      #include <string>
      #include <vector>
      #include "ap_fixed.h"
      #include "ap_int.h"
      #include "hls_stream.h"

      """
    for (number, design) in designs.enumerated() {
      let project = try HLSProject(design, name: "net\(number)")
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
    try CompiledProject.compile(folder.path, source: "all.cpp", includes: [], apTypes: apTypes, traces: true)
    self.designs = designs
    self.folder = folder
  }

  /// Runs one project on its events and compares every layer and output with the reference interpreter.
  borrowing func check(_ number: Int, _ events: [[[Raw]]]) throws -> Verification {
    let program = designs[number].program
    try folder.write(ProjectWriter.lines(events), to: "inputs.dat")
    let (status, output) = try runTool(
      "./bench", ["\(number)", "inputs.dat", "results.dat", "trace.dat"], in: folder.path)
    guard status == 0 else { throw Failure(.unavailable, "status \(status): \(output)") }
    let results = RawText.lines(try folder.read("results.dat"))
    let layers = RawText.layers(try folder.read("trace.dat"), events: events.count)
    var verification = Verification()
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
}
