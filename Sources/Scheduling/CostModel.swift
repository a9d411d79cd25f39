import FixedPoint
import Program

/// Estimates of delay and area, from the operation and the words it works on (docs/cost-model.md).
///
/// Delays are in ns on UltraScale+ speed grade 2 and scale with `Part.slowness`.
struct CostModel {
  /// LUTs of an adder or comparator beyond its width, as C-synthesis counts them.
  static let adderOverhead = 7
  /// A LUT and its routing, the least any logic costs.
  static let logicDelay = 0.55
  /// Reading a table, on a clock edge.
  static let tableDelay = 2.1
  /// Tables up to this many bits are built from LUTs, larger ones from block RAM.
  static let lutTableBits = 4096
  /// Bits of one 18 kbit block RAM.
  static let blockRAMBits = 18432

  let program: Program
  /// The usable part of the clock period, in ns of the reference fabric.
  let period: Double

  /// What an instruction without strategy costs; affine operations have `AffineCost`.
  func estimate(_ instruction: Instruction) -> Estimate {
    switch instruction.operation {
    case .input, .constant, .window, .rearrange: return Estimate(uncertainty: Uncertainty())
    default:
      var result = Estimate()
      result.resources = resources(instruction)
      let delay = delay(instruction)
      if result.resources == Resources(), delay == 0 { result.uncertainty = Uncertainty() }
      result.timing = .chained(delay)
      return result
    }
  }

  /// The delay from operands to result, in ns, when everything is unrolled.
  private func delay(_ instruction: Instruction) -> Double {
    let types = instruction.operands.map { program[$0].type }
    let width = instruction.type.format.width
    switch instruction.operation {
    case .requantize(let format): return conversionDelay(types[0].format, format)
    case .contract(let contract):
      return AffineCost.multiplierDelay + treeDelay(types[0].shape.last ?? 1, contract.accumulator.width)
    case .elementwise(.multiply): return isWiring(instruction) ? 0 : AffineCost.multiplierDelay
    case .elementwise(.divide): return Double(width) * Self.adderDelay(width)
    case .elementwise, .select: return Self.adderDelay(width) + Self.logicDelay
    case .reduce(.sum(let accumulator, .sequential)):
      return Double((types[0].shape.last ?? 1) - 1) * Self.adderDelay(accumulator.width)
    case .reduce(let reduction):
      let levels = Self.log2Ceiling(types[0].shape.last ?? 1)
      return Double(levels) * Self.adderDelay(width) * (reduction == .argmax ? 2 : 1)
    case .lookup: return Self.tableDelay
    case .input, .constant, .window, .rearrange, .affine: return 0
    }
  }

  /// The area of an instruction that has no strategy.
  private func resources(_ instruction: Instruction) -> Resources {
    let types = instruction.operands.map { program[$0].type }
    let type = instruction.type
    let bits = type.count * type.format.width
    let adder = type.format.width + Self.adderOverhead
    switch instruction.operation {
    case .requantize(let format): return conversion(types[0].format, format, count: type.count)
    case .contract(let contract):
      let products = type.count * (types[0].shape.last ?? 1)
      let dsp = multipliers(products, types[0].format.width, types[1].format.width)
      return dsp
        + Resources(lut: products * (contract.accumulator.width + Self.adderOverhead), ff: bits)
    case .elementwise(.multiply):
      if isWiring(instruction) { return Resources() }
      return multipliers(type.count, types[0].format.width, types[1].format.width) + Resources(ff: bits)
    case .elementwise(.divide): return Resources(lut: bits * type.format.width, ff: bits * type.format.width)
    case .elementwise(.add), .elementwise(.subtract): return Resources(lut: type.count * adder)
    // A comparator and a multiplexer.
    case .elementwise, .select: return Resources(lut: type.count * (adder + type.format.width))
    case .reduce(let reduction):
      let nodes = types[0].count - type.count
      let width = types[0].format.width + Self.adderOverhead
      if case .sum(let accumulator, _) = reduction {
        return Resources(lut: nodes * (accumulator.width + Self.adderOverhead), ff: bits)
      }
      return Resources(lut: nodes * (width + types[0].format.width), ff: bits)
    case .lookup:
      let table = types[1].count * types[1].format.width
      if table <= Self.lutTableBits { return Resources(lut: type.count * (table + 63) / 64, ff: bits) }
      // Each block RAM has two ports: two words read one copy.
      let blocks = (table + Self.blockRAMBits - 1) / Self.blockRAMBits
      return Resources(ff: bits, bram: blocks * ((type.count + 1) / 2))
    case .input, .constant, .window, .rearrange, .affine: return Resources()
    }
  }

