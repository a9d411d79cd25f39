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
  private let steps: [Segment]
  /// Whether a layer's operations lie on both sides of another's: then choices act later than labels show.
  private let isInterleaved: Bool
  private let bounds: RemainderBounds

  /// Instructions from one layer's first affine operation to the next layer's.
  private struct Segment {
    var range: Range<Int>
    /// Values computed so far that are needed later.
    var live: [Int]
  }

  private struct Label {
    var choices: [Int]
    /// Of the segment's live values, in cycles.
    var times: [Double]
    /// Of the outputs that are done.
    var latest: Double
    var resources: Resources
    var bound: (share: Double, lut: Int)
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
    steps = zip(starts, starts.dropFirst()).map { start, end in
      Segment(range: start..<end, live: (0..<end).filter { lastUse[$0] >= end })
    }
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
    if isHopeless { return Outcome(best: nil, bound: .infinity, isProven: true) }
    // A narrow pass finds a good design, with which the wide pass can drop most labels.
    let quick = pass(width: min(width, 64), known: nil)
    return quick.isProven || width <= 64 ? quick : pass(width: width, known: quick.best)
  }

  private func pass(width: Int, known: Solution?) -> Outcome {
    var best = known
    var missed: (share: Double, lut: Int) = (.infinity, .max)
    var ready = Array(repeating: 0.0, count: space.planner.program.instructions.count)
    var labels: [Label] = []
    let start = Label(
      choices: [], times: [], latest: 0, resources: space.fixedResources, bound: (0, 0))
    if let label = extended(start, through: 0, from: [], &ready, best) { labels.append(label) }
    for stage in space.layers.indices {
      var next: [Label] = []
      for label in labels {
        for (choice, option) in space.layers[stage].options.enumerated() {
          var longer = label
          longer.choices.append(choice)
          longer.resources = longer.resources + option.resources
          if let extended = extended(longer, through: stage + 1, from: steps[stage].live, &ready, best) {
            next.append(extended)
          }
        }
      }
      labels = unbeaten(next)
      if labels.count > width {
        for label in labels[width...] where label.bound < missed { missed = label.bound }
        labels.removeLast(labels.count - width)
      }
    }
    for label in labels {
      let share = label.resources.largestShare(of: available)
      if best.map({ (share, label.resources.lut) < ($0.share, $0.resources.lut) }) ?? true {
        best = Solution(choices: label.choices, resources: label.resources, share: share)
      }
    }
    let isProven = best.map { missed >= ($0.share, $0.resources.lut) } ?? (missed.lut == .max)
    return Outcome(best: best, bound: min(missed.share, best?.share ?? .infinity), isProven: isProven)
  }

  /// The label with the times after a segment, or nil where it cannot become a better design within the limits.
  private func extended(
    _ label: Label, through segment: Int, from live: [Int], _ ready: inout [Double], _ best: Solution?
  ) -> Label? {
    var label = label
    for (value, time) in zip(live, label.times) { ready[value] = time }
    let program = space.planner.program
    for index in steps[segment].range {
      guard let timing = space.fixed[index] ?? chosen(index, label.choices) else { continue }
      var arrival = 0.0
      for operand in program.instructions[index].operands { arrival = max(arrival, ready[operand.index]) }
      ready[index] = timing.ready(arrival)
    }
    for output in program.outputs where steps[segment].range.contains(output.index) {
      label.latest = max(label.latest, ready[output.index])
    }
    label.times = steps[segment].live.map { ready[$0] }
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

  private func chosen(_ index: Int, _ choices: [Int]) -> Timing? {
    for (layer, choice) in zip(space.layers, choices) {
      if let member = layer.members.firstIndex(of: index) { return layer.options[choice].timings[member] }
    }
    return nil
  }

  /// Labels none of the others is at least as good as, by bound.
  private func unbeaten(_ labels: [Label]) -> [Label] {
    let sorted = labels.sorted {
      ($0.bound.share, $0.bound.lut, $0.times.reduce(0, +)) < (
        $1.bound.share, $1.bound.lut, $1.times.reduce(0, +)
      )
    }
    if isInterleaved { return sorted }
    var kept: [Label] = []
    for label in sorted {
      // Looking through all would take longer than it saves; the latest are the likeliest to be as good.
      let isBeaten = kept.suffix(400).contains { other in
        other.latest <= label.latest && other.resources.fits(label.resources)
          && zip(other.times, label.times).allSatisfy { $0 <= $1 }
      }
      if !isBeaten { kept.append(label) }
    }
    return kept
  }
}
