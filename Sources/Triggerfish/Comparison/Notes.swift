import Diagnostics
import Foundation
import Lowering
import Reports

extension Compilation {
  /// The events a note is based on, at most, and the multiplications of the float model that may take: a few
  /// milliseconds beside a compilation.
  static let (mostEvents, multiplications) = (256, 5_000_000)
  /// Above so many multiplications per event a float model is not run for a note; and above so many the layer at fault is not
  /// looked for, which runs the model once for every layer before it.
  private static let (largestModel, largestSearched) = (1_000_000_000, 10_000_000)

  /// What the numerics do to the model's answers, if they are no longer the model's: the first layer at fault, why, and what
  /// mends it. `ModelComparison` shows all of it.
  ///
  /// - Parameter events: per model input, row major with the event first; nil: events made up from the inputs' formats.
  /// - Throws: where the events do not fill the model's inputs.
  public func deviations(events: [[Double]]? = nil) throws(Failure) -> [String] {
    // Under the exact policy only given events say more than the policy does itself.
    guard numerics == .hls4ml || events != nil else { return [] }
    // A project that hls4ml wrote has no other model than itself.
    guard configuration?.isWritten != true else { return [] }
    let float = try FloatModel(model)
    guard float.cost <= Self.largestModel else {
      return [
        "note: not compared with the float model, whose \(float.cost) multiplications per event take too long here: "
          + "'triggerfish compare' does it"
      ]
    }
    let reference = try ModelComparison.reference(
      self, float, events, most: Self.mostEvents, Self.multiplications)
    let measurement = try Measurement(lowered, reference)
    var notes: [Diagnostic] = []
    let kind =
      (reference.events == 1 ? "event" : "events") + (events == nil ? " made up from the input's format" : "")
    if measurement.isConstant {
      notes.append(
        Diagnostic(
          "the outputs do not depend on the input: they are the same for \(reference.events) \(kind)"))
    }
    let parts =
      "here \(numericsName) numerics part from the model (\(measurement.distance.text), on \(reference.events) \(kind))"
    let hint =
      numerics == .exact
      ? "'triggerfish compare' shows every layer; --calibrate with these events, or more bits (--word-length)"
      : "'triggerfish compare' shows every layer; --numerics exact computes the model"
    if float.cost > Self.largestSearched {
      if measurement.isFar(through: measurement.layers.count) { notes.append(Diagnostic(parts, hint: hint)) }
    } else if let fault = try FaultSearch(self, reference).faults(measurement, most: 1).first {
      // What mends one layer of several at fault brings the outputs no nearer, and is no hint.
      let isNearer = (fault.mended?.relativeError ?? .infinity) < 0.9 * measurement.distance.relativeError
      notes.append(
        Diagnostic(
          "layer '\(fault.layer)': \(parts): \(fault.reasons.joined(separator: "; "))",
          hint: isNearer ? fault.hint ?? hint : hint))
    }
    return notes.map { $0.described(as: "note") }
  }
}

extension Compilation {
  /// What the inputs' formats do to events: a note for every input whose words saturate, wrap, or become zero.
  ///
  /// - Parameter events: per model input.
  public func inputNotes(events: [[Double]]) -> [String] {
    zip(zip(program.inputs, lowered.inputOrigins), events).compactMap { input, numbers in
      var fit = InputFit(program[input.0].name, program[input.0].type.format)
      numbers.withUnsafeBufferPointer { fit.add($0) }
      return fit.note(input.1)?.described(as: "note")
    }
  }
}

extension ModelComparison.Fault {
  /// What mends the fault, and how far that gets; nil where nothing does.
  public var hint: String? {
    guard let mended, !settings.isEmpty else { return nil }
    return "\(configuration) gives: \(mended.text)"
  }
}
