import Configuration
import Diagnostics
import Emulator
import FixedPoint
import Foundation
import Frontends
import Model
import Program
import Testing

@testable import Lowering

/// A model of trees with what its library computes of events: margins, and the leaf every tree chooses.
struct TreeCase: Decodable, Sendable, CustomTestStringConvertible {
  var files: [String]
  /// null is NaN, a missing number.
  var events: [[Double?]]
  var margins: [[Double]]
  var leaves: [[Int]]?
  var testDescription: String { files[0] }

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("FrontendsTests/Fixtures/trees")

  /// Made by make_trees.py with the libraries themselves.
  static let all: [TreeCase] = {
    let data = try? Data(contentsOf: folder.appendingPathComponent("expected.json"))
    let cases = data.flatMap { try? JSONDecoder().decode([String: TreeCase].self, from: $0) } ?? [:]
    return cases.sorted { $0.key < $1.key }.map(\.value)
  }()

  func path(_ file: String) -> String { Self.folder.appendingPathComponent(file).path }
  var numbers: [[Double]] { events.map { $0.map { $0 ?? .nan } } }
}

/// Trees under the exact policy, held against the margins and the leaves of the libraries that trained them.
@Suite struct TreeTests {
  @Test func casesAreThere() { #expect(TreeCase.all.count == 19) }

  /// What the readers understood, evaluated in double precision: the leaves are those of the library, for every event.
  @Test(arguments: TreeCase.all) func readers(_ expected: TreeCase) throws {
    for file in expected.files {
      let ensemble = try #require(try loadModel(path: expected.path(file)).model.ensemble)
      for (place, event) in expected.numbers.enumerated() {
        if let leaves = expected.leaves {
          #expect(ensemble.leaves(event) == leaves[place], "\(file) event \(place)")
        }
        let margins = ensemble.margins(event)
        try #require(margins.count == expected.margins[place].count)
        for (mine, theirs) in zip(margins, expected.margins[place]) {
          #expect(abs(mine - theirs) <= ensemble.rounding, "\(file) event \(place): \(mine), not \(theirs)")
        }
      }
    }
  }

  /// The program: the same leaves, and margins within the error that the note states.
  @Test(arguments: TreeCase.all) func programs(_ expected: TreeCase) throws {
    let model = try loadModel(path: expected.path(expected.files[0])).model
    let ensemble = try #require(model.ensemble)
    let check = try TreeCheck(model, events: expected.numbers)
    try check.check(expected.margins, leaves: expected.leaves, ensemble)
    try check.checkReuse(model)
  }

  /// The emulator's kernel for trees, in both widths and on all instruction sets, computes the program's words.
  @Test(arguments: TreeCase.all, [12, 24]) func kernel(_ expected: TreeCase, _ width: Int) throws {
    let model = try loadModel(path: expected.path(expected.files[0])).model
    let few = expected.numbers.filter { $0.allSatisfy(\.isFinite) }
    // More than the 512 events that are computed together.
    let events = (0...600 / few.count).flatMap { _ in few }
    let program = try lowerExactly(model, ExactOptions(wordLength: width)).program
    let format = program[program.inputs[0]].type.format
    let wanted = events.flatMap { event in
      program.evaluate([event.map { format.quantize($0) }])[program.outputs[0].index].map { Int64($0) }
    }
    // Categories are no comparisons with a number, nor is a split of a weighted sum.
    let isPlain = !["categories", "modes", "oblique"].contains { expected.files[0].contains($0) }
    for set in InstructionSet.available {
      let emulator = try Emulator(program, options: EmulatorOptions(instructionSet: set))
      #expect(try emulator.words([.float64(events.flatMap { $0 })])[0] == wanted, "\(set)")
      let kernels = emulator.steps.filter { $0.contains(" trees of ") }
      #expect(!kernels.isEmpty == isPlain, "\(set): \(emulator.steps)")
      #expect(kernels.allSatisfy { $0.contains(width == 12 ? "in 16 bits" : "in 32 bits") }, "\(kernels)")
    }
  }

  /// Trees of up to 700 leaves, unbalanced ones, leaves that int16 does not hold, several outputs, of trees some with one leaf: the
  /// kernel's words are the interpreter's.
  @Test(arguments: [(2, 9.0, 12), (31, 1000, 24), (200, 9, 12), (300, 9, 12), (700, 70000, 24)])
  func kernelOfRandomTrees(_ leaves: Int, _ size: Double, _ width: Int) throws {
    var random = SplitMix64(seed: UInt64(leaves))
    func below(_ count: Int) -> Int { Int(random.unit() * Double(count)) }
    func tree(_ output: Int) -> Ensemble.Tree {
      var nodes: [Ensemble.Node] = []
      var values: [Double] = []
      func grow(_ count: Int) -> Int {
        guard count > 1 else {
          values.append(((random.unit() - 0.5) * size * 16).rounded() / 8)
          return ~(values.count - 1)
        }
        let place = nodes.count
        let threshold = (random.unit() * 64 - 32).rounded()
        nodes.append(
          Ensemble.Node(
            feature: below(4), test: .less(threshold), missingGoesLeft: true, left: 0, right: 0))
        let left = 1 + below(count - 1)
        nodes[place].left = grow(left)
        nodes[place].right = grow(count - left)
        return place
      }
      _ = grow(1 + below(leaves))
      return Ensemble.Tree(nodes: nodes, leaves: values, outputs: output..<output + 1)
    }
    let ensemble = Ensemble(
      features: 4, outputs: 2, base: [0.5, -3], trees: (0..<13).map { tree($0 % 2) })
    let model = Model(
      name: "random",
      layers: [
        Layer(
          name: "x", kind: .input(integerType: nil), inputs: [], outputShape: [4],
          origin: Origin(file: "", path: "")),
        Layer(
          name: "trees", kind: .ensemble(ensemble), inputs: [0], outputShape: [2],
          origin: Origin(file: "", path: "")),
      ], inputs: [0], outputs: [1])
    let program = try lowerExactly(
      model, ExactOptions(wordLength: width, inputFormats: [FixedFormat(8, 6, signed: true, .trn, .sat)])
    ).program
    let words = (0..<583 * 4).map { _ in Int64(below(256)) - 128 }
    let wanted = (0..<583).flatMap { event in
      program.evaluate([words[event * 4..<event * 4 + 4].map { Raw($0) }])[program.outputs[0].index].map {
        Int64($0)
      }
    }
    for set in InstructionSet.available {
      let emulator = try Emulator(program, options: EmulatorOptions(instructionSet: set))
      #expect(emulator.steps.contains { $0.contains(" trees of ") }, "\(emulator.steps)")
      #expect(try emulator.words([.raw(words)])[0] == wanted, "\(set)")
    }
  }

  /// What trees cannot share hardware for is refused by name.
  @Test(arguments: [
    ("xgb_logistic.json", 1000, "no output is the sum of more than"),
    ("xgb_logistic.json", 0, "at least once"),
    ("lgb_categories.txt", 2, "splits by category or equality"),
  ]) func refusedReuse(_ file: String, _ reuse: Int, _ message: String) throws {
    let model = try loadModel(path: TreeCase.folder.appendingPathComponent(file).path).model
    var options = ExactOptions()
    options.treeReuse = reuse
    let failure = #expect(throws: Failure.self) { try lowerExactly(model, options) }
    #expect(failure?.kind == .badInput && failure?.diagnostics.first?.message.contains(message) == true)
  }

  /// Scores that saturate are sums in an order.
  @Test func refusedOrder() throws {
    let model = try loadModel(path: TreeCase.folder.appendingPathComponent("xgb_logistic.json").path).model
    let type = FixedFormat(18, 8, signed: true, .trn, .sat)
    var configuration = Configuration()
    configuration.conifer = ConiferTypes(threshold: type, weight: type, score: type)
    let failure = #expect(throws: Failure.self) {
      try lowerAsHLS4ML(model, configuration, treeReuse: 2)
    }
    #expect(failure?.diagnostics.first?.message.contains("depend on the order of their trees") == true)
  }

