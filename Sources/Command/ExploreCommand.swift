import ArgumentParser
import DataFiles
import Diagnostics
import Triggerfish

/// `triggerfish explore MODEL`.
struct ExploreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explore", abstract: "Lists the designs worth having: latency, interval and resources.",
    discussion: """
      A design is listed if no other is as good in latency, initiation interval, DSP, LUT, FF and block RAM \
      together. With --word-lengths a float model is compiled at each, and the share of events on which the emulator's \
      largest output is the float model's is one more axis; the shortest word that reaches --agreement is named.

      Examples:
        triggerfish explore jet_tagger.json --budget 1us --svg front.svg
        triggerfish explore jet_tagger.json --config hls.yml --ii 16 --csv
        triggerfish explore jet_tagger_float.json --word-lengths 8-16 --calibrate events.npy
        triggerfish explore jet_tagger_float.json --word-lengths 8,12 --calibrate a.npy --input b.npy --json
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup(title: "Design") var design: DesignOptions
  @OptionGroup(title: "Limits") var budget: BudgetOptions

  @Option(help: "Word lengths to compare, exact policy: 8-16 or 8,12,16.")
  var wordLengths: WordLengthList?

  @Option(
    name: .shortAndLong,
    help: "Events to measure the agreement on, once per model input (default: those of --calibrate).",
    completion: .file(extensions: ["npy", "npz", "csv", "h5"]))
  var input: [String] = []

  @Option(help: "The agreement to name the shortest word for (default: 99.9%).")
  var agreement: Percentage?

  @Option(
    help: """
      What writes the designs: hls, or verilog, whose designs are counted, by what products of two words and tables are \
      built of (default: hls).
      """)
  var backend: String?

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: "Print CSV, with the choice for every layer.")
  var csv = false

  @Option(help: "Write a plot to this file.", completion: .file(extensions: ["svg"]))
  var svg: String?

  func validate() throws {
    if json && csv { throw ValidationError("--json and --csv exclude each other.") }
    if wordLengths == nil {
      if !input.isEmpty { throw ValidationError("--input needs --word-lengths.") }
      if agreement != nil { throw ValidationError("--agreement needs --word-lengths.") }
    } else if model.wordLength != nil {
      throw ValidationError("--word-length and --word-lengths exclude each other.")
    }
  }

  func run() throws {
    if let svg {
      try checkDistinct(outputs: [svg], inputs: model.source.files + input)
      try checkPlaces([svg])
    }
    var explore = Explore(model.source)
    (explore.choices, explore.events) = (design.choices(budget.limits), input)
    if let backend { explore.backend = try Registry.backend(named: backend) }
    if let wordLengths { explore.wordLengths = wordLengths.lengths }
    if let agreement { explore.agreement = agreement.share }
    let found = try explore.run(Console.listener)
    let front = found.front
    if let svg { try writeAtomically(front.svg(), to: svg) }
    if front.points.isEmpty {
      throw Failure(
        .checkFailed, file: model.model, "no design keeps the limits",
        hint: "triggerfish compile with the same limits names the nearest designs")
    }
    Console.document(json ? front.json : csv ? front.csv : front.text)
    // A program reads the table or the JSON, which has the agreement of every point; people read on.
    if !json && !csv { for line in found.statements { Console.print(line) } }
  }
}

/// Word lengths: a range `8-16` or a list `8,12,16`.
struct WordLengthList: ExpressibleByArgument {
  let lengths: [Int]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    var lengths: Set<Int> = []
    for part in parts {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard let first = ends.first, let low = first, let last = ends.last, let high = last, ends.count <= 2,
        low <= high, (4...32).contains(low), (4...32).contains(high)
      else { return nil }
      lengths.formUnion(low...high)
    }
    self.lengths = lengths.sorted()
  }
}

/// A share written `99.9%` or `0.999`.
struct Percentage: ExpressibleByArgument {
  let share: Double

  init?(argument: String) {
    let text = argument.hasSuffix("%") ? String(argument.dropLast()) : argument
    guard let value = Double(text) else { return nil }
    share = argument.hasSuffix("%") ? value / 100 : value
    guard (0...1).contains(share) else { return nil }
  }
}
