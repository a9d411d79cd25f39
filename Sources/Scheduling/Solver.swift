import Program

/// Finds the choice of options with the least largest share of the part, then the fewest LUTs, that keeps the
/// limits.
///
/// Dynamic programming over the layers in order of execution. A label is a choice for the first layers: when the
/// values still needed are ready, and what was used so far. A label is dropped where another is nowhere worse, or
/// where even the best completion (a bound, not a guess) breaks a limit or is no better than the best design
/// known. Should more labels be left than `width`, those of the best bounds are kept and the least bound of the
/// others limits what may have been missed; otherwise the result is optimal.
struct Solver {
  /// What a design may take.
  struct Limits {
    /// In cycles; nil for any.
    var latency: Int?
    var resources: Resources?
  }

  /// A complete choice.
  struct Solution {
    /// By layer, an index into its options.
    var choices: [Int]
    var resources: Resources
    /// The largest share.
    var share: Double
  }

  let space: SearchSpace
  let limits: Limits
  let available: Resources
  /// No choice is faster, whatever it takes: with every operation as fast as any option of its layer makes it.
  let leastLatency: Int
  private let steps: [Segment]
  /// Whether a layer's operations lie on both sides of another's: then choices act later than labels show.
  private let isInterleaved: Bool
  private let bounds: RemainderBounds

  /// Instructions from one layer's first affine operation to the next layer's.
  private struct Segment {
    var operations: [TimedOperation]
    /// Values computed so far that are needed later.
    var live: [Int]
    /// Outputs of the program among the operations.
    var outputs: [Int]
  }

  /// An instruction as far as time goes.
  private struct TimedOperation {
    var index: Int
    var operands: [Int]
    /// Nil where a layer's option says it.
    var timing: Timing?
    /// Place among the layers, and number among that layer's operations.
    var layer = 0
    var member = 0
  }

  private struct Label {
    /// The last choice, and in `Choices` those before it.
    var choice: Int
    /// Of the segment's live values, in cycles, and their sum.
    var times: [Double]
    var total = 0.0
    /// Of the outputs that are done.
    var latest: Double
    var resources: Resources
    var bound: (share: Double, lut: Int)
  }

  /// The choices of all labels as a tree: a label is longer than another by one choice, not a copy of it.
  private struct Choices {
    private var all: [(parent: Int, option: Int)] = []

    mutating func append(_ option: Int, to parent: Int) -> Int {
      all.append((parent, option))
      return all.count - 1
    }

    /// The option at `layer`, where `choice` was made at layer `last`.
    func option(at layer: Int, of choice: Int, last: Int) -> Int {
      var choice = choice
      for _ in layer..<last { choice = all[choice].parent }
      return all[choice].option
    }

    /// Every layer's option.
    func options(of choice: Int) -> [Int] {
      var options: [Int] = []
      var choice = choice
      while choice >= 0 {
        options.append(all[choice].option)
        choice = all[choice].parent
      }
      return options.reversed()
    }
  }

  init(_ space: SearchSpace, limits: Limits, available: Resources) {
    self.space = space
    self.limits = limits
    self.available = available
    let program = space.planner.program
    let count = program.instructions.count
    var lastUse = Array(0..<count)
    for (index, instruction) in program.instructions.enumerated() {
      for operand in instruction.operands { lastUse[operand.index] = index }
    }
    let firsts = space.layers.map { $0.members[0] } + [count]
    let starts = [0] + firsts
    var places: [Int: (layer: Int, member: Int)] = [:]
    for (layer, made) in space.layers.enumerated() {
      for (member, index) in made.members.enumerated() { places[index] = (layer, member) }
    }
    let outputs = Set(program.outputs.map(\.index))
    var live: [Int] = []
    var segments: [Segment] = []
    var ready = Array(repeating: 0.0, count: count)
    for (start, end) in zip(starts, starts.dropFirst()) {
      live = (live + Array(start..<end)).filter { lastUse[$0] >= end }
      let operations = (start..<end).map { index in
        var operation = TimedOperation(
          index: index, operands: program.instructions[index].operands.map(\.index), timing: space.fixed[index])
        if let place = places[index] { (operation.layer, operation.member) = (place.layer, place.member) }
        let arrival = operation.operands.reduce(0.0) { max($0, ready[$1]) }
        let options = places[index].map { place in
          space.layers[place.layer].options.map { $0.timings[place.member] }
        }
        ready[index] = (options ?? [space.fixed[index]].compactMap { $0 }).map { $0.ready(arrival) }.min() ?? arrival
        return operation
      }
      segments.append(
        Segment(operations: operations, live: live, outputs: (start..<end).filter { outputs.contains($0) }))
    }
    steps = segments
    leastLatency = Int(program.outputs.map { ready[$0.index] }.max() ?? 0)
    isInterleaved = zip(space.layers, space.layers.dropFirst()).contains { layer, next in
      (layer.members.last ?? 0) > next.members[0]
    }
    bounds = RemainderBounds(space, latency: limits.latency)
  }

