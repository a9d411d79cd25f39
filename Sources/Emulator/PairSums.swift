import FixedPoint

/// What the sums of products of two neighbouring bytes of x with their weights can be, where they are added in int16: the
/// instruction that multiplies bytes without VNNI (`vpmaddubsw`) leaves them so.
struct PairSums {
  /// The largest byte of x; the least is 0.
  private let largest: Raw
  private var low: Raw = 0
  private var high: Raw = 0

  init(_ largest: Raw) { self.largest = largest }

  /// Adds a product.
  mutating func add(_ weight: Raw) {
    low += min(0, weight) * largest
    high += max(0, weight) * largest
  }

  /// Whether every sum so far fits int16, in whatever order products are added.
  var fit: Bool { low >= Raw(Int16.min) && high <= Raw(Int16.max) }

  /// How many groups in a row, counted from the first, have products whose sums fit int16 for every result and part. Of each
  /// group alone they do.
  func most(_ groups: [DotStep.Group]) -> Int {
    var most = groups.count
    while most > 1, !fits(groups, inRowsOf: most) { most = most > 8 ? most * 3 / 4 : most - 1 }
    return max(1, most)
  }

  private func fits(_ groups: [DotStep.Group], inRowsOf count: Int) -> Bool {
    let seats = 2 * (groups.first?.weights.count ?? 0)
    for start in stride(from: 0, to: groups.count, by: count) {
      var sums = [PairSums](repeating: self, count: seats)
      for group in groups[start..<min(start + count, groups.count)] {
        for (slot, lane) in group.weights.enumerated() where lane != 0 {
          for byte in 0..<TileLayout.lane {
            sums[2 * slot + byte / 2].add(Raw(Int8(truncatingIfNeeded: lane >> Int32(8 * byte))))
          }
        }
      }
      if !sums.allSatisfy(\.fit) { return false }
    }
    return true
  }
}
