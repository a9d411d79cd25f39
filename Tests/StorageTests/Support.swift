import Diagnostics
import Foundation
import Storage
import Testing

/// A fixture of this folder.
func fixture(_ name: String) -> String {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/\(name)").path
}

/// Runs `body` with the path of a file holding `bytes`, which is deleted afterwards.
func withFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("storage-\(UUID().uuidString)")
  try Data(bytes).write(to: url)
  defer { try? FileManager.default.removeItem(at: url) }
  return try body(url.path)
}

/// What a failing operation says: its exit code and its text, without the folders of file names.
func complaint(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no failure"
  } catch let failure as Failure {
    let lines = failure.diagnostics.map { problem in
      var problem = problem
      problem.file = problem.file.map { URL(fileURLWithPath: $0).lastPathComponent }
      return problem.description
    }
    return "\(failure.kind.rawValue) " + lines.joined(separator: "\n")
  } catch {
    return "another error: \(error)"
  }
}
