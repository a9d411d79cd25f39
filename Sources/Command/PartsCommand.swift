import ArgumentParser
import Diagnostics
import Reports
import Scheduling
import Triggerfish

/// `triggerfish parts`.
struct PartsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parts", abstract: "Lists the parts whose sizes are known.",
    discussion: """
      A part that is not listed is built for all the same: its clock is that of its family, and shares of it are not known. \
      --part takes full part numbers; the devices under 'stands for' may be named alone. Parts of your own are described in \
      a file (docs/parts.md), which 'compile' and 'explore' take by --parts.

      Examples:
        triggerfish parts
        triggerfish parts --parts my_parts.yml --json
      """)

  @Option(help: "A file of your own parts.", completion: .file(extensions: ["yml", "yaml", "json"]))
  var parts: String?

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: "Print Markdown, as docs/parts.md has it.")
  var markdown = false

  func validate() throws {
    if json && markdown { throw ValidationError("--json and --markdown exclude each other.") }
  }

  func run() throws {
    let catalogue = try PartCatalogue.reading(parts)
    Console.document(json ? catalogue.json : markdown ? catalogue.markdown : catalogue.text)
  }
}
