import FixedPoint
import Program

/// Takes the nodes of a circuit apart into cells.
struct CellBuilder {
  let circuit: Circuit
  private(set) var cells = Cells()
  /// By node: the bits of its word, the lowest first.
  private var words: [[Cells.Bit]] = []
  /// Lookup tables of wide tables, by node: logic that is counted as a whole.
  private(set) var blocks: [Int: Int] = [:]
  /// Registers that are part of a DSP block or a block RAM.
  private let inside: Set<Int>

  init(_ circuit: Circuit) {
    self.circuit = circuit
    inside = circuit.registersInBlocks
    words.reserveCapacity(circuit.nodes.count)
    for (index, node) in circuit.nodes.enumerated() {
      cells.owner = index
      let bits = bits(of: node, index)
      words.append(bits + Array(repeating: 0, count: max(0, node.width - bits.count)))
    }
    for (index, node) in circuit.nodes.enumerated() {
      guard case .state(let loop, let first, let next) = node.operation else { continue }
      cells.owner = index
      var bits = word(next, count: node.width)
      // A constant is set or reset; where neither word is there, a register keeps its own by its enable.
      if let first, circuit[first].constant == nil {
        let loads = cells.add(.port(-3 - loop))
        bits = zip(word(first, count: node.width), bits).enumerated().map { place, pair in
          pair.1 == words[index][place] ? pair.0 : cells.choice(loads, pair.0, pair.1)
        }
      }
      for (state, bit) in zip(words[index], bits) { cells.set(state, to: bit) }
    }
  }

  /// The bits that leave the circuit.
  var outputs: [Cells.Bit] { circuit.outputs.flatMap { $0.words.flatMap { words[$0.index] } } }

  /// `count` bits of a word shifted to the left, from a bit on: zeros below it, its sign above.
  private func word(_ id: NodeID, shiftedBy shift: Int = 0, from: Int = 0, count: Int) -> [Cells.Bit] {
    let bits = words[id.index]
    let above = circuit[id].isSigned ? bits[bits.count - 1] : 0
    return (from..<from + max(0, count)).map { place in
      place < shift ? 0 : place - shift < bits.count ? bits[place - shift] : above
    }
  }

  private func constant(_ value: Raw, from: Int = 0, count: Int) -> [Cells.Bit] {
    (from..<from + max(0, count)).map { Int(value >> Raw(min($0, 127)) & 1) }
  }

  private mutating func bits(of node: Node, _ index: Int) -> [Cells.Bit] {
    let width = node.width
    switch node.operation {
    case .input: return (0..<width).map { cells.add(.port(index << 8 | $0)) }
    case .constant(let value): return constant(value, count: width)
    case .register(let id):
      let bits = word(id, count: width)
      if !inside.contains(index) { return bits.map { cells.register($0) } }
      return bits.enumerated().map { cells.add(.hard([$1], index << 8 | $0)) }
    case .state: return (0..<width).map { cells.add(.state(0, index << 8 | $0)) }
    case .slice(let id, let from): return word(id, from: from, count: width)
    case .concatenate(let parts):
      return Array(parts.flatMap { words[$0.index] }.prefix(width))
    case .mux(let condition, let yes, let no):
      let condition = words[condition.index][0]
      return zip(word(yes, count: width), word(no, count: width)).map { cells.choice(condition, $0, $1) }
    case .compare(let comparison, let a, let b): return [compare(comparison, a, b)]
    case .multiply(let a, let b):
      let inputs = words[a.index] + words[b.index]
      return (0..<width).map { place in cells.add(.hard(inputs, index << 8 | place)) }
    case .table(let table, let id): return lookup(circuit.tables[table], id, width)
    case .sum(let sum): return self.sum(sum, width)
    }
  }

  // MARK: Sums

