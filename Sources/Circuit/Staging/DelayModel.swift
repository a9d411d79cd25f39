import Program

/// How long logic takes in a family of devices, in picoseconds. One number per kind of cell and one for the way to it.
///
/// Estimates: a placed design's paths depend on where its cells are. The numbers are those of typical nets of designs
/// that fill a part of the device, mid speed grade.
public struct DelayModel: Hashable, Sendable {
  /// The family's name.
  public var name: String
  /// Through a lookup table.
  public var lut: Int
  /// The inputs of a lookup table.
  public var lutInputs: Int
  /// From a table into the carry chain and out of it.
  public var carryEntry: Int
  /// Along the carry chain, per eight bits.
  public var carryPer8Bits: Int
  /// More for an adder of three operands: its second half of a table, through the fabric.
  public var thirdOperand: Int
  /// The way to a cell.
  public var route: Int
  /// More for every doubling of what a word drives.
  public var routePerFanOutDoubling: Int
  /// Clock to register's output, and its set-up time.
  public var register: Int
  /// To a register's reset, set-up time included, beyond what its data takes.
  public var reset: Int
  /// A multiplication in a DSP block, without registers inside.
  public var dsp: Int
  /// From the way's end to the clock edge of a block RAM.
  public var blockSetUp = 300
  /// From that edge to the word, beyond what a register takes.
  public var blockOutput = 900

  /// AMD UltraScale+, speed grade 2. Cells: Vivado's timing of the xcvu13p (LUT6 0.04–0.15 ns, CARRY8 about 0.02 ns per bit of its
  /// eight; register 0.08 + 0.03 ns); nets: 0.3 ns and more. alkaid 0.8.2 takes 1.09 + 0.025 · bits for an adder with its nets, and
  /// 1.31 times as much for three operands.
  public static let ultraScalePlus = DelayModel(
    name: "UltraScale+", lut: 120, lutInputs: 6, carryEntry: 180, carryPer8Bits: 90, thirdOperand: 260,
    route: 350, routePerFanOutDoubling: 40, register: 110, reset: 350,
    dsp: 2300)

  /// AMD 7 series, speed grade 2: DS181/DS183, LUT 0.1 ns, CARRY4 0.06 per bit of four; nets 0.5 ns and more.
  public static let series7 = DelayModel(
    name: "7 series", lut: 150, lutInputs: 6, carryEntry: 350, carryPer8Bits: 190, thirdOperand: 450,
    route: 500, routePerFanOutDoubling: 60, register: 450, reset: 700,
    dsp: 3300)

  /// Lattice ECP5, speed grade 6. Cells: prjtrellis' timing as nextpnr-ecp5 uses it (LUT4 0.24 ns; CCU2C, which is its own table,
  /// 0.45 in, 0.07 per two bits, 0.44 out, of chains about half on the slowest paths; register 0.52 ns, its reset 0.42 before the
  /// clock). Nets of the slowest paths of seven placed networks: 0.7 to 1.8 ns, 0.1 to a register, 0.4 to 0.5 to its reset
  /// (Benchmarks/rtl/place.py, docs/verilog.md).
  public static let ecp5 = DelayModel(
    name: "ECP5", lut: 240, lutInputs: 4, carryEntry: 650, carryPer8Bits: 140, thirdOperand: 1200,
    route: 1050, routePerFanOutDoubling: 70, register: 650, reset: 750, dsp: 3900, blockSetUp: 300,
    blockOutput: 4500)

  /// What of a multiplication takes place before the register inside a DSP block, in percent: the array; then its adder.
  static let arrayShare = 55

  /// What stands before a state that takes its first word or the next: a table.
  var choice: Int { route + lut }

  /// What comes after a register inside a block.
  func output(of block: Node) -> Int {
    if case .multiply = block.operation { return dsp - dsp * Self.arrayShare / 100 }
    return blockOutput
  }

