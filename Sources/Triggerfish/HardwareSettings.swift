import Configuration
import Diagnostics
import Lowering
import Program
import Scheduling

/// What a configuration says of the hardware: made into a request, held against the design, or refused by name.
extension Compilation {
  /// The schedule the configuration asks for.
  ///
  /// - Parameters:
  ///   - part: a part number that counts instead of the configuration's.
  ///   - catalogue: the parts whose sizes are known.
  /// - Throws: `badInput` with every strategy that no backend builds, and the layers it is asked of; for a part number of
  ///   the configuration's that is not full; `usage` for one given here.
  public func scheduleRequest(
    part: String? = nil, among catalogue: PartCatalogue = .standard
  ) throws(Failure) -> ScheduleRequest {
    let settings = configuration ?? Configuration()
    let target = Target(
      part: part ?? settings.part ?? "xcvu13p-flga2577-2-e", clockPeriod: settings.clockPeriod,
      clockUncertainty: settings.clockUncertainty, among: catalogue)
    if var problem = target.choice.problem {
      if part == nil {
        problem.file = settings.file
        problem.place = "Part"
      } else {
        problem.message = "--part: " + problem.message
      }
      throw Failure(part == nil ? .badInput : .usage, [problem])
    }
    var request = ScheduleRequest(target: target)
    request.ioType = settings.ioType
    // As hls4ml: one position of a convolution at a time unless told otherwise.
    request.defaults.parallelizationFactor = 1
    // And one hardware for all steps of a recurrent layer.
    request.defaults.isStatic = true
    let scaling = program.instructions.indices.filter(program.isScaling).compactMap {
      program.instructions[$0].layer
    }
    let multiplying = Set(named { if case .affine = $0.operation { true } else { false } })
      .union(scaling.map { program.layers[$0].name })
    var unbuilt: [Strategy: [String]] = [:]
    for layer in lowered.layers {
      var asked = ScheduleRequest.Layer()
      if let (strategy, reuse) = asks(layer, settings, multiplying) {
        asked.strategy = strategy
        asked.reuseFactor = reuse
        if !Strategy.built.contains(strategy) { unbuilt[strategy, default: []].append(layer.name) }
      }
      asked.parallelizationFactor = settings.parallelizationFactor(
        layer: layer.name, className: layer.className)
      let className = Configuration.layerClass(layer.className)
      asked.isStatic = settings.settings(layer: layer.name, className: className).isStatic
      if asked != ScheduleRequest.Layer() { request.layers[layer.name] = asked }
    }
    let problems = Strategy.allCases.compactMap { strategy in
      unbuilt[strategy].map { names in
        Diagnostic(
          file: settings.file,
          "Strategy: \(strategy.rawValue) is not built by any backend (asked of \(listed(names)))",
          hint: "there are \(Strategy.built.map(\.rawValue).joined(separator: ", ")); "
            + "emulate and inspect take it: its bits are hls4ml's")
      }
    }
    guard problems.isEmpty else { throw Failure(.badInput, problems) }
    return request
  }

  /// Strategy and reuse factor of a layer that multiplies with weights. Under hls4ml numerics lowering has resolved
  /// them, since bits depend on them; under the exact policy they are what the configuration says.
  private func asks(
    _ layer: LoweredLayer, _ settings: Configuration, _ multiplying: Set<String>
  ) -> (Strategy, Int)? {
    if let strategy = layer.strategy, let reuse = layer.reuseFactor { return (strategy, reuse) }
    guard numerics == .exact, configuration != nil, multiplying.contains(layer.name) else { return nil }
    let className = Configuration.layerClass(layer.className)
    return (
      settings.strategy(layer: layer.name, className: className),
      settings.reuseFactor(layer: layer.name, className: className)
    )
  }

  /// Schedules the program; see `check`.
  public func design(_ request: ScheduleRequest) throws(Failure) -> Design {
    let design = try schedule(program, request)
    try check(design)
    return design
  }

  /// Holds a design against the settings of the configuration that only a design can meet.
  ///
  /// - Throws: `badInput` with every setting the design does not have: `PipelineStyle`, `PipelineInterval`,
  ///   `ConvImplementation`, `BramFactor`.
  public func check(_ design: Design) throws(Failure) {
    guard let configuration else { return }
    var problems: [Diagnostic] = []
    func refuse(_ message: String, _ hint: String) {
      problems.append(Diagnostic(file: configuration.file, message, hint: hint))
    }
    switch configuration.pipelineStyle {
    case .pipeline where design.isDataflow:
      refuse(
        "PipelineStyle: pipeline: this design is a dataflow of layers",
        "io_parallel layers in the latency strategy, computed whole, make a pipeline; PipelineStyle: auto takes what is"
      )
    case .dataflow where !design.isDataflow:
      refuse(
        "PipelineStyle: dataflow: this design is one pipeline",
        "io_stream, or the resource strategy with a reuse factor, makes a dataflow; PipelineStyle: auto takes what is"
      )
    case .automatic, .pipeline, .dataflow: break
    }
    if let interval = configuration.pipelineInterval, interval != design.interval {
      refuse(
        "PipelineInterval: \(interval): this design takes an event every \(design.interval) cycles, and no multipliers "
          + "are shared to make that \(interval)",
        "ReuseFactor: \(interval) shares each multiplier \(interval) times, which gives this interval; or leave "
          + "PipelineInterval out")
    }
    if design.ioType == .stream {
      let layers = named { if case .window = $0.operation { true } else { false } }
        .filter { configuration.convImplementation(layer: $0) == .encoded }
      if !layers.isEmpty {
        refuse(
          "ConvImplementation: Encoded is not built by any backend (asked of \(listed(layers)))",
          "there is LineBuffer, which computes the same")
      }
    }
    if let limit = configuration.bramFactor {
      let layers = named { instruction in
        guard case .affine = instruction.operation else { return false }
        return program[instruction.operands[1]].type.count > limit
      }
      if !layers.isEmpty {
        refuse(
          "BramFactor: \(limit): weights are never ports of the top function (more of them have \(listed(layers)))",
          "leave BramFactor out: weights are memories inside the design")
      }
    }
    guard problems.isEmpty else { throw Failure(.badInput, problems) }
  }

  /// The layers that have an instruction of a kind, in order.
  private func named(_ matches: (Instruction) -> Bool) -> [String] {
    var names: [String] = []
    for instruction in program.instructions where matches(instruction) {
      guard let layer = instruction.layer, names.last != program.layers[layer].name else { continue }
      names.append(program.layers[layer].name)
    }
    return names
  }

  func listed(_ names: [String]) -> String {
    let shown = names.prefix(5).joined(separator: ", ")
    return names.count > 5 ? "\(shown) and \(names.count - 5) more layers" : shown
  }
}
