import Diagnostics
import FixedPoint
import Program

/// Puts a circuit with loops together from the pipelines of its parts: segments, and one step of each loop between them.
///
/// A segment before a loop hands its words to states: the loop's elements and states, and states that hold what passes by. What a
/// step reads stands as long as the step takes, so that no register keeps it.
struct Assembly {
  private(set) var circuit: Circuit
  private var tables: [Table: Int] = [:]
  /// Results of loops and words held meanwhile, each once.
  private var known: [Node: NodeID] = [:]
  private let options: CircuitOptions

  /// - Throws: as `Circuit.init`.
  init(_ program: Program, _ options: CircuitOptions) throws(Failure) {
    self.options = options
    circuit = Circuit(
      name: program.name,
      layers: program.layers.map { CircuitLayer(name: $0.name, className: $0.className) })
    // By value of the program: its words where the segment begins.
    var words: [ValueID: [NodeID]] = [:]
    var base = 0
    let segments = Segments(program).segments
    for (number, segment) in segments.enumerated() {
      let isLast = number == segments.count - 1
      var part = options
      if !isLast { part.margin = options.delays.choice }
      var pipeline = try Circuit(pipeline: segment.program, part)
      if !isLast || pipeline.onlyPasses { pipeline = pipeline.withoutOutputRegisters() }
      let placed = place(
        pipeline, at: base, inputs: segment.inputs.map { words[$0] }, layer: nil, isStep: false)
      var here: [ValueID: [NodeID]] = [:]
      for (id, tensor) in zip(segment.outputs, placed.outputs) { here[id] = tensor.words }
      for (layer, result) in placed.results where circuit.layers[layer].result == nil {
        circuit.layers[layer].result = result
      }
      if number == 0 { circuit.inputs = placed.inputs }
      base += pipeline.latency
      if isLast {
        circuit.outputs = placed.outputs
        circuit.latency = base
      } else {
        (words, base) = try loops(segment, program, start: base, here)
      }
    }
    circuit = circuit.withoutDeadNodes()
  }

  // MARK: Parts

  /// What a part has become.
  private struct Placed {
    var inputs, outputs: [WordTensor]
    var results: [(layer: Int, WordTensor)]
  }

  /// Adds the nodes of a pipeline that begins in a cycle, with words in place of its inputs (nil: they stay inputs).
  ///
  /// - Parameter isStep: whether these words stand until it is done, so that registers of them are they themselves.
  private mutating func place(
    _ part: Circuit, at base: Int, inputs: [[NodeID]?], layer: Int?, isStep: Bool
  ) -> Placed {
    var names: [NodeID] = []
    var given: [NodeID: NodeID] = [:]
    for (tensor, words) in zip(part.inputs, inputs) {
      for (id, word) in zip(tensor.words, words ?? []) { given[id] = word }
    }
    let standing = Set(isStep ? given.values.map { $0 } : [])
    for (index, node) in part.nodes.enumerated() {
      if let word = given[NodeID(index)] {
        names.append(word)
        continue
      }
      var copy = node
      copy.operation = node.operation.mapOperands { names[$0.index] }
      if case .register(let operand) = copy.operation, standing.contains(operand) || self.isConstant(operand)
      {
        names.append(operand)
        continue
      }
      if case .table(let table, let index) = copy.operation {
        copy.operation = .table(place(part.tables[table]), index)
      }
      if copy.constant == nil { copy.cycle += base }
      copy.layer = layer ?? node.layer
      names.append(add(copy))
    }
    func moved(_ tensor: WordTensor) -> WordTensor {
      var copy = tensor
      copy.words = tensor.words.map { names[$0.index] }
      return copy
    }
    return Placed(
      inputs: part.inputs.map(moved), outputs: part.outputs.map(moved),
      results: part.layers.enumerated().compactMap { index, layer in layer.result.map { (index, moved($0)) } }
    )
  }

  private func isConstant(_ id: NodeID) -> Bool { circuit[id].constant != nil }

  private mutating func add(_ node: Node) -> NodeID {
    circuit.nodes.append(node)
    return NodeID(circuit.nodes.count - 1)
  }