  private mutating func sum(_ sum: Sum, _ width: Int) -> [Cells.Bit] {
    if sum.isWiring, let shift = sum.terms[0].power {
      return word(sum.terms[0].word, shiftedBy: shift, count: width)
    }
    let plan = SumPlan(sum, in: circuit, width: width)
    func bits(_ term: Term, from: Int, to: Int) -> [Cells.Bit] {
      word(term.word, shiftedBy: term.power ?? 0, from: from, count: to - from)
    }
    func masked(_ term: Term, from: Int, to: Int) -> [Cells.Bit] {
      let own = bits(term, from: from, to: to)
      guard let mask = term.mask else { return own }
      let gate = words[mask.index][0]
      return own.map { cells.and($0, gate) }
    }
    var low = constant(plan.constant, count: plan.begin)
    if let first = plan.wired { low += masked(first, from: plan.begin, to: plan.cut) }
    let (cut, count) = (plan.cut, width - plan.cut)
    switch plan.form {
    case .constant: return low + constant(plan.addend, count: count)
    case .word(let term): return low + masked(term, from: cut, to: width)
    case .adder(let a, let b):
      // Tools put a constant first, where the carry chain takes its second way from.
      let (first, other) = b == nil ? (nil, a) : (a, b)
      let left = first.map { masked($0, from: cut, to: width) } ?? constant(plan.addend, count: count)
      var second = other.map { masked($0, from: cut, to: width) } ?? constant(plan.addend, count: count)
      let isDifference = b?.isNegated ?? false
      if isDifference { second = second.map { cells.not($0) } }
      return low + cells.sum(left, second, carry: isDifference ? 1 : 0)
    case .pair(let a, let b, _):
      let masks = [a, b].compactMap(\.mask).map { words[$0.index][0] }
      let (first, second) = (bits(a, from: cut, to: width), bits(b, from: cut, to: width))
      let select = (0..<count).map { place in
        cells.add(.hard([first[place], second[place]] + masks, cells.owner << 8 | place))
      }
      return low + cells.chain(select, Array(repeating: 0, count: count), isRow: true)
    case .digit(let digit):
      let once = word(digit.word, shiftedBy: digit.power, from: cut, count: count)
      let other = digit.other.map { bits($0, from: cut, to: width) } ?? Array(repeating: 0, count: count)
      let chosen = digit.bits.map { $0.map { words[$0.index][0] } ?? 0 }
      let select = (0..<count).map { place in
        cells.add(
          .hard(
            [once[place], place > 0 ? once[place - 1] : 0, other[place]] + chosen, cells.owner << 8 | place))
      }
      return low + cells.chain(select, other, isRow: true)
    case .row(let operands, let gate, _, let rest):
      // The tables are cells of the text: they read all bits as they are.
      let inputs = operands.map { term in
        term.mask == gate ? bits(term, from: cut, to: width) : masked(term, from: cut, to: width)
      }
      // A complement is taken in.
      let mask = gate.map { [cells.uncomplemented(words[$0.index][0])] } ?? []
      let select = (0..<count).map { place in
        cells.add(.hard(inputs.map { $0[place] } + mask, cells.owner << 8 | place))
      }
      let total = cells.chain(select, Array(repeating: 0, count: count), isRow: true)
      if rest == 0 { return low + total }
      return low + cells.sum(constant(rest, count: count), total, carry: 0)
    }
  }

  // MARK: Comparisons

