import Glibc

/// Where in a folder projects that hls4ml wrote are.
public enum HLS4MLFolders {
  /// The deepest folder looked into, and the most entries looked at.
  private static let (deepest, most) = (3, 4000)

  /// The folders that hold a project's `parameters.h`, of those nearest to the one named: itself, hls4ml's `firmware` and what
  /// CMS calls `NN`, then the folders in it, then those in them. Several where several are equally near.
  public static func under(_ path: String) -> [String] {
    for folder in [path, "\(path)/firmware", "\(path)/NN"] where isProject(folder) { return [folder] }
    var level = [path]
    var left = most
    for _ in 0..<deepest {
      level = level.flatMap { folder in folders(in: folder, &left).map { "\(folder)/\($0)" } }
      let found = level.filter(isProject)
      if !found.isEmpty { return found }
    }
    return []
  }

  /// Whether a folder has a `parameters.h` that includes hls4ml's kernels.
  private static func isProject(_ folder: String) -> Bool {
    let path = "\(folder)/parameters.h"
    guard fileExists(path), let start = try? readStart(path, count: 4096) else { return false }
    return String(decoding: start, as: UTF8.self).contains("nnet_") || fileExists("\(folder)/defines.h")
  }

  /// The folders in a folder, by name, without hidden ones, weights and the kernels.
  private static func folders(in folder: String, _ left: inout Int) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while left > 0, let entry = readdir(directory) {
      left -= 1
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasPrefix(".") || name == "weights" || name.hasSuffix("_utils") { continue }
      if isFolder("\(folder)/\(name)") { names.append(name) }
    }
    return names.sorted()
  }
}
