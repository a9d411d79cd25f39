import Foundation
import Program
import TestSupport
import Testing

@testable import Triggerfish

/// The second table of docs/models.md: what becomes of every kind of layer, found by compiling a model that has it.
@Suite struct SupportTests {
  /// A kind of layer, and the model and configuration it is tried with, in Tests.
  struct Probe: CustomStringConvertible, Sendable {
    var kind: String
    var model: String
    var configuration: String?
    var description: String { kind }

    init(_ kind: String, _ model: String, _ configuration: String? = nil) {
      (self.kind, self.model, self.configuration) = (kind, model, configuration)
    }

    /// A model of the golden vectors, with its configuration.
    init(_ kind: String, golden name: String) {
      let folder = "ConformanceTests/Golden/\(name)"
      self.init(kind, "\(folder)/model.json", "\(folder)/config.json")
    }
  }

  private static let fixtures = "LoweringTests/Fixtures"
  static let probes = [
    Probe("quantizers", golden: "q6"),
    Probe("table per edge", "\(fixtures)/hgq/table_dense.keras"),
    Probe("recurrent layers", golden: "odd_recurrent_stream"),
    Probe("attention", "\(fixtures)/graphs/mha_self.keras"),
    Probe("graphs: GarNet", golden: "garnet_types"),
    Probe("graphs: nearest neighbours", "\(fixtures)/graphs/edge_conv.keras"),
    Probe("graphs: constant edges", "\(fixtures)/graphs/interaction_network.keras"),
    Probe("batch normalization", golden: "bn_auto"),
    Probe("layer normalization", golden: "odd_layer_normalization_range"),
    Probe("layer normalization over other axes", "\(fixtures)/graphs/norm_axes.keras"),
    Probe("convolution", golden: "odd_saturating_conv"),
    Probe("matrix products, dense layers", golden: "act_relu"),
    Probe("tables of rows", golden: "odd_embedding_words"),
    Probe("pooling, reductions", golden: "odd_poolings"),
    Probe("resizing", "\(fixtures)/exact/f_shapes.json"),
    Probe("activations", golden: "act_tanh"),
    Probe("joining and parting", golden: "odd_concatenations"),
    Probe("moving elements", golden: "odd_wiring"),
    Probe("combining, arithmetic", golden: "odd_merges_auto"),
  ]

  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Compiles a probe; nil: it was written, and the emulator computed its test bench's words. Else why not.
  private static func refusal(
    _ probe: Probe, _ numerics: Numerics, backend: String = "hls", stream: Bool = false
  ) throws -> String? {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var source = Source(model: root.appendingPathComponent("Tests/\(probe.model)").path)
    source.numerics = numerics
    if numerics == .hls4ml {
      source.configuration = probe.configuration.map { root.appendingPathComponent("Tests/\($0)").path }
    } else {
      source.wordLength = 8
    }
    var request = ProjectRequest()
    request.folder = folder
    request.backend = try Registry.backend(named: backend)
    request.choices.ioType = stream ? .stream : .parallel
    do {
      _ = try Compile(source, request).run()
      return nil
    } catch {
      return error.diagnostics[0].message
    }
  }

  /// A row of the table.
  private static func line(_ probe: Probe) throws -> String {
    var reasons: [String] = []
    func cell(_ title: String, _ refusal: String?) -> String {
      guard let refusal else { return "yes" }
      reasons.append("\(title): \(refusal)".replacing("|", with: "\\|"))
      return "no"
    }
    let exact = try refusal(probe, .exact)
    let hls4ml = try refusal(probe, .hls4ml)
    let cells = [
      cell("exact", exact), cell("hls4ml", hls4ml), exact == nil || hls4ml == nil ? "yes" : "no",
      exact == nil ? "yes" : "no", cell("io_stream", try refusal(probe, .exact, stream: true)),
      cell("Verilog", try refusal(probe, .exact, backend: "verilog")),
    ]
    let name = probe.model.split(separator: "/").suffix(2).joined(separator: "/")
    return
      "| **\(probe.kind)** | \(cells.joined(separator: " | ")) | `\(name)` | \(reasons.joined(separator: "; ")) |"
  }

  private static let head = """
    | | `exact` | `hls4ml` | emulator | HLS, io_parallel | HLS, io_stream | Verilog | tried with | refused as |
    |---|---|---|---|---|---|---|---|---|
    """

  private static func page() throws -> MarkedTable {
    try MarkedTable(
      "models.md", from: "<!-- table: made by SupportTests -->\n", to: "\n<!-- end of support -->")
  }

  @Test(arguments: probes) func pageIsFresh(_ probe: Probe) throws {
    let line = try Self.line(probe)
    #expect(
      try Self.page().table.split(separator: "\n").contains { $0 == line },
      "docs/models.md is stale: TRIGGERFISH_RECORD=1 swift test --filter SupportTests writes its table: \(line)"
    )
  }

  @Test func nothingElseIsInTheTable() throws {
    #expect(try Self.page().table.hasPrefix(Self.head))
    #expect(try Self.page().table.split(separator: "\n").count == Self.probes.count + 2)
  }

  @Test(.enabled(if: ProcessInfo.processInfo.environment["TRIGGERFISH_RECORD"] != nil, "not recording"))
  func record() throws {
    let lines = try Self.probes.map(Self.line).joined(separator: "\n")
    try Self.page().record(Self.head + "\n" + lines)
    Issue.record("recorded: look at the changes, and run again without TRIGGERFISH_RECORD")
  }
}