  private mutating func compare(_ comparison: Comparison, _ a: NodeID, _ b: NodeID) -> Cells.Bit {
    let width = max(circuit[a].width, circuit[b].width) + 1
    let (x, y) = (word(a, count: width), word(b, count: width))
    // A sign.
    if circuit[b].constant == 0 {
      if comparison == .less { return x[width - 1] }
      if comparison == .greaterOrEqual { return cells.not(x[width - 1]) }
    }
    if comparison == .equal,
      let whole = [x, y].first(where: { $0[0] > 1 && $0.dropFirst().allSatisfy { $0 == 0 } }),
      circuit[a].constant == 0 || circuit[b].constant == 0
    {
      return cells.not(whole[0])
    }
    let pairs = zip(x, y).map { [$0, $1] }
    let kind =
      switch comparison {
      case .less: 0
      case .lessOrEqual: 1
      case .equal: 2
      case .greaterOrEqual: 3
      case .greater: 4
      }
    func variable(_ bits: [[Cells.Bit]]) -> [Cells.Bit] {
      var found: [Cells.Bit] = []
      for bit in bits.joined() where !Cells.isConstant(bit) && !found.contains(bit) { found.append(bit) }
      return found
    }
    let all = variable(pairs)
    // Comparisons of the same bits with other constants are others.
    let pattern = [4, kind] + pairs.joined().map { min($0, 2) }
    if all.count <= 6 { return all.isEmpty ? 0 : cells.add(.logic(.other(pattern), all)) }
    if circuit[a].constant != nil || circuit[b].constant != nil || comparison == .equal {
      // Six bits in a table, five and what the ones before say in each further one.
      var last = cells.add(.logic(.other(pattern), Array(all.prefix(6))))
      for start in stride(from: 6, to: all.count, by: 5) {
        last = cells.add(.logic(.other(pattern), [last] + all[start..<min(start + 5, all.count)]))
      }
      return last
    }
    // Three bits of each word decide what the carry of a place does: two tables.
    let places = stride(from: 0, to: pairs.count, by: 3).map {
      variable(Array(pairs[$0..<min($0 + 3, pairs.count)]))
    }
    let select = places.map { cells.add(.logic(.other([5, kind]), $0)) }
    let other = places.map { cells.add(.logic(.other([6, kind]), $0)) }
    return cells.chain(select + [0], other + [0], isRow: false)[select.count]
  }

  // MARK: Tables

  private mutating func lookup(_ table: Table, _ index: NodeID, _ width: Int) -> [Cells.Bit] {
    let type = circuit[index].type
    if table.isBlock || type.width > 16 {
      if !table.isBlock { blocks[cells.owner] = width << (type.width - 6) }
      return (0..<width).map { cells.add(.hard(words[index.index], cells.owner << 8 | $0)) }
    }
    // What is not written out is the most frequent entry.
    var counts: [Raw: Int] = [:]
    let entries = (0..<1 << type.width).map { table[type.wrap(Raw($0))] }
    for case .some(let entry) in entries { counts[entry, default: 0] += 1 }
    let common = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0
    let inputs = words[index.index]
    return (0..<width).map { bit in
      function(entries.map { ($0 ?? common) >> Raw(bit) & 1 != 0 }, inputs)
    }
  }

  /// A function of bits, by its values: halved until six inputs are left.
  private mutating func function(_ values: [Bool], _ inputs: [Cells.Bit]) -> Cells.Bit {
    var (values, inputs) = (values, inputs)
    // Without the inputs that decide nothing, or are known.
    var place = 0
    while place < inputs.count {
      let step = 1 << place
      let isOn = { (index: Int) in index & step != 0 }
      if Cells.isConstant(inputs[place]) {
        let wanted = inputs[place] == 1
        values = values.indices.filter { isOn($0) == wanted }.map { values[$0] }
      } else if values.indices.allSatisfy({ isOn($0) || values[$0] == values[$0 | step] }) {
        values = values.indices.filter { !isOn($0) }.map { values[$0] }
      } else {
        place += 1
        continue
      }
      inputs.remove(at: place)
    }
    if inputs.isEmpty { return values[0] ? 1 : 0 }
    if inputs.count == 1 { return values[1] ? inputs[0] : cells.not(inputs[0]) }
    if inputs.count <= 6 {
      return cells.add(
        .logic(.table(values.indices.reduce(0) { $0 | (values[$1] ? 1 << UInt64($1) : 0) }), inputs))
    }
    let half = values.count / 2
    let rest = Array(inputs.dropLast())
    let (low, high) = (function(Array(values[..<half]), rest), function(Array(values[half...]), rest))
    let top = inputs[inputs.count - 1]
    // Seven and eight inputs: the multiplexers of a slice.
    let isWide = inputs.count <= 8 && !Cells.isConstant(low) && !Cells.isConstant(high)
    return isWide ? cells.add(.hard([low, high, top], 0)) : cells.choice(top, high, low)
  }
}
