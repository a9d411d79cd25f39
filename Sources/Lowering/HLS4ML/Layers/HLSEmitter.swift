import Configuration
import Diagnostics
import FixedPoint
import Program

/// Makes the program of hls4ml's graph: what each layer's C++ kernel computes, in the program's operations.
struct HLSEmitter {
  let graph: HLSGraph
  var builder: ProgramBuilder
  /// The result of each layer.
  private(set) var values: [String: ValueID] = [:]
  /// Where hls4ml does something else than the model says.
  private(set) var warnings: [Diagnostic] = []
  /// What weights lose in their types, by layer.
  private(set) var weightFits: [String: [WeightFit]] = [:]
  /// Tables that cannot tell their inputs apart, by layer.
  var coarseTables: [String: [String]] = [:]
  /// The layer being made: its name starts every instruction's.
  private(set) var layer: HLSLayer
  private let limits: WorkLimits
  /// Whether the program is the step of a scan, whose names do not repeat the layer's.
  private var isStep = false

  init(_ graph: HLSGraph, _ limits: WorkLimits) {
    self.graph = graph
    self.limits = limits
    builder = ProgramBuilder(name: graph.name, limits: limits)
    layer =
      graph.layers.first ?? HLSLayer("", .input, inputs: [], shape: [], origin: .init(file: "", path: ""))
  }

  /// The program of a graph whose types are all resolved.
  ///
  /// - Throws: `Failure(.badInput)` with every layer that cannot be computed: types over 127 bits wide, sizes
  ///   that hls4ml's kernels cannot do.
  static func emit(_ graph: HLSGraph, _ limits: WorkLimits) throws(Failure) -> HLSEmitter {
    var emitter = HLSEmitter(graph, limits)
    var problems: [Diagnostic] = []
    for layer in graph.layers {
      do throws(ProgramError) {
        try emitter.add(layer)
      } catch {
        problems.append(
          Diagnostic(
            file: layer.origin.file, place: layer.origin.path,
            "layer '\(layer.name)' (\(layer.className)): \(error.message)"))
        // Go on with a stand-in, so that the problems of later layers are found too.
        emitter.values[layer.name] = emitter.builder.constant(
          layer.name, ValueType(layer.shape, layer.result.format ?? FixedFormat(16, 6)),
          Array(repeating: 0, count: layer.shape.reduce(1, *)))
      }
    }
    for output in graph.outputs {
      if let value = emitter.values[output] { emitter.builder.output(value) }
    }
    if problems.isEmpty {
      problems = emitter.builder.program.verify().map { error in
        let layer = error.instruction.map { String($0.prefix { $0 != "." }) }.flatMap { name in
          graph.layers.first { $0.name == name }
        }
        return Diagnostic(file: layer?.origin.file, place: layer?.origin.path, error.description)
      }
    }
    if !problems.isEmpty { throw Failure(.badInput, problems) }
    return emitter
  }

  /// Notes that hls4ml does something else than the model says in the current layer.
  mutating func warn(_ message: String, hint: String? = nil) {
    warnings.append(
      Diagnostic(
        file: layer.origin.file, place: layer.origin.path, "layer '\(layer.name)': \(message)", hint: hint))
  }

  private mutating func add(_ layer: HLSLayer) throws(ProgramError) {
    self.layer = layer
    builder.beginLayer(layer.name, className: layer.className)
    let value = try emit()
    values[layer.name] = value
    let fits = try fits(of: layer)
    weightFits[layer.name] = fits
    for fit in fits { note(fit) }
    guard layer.isTraced else { return }
    guard case .timeStep(isEnd: false) = layer.kind else { return builder.endLayer(value) }
    // hls4ml's trace of a loop holds its last turn.
    let start = [shape(value)[0] - 1] + shape(value).dropFirst().map { _ in 0 }
    let count = [1] + shape(value).dropFirst()
    let step = shape(value).map { _ in 1 }
    let last = try add("last", .rearrange(.slice(start: start, count: count, step: step)), value)
    builder.endLayer(try reshape(last, Array(count.dropFirst()), "step"))
  }

  /// The instructions of the current layer.
  private mutating func emit() throws(ProgramError) -> ValueID {
    switch layer.kind {
    case .input: return builder.input(layer.name, ValueType(layer.shape, try format(.result)))
    case .dense: return try dense()
    case .convolution(let convolution): return try self.convolution(convolution)
    case .batchNormalization: return try normalization()
    case .thresholds(let levels): return try thresholds(levels: levels)
    case .activation, .parametrized, .hard, .prelu, .ternaryTanh: return try activation(of: try operand())
    case .fixedQuantizer(let quantizer):
      return try converted(try add("words", .requantize(quantizer.layout), try operand()))
    case .softmax(let softmax): return try self.softmax(softmax)
    case .merge(let merge): return try self.merge(merge)
    case .concatenate(let axis): return try concatenate(axis: axis)
    case .dot: return try dot()
    case .pooling(let pooling): return try self.pooling(pooling)
    case .globalPooling(let kind, _): return try globalPooling(kind)
    case .kernel(let kernel): return try kernel.emit(&self)
    case .clone: return try operand()
    case .timeStep: return try converted(try operand())
    case .reshape, .repack, .transpose, .zeroPadding, .cropping, .resize, .repeatVector, .gather:
      return try wiring()
    }
  }
}