  /// Words for missing numbers: what the program says of its input survives its text and its passes.
  @Test func missingWords() throws {
    let expected = try #require(TreeCase.all.first { $0.files[0] == "xgb_missing.json" })
    var options = ExactOptions()
    options.isMissingLowest = true
    let lowered = try lowerExactly(try loadModel(path: expected.path("xgb_missing.json")).model, options)
    let program = lowered.program
    #expect(program.missing == [program.inputs[0]])
    #expect(program.word(.nan, of: program.inputs[0]) == program[program.inputs[0]].type.format.minRaw)
    #expect(try Program(parsing: program.description) == program)
    #expect(try Emulator(program).steps.contains { $0.contains(" trees of ") })
    for pass in ProgramPass.all { #expect(pass.run(program).missing.count == 1) }
    #expect(lowered.warnings.contains { $0.message.contains("stands for a missing number (NaN)") })
    // An unsigned input's lowest word is a number.
    options.inputFormats = [FixedFormat(8, 4, signed: false)]
    #expect(throws: Failure.self) {
      try lowerExactly(try loadModel(path: expected.path("xgb_missing.json")).model, options)
    }
  }

  /// Questions that the format answers are left out, and what is left is shared.
  @Test func pruning() throws {
    let node = { (feature: Int, threshold: Double, left: Int, right: Int) in
      Ensemble.Node(feature: feature, test: .less(threshold), missingGoesLeft: true, left: left, right: right)
    }
    // Below 100 is every word; the second question on feature 1 is answered by the first.
    let tree = Ensemble.Tree(
      nodes: [node(0, 100, 1, ~3), node(1, 0.5, 2, ~2), node(1, 0.75, ~0, ~1)], leaves: [1, 2, 3, 4],
      outputs: 0..<1)
    let ensemble = Ensemble(features: 2, outputs: 1, base: [0], trees: [tree, tree])
    let format = FixedFormat(8, 4)
    let words = WordTrees(
      ensemble, format: format, range: Array(repeating: format.minRaw...format.maxRaw, count: 2), missing: nil
    )
    #expect(words.questions == [.below(number: 1, bound: 8)])
    #expect(words.trees.map(\.nodes.count) == [1, 1])
  }

