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
  /// A multiplication in a DSP block, without registers inside.
  public var dsp: Int

  /// AMD UltraScale+, speed grade 2. Cells: Vivado's timing of the xcvu13p (LUT6 0.04–0.15 ns, CARRY8 about 0.02 ns per bit of its
  /// eight; register 0.08 + 0.03 ns); nets: 0.3 ns and more. alkaid 0.8.2 takes 1.09 + 0.025 · bits for an adder with its nets, and
  /// 1.31 times as much for three operands.
  public static let ultraScalePlus = DelayModel(
    name: "UltraScale+", lut: 120, lutInputs: 6, carryEntry: 180, carryPer8Bits: 90, thirdOperand: 260,
    route: 350, routePerFanOutDoubling: 40, register: 110, dsp: 2300)

  /// AMD 7 series, speed grade 2: DS181/DS183, LUT 0.1 ns, CARRY4 0.06 per bit of four; nets 0.5 ns and more.
  public static let series7 = DelayModel(
    name: "7 series", lut: 150, lutInputs: 6, carryEntry: 350, carryPer8Bits: 190, thirdOperand: 450,
    route: 500, routePerFanOutDoubling: 60, register: 450, dsp: 3300)

  /// Lattice ECP5, speed grade 6. Cells: prjtrellis' timing as nextpnr-ecp5 uses it (LUT4 0.24 ns, CCU2 0.45 in, 0.07 per two bits, 0.44
  /// out; register 0.52 + 0 ns); nets 0.5 ns and more.
  public static let ecp5 = DelayModel(
    name: "ECP5", lut: 240, lutInputs: 4, carryEntry: 890, carryPer8Bits: 280, thirdOperand: 1200, route: 600,
    routePerFanOutDoubling: 90, register: 520, dsp: 3900)

  /// A node's delay, the ways to its cells included; wiring takes none.
  func delay(_ node: Node, in circuit: Circuit, fanOut: Int) -> Int {
    let way = route + routePerFanOutDoubling * max(0, Int.bitWidth - 1 - fanOut.leadingZeroBitCount)
    func carry(_ bits: Int) -> Int { way + lut + carryEntry + (max(bits, 1) - 1) * carryPer8Bits / 8 }
    /// A tree of tables over so many bits.
    func tree(_ bits: Int) -> Int {
      var (levels, left) = (0, bits)
      while left > 1 {
        left = (left + lutInputs - 1) / lutInputs
        levels += 1
      }
      return levels * (way + lut)
    }
    switch node.operation {
    case .input, .constant, .slice, .concatenate, .register: return 0
    case .sum(let sum):
      if sum.isWiring { return 0 }
      // An adder's constant is an operand, but for 0 and 1.
      let operands = sum.terms.count + (sum.constant == 0 || sum.constant == 1 ? 0 : 1)
      return carry(node.width) + (operands > 2 ? thirdOperand : 0)
    case .compare(let comparison, let a, let b):
      let widest = max(circuit[a].width, circuit[b].width)
      guard let value = circuit[b].constant ?? circuit[a].constant else { return carry(widest) }
      if comparison == .equal || widest <= lutInputs * 2 {
        return value == 0 && comparison == .less ? 0 : tree(widest)
      }
      return value == 0 ? 0 : carry(widest)
    case .mux: return way + lut
    case .table(_, let index):
      let bits = circuit[index].width
      // Up to eight bits in one slice, then levels of multiplexers.
      if bits <= lutInputs + 2 { return way + lut + max(0, bits - lutInputs) * lut / 2 }
      return (way + lut) * (1 + (bits - lutInputs + 1) / 2)
    case .multiply(let a, let b):
      let (x, y) = (circuit[a].width, circuit[b].width)
      if min(x, y) <= 2 { return carry(node.width) }
      if max(x, y) > 27 || min(x, y) > 18 { return 2 * dsp }
      return dsp
    }
  }
}