  /// The outcome of a search.
  struct Outcome {
    var best: Solution?
    /// Nothing that keeps the limits has a smaller largest share.
    var bound: Double
    /// Whether the best is the best there is, or, where there is none, that there is none.
    var isProven: Bool
  }

  /// The best solution with up to `width` labels per layer.
  func solve(width: Int) -> Outcome {
    let isHopeless = space.layers.contains { $0.options.isEmpty }
    if isHopeless || leastLatency > limits.latency ?? .max {
      return Outcome(best: nil, bound: .infinity, isProven: true)
    }
    // A narrow pass finds a good design, with which the wide pass can drop most labels.
    let quick = pass(width: min(width, 64), known: nil)
    return quick.isProven || width <= 64 ? quick : pass(width: width, known: quick.best)
  }

  private func pass(width: Int, known: Solution?) -> Outcome {
    var best = known
    var missed: (share: Double, lut: Int) = (.infinity, .max)
    var ready = Array(repeating: 0.0, count: space.planner.program.instructions.count)
    var labels: [Label] = []
    var choices = Choices()
    let start = Label(choice: -1, times: [], latest: 0, resources: space.fixedResources, bound: (0, 0))
    if let label = extended(start, through: 0, from: [], choices, &ready, best) { labels.append(label) }
    for stage in space.layers.indices {
      var next: [Label] = []
      for label in labels {
        for (option, taken) in space.layers[stage].options.enumerated() {
          var longer = label
          longer.choice = choices.append(option, to: label.choice)
          longer.resources = longer.resources + taken.resources
          if let extended = extended(
            longer, through: stage + 1, from: steps[stage].live, choices, &ready, best)
          {
            next.append(extended)
          }
        }
      }
      let found = unbeaten(next, width: width)
      labels = found.kept
      if let dropped = found.dropped, dropped < missed { missed = dropped }
    }
    for label in labels {
      let share = label.resources.largestShare(of: available)
      if best.map({ (share, label.resources.lut) < ($0.share, $0.resources.lut) }) ?? true {
        best = Solution(choices: choices.options(of: label.choice), resources: label.resources, share: share)
      }
    }
    let isProven = best.map { missed >= ($0.share, $0.resources.lut) } ?? (missed.lut == .max)
    return Outcome(best: best, bound: min(missed.share, best?.share ?? .infinity), isProven: isProven)
  }

  /// The label with the times after a segment, or nil where it cannot become a better design within the limits.
  private func extended(
    _ label: Label, through segment: Int, from live: [Int], _ choices: Choices, _ ready: inout [Double],
    _ best: Solution?
  ) -> Label? {
    var label = label
    for (value, time) in zip(live, label.times) { ready[value] = time }
    for operation in steps[segment].operations {
      var arrival = 0.0
      for operand in operation.operands { arrival = max(arrival, ready[operand]) }
      if let timing = operation.timing {
        ready[operation.index] = timing.ready(arrival)
      } else {
        // The layers of segment s are those before s.
        let option = choices.option(at: operation.layer, of: label.choice, last: segment - 1)
        ready[operation.index] =
          space.layers[operation.layer].options[option].timings[operation.member].ready(arrival)
      }
    }
    for output in steps[segment].outputs { label.latest = max(label.latest, ready[output]) }
    label.times = steps[segment].live.map { ready[$0] }
    label.total = label.times.reduce(0, +)
    if let latency = limits.latency {
      var latest = label.latest
      for (value, time) in zip(steps[segment].live, label.times) {
        latest = max(latest, time + bounds.tails[value])
      }
      if latest >= Double(latency + 1) { return nil }
    }
    let elapsed = zip(steps[segment].live, label.times).reduce(0.0) { elapsed, pair in
      bounds.isOnPath[pair.0] ? max(elapsed, pair.1) : elapsed
    }
    guard let rest = bounds.resources(after: segment, elapsed: elapsed) else { return nil }
    let least = label.resources + rest
    if let most = limits.resources, !least.fits(most) { return nil }
    label.bound = (least.largestShare(of: available), least.lut)
    if let best, (label.bound.share, label.bound.lut) >= (best.share, best.resources.lut) { return nil }
    return label
  }

  /// The best `width` labels that none of the others is at least as good as, by bound; and the bound of the best one that
  /// was left out.
  private func unbeaten(
    _ labels: [Label], width: Int
  ) -> (kept: [Label], dropped: (share: Double, lut: Int)?) {
    let sorted = labels.sorted {
      ($0.bound.share, $0.bound.lut, $0.total) < ($1.bound.share, $1.bound.lut, $1.total)
    }
    var kept: [Label] = []
    for label in sorted {
      // Looking through all would take longer than it saves; the latest are the likeliest to be as good.
      let isBeaten =
        !isInterleaved
        && kept.suffix(400).contains { other in
          other.latest <= label.latest && other.resources.fits(label.resources)
            && zip(other.times, label.times).allSatisfy { $0 <= $1 }
        }
      if isBeaten { continue }
      if kept.count == width { return (kept, label.bound) }
      kept.append(label)
    }
    return (kept, nil)
  }
}
