import Model

/// The loop that hls4ml (since 1.2) writes for a TimeDistributed layer:
///
///     for (int ts = 0; ts < config2::n_time_steps; ts++) {
///         nnet::read_time_step_2d<input_t, config2>(ts, in1, layer2_out);
///         …
///         nnet::write_time_step_2d<layer5_t, config5>(ts, layer4_out, layer5_out);
///     }
struct TimeStepLoop {
  /// The number of the step.
  var variable: String
  var count: Int
  var body: [ProjectText.Statement]

  /// Every step becomes layers of its own, as hls4ml unrolls such a loop.
  private static let mostSteps = 4096

  /// Takes the first statement; if that begins a loop, the whole of it.
  ///
  /// - Returns: the loop; nil if there is none.
  /// - Throws: a loop that does not run from 0 upwards in steps of one. Its statements are taken.
  init?(taking rest: inout ArraySlice<ProjectText.Statement>, _ text: ProjectText) throws(Refusal) {
    guard let first = rest.popFirst(), first.tokens.first == .identifier("for") else { return nil }
    // A semicolon ends a statement, so that a head is three of them.
    let head = [first] + rest.prefix(2)
    rest = rest.dropFirst(2)
    body = Array(rest.prefix { $0.depth > first.depth })
    rest = rest.dropFirst(body.count)
    let tokens = Array(head.map(\.tokens).joined(separator: [.mark(";")]))
    let refusal = Refusal("the loop '\(tokens.text)' is not understood")
    var cursor = TokenCursor(tokens)
    guard cursor.take("for"), cursor.take(mark: "("), cursor.type()?.name == "int",
      let variable = cursor.identifier(), cursor.take(mark: "="), cursor.taken() == .number("0"),
      cursor.take(mark: ";"), cursor.take(variable), cursor.take(mark: "<"),
      let limit = cursor.qualifiedName(), cursor.take(mark: ";"), cursor.remaining.text == "\(variable)++)",
      !body.isEmpty
    else { throw refusal }
    let names = limit.split(separator: ":").map(String.init)
    guard names.count == 2, let made = text.structs[names[0]] else { throw refusal }
    self.variable = variable
    count = try KernelConfiguration(text: text, made: made).integer(names[1])
    guard (1...Self.mostSteps).contains(count) else {
      throw Refusal("a loop of \(count) steps: from 1 to \(Self.mostSteps) are read")
    }
  }
}

/// One step of a loop, while its statements are read.
struct TimeStep {
  var variable: String
  var index: Int
  /// What has been written to each tensor of steps, step by step.
  var written: [String: [ProjectBuilder.Tensor]] = [:]
}

extension ProjectBuilder {
  /// Reads a loop: its layers once for each step, and each tensor that it writes as what the steps are joined to.
  mutating func read(_ loop: TimeStepLoop) throws(Refusal) {
    step = TimeStep(variable: loop.variable, index: 0)
    defer { step = nil }
    for index in 0..<loop.count {
      step?.index = index
      var isUnderstood = true
      for statement in loop.body {
        do throws(Refusal) { try read(statement) } catch {
          refuse(statement.place, error)
          isUnderstood = false
        }
      }
      guard isUnderstood else { return }
    }
    for (name, steps) in (step?.written ?? [:]).sorted(by: { $0.key < $1.key }) {
      guard steps.count == loop.count else { throw Refusal("'\(name)' is written \(steps.count) times") }
      var tensor = steps[0]
      tensor.shape[0] = loop.count
      tensor.layer = try append(
        name: free(name.hasSuffix("_out") ? String(name.dropLast(4)) : name), "Concatenate",
        .concatenate(axis: 0), inputs: steps.map(\.layer), shape: tensor.shape, ["result": tensor.format],
        loop.body[0].place)
      define(name, tensor)
    }
  }

  /// The shape of all steps that the configuration of a call names.
  private func shape(of call: KernelCall, rank: Int) throws(Refusal) -> [Int] {
    guard call.arguments.count == 3, let step, call.arguments[0] == [.identifier(step.variable)] else {
      throw Refusal("nnet::\(call.kernel) is not called with the step of a loop")
    }
    let configuration = try configuration(of: call)
    var shape: [Int] = []
    for axis in ["n_time_steps"] + ["in_height", "in_width"].suffix(rank - 2) + ["n_chan"] {
      shape.append(try configuration.integer(axis))
    }
    return shape
  }

  mutating func readTimeStep(_ call: KernelCall, rank: Int) throws(Refusal) {
    let shape = try shape(of: call, rank: rank)
    let x = try operand(call, 1, shape: shape)
    let index = step?.index ?? 0
    guard index < shape[0] else { throw Refusal("step \(index) of \(shape[0]) is read") }
    let row = try append(
      name: free("\(layers[x.layer].name)_step\(index)"), "Gather",
      .gather(indices: [[index]] + shape.dropFirst().map { _ in nil }), inputs: [x.layer],
      shape: [1] + shape.dropFirst(), ["result": x.format], call.place)
    try add(
      call, to: 2, "Reshape", .reshape,
      inputs: [Tensor(layer: row, shape: [1] + shape.dropFirst(), format: x.format)],
      shape: Array(shape.dropFirst()), ["result": try format(of: call, 0)])
  }

  mutating func writeTimeStep(_ call: KernelCall, rank: Int) throws(Refusal) {
    let shape = try shape(of: call, rank: rank)
    let x = try operand(call, 1, shape: [1] + shape.dropFirst())
    let name = try call.name(2)
    guard step?.index == step?.written[name, default: []].count else {
      throw Refusal("'\(name)' is written twice in a step")
    }
    step?.written[name, default: []].append(x)
  }
}
