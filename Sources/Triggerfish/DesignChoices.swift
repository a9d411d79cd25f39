import Diagnostics
import Program
import Reports
import Scheduling

/// What to build for, and what is decided beforehand: the options of `compile` and `explore` after the model's.
public struct DesignChoices: Sendable {
  /// The part number; nil: the configuration's, else xcvu13p-flga2577-2-e.
  public var part: String?
  /// A file of the user's own parts (docs/parts.md); nil: there are none.
  public var parts: String?
  /// The clock period in ns; nil: the configuration's, else 5.
  public var clockPeriod: Double?
  /// How tensors move between layers; nil: as the configuration says, else io_parallel.
  public var ioType: IOType?
  /// What multipliers are built of; nil: as the tool likes.
  public var multipliers: MultiplierBinding?
  /// What tables are built of in Verilog; nil: by size.
  public var tables: TableBinding?
  /// For layers the configuration does not name; in a search for all.
  public var strategy: Strategy?
  /// For layers the configuration does not name; in a search for all.
  public var reuseFactor: Int?
  /// Positions of a convolution computed at once, for layers the configuration does not name; io_parallel only.
  public var parallelizationFactor: Int?
  /// How long shared adders are searched for; nil: the usual time.
  public var effort: AdderEffort?
  /// Layers whose strategy and reuse factor a search takes from the configuration.
  public var keep: [String] = []
  /// What the design may take: if anything, strategies and reuse factors are searched for.
  public var limits = Budget()

  /// Leaves everything to the configuration.
  public init() {}
}

extension DesignChoices {
  /// Refuses a part that is none of those known, before a model is read.
  ///
  /// - Throws: `usage`; what is wrong in a file of parts.
  func checkPart() throws(Failure) {
    let catalogue = try PartCatalogue.reading(parts)
    guard let part else { return }
    let target = Target(part: part, clockPeriod: 5, clockUncertainty: 0, among: catalogue)
    if var problem = target.choice.problem {
      problem.message = "--part: " + problem.message
      throw Failure(.usage, [problem])
    }
  }
}

/// A design, and what was chosen and why, for people.
public struct ChosenDesign: Sendable {
  /// The design.
  public var design: Design
  /// Sentences; none where nothing was searched for.
  public var explanation: [String]
}

/// A clock period, written as a period or as a frequency, always with its unit.
public struct ClockPeriod: Hashable, Sendable {
  /// The period in ns.
  public let nanoseconds: Double

  /// Reads `5ns` or `200MHz`; nil for anything else.
  public init?(_ argument: String) {
    let text = argument.lowercased()
    func amount(_ unit: String) -> Double? {
      guard text.hasSuffix(unit), let value = Double(text.dropLast(unit.count)), value > 0, value.isFinite
      else {
        return nil
      }
      return value
    }
    if let frequency = amount("mhz") {
      nanoseconds = 1000 / frequency
    } else if let period = amount("ns") {
      nanoseconds = period
    } else {
      return nil
    }
  }

  /// What to say of a text that is none.
  public static func refusal(_ argument: String) -> String {
    let text = argument.lowercased()
    let isAmount = ["mhz", "ns"].contains { text.hasSuffix($0) && Double(text.dropLast($0.count)) != nil }
    return isAmount
      ? "--clock \(argument): a clock period is from 0.1 to 1000 ns (10000 to 1 MHz)."
      : "--clock \(argument): a clock is written with its unit, as 5ns or 200MHz."
  }
}

