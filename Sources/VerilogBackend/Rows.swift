import Circuit
import FixedPoint

// Sums: wires, an adder that the tool builds, or a row of tf_sum3 or tf_digit.
extension NodeWriter {
  /// One operand of a row.
  private struct Operand {
    var bits: Bits
    var isNegated: Bool
    var mask: String?

    /// The operand, zero where its mask is.
    var masked: Bits {
      guard let mask else { return bits }
      let gate = Bits(text: mask, width: 1).repeated(bits.width).text
      return Bits(text: "(\(bits.text) & \(gate))", width: bits.width)
    }
  }

  /// The statements of a sum, of which the bits low..<end are read.
  mutating func sum(_ id: NodeID, _ sum: Sum, _ low: Int, _ end: Int) -> [String] {
    if sum.isWiring, let shift = sum.terms[0].power {
      return [assign(id, word(sum.terms[0].word, shiftedBy: shift, from: low, width: end - low))]
    }
    if !sum.isGate { return product(id, sum, low, end) }
    let plan = SumPlan(sum, in: circuit, width: end)
    var wires: [Bits] = [.literal(plan.constant >> Raw(min(low, 127)), max(0, plan.begin - low))]
    if let first = plan.wired {
      let from = max(low, plan.begin)
      if from < plan.cut { wires.append(operand(first, from: from, to: plan.cut).masked) }
    }
    lowest[id.index] = min(low, plan.cut)
    guard plan.cut < end else { return [assign(id, .side(bySide: wires))] }
    let (statements, total) = upper(id, plan, end)
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

  private mutating func operand(_ term: Term, from: Int, to: Int) -> Operand {
    let bits = word(term.word, shiftedBy: term.power ?? 0, from: from, width: to - from)
    return Operand(
      bits: bits, isNegated: term.isNegated, mask: term.mask.map { word($0, width: 1).text })
  }

  /// An expression for the bits of a sum from the plan's cut on, and what must be declared for it.
  private mutating func upper(_ id: NodeID, _ plan: SumPlan, _ end: Int) -> ([String], Bits) {
    let width = end - plan.cut
    let constant = Bits.literal(plan.addend, width)
    switch plan.form {
    case .constant: return ([], constant)
    case .word(let term): return ([], operand(term, from: plan.cut, to: end).masked)
    case .adder(let first, let second):
      let a = first.map { operand($0, from: plan.cut, to: end).masked.text }
      let b = second.map { operand($0, from: plan.cut, to: end).masked.text } ?? constant.text
      let sign = second?.isNegated ?? false ? "-" : "+"
      let left = a ?? (plan.addend == 0 ? "" : constant.text)
      return named(left.isEmpty ? "\(sign)\(b)" : "\(left) \(sign) \(b)", width, id)
    case .row(let terms, let gate, let ones, let rest):
      let operands = terms.map { term in
        let isGated = gate != nil && term.mask == gate
        let own = isGated ? Term(term.word, factor: term.factor) : term
        return (operand(own, from: plan.cut, to: end), isGated)
      }
      // A complement is taken in.
      let source = gate.flatMap { circuit.complement($0) }
      let mask =
        source.map { word($0, from: circuit[$0].width - 1, width: 1).text }
        ?? gate.map { word($0, width: 1).text }
      return row(id, operands, constant, mask: mask, isLow: source != nil, ones: ones, rest: rest)
    case .pair(let first, let second, let ones):
      return pair(id, [first, second], ones, from: plan.cut, to: end)
    case .digit(let term): return digit(id, term, to: end)
    }
  }

  /// A row that multiplies a word by a digit.
  private mutating func digit(_ id: NodeID, _ term: DigitTerm, to end: Int) -> ([String], Bits) {
    let width = end - term.power
    let name = "\(Self.name(id))_sum"
    let other = term.other.map { operand($0, from: term.power, to: end).bits } ?? .literal(0, width)
    let bits = term.bits.reversed().map { $0.map { word($0, width: 1) } ?? .literal(0, 1) }
    let instance =
      "tf_digit #(.W(\(width)), .FAMILY(FAMILY)) \(Self.name(id))_row (.a(\(word(term.word, width: width).text)), "
      + ".d({\(bits.map(\.text).joined(separator: ", "))}), .c(\(other.text)), .y(\(name)));"
    if let here { modules[here].rows.insert(.digit) }
    return (["wire \(Self.range(width))\(name);", instance], Bits(text: name, width: width))
  }

  /// A row of two operands, masked each by its own bit; that of the second stands at the third port.
  private mutating func pair(_ id: NodeID, _ terms: [Term], _ ones: Int, from: Int, to: Int) -> (
    [String], Bits
  ) {
    let operands = terms.map { operand($0, from: from, to: to) }
    let inverted = (operands[0].isNegated ? 1 : 0) | (operands[1].isNegated ? 2 : 0)
    let name = "\(Self.name(id))_sum"
    let second = Bits(text: operands[1].mask ?? "1'b1", width: 1).repeated(to - from).text
    let instance =
      "tf_sum3 #(.W(\(to - from)), .INVERT(\(Bits.literal(Raw(inverted), 3).text)), .GATE(3'h1), .PAIR(1), .ONES(\(ones)), .FAMILY(FAMILY)) "
      + "\(Self.name(id))_row (.a(\(operands[0].bits.text)), .b(\(operands[1].bits.text)), .c(\(second)), "
      + ".gate(\(operands[0].mask ?? "1'b1")), .y(\(name)));"
    if let here { modules[here].rows.insert(.sum) }
    return (["wire \(Self.range(to - from))\(name);", instance], Bits(text: name, width: to - from))
  }

  /// A wire with the sum's upper part: a concatenation would widen it.
  private mutating func named(_ text: String, _ width: Int, _ id: NodeID) -> ([String], Bits) {
    let name = "\(Self.name(id))_sum"
    return (["wire \(Self.range(width))\(name) = \(text);"], Bits(text: name, width: width))
  }

  /// "[5:0] ", or nothing for a single bit.
  static func range(_ width: Int, from low: Int = 0) -> String {
    width == 1 && low == 0 ? "" : "[\(low + width - 1):\(low)] "
  }

  private mutating func row(
    _ id: NodeID, _ operands: [(Operand, isGated: Bool)], _ constant: Bits, mask: String?, isLow: Bool,
    ones: Int, rest: Raw
  ) -> ([String], Bits) {
    let width = constant.width
    var inverted = 0
    var gated = 0
    var ports: [String] = []
    for (place, (operand, isGated)) in operands.enumerated() {
      if operand.isNegated { inverted |= 1 << place }
      if isGated { gated |= 1 << place }
      ports.append(isGated ? operand.bits.text : operand.masked.text)
    }
    if operands.count == 2 { ports.append(constant.text) }
    let name = "\(Self.name(id))_sum"
    func bits(_ value: Int) -> String { Bits.literal(Raw(value), 3).text }
    let instance =
      "tf_sum3 #(.W(\(width)), .INVERT(\(bits(inverted))), .GATE(\(bits(gated)))\(isLow ? ", .LOW(1)" : ""), .ONES(\(ones)), .FAMILY(FAMILY)) "
      + "\(Self.name(id))_row (.a(\(ports[0])), .b(\(ports[1])), .c(\(ports[2])), "
      + ".gate(\(mask ?? "1'b1")), .y(\(name)));"
    if let here { modules[here].rows.insert(.sum) }
    let total = rest == 0 ? name : "\(name) + \(Bits.literal(rest, width).text)"
    let statements = ["wire \(Self.range(width))\(name);", instance]
    return (statements, Bits(text: total, width: width))
  }
}
