import ArgumentParser
import Triggerfish

/// `triggerfish inspect MODEL`.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Shows every layer: shape, formats, and the range its words can take.",
    discussion: """
      Examples:
        triggerfish inspect jet_tagger.json
        triggerfish inspect jet_tagger.json --config hls.yml --json
        triggerfish inspect jet_tagger.json --config hls.yml --passes
      """)

  @OptionGroup var model: ModelOptions

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: "Print the whole program in its textual form.")
  var program = false

  @Flag(
    help:
      "Print the state after every pass of the lowering, the program, and what passes of programs make of it."
  )
  var passes = false

  func validate() throws {
    if [json, program, passes].filter({ $0 }).count > 1 {
      throw ValidationError("--json, --program and --passes exclude each other.")
    }
  }

  func run() throws {
    let inspect = Inspect(model.source)
    guard program || passes else {
      let found = try inspect.run(Console.listener)
      if json { return Console.document(found.json) }
      for line in found.lines { Console.print(line) }
      return
    }
    let arithmetic = try inspect.program(Console.listener) { pass, state in
      if passes { Console.document("== \(pass)\n\(state())\n") }
    }
    if passes { Console.print("== program") }
    Console.document(arithmetic.description)
    if passes {
      for pass in arithmetic.passInspections { Console.document("== \(pass.title)\n\(pass.state)\n") }
    }
  }
}
