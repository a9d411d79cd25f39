import ArgumentParser
import Triggerfish

/// `triggerfish verify DIR --input A`.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Builds what 'compile' wrote, runs it, and compares every word.",
    discussion: """
      What was written and the emulator must agree on every bit of every output of every event, and with --trace of \
      every layer; the first word that differs is shown. A Vitis HLS project is compiled with g++ on the vendor's ap_types \
      headers: --ap-types, $XILINX_HLS/include, or 'make ap-types'.

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
    var verify = Verify(project)
    (verify.inputs, verify.trace, verify.tools.apTypes) = (input, trace, apTypes)
    Console.print("\(project): \(try verify.run(Console.listener).summary)")
  }
}
