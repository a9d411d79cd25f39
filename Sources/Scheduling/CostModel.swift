import FixedPoint
import Program

/// Estimates of delay and area, from the operation and the words it works on.
///
/// Delays are in ns on UltraScale+ speed grade 2 and scale with `Part.slowness`. Constants come from the
/// C-synthesis results named in docs/scheduling.md.
struct CostModel {
  /// A LUT and its routing, the least any logic costs.
  static let logicDelay = 0.55
  /// Carry propagation per bit of an adder or comparator.
  static let carryDelay = 0.016
  /// A product, in a DSP48 or as shifts and adds.
  static let multiplyDelay = 2.1
  /// Products of constants with fewer signed digits than this are shifts and adds; others take a DSP48.
  static let dspDigits = 4
  /// Tables up to this many bits are built from LUTs, larger ones from block RAM.
  static let lutTableBits = 4096
  /// Bits of one 18 kbit block RAM.
  static let blockRAMBits = 18432

  let program: Program

  /// The delay from operands to result, in ns, when everything is unrolled.
  func delay(_ instruction: Instruction) -> Double {
    let types = instruction.operands.map { program[$0].type }
    let width = instruction.type.format.width
    switch instruction.operation {
    case .input, .constant, .window, .rearrange: return 0
    case .requantize(let format): return conversionDelay(types[0].format, format)
    case .affine(let affine):
      let terms = types[1].shape[types[1].shape.count - 2] + 1
      return Self.multiplyDelay + treeDelay(terms, affine.accumulator.width)
    case .contract(let contract):
      return Self.multiplyDelay + treeDelay(types[0].shape.last ?? 1, contract.accumulator.width)
    case .elementwise(.multiply): return isWiring(instruction) ? 0 : Self.multiplyDelay
    case .elementwise(.divide): return Double(width) * adderDelay(width)
    case .elementwise, .select: return adderDelay(width)
    case .reduce(.sum(let accumulator, .sequential)):
      return Double((types[0].shape.last ?? 1) - 1) * adderDelay(accumulator.width)
    case .reduce(let reduction):
      let levels = Self.log2Ceiling(types[0].shape.last ?? 1)
      return Double(levels) * adderDelay(width) * (reduction == .argmax ? 2 : 1)
    case .lookup: return Self.multiplyDelay
    }
  }

  /// The area of one instruction whose multipliers are each used `reuse` times.
  func resources(_ instruction: Instruction, strategy: Strategy, reuse: Int) -> Resources {
    let types = instruction.operands.map { program[$0].type }
    let type = instruction.type
    let bits = type.count * type.format.width
    switch instruction.operation {
    case .input, .constant, .window, .rearrange: return Resources()
    case .requantize(let format):
      let adders = conversionDelay(types[0].format, format) > 0 ? bits : 0
      return Resources(lut: adders)
    case .affine(let affine): return affineResources(instruction, affine, strategy, reuse, types)
    case .contract:
      let products = type.count * (types[0].shape.last ?? 1)
      return Resources(
        dsp: (products + reuse - 1) / reuse, lut: products * type.format.width / reuse, ff: bits)
    case .elementwise(.multiply):
      if isWiring(instruction) { return Resources() }
      let isWide = types.allSatisfy { $0.format.width >= 10 }
      return isWide ? Resources(dsp: type.count, ff: bits) : Resources(lut: bits * 2, ff: bits)
    case .elementwise(.divide): return Resources(lut: bits * type.format.width, ff: bits * type.format.width)
    case .elementwise, .select: return Resources(lut: bits)
    case .reduce:
      return Resources(lut: types[0].count * types[0].format.width, ff: bits)
    case .lookup:
      let table = types[1].count * types[1].format.width
      if table <= Self.lutTableBits { return Resources(lut: type.count * (table + 63) / 64, ff: bits) }
      let blocks = (table + Self.blockRAMBits - 1) / Self.blockRAMBits
      return Resources(ff: bits, bram: blocks * ((type.count + 1) / 2))
    }
  }

  private func affineResources(
    _ instruction: Instruction, _ affine: Affine, _ strategy: Strategy, _ reuse: Int, _ types: [ValueType]
  ) -> Resources {
    let weights = program.constant(instruction.operands[1]) ?? []
    let input = types[0].format.width
    let positions =
      types[0].count * types[1].count / (types[1].count * types[1].shape.dropLast().reduce(1, *))
    var total = Resources()
    for weight in weights where weight != 0 {
      let digits = Self.signedDigits(weight)
      // One adder joins each product to its column's sum.
      total.lut += affine.accumulator.width
      if digits >= Self.dspDigits {
        total.dsp += 1
      } else {
        total.lut += (digits - 1) * (input + types[1].format.width)
      }
    }
    if reuse > 1 {
      // Shared multipliers see variable weights: width alone decides what they are built from.
      let multipliers = (weights.count + reuse - 1) / reuse
      let isWide = types[1].format.width >= 10
      total.dsp = isWide ? multipliers : 0
      total.lut = multipliers * (affine.accumulator.width + (isWide ? 0 : input * types[1].format.width))
      total.bram =
        strategy == .resource
        ? (weights.count * types[1].format.width + Self.blockRAMBits - 1) / Self.blockRAMBits : 0
    }
    total.dsp *= positions
    total.lut *= positions
    total.ff = instruction.type.count * affine.accumulator.width * (reuse > 1 ? 2 : 1)
    return total
  }

  /// Whether a product is by a constant power of two, which costs nothing.
  private func isWiring(_ instruction: Instruction) -> Bool {
    instruction.operands.contains { id in
      program.constant(id)?.allSatisfy { $0 > 0 && $0 & ($0 - 1) == 0 } ?? false
    }
  }

  private func conversionDelay(_ from: FixedFormat, _ to: FixedFormat) -> Double {
    if to.contains(from) { return 0 }
    let rounds = to.fractionBits < from.fractionBits && to.rounding != .trn
    let clamps = to.overflow != .wrap && to.overflow != .wrapSM
    return (rounds ? adderDelay(to.width) : 0) + (clamps ? Self.logicDelay : 0)
  }

  private func adderDelay(_ width: Int) -> Double { Self.logicDelay + Self.carryDelay * Double(width) }

  private func treeDelay(_ terms: Int, _ width: Int) -> Double {
    Double(Self.log2Ceiling(terms)) * adderDelay(width)
  }

  /// ⌈log₂ count⌉.
  static func log2Ceiling(_ count: Int) -> Int { Int.bitWidth - max(0, count - 1).leadingZeroBitCount }

  /// Non-zero digits in the canonical signed-digit form: the shifts a constant product adds up.
  static func signedDigits(_ value: Raw) -> Int {
    let magnitude = value.magnitude
    return ((magnitude ^ (magnitude &* 3)) as UInt128).nonzeroBitCount
  }
}
