import Configuration
import Diagnostics
import Emulator
import Foundation
import Frontends
import Model
import Testing

@testable import Lowering

/// The cases of the trees group of the golden vectors beside the package: margins of the libraries, and the words of conifer's
/// simulation.
@Suite(
  .enabled(
    if: Example.secondGoldenFolder != nil, "no ../shared/golden2 (or $TRIGGERFISH_SHARED/golden2) here"))
struct TreeGoldenTests {
  static let cases: [String] =
    (Example.secondGoldenFolder.flatMap {
      try? FileManager.default.contentsOfDirectory(atPath: $0.path).sorted()
    } ?? []).filter { name in ["xgb_", "lgb_", "skl_"].contains { name.hasPrefix($0) } }

  struct Case {
    let folder: URL
    let fields: [String: Any]

    init(_ name: String) throws {
      folder = try #require(Example.secondGoldenFolder).appendingPathComponent(name)
      let data = try Data(contentsOf: folder.appendingPathComponent("case.json"))
      fields = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    func path(_ file: String) -> String { folder.appendingPathComponent(file).path }
    var files: [String] { fields["model_files"] as? [String] ?? [] }

    /// Rows of a numpy file.
    func rows(_ file: String) throws -> [[Double]] { try numpyRows(folder.appendingPathComponent(file)) }
  }

  @Test func casesAreThere() { #expect(Self.cases.count == 18) }

  /// Every file of a case gives the library's margins for every event, ordinary and on thresholds.
  @Test(arguments: cases) func margins(_ name: String) throws {
    let golden = try Case(name)
    // conifer knows no missing numbers, and keeps its own numbers of a forest's classes.
    let files = golden.files.filter {
      $0 != "conifer.json" || (golden.fields["missing_values"] as? Bool) == false
    }
    for set in ["", "_stress"] {
      let events = try golden.rows("inputs\(set).npy")
      let expected = try golden.rows("outputs\(set).npy")
      for file in files {
        let ensemble = try #require(try loadModel(path: golden.path(file)).model.ensemble)
        // conifer's thresholds are the decimals of XGBoost's text: off by less than a float32.
        if file == "conifer.json" && name.hasPrefix("xgb") { continue }
        for (place, event) in events.enumerated() {
          for (mine, theirs) in zip(ensemble.margins(event), expected[place]) {
            #expect(
              abs(mine - theirs) <= ensemble.rounding, "\(file)\(set) event \(place): \(mine), not \(theirs)")
          }
        }
      }
    }
  }

  /// The program in words that hold every event: within the error stated.
  @Test(arguments: cases) func programs(_ name: String) throws {
    let golden = try Case(name)
    let model = try loadModel(path: golden.path(golden.files[0])).model
    let ensemble = try #require(model.ensemble)
    for set in ["", "_stress"] {
      let check = try TreeCheck(model, events: try golden.rows("inputs\(set).npy"))
      try check.check(try golden.rows("outputs\(set).npy"), leaves: nil, ensemble, limit: 60)
      try check.checkReuse(model, limit: 5)
    }
  }

  /// conifer's own precisions: every word of its simulation.
  @Test(arguments: cases) func conifer(_ name: String) throws {
    let golden = try Case(name)
    let references = golden.fields["references"] as? [String: [String: Any]] ?? [:]
    for (key, reference) in references.sorted(by: { $0.key < $1.key }) where key.hasPrefix("conifer_") {
      guard let config = reference["config"] as? [String: String], config["Precision"] != "float",
        reference["failed"] == nil
      else { continue }
      let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json")
      defer { try? FileManager.default.removeItem(at: file) }
      try JSONSerialization.data(withJSONObject: config).write(to: file)
      let configuration = try Configuration.load(file.path).configuration
      let model = try loadModel(
        path: golden.path(golden.files.contains("conifer.json") ? "conifer.json" : golden.files[0])
      ).model
      let program = try lowerAsHLS4ML(model, configuration).program
      for set in ["", "_stress"] {
        let events = try golden.rows("inputs\(set).npy")
        let expected = try golden.rows("outputs_\(key)\(set).npy").flatMap { $0 }
        for instructions in InstructionSet.available {
          let got = try Emulator(program, options: EmulatorOptions(instructionSet: instructions)).values([
            .float64(events.flatMap { $0 })
          ])[0]
          let differ = zip(got, expected).count { $0 != $1 }
          #expect(
            got.count == expected.count && differ == 0,
            "\(key)\(set) on \(instructions): \(differ) of \(expected.count) words")
        }
        // The same words where hardware computes several trees, one after the other.
        let most = try #require(model.ensemble).mostTrees
        for reuse in [min(4, most), most] {
          // Scores that saturate depend on the order of their additions.
          if try configuration.coniferTypes().score.overflow != .wrap {
            #expect(throws: Failure.self) { try lowerAsHLS4ML(model, configuration, treeReuse: reuse) }
            continue
          }
          let grouped = try lowerAsHLS4ML(model, configuration, treeReuse: reuse).program
          #expect(try Emulator(grouped).values([.float64(events.flatMap { $0 })])[0] == expected)
        }
      }
    }
  }
}

/// Rows of a numpy file of float32 or float64, NaN among them.
func numpyRows(_ file: URL) throws -> [[Double]] {
  let data = [UInt8](try Data(contentsOf: file))
  let start = 10 + Int(data[8]) + Int(data[9]) << 8
  let header = String(decoding: data[10..<start], as: UTF8.self)
  try #require(header.contains("'fortran_order': False"))
  let shape = try #require(header.firstRange(of: "'shape': (")).upperBound
  let lengths = header[shape...].prefix { $0 != ")" }.split(separator: ",").compactMap {
    Int($0.trimmingCharacters(in: .whitespaces))
  }
  let values: [Double] = data[start...].withUnsafeBytes { bytes in
    header.contains("<f4")
      ? (0..<bytes.count / 4).map { Double(bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self)) }
      : (0..<bytes.count / 8).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
  }
  let width = values.count / max(1, lengths[0])
  return (0..<lengths[0]).map { Array(values[$0 * width..<($0 + 1) * width]) }
}
