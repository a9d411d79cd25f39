import Configuration
import Diagnostics
import FixedPoint
import Lowering
import Model
import Program
import Reports

extension ModelComparison {
  /// How many events are compared, at most, and what multiplications of the float model that may take.
  private static let (mostEvents, multiplications) = (2000, 2_000_000_000)
  /// Faults that are looked for, at most.
  private static let mostFaults = 8

  /// Compares a compiled model with the float model layer by layer, finds the layers at fault, and tries what mends them.
  ///
  /// - Parameters:
  ///   - compilation: the model as the user compiles it.
  ///   - events: per model input, row major with the event first; nil: events made up from the inputs' formats.
  /// - Throws: where the events do not fill the model's inputs.
  public init(_ compilation: Compilation, events: [[Double]]? = nil) throws(Failure) {
    let float = try FloatModel(compilation.model)
    let reference = try Self.reference(
      compilation, float, events, most: Self.mostEvents, Self.multiplications)
    let measurement = try Measurement(compilation.lowered, reference)
    let faults = try FaultSearch(compilation, reference).faults(measurement, most: Self.mostFaults)
    var exact: Measurement?
    if compilation.numerics != .exact, compilation.configuration?.isWritten != true {
      // What the exact policy cannot compute is no reason not to compare with the float model.
      let options = ExactOptions(calibration: events == nil ? nil : reference.inputs)
      exact = (try? lowerExactly(compilation.model, options)).flatMap { try? Measurement($0, reference) }
    }
    self.init(
      model: compilation.program.name, numerics: compilation.numericsName, events: reference.events,
      isSynthetic: events == nil, inputs: measurement.inputFits.map(\.input),
      layers: try measurement.layerRows(beside: exact), output: measurement.distance, exact: exact?.distance,
      isConstant: measurement.isConstant, faults: faults)
  }

  /// The float model on at most so many events, evenly chosen, as so many multiplications allow.
  static func reference(
    _ compilation: Compilation, _ float: FloatModel, _ events: [[Double]]?, most: Int, _ multiplications: Int
  ) throws(Failure) -> Measurement.Reference {
    let program = compilation.program
    let given = events ?? syntheticEvents(float, formats: program.inputs.map { program[$0].type.format })
    let sizes = program.inputs.map { program[$0].type.count }
    let count = zip(given, sizes).map { $0.count / max(1, $1) }.min() ?? 0
    guard given.count == sizes.count, count > 0, zip(given, sizes).allSatisfy({ $0.count == count * $1 })
    else {
      throw Failure(.badInput, "the events do not fill the inputs of \(program.name), \(sizes) numbers each")
    }
    let wanted = max(1, min(count, most, max(4, multiplications / max(1, float.cost))))
    let chosen = zip(given, sizes).map { numbers, size in
      (0..<wanted).flatMap { event -> ArraySlice<Double> in
        let start = event * count / wanted * size
        return numbers[start..<start + size]
      }
    }
    return Measurement.Reference(float, chosen, events: wanted, isSynthetic: events == nil)
  }
}

/// Finds layers at fault: the first where the outputs part from the model's when the program computes up to it and the
/// float model the rest.
struct FaultSearch {
  let compilation: Compilation
  let reference: Measurement.Reference

  init(_ compilation: Compilation, _ reference: Measurement.Reference) {
    self.compilation = compilation
    self.reference = reference
  }

  /// The faults of a measured program, each mended before the next is looked for, until the outputs agree.
  func faults(_ measurement: Measurement, most: Int) throws(Failure) -> [ModelComparison.Fault] {
    var measurement = measurement
    var remedies: [Remedy] = []
    var faults: [ModelComparison.Fault] = []
    while faults.count < most, measurement.isFar(through: measurement.layers.count),
      let place = next(measurement, after: Set(faults.map(\.layer)))
    {
      let suspect = try measurement.suspect(place)
      var fault = ModelComparison.Fault(
        layer: suspect.layer, reasons: suspect.reasons, settings: [], mended: nil)
      if compilation.numerics == .hls4ml, let (tried, mended) = mend(suspect, remedies) {
        fault.settings = tried.map(\.setting)
        fault.mended = mended.distance
        remedies = remedies.filter { old in !tried.contains { $0.isSamePlace(as: old) } } + tried
        measurement = mended
      }
      faults.append(fault)
      if fault.mended == nil { break }
    }
    return faults
  }

