import Configuration
import DataFiles
import FixedPoint
import Foundation
import Model
import Reports
import Testing

@testable import Triggerfish

/// What `compile`, `inspect` and `emulate` say of types that change a model's answers.
struct DeviationTests {
  // MARK: Weights

  /// 275.149 lies outside fixed<16,6>, whose words are 64 apart when they wrap: 275.149 − 4 · 64.
  @Test func aBiasOutsideItsTypeIsNamed() throws {
    var network = SmallNetwork(2)
    network.dense("d", 1, kernel: [0.5, -0.25], bias: [275.149])
    let notes = try Compilation(network, .flat(FixedFormat(16, 6))).notes
    let note = try #require(notes.first { $0.contains("layer 'd'") })
    #expect(note.contains("1 of 1 numbers of its bias does not fit fixed<16,6>: 275.149 becomes 19.1484"))
    #expect(note.contains("hint: LayerName: {d: {Precision: {bias: 'fixed<20,10>'}}}"))
    // As the hint says: no more of it.
    let mended = Configuration.flat(FixedFormat(16, 6), ["d": ["bias": FixedFormat(20, 10)]])
    #expect(try Compilation(network, mended).notes.isEmpty)
  }

  /// All that do not fit are counted, whatever the type does with them, and the worst is shown.
  @Test(arguments: [
    (FixedFormat(8, 2), "3 of 4 numbers of its weight do not fit fixed<8,2>: -9 becomes -1"),
    (
      FixedFormat(8, 2, signed: true, .rnd, .sat),
      "3 of 4 numbers of its weight do not fit fixed<8,2,RND,SAT>: -9 becomes -2"
    ),
    (
      FixedFormat(8, 3, signed: false),
      "2 of 4 numbers of its weight do not fit ufixed<8,3>: -9 becomes 7"
    ),
  ])
  func weightsThatDoNotFitAreCounted(_ type: FixedFormat, _ expected: String) throws {
    var network = SmallNetwork(4)
    network.dense("d", 1, kernel: [2, -2.5, 0.5, -9], bias: [0])
    let notes = try Compilation(network, .flat(FixedFormat(20, 8), ["d": ["weight": type]])).notes
    #expect(notes.contains { $0.contains(expected) }, "\(notes)")
  }

