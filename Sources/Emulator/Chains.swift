import CKernels
import FixedPoint
import Program

/// What an epilogue makes of its sums where results have formats of their own: a chain for every kind of result.
struct Chains {
  /// The chains that differ.
  private(set) var kinds: [Chain]
  /// For every word of the result, its chain; empty where there is one.
  private(set) var places: [Int] = []

  init(_ chain: Chain) { kinds = [chain] }

  /// What the words can be.
  var interval: Interval { kinds.dropFirst().reduce(kinds[0].interval) { $0.union($1.interval) } }
  /// The zero bits that all words end with.
  var left: Int { varying.map(\.left).min() ?? 0 }
  /// The bits of the sums that all chains drop.
  var dropped: Int { varying.map(\.first.shift).min() ?? 0 }
  var isConvergent: Bool { varying.contains(where: \.first.isConvergent) }
  /// Whether only the sums' low bits count.
  var isModular: Bool { varying.allSatisfy { $0.wrap != nil && $0.first.isIdentity } }
  private var varying: [Chain] { kinds.filter { !$0.isZero } }

  /// All chains grown in one way; nil where one cannot be.
  func grown(_ grow: (Chain) -> Chain?) -> Chains? {
    var result = self
    for (place, chain) in kinds.enumerated() {
      guard let longer = grow(chain) else { return nil }
      result.kinds[place] = longer
    }
    return result
  }

  /// The chains with each word's conversion to its format at their ends.
  func converted(fractionBits: Int, to laid: LaidFormats, shape: [Int]) -> Chains? {
    let fraction = laid.result.fractionBits
    var result = self
    result.kinds = []
    var known: [[Int]: Int] = [:]
    result.places = []
    for (word, format) in laid.places(in: shape).enumerated() {
      let key = [places.isEmpty ? 0 : places[word], format]
      if known[key] == nil {
        var longer: Chain? = .zero
        if let format = laid.formats[format] {
          longer = kinds[key[0]].converted(fractionBits: fractionBits, to: format)?
            .aligned(left: fraction - format.fractionBits)
        }
        guard let longer else { return nil }
        known[key] = result.kinds.count
        result.kinds.append(longer)
      }
      result.places.append(known[key] ?? 0)
    }
    return result
  }

  /// The kernels' form for sums in `sums`, as `Chain.epilogue`.
  ///
  /// - Returns: also, for every kind, what to add to its sums' starts and, where there are several, how it ends.
  func epilogue(_ sums: Interval, joined: Int = 0, row: tf_row)
    -> (kernel: tf_epilogue, starts: [Raw], each: [tf_finish])?
  {
    if kinds.count == 1 {
      return kinds[0].epilogue(sums, joined: joined, row: row).map { ($0.kernel, [$0.start], []) }
    }
    // The bit that says whether any of the joined parts' was set would be read as one of the sum.
    if joined > 0, isConvergent { return nil }
    var kernel = tf_epilogue()
    kernel.storage = row.storage
    kernel.finish = UInt8(TF_FINISH_EACH)
    var starts: [Raw] = []
    var each: [tf_finish] = []
    let offset = row.offset >> Int32(row.shift)
    for chain in kinds {
      var way = tf_finish()
      (way.wrap_mask, way.add) = (-1, -offset)
      if chain.isZero {
        (way.second.low, way.second.high) = (Int32.min, Int32.max)
        starts.append(0)
      } else {
        let own = tf_row(lane: 0, offset: 0, storage: UInt8(TF_S32), position: 0, shift: UInt8(chain.left))
        let up = chain.left - Int(row.shift)
        guard up < 32, let (epilogue, start) = chain.epilogue(sums, joined: joined, row: own) else {
          return nil
        }
        (way.first, way.second) = (epilogue.first, epilogue.second)
        if epilogue.wraps != 0 {
          way.wrap_shift = Int32(epilogue.wrap_shift)
          if epilogue.wrap_signed == 0 { way.wrap_mask = Int32.max >> (way.wrap_shift - 1) }
        }
        way.up = Int32(up)
        starts.append(start)
        kernel.wraps |= epilogue.wraps
        kernel.converges |= epilogue.first.rounds_to_even | epilogue.second.rounds_to_even
      }
      if way.up != 0 || way.add != 0 { kernel.moves = 1 }
      each.append(way)
    }
    return (kernel, starts, each)
  }
}

extension Chain {
  /// Every word is 0, whatever the sum.
  static var zero: Chain {
    var chain = Chain(Interval(0, 0))
    chain.first.clamp(low: 0, high: 0)
    return chain
  }

  /// Whether every word is 0: such a chain's stage is all of it.
  var isZero: Bool { interval == Interval(0, 0) && wrap == nil && first.low == 0 && first.high == 0 }
}
