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

  /// Groups of one part in an order in which the products of two in a row fit int16: the largest of those that are left and the
  /// smallest that it fits with, then one that fits with none. Of more than one of those the others have a group without weights
  /// beside them.
  ///
  /// - Returns: the groups as they are where any two in a row fit so already, or where rows of two gain less than they cost: two
  ///   groups take 14 cycles in a row and 16.5 each on its own (AMD's family 25).
  func inPairs(_ groups: [DotStep.Group]) -> [DotStep.Group] {
    guard groups.count > 1, most(groups) == 1 else { return groups }
    var left = groups.map { (group: $0, sums: sums([$0][...])) }
    left.sort { Self.size($0.sums) < Self.size($1.sums) }
    var pairs: [DotStep.Group] = []
    var alone: [DotStep.Group] = []
    while let (group, sums) = left.popLast() {
      if let other = left.firstIndex(where: { zip(sums, $0.sums).allSatisfy { $0.with($1).fit } }) {
        pairs += [group, left.remove(at: other).group]
      } else {
        alone.append(group)
      }
    }
    guard 7 * (groups.count + max(0, alone.count - 1)) < 8 * groups.count else { return groups }
    for group in alone.dropLast() {
      var empty = group
      empty.weights = group.weights.map { _ in 0 }
      pairs += [group, empty]
    }
    return pairs + alone.suffix(1)
  }

  private func fits(_ groups: [DotStep.Group], inRowsOf count: Int) -> Bool {
    stride(from: 0, to: groups.count, by: count).allSatisfy {
      sums(groups[$0..<min($0 + count, groups.count)]).allSatisfy(\.fit)
    }
  }

  /// The sums of some groups: for every result and part two, as a lane has two pairs of bytes.
  private func sums(_ groups: ArraySlice<DotStep.Group>) -> [PairSums] {
    var sums = [PairSums](repeating: self, count: 2 * (groups.first?.weights.count ?? 0))
    for group in groups {
      for (slot, lane) in group.weights.enumerated() where lane != 0 {
        for byte in 0..<TileLayout.lane {
          sums[2 * slot + byte / 2].add(Raw(Int8(truncatingIfNeeded: lane >> Int32(8 * byte))))
        }
      }
    }
    return sums
  }

  /// The largest number among sums.
  private static func size(_ sums: [PairSums]) -> Raw { sums.map { max(-$0.low, $0.high) }.max() ?? 0 }

  /// The sum of both.
  private func with(_ other: PairSums) -> PairSums {
    var sum = self
    (sum.low, sum.high) = (low + other.low, high + other.high)
    return sum
  }
}
