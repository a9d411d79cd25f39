import FixedPoint
import Model

extension Ensemble {
  /// The format of an input that only these trees read, in `options.wordLength` bits: fine enough for the events where they are
  /// whole multiples of a step, else as fine as the range allows. It reaches beyond every threshold, so that what saturates goes
  /// where the number itself would have gone.
  func inputFormat(_ options: ExactOptions, events: [Double]?) -> FixedFormat {
    var (low, high) = (0.0, 0.0)
    for tree in trees {
      for node in tree.nodes {
        switch node.test {
        case .less(let threshold), .lessOrEqual(let threshold), .equal(let threshold):
          guard abs(threshold) < 0x1p60 else { continue }
          (low, high) = (min(low, threshold), max(high, threshold))
        case .member(let set):
          (low, high) = (min(low, -1), max(high, Double((categories[set].members.last ?? 0) + 1)))
        }
      }
    }
    // Oblique splits see sums of all features: their thresholds say nothing of one.
    for event in events ?? [] { (low, high) = (min(low, event), max(high, event)) }
    // A power of two needs the bit above it, and the lowest word is not the lowest threshold.
    let magnitude = max(high, -low, 1e-9).nextUp
    let isSigned = low < 0 || options.isMissingLowest
    var format = FixedFormat.covering(
      (isSigned ? -magnitude : 0)...magnitude, width: options.wordLength, signed: isSigned)
    if let events, let exact = FixedTensor.exact(events, shape: [events.count], limit: options.wordLength),
      exact.format.fractionBits + format.integerBits <= options.wordLength
    {
      format.width = max(1, exact.format.fractionBits + format.integerBits)
    }
    return format.with(.rnd, options.isMissingLowest ? .satSym : .sat)
  }
}
