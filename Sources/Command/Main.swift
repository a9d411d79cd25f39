import ArgumentParser
import Diagnostics
import Foundation
import Storage

/// Parses, runs, and turns every error into its message and exit code (docs/exit-codes.md).
@main
enum Main {
  static func main() {
    Unfinished.removeOnInterruption()
    HDF5File.exitOnCrash()
    do {
      var command = try TriggerfishCommand.parseAsRoot()
      try command.run()
    } catch let failure as Failure {
      print(error: failure.description)
      exit(failure.kind.rawValue)
    } catch {
      TriggerfishCommand.exit(withError: error)
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

      Exit codes: 0 done, 1 a check failed, 64 usage, 65 bad input, 66 input missing, 69 a tool is missing, \
      70 a bug in Triggerfish, 73 cannot create output, 74 reading or writing failed.

      Shell completion: triggerfish --generate-completion-script bash|zsh|fish
      """,
    version: "0.1.0",
    subcommands: [
      CompileCommand.self, ExploreCommand.self, EvaluateCommand.self, EmulateCommand.self, CompareCommand.self,
      VerifyCommand.self,
      ReportCommand.self,
      CheckCommand.self,
      InspectCommand.self,
    ])
}

/// Writes a line to standard error.
func print(error message: String) {
  FileHandle.standardError.write(Data((message + "\n").utf8))
}

/// Says what is going on, on a terminal only: a pipe or a CI log stays quiet.
func progress(_ message: String) {
  if isatty(STDERR_FILENO) != 0 { print(error: message) }
}
