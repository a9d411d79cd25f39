import CKernels
import FixedPoint
import Program

// Words of x and results in steps of their own: where formats differ from element to element, each word may fit a byte in its
// own steps though all of them in common steps would not. Weights make up for it: x · w = (x >> s) · (w << s), and what all
// weights of a result are multiples of is left to its shift.

extension DotPlan {
  /// The same sums of words in steps of 2^`shifts`, by place in the depth.
  func scaled(_ shifts: [Int]) -> DotPlan {
    var plan = self
    for k in 0..<depth where shifts[k] > 0 {
      let shift = Raw(shifts[k])
      plan.xIntervals[k] = Interval(xIntervals[k].low >> shift, xIntervals[k].high >> shift)
      for group in 0..<groups {
        for column in 0..<columns { plan.weights[(group * depth + k) * columns + column] <<= shift }
      }
    }
    return plan
  }

  /// The same sums with another place in the depth for each of some: the words of `second`, met by the same weights.
  func widened(_ places: [Int], _ second: [Reference]) -> DotPlan {
    var plan = self
    plan.depth += places.count
    plan.order = Array(0..<plan.depth)
    plan.x = []
    for position in 0..<positions {
      plan.x += x[position * depth..<(position + 1) * depth]
      plan.x += second[position * places.count..<(position + 1) * places.count]
    }
    plan.xIntervals += places.map { xIntervals[$0] }
    plan.weights = []
    for group in 0..<groups {
      for k in Array(0..<depth) + places {
        for column in 0..<columns { plan.weights.append(weight(group, k, column)) }
      }
    }
    return plan
  }

  /// Takes the weights that meet nothing but the constant zero.
  mutating func dropWeights(of zero: Reference) {
    for k in 0..<depth where (0..<positions).allSatisfy({ x[$0 * depth + k] == zero }) {
      for group in 0..<groups {
        for column in 0..<columns { weights[(group * depth + k) * columns + column] = 0 }
      }
    }
  }

  /// Takes zero bits that all weights of a result end with from them, if the result drops as many bits: where results differ
  /// anyway, or weights are no bytes otherwise. Nothing changes if weights fit no better then.
  mutating func dropZeros(_ chains: inout Chains) {
    let fits = weights.allSatisfy { (-128...127).contains($0) }
    if fits && chains.kinds.count == 1 { return }
    var plan = self
    // What the results of a channel drop at least; nil where all of them are pruned.
    var drops = [Int?](repeating: nil, count: groups * columns)
    for word in 0..<positions * columns {
      let chain = chains.chain(of: word)
      if chain.isZero { continue }
      let most = chain.first.isConvergent ? 0 : chain.first.shift
      drops[channel(of: word)] = min(most, drops[channel(of: word)] ?? most)
    }
    for group in 0..<groups {
      for column in 0..<columns {
        let own = (0..<depth).map { (group * depth + $0) * columns + column }
        let channel = group * columns + column
        let zeros = own.map { weights[$0] }.filter { $0 != 0 }.map(\.trailingZeroBitCount).min() ?? 0
        if let most = drops[channel] { drops[channel] = min(most, zeros) }
        for place in own { plan.weights[place] = drops[channel].map { weights[place] >> Raw($0) } ?? 0 }
      }
    }
    guard fits || plan.terms != nil else { return }
    chains.drop((0..<positions * columns).map { drops[channel(of: $0)] ?? 0 })
    self = plan
  }

  private func channel(of word: Int) -> Int { word / columns % groups * columns + word % columns }

  /// How many bytes weights are sums of, where few need more than one; nil where parts are better.
  var terms: Int? {
    let counts = weights.filter { $0 != 0 }.map { Int(($0.magnitude + 126) / 127) }
    guard let most = counts.max(), most <= 12, 2 * counts.reduce(0, +) <= 3 * counts.count else { return nil }
    return most
  }
}

extension Chains {
  /// The chain of a word.
  func chain(of word: Int) -> Chain { kinds[places.isEmpty ? 0 : places[word]] }

