import ArgumentParser
import Diagnostics
import Reports
import Triggerfish

/// `triggerfish join PART… --output RESULT`.
struct JoinCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "join",
    abstract: "Puts parts together: rates by adding their counts, outputs by their events.",
    discussion: """
      Parts are what 'rates --events A:B --output PART.json' and 'emulate --events A:B --record PART.json' wrote. Events that are in \
      no part or in two, parts of another model or other settings, and outputs that are not what was recorded are refused, all by name.

      Examples:
        triggerfish rates jet_tagger.json -i events.npy --score 4 --events 0:1000 --output part0.json
        triggerfish rates jet_tagger.json -i events.npy --score 4 --events 1000: --output part1.json
        triggerfish join part0.json part1.json --output rates.json
        triggerfish emulate jet_tagger.json -i events.npy --events :500 --output words0.npy --record words0.json
        triggerfish emulate jet_tagger.json -i events.npy --events 500: --output words1.npy --record words1.json
        triggerfish join words0.json words1.json --output words.npy --record words.json --expect-events 2000
      """)

  @Argument(help: "The parts, in any order.", completion: .file(extensions: ["json"]))
  var parts: [String]

  @Option(
    name: .shortAndLong,
    help: "Where the whole goes: .json for rates; .npy, once per model output, for outputs.",
    completion: .file())
  var output: [String] = []

  @Option(help: "Outputs: the record of the whole.", completion: .file(extensions: ["json"]))
  var record: String?

  @Option(help: "How many events there must be in all: no file is forgotten.") var expectEvents: Int?

  @Option(help: "Rates: a rate not to be exceeded, as 100kHz. Repeatable.") var rate: [String] = []

  @Option(help: "Rates: an efficiency to be reached, as 80%. Repeatable.") var efficiency: [String] = []

  @Flag(help: "Rates: print JSON.") var json = false

  @Flag(help: "Rates: print every threshold as CSV.") var csv = false

  /// What is shown of rates.
  private var display: RateDisplay {
    var display = RateDisplay()
    (display.rate, display.efficiency, display.beside, display.output) = (rate, efficiency, [], nil)
    (display.json, display.csv) = (json, csv)
    return display
  }

  func validate() throws { try display.validate() }

  func run() throws {
    var join = Join(parts)
    join.expectedEvents = expectEvents
    let arrays = output.filter { !$0.lowercased().hasSuffix(".json") }
    join.outputs = arrays
    let results = output.filter { $0.lowercased().hasSuffix(".json") }
    guard results.count <= 1, results.isEmpty || record == nil else {
      throw ValidationError("One .json is enough: --output for rates, --record for outputs.")
    }
    join.result = results.first ?? record
    switch try join.run(Console.listener) {
    case .rates(let result): try display.show(result)
    case .outputs(let events): Console.print("joined \(events) events")
    }
  }
}
