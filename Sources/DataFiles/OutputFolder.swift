import Diagnostics
import Foundation
import Storage

/// A folder that appears whole or not at all: filled beside its place under another name, then renamed.
public enum OutputFolder {
  /// The file that marks a folder as Triggerfish's own, which may be replaced.
  public static let marker = ".triggerfish"

  private static let markerText = """
    Triggerfish made this folder, and replaces it as a whole when it is made again.
    Delete this file to keep the folder from being replaced.

    """

  /// Writes a folder of files, replacing one that Triggerfish wrote before.
  ///
  /// If anything fails, what was there before is there still, and nothing else.
  ///
  /// - Parameters:
  ///   - files: path within the folder (`firmware/weights/w2.h`) and contents of each; paths never leave the folder.
  ///   - path: the folder; folders above it are made as needed.
  ///   - force: whether a folder that Triggerfish did not write, and that is not empty, is replaced too.
  /// - Throws: `cannotCreate` if the folder cannot be made or may not be replaced; `inputOutput` if writing fails.
  public static func write(
    _ files: [(path: String, contents: [UInt8])], to path: String, force: Bool = false
  ) throws(Failure) {
    let target = realPath(path) ?? path.trimmingTrailingSlashes
    try checkReplaceable(target, path, force: force)
    let parents = try makeParents(of: target, path)
    var isDone = false
    defer {
      if !isDone { for parent in parents.reversed() { rmdir(parent) } }
    }
    let (result, made) = createSibling(of: target) { mkdir($0, 0o777) }
    guard result == 0, let temporary = made else { throw cannotCreate(path, errno) }
    defer {
      removeTree(temporary)
      Unfinished.forget(temporary)
    }
    try write(Array(markerText.utf8), marker, in: temporary, path)
    for (file, contents) in files { try write(contents, file, in: temporary, path) }
    try replace(target, with: temporary, path)
    isDone = true
  }

  /// Whether a folder is one that Triggerfish wrote.
  public static func isOurs(_ path: String) -> Bool { access("\(path)/\(marker)", F_OK) == 0 }

  // MARK: Steps

  private static func checkReplaceable(_ target: String, _ path: String, force: Bool) throws(Failure) {
    var status = stat()
    guard stat(target, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw Failure(.cannotCreate, file: path, "there is a file of this name", hint: "choose another folder")
    }
    guard let contents = try? FileManager.default.contentsOfDirectory(atPath: target) else {
      throw Failure(.cannotCreate, file: path, "the folder cannot be read")
    }
    for (keep, name) in [(".", "the working folder"), (NSHomeDirectory(), "the home folder")] {
      if let keep = realPath(keep), keep == target || keep.hasPrefix(target == "/" ? "/" : "\(target)/") {
        throw Failure(
          .cannotCreate, file: path, "\(name) is, or is inside, this folder", hint: "choose another folder")
      }
    }
    guard contents.isEmpty || isOurs(target) || force else {
      throw Failure(
        .cannotCreate, file: path, "the folder is not empty, and Triggerfish did not write it",
        hint: "choose another folder, or replace it with --force")
    }
  }

  /// Makes the folders above a path, and says which it made.
  private static func makeParents(of target: String, _ path: String) throws(Failure) -> [String] {
    var made: [String] = []
    var prefix = ""
    for part in target.split(separator: "/", omittingEmptySubsequences: false).dropLast() {
      prefix +=
        part.isEmpty && prefix.isEmpty
        ? "/" : prefix.isEmpty || prefix.hasSuffix("/") ? "\(part)" : "/\(part)"
      if access(prefix, F_OK) == 0 { continue }
      guard mkdir(prefix, 0o777) == 0 else {
        let failure = cannotCreate(path, errno)
        for folder in made.reversed() { rmdir(folder) }
        throw failure
      }
      made.append(prefix)
    }
    return made
  }

  private static func write(
    _ bytes: [UInt8], _ file: String, in folder: String, _ path: String
  ) throws(Failure) {
    let parts = file.split(separator: "/", omittingEmptySubsequences: false)
    guard !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) else {
      throw Failure(.bug, file: path, "'\(file)' is no path within the folder")
    }
    var place = folder
    for part in parts.dropLast() {
      place += "/\(part)"
      guard mkdir(place, 0o777) == 0 || errno == EEXIST else { throw writingFailed("\(path)/\(file)", errno) }
    }
    do throws(Failure) {
      try writeAtomically(bytes, to: "\(folder)/\(file)")
    } catch {
      // The temporary folder's name says nothing to the user.
      throw Failure(
        .inputOutput, file: "\(path)/\(file)", error.diagnostics.first?.message ?? "writing failed")
    }
  }

  /// Puts a new folder in the place of an old one. Should this be interrupted, one of the two is complete.
  private static func replace(_ target: String, with new: String, _ path: String) throws(Failure) {
    // This alone does it where there is nothing, or an empty folder.
    if rename(new, target) == 0 { return }
    guard errno == ENOTEMPTY || errno == EEXIST else { throw cannotCreate(path, errno) }
    let old = "\(new).old"
    let code: Int32 = Unfinished.whole {
      guard rename(target, old) == 0 else { return errno }
      guard rename(new, target) != 0 else { return 0 }
      let code = errno
      _ = rename(old, target)
      return code
    }
    guard code == 0 else { throw cannotCreate(path, code) }
    Unfinished.add(old)
    removeTree(old)
    Unfinished.forget(old)
  }

  private static func removeTree(_ path: String) {
    try? FileManager.default.removeItem(atPath: path)
  }
}

extension String {
  fileprivate var trimmingTrailingSlashes: String {
    var text = self[...]
    while text.count > 1, text.hasSuffix("/") { text.removeLast() }
    return String(text)
  }
}
