import ArgumentParser
import Diagnostics
import Reports
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
    let compilation = try model.compilation { pass, state in
      if passes { Console.document("== \(pass)\n\(state())\n") }
    }
    if passes { Console.print("== program") }
    if program || passes {
      Console.document(compilation.program.description)
      if passes {
        for pass in compilation.program.passInspections {
          Console.document("== \(pass.title)\n\(pass.state)\n")
        }
      }
      return
    }
    _ = try compilation.calibrationDeviations(Console.listener)
    let layers = compilation.lowered.inspection
    if json {
      Console.document(jsonText(layers))
      return
    }
    Console.print("\(compilation.program.name): \(compilation.numerics.rawValue) numerics")
    let tensors = ["result", "weight", "bias", "accum"]
    let head = ["layer", "class", "shape", "can be"] + tensors + ["more"]
    let rows = layers.map { layer in
      let more = layer.formats.filter { !tensors.contains($0.key) }.sorted { $0.key < $1.key }
      return [
        layer.name.visible, layer.className.visible, layer.shape.map { "\($0)" }.joined(separator: "×"),
        "\(layer.minimum)…\(layer.maximum)",
      ] + tensors.map { layer.formats[$0] ?? "" } + [
        more.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
      ]
    }
    for line in Report.aligned([head] + rows, numbersFrom: head.count) { Console.print(line) }
  }
}
