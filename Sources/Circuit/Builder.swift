import AdderGraph
import FixedPoint
import Program

/// A word shifted to the left: word · 2^shift. Shifts stay out of the nodes until something reads the bits, so that no register
/// and no adder is spent on zeros.
struct Wire: Hashable {
  var word: NodeID
  var shift = 0

  func shifted(left count: Int) -> Wire { Wire(word: word, shift: shift + count) }
}

/// Appends nodes to a circuit: each operation on each operands once, simplified where that costs no adder, with the interval
/// that follows.
struct CircuitBuilder {
  private(set) var circuit: Circuit
  /// The layer that new nodes belong to.
  var layer: Int?
  /// Whether every sum is made one adder (`Sum.isGate`): after pass `share` nothing else does.
  var isInGates = false
  private var known: [Key: NodeID] = [:]
  private var tables: [Table: Int] = [:]

  private struct Key: Hashable {
    let operation: NodeOperation
    let interval: Interval
  }

  init(name: String, layers: [CircuitLayer] = [], tables: [Table] = []) {
    circuit = Circuit(name: name, tables: tables, layers: layers)
    for (index, table) in tables.enumerated() where self.tables[table] == nil { self.tables[table] = index }
  }

  var count: Int { circuit.nodes.count }

  func node(_ id: NodeID) -> Node { circuit.nodes[id.index] }
  func interval(_ id: NodeID) -> Interval { circuit.nodes[id.index].interval }

  /// The integers a wire can be.
  func interval(_ wire: Wire) -> Interval { interval(wire.word).shifted(left: wire.shift) }

  private var bounds: Bounds { Bounds(nodes: circuit.nodes, tables: circuit.tables) }

  // MARK: Nodes

  mutating func input(_ interval: Interval) -> NodeID {
    circuit.nodes.append(Node(.input, interval, layer: layer))
    return NodeID(count - 1)
  }

  mutating func constant(_ word: Raw) -> NodeID { append(.constant(word), Interval(word, word)) }

  /// A node as it is, found again where it was made before.
  ///
  /// - Parameter wrapped: the type its result is wrapped to, if it is; nil: its interval is all that the operation can give.
  mutating func add(_ operation: NodeOperation, wrapped: WordType? = nil) -> NodeID {
    let results = bounds.of(operation)
    var interval = results
    if let wrapped, !wrapped.interval.contains(results) { interval = wrapped.interval }
    if interval.low == interval.high { return constant(interval.low) }
    return append(operation, interval)
  }

  private mutating func append(_ operation: NodeOperation, _ interval: Interval) -> NodeID {
    let key = Key(operation: operation, interval: interval)
    if let id = known[key] { return id }
    // Constants, which stand in every cycle, have 0.
    var cycle = operation.operands.reduce(0) { max($0, node($1).cycle) }
    if case .register = operation { cycle += 1 }
    circuit.nodes.append(Node(operation, interval, cycle: cycle, layer: layer))
    known[key] = NodeID(count - 1)
    return NodeID(count - 1)
  }

  /// The place of a table among the circuit's.
  mutating func place(_ table: Table) -> Int {
    if let place = tables[table] { return place }
    tables[table] = circuit.tables.count
    circuit.tables.append(table)
    return circuit.tables.count - 1
  }

  mutating func setPorts(inputs: [WordTensor], outputs: [WordTensor], latency: Int = 0) {
    circuit.latency = latency
    circuit.inputs = inputs
    circuit.outputs = outputs
  }

  mutating func setResult(_ result: WordTensor?, of layer: Int) { circuit.layers[layer].result = result }

  // MARK: Sums

  /// Σ terms + constant, with equal terms merged and shifts behind it: the sum's own factors have no common power of two.
  ///
  /// - Parameters:
  ///   - within: what the sum is known to lie in, whatever its terms' intervals say.
  ///   - wrapped: the type the whole result is wrapped to.
  mutating func sum(
    _ terms: [(Wire, Raw)], constant: Raw = 0, within: Interval? = nil, wrapped: WordType? = nil,
    group: Int? = nil
  ) -> Wire {
    let terms = terms.map { Term($0.0.word, factor: $0.1 << Raw($0.0.shift)) }
    return sum(Sum(terms, constant: constant, group: group), within: within, wrapped: wrapped)
  }

