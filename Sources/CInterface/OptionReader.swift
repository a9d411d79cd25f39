import Backends
import Diagnostics
import Foundation
import Program
import Reports
import Scheduling
import Triggerfish

/// The options of a call, as a JSON object: the command line's options by their names without the dashes.
///
/// What is not taken is refused at the end: an option that would be ignored must not look as if it counted.
struct OptionReader {
  private enum Value: Decodable {
    case flag(Bool)
    case number(Double)
    case text(String)
    case list([String])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let value = try? container.decode(Bool.self) {
        self = .flag(value)
      } else if let value = try? container.decode(Double.self) {
        self = .number(value)
      } else if let value = try? container.decode(String.self) {
        self = .text(value)
      } else {
        self = .list(try container.decode([String].self))
      }
    }
  }

  private var values: [String: Value]
  private var known: [String] = []
  private var problems: [Diagnostic] = []

  /// - Parameter json: nil or empty: no options.
  init(_ json: UnsafePointer<CChar>?) throws(Failure) {
    let text = json.map { String(cString: $0) } ?? ""
    if text.isEmpty {
      values = [:]
    } else if let found = try? JSONDecoder().decode([String: Value].self, from: Data(text.utf8)) {
      values = found
    } else {
      throw Failure(.usage, "the options are no JSON object of texts, numbers, flags and lists of texts")
    }
  }

  private mutating func take(_ name: String) -> Value? {
    known.append(name)
    return values.removeValue(forKey: name)
  }

  private mutating func wrong(_ name: String, _ what: String) {
    problems.append(Diagnostic("--\(name): \(what)"))
  }

  mutating func text(_ name: String) -> String? {
    switch take(name) {
    case nil: return nil
    case .text(let text): return text
    case .number(let number):
      return number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
    default:
      wrong(name, "is no text")
      return nil
    }
  }

  mutating func list(_ name: String) -> [String] {
    switch take(name) {
    case nil: return []
    case .list(let list): return list
    case .text(let text): return [text]
    default:
      wrong(name, "is no list of texts")
      return []
    }
  }

  /// Texts that a type reads.
  mutating func parsedList<Value>(_ name: String, _ expected: String, _ parse: (String) -> Value?) -> [Value]
  {
    list(name).compactMap { text in
      let value = parse(text)
      if value == nil { wrong(name, "'\(text)' is not \(expected)") }
      return value
    }
  }

  mutating func flag(_ name: String) -> Bool {
    switch take(name) {
    case nil: return false
    case .flag(let flag): return flag
    default:
      wrong(name, "is neither true nor false")
      return false
    }
  }

  /// A text that a type reads.
  mutating func parsed<Value>(
    _ name: String, _ expected: String, _ parse: (String) -> Value?
  ) -> Value? {
    guard let text = text(name) else { return nil }
    let value = parse(text)
    if value == nil { wrong(name, "'\(text)' is not \(expected)") }
    return value
  }

  mutating func count(_ name: String, least: Int = 1) -> Int? {
    parsed(name, "a whole number of at least \(least)") { Int($0).flatMap { $0 >= least ? $0 : nil } }
  }

  /// Refuses what was not taken, and everything that was wrong.
  mutating func finish() throws(Failure) {
    for name in values.keys.sorted() {
      let guess = nearest(to: name, in: known)
      problems.append(Diagnostic("there is no option '\(name)'", hint: guess.map { "did you mean '\($0)'?" }))
    }
    if !problems.isEmpty { throw Failure(.usage, problems) }
  }

  // MARK: What the calls share

  mutating func source() throws(Failure) -> Source {
    guard let model = text("model") else { throw Failure(.usage, "no model is named") }
    var source = Source(model: model)
    source.weights = text("weights")
    source.configuration = text("config")
    source.numerics = parsed("numerics", Numerics.allCases.map(\.rawValue).joined(separator: " or ")) {
      Numerics(rawValue: $0)
    }
    source.calibration = list("calibrate")
    source.hiddenFolder = text("hidden-folder")
    source.transform = parsed("transform", MarginTransform.allCases.map(\.rawValue).joined(separator: " or "))
    {
      MarginTransform(rawValue: $0)
    }
    source.takesMissing = flag("missing")
    let length = parsed("word-length", "a whole number from 2 to 64") {
      Int($0).flatMap { (2...64).contains($0) ? $0 : nil }
    }
    if let length {
      guard source.numerics == .exact || (source.numerics == nil && source.configuration == nil) else {
        throw Failure(
          .usage,
          "--word-length has no effect under the hls4ml numerics, where the configuration names the types: leave it "
            + "out, or add --numerics exact.")
      }
      source.wordLength = length
    }
    return source
  }

  mutating func limits() -> Budget {
    var budget = Budget(
      latency: parsed("budget", "a latency with its unit, as 100ns, 20cycles or 4BX") { Budget.Latency($0) },
      interval: count("ii"))
    for (name, path) in zip(
      ["max-dsp", "max-lut", "max-ff", "max-bram", "max-uram"], Budget.resources.map(\.path))
    {
      budget.limits[path] = parsed(name, Budget.Limit.form) { Budget.Limit(ofPart: $0) }
    }
    return budget
  }

  mutating func choices() -> DesignChoices {
    var choices = DesignChoices()
    choices.part = parsed("part", "a part number") { Part.isNumber($0) ? $0 : nil }
    choices.parts = text("parts")
    choices.clockPeriod =
      parsed("clock", "a clock with its unit, as 5ns or 200MHz") { ClockPeriod($0) }?
      .nanoseconds
    choices.ioType = parsed("io", "io_parallel or io_stream") { IOType(rawValue: $0) }
    choices.tables = parsed("table-impl", "auto, block or fabric") { TableBinding(rawValue: $0) }
    choices.multipliers = parsed("mul-impl", "auto, dsp or fabric") { MultiplierBinding(rawValue: $0) }
    choices.effort = parsed("effort", "less, default or more") { AdderEffort(rawValue: $0) }
    choices.strategy = parsed("strategy", Strategy.built.map(\.rawValue).joined(separator: " or ")) {
      Strategy(rawValue: $0).flatMap { Strategy.built.contains($0) ? $0 : nil }
    }
    choices.reuseFactor = count("reuse-factor")
    choices.parallelizationFactor = count("parallelization-factor")
    choices.keep = list("keep")
    choices.limits = limits()
    return choices
  }

  /// The backend named; nil: the standard one.
  mutating func backend() throws(Failure) -> (any Backend.Type)? {
    guard let name = text("backend") else { return nil }
    return try Registry.backend(named: name)
  }

  mutating func rateOptions() -> RateOptions {
    var options = RateOptions()
    options.choose(text("score"))
    options.signal = parsedList("signal", "a whole number") { Int($0) }
    options.background = parsedList("background", "a whole number") { Int($0) }
    options.crossingRate = parsed("crossing-rate", "a rate with its unit, as 40MHz", RateTargets.frequency)
    if let bits = count("weight-bits", least: 0) { options.weightBits = bits }
    if let step = count("threshold-step") { options.thresholdStep = step }
    options.float = flag("float")
    return options
  }

  mutating func gate() -> Gate {
    var gate = Gate()
    gate.limits = limits()
    gate.sigma =
      parsed("sigma", "a number of at least 0") { Double($0).flatMap { $0 >= 0 && $0.isFinite ? $0 : nil } }
      ?? 0
    gate.baseline = text("baseline")
    for text in list("allow") {
      if let allowance = Allowance(text) {
        gate.allowances.append(allowance)
      } else {
        wrong("allow", "'\(text)' is no allowance, as lut:+2% or latency:+1")
      }
    }
    gate.inputs = list("input")
    gate.bitExact = flag("bit-exact")
    gate.tools.apTypes = text("ap-types")
    gate.expected = list("expect")
    gate.references = list("reference")
    gate.leastAgreement = parsed("min-agreement", "a share as 99% or 0.99") { text in
      let value = text.hasSuffix("%") ? Double(text.dropLast()).map { $0 / 100 } : Double(text)
      return value.flatMap { (0...1).contains($0) ? $0 : nil }
    }
    return gate
  }
}
