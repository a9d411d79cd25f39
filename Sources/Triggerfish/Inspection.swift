import Diagnostics
import FixedPoint
import Lowering
import Program
import Reports

/// What a model becomes, layer by layer or in full: `triggerfish inspect`.
public struct Inspect: Sendable {
  /// The model, and how it is lowered.
  public var source: Source

  /// Names the model.
  public init(_ source: Source) { self.source = source }

  /// The layers.
  ///
  /// - Throws: every problem of the files; `usage` for options without effect.
  public func run(_ listener: Listener = Listener()) throws(Failure) -> ModelInspection {
    let compilation = try Compilation(source, listener)
    _ = try compilation.calibrationDeviations(listener)
    return ModelInspection(
      model: compilation.program.name, numerics: compilation.numericsName,
      layers: compilation.lowered.inspection)
  }

  /// The program, before the passes that designs go through (`Program.passInspections`).
  ///
  /// - Parameter observe: called after every pass of the lowering with its name and what prints the state.
  /// - Throws: as `run`.
  public func program(
    _ listener: Listener = Listener(), observe: (String, () -> String) -> Void = { _, _ in }
  ) throws(Failure) -> Program {
    try Compilation(source, listener, observe: observe).program
  }
}

/// What `inspect` shows of a model.
public struct ModelInspection: Sendable {
  /// The model's name.
  public var model: String
  /// The policy it was lowered under.
  public var numerics: String
  /// Every layer that computes something, in order.
  public var layers: [LayerInspection]

  /// The layers as a JSON array.
  public var json: String { jsonText(layers) }

  /// A table for people. Names are those of the model's file, with control characters escaped.
  public var lines: [String] {
    let tensors = ["result", "weight", "bias", "accum"]
    let head = ["layer", "class", "shape", "can be"] + tensors + ["more"]
    let rows = layers.map { layer in
      let more = layer.formats.filter { !tensors.contains($0.key) }.sorted { $0.key < $1.key }
      return [
        layer.name.visible, layer.className.visible, layer.shape.map { "\($0)" }.joined(separator: "×"),
        "\(layer.minimum)…\(layer.maximum)",
      ] + tensors.map { layer.formats[$0] ?? "" } + [
        (more.map { "\($0.key)=\($0.value)" } + (layer.trees.map { [$0.summary] } ?? [])).joined(
          separator: " ")
      ]
    }
    return ["\(model): \(numerics) numerics"]
      + Report.aligned([head] + rows, numbersFrom: head.count)
      + layers.flatMap { layer in layer.trees.map { $0.lines(layer.name) } ?? [] }
  }
}

/// What `inspect` shows of one layer: its result, and the formats on the way to it.
public struct LayerInspection: Codable, Hashable, Sendable {
  /// The layer's name and class.
  public var name, className: String
  /// The shape of its result.
  public var shape: [Int]
  /// The formats of its tensors, by name: result, weight, bias, accum, table, ….
  public var formats: [String: String]
  /// Of a layer of trees: how many there are, how deep, and what they ask.
  public var trees: LoweredTrees?
  /// The smallest and largest value its result can take, from interval analysis over all inputs.
  public var minimum, maximum: Double
}

extension LoweredTrees {
  /// What the summary leaves out, for people.
  fileprivate func lines(_ layer: String) -> [String] {
    let depths = self.depths.enumerated().filter { $0.element > 0 }.map {
      "\($0.element) of depth \($0.offset)"
    }
    let thresholds = self.thresholds.map { "\($0.name.visible) \($0.count)" }
    return [
      "\(layer.visible): trees: \(depths.joined(separator: ", "))",
      "\(layer.visible): different thresholds by feature: \(thresholds.joined(separator: ", "))",
      "\(layer.visible): \(comparisons) different comparisons, of which \(built) are built for these words",
    ] + (transform.map { ["\(layer.visible): behind the margins in training: \($0.visible)"] } ?? [])
  }
}

extension Lowered {
  /// Every layer that computes something, in order.
  public var inspection: [LayerInspection] {
    let ranges = program.knownWords(detail: .channels)
    let results = Dictionary(
      program.layers.compactMap { layer in layer.result.map { (layer.name, $0) } }, uniquingKeysWith: { $1 })
    return layers.compactMap { layer in
      guard let result = results[layer.name] else { return nil }
      let format = program[result].type.format
      let hull = ranges[result.index].interval
      return LayerInspection(
        name: layer.name, className: layer.className, shape: layer.shape,
        formats: Dictionary(layer.formats.map { ($0.tensor, "\($0.format)") }, uniquingKeysWith: { $1 }),
        trees: layer.trees, minimum: format.value(of: hull.low), maximum: format.value(of: hull.high))
    }
  }
}

/// What `inspect --passes` shows of a pass of programs (`ProgramPass`).
public struct PassInspection: Sendable {
  /// The pass's name, what it does, and whether designs go through it, in a line.
  public let title: String
  /// The program after a pass that is run; for others what they would change.
  public let state: String
}

extension Program {
  /// What became of the instructions of `before`, by their names: how many are gone, how many are something else or read
  /// something else, how many are new.
  fileprivate func changes(from before: Program) -> String {
    func signatures(_ program: Program) -> [String: Instruction.Signature] {
      Dictionary(
        program.instructions.map {
          (
            $0.name,
            .init(operation: $0.operation, operands: $0.operands.map { program[$0].name }, type: $0.type)
          )
        }
      ) { $1 }
    }
    let (old, new) = (signatures(before), signatures(self))
    let changed = old.count { name, signature in new[name].map { $0 != signature } ?? false }
    let added = new.count { old[$0.key] == nil }
    return "drop \(old.count { new[$0.key] == nil }) of \(old.count) instructions, change \(changed)"
      + (added == 0 ? "" : " and add \(added)")
  }

  /// Every pass of programs, in order: those that designs go through, one after the other, and what the others would do.
  public var passInspections: [PassInspection] {
    let scheduled = Set(ProgramPass.scheduled.map(\.name))
    var program = self
    return ProgramPass.all.map { pass in
      let after = pass.run(program)
      let title = "\(pass.name): \(pass.summary)"
      let isRun = scheduled.contains(pass.name)
      defer { if isRun { program = after } }
      let state: String
      if after == program {
        state = "changes nothing"
      } else if isRun {
        state = after.description
      } else {
        state = "would \(after.changes(from: program))"
      }
      return PassInspection(title: isRun ? title : title + " (not run)", state: state)
    }
  }
}

extension Instruction {
  /// What it computes of what, by names.
  fileprivate struct Signature: Equatable {
    var operation: Operation
    var operands: [String]
    var type: ValueType
  }
}