  /// The same, of terms that may be masked.
  mutating func sum(_ whole: Sum, within: Interval? = nil, wrapped: WordType? = nil) -> Wire {
    var sum = merged(whole)
    if isInGates, !sum.isGate { sum = adders(sum) }
    if sum.terms.isEmpty {
      let word = wrapped?.wrap(sum.constant) ?? sum.constant
      return constantWire(word)
    }
    let shift = sum.terms.reduce(sum.constant.trailingZeroBitCount) {
      min($0, $1.factor.trailingZeroBitCount)
    }
    for index in sum.terms.indices { sum.terms[index].factor >>= Raw(shift) }
    sum.constant >>= Raw(shift)
    if let wrapped, wrapped.width <= shift { return constantWire(0) }
    if sum.isGate { sum.group = nil }
    var type = wrapped.map { WordType($0.width - shift, signed: $0.isSigned) }
    if let within {
      let known = WordType(Interval(within.low >> Raw(shift), -(-max(within.high, -Raw.max) >> Raw(shift))))
      let own = WordType(type.map { bounds.of(.sum(sum)).intersection($0.interval) } ?? bounds.of(.sum(sum)))
      if (known.width, known.isSigned ? 1 : 0) < (own.width, own.isSigned ? 1 : 0) { type = known }
    }
    if sum.isWiring, sum.terms[0].factor == 1 {
      guard let type, !type.interval.contains(interval(sum.terms[0].word)) else {
        return Wire(word: sum.terms[0].word, shift: shift)
      }
      return Wire(word: slice(sum.terms[0].word, from: 0, type), shift: shift)
    }
    return Wire(word: add(.sum(sum), wrapped: type), shift: shift)
  }

  /// A sum as adders of three terms before one: what a factor or a digit of a product became when narrower words turned out to
  /// be constants.
  private mutating func adders(_ sum: Sum) -> Sum {
    var terms = sum.terms.flatMap { term in
      canonicalDigits(term.factor).map { digit in
        Term(term.word, factor: (digit.isNegated ? -1 : 1) << Raw(digit.shift), mask: term.mask)
      }
    }
    while terms.count > 3 {
      let part = self.sum(Sum(Array(terms.prefix(3))))
      terms.removeFirst(3)
      terms.append(Term(part.word, factor: 1 << Raw(part.shift)))
    }
    return Sum(terms, constant: sum.constant)
  }

  /// Constants and shifts of operands taken in, and equal words' factors added, in the order of words; but one adder (x + 4·x)
  /// stays one.
  func merged(_ sum: Sum) -> Sum {
    var constant = sum.constant
    var terms: [Term] = []
    for term in sum.terms {
      var (word, factor) = (term.word, term.factor)
      if case .sum(let inner) = node(word).operation, inner.isWiring,
        interval(word).contains(bounds.of(inner.terms[0]))
      {
        (word, factor) = (inner.terms[0].word, factor * inner.terms[0].factor)
      }
      if let value = node(word).constant {
        if let mask = term.mask {
          terms.append(Term(mask, factor: value * factor))
        } else {
          constant += value * factor
        }
      } else {
        terms.append(Term(word, factor: factor, mask: term.mask))
      }
    }
    terms = terms.filter { $0.factor != 0 }
    var factors: [Term: Raw] = [:]
    for term in terms { factors[Term(term.word, mask: term.mask), default: 0] += term.factor }
    let merged = factors.filter { $0.value != 0 }.map {
      Term($0.key.word, factor: $0.value, mask: $0.key.mask)
    }
    func ordered(_ terms: [Term]) -> Sum {
      let sorted = terms.sorted {
        ($0.word.index, $0.mask?.index ?? -1, $0.factor) < ($1.word.index, $1.mask?.index ?? -1, $1.factor)
      }
      return Sum(sorted, constant: constant, group: sum.group)
    }
    return ordered(ordered(terms).isGate && !ordered(merged).isGate ? terms : merged)
  }

  mutating func constantWire(_ word: Raw) -> Wire {
    word == 0
      ? Wire(word: constant(0))
      : Wire(word: constant(word >> Raw(word.trailingZeroBitCount)), shift: word.trailingZeroBitCount)
  }

  /// The wire's integer as a word of its own.
  mutating func word(_ wire: Wire) -> NodeID {
    if wire.shift == 0 { return wire.word }
    if let value = node(wire.word).constant { return constant(value << Raw(wire.shift)) }
    return add(.sum(Sum([Term(wire.word, factor: 1 << Raw(wire.shift))])))
  }

  // MARK: Comparisons and choices

  /// `a ⋄ b`, where they meet: less and greaterOrEqual, a constant on the right; equal.
  mutating func compare(_ comparison: Comparison, _ a: Wire, _ b: Wire) -> NodeID {
    let common = min(a.shift, b.shift)
    let (x, y) = (word(a.shifted(left: -common)), word(b.shifted(left: -common)))
    return compare(comparison, x, y)
  }

  mutating func compare(_ comparison: Comparison, _ a: NodeID, _ b: NodeID) -> NodeID {
    if let value = bounds.decided(comparison, a, b) { return constant(value ? 1 : 0) }
    switch comparison {
    case .equal: return add(.compare(.equal, min(a, b), max(a, b)))
    case .greater, .lessOrEqual:
      // a > c is a ≥ c + 1; neither is always so, and c + 1 does not overflow.
      if let value = node(b).constant {
        return compare(comparison == .greater ? .greaterOrEqual : .less, a, constant(value + 1))
      }
      return compare(comparison == .greater ? .less : .greaterOrEqual, b, a)
    case .less, .greaterOrEqual:
      if let value = node(a).constant {
        // c < b is b ≥ c + 1, and c ≥ b is b < c + 1.
        return compare(comparison == .less ? .greaterOrEqual : .less, b, constant(value + 1))
      }
      return add(.compare(comparison, a, b))
    }
  }

