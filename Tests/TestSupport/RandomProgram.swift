import FixedPoint
import Program

/// What random programs are made of.
public struct RandomProgramOptions: Sendable {
  /// The widest word of an input, a constant or a conversion.
  public var maximumWidth = 24
  /// The roundings used.
  public var roundings = Rounding.allCases
  /// The overflow modes used.
  public var overflows: [Overflow] = [.wrap, .sat, .satZero, .satSym]
  /// Whether formats may keep top bits saturated (ap_fixed's N).
  public var saturatedBits = false
  /// The most elements of any tensor.
  public var maximumCount = 96
  /// How many operations a program has, about.
  public var operations = 1...12

  /// The defaults.
  public init() {}

  /// Everything that is legal, up to very wide words.
  public static var everything: RandomProgramOptions {
    var options = RandomProgramOptions()
    options.maximumWidth = 60
    options.overflows = Overflow.allCases
    options.saturatedBits = true
    return options
  }
}

/// Makes random programs that pass `Program.verify`, and events for them. The same seed gives the same program.
public struct RandomProgram: Sendable {
  /// The random numbers.
  public var generator: SeededGenerator
  /// What programs are made of.
  public var options: RandomProgramOptions
  var builder = ProgramBuilder(name: "random")
  var values: [ValueID] = []

  /// Makes a generator of one program.
  public init(seed: UInt64, options: RandomProgramOptions = RandomProgramOptions()) {
    generator = SeededGenerator(seed: seed)
    self.options = options
  }

  /// A random program: a graph of any operations, or a chain like a real network's.
  public static func program(seed: UInt64, options: RandomProgramOptions = RandomProgramOptions()) -> Program
  {
    var random = RandomProgram(seed: seed, options: options)
    return random.generator.chance(0.5) ? random.graph() : random.network()
  }

  /// Any operations on any earlier values.
  public mutating func graph() -> Program {
    for index in 0..<Int.random(in: 1...3, using: &generator) {
      values.append(builder.input("input\(index)", ValueType(shape(), format())))
    }
    for _ in 0..<Int.random(in: options.operations, using: &generator) {
      attempt { random in
        let operand = random.recent()
        // Words that grew wide are mostly brought back.
        if random.builder.type(operand).format.width > random.options.maximumWidth,
          random.generator.chance(0.7)
        {
          return try random.requantized(operand)
        }
        return try random.anyOperation(on: operand)
      }
    }
    let outputs = Set(
      (0..<Int.random(in: 1...2, using: &generator)).map { _ in recent() } + values.suffix(1))
    for output in outputs.sorted() { builder.output(output) }
    return builder.program
  }

  /// Random raw words of a program's inputs: event, input, word. Extremes and small words are frequent.
  public static func events(_ count: Int, for program: Program, seed: UInt64) -> [[[Raw]]] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      // All words of an event are of one kind, so that sums reach their extremes.
      let kind = Int.random(in: 0..<8, using: &generator)
      return program.inputs.map { id in
        let format = program[id].type.format
        return (0..<program[id].type.count).map { _ in word(of: format, kind, &generator) }
      }
    }
  }

  private static func word(of format: FixedFormat, _ kind: Int, _ generator: inout SeededGenerator) -> Raw {
    let (low, high) = (format.minRaw, format.maxRaw)
    switch kind {
    case 0: return generator.pick([low, high])
    case 1: return high
    case 2: return low
    case 3: return max(low, min(high, Raw(Int.random(in: -4...4, using: &generator))))
    default: return random(low, high, &generator)
    }
  }

  /// A word in low...high.
  static func random(_ low: Raw, _ high: Raw, _ generator: inout SeededGenerator) -> Raw {
    let bits = UInt128(generator.next()) << 64 | UInt128(generator.next())
    let span = UInt128(truncatingIfNeeded: high) &- UInt128(truncatingIfNeeded: low)
    return low &+ Raw(truncatingIfNeeded: span == UInt128.max ? bits : bits % (span + 1))
  }

  // MARK: Parts

  /// Adds what `body` adds if the program stays well formed; otherwise nothing.
  mutating func attempt(_ body: (inout RandomProgram) throws -> ValueID?) {
    var copy = self
    guard let value = try? body(&copy) else {
      // The numbers drawn are gone, or the next attempt would draw them again.
      generator = copy.generator
      return
    }
    copy.values.append(value)
    var program = copy.builder.program
    program.outputs = [value]
    let tooLarge = program.instructions.contains { $0.type.count > options.maximumCount * 8 }
    if program.verify().isEmpty && !tooLarge && copy.builder.type(value).count <= options.maximumCount {
      self = copy
    } else {
      generator = copy.generator
    }
  }

  /// An earlier value, more likely a late one.
  mutating func recent() -> ValueID {
    generator.chance(0.6) ? values[values.count - 1] : generator.pick(values)
  }

  mutating func shape() -> [Int] {
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: [Int.random(in: 1...3, using: &generator)]
    case 1...3: [Int.random(in: 1...20, using: &generator)]
    case 4: [Int.random(in: 1...6, using: &generator), Int.random(in: 1...6, using: &generator)]
    default:
      [
        Int.random(in: 1...5, using: &generator), Int.random(in: 1...5, using: &generator),
        Int.random(in: 1...3, using: &generator),
      ]
    }
  }

  mutating func rounding() -> Rounding { generator.chance(0.5) ? .trn : generator.pick(options.roundings) }

  mutating func modes(_ format: FixedFormat) -> FixedFormat {
    var format = format.with(
      rounding(), generator.chance(0.5) ? .wrap : generator.pick(options.overflows))
    if !options.roundings.contains(format.rounding) { format.rounding = .trn }
    if format.overflow == .wrapSM && !format.isSigned { format.overflow = .wrap }
    if options.saturatedBits, format.overflow == .wrap || format.overflow == .wrapSM, generator.chance(0.05) {
      format.saturatedBits = Int.random(in: 0...min(3, format.width), using: &generator)
    }
    return format
  }

  /// Any format: mostly of up to 16 bits, with the point mostly in or near the word.
  public mutating func format() -> FixedFormat {
    let width: Int =
      switch Int.random(in: 0..<10, using: &generator) {
      case 0...3: Int.random(in: 1...8, using: &generator)
      case 4...7: Int.random(in: 4...16, using: &generator)
      default: Int.random(in: 1...options.maximumWidth, using: &generator)
      }
    let integer = Int.random(in: -2...width + 2, using: &generator)
    return modes(
      FixedFormat(min(width, options.maximumWidth), integer, signed: generator.chance(0.7)))
  }

  /// A format a few bits away from `format`.
  mutating func near(_ format: FixedFormat) -> FixedFormat {
    let integer = format.integerBits + Int.random(in: -3...2, using: &generator)
    let fraction = format.fractionBits - Int.random(in: -2...10, using: &generator)
    let width = max(1, min(options.maximumWidth, integer + fraction))
    return modes(FixedFormat(width, integer, signed: format.isSigned || generator.chance(0.3)))
  }

  /// A constant tensor, some of its words zero.
  mutating func constant(_ name: String, _ shape: [Int], _ format: FixedFormat) -> ValueID {
    let sparsity = generator.pick([0, 0.3, 0.8])
    let small = generator.chance(0.5)
    let words = (0..<shape.reduce(1, *)).map { _ -> Raw in
      if generator.chance(sparsity) { return max(0, format.minRaw) }
      let word = Self.random(format.minRaw, format.maxRaw, &generator)
      return small ? word >> Raw(format.width / 2) : word
    }
    return builder.constant(name, ValueType(shape, format), words)
  }
}
