import Foundation
import Testing

@testable import Frontends

/// Settings that nothing reads are told of, and only these.
@Suite struct SettingsWithoutEffectTests {
  /// What is said of a model.
  private static func notes(_ path: String) -> [String]? {
    (try? loadModel(path: path))?.notes.map(\.description).filter { $0.contains("has no effect") }
  }

  /// What trainers wrote has none that is worth telling: all files of the tests, the examples and, where they are there, the
  /// shared golden cases.
  @Test func filesOfTrainers() throws {
    let root = URL(fileURLWithPath: fixture("")).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folders =
      [
        "FrontendsTests/Fixtures", "LoweringTests/Fixtures", "CommandTests/Fixtures",
        "ConformanceTests/Golden",
      ]
      .map { root.appendingPathComponent("Tests/\($0)") } + [root.appendingPathComponent("models")]
      + [goldenFolder].compactMap { $0 }
    var count = 0
    for folder in folders {
      for file in FileManager.default.enumerator(atPath: folder.path)?.compactMap({ $0 as? String }) ?? []
      where [".keras", ".h5", ".onnx", ".json"].contains(where: file.hasSuffix) {
        guard let notes = Self.notes("\(folder.path)/\(file)") else { continue }
        #expect(notes == [], "\(file)")
        count += 1
      }
    }
    #expect(count > 250, "\(count) models")
  }
}
