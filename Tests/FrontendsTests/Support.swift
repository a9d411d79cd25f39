import Diagnostics
import Foundation
import Frontends
import Model
import Storage
import Testing

/// A fixture of this folder.
func fixture(_ name: String) -> String {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/\(name)").path
}

/// The folder of golden cases, or nil where it is absent: `../shared/golden` beside the package, or
/// `$TRIGGERFISH_SHARED/golden`.
let goldenFolder: URL? = {
  let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  let shared =
    ProcessInfo.processInfo.environment["TRIGGERFISH_SHARED"].map { URL(fileURLWithPath: $0) }
    ?? package.deletingLastPathComponent().appendingPathComponent("shared")
  let golden = shared.appendingPathComponent("golden")
  return FileManager.default.fileExists(atPath: golden.path) ? golden : nil
}()

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
