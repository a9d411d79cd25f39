import AdderGraph
import Foundation
import Testing

/// Matrices whose graphs by alkaid 0.8.2 were mapped by Yosys 0.23: `Benchmarks/rtl/run.sh matrices 8x8w4 8x8w6 8x8w8 16x16w4 16x16w6
/// 16x16w8 16x16w4p 16x16w8p`, whose numbers are in Benchmarks/rtl/results.json.
@Suite struct RecordedTests {
  /// A matrix as it is recorded.
  struct Recorded: Decodable {
    struct Peer: Decodable {
      struct Netlist: Decodable { var lut: Int }
      var primitives: Netlist
    }

    var alkaid: Peer
    /// The weights, row by row.
    var weights: String?
  }

  static func recorded(_ name: String) throws -> (weights: [[Int128]], primitives: Int) {
    struct Results: Decodable { var matrices: [String: Recorded] }
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try Data(contentsOf: root.appendingPathComponent("Benchmarks/rtl/results.json"))
    let result = try #require(try JSONDecoder().decode(Results.self, from: text).matrices[name])
    let weights = try #require(result.weights).split(separator: " ").compactMap { Int128($0) }
    let rows = name.hasPrefix("16") ? 16 : 8
    return (
      (0..<rows).map { row in Array(weights[row * weights.count / rows..<(row + 1) * weights.count / rows]) },
      result.alkaid.primitives.lut
    )
  }

  /// Row bits, of which 98 to 100 % become lookup tables, are at most 0.82 of alkaid's with the same primitives, which are no
  /// less deep.
  @Test(arguments: ["8x8w4", "8x8w6", "8x8w8", "16x16w4", "16x16w6", "16x16w8"])
  func isSmallerThanThePeer(name: String) throws {
    let (weights, primitives) = try Self.recorded(name)
    let inputs = SearchTests.bytes(weights.count)
    let graph = try AdderGraph.solve(weights, inputs: inputs, options: .init(depth: .least(plus: 1)))
    #expect(Double(graph.cost) <= 0.82 * Double(primitives), "\(graph.cost) of \(primitives)")
  }

  /// All-positive weights: at the least depth, against alkaid's answer at its least.
  @Test(arguments: ["16x16w4p", "16x16w8p"])
  func positiveWeights(name: String) throws {
    let (weights, primitives) = try Self.recorded(name)
    let inputs = SearchTests.bytes(weights.count)
    for plus in 0...2 {
      let graphs = try AdderGraph.candidates(
        weights, inputs: inputs, options: .init(depth: .least(plus: plus), effort: 20))
      #expect(Double(graphs[0].cost) <= 0.9 * Double(primitives), "\(graphs[0].cost) of \(primitives)")
      #expect((1...4).contains(graphs.count))
    }
  }
}
