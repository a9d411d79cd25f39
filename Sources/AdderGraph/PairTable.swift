/// How often each pair of terms occurs in the sums: an open hash table, as most of the greedy search is spent in it.
struct PairTable {
  private var keys: [UInt64]
  private var counts: [Int32]
  private var used = 0
  private var mask: Int

  init(capacity: Int) {
    var size = 64
    while size < 2 * capacity { size *= 2 }
    keys = [UInt64](repeating: 0, count: size)
    counts = [Int32](repeating: 0, count: size)
    mask = size - 1
  }

  @inline(__always)
  private func place(_ key: UInt64) -> Int {
    var place = Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> 20) & mask
    while keys[place] != 0, keys[place] != key { place = (place &+ 1) & mask }
    return place
  }

  func count(_ key: UInt64) -> Int { Int(counts[place(key)]) }

  @inline(__always)
  mutating func add(_ key: UInt64, _ change: Int32) {
    let place = place(key)
    if keys[place] == 0 {
      keys[place] = key
      used += 1
    }
    counts[place] &+= change
    if used &* 10 > keys.count &* 7 { grow() }
  }

  /// The keys that occur more than once, in order of their numbers.
  func repeated() -> [UInt64] {
    keys.indices.filter { counts[$0] > 1 }.map { keys[$0] }.sorted()
  }

  private mutating func grow() {
    let live = keys.indices.filter { counts[$0] > 0 }.map { (keys[$0], counts[$0]) }
    self = PairTable(capacity: max(64, 2 * live.count))
    for (key, count) in live { add(key, count) }
  }
}

/// Two terms up to a common shift and sign: first + (±second · 2^shift).
struct Pair {
  var first: Int
  var second: Int
  /// May be negative: then the first is the one that is shifted.
  var shift: Int
  var isDifference: Bool

  @inline(__always)
  init(_ a: Addend, _ b: Addend) {
    let isSwapped = a.word > b.word || a.word == b.word && a.shift > b.shift
    let (a, b) = isSwapped ? (b, a) : (a, b)
    first = a.index
    second = b.index
    shift = b.shiftCount &- a.shiftCount
    isDifference = a.isNegated != b.isNegated
  }

  @inline(__always)
  init(key: UInt64) {
    first = Int(key >> 40)
    second = Int(key >> 16 & 0xff_ffff)
    shift = Int(key >> 1 & 0x7f) - 64
    isDifference = key & 1 == 1
  }

  @inline(__always)
  var key: UInt64 {
    UInt64(
      truncatingIfNeeded: first << 40 | second << 16 | 1 << 15 | (shift &+ 64) << 1 | (isDifference ? 1 : 0))
  }

  /// The sum's terms, the lower one not shifted.
  var terms: [Addend] {
    [
      Addend(first, shift: max(0, -shift)),
      Addend(second, shift: max(0, shift), isNegated: isDifference),
    ]
  }
}

/// A heap of pairs by score, then by number.
struct PairHeap {
  private var items: [(score: Int, key: UInt64)] = []

  @inline(__always)
  private func isBefore(_ a: Int, _ b: Int) -> Bool {
    items[a].score != items[b].score ? items[a].score > items[b].score : items[a].key < items[b].key
  }

  mutating func push(_ key: UInt64, score: Int) {
    items.append((score, key))
    var place = items.count - 1
    while place > 0, isBefore(place, (place - 1) / 2) {
      items.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func pop() -> (score: Int, key: UInt64)? {
    guard let first = items.first else { return nil }
    let last = items.removeLast()
    if items.isEmpty { return first }
    items[0] = last
    var place = 0
    while true {
      var child = 2 * place + 1
      guard child < items.count else { return first }
      if child + 1 < items.count, isBefore(child + 1, child) { child += 1 }
      guard isBefore(child, place) else { return first }
      items.swapAt(place, child)
      place = child
    }
  }
}
