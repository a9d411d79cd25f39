import ArgumentParser
import Diagnostics
import Triggerfish

/// `triggerfish verify DIR --input A`.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Compiles the emitted C++ with g++ on the vendor's ap_types and compares every word.",
    discussion: """
      The C++ and the emulator must agree on every bit of every output of every event, and with --trace of \
      every layer; the first word that differs is shown. Needs g++ and the vendor's ap_types headers: \
      --ap-types, $XILINX_HLS/include, or 'make ap-types'.

      Example:
        triggerfish verify hls-output/jet_tagger --input events.npy --trace
      """)

  @Argument(help: "A folder written by 'triggerfish compile'.", completion: .directory)
  var project: String

  @Option(
    name: .shortAndLong, help: "Events of one input; random words if none are given.", completion: .file())
  var input: [String] = []

  @Flag(help: "Compare every layer, not only the outputs.")
  var trace = false

  @Option(help: "The folder of the vendor's ap_fixed.h.", completion: .directory)
  var apTypes: String?

  func run() throws {
    restore(self.project)
    let project = try Project(folder: self.project)
    if !input.isEmpty {
      for note in try Emulation(project.program, inputs: input).inputNotes(nil) { Console.error(note) }
    }
    Console.progress("compiling the emitted C++")
    let result = try project.verify(inputs: input, trace: trace, apTypes: apTypes)
    guard result.verification.passes else {
      let first = result.verification.first.map { ": \($0)" } ?? ""
      throw Failure(
        .checkFailed, file: self.project,
        "\(result.verification.different) of \(result.verification.compared) words differ\(first)")
    }
    Console.print(
      "\(self.project): all \(result.verification.compared) words of \(result.events) events are equal"
        + (trace ? ", every layer's among them" : ""))
  }
}