  /// `then` where the condition holds, else `otherwise`.
  mutating func mux(_ condition: NodeID, _ then: Wire, _ otherwise: Wire) -> Wire {
    if let value = node(condition).constant { return value == 1 ? then : otherwise }
    if then == otherwise { return then }
    // Zero can be shifted as one likes.
    func shift(_ wire: Wire) -> Int? { node(wire.word).constant == 0 ? nil : wire.shift }
    let common = min(shift(then) ?? shift(otherwise) ?? 0, shift(otherwise) ?? shift(then) ?? 0)
    let x = node(then.word).constant == 0 ? then.word : word(then.shifted(left: -common))
    let y = node(otherwise.word).constant == 0 ? otherwise.word : word(otherwise.shifted(left: -common))
    if node(x).constant == 1, node(y).constant == 0 { return Wire(word: condition, shift: common) }
    return Wire(word: add(.mux(condition: condition, then: x, otherwise: y)), shift: common)
  }

  // MARK: Bits

  /// ⌊word / 2^from⌋, or its low bits as a word of a type.
  mutating func slice(_ word: NodeID, from: Int, _ type: WordType? = nil) -> NodeID {
    if let value = node(word).constant {
      let moved = value >> Raw(from)
      return constant(type?.wrap(moved) ?? moved)
    }
    let own = interval(word)
    let rest = Interval(own.low >> Raw(from), own.high >> Raw(from))
    if rest.low == rest.high { return constant(type?.wrap(rest.low) ?? rest.low) }
    // Bits above a signed word are its sign.
    let from = min(from, node(word).width - 1)
    if from == 0, type.map({ $0.interval.contains(own) }) ?? true { return word }
    if case .slice(let inner, let below) = node(word).operation, !isBlockOutput(word) {
      // What is read are bits of the inner word that this one shows as they are.
      let shown = node(word).width
      if let type, from + type.width <= shown { return slice(inner, from: from + below, type) }
      if interval(word).contains(bounds.of(node(word).operation)) {
        return slice(inner, from: from + below, type)
      }
    }
    // A ReLU's slice is the ReLU of a slice: so that it stays next to the adders that can take it in.
    if case .mux(let condition, let then, let otherwise) = node(word).operation,
      node(otherwise).constant == 0, interval(word).contains(bounds.of(node(word).operation))
    {
      let part = slice(then, from: from, type)
      let masked = Wire(word: part)
      return self.word(mux(condition, masked, Wire(word: otherwise)))
    }
    return add(.slice(word, from: from), wrapped: type)
  }

  /// Whether a word is what comes out of a hard block (`Circuit.blockOutputs`): a slice of all bits.
  private func isBlockOutput(_ word: NodeID) -> Bool {
    guard case .slice(let inner, 0) = node(word).operation else { return false }
    return node(word).interval == interval(inner)
  }

  /// One bit of a word, endless to the left.
  mutating func bit(_ word: NodeID, _ position: Int) -> NodeID {
    slice(word, from: position, WordType(1, signed: false))
  }

  /// The word `value(bits)` of a few one-bit words, the first one lowest.
  mutating func logic(_ bits: [NodeID], _ value: (Int) -> Raw) -> NodeID {
    let free = bits.indices.filter { node(bits[$0]).constant == nil }
    let fixed = bits.indices.reduce(0) { $0 | (node(bits[$1]).constant == 1 ? 1 << $1 : 0) }
    let entries = (0..<1 << free.count).map { pattern in
      value(free.enumerated().reduce(fixed) { $0 | (pattern >> $1.offset & 1) << $1.element })
    }
    if Set(entries).count == 1 { return constant(entries[0]) }
    let index = free.count == 1 ? bits[free[0]] : add(.concatenate(free.map { bits[$0] }))
    if entries == [0, 1] { return index }
    return add(.table(place(Table(first: 0, entries: entries)), index))
  }

  /// The product of two wires, or its low bits.
  mutating func multiply(_ a: Wire, _ b: Wire, wrapped: WordType? = nil) -> Wire {
    if let value = node(b.word).constant {
      return sum([(a.shifted(left: b.shift), value)], wrapped: wrapped)
    }
    if let value = node(a.word).constant {
      return sum([(b.shifted(left: a.shift), value)], wrapped: wrapped)
    }
    let shift = a.shift + b.shift
    if let wrapped, wrapped.width <= shift { return constantWire(0) }
    let type = wrapped.map { WordType($0.width - shift, signed: $0.isSigned) }
    return Wire(word: add(.multiply(min(a.word, b.word), max(a.word, b.word)), wrapped: type), shift: shift)
  }
}
