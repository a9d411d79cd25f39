import Diagnostics
import FixedPoint

extension Program {
  /// Reads the textual form (`description`). What it reads is checked by `verify()`.
  ///
  /// - Throws: `Failure(.badInput)` with the file and line, for text of another version of the form, for damaged text, for
  ///   programs that are not well formed, and for those that need more than `limits`.
  public init(parsing text: String, file: String? = nil, limits: WorkLimits = WorkLimits()) throws(Failure) {
    var scanner = TextScanner(text, file: file, limits: limits)
    let hint = "compile again with this Triggerfish, which reads programs of format \(Self.textVersion)"
    guard scanner.take("format") else {
      throw Failure(
        .badInput, file: file, "has no format version: an earlier Triggerfish wrote it, or it is no program",
        hint: hint)
    }
    let version = try scanner.integer()
    guard version == Self.textVersion else {
      throw Failure(
        .badInput, file: file, "is a program of format \(version)", hint: hint)
    }
    try scanner.expect("program")
    self.init(name: try scanner.string())
    while scanner.take("layer") {
      var layer = ProgramLayer(name: try scanner.string(), className: try scanner.string())
      if scanner.take("->") { layer.result = try scanner.value() }
      layers.append(layer)
    }
    try scanner.listing(of: &self)
    guard scanner.isAtEnd else { throw scanner.error("text after the end") }
    let errors = verify()
    if !errors.isEmpty {
      throw Failure(.badInput, errors.map { Diagnostic(file: file, place: $0.instruction, $0.message) })
    }
    var work = WorkCount(limits)
    for instruction in instructions {
      work.add(instruction.operation, instruction.operands.map { self[$0].type }, instruction.type)
    }
    do throws(ProgramError) { try work.check() } catch { throw Failure(.badInput, file: file, error.message) }
  }
}

extension TextScanner {
  /// The instructions, inputs and outputs of a program, or of the step of a scan (`isStep`).
  fileprivate mutating func listing(of program: inout Program, isStep: Bool = false) throws(Failure) {
    while take("%") {
      guard try integer() == program.instructions.count else { throw error("a number out of order") }
      let instruction = try instruction(isStep: isStep)
      program.instructions.append(instruction)
    }
    try expect("inputs")
    while isNext("%") { program.inputs.append(try value()) }
    if take("missing") { while isNext("%") { program.missing.insert(try value()) } }
    try expect("outputs")
    while isNext("%") { program.outputs.append(try value()) }
  }

  /// The step of a scan, its braces included.
  private mutating func scan() throws(Failure) -> Scan {
    try expect("sequences=")
    let sequences = try integer()
    try expect("keeps=")
    guard let kept = Scan.Kept(rawValue: try word()) else { throw error("all or last expected") }
    var body = Program(name: try string())
    try expect("{")
    try listing(of: &body, isStep: true)
    try expect("}")
    return Scan(body, sequences: sequences, keeps: kept)
  }

  private mutating func instruction(isStep: Bool) throws(Failure) -> Instruction {
    let name = try string()
    let layer = take("@") ? try integer() : nil
    try expect("=")
    let operation = try operation(isStep: isStep)
    var operands: [ValueID] = []
    while isNext("%") { operands.append(try value()) }
    try expect(":")
    let type = ValueType(try integers(), try format())
    return Instruction(name: name, operation: operation, operands: operands, type: type, layer: layer)
  }