  /// Where to look next: the first layer that parts the outputs from the model's; where that one was looked at before, or
  /// adds next to nothing itself, the layer before it that adds most.
  private func next(_ measurement: Measurement, after known: Set<String>) -> Int? {
    let first = measurement.firstFar
    if first == 0 { return known.contains(measurement.name(0)) ? nil : 0 }
    let errors = measurement.numbers(of: Array(0..<first)).map {
      ModelComparison.Errors($0.found, $0.own).relative
    }
    if !known.contains(measurement.name(first)), errors[first - 1] > 0.02 { return first }
    return (1...first).filter { !known.contains(measurement.name($0)) && errors[$0 - 1] > 0 }
      .max { errors[$0 - 1] < errors[$1 - 1] }
  }

  /// The least types that bring the outputs back to the model's as far as the suspect goes, and the program with them: one
  /// of those that follow from what is seen, or all of them and what is seen then, or wider types for the whole layer.
  private func mend(_ suspect: Suspect, _ before: [Remedy]) -> (remedies: [Remedy], mended: Measurement)? {
    for remedy in suspect.remedies {
      if let (remedies, mended, isNear) = attempt([remedy], suspect.layer, before), isNear {
        return (remedies, mended)
      }
    }
    var remedies: [Remedy] = []
    var more = suspect.remedies
    for _ in 0..<3 where !more.isEmpty {
      remedies = remedies.filter { old in !more.contains { $0.isSamePlace(as: old) } } + more
      guard let (tried, mended, isNear) = attempt(remedies, suspect.layer, before) else { break }
      if isNear { return (tried, mended) }
      // What was wrong first hid what is wrong next.
      guard let next = try? mended.suspect(mended.count(through: suspect.layer)) else { break }
      more = next.remedies.filter { !tried.contains($0) }
    }
    remedies = remedies.filter { old in !suspect.escalation.contains { $0.isSamePlace(as: old) } }
    guard let (tried, mended, isNear) = attempt(remedies + suspect.escalation, suspect.layer, before), isNear
    else { return nil }
    return (tried, mended)
  }

  /// The program with some types set, and whether its outputs are near the model's as far as a layer goes.
  private func attempt(
    _ remedies: [Remedy], _ layer: String, _ before: [Remedy]
  ) -> (remedies: [Remedy], mended: Measurement, isNear: Bool)? {
    let configuration = compilation.configuration ?? Configuration()
    var remedies = remedies
    // A result type of its own brings back the linear activation that hls4ml makes of every layer, with the default type.
    let known = Set(compilation.lowered.layers.map(\.name))
    for _ in 0..<2 {
      guard let lowered = try? lowerAsHLS4ML(compilation.model, configuration.applying(before + remedies))
      else {
        return nil
      }
      let linear = remedies.filter { $0.tensor == "result" }.map { remedy in
        Remedy(layer: "\(remedy.layer)_linear", tensor: "result", format: remedy.format)
      }.filter { remedy in
        !remedies.contains(remedy) && !known.contains(remedy.layer)
          && lowered.layers.contains { $0.name == remedy.layer }
      }
      if linear.isEmpty {
        guard let mended = try? Measurement(lowered, reference) else { return nil }
        return (remedies, mended, mended.isNear(through: mended.count(through: layer)))
      }
      remedies += linear
    }
    return nil
  }
}

extension Measurement {
  /// How many layers the program computes, at least, for the outputs to be far from the model's; 0: its inputs' formats do
  /// it. For a program whose outputs are far.
  var firstFar: Int { (0..<layers.count).first { isFar(through: $0) } ?? layers.count }

