import Foundation
import Storage

/// Writes a zip archive of entries that are in memory.
public func writeArchive(_ entries: [(name: String, bytes: [UInt8])], to path: String) throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
  defer { try? FileManager.default.removeItem(at: folder) }
  var files: [(name: String, file: String)] = []
  for (index, entry) in entries.enumerated() {
    let file = folder.appendingPathComponent("\(index)")
    try Data(entry.bytes).write(to: file)
    files.append((entry.name, file.path))
  }
  try ZipArchive.write(files, to: path)
}
