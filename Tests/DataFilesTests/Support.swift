import Diagnostics
import Foundation
import Storage
import Testing

/// A folder of a test's own, removed with it.
final class TemporaryFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "triggerfish-\(UUID())")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    path = url.path(percentEncoded: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file, and gives its path.
  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: URL(filePath: "\(path)/\(name)"))
    return "\(path)/\(name)"
  }

  /// Everything in the folder, hidden files too.
  var contents: [String] { get throws { try FileManager.default.subpathsOfDirectory(atPath: path).sorted() } }
}

/// What numpy and h5py wrote (Fixtures/make_arrays.py, make_hdf5.py).
func fixtures(_ name: String = "arrays.json") throws -> JSONNode {
  let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
  return try JSONNode(contentsOf: folder.appending(path: name).path(percentEncoded: false))
}

extension JSONNode {
  /// The bytes that a string of base64 stands for.
  var bytes: [UInt8]? { string.flatMap { Data(base64Encoded: $0) }.map { Array($0) } }
}

/// Kind and text of the failure that `body` throws.
func complaint(in folder: TemporaryFolder, _ body: () throws -> Void) -> String {
  do {
    try body()
    return "nothing"
  } catch let failure as Failure {
    return "\(failure.kind.rawValue) \(failure)".replacing("\(folder.path)/", with: "")
  } catch {
    return "\(error)"
  }
}

extension JSONNode {
  /// The integers of an array.
  var integers: [Int]? { elements?.compactMap(\.integer) }
}
