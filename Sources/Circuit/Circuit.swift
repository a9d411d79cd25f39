import FixedPoint
import Program

/// A word-level synchronous netlist: what a program is in hardware, before any text of it is printed.
///
/// Every node makes one word, an integer within an interval, and is made once. An event enters with its input words in
/// cycle 0; a word of cycle c stands c clock edges later. A new event may enter with every clock (II = 1), or, where there are
/// loops, after `interval` clocks: it follows the one before through the registers. docs/circuit.md is the specification; `Simulation` is the definition; `verify()` lists what
/// holds of every circuit.
///
/// Words are plain integers. The formats of ports and layers' results only say how to read them.
public struct Circuit: Hashable, Sendable {
  /// The circuit's name: the model's.
  public var name: String
  /// In an order in which every operand comes before its use.
  public var nodes: [Node]
  /// The contents of tables; several nodes may read one.
  public var tables: [Table]
  /// The layers the nodes come from: the program's, in its order. What is printed has a module for each.
  public var layers: [CircuitLayer]
  /// The tensors from outside, in the model's order: all words stand in cycle 0.
  public var inputs: [WordTensor]
  /// The results, in the model's order: all words stand in one cycle, constants apart.
  public var outputs: [WordTensor]
  /// Clock edges from an event's input words to its results: the cycle of the outputs. `valid` arrives with them.
  public var latency: Int
  /// The parts that an event passes several times.
  public var loops: [CircuitLoop] = []

  /// Makes a circuit. `verify()` says whether it is well formed.
  public init(
    name: String, nodes: [Node] = [], tables: [Table] = [], layers: [CircuitLayer] = [],
    inputs: [WordTensor] = [], outputs: [WordTensor] = [], latency: Int = 0
  ) {
    self.name = name
    self.nodes = nodes
    self.tables = tables
    self.layers = layers
    self.inputs = inputs
    self.outputs = outputs
    self.latency = latency
  }

  /// Clock edges from one event to the next, at least: as many as the longest loop takes.
  public var interval: Int { loops.map(\.length).max() ?? 1 }

  /// The loops that begin together, the longest of them first, in the order in which an event passes them.
  public var loopGroups: [[Int]] {
    Set(loops.map(\.start)).sorted().map { start in
      loops.indices.filter { loops[$0].start == start }
        .sorted { (loops[$1].length, $0) < (loops[$0].length, $1) }
    }
  }

  /// The bits that say where an event is: one for each cycle of a pipeline, and the counters of loops.
  public var controlBits: Int {
    let waits = loopGroups.reduce(0) { $0 + loops[$1[0]].length }
    return loops.reduce(latency - waits) { $0 + 1 + bits($1.steps) + bits($1.stages) }
  }

  /// The bits of a counter.
  private func bits(_ count: Int) -> Int { Int.bitWidth - (count - 1).leadingZeroBitCount }

  /// The node that makes a word.
  public subscript(_ id: NodeID) -> Node { nodes[id.index] }
}

/// A part of a circuit that an event passes several times: one step's hardware, and states that go round (docs/circuit.md, Loops).
public struct CircuitLoop: Hashable, Sendable {
  /// The cycle in which an event's words stand before the loop. At the edge that ends it states take their first words.
  public var start: Int
  /// How many times an event passes.
  public var steps: Int
  /// Clock edges of one step.
  public var stages: Int

  /// Makes a loop.
  public init(start: Int, steps: Int, stages: Int) {
    (self.start, self.steps, self.stages) = (start, steps, stages)
  }

  /// Clock edges of all steps.
  public var length: Int { steps * stages }
  /// The cycle in which the results stand.
  public var end: Int { start + length + 1 }
  /// The cycles of its first step: later steps are multiples of `stages` later.
  public var step: ClosedRange<Int> { start + 1...start + stages }
}

/// Names the word made by the node at `index`.
public struct NodeID: Hashable, Sendable, Comparable {
  /// The position in `Circuit.nodes`.
  public let index: Int

  /// Names the word of node `index`.
  public init(_ index: Int) { self.index = index }

  /// Orders words by when they are made.
  public static func < (a: NodeID, b: NodeID) -> Bool { a.index < b.index }
}

/// A tensor whose words are made by nodes: a port of the circuit, or what a layer computes.
public struct WordTensor: Hashable, Sendable {
  /// Its name: the program value's. Made from untrusted names.
  public var name: String
  /// The length of each axis, batch excluded; [] is one word.
  public var shape: [Int]
  /// How words are read: word · 2^−fractionBits. A node's word is the format's raw word.
  public var format: FixedFormat
  /// The words, row major. One node may stand at several places.
  public var words: [NodeID]

  /// Makes a tensor.
  public init(name: String, shape: [Int], format: FixedFormat, words: [NodeID]) {
    self.name = name
    self.shape = shape
    self.format = format
    self.words = words
  }
}

/// A layer as the user knows it.
public struct CircuitLayer: Hashable, Sendable {
  /// The layer's name, as its owner gave it: untrusted text.
  public var name: String
  /// The layer's class (Dense, Activation, …).
  public var className: String
  /// What a trace shows for this layer, each word in its own cycle; nil where that is not kept (see `Expand.keepsResults`).
  public var result: WordTensor?

  /// Makes a layer.
  public init(name: String, className: String, result: WordTensor? = nil) {
    self.name = name
    self.className = className
    self.result = result
  }
}

/// A table of constants.
public struct Table: Hashable, Sendable {
  /// The index word that reads the first entry.
  public var first: Raw
  /// The entries; nil: no event reads it, and any word may stand there.
  public var entries: [Raw?]
  /// Whether it stands in block RAM, which hands out an entry one clock edge after its index: only registers read it.
  public var isBlock: Bool

  /// Makes a table.
  public init(first: Raw, entries: [Raw?], isBlock: Bool = false) {
    self.first = first
    self.entries = entries
    self.isBlock = isBlock
  }

  /// The index words that have an entry.
  public var indices: Interval { Interval(first, first + Raw(entries.count) - 1) }

  /// The entry of an index word; nil where any word may stand, outside `indices` too.
  public subscript(index: Raw) -> Raw? {
    index >= first && index - first < Raw(entries.count) ? entries[Int(index - first)] : nil
  }
}