  /// Has the kernel's sums without zero bits at their ends, so many by word: no more than results drop.
  mutating func drop(_ zeros: [Int]) {
    let old = self
    var known: [[Int]: Int] = [:]
    (kinds, places) = ([], [])
    for (word, zeros) in zeros.enumerated() {
      let kind = old.places.isEmpty ? 0 : old.places[word]
      if known[[kind, zeros]] == nil {
        known[[kind, zeros]] = kinds.count
        kinds.append(old.kinds[kind])
        kinds[kinds.count - 1].dropped += zeros
      }
      places.append(known[[kind, zeros]] ?? 0)
    }
    if kinds.count == 1 { places = [] }
  }

  /// Stores words as bytes, each in steps of its own.
  ///
  /// - Returns: whether that can be; if not, nothing has changed.
  mutating func scaleToBytes() -> Bool {
    guard kinds.count > 1 else { return false }
    let scales = kinds.map { chain -> Scale? in
      for shift in 0...chain.left {
        let step = Raw(shift)
        let row = Buffer.storage(
          Interval(chain.interval.low >> step, chain.interval.high >> step), bytes: true)
        if Int(row.storage) == TF_U8, shift < 24 {
          // From the least word on, so that what a wrap leaves needs nothing added (`tf_finish.inPairs`).
          let offset = min(0, Int32(chain.interval.low >> step)) + max(0, row.offset)
          return Scale(shift: UInt8(shift), offset: offset << Int32(shift))
        }
      }
      return nil
    }
    guard scales.allSatisfy({ $0 != nil }) else { return false }
    for (kind, scale) in scales.enumerated() { kinds[kind].scale = scale }
    return true
  }
}

extension PlanBuilder {
  /// Takes words of x in the steps they are stored in, if every one of a place in the depth is stored in the same.
  ///
  /// - Returns: whether x is stored as dot products need it.
  mutating func scale(_ plan: inout DotPlan) -> Bool {
    let all = plan
    let split = Set(plan.x.indices.filter { digits[all.x[$0]] != nil }.map { $0 % all.depth })
    let places = split.sorted()
    if !places.isEmpty {
      let zero = reference(0)
      var second: [Reference] = []
      for position in 0..<all.positions {
        second += places.map { digits[all.x[position * all.depth + $0]]?.first ?? zero }
      }
      plan = all.widened(places, second)
      for (k, place) in places.enumerated() {
        // A byte above the offset, and what is above the byte.
        let words = all.xIntervals[place]
        plan.xIntervals[all.depth + k] = Interval(0, words.high - words.low)
        let own = (0..<all.positions).compactMap { digits[all.x[$0 * all.depth + place]] }
        if own.allSatisfy({ $0.count > 1 }) { plan.copied.insert(all.depth + k) }
      }
    }
    var shifts = [Int?](repeating: nil, count: plan.depth)
    var storage: Int?
    for (index, reference) in plan.x.enumerated() where !reference.isConstant {
      let row = buffers[Int(reference.buffer)].row
      guard Int(row.storage) == TF_U8 || Int(row.storage) == TF_S16,
        Int(row.storage) == storage ?? Int(row.storage)
      else {
        return false
      }
      storage = Int(row.storage)
      let shift = Int(buffers[Int(reference.buffer)].row(Int(reference.element)).shift)
      guard shift == shifts[index % plan.depth] ?? shift else { return false }
      shifts[index % plan.depth] = shift
    }
    for (index, reference) in plan.x.enumerated() where reference.isConstant {
      let word = constants[Int(reference.element)]
      if word != 0, shifts[index % plan.depth] ?? 0 != 0 { return false }
    }
    guard let storage, storage != TF_U8 || options.usesBytes else { return false }
    plan = plan.scaled(shifts.map { $0 ?? 0 })
    return true
  }

  /// What a stored word has in addition, in the steps it is stored in.
  func offset(_ reference: Reference) -> Raw {
    buffers[Int(reference.buffer)].offset(Int(reference.element))
  }

  /// Whether nothing but dot products reads a value, by whatever wiring.
  func isReadByDots(_ index: Int) -> Bool {
    guard surroundings == nil, !results.contains(ValueID(index)), !readers[index].isEmpty else {
      return false
    }
    return readers[index].allSatisfy { reader in
      switch program.instructions[reader].operation.form {
      case .product(.affine): true
      case .wiring(.rearrange), .wiring(.window): isReadByDots(reader)
      case .input, .constant, .wordwise, .product, .reduction, .wiring, .scan: false
      }
    }
  }
}
