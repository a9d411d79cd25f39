import FixedPoint

/// How the kernel has its weights: weight << shift = (first << (count − 1) · split) + … + last.
struct WeightParts {
  var shift: Int
  /// Bits of the sums that only their start has, and that are dropped there.
  var dropped: Int
  /// How many parts there are, highest first, and the bits of all but the first.
  var count = 1
  var split = 0
  /// Whether the kernel keeps only what is above the splits.
  var joins = false
  /// How many bytes a weight is the sum of at most: a product each, by the same lane of x.
  var terms = 1

  /// Bits of the sums that the kernel does not keep.
  var joined: Int { dropped + (joins ? (count - 1) * split : 0) }

  /// Whether all weights are bytes.
  func fitTiles(_ weights: [Raw]) -> Bool {
    count == 1 && weights.allSatisfy { (-128...127).contains($0 << Raw(shift)) }
  }

  /// What a weight is the sum of.
  func terms(_ weight: Raw) -> [Raw] {
    let count = max(1, (abs(weight) + 126) / 127)
    if terms == 1 || weight == -128 { return [weight] }
    return (0..<count).map { (weight * ($0 + 1)) / count - weight * $0 / count }
  }

  func parts(_ weight: Raw) -> [Raw] {
    digits(weight << Raw(shift)) { rest in
      let high = (rest + (1 << Raw(split - 1))) >> Raw(split)
      return (high, rest - high << Raw(split))
    }
  }

  /// What the parts' sums start from.
  func parts(start: Raw) -> [Raw] {
    digits(start >> Raw(dropped)) { ($0 >> Raw(split), $0 & ((1 << Raw(split)) - 1)) }
  }

  private func digits(_ word: Raw, _ divide: (Raw) -> (Raw, Raw)) -> [Raw] {
    var (rest, low) = (word, [Raw]())
    for _ in 1..<count {
      let (high, digit) = divide(rest)
      rest = high
      low.append(digit)
    }
    return [rest] + low.reversed()
  }
}
