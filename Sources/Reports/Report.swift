import Foundation
import Program
import Scheduling

/// What a design costs and how fast it is: the contents of `report.json` and of the table for people.
///
/// Field names are the JSON keys.
public struct Report: Codable, Hashable, Sendable {
  /// The format's version.
  public var version = 1
  /// The model's name.
  public var model: String
  /// The numerics policy it was compiled under: "hls4ml" or "exact".
  public var numerics: String
  /// The part number.
  public var part: String
  /// "io_parallel" or "io_stream".
  public var ioType: String
  /// The clock period, in ns.
  public var clockPeriod: Double
  /// Cycles from the first input word to the last output word.
  public var latencyCycles: Int
  /// The same, in ns.
  public var latency: Double
  /// Cycles between two events.
  public var interval: Int
  /// The estimate for the whole.
  public var resources: Amounts
  /// Whether the figures were counted in the hardware that was written, rather than estimated; nil: estimated.
  public var counted: Bool?
  /// How fast the hardware that was counted is; nil where none was.
  public var timing: Timing?
  /// How far the estimates may be off; nil in reports of older versions.
  public var errorFactors: ErrorFactors?
  /// What the part has; all 0 where its size is not known.
  public var available: Amounts
  /// In order of execution.
  public var layers: [Layer]
  /// Where the time and the resources go; nil in reports of older versions.
  public var critical: Critical?
  /// The limits the design was made for, held against it; nil where there were none.
  public var budget: [Budget.Verdict]?
  /// How the fixed-point answers compare with the float model's, where that was measured.
  public var agreement: Agreement?
  /// Things the user should know.
  public var notes: [String]

  /// Amounts of resources. BRAM counts 18 kbit halves.
  public struct Amounts: Codable, Hashable, Sendable {
    /// The amounts, named as in synthesis reports.
    public var dsp, lut, ff, bram, uram: Int

    init(_ resources: Resources) {
      (dsp, lut, ff, bram, uram) =
        (resources.dsp, resources.lut, resources.ff, resources.bram, resources.uram)
    }

    /// The largest share of anything that is available.
    func largestShare(of available: Amounts) -> Double {
      Budget.resources.reduce(0) { share, resource in
        let all = available[keyPath: resource.path]
        return all == 0 ? share : max(share, Double(self[keyPath: resource.path]) / Double(all))
      }
    }
  }

  /// How fast hardware is that was counted, and what of it is counted and what estimated.
  public struct Timing: Codable, Hashable, Sendable {
    /// Blocks of eight bits of carry chain: counted.
    public var carry: Int
    /// The most lookup tables and carry chains between two registers: estimated.
    public var levels: Int
    /// The slowest path between registers, theirs included, in ns: estimated.
    public var slowestPath: Double
    /// The highest clock frequency that allows, in MHz: estimated.
    public var fmax: Double
    /// The family whose delays these are (docs/circuit.md).
    public var delays: String
    /// The figures of the report that were counted, and those that a model gives.
    public var counted, estimated: [String]

    init(_ timing: CountedFigures.Timing) {
      (carry, levels, delays) = (timing.carry, timing.levels, timing.delays)
      slowestPath = Double(timing.slowestPath) / 1000
      // A tenth of a megahertz is more than the model knows.
      fmax = (1e7 / Double(max(1, timing.slowestPath))).rounded() / 10
      counted = ["latencyCycles", "interval", "lut", "ff", "dsp", "bram", "carry"]
      estimated = ["levels", "slowestPath", "fmax"]
    }
  }

  /// How far estimates may be off: 1.25 for what two designs in three are within, from / 1.25 to × 1.25.
  public struct ErrorFactors: Codable, Hashable, Sendable {
    /// Of the amounts, and of the latency.
    public var dsp, lut, ff, bram, latency: Double

    init(_ uncertainty: Uncertainty) {
      // Two decimals: the factors are no more exact than that.
      func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
      (dsp, lut, ff) = (rounded(uncertainty.dsp), rounded(uncertainty.lut), rounded(uncertainty.ff))
      (bram, latency) = (rounded(uncertainty.bram), rounded(uncertainty.cycles))
    }
  }

