import ArgumentParser
import Foundation
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
      """)

  @OptionGroup var model: ModelOptions

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: "Print the whole program in its textual form.")
  var program = false

  func run() throws {
    let compilation = try Compilation(model.source)
    if program {
      print(compilation.program, terminator: "")
      return
    }
    let layers = Inspection.layers(compilation.program)
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      print(String(decoding: try encoder.encode(layers), as: UTF8.self))
      return
    }
    print("\(compilation.program.name): \(compilation.numerics.rawValue) numerics")
    let head = ["layer", "class", "shape", "result", "can be", "weight", "bias", "accum"]
    let rows = layers.map { layer in
      [
        layer.name, layer.className, layer.shape.map(String.init).joined(separator: "×"), layer.result,
        "\(layer.minimum)…\(layer.maximum)", layer.weight ?? "", layer.bias ?? "", layer.accumulator ?? "",
      ]
    }
    for line in Report.aligned([head] + rows, numbersFrom: head.count) { print(line) }
    for note in compilation.notes { print("note: \(note)") }
  }
}