  func multipliers(_ count: Int, _ a: Int, _ b: Int) -> Resources {
    if ConstantMatrix.isSmall(a, b) { return Resources(lut: count * a * b) }
    return Resources(dsp: count * Self.dspTiles(a, b))
  }

  /// Whether a product is by a constant power of two, which costs nothing.
  private func isWiring(_ instruction: Instruction) -> Bool {
    instruction.operands.contains { id in
      program.constant(id)?.allSatisfy { $0 > 0 && $0 & ($0 - 1) == 0 } ?? false
    }
  }

  private func conversionDelay(_ from: FixedFormat, _ to: FixedFormat) -> Double {
    let (rounds, clamps) = conversionSteps(from, to)
    return (rounds ? Self.adderDelay(to.width) : 0) + (clamps ? Self.logicDelay : 0)
  }

  private func conversion(_ from: FixedFormat, _ to: FixedFormat, count: Int) -> Resources {
    let (rounds, clamps) = conversionSteps(from, to)
    return Resources(lut: count * ((rounds ? to.width + Self.adderOverhead : 0) + (clamps ? to.width : 0)))
  }

  /// Whether words are rounded by an adder, and whether they are clamped.
  private func conversionSteps(_ from: FixedFormat, _ to: FixedFormat) -> (rounds: Bool, clamps: Bool) {
    if to.contains(from) { return (false, false) }
    return (
      to.fractionBits < from.fractionBits && to.rounding != .trn,
      to.overflow != .wrap && to.overflow != .wrapSM
    )
  }

  private func treeDelay(_ terms: Int, _ width: Int) -> Double {
    Double(Self.log2Ceiling(terms)) * Self.adderDelay(width)
  }

  /// An adder of this width, in ns: 0.763 for 16 bits, as the fitted designs of five levels take 3.815 ns; the
  /// slope is the vendor's carry chain.
  static func adderDelay(_ width: Int) -> Double { 0.667 + 0.006 * Double(width) }

  /// DSP48E2 slices (27 × 18 bits) one product takes.
  static func dspTiles(_ a: Int, _ b: Int) -> Int {
    let (wide, narrow) = (max(a, b), min(a, b))
    return ((wide + 26) / 27) * ((narrow + 17) / 18)
  }

  /// 18 kbit block RAMs of a read-only memory: 36 bits wide up to 512 words, 18 up to 1,024, then stacked.
  static func memoryBlocks(width: Int, depth: Int) -> Int {
    if depth <= 512 { return (width + 35) / 36 }
    let whole = (depth / 1024) * ((width + 17) / 18)
    let rest = depth % 1024
    if depth <= 1024 { return (width + 17) / 18 }
    return whole + (rest == 0 ? 0 : memoryBlocks(width: width, depth: rest))
  }

  /// ⌈log₂ count⌉.
  static func log2Ceiling(_ count: Int) -> Int { Int.bitWidth - max(0, count - 1).leadingZeroBitCount }

  /// Non-zero digits in the canonical signed-digit form: the shifts a constant product adds up.
  static func signedDigits(_ value: Raw) -> Int {
    let magnitude = value.magnitude
    return ((magnitude ^ (magnitude &* 3)) as UInt128).nonzeroBitCount
  }
}