  /// One layer of the design.
  public struct Layer: Codable, Hashable, Sendable {
    /// The layer's name and class.
    public var name, className: String
    /// The shape of its result.
    public var shape: [Int]
    /// The format of its result.
    public var format: String
    /// "latency" or "resource"; "distributed_arithmetic" where it was counted.
    public var strategy: String
    /// How many times each multiplier is used per event.
    public var reuseFactor: Int
    /// The cycle it starts at.
    public var start: Int
    /// Cycles from its inputs to its result.
    public var latencyCycles: Int
    /// Cycles between two events.
    public var interval: Int
    /// Its share of the estimate.
    public var resources: Amounts
    /// How far its estimates may be off; nil in reports of older versions.
    public var errorFactors: ErrorFactors?
  }

  /// The layers to look at first, by name.
  public struct Critical: Codable, Hashable, Sendable {
    /// The layer of the most cycles; nil where none takes a whole cycle.
    public var latency: String?
    /// The layer that limits the interval; nil where a new event can come every cycle.
    public var interval: String?
    /// The layer with the largest share of any resource of the part.
    public var resources: String?

    init(_ layers: [Layer], available: Amounts) {
      // Of equals the first: reports must not depend on anything but the design.
      func first(_ value: (Layer) -> Double) -> Layer? {
        layers.reduce(nil as Layer?) { best, layer in
          best.map { value(layer) > value($0) ? layer : $0 } ?? layer
        }
      }
      latency = first { Double($0.latencyCycles) }.flatMap { $0.latencyCycles > 0 ? $0.name : nil }
      interval = first { Double($0.interval) }.flatMap { $0.interval > 1 ? $0.name : nil }
      resources = first { $0.resources.largestShare(of: available) }.flatMap {
        $0.resources.largestShare(of: available) > 0 ? $0.name : nil
      }
    }
  }

  /// How often and how closely the fixed-point answers match the float model's.
  public struct Agreement: Codable, Hashable, Sendable {
    /// Events compared.
    public var events: Int
    /// The share of events whose largest output is the same one; nil for single outputs.
    public var argmax: Double?
    /// The largest difference of any output.
    public var maximumError: Double

    /// Makes an agreement.
    public init(events: Int, argmax: Double?, maximumError: Double) {
      self.events = events
      self.argmax = argmax
      self.maximumError = maximumError
    }
  }

  /// Gathers a design's plan by layer.
  ///
  /// - Parameter budget: the limits the design was made for.
  public init(
    _ design: Design, numerics: String, notes: [String] = [], agreement: Agreement? = nil,
    budget: Budget = Budget()
  ) {
    let program = design.program
    model = program.name
    self.numerics = numerics
    part = design.target.part
    ioType = design.ioType.rawValue
    clockPeriod = design.target.clockPeriod
    latencyCycles = design.latency
    latency = Double(design.latency) * design.target.clockPeriod
    interval = design.interval
    resources = Amounts(design.resources)
    errorFactors = ErrorFactors(design.uncertainty)
    available = Amounts(design.target.choice.part?.available ?? Resources())
    layers = program.layers.enumerated().compactMap { index, layer in
      let members = program.instructions.indices.filter { program.instructions[$0].layer == index }
      let steps = members.map { design.steps[$0].estimate }
      let working = members.filter { program.constant(ValueID($0)) == nil }.map {
        design.steps[$0].estimate
      }
      guard let result = layer.result, let choice = layerChoice(design, members) else { return nil }
      let start = working.map(\.start).min() ?? 0
      return Layer(
        name: layer.name, className: layer.className, shape: program[result].type.shape,
        format: "\(program[result].type.format)", strategy: choice.strategy.rawValue,
        reuseFactor: design.treeReuse(layer: index)
          ?? members.flatMap(design.choices).map(\.choice.reuseFactor).max() ?? 1, start: start,
        latencyCycles: (working.map { $0.start + $0.latency }.max() ?? start) - start,
        interval: steps.map(\.interval).max() ?? 1,
        resources: Amounts(steps.map(\.resources).reduce(Resources(), +)),
        errorFactors: ErrorFactors(.combined(steps)))
    }
    critical = Critical(layers, available: available)
    self.agreement = agreement
    self.notes = notes + design.warnings
    self.budget = budget.isEmpty ? nil : budget.verdicts(self)
  }