extension Compilation {
  /// Schedules the program, or searches for the best design within the limits.
  ///
  /// - Parameters:
  ///   - file: what messages call the model.
  ///   - searching: whether limits make it search; otherwise the backend holds what it counts against them.
  /// - Throws: `usage` for a choice that changes nothing; `checkFailed`, naming the nearest designs, where none keeps
  ///   the limits.
  public func design(
    _ choices: DesignChoices, file: String? = nil, searching: Bool = true
  ) throws(Failure) -> ChosenDesign {
    let isSearch = !choices.limits.isEmpty && searching
    if let reuse = try treeReuse(choices, searching: isSearch) {
      guard reuse == 1 || searching else {
        throw Failure(
          .usage, file: file,
          "reuse factor \(reuse) of trees: this backend computes every tree in gates of its own, and takes an event with every clock",
          hint: "leave it out, or --backend hls")
      }
      var choices = choices
      choices.reuseFactor = nil
      if isSearch { return try searchTrees(choices, reuse: reuse, file: file) }
      let compilation = try reusingTrees(reuse)
      let design = try compilation.design(try compilation.request(choices))
      return ChosenDesign(design: design, explanation: [])
    }
    if isSearch, try !treeReuses(choices).isEmpty { return try searchTrees(choices, reuse: nil, file: file) }
    if !isSearch {
      guard choices.keep.isEmpty else {
        throw Failure(.usage, "--keep needs a search: --budget, --ii or a --max-… option.")
      }
      var request = try request(choices)
      var explanation: [String] = []
      if !searching {
        explanation = try leaveAdders(to: &request)
      }
      let design = try design(request)
      if choices.effort != nil, !(searching ? design.sharesAdders : canShareAdders) {
        throw Failure(
          .usage, file: file,
          "--effort: no effect, as no layer is built in distributed arithmetic",
          hint: searching ? "leave it out, or ask for the strategy distributed_arithmetic" : "leave it out")
      }
      return ChosenDesign(design: design, explanation: explanation)
    }
    let request = try searchRequest(choices)
    let result = try search(program, request, limits: try choices.limits.searchLimits(request.target))
    switch result {
    case .found(let found):
      try check(found.design)
      let notes =
        program.hasScans
        ? [
          "a search builds every step of a recurrent layer by itself: without limits they share one hardware"
        ]
        : []
      return ChosenDesign(design: found.design, explanation: found.explanation + notes)
    case .nothingFits(let nearest, let isProven):
      throw nothingFits(nearest, isProven: isProven, file: file)
    }
  }

  /// Whether a backend that shares adders itself does so in any layer.
  private var canShareAdders: Bool {
    let known = program.knownWords()
    return program.instructions.indices.contains { index in
      guard case .affine = program.instructions[index].operation else { return false }
      return program.objectionToSharedAdders(index, given: known) == nil
    }
  }

  /// What to say where no design keeps the limits.
  func nothingFits(_ nearest: [NearMiss], isProven: Bool, file: String?) -> Failure {
    Failure(
      .checkFailed,
      [
        Diagnostic(
          file: file,
          "no design keeps the limits (\(isProven ? "proven" : "as far as was searched")); nothing was written",
          hint: nearest.isEmpty ? nil : "the nearest designs and what they would need:")
      ] + nearest.map { Diagnostic(place: "nearest", $0.explanation) })
  }

  /// Makes a request for a backend that shares adders itself, in every layer that may have them: what is scheduled is the
  /// same in the latency strategy.
  ///
  /// - Returns: what is built in place of the latency strategy where that is asked for, for people.
  /// - Throws: `badInput` with every layer that is to be distributed arithmetic and cannot.
  private func leaveAdders(to request: inout ScheduleRequest) throws(Failure) -> [String] {
    let known = program.knownWords()
    var problems: [Diagnostic] = []
    var replaced: [String] = []
    for (index, instruction) in program.instructions.enumerated() {
      guard case .affine = instruction.operation, let layer = instruction.layer else { continue }
      let name = program.layers[layer].name
      let objection = program.objectionToSharedAdders(index, given: known)
      switch request.layers[name]?.strategy ?? request.defaults.strategy {
      case .distributedArithmetic: problems += [objection].compactMap { $0 }
      case .latency: if objection == nil, !replaced.contains(name) { replaced.append(name) }
      case .resource, .resourceUnrolled, nil: break
      }
    }
    guard problems.isEmpty else { throw Failure(.badInput, problems) }
    if request.defaults.strategy == .distributedArithmetic { request.defaults.strategy = .latency }
    for layer in request.layers.keys where request.layers[layer]?.strategy == .distributedArithmetic {
      request.layers[layer]?.strategy = .latency
    }
    return replaced.isEmpty
      ? []
      : [
        "Strategy latency is asked of \(listed(replaced)): distributed arithmetic is built, which gives the same words"
      ]
  }