  /// Rounding is no loss to speak of; weights that are rounded away are.
  @Test func coarseWeightsAreNamed() throws {
    var network = SmallNetwork(3)
    network.dense("d", 1, kernel: [0.3, 0.3, -0.3], bias: [0])
    let coarse = Configuration.flat(FixedFormat(16, 6), ["d": ["weight": FixedFormat(8, 7)]])
    let notes = try Compilation(network, coarse).notes
    #expect(
      notes.contains {
        $0.contains("fixed<8,7>, whose step is 0.5, is too coarse for its weight")
          && $0.contains("2 of 3 numbers become 0") && $0.contains("{weight: 'fixed<8,0>'}")
      }, "\(notes)")
    #expect(try Compilation(network, .flat(FixedFormat(16, 6))).notes.isEmpty)
  }

  // MARK: Tables

  @Test func aSoftmaxThatCannotTellItsInputsApart() throws {
    let network = SmallNetwork.tagger()
    let compilation = try Compilation(network, .automatic())
    let note = try #require(compilation.notes.first { $0.contains("layer 'softmax'") })
    #expect(note.contains("its table 'exp_table' has 1024 entries, one for every"))
    #expect(note.contains("it cannot tell numbers apart that differ by less"))
    #expect(note.contains("LayerName: {out: {Precision: {result: 'fixed<16,6>'}}}"))
    let deviations = try compilation.deviations()
    #expect(deviations.contains { $0.contains("the outputs do not depend on the input") })
    #expect(deviations.contains { $0.contains("layer 'softmax': here hls4ml numerics part from the model") })
    // The types it names mend it.
    var mended = Configuration.automatic()
    for name in ["out", "out_linear"] {
      mended.setLayer(name, LayerSettings(precision: ["result": .format(FixedFormat(16, 6))]))
    }
    let better = try Compilation(network, mended)
    #expect(!better.notes.contains { $0.contains("exp_table") }, "\(better.notes)")
    let (before, after) = (try ModelComparison(compilation), try ModelComparison(better))
    #expect(before.isConstant && !after.isConstant)
    #expect(after.output.argmax ?? 0 > 0.95)
    #expect(after.output.relativeError < before.output.relativeError / 2)
  }

  @Test func tablesOfOneNumberAreNamed() throws {
    var network = SmallNetwork(4)
    network.dense("d", 4)
    network.activation("s", .sigmoid)
    var configuration = Configuration.flat(FixedFormat(16, 6))
    var settings = LayerSettings()
    settings.types["table"] = FixedFormat(8, 8)
    configuration.setLayer("s", settings)
    let notes = try Compilation(network, configuration).notes
    #expect(
      notes.contains {
        $0.contains(
          "layer 's': its table 'table' cannot tell its inputs apart: in fixed<16,6> its 1024 entries are all 0"
        )
      }, "\(notes)")
    #expect(try Compilation(network, .flat(FixedFormat(16, 6))).notes.isEmpty)
  }

  // MARK: Inputs

  /// Counted here one by one.
  @Test(arguments: [
    (FixedFormat(16, 6), "wrap", "fixed<19,9>"),
    (FixedFormat(12, 5, signed: true, .rnd, .sat), "saturate", "fixed<16,9,RND,SAT>"),
  ])
  func inputsOutsideTheirFormatAreCounted(_ format: FixedFormat, _ verb: String, _ mending: String) throws {
    var network = SmallNetwork(4)
    network.dense("d", 2)
    let compilation = try Compilation(network, .flat(FixedFormat(16, 6), ["x": ["result": format]]))
    let events = (0..<400).map { Double($0 % 256) }
    let top = exp2(Double(format.integerBits - 1))
    let outside = events.count { $0 >= top }
    let notes = compilation.inputNotes(events: [events])
    try #require(notes.count == 1)
    #expect(notes[0].contains("\(outside) of 400 words of input 'x' \(verb): the events reach from 0 to 255"))
    #expect(notes[0].contains("LayerName: {x: {Precision: {result: '\(mending)'}}}"))
    let mended = Configuration.flat(
      FixedFormat(16, 6), ["x": ["result": try FixedFormat(parsing: mending)]])
    #expect(try Compilation(network, mended).inputNotes(events: [events]).isEmpty)
  }

  /// Nothing says so of a word that is rounded, at the very end of the range too.
  @Test func inputsThatFitAreNotMentioned() throws {
    var network = SmallNetwork(2)
    network.dense("d", 2)
    let compilation = try Compilation(network, .flat(FixedFormat(16, 6)))
    #expect(compilation.inputNotes(events: [[-32, 31.99999, 0.0001, 1]]).isEmpty)
    #expect(compilation.inputNotes(events: [[32, 1, 1, 1]]).count == 1)
    let small = compilation.inputNotes(events: [[0.0001, 0.0002, 0.0003, 1]])
    #expect(
      small.contains { $0.contains("3 of 4 words of input 'x' that are not zero become zero in fixed<16,6>") }
    )
  }

  @Test func exactInputsNameTheOptionThatMendsThem() throws {
    var network = SmallNetwork(2)
    network.dense("d", 2)
    let compilation = try Compilation(network.model, nil, Source(model: "m.json"))
    let notes = compilation.inputNotes(events: [[255, 1, 2, 3]])
    #expect(
      notes.contains { $0.contains("1 of 4 words of input 'x' saturate") && $0.contains("--calibrate") })
  }

  // MARK: No false alarms

  /// The example models under their own configurations: nothing to say, on events made up and on their own.
  @Test(arguments: [
    ("jet_tagger", "hls.yml"), ("jet_images", "hls.yml"), ("jet_images", "hls_stream.yml"),
    ("vertex_finder", "hls.yml"), ("vertex_finder", "hls_stream.yml"),
  ])
  func exampleModelsHaveNothingToSay(_ name: String, _ configuration: String) throws {
    var source = Source(model: "\(Examples.folder)/\(name)/\(name).json")
    source.configuration = "\(Examples.folder)/\(name)/\(configuration)"
    let compilation = try Compilation(source)
    #expect(compilation.notes.isEmpty)
    #expect(try compilation.deviations().isEmpty)
    let events = try compilation.readEvents(["\(Examples.folder)/\(name)/events.npy"])
    #expect(compilation.inputNotes(events: events).isEmpty)
    #expect(try compilation.deviations(events: events).isEmpty)
    // One event alone has no others to be told from.
    let program = compilation.program
    let first = zip(program.inputs, events).map { Array($1.prefix(program[$0].type.count)) }
    #expect(try compilation.deviations(events: first).isEmpty)
  }
}

/// The example models of this repository.
enum Examples {
  static let folder =
    String(#filePath.dropLast("Tests/TriggerfishTests/DeviationTests.swift".count)) + "models"
}
