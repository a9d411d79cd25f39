import CKernels
import FixedPoint

/// The lanes a pattern reads, each with its weights.
struct GroupList {
  struct Place {
    var buffer: Int32
    var lane: Int32
    /// The byte or int16 of the lane, and its bits.
    var position: Int
    var bits: Int
    /// Which of the block's results.
    var slot: Int
    /// For kernels that take one element at a time, in order: its place in the sum.
    var turn: Int
  }

  private struct Lane: Hashable {
    var buffer: Int32
    var lane: Int32
    var turn: Int
  }

  let parts: Int
  /// Results in a block.
  let width: Int
  /// Where sums of two products have to fit int16, the largest byte of x.
  let largestByte: Raw?
  private(set) var groups: [DotStep.Group] = []
  /// Which positions of which results a group already has weights for.
  private var taken: [Set<Int>] = []
  private var open: [Lane: [Int]] = [:]

  init(parts: Int, width: Int, largestByte: Raw?) {
    self.parts = parts
    self.width = width
    self.largestByte = largestByte
  }

  mutating func add(_ place: Place, _ words: [Raw]) {
    let lane = Lane(buffer: place.buffer, lane: place.lane, turn: place.turn)
    let seat = place.slot * TileLayout.lane + place.position
    var index = open[lane, default: []].first { !taken[$0].contains(seat) && fits($0, place, words) }
    if index == nil {
      index = groups.count
      open[lane, default: []].append(groups.count)
      groups.append(
        DotStep.Group(
          buffer: place.buffer, lane: place.lane, weights: Array(repeating: 0, count: parts * width)))
      taken.append([])
    }
    guard let index else { return }
    taken[index].insert(seat)
    let mask = UInt32.max >> UInt32(32 - place.bits)
    for (part, word) in words.enumerated() {
      let bits = (UInt32(truncatingIfNeeded: word) & mask) << UInt32(place.position * place.bits)
      groups[index].weights[part * width + place.slot] |= Int32(bitPattern: bits)
    }
  }

  /// Whether sums of two products fit int16 once a group has a result's weights.
  private func fits(_ group: Int, _ place: Place, _ words: [Raw]) -> Bool {
    guard let largestByte else { return true }
    return words.enumerated().allSatisfy { part, word in
      var sums = PairSums(largestByte)
      let shift = Int32(8 * (place.position ^ 1))
      sums.add(Raw(Int8(truncatingIfNeeded: groups[group].weights[part * width + place.slot] >> shift)))
      sums.add(word)
      return sums.fit
    }
  }

  /// Those of the last part alone, of it and others, of others alone: groups of a part are next to each other, at least of two.
  var sortedByParts: [DotStep.Group] {
    let turns = sorted.map { group -> Int in
      let isLast = group.uses(part: parts - 1, of: parts)
      return isLast ? ((0..<parts - 1).contains { group.uses(part: $0, of: parts) } ? 1 : 0) : 2
    }
    return (0...2).flatMap { turn in zip(sorted, turns).filter { $0.1 == turn }.map(\.0) }
  }

  /// The groups by place in memory.
  var sorted: [DotStep.Group] { groups.sorted { ($0.buffer, $0.lane) < ($1.buffer, $1.lane) } }
}