  private mutating func operation(isStep: Bool) throws(Failure) -> Operation {
    let mnemonic = try word()
    if let kind = Elementwise(rawValue: mnemonic) { return .elementwise(kind) }
    switch mnemonic {
    case "input": return .input
    case "constant": return .constant(try list { (scanner: inout Self) throws(Failure) in try scanner.raw() })
    case "requantize": return .requantize(isNext("s") ? try laidFormats() : .uniform(try format()))
    case "affine":
      let accumulator = try attribute("accumulator") { (s: inout Self) throws(Failure) in try s.format() }
      let product = try product()
      let stride = take("stride=") ? try integer() : nil
      return .affine(
        Affine(product: product, accumulator: accumulator, order: stride.map { .strided($0) } ?? .natural))
    case "contract":
      let accumulator = try attribute("accumulator") { (s: inout Self) throws(Failure) in try s.format() }
      return .contract(Contract(product: try product(), accumulator: accumulator))
    case "reduce": return .reduce(try reduction())
    case "lookup": return .lookup
    case "select":
      guard let comparison = Comparison(rawValue: try word()) else { throw error("a comparison expected") }
      return .select(comparison)
    case "window":
      return .window(
        Window(
          kernel: try lengths("kernel"), strides: try lengths("strides"), dilation: try lengths("dilation"),
          before: try lengths("before"), after: try lengths("after"),
          groups: take("groups=") ? try integer() : 0, padding: take("padding=") ? try raw() : 0))
    case "scan":
      if isStep { throw error("a scan inside the step of a scan") }
      return .scan(try scan())
    default: return .rearrange(try rearrangement(mnemonic))
    }
  }

  private mutating func laidFormats() throws(Failure) -> FormatLayout {
    let shape = try lengths("shape")
    // A run is a few letters however long it is: what it may ask for is counted before it is made.
    guard shape.allSatisfy({ $0 > 0 }), Saturating.product(shape) <= limits[.words] else {
      throw error("formats of a shape that is empty or too large")
    }
    let count = shape.reduce(1, *)
    let formats = try attribute("formats") { (scanner: inout Self) throws(Failure) in
      try scanner.list { (s: inout Self) throws(Failure) in s.take("zero") ? nil : try s.format() }
    }
    var elements: [FixedFormat?] = []
    _ = try attribute("places") { (scanner: inout Self) throws(Failure) in
      try scanner.list { (scanner: inout Self) throws(Failure) in
        let place = try scanner.integer()
        let times = scanner.take("*") ? try scanner.integer() : 1
        guard formats.indices.contains(place), times > 0, times <= count - elements.count else {
          throw scanner.error("places that do not fill the shape, or of no format")
        }
        elements += Array(repeating: formats[place], count: times)
      }
    }
    guard elements.count == count else { throw error("places that do not fill the shape") }
    return FormatLayout(shape: shape, elements)
  }

  private mutating func rearrangement(_ mnemonic: String) throws(Failure) -> Rearrangement {
    switch mnemonic {
    case "reshape": return .reshape(try integers())
    case "transpose": return .transpose(try integers())
    case "concatenate":
      try expect("axis=")
      return .concatenate(axis: try integer())
    case "pad":
      return .pad(
        before: try lengths("before"), after: try lengths("after"), interior: try lengths("interior"),
        word: take("word=") ? try raw() : 0)
    case "slice":
      return .slice(start: try lengths("start"), count: try lengths("count"), step: try lengths("step"))
    case "gather":
      try expect("axis=")
      return .gather(axis: try integer(), indices: try lengths("indices"))
    default: throw error("no operation is called '\(mnemonic)'")
    }
  }

  private mutating func reduction() throws(Failure) -> Reduction {
    switch try word() {
    case "sum":
      let accumulator = try attribute("accumulator") { (s: inout Self) throws(Failure) in try s.format() }
      try expect("order=")
      guard let order = ReductionOrder(rawValue: try word()) else { throw error("an order expected") }
      return .sum(accumulator: accumulator, order: order)
    case "maximum": return .maximum
    case "minimum": return .minimum
    case "argmax": return .argmax
    default: throw error("a reduction expected")
    }
  }

  private mutating func product() throws(Failure) -> FixedFormat? {
    take("product=") ? try format() : nil
  }

  private mutating func lengths(_ name: String) throws(Failure) -> [Int] {
    try attribute(name) { (scanner: inout Self) throws(Failure) in try scanner.integers() }
  }

  private mutating func attribute<Value>(
    _ name: String, _ read: (inout TextScanner) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    try expect("\(name)=")
    return try read(&self)
  }
}
