import Backends
import Circuit
import Diagnostics
import FixedPoint
import Program
import Scheduling

/// The backend `verilog`: the program as a circuit, unrolled but for loops over steps, with a new event in every cycle where there are
/// none; verified by simulating it with Verilator.
public enum Verilog: Backend {
  /// `verilog`.
  public static let name = "verilog"
  /// A Verilog project.
  public static let summary = "a Verilog project, every operation in gates of its own"
  /// What `verify` is doing.
  public static let building = "simulating the emitted Verilog"
  /// What gives the words.
  public static let executable = "the simulated Verilog"

  /// They do not: all is computed in gates of its own.
  public static let takesStrategies = false

  /// What it would not do: streams, and multipliers that are used several times.
  public static func objections(to design: Design) -> [Diagnostic] {
    if design.ioType == .stream {
      return [
        Diagnostic(
          "io_stream: the verilog backend takes a whole event with every clock",
          hint: "IOType: io_parallel (--io io_parallel), or --backend hls")
      ]
    }
    let layers = design.program.layers
    return layers.indices.compactMap { index in
      let own = design.program.instructions.indices.filter { design.program.instructions[$0].layer == index }
      let choices = own.flatMap { place in
        // A loop over steps has a design of its own for one.
        if let step = design.stepLoops[place]?.step {
          return step.multipliers.keys.sorted().map { step.steps[$0].choice }
        }
        return design.multipliers[place] == nil ? [] : [design.steps[place].choice]
      }
      guard let choice = choices.first(where: { $0.reuseFactor > 1 || $0.strategy == .resource }) else {
        return nil
      }
      return Diagnostic(
        place: layers[index].name,
        "Strategy \(choice.strategy.rawValue), ReuseFactor \(choice.reuseFactor): the verilog backend computes every product in gates of its own",
        hint: "Strategy: Latency and ReuseFactor: 1, or --backend hls")
    }
  }

  /// The project's files (docs/verilog.md).
  public static func files(
    of design: Design, name: String, events: TestEvents
  ) throws(Failure) -> ProjectFiles {
    let circuit = try Circuit(design.program, CircuitOptions(design.target))
    let project = VerilogProject(circuit, name: name, target: design.target)
    return ProjectFiles(try project.files(events), figures: project.modules.figures(project.family))
  }

  /// The project's files for a circuit: what `files(of:name:events:)` gives for that of a design.
  public static func files(
    circuit: Circuit, name: String, target: Target, events: TestEvents
  ) throws(Failure) -> [String: String] {
    try VerilogProject(circuit, name: name, target: target).files(events)
  }

  /// Simulates the Verilog with Verilator.
  ///
  /// Layers' words need not be anywhere in what was written: sums run over layers, bits that nobody reads are left out. So a
  /// second circuit is made of the project's program, with every layer's result on a port of its own.
  public static func run(
    _ events: [[Raw]], projectIn folder: String, tools: ToolPaths, traces: Bool
  ) throws(Failure) -> EmittedWords {
    let outputs = try Simulator.verilator.run(events, projectIn: folder)
    if !traces { return EmittedWords(outputs: outputs, layers: [:]) }
    let project = try StoredProject(folder: folder)
    let place = try TemporaryFolder()
    var program = try project.program()
    let own = program.outputs.count
    let layers = program.layers.enumerated().compactMap { index, layer in layer.result.map { (index, $0) } }
    program.outputs += layers.map(\.1)
    let circuit = try Circuit(program, CircuitOptions(project.target))
    let files = try files(
      circuit: circuit, name: "traced", target: project.target, events: TestEvents(inputs: []))
    for (name, text) in files.sorted(by: { $0.key < $1.key }) { try place.write(text, to: name) }
    let words = try Simulator.verilator.run(events, projectIn: place.path)
    var found: [Int: [[Raw]]] = [:]
    var start = program.outputs.prefix(own).reduce(0) { $0 + program[$1].type.count }
    for (index, result) in layers {
      let end = start + program[result].type.count
      found[index] = words.map { Array($0[start..<end]) }
      start = end
    }
    return EmittedWords(outputs: outputs, layers: found)
  }
}

extension CircuitOptions {
  /// What a circuit for a target is made for.
  init(_ target: Target) {
    self.init()
    staging = .period(Int((target.clockPeriod * (1 - target.clockUncertainty) * 1000).rounded(.down)))
    clockShare = 1 - target.clockUncertainty
    effort = target.effort.percent
    tables = target.choice.part?.available.lut
    let family = DeviceFamily(part: target.part)
    (delays, blocks.factors) = (family.delays, family.factors)
    adder = family.addsThree ? .ternary : .binary
    digits = family.multipliesByDigits
    switch target.multipliers {
    case .automatic: blocks.products = .bySize
    case .dsp: blocks.products = .block
    case .fabric: blocks.products = .logic
    }
    switch target.tables {
    case .automatic: blocks.tables = .bySize
    case .block: blocks.tables = .block
    case .fabric: blocks.tables = .logic
    }
  }
}
