import Diagnostics
import FixedPoint
import Model
import Program

/// Appends instructions and knows the range of every value as it goes.
struct ExactBuilder {
  private(set) var builder: ProgramBuilder
  private(set) var known: [KnownWords] = []
  /// What is not exact, or rests on an assumption.
  private(set) var notes: [Diagnostic] = []
  /// Bits of words where the model has no quantizer.
  let wordLength: Int
  /// The model has quantizers: results between layers are exact.
  let isQuantized: Bool
  /// The lowest word of an input of trees stands for a missing number.
  let isMissingLowest: Bool
  /// How many trees, one after the other, the same hardware computes.
  let treeReuse: Int
  /// The layer being lowered: for names and messages.
  private(set) var layer: Layer?
  /// What values stand for besides their words' numbers; see `Scaling`.
  var scalings: [ValueID: Scaling] = [:]
  /// Values with their scalings multiplied out, where something needed that.
  var multipliedOut: [ValueID: ValueID] = [:]
  /// The numbers of constant layers as the model has them.
  var constants: [ValueID: [Double]] = [:]
  /// The operands of the layer being lowered that nothing else reads.
  var ownOperands: Set<ValueID> = []
  /// The ranges of the states of the recurrent layer being lowered, as seen on events.
  var stateRanges: [ClosedRange<Double>] = []
  private let limits: WorkLimits
  /// Whether the program is the step of a scan, whose names do not repeat the layer's.
  private var isStep = false

  /// The widest word kept exact in a quantized model. Twice what float32 holds of a number: rounding there is
  /// far below the framework's own.
  static let exactLimit = 48

  init(name: String, _ options: ExactOptions, isQuantized: Bool) {
    builder = ProgramBuilder(name: name, limits: options.limits)
    limits = options.limits
    wordLength = options.wordLength
    isMissingLowest = options.isMissingLowest
    treeReuse = options.treeReuse
    self.isQuantized = isQuantized
  }

  /// A builder of the step of a scan in the layer being lowered.
  func stepBuilder() -> ExactBuilder {
    var step = self
    step.builder = ProgramBuilder(name: "step", limits: limits)
    (step.known, step.notes, step.isStep) = ([], [], true)
    (step.scalings, step.multipliedOut, step.constants, step.ownOperands) = ([:], [:], [:], [])
    return step
  }

  // MARK: Layers

  mutating func begin(_ layer: Layer) {
    self.layer = layer
    builder.beginLayer(layer.name, className: layer.className)
  }

  mutating func end(_ result: ValueID) { builder.endLayer(result) }

  mutating func output(_ id: ValueID) { builder.output(id) }

  /// Something the user should know of the layer being lowered.
  mutating func note(_ message: String) {
    if let layer { notes.append(Diagnostic(layer, message)) }
  }

  mutating func note(_ note: Diagnostic) { notes.append(note) }

  /// A problem with the layer being lowered.
  func failure(_ message: String, hint: String? = nil) -> Failure {
    Failure(.badInput, [layer.map { Diagnostic($0, message, hint: hint) } ?? Diagnostic(message, hint: hint)])
  }

  // MARK: Instructions

  mutating func input(_ name: String, _ type: ValueType) -> ValueID {
    let id = builder.input(name, type)
    learn(id)
    return id
  }

  /// Says that the lowest word of an input stands for a missing number.
  ///
  /// - Throws: for an input of unsigned words, whose lowest is 0.
  mutating func setMissing(_ input: ValueID) throws(Failure) {
    guard format(input).isSigned else {
      throw failure(
        "--missing: the lowest word of \(format(input)) is 0, which no missing number can be told from",
        hint: "a signed type")
    }
    builder.setMissing(input)
    note(
      "the lowest word, \(format(input).value(of: format(input).minRaw).short), stands for a missing number (NaN)"
    )
  }

  /// An input of a step, of whose words something is known.
  mutating func input(_ name: String, _ type: ValueType, _ words: KnownWords) -> ValueID {
    let id = builder.input(name, type)
    known.append(words)
    return id
  }

  mutating func constant(_ tensor: FixedTensor, _ suffix: String) -> ValueID {
    let id = builder.constant(name(suffix), tensor.type, tensor.words)
    learn(id)
    return id
  }

  /// One number, exactly.
  mutating func constant(_ value: Double, _ suffix: String) throws(Failure) -> ValueID {
    guard let tensor = FixedTensor.exact([value], shape: [1], limit: 64) else {
      throw failure("\(value) does not fit 64 bits")
    }
    return constant(tensor, suffix)
  }

  mutating func add(
    _ operation: Operation, _ operands: ValueID..., named suffix: String
  ) throws(Failure) -> ValueID {
    try add(operation, operands, named: suffix)
  }