  /// How many tables and carry chains are one after the other in a node.
  func levels(_ node: Node, in circuit: Circuit) -> Int {
    if delay(node, in: circuit, fanOut: 1) == 0 { return 0 }
    switch node.operation {
    case .input, .constant, .slice, .concatenate, .register, .state: return 0
    case .sum: return 2
    case .mux, .multiply: return 1
    case .compare(let comparison, let a, let b):
      let widest = max(circuit[a].width, circuit[b].width)
      let isConstant = circuit[a].constant != nil || circuit[b].constant != nil
      return isConstant && (comparison == .equal || widest <= lutInputs * 2) ? depth(widest) : 2
    case .table(let table, let index):
      if circuit.tables[table].isBlock { return 1 }
      let bits = circuit[index].width
      return bits <= lutInputs + 2 ? 1 : 1 + (bits - lutInputs + 1) / 2
    }
  }

  /// The levels of a tree of tables over so many bits.
  private func depth(_ bits: Int) -> Int {
    var (levels, left) = (0, bits)
    while left > 1 {
      left = (left + lutInputs - 1) / lutInputs
      levels += 1
    }
    return levels
  }

  /// What of a way is due to the number of cells it leads to.
  func delay(of fanOut: Int) -> Int {
    routePerFanOutDoubling * max(0, Int.bitWidth - 1 - fanOut.leadingZeroBitCount)
  }

  /// A node's delay, the ways to its cells included; wiring takes none.
  ///
  /// - Parameter isSplit: whether a block's output is a node of its own (`Circuit.blockOutputs`).
  func delay(_ node: Node, in circuit: Circuit, fanOut: Int, isSplit: Bool = false) -> Int {
    let way = route + delay(of: fanOut)
    func carry(_ bits: Int) -> Int { way + lut + carryEntry + (max(bits, 1) - 1) * carryPer8Bits / 8 }
    func tree(_ bits: Int) -> Int { depth(bits) * (way + lut) }
    switch node.operation {
    case .input, .constant, .slice, .concatenate, .register, .state: return 0
    case .sum(let sum):
      if sum.isWiring { return 0 }
      if sum.digit != nil { return carry(node.width) }
      // An adder's constant is an operand, but for 0 and 1.
      let operands = sum.terms.count + (sum.constant == 0 || sum.constant == 1 ? 0 : 1)
      let masks = Set(sum.terms.compactMap(\.mask)).count
      // Masks and complements stand in the adder's own tables, where these have inputs left, else before them: masks of all
      // operands, complements of one, which is on a third of the longest paths.
      let isNegated = sum.terms.contains { $0.isNegated }
      let before = lutInputs >= 6 ? 0 : masks > 0 ? way + lut : isNegated ? (way + lut) / 3 : 0
      // Two operands that are masked each by its own bit are a row of cells, too.
      let isRow = operands > 2 || masks > 1 && lutInputs >= 6
      return carry(node.width) + before + (isRow ? thirdOperand : 0)
    case .compare(let comparison, let a, let b):
      let widest = max(circuit[a].width, circuit[b].width)
      guard let value = circuit[b].constant ?? circuit[a].constant else { return carry(widest) }
      // A sign, or its complement, which readers take in.
      if value == 0 && (comparison != .equal || widest == 1) { return 0 }
      return comparison == .equal || widest <= lutInputs * 2 ? tree(widest) : carry(widest)
    case .mux: return way + lut
    case .table(let table, let index):
      if circuit.tables[table].isBlock { return way + blockSetUp + (isSplit ? 0 : blockOutput) }
      let bits = circuit[index].width
      // Up to eight bits in one slice, then levels of multiplexers.
      if bits <= lutInputs + 2 { return way + lut + max(0, bits - lutInputs) * lut / 2 }
      return (way + lut) * (1 + (bits - lutInputs + 1) / 2)
    // What is left of products after pass `blocks` is one DSP block each.
    case .multiply: return way + (isSplit ? dsp * Self.arrayShare / 100 : dsp)
    }
  }
}