  /// The report of a design of this compilation.
  public func report(
    _ chosen: ChosenDesign, _ choices: DesignChoices, deviations: [String] = []
  ) -> Report {
    Report(
      chosen.design, numerics: numericsName, notes: notes + deviations + chosen.explanation,
      agreement: agreement,
      budget: choices.limits)
  }

  /// The request of a compilation without limits: what the configuration says, the choices for the rest.
  ///
  /// - Throws: `usage` for a choice that changes nothing.
  func request(_ choices: DesignChoices) throws(Failure) -> ScheduleRequest {
    let request = try sharedRequest(choices)
    let given = [("--strategy", choices.strategy != nil), ("--reuse-factor", choices.reuseFactor != nil)]
      .filter(\.1).map(\.0)
    if (numerics == .hls4ml || configuration != nil) && !given.isEmpty {
      // As in hls4ml, the order of sums follows them, so that they are decided before the program is made.
      let place = numerics == .hls4ml ? "under the hls4ml numerics" : "beside a configuration"
      throw Failure(
        .usage,
        "\(given.joined(separator: ", ")): no effect \(place), where the configuration decides it for every layer",
        hint: "set Strategy and ReuseFactor in the configuration, or let --budget choose")
    }
    return request
  }

  private func sharedRequest(_ choices: DesignChoices) throws(Failure) -> ScheduleRequest {
    var request = try scheduleRequest(part: choices.part, among: .reading(choices.parts))
    if let period = choices.clockPeriod { request.target.clockPeriod = period }
    if let ioType = choices.ioType { request.ioType = ioType }
    if let multipliers = choices.multipliers { request.target.multipliers = multipliers }
    if let tables = choices.tables { request.target.tables = tables }
    if let effort = choices.effort { request.target.effort = effort }
    request.defaults.strategy = choices.strategy
    request.defaults.reuseFactor = choices.reuseFactor
    if let factor = choices.parallelizationFactor {
      guard request.ioType == .parallel else {
        throw Failure(
          .usage, "--parallelization-factor: no effect in io_stream, which computes one position at a time",
          hint: "leave it out, or add --io io_parallel")
      }
      request.defaults.parallelizationFactor = factor
    }
    return request
  }

  /// The request of a search. A configuration names every layer's strategy and reuse factor, which are what is
  /// searched for: only those of `keep` are kept, and what the choices say holds for all others.
  ///
  /// - Throws: `usage` for layers to keep that have nothing to be kept.
  public func searchRequest(_ choices: DesignChoices) throws(Failure) -> ScheduleRequest {
    var request = try sharedRequest(choices)
    let configured = request.layers.filter { $0.value.reuseFactor != nil }
    let unknown = choices.keep.filter { configured[$0] == nil }
    if !unknown.isEmpty {
      throw Failure(
        .usage,
        unknown.map { name in
          let known = nearest(to: name, in: configured.keys)
          return Diagnostic(
            "--keep \(name): no layer of this name has a reuse factor",
            hint: known.map { "did you mean '\($0)'?" }
              ?? "such layers: \(configured.keys.sorted().joined(separator: ", "))")
        })
    }
    for name in program.layers.map(\.name) where !choices.keep.contains(name) {
      var layer = request.defaults
      layer.parallelizationFactor = request.layers[name]?.parallelizationFactor ?? layer.parallelizationFactor
      request.layers[name] = layer
    }
    return request
  }
}

extension Design {
  /// Whether a layer is built in distributed arithmetic.
  fileprivate var sharesAdders: Bool { steps.contains { $0.choice.strategy == .distributedArithmetic } }
}
