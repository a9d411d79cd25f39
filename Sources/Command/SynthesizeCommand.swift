import ArgumentParser
import Triggerfish

/// `triggerfish synthesize DIR`.
struct SynthesizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "synthesize",
    abstract:
      "Maps a Verilog project to an FPGA's cells with Yosys, and shows its numbers beside the report's.",
    discussion: """
      For projects of 'compile --backend verilog'. Yosys is apt's package yosys.

      Example:
        triggerfish synthesize hls-output/jet_tagger
      """)

  @Argument(help: "A folder written by 'triggerfish compile'.", completion: .directory)
  var project: String

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let found = try Synthesize(project).run(Console.listener)
    if json { return Console.document(found.json) }
    for line in found.synthesis?.lines ?? [] { Console.print(line) }
  }
}