  /// How many of the layers there are up to the one of a name, itself among them; 0 for an input.
  func count(through name: String) -> Int {
    layers.firstIndex { lowered.layers[$0.index].name == name }.map { $0 + 1 } ?? 0
  }

  /// The name of the last of so many layers; of none, that of the input that fits worst.
  func name(_ count: Int) -> String {
    count == 0 ? worstInput.name : lowered.layers[layers[count - 1].index].name
  }

  /// Whether outputs are near the model's when the program computes so many layers, or at least no farther through the
  /// last of them than before it.
  func isNear(through count: Int) -> Bool {
    let distance = distance(through: count)
    if !distance.isFar(synthetic: reference.isSynthetic) { return true }
    guard count > 0 else { return false }
    let before = self.distance(through: count - 1)
    return distance.relativeError < 1.1 * before.relativeError
      && (distance.argmax ?? 1) > (before.argmax ?? 1) - 0.01
  }

  /// Why outputs are far once the program computes that many layers.
  func suspect(_ count: Int) throws(Failure) -> Suspect {
    if count == 0 { return Suspect(input: worstInput) }
    return Suspect(self, count - 1, numbers(of: [count - 1])[0], overflows: try overflows())
  }

  /// The first input that its format does not hold, or the first.
  private var worstInput: InputFit {
    let fits = inputFits
    return fits.first { $0.note(.given) != nil } ?? fits[0]
  }

  /// What the inputs' formats do to the events.
  var inputFits: [InputFit] {
    let program = lowered.program
    return zip(program.inputs, reference.inputs).map { id, numbers in
      var fit = InputFit(program[id].name, program[id].type.format)
      numbers.withUnsafeBufferPointer { fit.add($0) }
      return fit
    }
  }

  /// The rows of a comparison.
  func layerRows(beside exact: Measurement?) throws(Failure) -> [ModelComparison.Layer] {
    let program = lowered.program
    let overflows = try overflows()
    let exactNumbers = exact?.valuesByTensor ?? [:]
    return numbers(of: Array(layers.indices)).enumerated().map { place, numbers in
      let (index, result, tensor) = layers[place]
      let layer = lowered.layers[index]
      var (saturated, wrapped) = (0, 0)
      for (id, count) in overflows where program[id].layer == index {
        let overflow = program[id].operation.conversion?.overflow ?? program[id].type.format.overflow
        if overflow == .wrap || overflow == .wrapSM {
          wrapped += count.products + count.words
        } else {
          saturated += count.products + count.words
        }
      }
      return ModelComparison.Layer(
        name: layer.name, className: layer.className, format: program[result].type.format.shortDescription,
        words: numbers.found.count, errors: .init(numbers.found, numbers.expected),
        ownError: ModelComparison.Errors(numbers.found, numbers.own).relative,
        exactError: exactNumbers[tensor].map { ModelComparison.Errors(numbers.found, $0).relative },
        saturated: saturated, wrapped: wrapped,
        underflowed: zip(numbers.found, numbers.own).count { $0 == 0 && $1 != 0 },
        weights: layer.weights.map(ModelComparison.Weights.init), tables: layer.coarseTables,
        output: distance(through: place + 1))
    }
  }
}

extension Operation {
  /// The format that this operation converts its sums or words to.
  fileprivate var conversion: FixedFormat? {
    switch form {
    case .product(.affine(let affine)): affine.accumulator
    // Formats laid out are one quantizer's: their modes are the same.
    case .wordwise(.requantize(let formats)): formats.formats.first
    case .reduction(.sum(let format, _)): format
    case .input, .constant, .wordwise, .product, .reduction, .wiring, .scan: nil
    }
  }
}

extension ModelComparison.Weights {
  init(_ fit: WeightFit) {
    self.init(
      tensor: fit.tensor, format: fit.format.shortDescription, count: fit.count, misfits: fit.misfits,
      lost: fit.lost,
      worst: fit.worst, becomes: fit.becomes, relativeError: fit.relativeError)
  }
}
