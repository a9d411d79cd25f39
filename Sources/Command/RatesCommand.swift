import ArgumentParser
import DataFiles
import Diagnostics
import Foundation
import Reports
import Storage
import Triggerfish
import Version

/// `triggerfish rates MODEL --input A --labels L --crossing-rate 40MHz --rate 100kHz`.
struct RatesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rates",
    abstract: "Trigger rate, efficiency and thresholds at the firmware's exact output words.",
    discussion: """
      An event fires where the output is at or above the threshold. Counted are integers, by output word: the results of parts \
      (--events) add up exactly with 'triggerfish join'. docs/rates.md says what is printed and where the intervals are from.

      Examples:
        triggerfish rates jet_tagger.json -c hls.yml -i events.npy --labels labels.npy --signal 4 --score 4 --crossing-rate 40MHz --rate 1MHz --output hls.json
        triggerfish rates jet_tagger.json -i events.npy --labels labels.npy --signal 4 --score 4 --crossing-rate 40MHz --rate 1MHz --float --beside hls.json
        triggerfish rates jet_tagger.json -i events.npy --labels labels.npy --score 4 --efficiency 80% --csv
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup(title: "What is counted") var counting: CountingOptions
  @OptionGroup(title: "What is shown") var shown: RateDisplay

  @Option(name: .shortAndLong, help: "Events, once per model input.", completion: .file())
  var input: [String] = []

  @Option(help: "One label per event, a whole number.", completion: .file()) var labels: String?

  @Option(
    help: "One weight per event: in Hz, or relative where --crossing-rate is given.", completion: .file())
  var eventWeights: String?

  @Flag(help: "Count what the float model answers too.") var float = false

  @Option(
    help: "The float model's outputs from the trainer: one per event, or the output's shape.",
    completion: .file())
  var reference: String?

  @Option(
    help:
      "A mapping (YAML): which columns of the one --input are the model's inputs, labels and weights (docs/rates.md).",
    completion: .file(extensions: ["yml", "yaml", "json"]))
  var mapping: String?

  @Option(help: "Which events, as 0:1000000 (the end is not included).") var events: EventRange?

  @Option(help: "How many threads; all cores unless told.") var threads: Int?

  func validate() throws {
    if input.isEmpty { throw ValidationError("Missing --input: one file per model input.") }
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1.") }
  }

  func run() throws {
    var rates = Rates(model.source, inputs: input)
    (rates.labels, rates.weights, rates.reference) = (labels, eventWeights, reference)
    (rates.part, rates.threads, rates.version) = (events, threads, Version.full)
    rates.mapping = mapping
    rates.options = counting.options
    rates.options.float = float
    let read = rates.source.files + input + [labels, eventWeights, reference, mapping].compactMap { $0 }
    try shown.check()
    if let output = shown.output { try checkDistinct(outputs: [output], inputs: read + shown.beside) }
    try shown.show(try rates.run(Console.listener))
  }
}

/// Which output, and which events are signal.
struct CountingOptions: ParsableArguments {
  @Option(help: "The output that the trigger looks at: its number (4), its name, or both (output:4).")
  var score: String?

  @Option(help: "A label of signal, repeatable; all but 0 unless told.") var signal: [Int] = []

  @Option(help: "A label of background, repeatable; all that are not signal unless told.")
  var background: [Int] = []

  @Option(help: "How often a second an event is looked at: 40MHz, or filled bunches times 11.246kHz.")
  var crossingRate: String?

  @Option(help: "Weights are rounded to multiples of 2^-N, so that their sums are exact.")
  var weightBits = 30

  @Option(help: "Count thresholds every so many words: a power of two, for outputs of many bits.")
  var thresholdStep = 1

  func validate() throws {
    if let crossingRate, RateTargets.frequency(crossingRate) == nil {
      throw ValidationError("--crossing-rate \(crossingRate): a rate with its unit is needed, as 40MHz.")
    }
  }

  var options: RateOptions {
    var options = RateOptions()
    options.choose(score)
    (options.signal, options.background) = (signal, background)
    options.crossingRate = crossingRate.flatMap(RateTargets.frequency)
    (options.weightBits, options.thresholdStep) = (weightBits, thresholdStep)
    return options
  }
}

/// What is printed and written of rates: what `rates` and `join` share.
struct RateDisplay: ParsableArguments {
  @Option(help: "A rate not to be exceeded, as 100kHz: its threshold is found. Repeatable.")
  var rate: [String] = []

  @Option(help: "An efficiency to be reached, as 80%: its threshold is found. Repeatable.")
  var efficiency: [String] = []

  @Option(
    help: "What 'rates --output' wrote of another model or configuration on the same events. Repeatable.",
    completion: .file(extensions: ["json"]))
  var beside: [String] = []

  @Option(
    name: .shortAndLong,
    help: "Write the counts and thresholds to this file (.json), for 'join', --beside and 'report --rates'.",
    completion: .file(extensions: ["json"]))
  var output: String?

  @Flag(help: "Print JSON.") var json = false

  @Flag(help: "Print every threshold as CSV.") var csv = false

  func validate() throws {
    if json && csv { throw ValidationError("--json and --csv exclude each other.") }
    for text in rate where RateTargets.frequency(text) == nil {
      throw ValidationError("--rate \(text): a rate with its unit is needed, as 100kHz.")
    }
    for text in efficiency where RateTargets.share(text) == nil {
      throw ValidationError("--efficiency \(text): a share is needed, as 80% or 0.8.")
    }
  }

  /// Refuses what is known not to work before anything is counted.
  func check() throws(Failure) {
    try checkPresent(beside)
    try checkPlaces([output].compactMap { $0 })
  }

  /// Prints and writes a result.
  func show(_ result: RateResult) throws(Failure) {
    var targets = RateTargets()
    targets.rates = rate.compactMap(RateTargets.frequency)
    targets.efficiencies = efficiency.compactMap(RateTargets.share)
    let result = try result.with(targets)
    var others: [(file: String, result: RateResult)] = []
    for path in beside { others.append((path, try RateResult(file: path).with(targets))) }
    let comparison = try RateComparison([("", result)] + others)
    if let output { try writeAtomically(result.json, to: output) }
    Console.document(json ? result.json : csv ? comparison.csv : comparison.text(terminalStyle))
  }
}

extension EventRange: ExpressibleByArgument {
  /// Reads what `init(_:)` reads.
  public init?(argument: String) { self.init(argument) }
}
