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

  /// Nothing but numbers, as there are hundreds of thousands of them: the times are in a `Front`.
  private struct Label {
    /// In `Choices`, the last choice of the label this one continues, and the option it adds.
    var choice: Int
    var option = 0
    /// Where its times are.
    var slot = 0
    var total = 0.0
    /// Of the outputs that are done, in cycles.
    var latest: Double
    var resources: Resources
    var bound: (share: Double, lut: Int)
  }

  /// The labels after a segment.
  private struct Front {
    var labels: [Label] = []
    /// For every slot, when each of the segment's live values is ready, in cycles.
    var times: [Double] = []
    /// How many live values there are.
    var width: Int

    func times(_ label: Label) -> ArraySlice<Double> {
      times[(label.slot * width)..<((label.slot + 1) * width)]
    }
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
          index: index, operands: program.instructions[index].operands.map(\.index),
          timing: space.fixed[index])
        if let place = places[index] { (operation.layer, operation.member) = (place.layer, place.member) }
        let arrival = operation.operands.reduce(0.0) { max($0, ready[$1]) }
        let options = places[index].map { place in
          space.layers[place.layer].options.map { $0.timings[place.member] }
        }
        ready[index] =
          (options ?? [space.fixed[index]].compactMap { $0 }).map { $0.ready(arrival) }.min() ?? arrival
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
    var choices = Choices()
    var front = Front(width: steps[0].live.count)
    let start = Label(choice: -1, latest: 0, resources: space.fixedResources, bound: (0, 0))
    extend(start, through: 0, choices, &ready, best, into: &front)
    for stage in space.layers.indices {
      var next = Front(width: steps[stage + 1].live.count)
      for var label in front.labels {
        let resources = label.resources
        for (value, time) in zip(steps[stage].live, front.times(label)) { ready[value] = time }
        for (option, taken) in space.layers[stage].options.enumerated() {
          label.option = option
          label.resources = resources + taken.resources
          extend(label, through: stage + 1, choices, &ready, best, into: &next)
        }
      }
      if let dropped = keepBest(width, of: &next), dropped < missed { missed = dropped }
      for index in next.labels.indices {
        next.labels[index].choice = choices.append(next.labels[index].option, to: next.labels[index].choice)
      }
      front = next
    }
    for label in front.labels {
      let share = label.resources.largestShare(of: available)
      if best.map({ (share, label.resources.lut) < ($0.share, $0.resources.lut) }) ?? true {
        best = Solution(choices: choices.options(of: label.choice), resources: label.resources, share: share)
      }
    }
    let isProven = best.map { missed >= ($0.share, $0.resources.lut) } ?? (missed.lut == .max)
    return Outcome(best: best, bound: min(missed.share, best?.share ?? .infinity), isProven: isProven)
  }

  /// Adds the label with the times after a segment, unless it cannot become a better design within the limits. `ready`
  /// holds the times before it.
  private func extend(
    _ label: Label, through segment: Int, _ choices: Choices, _ ready: inout [Double], _ best: Solution?,
    into front: inout Front
  ) {
    var label = label
    for operation in steps[segment].operations {
      var arrival = 0.0
      for operand in operation.operands { arrival = max(arrival, ready[operand]) }
      if let timing = operation.timing {
        ready[operation.index] = timing.ready(arrival)
      } else {
        // The last layer of segment s is s − 1; where it is another, its choice was made before.
        let option =
          operation.layer == segment - 1
          ? label.option : choices.option(at: operation.layer, of: label.choice, last: segment - 2)
        ready[operation.index] =
          space.layers[operation.layer].options[option].timings[operation.member].ready(arrival)
      }
    }
    for output in steps[segment].outputs { label.latest = max(label.latest, ready[output]) }
    let live = steps[segment].live
    var (latest, elapsed) = (label.latest, 0.0)
    label.total = 0
    for value in live {
      label.total += ready[value]
      latest = max(latest, ready[value] + bounds.tails[value])
      if bounds.isOnPath[value] { elapsed = max(elapsed, ready[value]) }
    }
    if let latency = limits.latency, latest >= Double(latency + 1) { return }
    guard let rest = bounds.resources(after: segment, elapsed: elapsed) else { return }
    let least = label.resources + rest
    if let most = limits.resources, !least.fits(most) { return }
    label.bound = (least.largestShare(of: available), least.lut)
    if let best, label.bound >= (best.share, best.resources.lut) { return }
    label.slot = front.labels.count
    for value in live { front.times.append(ready[value]) }
    front.labels.append(label)
  }

  /// Leaves the best `width` labels that none of the others is at least as good as, by bound. Gives the bound of the best one
  /// that was left out.
  private func keepBest(_ width: Int, of front: inout Front) -> (share: Double, lut: Int)? {
    let labels = front.labels
    let sorted = labels.indices.sorted { a, b in
      let (a, b) = (labels[a], labels[b])
      return (a.bound.share, a.bound.lut, a.total) < (b.bound.share, b.bound.lut, b.total)
    }
    var kept: [Label] = []
    var dropped: (share: Double, lut: Int)?
    for index in sorted {
      let label = labels[index]
      // Looking through all would take longer than it saves; the latest are the likeliest to be as good.
      let isBeaten =
        !isInterleaved
        && kept.suffix(400).contains { other in
          other.latest <= label.latest && other.resources.fits(label.resources)
            && zip(front.times(other), front.times(label)).allSatisfy { $0 <= $1 }
        }
      if isBeaten { continue }
      if kept.count == width {
        dropped = label.bound
        break
      }
      kept.append(label)
    }
    front.labels = kept
    return dropped
  }
}
