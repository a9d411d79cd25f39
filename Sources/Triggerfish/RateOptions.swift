import Diagnostics
import FixedPoint
import Program
import Reports

/// What is counted as signal and background, at which output, and what an event stands for.
public struct RateOptions: Sendable {
  /// The output's name; nil: the model's only one.
  public var output: String?
  /// Which number of the output; nil: its only one.
  public var element: Int?
  /// The labels of signal; none: all but 0.
  public var signal: [Int] = []
  /// The labels of background; none: all that are not signal.
  public var background: [Int] = []
  /// How many times a second an event is looked at, in Hz.
  public var crossingRate: Double?
  /// Weights are rounded to multiples of 2^-weightBits, so that their sums are exact.
  public var weightBits = 30
  /// Thresholds are every so many words, a power of two.
  public var thresholdStep: Int = 1
  /// Whether the float model's outputs are computed and counted too.
  public var float = false

  /// Counts the only output of events without labels.
  public init() {}

  /// Chooses the score by the number in the output, the output's name, or both: `4`, `logits`, `logits:4`.
  public mutating func choose(_ score: String?) {
    guard let score else { return }
    if let number = Int(score) {
      element = number
      return
    }
    let colon = score.lastIndex(of: ":")
    if let colon, let number = Int(score[score.index(after: colon)...]) {
      (output, element) = (String(score[..<colon]), number)
    } else {
      output = score
    }
  }

  /// The score that the trigger looks at.
  ///
  /// - Throws: `usage` with the outputs there are; `badInput` for words that are too wide.
  func score(_ program: Program) throws(Failure) -> (slot: Int, score: RateResult.Score) {
    let names = program.outputs.map { program[$0].name }
    let list = zip(names, program.outputs).map { "\($0) of shape \(program[$1].type.shape)" }.joined(
      separator: ", ")
    let found = output.map { names.firstIndex(of: $0) } ?? (names.count == 1 ? 0 : nil)
    guard let slot = found else {
      throw Failure(
        .usage,
        output.map { "--score \($0): the model has no such output" }
          ?? "the model has \(names.count) outputs, and no --score says which",
        hint: "it has \(list)")
    }
    let type = program[program.outputs[slot]].type
    guard let element = element ?? (type.count == 1 ? 0 : nil), (0..<type.count).contains(element) else {
      throw Failure(
        .usage,
        self.element.map { "--score: \(names[slot]) has no number \($0)" }
          ?? "the output \(names[slot]) has \(type.count) numbers, and no --score says which",
        hint: "--score \(names.count == 1 ? "" : "\(names[slot]):")\(type.count - 1) is the last one")
    }
    let format = type.format
    guard format.width <= (format.isSigned ? 63 : 62), abs(format.fractionBits) <= 1000 else {
      throw Failure(.badInput, place: names[slot], "has words of \(format.width) bits, too wide to count")
    }
    guard thresholdStep > 0, thresholdStep.nonzeroBitCount == 1,
      thresholdStep.trailingZeroBitCount < format.width
    else {
      throw Failure(
        .usage, "--threshold-step \(thresholdStep): a power of two below 2^\(format.width) is needed")
    }
    return (
      slot,
      RateResult.Score(
        output: names[slot], element: element, format: "\(format)", fractionBits: format.fractionBits,
        low: Int64(format.minRaw), high: Int64(format.maxRaw), stepBits: thresholdStep.trailingZeroBitCount)
    )
  }

  /// Checks what does not need the model.
  ///
  /// - Throws: `usage` with every problem.
  func check(hasLabels: Bool, hasWeights: Bool) throws(Failure) {
    var problems: [Diagnostic] = []
    if !hasLabels, !(signal + background).isEmpty {
      problems.append(Diagnostic("--signal and --background need --labels"))
    }
    for label in Set(signal).intersection(background).sorted() {
      problems.append(Diagnostic("label \(label) is signal and background"))
    }
    if !background.isEmpty, signal.isEmpty { problems.append(Diagnostic("--background needs --signal")) }
    if !(0...62).contains(weightBits) { problems.append(Diagnostic("--weight-bits must be from 0 to 62")) }
    if let crossingRate, !(crossingRate > 0 && crossingRate.isFinite) {
      problems.append(Diagnostic("a crossing rate must be above zero"))
    }
    if !problems.isEmpty { throw Failure(.usage, problems) }
  }
}
