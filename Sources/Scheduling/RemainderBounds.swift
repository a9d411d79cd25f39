import Program

/// What the layers after a point take at least, in time and in each resource.
struct RemainderBounds {
  /// Cycles from each value to the last output that depends on it, at least.
  private(set) var tails: [Double]
  /// Whether a value lies on the path the resource bound follows.
  private(set) var isOnPath: [Bool]
  private let latency: Int?
  /// The cycles that one entry of `onPath` stands for: 1 unless the limit is so long that the tables would be.
  private let cycle: Int
  /// Per stage, the least of each resource: of layers beside the path.
  private var besidePath: [Resources]
  /// Per stage, least resources of the layers on the path by the time they may take, in units of `cycle`.
  private var onPath: [[Resources?]]

  /// The most entries of a table: its length times the layers is the time it takes to make.
  static let mostEntries = 512

  init(_ space: SearchSpace, latency: Int?, entries: Int = mostEntries) {
    let program = space.planner.program
    let count = program.instructions.count
    // A limit no choice can break is none: the table below would only be longer.
    let longest =
      space.fixed.reduce(0) { $0 + 1 + ($1?.duration ?? 0) }
      + space.layers.reduce(0) { $0 + 1 + ($1.options.map(\.duration).max() ?? 0) }
    let latency = latency.flatMap { Double($0) > longest ? nil : $0 }
    self.latency = latency
    var least = space.fixed.map { $0?.duration ?? 0 }
    var layerOf: [Int: Int] = [:]
    for (place, layer) in space.layers.enumerated() {
      for (member, index) in layer.members.enumerated() {
        layerOf[index] = place
        least[index] = layer.options.map { $0.timings[member].duration }.min() ?? 0
      }
    }
    let stages = space.layers.count
    besidePath = Array(repeating: Resources(), count: stages + 1)
    onPath = Array(repeating: [], count: stages + 1)
    isOnPath = Array(repeating: false, count: count)
    tails = Array(repeating: 0, count: count)
    var next: [Int?] = Array(repeating: nil, count: count)
    for index in program.instructions.indices.reversed() {
      for operand in program.instructions[index].operands {
        let tail = least[index] + tails[index]
        if tail > tails[operand.index] || next[operand.index] == nil {
          tails[operand.index] = max(tails[operand.index], tail)
          next[operand.index] = index
        }
      }
    }
    // The path that takes longest even with the fastest options.
    var pathLayers: Set<Int> = []
    let sources = program.instructions.indices.filter { program.instructions[$0].operands.isEmpty }
    let lengths = tails
    var position = sources.max { lengths[$0] < lengths[$1] }
    var path: Set<Int> = []
    while let index = position {
      path.insert(index)
      isOnPath[index] = true
      if let place = layerOf[index] { pathLayers.insert(place) }
      position = next[index]
    }
    // Durations are rounded down to units, what is left up: the bound stays one.
    cycle = latency.map { ($0 + 1 + entries) / entries } ?? 1
    let horizon = latency.map { [cycle] in ($0 + cycle) / cycle }
    var table: [Resources?] = Array(repeating: Resources(), count: (horizon ?? 0) + 1)
    onPath[stages] = table
    for stage in space.layers.indices.reversed() {
      let layer = space.layers[stage]
      besidePath[stage] = besidePath[stage + 1]
      if pathLayers.contains(stage) {
        let choices = layer.options.map { option in
          var duration = 0.0
          for (member, timing) in zip(layer.members, option.timings) where path.contains(member) {
            duration += timing.duration
          }
          return (Int(duration) / cycle, option.resources)
        }
        var longer: [Resources?] = Array(repeating: nil, count: table.count)
        for time in longer.indices {
          for (duration, resources) in choices {
            let rest = horizon == nil ? table[0] : duration <= time ? table[time - duration] : nil
            guard let rest else { continue }
            let sum = resources + rest
            longer[time] = longer[time].map { Resources.minimum($0, sum) } ?? sum
          }
        }
        table = longer
      } else if let first = layer.options.first {
        besidePath[stage] =
          besidePath[stage] + layer.options.map(\.resources).reduce(first.resources, Resources.minimum)
      }
      onPath[stage] = table
    }
  }

  /// Least resources of the layers from `stage` on when `elapsed` cycles are gone; nil where time is up.
  func resources(after stage: Int, elapsed: Double) -> Resources? {
    let table = onPath[stage]
    let left =
      latency.map { min(table.count - 1, Int(((Double($0 + 1) - elapsed) / Double(cycle)).rounded(.up))) }
      ?? 0
    guard table.indices.contains(left), let least = table[left] else { return nil }
    return least + besidePath[stage]
  }
}
