import Diagnostics
import FixedPoint
import Program

/// Program → words: every operation of a program unrolled, each word a node. All words stand in cycle 0: registers come later.
///
/// Wiring costs nothing. Sums that are exact or modular (`Program.sums`) become one `sum` each, with any number of terms and
/// any factors, for pass `share` to make adders of; sums that round or saturate on their way are added in the order written,
/// conversion by conversion.
public struct Expand: Sendable {
  /// The most words, products with weights counted each, that one circuit may have.
  public var limit = 1 << 20
  /// The lookup tables of the part; nil: any number. Refused is what its adders alone are estimated to exceed by half.
  public var tables: Int?
  /// Whether what layers compute is kept for a trace (`CircuitLayer.result`). Words that no output needs are then kept, too.
  public var keepsResults = false

  /// The defaults.
  public init() {}

  /// Unrolls a program.
  ///
  /// - Precondition: the program passes `verify()`.
  /// - Throws: `badInput` where it is too large to unroll, or a division too wide, naming the layer.
  public func callAsFunction(_ looped: Program) throws(Failure) -> Circuit {
    let program = looped.unrolled().program
    try check(program)
    var expansion = Expansion(program)
    try expansion.run()
    return expansion.finish(keepsResults: keepsResults)
  }

  /// Refuses what is too large, before anything is made of it.
  private func check(_ program: Program) throws(Failure) {
    let words = program.instructions.map { instruction -> Int in
      let types = instruction.operands.map { program[$0].type }
      return instruction.operation.words(types, instruction.type)
    }
    let (total, most) = (Saturating.sum(words), limit)
    if total > limit {
      throw refusal(program, words) { words in
        "\(Self.text(words)) words and products when unrolled, of \(Self.text(total)) in all; a circuit has at most \(most)"
      }
    }
    guard let part = tables else { return }
    let adders = program.instructions.map { program.adderTables($0) }
    let sum = Saturating.sum(adders)
    if sum > part + part / 2 {
      throw refusal(program, adders) { tables in
        "adders of about \(Self.text(tables)) lookup tables when unrolled, of \(Self.text(sum)) in all; the part has \(part)"
      }
    }
  }

  /// The layers that need most.
  private func refusal(_ program: Program, _ costs: [Int], message: (Int) -> String) -> Failure {
    var layers: [Int?: Int] = [:]
    for (instruction, cost) in zip(program.instructions, costs) {
      layers[instruction.layer] = Saturating.sum([layers[instruction.layer] ?? 0, cost])
    }
    let largest = layers.sorted { ($1.value, $0.key ?? -1) < ($0.value, $1.key ?? -1) }.prefix(3)
    return Failure(
      .badInput,
      largest.map { layer, cost in
        Diagnostic(
          place: layer.map { program.layers[$0].name }, message(cost),
          hint:
            "the hls backend can use multipliers several times (ReuseFactor) or stream positions (io_stream)")
      })
  }

  private static func text(_ count: Int) -> String { count == .max ? "far too many" : "\(count)" }
}

extension Program {
  /// Roughly what the adders of an operation's products with weights take. Graphs of 8 × 8 to 64 × 64 weights take two
  /// fifths of a table for each bit of a word and digit of a weight (Benchmarks/rtl/results.json).
  fileprivate func adderTables(_ instruction: Instruction) -> Int {
    guard case .affine = instruction.operation,
      case .constant(let weights) = self[instruction.operands[1]].operation, !weights.isEmpty
    else { return 0 }
    let input = self[instruction.operands[0]].type
    let digits = weights.reduce(0) { $0 + ($1 ^ (3 &* $1)).nonzeroBitCount }
    // Every position of a convolution has its own.
    let positions = Saturating.product([instruction.type.count, input.shape.last ?? 1]) / weights.count
    return Saturating.product([positions, digits, input.format.width]) / 5 * 2
  }
}

extension Operation {
  /// How many words, and products with weights, an unrolled operation has.
  fileprivate func words(_ operands: [ValueType], _ result: ValueType) -> Int {
    switch self {
    case .input, .requantize, .elementwise, .lookup, .select: result.count
    // No hardware, but lists as long.
    case .constant, .window, .rearrange, .scan: result.count / 16
    case .affine: Saturating.product([result.count, operands[0].shape.last ?? 1])
    case .contract: Saturating.product([result.count, operands[0].shape.last ?? 1])
    case .reduce: operands[0].count
    }
  }
}

/// One program being unrolled.
struct Expansion {
  let program: Program
  let known: [KnownWords]
  var builder: CircuitBuilder
  /// By instruction: its words' wires, row major.
  var values: [[Wire]] = []
  /// The next number of sums that are solved together.
  var group = 0

  init(_ program: Program) {
    self.program = program
    known = program.knownWords()
    builder = CircuitBuilder(
      name: program.name,
      layers: program.layers.map { CircuitLayer(name: $0.name, className: $0.className) })
  }