  /// Bounds at the ends of what doubles and formats hold.
  @Test(arguments: [
    (Ensemble.Test.less(0.3), Raw(5)), (.lessOrEqual(0.3), 5), (.less(0.25), 4), (.lessOrEqual(0.25), 5),
    (.less(-0.3), -4), (.lessOrEqual(-0.3), -4), (.less(1e-300), 1), (.lessOrEqual(1e-300), 1),
    (.less(-1e-300), 0), (.lessOrEqual(-1e-300), 0),
  ]) func bounds(_ test: Ensemble.Test, _ bound: Raw) {
    let node = Ensemble.Node(feature: 0, test: test, missingGoesLeft: true, left: ~0, right: ~1)
    let ensemble = Ensemble(
      features: 1, outputs: 1, base: [0],
      trees: [Ensemble.Tree(nodes: [node], leaves: [0, 1], outputs: 0..<1)])
    let format = FixedFormat(10, 6)
    let words = WordTrees(ensemble, format: format, range: [format.minRaw...format.maxRaw], missing: nil)
    #expect(words.questions == [.below(number: 0, bound: bound)])
    // Against the numbers themselves.
    for word in format.minRaw...format.maxRaw {
      #expect(ensemble.goesLeft(format.value(of: word), node) == (word < bound))
    }
  }
}

extension Model {
  /// The trees of a model that has nothing else.
  var ensemble: Ensemble? { layers.compactMap(\.kind.ensemble).first }
}

extension Ensemble {
  /// What a library's own float32 sums may be off: half a last bit of the largest partial sum for every addition.
  var rounding: Double {
    let sizes = trees.map { $0.leaves.map(abs).max() ?? 0 }
    let total = (sizes.reduce(0, +) + (base.map(abs).max() ?? 0)) * abs(scale)
    return total * Double(trees.count + 2) * 0x1p-24
  }
}

/// A model lowered exactly in a format that holds all events, and what it computes of them.
struct TreeCheck {
  let program: Program
  private let options: ExactOptions
  let format: FixedFormat
  let events: [[Double]]
  let error: Double
  /// Events all of whose numbers are words, or beyond all thresholds, or were replaced by words that choose the same leaves.
  let isWord: [Bool]

