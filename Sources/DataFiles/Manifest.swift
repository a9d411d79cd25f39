import Foundation
import Storage

/// What Triggerfish wrote into a folder, as the file `.triggerfish` in it lists it: what tells its files from the user's.
struct Manifest {
  /// The file's name in the folder.
  static let file = ".triggerfish"

  private static let head = """
    Triggerfish wrote the files below, and replaces this folder as a whole when it is made again, unless it holds
    anything else. Before each path is a checksum (64-bit FNV-1a).

    """

  /// The checksum of each file, by its path in the folder.
  private let files: [String: String]

  /// Lists files.
  init(_ files: [(path: String, contents: [UInt8])]) {
    self.files = Dictionary(files.map { ($0.path, Self.sum($0.contents)) }, uniquingKeysWith: { $1 })
  }

  /// Reads a folder's list; nil where there is none.
  init?(folder: String) {
    let path = "\(folder)/\(Self.file)"
    guard fileExists(path), let bytes = try? readFile(path, limit: 1 << 26) else { return nil }
    var files: [String: String] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1)
      if words.count == 2, words[0].utf8.count == 16, UInt64(words[0], radix: 16) != nil {
        files[String(words[1])] = String(words[0])
      }
    }
    if files.isEmpty { return nil }
    self.files = files
  }

  /// The list as a file.
  var text: String {
    Self.head + files.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)\n" }.joined()
  }

  /// What is in a folder besides the files listed, and which of those are not as they were written.
  struct Difference {
    /// Paths in the folder that are not listed; of folders in which nothing is listed only the folder's own.
    var added: [String] = []
    /// Listed files with other contents.
    var changed: [String] = []

    /// Enough to tell the user; a folder may hold millions.
    var isEnough: Bool { added.count > 20 }
  }

  /// Holds the folder against the list.
  func difference(to folder: String) -> Difference {
    var parents: Set<String> = []
    for path in files.keys {
      var parent = path[...]
      while let slash = parent.lastIndex(of: "/") {
        parent = parent[..<slash]
        parents.insert(String(parent))
      }
    }
    var difference = Difference()
    var rest = [""]
    while let prefix = rest.popLast(), !difference.isEnough {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(prefix)")) ?? []
      for name in names.sorted() where prefix + name != Self.file {
        let path = prefix + name
        var status = stat()
        guard lstat("\(folder)/\(path)", &status) == 0 else { continue }
        let kind = status.st_mode & S_IFMT
        if kind == S_IFDIR, parents.contains(path) {
          rest.append("\(path)/")
        } else if let sum = files[path] {
          let contents = kind == S_IFREG ? try? readFile("\(folder)/\(path)") : nil
          if contents.map(Self.sum) != sum { difference.changed.append(path) }
        } else {
          difference.added.append(kind == S_IFDIR ? "\(path)/" : path)
        }
      }
    }
    return difference
  }

  private static func sum(_ bytes: [UInt8]) -> String {
    let digits = String(Checksum(bytes).value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
