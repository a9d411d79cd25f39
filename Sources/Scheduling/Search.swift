import Diagnostics
import Program

/// What a design may take: the limits of a search.
public struct SearchLimits: Hashable, Sendable {
  /// The longest latency, in cycles; nil for any.
  public var latency: Int?
  /// The longest initiation interval, in cycles; nil for any.
  public var interval: Int?
  /// The most of each resource; nil for all the part has.
  public var resources: Resources?

  /// Makes limits.
  public init(latency: Int? = nil, interval: Int? = nil, resources: Resources? = nil) {
    self.latency = latency
    self.interval = interval
    self.resources = resources
  }

  /// The whole clock cycles within a time, both in ns.
  public static func cycles(in time: Double, clockPeriod: Double) -> Int {
    // 100 ns at 5 ns are 20 cycles, whatever the division's last bit says.
    Int((time / clockPeriod + 1e-9).rounded(.down))
  }
}

/// What a search found.
public enum SearchResult: Sendable {
  /// The best design within the limits.
  case found(FoundDesign)
  /// No design keeps the limits: the nearest ones, and whether that is proven.
  case nothingFits([NearMiss], isProven: Bool)
}

/// A design a search chose.
public struct FoundDesign: Sendable {
  /// The design.
  public var design: Design
  /// The largest share of any resource of the part it takes, 0...1: what the search minimises, then LUTs.
  public var share: Double
  /// No design within the limits has a smaller largest share than this.
  public var bound: Double
  /// Whether no design within the limits is better.
  public var isOptimal: Bool
}

/// A design that breaks a limit.
public struct NearMiss: Sendable {
  /// The design.
  public var design: Design
  /// The limits it would need, for people: "latency 24 cycles instead of 20".
  public var needs: [String]
}

/// Chooses strategy and reuse factor of every layer: of all designs within the limits the one with the least
/// largest share of any resource of the part, and of those the one with the fewest LUTs.
///
/// Layers that `request.layers` names keep the strategy and the reuse factor given there. Reuse factors are
/// those of `ReuseFactors`; where a layer's sums were ordered for one, the resource strategy keeps it.
///
/// - Parameter effort: how many partial designs are followed at once. With too few the result may miss the
///   best, which `isOptimal` and `bound` then say.
/// - Throws: `Failure(.badInput)` for an impossible request, as `schedule`.
public func search(
  _ program: Program, _ request: ScheduleRequest, limits: SearchLimits, effort: Int = 2000
) throws(Failure) -> SearchResult {
  let (available, limits) = try checked(program, request, limits)
  let finder = Finder(
    planner: Planner(program: program.after(ProgramPass.scheduled), request: request, searching: true),
    available: available,
    limits: limits, effort: effort
  )
  return finder.result()
}

/// One search: what `search` and `explore` share.
struct Finder {
  let planner: Planner
  /// What designs are compared by their shares of.
  var available: Resources
  let limits: SearchLimits
  let effort: Int

  func result() -> SearchResult {
    if planner.request.ioType == .stream { return streamResult() }
    let all = SearchSpace(planner)
    let space = all.within(interval: limits.interval)
    let resources = limits.resources ?? available
    let outcome = solver(space, latency: limits.latency, resources: resources).solve(width: effort)
    if let best = outcome.best, space.fixedInterval <= limits.interval ?? .max {
      return .found(
        FoundDesign(
          design: design(space, best), share: best.share, bound: outcome.bound,
          isOptimal: outcome.isProven))
    }
    return .nothingFits(nearest(all, space, resources), isProven: outcome.isProven)
  }

  func solver(_ space: SearchSpace, latency: Int?, resources: Resources?) -> Solver {
    Solver(space, limits: Solver.Limits(latency: latency, resources: resources), available: available)
  }

  /// How many partial designs are followed where the result is only to show what would have to give.
  private var littleEffort: Int { min(effort, 64) }

  /// The fastest design within the other limits and the fastest within the interval alone, the smallest within latency
  /// and interval, and the best of all intervals: what would have to give.
  private func nearest(_ all: SearchSpace, _ space: SearchSpace, _ resources: Resources) -> [NearMiss] {
    let free = all.within(interval: nil)
    var solutions: [(SearchSpace, Solver.Solution)] = []
    if let fastest = fastest(space, resources) { solutions.append((space, fastest)) }
    let small = solver(space, latency: limits.latency, resources: nil).solve(width: littleEffort)
    // Where nothing is fast enough whatever it takes, the fastest.
    if let small = small.best ?? fastest(space, nil) { solutions.append((space, small)) }
    if limits.interval != nil {
      let slow = solver(free, latency: limits.latency, resources: resources).solve(width: littleEffort)
      if let slow = slow.best { solutions.append((free, slow)) }
    }
    var misses: [NearMiss] = []
    for (space, solution) in solutions {
      let design = design(space, solution)
      let needs = needs(design, resources)
      if !misses.contains(where: { $0.needs == needs }) {
        misses.append(NearMiss(design: design, needs: needs))
      }
    }
    return misses
  }

  /// The design of least latency that the other limits leave: by halving, since a longer latency excludes nothing.
  private func fastest(_ space: SearchSpace, _ resources: Resources?) -> Solver.Solution? {
    let unlimited = solver(space, latency: nil, resources: resources)
    guard var best = unlimited.solve(width: littleEffort).best else { return nil }
    // Nothing is as fast as `low`.
    var low = max(limits.latency ?? 0, unlimited.leastLatency - 1)
    var high = planner.plan(choices(space, best)).latency
    // The least there is first: without other limits it is reached.
    var middle = low + 1
    while low + 1 < high {
      if let faster = solver(space, latency: middle, resources: resources).solve(width: littleEffort).best {
        (best, high) = (faster, middle)
      } else {
        low = middle
      }
      middle = (low + high) / 2
    }
    return best
  }

  func needs(_ design: Design, _ resources: Resources) -> [String] {
    var needs: [String] = []
    func compare(_ name: String, _ actual: Int, _ allowed: Int?, _ unit: String = "") {
      guard let allowed, actual > allowed else { return }
      needs.append("\(name) \(actual)\(unit) instead of \(allowed)")
    }
    compare("latency", design.latency, limits.latency, " cycles")
    compare("initiation interval", design.interval, limits.interval, " cycles")
    compare("DSP", design.resources.dsp, resources.dsp)
    compare("LUT", design.resources.lut, resources.lut)
    compare("FF", design.resources.ff, resources.ff)
    compare("BRAM18", design.resources.bram, resources.bram)
    compare("URAM", design.resources.uram, resources.uram)
    return needs
  }

  private func choices(_ space: SearchSpace, _ solution: Solver.Solution) -> [Step.Choice] {
    let defaults = planner.request.defaults
    var choices = planner.program.instructions.indices.map {
      Step.Choice(strategy: defaults.strategy ?? .latency, reuseFactor: planner.sharing($0))
    }
    for (layer, choice) in zip(space.layers, solution.choices) {
      let option = layer.options[choice]
      for member in layer.members {
        choices[member] = Step.Choice(strategy: option.strategy, reuseFactor: option.reuse)
      }
    }
    return choices
  }

  func design(_ space: SearchSpace, _ solution: Solver.Solution) -> Design {
    planner.plan(choices(space, solution))
  }
}