  init(_ model: Model, events: [[Double]], wordLength: Int = 32) throws {
    let flat = events.flatMap { $0 }
    let inner = flat.filter { abs($0) < 0x1p14 && ($0 == 0 || abs($0) >= 0x1p-16) }
    let hasMissing = flat.contains(where: \.isNaN)
    var format = try #require(FixedTensor.exact(inner + [-1, 1], shape: [inner.count + 2], limit: 60)).format
    // One bit more: the lowest word is no event's.
    format.width += 2
    format.integerBits += 2
    format = format.with(.trn, .satSym)
    self.format = format
    // LightGBM has thresholds of ±1e-35, which no format reaches: numbers on and beside them are replaced by 0 or the word next to it
    // where the model takes that the same way.
    let ensemble = try #require(model.ensemble)
    let step = format.value(of: 1)
    let zeroSize = Double(Float(1e-35))
    self.events = events.map { event in
      let moved = event.map {
        $0 == 0 || !(abs($0) < 0x1p-16) ? $0 : abs($0) <= zeroSize ? 0 : $0 < 0 ? -step : step
      }
      return ensemble.leaves(moved) == ensemble.leaves(event) ? moved : event
    }
    isWord = self.events.map { event in
      event.allSatisfy { $0.isNaN || format.value(of: format.quantize($0)) == $0 || abs($0) >= 0x1p14 }
    }
    var options = ExactOptions(wordLength: wordLength, inputFormats: [format])
    options.isMissingLowest = hasMissing
    self.options = options
    let lowered = try lowerExactly(model, options)
    program = lowered.program
    // "…no margin is off by more than 1.2e-08"
    error =
      lowered.warnings.compactMap { note in
        note.message.range(of: "off by more than ").flatMap { Double(note.message[$0.upperBound...]) }
      }.first ?? 0
  }

  /// Where the same hardware computes several trees, one after the other, the words are the same; splits by category are refused.
  func checkReuse(_ model: Model, limit: Int = 30) throws {
    let ensemble = try #require(model.ensemble)
    let most = ensemble.mostTrees
    let isPlain = ensemble.trees.allSatisfy { tree in
      tree.nodes.allSatisfy { node in
        switch node.test {
        case .less, .lessOrEqual: true
        case .equal, .member: false
        }
      }
    }
    let words = events.filter { $0.allSatisfy { !$0.isInfinite } }
    for reuse in Set([2, 4, most]).filter({ $0 > 1 && $0 <= most }).sorted() {
      var options = options
      options.treeReuse = reuse
      guard isPlain else {
        #expect(throws: Failure.self) { try lowerExactly(model, options) }
        continue
      }
      let grouped = try lowerExactly(model, options).program
      #expect(grouped[grouped.outputs[0]].type == program[program.outputs[0]].type)
      for event in words.prefix(limit) {
        let given = event.map { $0.isNaN ? format.minRaw : format.quantize($0) }
        #expect(
          grouped.evaluate([given])[grouped.outputs[0].index]
            == program.evaluate([given])[program.outputs[0].index], "reuse \(reuse): \(event)")
      }
      let input = EventData.float64(words.flatMap { $0 })
      #expect(try Emulator(grouped).words([input]) == Emulator(program).words([input]), "reuse \(reuse)")
    }
  }

  func check(_ margins: [[Double]], leaves: [[Int]]?, _ ensemble: Ensemble, limit: Int = .max) throws {
    // Nearly all events are words.
    #expect(isWord.count { $0 } * 20 >= isWord.count * 19)
    let leaf =
      program.instructions.firstIndex { $0.name.hasSuffix(".leaf") }
      ?? program.instructions.firstIndex { $0.name.hasSuffix(".round0") }
    let sum = program[program.outputs[0]].type.format
    for (place, event) in events.enumerated().prefix(limit) where isWord[place] {
      let words = event.map { $0.isNaN ? format.minRaw : format.quantize($0) }
      let results = program.evaluate([words])
      if let leaves, let leaf {
        #expect(results[leaf].map { Int($0) } == leaves[place], "event \(place)")
      }
      let got = results[program.outputs[0].index].map { sum.value(of: $0) }
      try #require(got.count == margins[place].count)
      for (mine, theirs) in zip(got, margins[place]) {
        #expect(abs(mine - theirs) <= error + ensemble.rounding, "event \(place): \(mine), not \(theirs)")
      }
    }
    // The emulator on all instruction sets; what stands for missing numbers it knows from the program.
    let finite = events.indices.filter { isWord[$0] && events[$0].allSatisfy { !$0.isInfinite } }
    guard !finite.isEmpty else { return }
    for set in InstructionSet.available {
      let got = try Emulator(program, options: EmulatorOptions(instructionSet: set)).values([
        .float64(finite.flatMap { events[$0] })
      ])[0]
      let width = margins[0].count
      for (row, event) in finite.enumerated() {
        for output in 0..<width {
          let (mine, theirs) = (got[row * width + output], margins[event][output])
          #expect(
            abs(mine - theirs) <= error + ensemble.rounding, "\(set): event \(event): \(mine), not \(theirs)")
        }
      }
    }
  }
}
