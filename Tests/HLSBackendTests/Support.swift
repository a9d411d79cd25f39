import Backends
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
  // As scheduling does it (`ProgramPass.scheduled`).
  let program = program.unrolled().program
  return Design(
    program: program, target: Target(part: "xcvu13p-flga2577-2-e", clockPeriod: 5, clockUncertainty: 0.125),
    ioType: io,
    steps: program.instructions.map {
      Step(Step.Choice(strategy: strategy, reuseFactor: reuse($0), parallelizationFactor: factor))
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