  mutating func add(
    _ operation: Operation, _ operands: [ValueID], named suffix: String
  ) throws(Failure) -> ValueID {
    do throws(ProgramError) {
      let type = try operation.resultType(operands.map { builder.type($0) })
      guard type.format.isRepresentable else { throw ProgramError("a word needs \(type.format.width) bits") }
      let id = try builder.add(name(suffix), operation, operands)
      learn(id)
      return id
    } catch {
      throw failure(error.message)
    }
  }

  /// What is known of a value's words, by position of the last axis: formats are inferred from that.
  private mutating func learn(_ id: ValueID) {
    known.append(builder.program.knownWords(of: id, given: known, detail: .channels))
  }

  /// The value in the narrowest format for words that it is known to have, finer than its own analysis knows.
  mutating func assume(_ id: ValueID, _ words: Interval, _ suffix: String) throws(Failure) -> ValueID {
    let format = FixedFormat.tight(words.low...words.high, fractionBits: self.format(id).fractionBits)
    if format.width >= self.format(id).width { return id }
    let narrow = try requantize(id, format, suffix)
    known[narrow.index] = KnownWords(words)
    return narrow
  }

  private func name(_ suffix: String) -> String {
    if isStep { return suffix.isEmpty ? "value" : suffix }
    let prefix = layer?.name ?? ""
    return suffix.isEmpty ? prefix : "\(prefix).\(suffix)"
  }

  // MARK: What is known

  func type(_ id: ValueID) -> ValueType { builder.type(id) }
  func format(_ id: ValueID) -> FixedFormat { builder.type(id).format }
  func shape(_ id: ValueID) -> [Int] { builder.type(id).shape }
  func words(_ id: ValueID) -> ClosedRange<Raw> {
    let interval = known[id.index].interval
    return interval.low...interval.high
  }

  /// The numbers a value can have.
  func range(_ id: ValueID) -> ClosedRange<Double> {
    let format = format(id)
    let words = words(id)
    return format.value(of: words.lowerBound)...format.value(of: words.upperBound)
  }

  // MARK: Conversions

  mutating func requantize(_ id: ValueID, _ format: FixedFormat, _ suffix: String = "") throws(Failure)
    -> ValueID
  {
    if self.format(id).hasSameWords(as: format) { return id }
    return try add(.requantize(format), id, named: suffix)
  }

  /// The same numbers in the narrowest format for their range: no arithmetic, only fewer wires. A layer's
  /// last value (without a suffix) is left to `word`.
  mutating func tight(_ id: ValueID, _ suffix: String = "") throws(Failure) -> ValueID {
    if suffix.isEmpty { return id }
    return try requantize(id, .tight(words(id), fractionBits: format(id).fractionBits), suffix)
  }

  /// The value as a word that a following layer multiplies.
  ///
  /// In a quantized model that is the number itself (up to `exactLimit` bits). Otherwise it is rounded to
  /// nearest in `wordLength` bits, the binary point chosen so that the range fits: the proven range, or the
  /// estimated one where that is narrower; what is outside saturates.
  mutating func word(_ id: ValueID, estimate: ClosedRange<Double>?, _ suffix: String = "") throws(Failure)
    -> ValueID
  {
    let limit = isQuantized ? Self.exactLimit : wordLength
    let exact = FixedFormat.tight(words(id), fractionBits: format(id).fractionBits)
    if exact.width <= limit { return try requantize(id, exact, suffix) }
    let proven = range(id)
    let isSigned = proven.lowerBound < 0
    var format = FixedFormat.covering(proven, width: limit, signed: isSigned)
    if isQuantized {
      note("rounded to \(limit) bits (\(exact.width) would be exact)")
    } else if let estimate {
      let low = min(max(proven.lowerBound, estimate.lowerBound), 0)
      let high = max(min(proven.upperBound, estimate.upperBound), 0)
      let expected = FixedFormat.covering(low...high, width: limit, signed: isSigned)
      if expected.integerBits < format.integerBits {
        note(
          "saturates at the range of \(expected), which was seen; \(proven.lowerBound.short) to "
            + "\(proven.upperBound.short) is possible")
        format = expected
      }
    }
    // Bits below those the value has would be zeros.
    let spare = max(0, format.fractionBits - exact.fractionBits)
    format.width -= spare
    return try requantize(id, format, suffix)
  }
}

extension Diagnostic {
  /// A diagnostic about a layer.
  init(_ layer: Layer, _ message: String, hint: String? = nil) {
    self.init(
      file: layer.origin.file, place: layer.origin.path, "layer '\(layer.name)': \(message)", hint: hint)
  }
}
