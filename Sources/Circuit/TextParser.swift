import Diagnostics
import FixedPoint
import Program

extension Circuit {
  /// Reads the textual form (`description`). What it reads is checked by `verify()`.
  ///
  /// - Throws: `Failure(.badInput)` with the file and line, for text of another version of the form, for damaged text, and for
  ///   circuits that are not well formed.
  public init(parsing text: String, file: String? = nil) throws(Failure) {
    var scanner = TextScanner(text, file: file, limits: WorkLimits())
    guard scanner.take("format"), try scanner.integer() == Self.textVersion else {
      throw Failure(
        .badInput, file: file, "is no circuit of format \(Self.textVersion)",
        hint: "compile again with this Triggerfish")
    }
    try scanner.expect("circuit")
    self.init(name: try scanner.string())
    try scanner.expect("latency=")
    latency = try scanner.integer()
    while scanner.take("layer") {
      var layer = CircuitLayer(name: try scanner.string(), className: try scanner.string())
      if scanner.take("->") { layer.result = try scanner.tensor() }
      layers.append(layer)
    }
    while scanner.take("loop") {
      guard try scanner.integer() == loops.count else { throw scanner.error("a number out of order") }
      try scanner.expect("=")
      loops.append(try scanner.loop())
    }
    while scanner.take("table") {
      guard try scanner.integer() == tables.count else { throw scanner.error("a number out of order") }
      let isBlock = scanner.take("block")
      try scanner.expect("=")
      tables.append(try scanner.table())
      tables[tables.count - 1].isBlock = isBlock
    }
    while scanner.take("%") {
      guard try scanner.integer() == nodes.count else { throw scanner.error("a number out of order") }
      nodes.append(try scanner.node())
    }
    while scanner.take("input") { inputs.append(try scanner.tensor()) }
    while scanner.take("output") { outputs.append(try scanner.tensor()) }
    guard scanner.isAtEnd else { throw scanner.error("text after the end") }
    let errors = verify()
    if !errors.isEmpty {
      throw Failure(
        .badInput, errors.map { Diagnostic(file: file, place: $0.node?.description, $0.message) })
    }
  }
}

extension TextScanner {
  fileprivate mutating func id() throws(Failure) -> NodeID {
    try expect("%")
    return NodeID(try integer())
  }

  fileprivate mutating func loop() throws(Failure) -> CircuitLoop {
    try expect("start=")
    let start = try integer()
    try expect("steps=")
    let steps = try integer()
    try expect("stages=")
    return CircuitLoop(start: start, steps: steps, stages: try integer())
  }

  fileprivate mutating func table() throws(Failure) -> Table {
    try expect("first=")
    let first = try raw()
    let entries = try list { (scanner: inout Self) throws(Failure) -> Raw? in
      scanner.take("_") ? nil : try scanner.raw()
    }
    if first.addingReportingOverflow(Raw(entries.count)).overflow { throw error("an index out of range") }
    return Table(first: first, entries: entries)
  }

  fileprivate mutating func tensor() throws(Failure) -> WordTensor {
    let (name, shape, format) = (try string(), try integers(), try format())
    guard shape.allSatisfy({ $0 > 0 }), Saturating.product(shape) <= 1 << 24 else {
      throw error("a shape that is empty or too large")
    }
    guard format.isRepresentable else { throw error("a format of \(format.width) bits") }
    let count = shape.reduce(1, *)
    var words: [NodeID] = []
    while isNext("%") {
      let word = try id()
      // A run is a few letters however long it is.
      let times = take("*") ? try integer() : 1
      guard times > 0, times <= count - words.count else { throw error("words that do not fill the shape") }
      words += Array(repeating: word, count: times)
    }
    return WordTensor(name: name, shape: shape, format: format, words: words)
  }

  fileprivate mutating func node() throws(Failure) -> Node {
    let layer = take("@") ? try integer() : nil
    try expect("=")
    let operation = try nodeOperation()
    try expect(":")
    let low = try raw()
    try expect("…")
    let high = try raw()
    return Node(operation, Interval(low, high), cycle: take("cycle=") ? try integer() : 0, layer: layer)
  }

  private mutating func nodeOperation() throws(Failure) -> NodeOperation {
    let mnemonic = try word()
    if let comparison = Comparison(rawValue: mnemonic) { return .compare(comparison, try id(), try id()) }
    switch mnemonic {
    case "input": return .input
    case "constant": return .constant(try raw())
    case "sum": return .sum(try sum())
    case "mux": return .mux(condition: try id(), then: try id(), otherwise: try id())
    case "table": return .table(try integer(), try id())
    case "multiply": return .multiply(try id(), try id())
    case "slice":
      let word = try id()
      try expect("from=")
      return .slice(word, from: try integer())
    case "concatenate":
      var words: [NodeID] = []
      while isNext("%") { words.append(try id()) }
      return .concatenate(words)
    case "register": return .register(try id())
    case "state":
      let loop = try integer()
      let first = take("first=") ? try id() : nil
      try expect("next=")
      return .state(loop: loop, first: first, next: try id())
    default: throw error("no operation is called '\(mnemonic)'")
    }
  }

  private mutating func sum() throws(Failure) -> Sum {
    var sum = Sum([])
    while true {
      let isNegated = take("-")
      if !isNegated, !take("+"), !sum.terms.isEmpty { break }
      var magnitude: Raw = 1
      if !isNext("%") {
        magnitude = try raw()
        try expect("·")
      }
      let word = try id()
      let factor = isNegated ? 0 &- magnitude : magnitude
      sum.terms.append(Term(word, factor: factor, mask: take("&") ? try id() : nil))
    }
    if take("constant=") { sum.constant = try raw() }
    if take("group=") { sum.group = try integer() }
    return sum
  }
}