// MARK: What every layer uses

extension HLSEmitter {
  /// The result of the layer's `position`-th input.
  func operand(_ position: Int = 0) throws(ProgramError) -> ValueID {
    guard layer.inputs.indices.contains(position), let value = values[layer.inputs[position]] else {
      throw ProgramError("reads a layer that is not there")
    }
    return value
  }

  /// The resolved precision of the layer's `position`-th input.
  func operandPrecision(_ position: Int = 0) -> HLSPrecision {
    graph.operand(layer, position)?.result ?? .auto
  }

  /// The resolved format of one of the layer's tensors.
  func format(_ role: HLSRole) throws(ProgramError) -> FixedFormat {
    guard let format = layer.types[role]?.format else {
      throw ProgramError("the type of its \(role.rawValue) is not known")
    }
    guard format.isRepresentable else {
      throw ProgramError(
        "its \(role.rawValue) needs \(format.width) bits; at most "
          + "\(FixedFormat.maximumWidth(signed: format.isSigned)) are supported")
    }
    return format
  }

  /// The words of one of the layer's weights.
  func words(_ role: HLSRole) throws(ProgramError) -> [Raw] {
    guard let weight = layer.weights[role] else { throw ProgramError("has no \(role.rawValue)") }
    return weight.words(try format(role))
  }

  func shape(_ value: ValueID) -> [Int] { builder.type(value).shape }
  func format(of value: ValueID) -> FixedFormat { builder.type(value).format }

  /// Adds an instruction of the current layer. An empty name gives it the layer's.
  mutating func add(_ name: String, _ operation: Operation, _ operands: ValueID...) throws(ProgramError)
    -> ValueID
  {
    try builder.add(named(name), operation, operands)
  }

  /// Adds a constant of the current layer.
  mutating func constant(_ name: String, _ type: ValueType, _ words: [Raw]) -> ValueID {
    builder.constant(named(name), type, words)
  }

  private func named(_ name: String) -> String {
    if isStep { return name.isEmpty ? "value" : name }
    return name.isEmpty ? layer.name : "\(layer.name).\(name)"
  }

  /// The program of a step of a scan, made by `body`.
  mutating func step(_ body: (inout HLSEmitter) throws(ProgramError) -> Void) throws(ProgramError) -> Program
  {
    let outer = builder
    (builder, isStep) = (ProgramBuilder(name: "step", limits: limits), true)
    defer { (builder, isStep) = (outer, false) }
    try body(&self)
    return builder.program
  }

  /// The activation that `inner`, a part of the current layer, computes of a value: from the layer's table, into the accumulator's
  /// type.
  mutating func apply(_ inner: HLSLayer, to x: ValueID) throws(ProgramError) -> ValueID {
    let own = layer
    defer { layer = own }
    layer = inner
    (layer.name, layer.tableSize) = (own.name, own.tableSize)
    (layer.types[.table], layer.types[.result]) = (own.types[.table], own.types[.accum])
    return try activation(of: x)
  }

  /// Adds a constant of one number, in the smallest format that holds it exactly.
  mutating func number(_ name: String, _ value: Double) -> ValueID {
    let (format, words) = FixedFormat.smallest(holding: [value])
    return constant(name, ValueType([], format), words)
  }

  /// The value in another format; the value itself where that changes no word.
  mutating func convert(_ value: ValueID, to format: FixedFormat, _ name: String = "") throws(ProgramError)
    -> ValueID
  {
    if self.format(of: value).isUnchanged(by: format) { return value }
    return try add(name, .requantize(format), value)
  }

  /// The value in the layer's result type.
  mutating func converted(_ value: ValueID) throws(ProgramError) -> ValueID {
    try convert(value, to: try format(.result))
  }

  /// The value in another shape; the value itself where it has that shape.
  mutating func reshape(_ value: ValueID, _ shape: [Int], _ name: String = "shape") throws(ProgramError)
    -> ValueID
  {
    self.shape(value) == shape ? value : try add(name, .rearrange(.reshape(shape)), value)
  }

  /// The value times 2^exponent: the same bits, the point elsewhere.
  mutating func shift(_ value: ValueID, by exponent: Int, _ name: String) throws(ProgramError) -> ValueID {
    let unit = constant(
      "\(name).unit", ValueType([], FixedFormat(1, exponent + 1, signed: false)), [1])
    return try add(name, .elementwise(.multiply), value, unit)
  }
}

extension FixedFormat {
  /// Whether conversion to `other` keeps both the format and every word.
  func isUnchanged(by other: FixedFormat) -> Bool {
    hasSameWords(as: other) && (other.overflow != .satSym || self == other)
  }

  /// The narrowest format of some numbers, and their words there.
  static func smallest(holding values: [Double]) -> (format: FixedFormat, words: [Raw]) {
    let numbers = values.filter { $0 != 0 && $0.isFinite }
    let signed = numbers.contains { $0 < 0 }
    let fraction = numbers.map { $0.significandWidth - Int($0.exponent) }.max() ?? 0
    let integer = (numbers.map { Int($0.exponent) + 1 }.max() ?? 1) + (signed ? 1 : 0)
    let format = FixedFormat(integer + fraction, integer, signed: signed)
    // The verifier refuses a format that is too wide; there are no words of it.
    return (format, values.map { format.isRepresentable ? format.quantize($0) : 0 })
  }
}