  mutating func run() throws(Failure) {
    for (index, instruction) in program.instructions.enumerated() {
      builder.layer = instruction.layer
      values.append(try wires(of: ValueID(index), instruction))
    }
  }

  private mutating func wires(of id: ValueID, _ instruction: Instruction) throws(Failure) -> [Wire] {
    let operands = instruction.operands.map { Words(type: program[$0].type, wires: values[$0.index]) }
    let result = instruction.type
    switch instruction.operation {
    case .input:
      return (0..<result.count).map { _ in Wire(word: builder.input(Interval(result.format))) }
    case .constant(let words): return words.map { builder.constantWire($0) }
    case .requantize(let formats): return requantize(operands[0], formats)
    case .affine(let affine): return self.affine(id, affine, operands)
    case .contract(let contract): return self.contract(id, contract, operands)
    case .elementwise(let kind): return try elementwise(id, kind, operands)
    case .reduce(let reduction): return reduce(id, reduction, operands[0])
    case .lookup: return lookup(operands[0], id)
    case .select(let comparison): return select(comparison, operands, result)
    case .window(let window):
      let padding = builder.constantWire(window.padding)
      return window.elementMap(operands[0].type.shape).map { $0 < 0 ? padding : operands[0].wires[$0] }
    case .rearrange(let rearrangement):
      let words = operands.flatMap { $0.aligned(to: result.format.fractionBits) }
      let fill = builder.constantWire(rearrangement.fill)
      return rearrangement.elementMap(operands.map(\.type.shape), result: result.shape).map {
        $0 < 0 ? fill : words[$0]
      }
    case .scan: preconditionFailure("\(instruction.name) is a loop, which Program.unrolled takes apart")
    }
  }

  mutating func finish(keepsResults: Bool) -> Circuit {
    func tensor(_ id: ValueID) -> WordTensor {
      let instruction = program[id]
      builder.layer = instruction.layer
      return WordTensor(
        name: instruction.name, shape: instruction.type.shape, format: instruction.type.format,
        words: values[id.index].map { fitted(builder.word($0), instruction.type.format) })
    }
    let inputs = program.inputs.map(tensor)
    let outputs = program.outputs.map(tensor)
    if keepsResults {
      for (index, layer) in program.layers.enumerated() {
        builder.setResult(layer.result.map(tensor), of: index)
      }
    }
    builder.setPorts(inputs: inputs, outputs: outputs)
    return builder.circuit.withoutDeadNodes()
  }

  /// The word in a format that it lies in by its value, though perhaps not by its interval.
  private mutating func fitted(_ word: NodeID, _ format: FixedFormat) -> NodeID {
    Interval(format).contains(builder.interval(word))
      ? word : builder.slice(word, from: 0, WordType(format.width, signed: format.isSigned))
  }
}

/// A tensor of wires.
struct Words {
  let type: ValueType
  let wires: [Wire]

  var fractionBits: Int { type.format.fractionBits }

  /// Its words as multiples of 2^−fraction, where that has at least their own bits.
  func aligned(to fraction: Int) -> [Wire] {
    fraction == fractionBits ? wires : wires.map { $0.shifted(left: fraction - fractionBits) }
  }

  /// The wire that numpy broadcasting to `shape` puts at each place.
  func broadcast(to shape: [Int]) -> [Wire] {
    shape == type.shape ? wires : broadcastPlaces(of: type.shape, in: shape).map { wires[$0] }
  }
}

extension Circuit {
  /// The circuit without nodes and tables that no output and no layer's result depends on. Inputs stay.
  func withoutDeadNodes() -> Circuit {
    var isLive = nodes.map { $0.operation == .input }
    var open = (outputs + layers.compactMap(\.result)).flatMap(\.words)
    while let id = open.popLast() {
      if isLive[id.index], nodes[id.index].operation != .input { continue }
      isLive[id.index] = true
      open += nodes[id.index].operation.operands
    }
    if isLive.allSatisfy({ $0 }) { return self }
    var result = self
    result.nodes = []
    var count = 0
    let names = isLive.map { isLive in
      defer { count += isLive ? 1 : 0 }
      return NodeID(count)
    }
    var tables: [Int: Int] = [:]
    result.tables = []
    for (index, node) in nodes.enumerated() where isLive[index] {
      var copy = node
      copy.operation = node.operation.mapOperands { names[$0.index] }
      if case .table(let table, let word) = copy.operation {
        if tables[table] == nil {
          tables[table] = result.tables.count
          result.tables.append(self.tables[table])
        }
        copy.operation = .table(tables[table] ?? 0, word)
      }
      result.nodes.append(copy)
    }
    result.mapPorts { names[$0.index] }
    return result
  }

  /// Renames the words of ports and results.
  mutating func mapPorts(_ new: (NodeID) -> NodeID) {
    func mapped(_ tensor: WordTensor) -> WordTensor {
      var copy = tensor
      copy.words = tensor.words.map(new)
      return copy
    }
    inputs = inputs.map(mapped)
    outputs = outputs.map(mapped)
    for index in layers.indices { layers[index].result = layers[index].result.map(mapped) }
  }
}
