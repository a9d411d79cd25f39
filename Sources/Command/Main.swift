import ArgumentParser
import Diagnostics
import Foundation
import Storage
import Version

/// Parses, runs, and turns every error into its message and exit code (docs/exit-codes.md).
@main
enum Main {
  static func main() {
    Console.prepare()
    Unfinished.removeOnInterruption()
    HDF5File.exitOnCrash()
    let code = outcome { try run() }
    // Who lost the results does not know what the command found.
    let loss = outcome { try Console.finish() }
    exit(loss == 0 ? code : loss)
  }

  private static func run() throws {
    var command = try TriggerfishCommand.parseAsRoot()
    try command.run()
  }

  /// Says what was thrown, and gives the exit code.
  private static func outcome(_ body: () throws -> Void) -> Int32 {
    do {
      try body()
      return 0
    } catch let failure as Failure {
      if !failure.diagnostics.isEmpty { Console.error(failure.description) }
      return failure.kind.rawValue
    } catch {
      // Help and versions are thrown too.
      let code = TriggerfishCommand.exitCode(for: error)
      let message = TriggerfishCommand.fullMessage(for: error)
      if code.isSuccess { Console.document(message + "\n") } else { Console.error(message) }
      // 1 says that a check failed: an error that is neither of ours nor of the parser's is a bug.
      return code == .failure ? Failure.Kind.bug.rawValue : code.rawValue
    }
  }
}

/// The root of the command line.
struct TriggerfishCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "triggerfish",
    abstract: "Turns trained models into FPGA trigger firmware, and proves it computes the same bits.",
    discussion: """
      Examples:
        triggerfish compile jet_tagger.json --config hls.yml -o hls-output/jet_tagger
        triggerfish verify hls-output/jet_tagger --input events.npy --trace
        triggerfish emulate jet_tagger.json --input events.npy --output scores.npy
        triggerfish report hls-output/jet_tagger
        triggerfish check hls-output/jet_tagger --budget 100ns --max-dsp 2000
        triggerfish inspect jet_tagger.json
        triggerfish compare jet_tagger.json --config hls.yml --input events.npy
        triggerfish rates jet_tagger.json --input events.npy --labels labels.npy --score 4 --crossing-rate 40MHz

      Exit codes: 0 done, 1 a check failed, 64 usage, 65 bad input, 66 input missing, 69 a tool is missing, \
      70 a bug in Triggerfish, 73 cannot create output, 74 reading or writing failed.

      Shell completion: triggerfish --generate-completion-script bash|zsh|fish
      """,
    version: "triggerfish \(Version.full)",
    subcommands: [
      CompileCommand.self, ExploreCommand.self, EvaluateCommand.self, EmulateCommand.self,
      CompareCommand.self,
      RatesCommand.self,
      JoinCommand.self,
      VerifyCommand.self,
      SynthesizeCommand.self,
      ReportCommand.self,
      CheckCommand.self,
      InspectCommand.self,
      PartsCommand.self,
    ])
}
