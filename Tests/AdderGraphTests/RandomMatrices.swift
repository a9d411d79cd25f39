import AdderGraph
import FixedPoint

/// Matrices of all kinds that have gone wrong somewhere, from a seed.
struct RandomMatrix {
  var weights: [[Int128]]
  var inputs: [AdderGraph.Word]
  var constants: [Int128]?

  init(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
    let rows = [1, 1, 2, 3, 4, 6, 8][below(7)]
    let columns = [1, 1, 2, 3, 5, 8][below(6)]
    let bits = 1 + below(9)
    let kind = below(6)
    weights = (0..<rows).map { _ in
      (0..<columns).map { _ in
        switch kind {
        case 0: Int128(1 << below(bits + 1))
        case 1: below(3) == 0 ? Int128(below(1 << bits)) : 0
        case 2: -Int128(below(1 << bits))
        case 3: Int128((1 << bits) + below(1 << bits))
        default: Int128(below(2 << bits) - (1 << bits))
        }
      }
    }
    if below(4) == 0 {
      // A row and a column of zeros, a column twice, once with the other sign, once shifted.
      let zero = below(rows)
      for row in 0..<rows {
        weights[row].append(0)
        weights[row].append(weights[row][0])
        weights[row].append(-weights[row][0])
        weights[row].append(weights[row][0] * 8)
        if row == zero { weights[row] = weights[row].map { _ in 0 } }
      }
    }
    let isNarrow = below(4) == 0
    inputs = (0..<rows).map { _ in
      if isNarrow {
        // Words of one to four bits: tables.
        let low = -Int128(below(3))
        return AdderGraph.Word(low: low, high: low + Int128(1 + below(7)))
      }
      let zeros = below(5) == 0 ? below(4) : 0
      let low = below(3) == 0 ? 0 : -Int128(1 + below(200))
      let high = below(12) == 0 ? low : low + Int128(1 + below(300))
      return AdderGraph.Word(low: low << Int128(zeros), high: high << Int128(zeros), trailingZeros: zeros)
    }
    if below(3) == 0 { constants = weights[0].map { _ in Int128(below(2000) - 1000) } }
  }
}
