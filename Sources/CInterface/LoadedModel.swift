import Diagnostics
import Emulator
import FixedPoint
import Foundation
import Program
import Reports
import Synchronization
import Triggerfish

/// A model that C code holds: `tf_model` of include/triggerfish.h.
final class LoadedModel: @unchecked Sendable {
  /// One tensor, with the strings C code may look at.
  struct Tensor {
    let value: ValueID
    let shape: [Int]
    let name, format: UnsafeMutablePointer<CChar>?

    init(_ value: ValueID, _ name: String, in program: Program) {
      self.value = value
      shape = program[value].type.shape
      self.name = strdup(name)
      format = strdup("\(program[value].type.format)")
    }
  }

  /// Inputs, outputs and layers, in the order of `tf_tensors`.
  let tensors: [[Tensor]]
  let notes: UnsafeMutablePointer<CChar>?
  /// SHA-256 of the program's text, the policy, and the model's name.
  let digest, numerics, name: UnsafeMutablePointer<CChar>?
  let compilation: Compilation
  private let program: Program
  let source: Source
  /// What the numerics do to the model's answers.
  let deviations: [String]
  private let options: EmulatorOptions
  private let outputs: Emulator
  // Made at the first trace; most models are never traced.
  private let layers = Mutex<Emulator?>(nil)

  init(_ source: Source, threads: Int) throws(Failure) {
    let compilation = try Compilation(source)
    self.compilation = compilation
    self.source = source
    program = compilation.program
    var options = EmulatorOptions()
    if threads > 0 { options.threads = threads }
    self.options = options
    outputs = try Emulator(program, options: options)
    let program = program
    let layers = program.layers.compactMap { layer in
      layer.result.map { Tensor($0, layer.name, in: program) }
    }
    tensors =
      [program.inputs, program.outputs].map { $0.map { Tensor($0, program[$0].name, in: program) } }
      + [layers]
    deviations = try compilation.calibrationDeviations()
    digest = strdup(program.digest)
    name = strdup(program.name)
    self.numerics = strdup(compilation.numerics.rawValue)
    notes = strdup((compilation.notes + self.deviations).joined(separator: "\n"))
  }

  // Constant pointers, freed nowhere else.
  deinit {
    for tensor in tensors.joined() {
      free(tensor.name)
      free(tensor.format)
    }
    free(notes)
    free(digest)
    free(numerics)
    free(name)
  }

  /// Whether NaN in an input's events is a missing number.
  func takesMissing(_ input: Int) -> Bool { program.missing.contains(program.inputs[input]) }

  /// The report of a design.
  func report(_ chosen: ChosenDesign, _ choices: DesignChoices) -> Report {
    compilation.report(chosen, choices, deviations: deviations)
  }

  /// The design that options choose.
  func design(_ choices: DesignChoices) throws(Failure) -> ChosenDesign {
    try compilation.design(choices, file: source.model)
  }

  /// The executor of the outputs (1) or layers (2); nil for any other number.
  func emulator(of kind: Int) throws(Failure) -> Emulator? {
    switch kind {
    case 1: return outputs
    case 2:
      let made = layers.withLock { emulator -> Result<Emulator, Failure> in
        if let emulator { return .success(emulator) }
        do throws(Failure) {
          let new = try Emulator(program, results: tensors[2].map(\.value), options: options)
          emulator = new
          return .success(new)
        } catch {
          return .failure(error)
        }
      }
      return try made.get()
    default: return nil
    }
  }
}
