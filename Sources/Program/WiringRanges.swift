import FixedPoint

extension Window {
  func range(_ x: RangedOperand) -> ValueRange {
    let isPadded = (before + after).contains { $0 > 0 }
    if x.range.channels.count == 1 { return isPadded ? x.range.including(padding) : x.range }
    let channels = x.lastAxis
    let perGroup = groups == 0 ? channels : channels / groups
    // Position t · perGroup + c of a window holds tap t of channel c of any group.
    let seen = (0..<perGroup).map { channel in
      (1..<max(groups, 1)).reduce(x.range[channel]) { $0.hull(x.range[$1 * perGroup + channel]) }
    }
    return isPadded ? ValueRange(channels: seen).including(padding) : ValueRange(channels: seen)
  }
}

extension Rearrangement {
  func range(_ operands: [RangedOperand], result: ValueType) -> ValueRange {
    let x = operands[0]
    let lastAxis = result.shape.last ?? 1
    switch self {
    case .reshape:
      // Rows stay whole where one row length divides the other.
      if x.range.channels.count == 1 || lastAxis % x.lastAxis == 0 { return x.range.repeated(to: lastAxis) }
      guard x.lastAxis % lastAxis == 0 else { return x.range.merged }
      return ValueRange(
        channels: (0..<lastAxis).map { position in
          stride(from: position, to: x.lastAxis, by: lastAxis).reduce(x.range[position]) {
            $0.hull(x.range[$1])
          }
        })
    case .transpose(let order): return order.last == order.count - 1 ? x.range : x.range.merged
    case .concatenate(let axis):
      let parts = operands.map { ($0.aligned(to: result.format.fractionBits), $0.lastAxis) }
      if axis == result.shape.count - 1 {
        return ValueRange(channels: parts.flatMap { part in (0..<part.1).map { part.0[$0] } })
      }
      return ValueRange(
        channels: (0..<lastAxis).map { position in
          parts.dropFirst().reduce(parts[0].0[position]) { $0.hull($1.0[position]) }
        })
    case .pad(let before, let after, let interior, let word):
      let isAdded = zip(zip(before, after), interior).map { $0.0 > 0 || $0.1 > 0 || $1 > 0 }
      if isAdded.last == true { return x.range.merged.including(word) }
      return isAdded.contains(true) ? x.range.including(word) : x.range
    case .slice(let start, let count, let step):
      guard x.range.channels.count > 1, let axis = count.indices.last else { return x.range }
      return ValueRange(channels: (0..<count[axis]).map { x.range[start[axis] + $0 * step[axis]] })
    case .gather(let axis, let indices):
      guard x.range.channels.count > 1, axis == x.type.shape.count - 1 else { return x.range }
      return ValueRange(channels: indices.map { x.range[$0] })
    }
  }
}

extension ValueRange {
  /// The same intervals for a longer last axis, a multiple of this one's.
  fileprivate func repeated(to count: Int) -> ValueRange {
    channels.count == 1 ? self : ValueRange(channels: (0..<count).map { self[$0] })
  }
}
