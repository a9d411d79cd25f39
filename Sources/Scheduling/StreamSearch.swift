import Program

/// The search for io_stream designs, whose layers cost and last what their neighbours and FIFOs make of them: whole
/// designs are planned and compared. The best found, not proven to be the best.
extension Finder {
  /// What a design is judged by: by how much it breaks its limits (1 where it keeps them), then as every design.
  private struct Score: Comparable {
    var violation, share: Double
    var lut: Int

    static func < (a: Score, b: Score) -> Bool {
      (a.violation, a.share, a.lut) < (b.violation, b.share, b.lut)
    }
  }

  func streamResult() -> SearchResult {
    let most = limits.resources ?? available
    var best: (choice: [Int], design: Design, score: Score)?
    var fastest: Design?
    let space = SearchSpace(planner).within(interval: nil, isPruned: false)
    for choice in uniformChoices(space) + quickestChoice(space) {
      let design = design(space, choice)
      let score = score(design, most)
      if best.map({ score < $0.score }) ?? true { best = (choice, design, score) }
      if fastest.map({ design.latency < $0.latency }) ?? true { fastest = design }
    }
    guard var best else { return .nothingFits([], isProven: false) }
    // From the best of equal factors, one layer at a time; not where even the fastest is too slow, as no step leads there.
    let isTooSlow = (fastest?.latency ?? 0) > limits.latency ?? .max
    for layer in space.layers.indices where !isTooSlow {
      for option in thinned(space.layers[layer].options) where option != best.choice[layer] {
        var choice = best.choice
        choice[layer] = option
        let design = design(space, choice)
        let score = score(design, most)
        if score < best.score { best = (choice, design, score) }
      }
    }
    if best.score.violation <= 1 {
      return .found(
        FoundDesign(design: best.design, share: best.score.share, bound: 0, isOptimal: false))
    }
    var misses = [NearMiss(design: best.design, needs: needs(best.design, most))]
    if let fastest, needs(fastest, most) != misses[0].needs {
      misses.append(NearMiss(design: fastest, needs: needs(fastest, most)))
    }
    return .nothingFits(misses, isProven: false)
  }

  /// The designs of equal factors within the limits, for `explore`.
  func streamDesigns() -> [Design] {
    let most = limits.resources ?? available
    let space = SearchSpace(planner).within(interval: nil, isPruned: false)
    return uniformChoices(space).map { design(space, $0) }.filter { score($0, most).violation <= 1 }
  }

  private func design(_ space: SearchSpace, _ choices: [Int]) -> Design {
    design(space, Solver.Solution(choices: choices, resources: Resources(), share: 0))
  }

  /// For every strategy and factors at ratios of about 1.5: of every layer the largest factor up to that.
  private func uniformChoices(_ space: SearchSpace) -> [[Int]] {
    if space.layers.contains(where: { $0.options.isEmpty }) { return [] }
    let largest = space.layers.flatMap { $0.options.map(\.reuse) }.max() ?? 1
    var targets = [1]
    while let last = targets.last, last < largest { targets.append(max(last + 1, last * 3 / 2)) }
    var seen: Set<[Int]> = []
    return Strategy.built.flatMap { strategy in
      targets.compactMap { target in
        let choice = space.layers.map { layer in
          let indices = layer.options.indices
          let asked = indices.filter { layer.options[$0].strategy == strategy }
          let candidates = asked.isEmpty ? Array(indices) : asked
          return candidates.last { layer.options[$0].reuse <= target } ?? candidates[0]
        }
        return seen.insert(choice).inserted ? choice : nil
      }
    }
  }

  /// Every layer's fastest option.
  private func quickestChoice(_ space: SearchSpace) -> [[Int]] {
    if space.layers.contains(where: { $0.options.isEmpty }) { return [] }
    return [
      space.layers.map { layer in
        layer.options.indices.min { layer.options[$0].duration < layer.options[$1].duration } ?? 0
      }
    ]
  }

  /// Options of each strategy at ratios of about 1.5.
  private func thinned(_ options: [SearchSpace.Option]) -> [Int] {
    var last: [Strategy: Int] = [:]
    return options.indices.filter { index in
      let option = options[index]
      if let before = last[option.strategy], Double(option.reuse) < 1.5 * Double(before) { return false }
      last[option.strategy] = option.reuse
      return true
    }
  }

  private func score(_ design: Design, _ most: Resources) -> Score {
    func ratio(_ actual: Int, _ limit: Int?) -> Double {
      guard let limit, actual > limit else { return 1 }
      return limit > 0 ? Double(actual) / Double(limit) : .infinity
    }
    let used = design.resources
    let violation = [
      ratio(design.latency, limits.latency), ratio(design.interval, limits.interval),
      ratio(used.dsp, most.dsp),
      ratio(used.lut, most.lut), ratio(used.ff, most.ff), ratio(used.bram, most.bram),
      ratio(used.uram, most.uram),
    ].reduce(1, max)
    return Score(violation: violation, share: used.largestShare(of: available), lut: used.lut)
  }
}