  /// Puts what a backend counted in place of the estimates.
  ///
  /// - Parameters:
  ///   - design: what this is the report of.
  ///   - budget: the limits to hold the figures against.
  public mutating func count(_ figures: CountedFigures, of design: Design, budget: Budget = Budget()) {
    counted = true
    latencyCycles = figures.latency
    latency = Double(figures.latency) * clockPeriod
    interval = figures.interval
    resources = Amounts(figures.resources)
    errorFactors = ErrorFactors(figures.uncertainty)
    timing = figures.timing.map { Timing($0) }
    let known = design.program.knownWords()
    for (index, number) in Self.listed(design).enumerated() {
      let found = figures.layers[number]
      // Sums whose order shows are made of products, each by itself.
      let isStepwise = design.program.instructions.indices.contains { place in
        let instruction = design.program.instructions[place]
        guard case .affine = instruction.operation, instruction.layer == number else { return false }
        return design.program.objectionToSharedAdders(place, given: known) != nil
      }
      layers[index].strategy = (isStepwise ? Strategy.latency : .distributedArithmetic).rawValue
      layers[index].reuseFactor = 1
      layers[index].start = found?.start ?? 0
      layers[index].latencyCycles = found?.latency ?? 0
      layers[index].interval = figures.interval
      layers[index].resources = Amounts(found?.resources ?? Resources())
      layers[index].errorFactors = errorFactors
    }
    critical = Critical(layers, available: available)
    // What the vendor's tool may do of the design's arrangement is nothing that was built.
    notes.removeAll { design.warnings.contains($0) }
    self.budget = budget.isEmpty ? nil : budget.verdicts(self)
  }

  /// The indices of the layers that a design's report lists.
  private static func listed(_ design: Design) -> [Int] {
    design.program.layers.indices.filter { index in
      let members = design.program.instructions.indices.filter {
        design.program.instructions[$0].layer == index
      }
      return design.program.layers[index].result != nil && layerChoice(design, members) != nil
    }
  }

  /// Whether the size of the part is known: else everything available is 0, and there are no shares.
  var knowsPart: Bool { available.lut > 0 }

  /// The report as JSON: keys sorted, two spaces, a final newline.
  public var json: String { jsonText(self) }

  /// Whether the figures are ones a design can have: a file may claim any, and charts and shares are computed from them.
  private var isSound: Bool {
    func isAmount(_ value: Int) -> Bool { (0...1_000_000_000_000).contains(value) }
    func areAmounts(_ values: Amounts) -> Bool {
      Budget.resources.allSatisfy { isAmount(values[keyPath: $0.path]) }
    }
    func areFactors(_ factors: ErrorFactors?) -> Bool {
      guard let factors else { return true }
      return [factors.dsp, factors.lut, factors.ff, factors.bram, factors.latency].allSatisfy {
        (1...1000).contains($0)
      }
    }
    return (1e-3...1e6).contains(clockPeriod) && (0...1e18).contains(latency)
      && [latencyCycles, interval].allSatisfy(isAmount) && areAmounts(resources) && areAmounts(available)
      && areFactors(errorFactors)
      && timing.map {
        isAmount($0.carry) && isAmount($0.levels) && (0...1e9).contains($0.slowestPath)
          && (0...1e9).contains($0.fmax)
      } ?? true
      && layers.allSatisfy { layer in
        ([layer.reuseFactor, layer.start, layer.latencyCycles, layer.interval] + layer.shape).allSatisfy(
          isAmount)
          && areAmounts(layer.resources) && areFactors(layer.errorFactors)
      }
  }

  /// Reads `json` back; nil where it is not a report, or not one of a design.
  public init?(json: String) {
    guard let report = value(Report.self, fromJSON: json), report.isSound else { return nil }
    self = report
  }
}

/// The step whose strategy is the layer's: the one that multiplies by a matrix, else the first that computes anything.
private func layerChoice(_ design: Design, _ members: [Int]) -> Step.Choice? {
  let multiplying = members.flatMap(design.choices).first {
    if case .affine = $0.operation { true } else { false }
  }
  if let multiplying { return multiplying.choice }
  let chosen = members.first { design.program.constant(ValueID($0)) == nil } ?? members.first
  return chosen.map { design.steps[$0].choice }
}