  private mutating func place(_ table: Table) -> Int {
    if let place = tables[table] { return place }
    tables[table] = circuit.tables.count
    circuit.tables.append(table)
    return circuit.tables.count - 1
  }

  // MARK: Loops

  /// The scans behind a segment, side by side.
  ///
  /// - Parameter here: the segment's words, which stand in cycle `start`.
  /// - Returns: what the next segment begins with, and the cycle that stands in.
  private mutating func loops(
    _ segment: Segments.Segment, _ program: Program, start: Int, _ here: [ValueID: [NodeID]]
  ) throws(Failure) -> ([ValueID: [NodeID]], Int) {
    var bodies: [(id: ValueID, scan: Scan, steps: Int, body: Circuit)] = []
    for id in segment.scans {
      guard case .scan(let scan) = program[id].operation else { continue }
      let steps = program[program[id].operands[0]].type.shape[0]
      bodies.append((id, scan, steps, try body(scan, program, id, here)))
    }
    // Those of as many steps take as many cycles, so that none waits for another.
    for (number, (id, scan, steps, body)) in bodies.enumerated() {
      let most = bodies.filter { $0.steps == steps }.map(\.body.latency).max() ?? 0
      if body.latency < most {
        bodies[number].body = try self.body(scan, program, id, here, staging: .cycles(most))
      }
    }
    var results: [ValueID: [NodeID]] = [:]
    var ends: [ValueID: Int] = [:]
    for (id, scan, steps, body) in bodies {
      let loop = CircuitLoop(start: start, steps: steps, stages: body.latency)
      let number = circuit.loops.firstIndex(of: loop) ?? circuit.loops.count
      if number == circuit.loops.count { circuit.loops.append(loop) }
      let operands = program[id].operands.map { here[$0] ?? [] }
      results[id] = place(scan, operands, body, number, program[id])
      ends[id] = loop.end
    }
    let own = circuit.loops.indices.filter { circuit.loops[$0].start == start }
    guard let longest = own.max(by: { (circuit.loops[$0].length, $1) < (circuit.loops[$1].length, $0) })
    else {
      return (here, start)
    }
    let end = circuit.loops[longest].end
    for (id, words) in results { results[id] = words.map { delayed($0, by: end - (ends[id] ?? end)) } }
    for (id, words) in here.sorted(by: { $0.key < $1.key }) where results[id] == nil {
      let interval = Interval(program[id].type.format)
      results[id] = words.map { hold($0, interval, longest, program[id].layer) }
    }
    return (results, end)
  }

  /// One step of a scan, as a pipeline.
  private func body(
    _ scan: Scan, _ program: Program, _ id: ValueID, _ here: [ValueID: [NodeID]], staging: Staging? = nil
  ) throws(Failure) -> Circuit {
    var options = options
    options.inputsStand = true
    if let staging { options.staging = staging }
    let starts = program[id].operands.dropFirst(scan.sequences).flatMap { here[$0] ?? [] }
    if !starts.allSatisfy(isConstant) { options.margin = options.delays.choice }
    let step = scan.step(of: program[id], layers: program.layers)
    return try Circuit(pipeline: step, options).withoutOutputRegisters(keepingLatency: true)
  }

