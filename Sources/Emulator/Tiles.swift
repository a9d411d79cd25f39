import CKernels

// Dot products as products of matrices: sixteen results at a time, by runs of up to sixteen lanes.

extension DotStep {
  /// Whether the step is a product of matrices.
  var isTiled: Bool { Int(kernel.kind) == TF_DOT_TILES }

  /// Whether int16 words of x are taken apart into digits first.
  var splitsWords: Bool { isTiled && kernel.digits == 2 }

  /// The same step, still without patterns and blocks, as a product of matrices. Weights have to be bytes.
  var tiled: DotStep {
    var step = self
    step.width = Int(TF_TILE)
    step.kernel.digits = Int(kernel.kind) == TF_DOT_BYTES ? 1 : 2
    step.kernel.kind = UInt8(TF_DOT_TILES)
    return step
  }

  /// About how long the products of 64 events take, in cycles. Sixteen dot products of four vectors take eight cycles
  /// (two a cycle); a product of tiles sixteen, as long as it takes to store the sums of one.
  var cycles: Int {
    let each = patterns.map { pattern in
      isTiled
        ? TileLayout.perBlock * Int(kernel.digits) * (16 * pattern.runs(of: runLanes).count + 16)
        : 8 * pattern.groups.count * Int(kernel.parts)
    }
    return blocks.map { each[$0.pattern] }.reduce(0, +)
  }

  /// Lanes in a run.
  var runLanes: Int { Int(kernel.run_lanes) }

  /// Makes runs as short as they can be without being more.
  mutating func fitRuns() {
    func count(_ lanes: Int) -> Int { patterns.map { $0.runs(of: lanes).count }.reduce(0, +) }
    let fewest = count(Int(TF_TILE))
    kernel.run_lanes = UInt8((1...Int(TF_TILE)).first { count($0) == fewest } ?? Int(TF_TILE))
  }
}

/// What a product of tiles multiplies: groups in lanes next to each other.
struct TileRun {
  var buffer: Int32
  /// The first lane; the tile reads this one and those after it.
  var lane: Int32
  /// By distance from the first lane; nil where the tile's weights are zero.
  var groups: [DotStep.Group?]

  /// The weights of the tile, by result and lane.
  var weights: [Int8] {
    (0..<Int(TF_TILE)).flatMap { result in
      (0..<Int(TF_TILE)).flatMap { place -> [Int8] in
        let lane = place < groups.count ? groups[place]?.weights[result] ?? 0 : 0
        return (0..<TileLayout.lane).map { Int8(truncatingIfNeeded: lane >> Int32(8 * $0)) }
      }
    }
  }
}

extension DotStep.Pattern {
  /// The pattern's groups in runs of some lanes. Its groups are in order of their lanes.
  func runs(of lanes: Int) -> [TileRun] {
    var runs: [TileRun] = []
    for group in groups {
      let home = runs.lastIndex { run in
        run.buffer == group.buffer && Int(group.lane - run.lane) < lanes
          && run.groups[Int(group.lane - run.lane)] == nil
      }
      if let home {
        runs[home].groups[Int(group.lane - runs[home].lane)] = group
      } else {
        var run = TileRun(buffer: group.buffer, lane: group.lane, groups: Array(repeating: nil, count: lanes))
        run.groups[0] = group
        runs.append(run)
      }
    }
    return runs
  }
}
