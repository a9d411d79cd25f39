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
  /// Tables up to this many bits are built from LUTs, larger ones from block RAM.
  static let lutTableBits = 4096
  /// Bits of one 18 kbit block RAM.
  static let blockRAMBits = 18432

  let program: Program
  /// How logic is cut into cycles.
  let clock: LogicClock
  /// What products are built of.
  var binding = MultiplierBinding.automatic

  /// What an instruction without strategy costs; affine operations have `AffineCost`. Scans are unrolled before.
  ///
  /// - Parameter words: how many words of its result are hardware; nil: all.
  func estimate(_ instruction: Instruction, words: Int? = nil) -> Estimate {
    switch instruction.operation.form {
    case .input, .constant, .wiring, .scan: return Estimate(uncertainty: Uncertainty())
    case .wordwise, .product, .reduction:
      var result = Estimate()
      result.resources = resources(instruction, words ?? instruction.type.count)
      result.timing = timing(instruction)
      if case .chained(0) = result.timing, result.resources == Resources() {
        result.uncertainty = Uncertainty()
      }
      return result
    }
  }

  /// From operands to result, when everything is unrolled.
  private func timing(_ instruction: Instruction) -> Estimate.Timing {
    let types = instruction.operands.map { program[$0].type }
    let width = instruction.type.format.width
    switch instruction.operation {
    case .requantize(let formats):
      return .chained(formats.formats.map { conversionDelay(types[0].format, $0) }.max() ?? 0)
    case .contract(let contract):
      let tree = treeDelay(types[0].shape.last ?? 1, CostModel.adderDelay(contract.accumulator.width))
      return .chained(clock.multiplierDelay(binding) + tree)
    case .elementwise(.multiply):
      if isWiring(instruction) { return .chained(0) }
      if multipliers(1, types[0].format.width, types[1].format.width).dsp == 0 {
        return .chained(clock.period)
      }
      // One that takes several cycles ends in the slice's register.
      let cycles = Int((LogicClock.valueProductDelay / clock.period).rounded(.up))
      return cycles > 1
        ? .clocked(cycles: cycles - 1, clock.period) : .chained(LogicClock.valueProductDelay)
    case .elementwise(.divide): return .chained(Double(width) * Self.adderDelay(width))
    case .select where isDecided(instruction): return .chained(0)
    case .select where isByBit(instruction): return .chained(Self.logicDelay)
    case .elementwise, .select: return .chained(Self.adderDelay(width) + Self.logicDelay)
    case .reduce(.sum(let accumulator, .sequential)):
      return .chained(Double((types[0].shape.last ?? 1) - 1) * Self.adderDelay(accumulator.width))
    case .reduce(let reduction):
      return .chained(treeDelay(types[0].shape.last ?? 1, levelDelay(reduction, types[0].format.width)))
    case .lookup:
      let isSmall = (types[1].shape.last ?? 1) * types[1].format.width <= Self.lutTableBits
      return .clocked(cycles: isSmall ? 0 : 1, isSmall ? clock.period : clock.dspDelay)
    case .input, .constant, .window, .rearrange, .affine, .scan: return .chained(0)
    }
  }

  /// The delay of one level of a reduction's tree: an adder, or comparators and multiplexers.
  private func levelDelay(_ reduction: Reduction, _ width: Int) -> Double {
    switch reduction {
    case .sum(let accumulator, _): Self.adderDelay(accumulator.width)
    case .argmax: 2 * (Self.adderDelay(width) + Self.logicDelay)
    case .maximum, .minimum: Self.adderDelay(width) + Self.logicDelay
    }
  }

  /// The area of an instruction that has no strategy, without the registers of its result.
  private func resources(_ instruction: Instruction, _ words: Int) -> Resources {
    let types = instruction.operands.map { program[$0].type }
    let type = instruction.type
    let bits = words * type.format.width
    let adder = type.format.width + Self.adderOverhead
    switch instruction.operation {
    case .requantize(.uniform(let format)): return conversion(types[0].format, format, count: words)
    case .requantize(.laid(let laid)):
      // Each format's share of the words that are not 0 anyway.
      let kept = zip(laid.formats, laid.counts).filter { $0.0 != nil }
      let elements = kept.map(\.1).reduce(0, +)
      let count = min(words, type.count / laid.places.count * elements)
      return kept.reduce(Resources()) { sum, share in
        guard let format = share.0 else { return sum }
        return sum + conversion(types[0].format, format, count: count * share.1 / elements)
      }
    case .contract(let contract):
      let products = words * (types[0].shape.last ?? 1)
      let dsp = multipliers(products, types[0].format.width, types[1].format.width)
      return dsp
        + Resources(lut: products * (contract.accumulator.width + Self.adderOverhead), ff: bits)
    case .elementwise(.multiply):
      if isWiring(instruction) { return Resources() }
      return multipliers(words, types[0].format.width, types[1].format.width)
    case .elementwise(.divide): return Resources(lut: bits * type.format.width, ff: bits * type.format.width)
    case .elementwise(.add), .elementwise(.subtract): return Resources(lut: words * adder)
    case .select where isDecided(instruction): return Resources()
    case .select where isByBit(instruction): return Resources(lut: bits)
    // A comparator and a multiplexer.
    case .elementwise, .select: return Resources(lut: words * (adder + type.format.width))
    case .reduce(let reduction):
      let nodes = types[0].count - type.count
      let width = types[0].format.width + Self.adderOverhead
      let ff = type.count * treeRegisters(reduction, types[0])
      if case .sum(let accumulator, _) = reduction {
        return Resources(lut: nodes * (accumulator.width + Self.adderOverhead), ff: ff)
      }
      return Resources(lut: nodes * (width + types[0].format.width), ff: ff)
    case .lookup:
      // Each word has a table to itself, or shares its ports with those that read the same one.
      let entries = types[1].shape.last ?? 1
      let table = entries * types[1].format.width
      if table <= Self.lutTableBits { return Resources(lut: words * (table + 63) / 64) }
      // Each block RAM has two ports: two words read one copy.
      let blocks = (table + Self.blockRAMBits - 1) / Self.blockRAMBits
      let readers = (words * entries + types[1].count - 1) / max(types[1].count, 1)
      return Resources(bram: blocks * max(1, types[1].count / entries) * ((readers + 1) / 2))
    case .input, .constant, .window, .rearrange, .affine, .scan: return Resources()
    }
  }

  /// Whether a selection asks whether a bit is set, as the nodes of trees do: there is nothing to compare.
  private func isByBit(_ instruction: Instruction) -> Bool {
    guard case .select(.equal) = instruction.operation else { return false }
    return instruction.operands.prefix(2).allSatisfy { program[$0].type.format == .integer(1, signed: false) }
  }

  /// Whether a selection compares constants, the same at all positions: it is wiring.
  private func isDecided(_ instruction: Instruction) -> Bool {
    instruction.operands.prefix(2).allSatisfy {
      program.constant($0) != nil && program[$0].type.shape.count <= instruction.type.shape.count
    }
  }

  /// Registers within the tree of one reduction: the nodes of each level that ends a cycle.
  private func treeRegisters(_ reduction: Reduction, _ type: ValueType) -> Int {
    let terms = type.shape.last ?? 1
    var width = type.format.width
    if case .sum(let accumulator, _) = reduction { width = accumulator.width }
    let level = levelDelay(reduction, type.format.width)
    var time = LogicTime()
    var bits = 0
    for depth in 1...max(1, Self.log2Ceiling(terms)) {
      let (begin, end) = clock.end(from: time, level)
      // What waits for this level is registered where it begins a cycle.
      if begin > time.cycle { bits += ((terms + (1 << (depth - 1)) - 1) >> (depth - 1)) * width }
      time = end
    }
    return bits
  }

  func multipliers(_ count: Int, _ a: Int, _ b: Int) -> Resources {
    if binding == .fabric || binding == .automatic && ConstantMatrix.isSmall(a, b) {
      return Resources(lut: Int((Double(count) * Self.fabricMultiplierLUT(a, b)).rounded()))
    }
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

  /// The delay of a tree of so many terms, in ns: whole levels fit a cycle or begin the next.
  private func treeDelay(_ terms: Int, _ level: Double) -> Double {
    var time = LogicTime()
    for _ in 0..<Self.log2Ceiling(terms) { time = clock.end(from: time, level).end }
    return clock.delay(time)
  }

  /// An adder of this width, in ns: 0.763 for 16 bits, as the fitted designs of five levels take 3.815 ns; the
  /// slope is the vendor's carry chain.
  static func adderDelay(_ width: Int) -> Double { 0.667 + 0.006 * Double(width) }

  /// LUTs of a multiplier bound to LUTs: the rows of its partial products. From reports of whole networks (7 series),
  /// whose multipliers of 8 × 8 bits have 62 and those of 18 × 18 bits 366.
  static func fabricMultiplierLUT(_ a: Int, _ b: Int) -> Double {
    max(Double(min(a, b)), 1.258 * Double(a * b) - 1.158 * Double(a + b))
  }

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