  /// Adds a loop: what it goes through as chains of states, of which the first is the step's element; its states; a step; its
  /// results. Gives the results' words.
  private mutating func place(
    _ scan: Scan, _ operands: [[NodeID]], _ body: Circuit, _ number: Int, _ instruction: Instruction
  ) -> [NodeID] {
    let (layer, interval) = (instruction.layer, Interval(instruction.type.format))
    let loop = circuit.loops[number]
    func state(_ first: NodeID, _ interval: Interval, next: NodeID? = nil) -> NodeID {
      let own = NodeID(circuit.nodes.count)
      return add(
        Node(
          .state(loop: number, first: first, next: next ?? own), interval, cycle: loop.start + 1, layer: layer
        ))
    }
    var inputs: [[NodeID]] = []
    for (tensor, words) in zip(body.inputs, operands).prefix(scan.sequences) {
      let count = tensor.words.count
      inputs.append(
        tensor.words.indices.map { place in
          let interval = body[tensor.words[place]].interval
          var next: NodeID?
          for step in (0..<loop.steps).reversed() {
            next = state(words[step * count + place], interval, next: next)
          }
          return next ?? words[place]
        })
    }
    for (tensor, words) in zip(body.inputs, operands).dropFirst(scan.sequences) {
      inputs.append(zip(tensor.words, words).map { state($1, body[$0].interval) })
    }
    let placed = place(body, at: loop.start + 1, inputs: inputs, layer: layer, isStep: true)
    for (states, tensor) in zip(inputs.dropFirst(scan.sequences), placed.outputs.dropFirst()) {
      for (state, next) in zip(states, tensor.words) {
        guard case .state(_, let first, _) = circuit[state].operation else { continue }
        circuit.nodes[state.index].operation = .state(loop: number, first: first, next: next)
      }
    }
    let result = placed.outputs[0].words
    guard scan.keeps == .all else { return result.map { self.result($0, interval, number, layer) } }
    // The last result moves through those before it.
    var rows: [[NodeID]] = [result.map { self.result($0, interval, number, layer) }]
    while rows.count < loop.steps {
      rows.insert(rows[0].map { self.result($0, interval, number, layer) }, at: 0)
    }
    return Array(rows.joined())
  }

  /// A state that takes a word at the end of every step: after the last one it stands. What reads it knows its interval alone.
  private mutating func result(_ next: NodeID, _ interval: Interval, _ loop: Int, _ layer: Int?) -> NodeID {
    let node = Node(
      .state(loop: loop, first: nil, next: next), interval, cycle: circuit.loops[loop].end, layer: layer)
    if let id = known[node] { return id }
    known[node] = add(node)
    return NodeID(circuit.nodes.count - 1)
  }

  /// A word that passes by a loop.
  private mutating func hold(_ word: NodeID, _ interval: Interval, _ loop: Int, _ layer: Int?) -> NodeID {
    let start = circuit.loops[loop].start
    // Told from others by its word alone, before it has a name of its own.
    let key = Node(.state(loop: loop, first: word, next: word), interval, cycle: start + 1, layer: layer)
    if known[key] == nil {
      var node = key
      node.operation = .state(loop: loop, first: word, next: NodeID(circuit.nodes.count))
      known[key] = add(node)
    }
    return result(known[key] ?? word, interval, loop, layer)
  }

  private mutating func delayed(_ word: NodeID, by cycles: Int) -> NodeID {
    var word = word
    for _ in 0..<(isConstant(word) ? 0 : cycles) {
      let node = circuit[word]
      word = add(Node(.register(word), node.interval, cycle: node.cycle + 1, layer: node.layer))
    }
    return word
  }
}

extension Circuit {
  /// Whether it computes nothing: inputs go through its registers.
  fileprivate var onlyPasses: Bool {
    nodes.allSatisfy { node in
      switch node.operation {
      case .input, .constant, .register: true
      case .sum, .compare, .mux, .table, .multiply, .slice, .concatenate, .state: false
      }
    }
  }

  /// A pipeline without the registers at its end: outputs stand a cycle earlier, for states to take.
  fileprivate func withoutOutputRegisters(keepingLatency: Bool = false) -> Circuit {
    var result = self
    /// The word a cycle earlier; shifts stand behind registers.
    func earlier(_ id: NodeID) -> NodeID {
      var node = self[id]
      if node.constant != nil { return id }
      if case .register(let word) = node.operation { return word }
      node.operation = node.operation.mapOperands(earlier)
      node.cycle -= 1
      result.nodes.append(node)
      return NodeID(result.nodes.count - 1)
    }
    result.outputs = outputs.map { tensor in
      var copy = tensor
      copy.words = tensor.words.map(earlier)
      return copy
    }
    if !keepingLatency { result.latency -= 1 }
    return result.withoutDeadNodes()
  }
}
