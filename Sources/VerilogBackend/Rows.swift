import Circuit
import FixedPoint

// Sums: wires, an adder that the tool builds, or a row of tf_sum3.
extension NodeWriter {
  /// One operand of a row.
  private struct Operand {
    var bits: Bits
    var isNegated: Bool
    var mask: String?

    /// The operand, zero where its mask is.
    var masked: String {
      mask.map { "(\(bits.text) & \(Bits(text: $0, width: 1).repeated(bits.width).text))" } ?? bits.text
    }
  }

  /// The statements of a sum, of which the bits low..<end are read.
  mutating func sum(_ id: NodeID, _ sum: Sum, _ low: Int, _ end: Int) -> [String] {
    if sum.isWiring, let shift = sum.terms[0].power {
      return [assign(id, word(sum.terms[0].word, shiftedBy: shift, from: low, width: end - low))]
    }
    if !sum.isGate { return product(id, sum, low, end) }
    var constant = sum.constant
    var terms: [Term] = []
    for term in sum.terms {
      if term.mask == nil, let word = circuit[term.word].constant {
        constant &+= word &* term.factor
      } else {
        terms.append(term)
      }
    }
    // Below the lowest term stand the constant's bits; then, up to the second-lowest, those of the lowest term.
    terms.sort { ($0.power ?? 0) < ($1.power ?? 0) }
    let begin = min(end, terms.first?.power ?? 128)
    var wires: [Bits] = [.literal(constant >> Raw(min(low, 127)), max(0, begin - low))]
    constant = begin == 128 ? 0 : (constant >> Raw(begin)) << Raw(begin)
    var cut = begin
    if let first = terms.first, !first.isNegated {
      let next = min(
        terms.dropFirst().first?.power ?? 128, constant == 0 ? 128 : constant.trailingZeroBitCount)
      cut = max(begin, min(end, next))
      let from = max(low, begin)
      wires.append(
        operand(first, from: from, width: cut - from).map { Bits(text: $0.masked, width: cut - from) }
          ?? .literal(0, max(0, cut - from)))
    }
    let declared = min(low, cut)
    lowest[id.index] = declared
    guard cut < end else { return [assign(id, .side(bySide: wires))] }
    let operands = terms.compactMap { operand($0, from: cut, width: end - cut) }
    let (statements, total) = add(operands, constant >> Raw(cut), end - cut, id)
    return statements + [assign(id, .side(bySide: wires + [total]))]
  }

  /// A sum with any factors and any number of terms, as the tool likes: what no pass has made adders of.
  private mutating func product(_ id: NodeID, _ sum: Sum, _ low: Int, _ end: Int) -> [String] {
    lowest[id.index] = 0
    var text = sum.constant == 0 && !sum.terms.isEmpty ? "" : Bits.literal(sum.constant, end).text
    for term in sum.terms {
      let mask = term.mask.map { word($0, width: 1).repeated(end).text + " & " } ?? ""
      let factor = Bits.literal(Raw(bitPattern: term.factor.magnitude), end).text
      text += (text.isEmpty ? (term.isNegated ? "-" : "") : term.isNegated ? " - " : " + ")
      text += "(\(mask)\(word(term.word, width: end).text)) * \(factor)"
    }
    return [assign(id, Bits(text: text, width: end))]
  }

  /// A term's bits; nil where they are all zero.
  private mutating func operand(_ term: Term, from cut: Int, width: Int) -> Operand? {
    let (node, shift) = (circuit[term.word], term.power ?? 0)
    if width <= 0 || (!node.isSigned && node.constant == nil && shift + node.width <= cut) { return nil }
    let bits = word(term.word, shiftedBy: shift, from: cut, width: width)
    let mask = term.mask.map { word($0, width: 1).text }
    return Operand(bits: bits, isNegated: term.isNegated, mask: mask)
  }

  /// An expression for the sum, and what must be declared for it.
  private mutating func add(
    _ operands: [Operand], _ constant: Raw, _ width: Int, _ id: NodeID
  ) -> ([String], Bits) {
    let negated = operands.count { $0.isNegated }
    if operands.isEmpty { return ([], .literal(constant, width)) }
    if operands.count == 1 {
      let (only, value) = (operands[0], Bits.literal(constant, width).text)
      if !only.isNegated && constant == 0 { return ([], Bits(text: only.masked, width: width)) }
      let text =
        only.isNegated
        ? constant == 0 ? "-\(only.masked)" : "\(value) - \(only.masked)" : "\(only.masked) + \(value)"
      return named(text, width, id)
    }
    if operands.count == 2 && constant == 0 && negated < 2 {
      // Carry chains take their second way from the first operand: the one without a mask.
      var (a, b) = (operands[0], operands[1])
      if a.isNegated || (a.mask != nil && !b.isNegated) { (a, b) = (b, a) }
      return named("\(a.masked) \(b.isNegated ? "-" : "+") \(b.masked)", width, id)
    }
    return row(operands, constant, width, id)
  }

  /// A wire with the sum's upper part: a concatenation would widen it.
  private mutating func named(_ text: String, _ width: Int, _ id: NodeID) -> ([String], Bits) {
    rowBits[id.index] = width
    let name = "\(Self.name(id))_sum"
    return (["wire \(Self.range(width))\(name) = \(text);"], Bits(text: name, width: width))
  }

  /// "[5:0] ", or nothing for a single bit.
  static func range(_ width: Int, from low: Int = 0) -> String {
    width == 1 && low == 0 ? "" : "[\(low + width - 1):\(low)] "
  }

  private mutating func row(
    _ operands: [Operand], _ constant: Raw, _ width: Int, _ id: NodeID
  ) -> ([String], Bits) {
    let gate = operands.compactMap(\.mask).first
    var inverted = 0
    var gated = 0
    var ports: [String] = []
    for (place, operand) in operands.enumerated() {
      if operand.isNegated { inverted |= 1 << place }
      if operand.mask != nil && operand.mask == gate { gated |= 1 << place }
      ports.append(operand.mask == gate ? operand.bits.text : operand.masked)
    }
    // −x = ~x + 1: what the complements lack, and a small constant, are the ones that a row has for nothing.
    let ones = constant + Raw(operands.count { $0.isNegated })
    var (free, rest) = (min(max(ones, 0), 2), Raw(0))
    if operands.count == 2 && ones != free {
      free = Raw(operands.count { $0.isNegated })
      ports.append(Bits.literal(constant, width).text)
    } else {
      rest = ones - free
      if operands.count == 2 { ports.append(Bits.literal(0, width).text) }
    }
    let name = "\(Self.name(id))_sum"
    func bits(_ value: Int) -> String { Bits.literal(Raw(value), 3).text }
    let instance =
      "tf_sum3 #(.W(\(width)), .INVERT(\(bits(inverted))), .GATE(\(bits(gated))), .ONES(\(free)), .FAMILY(FAMILY)) "
      + "\(Self.name(id))_row (.a(\(ports[0])), .b(\(ports[1])), .c(\(ports[2])), "
      + ".gate(\(gate ?? "1'b1")), .y(\(name)));"
    if let here { modules[here].hasRows = true }
    rowBits[id.index] = rest == 0 ? width : 2 * width
    let total = rest == 0 ? name : "\(name) + \(Bits.literal(rest, width).text)"
    let statements = ["wire \(Self.range(width))\(name);", instance]
    return (statements, Bits(text: total, width: width))
  }
}
