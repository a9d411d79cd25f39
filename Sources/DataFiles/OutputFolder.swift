import CFileSystem
import Diagnostics
import Foundation
import Storage

/// A folder that appears whole or not at all: filled beside its place under another name, then exchanged with what is there.
public enum OutputFolder {
  /// Writes a folder of files, replacing one that Triggerfish wrote before.
  ///
  /// If anything fails, what was there before is there still, and nothing else. A folder is replaced if it is empty, or
  /// if its manifest accounts for all that is in it.
  ///
  /// - Parameters:
  ///   - files: path within the folder (`firmware/weights/w2.h`) and contents of each; paths never leave the folder.
  ///   - path: the folder; folders above it are made as needed.
  ///   - inputs: files the contents were made from (with an array, as `events.npz:x`), which the folder must not hold.
  ///   - force: whether files are replaced too that Triggerfish wrote and somebody changed since.
  /// - Throws: `cannotCreate` if the folder cannot be made or may not be replaced; `inputOutput` if writing fails.
  public static func write(
    _ files: [(path: String, contents: [UInt8])], to path: String, inputs: [String] = [], force: Bool = false
  ) throws(Failure) {
    try write(files, to: path, inputs: inputs, force: force) { file_system_exchange($0, $1) }
  }

  /// As above; `exchange` is the system's way to exchange two folders, for which a test may put one that fails.
  static func write(
    _ files: [(path: String, contents: [UInt8])], to path: String, inputs: [String] = [], force: Bool = false,
    exchange: (String, String) -> Int32
  ) throws(Failure) {
    let target = realPath(path) ?? path.trimmingTrailingSlashes
    try checkPlace(target, path, inputs)
    try checkContents(target, path, force: force)
    let parents = try makeParents(of: target, path)
    var isDone = false
    defer {
      if !isDone { for parent in parents.reversed() { rmdir(parent) } }
    }
    let temporary: Temporary
    do throws(SystemError) {
      temporary = try Temporary(beside: target, .folder)
    } catch {
      throw cannotCreate(path, error.code)
    }
    let manifest = (path: Manifest.file, contents: Array(Manifest(files).text.utf8))
    for (file, contents) in files + [manifest] { try write(contents, file, in: temporary.path, path) }
    try replace(target, with: temporary, path, force: force, exchange)
    isDone = true
  }

  /// Puts a folder back that a killed process had moved away to write a new one, where the file system cannot exchange
  /// two folders in one step.
  ///
  /// - Returns: whether there was one.
  public static func putBack(_ path: String) -> Bool { Temporary.putBack(path.trimmingTrailingSlashes) }

  // MARK: What may be replaced

  /// Folders that hold what nobody means to replace, whatever lies in them.
  private static func checkPlace(_ target: String, _ path: String, _ inputs: [String]) throws(Failure) {
    var status = stat()
    guard stat(target, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw Failure(.cannotCreate, file: path, "there is a file of this name", hint: "choose another folder")
    }
    let homes = [getenv("HOME").map { String(cString: $0) }, homeOfUser(getuid()), homeOfUser(geteuid())]
    let kept =
      [(".", "the working folder")] + homes.compactMap { $0 }.map { ($0, "the home folder") }
      + inputs.map { (DataReference($0).path, "the input \($0)") } + [
        ("/proc/self/exe", "triggerfish itself")
      ]
    for (place, name) in kept {
      if let place = realPath(place), place == target || place.hasPrefix(target == "/" ? "/" : "\(target)/") {
        throw Failure(
          .cannotCreate, file: path, "\(name) is, or is inside, this folder", hint: "choose another folder")
      }
    }
  }

  /// Refuses a folder in which there is anything the user might miss.
  ///
  /// - Parameter folder: where it is now.
  private static func checkContents(_ folder: String, _ path: String, force: Bool) throws(Failure) {
    guard fileExists(folder) else { return }
    guard let contents = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw Failure(.cannotCreate, file: path, "the folder cannot be read")
    }
    if contents.isEmpty { return }
    func list(_ names: [String]) -> String {
      names.prefix(10).joined(separator: ", ") + (names.count > 10 ? ", …" : "")
    }
    guard let manifest = Manifest(folder: folder) else {
      throw Failure(
        .cannotCreate, file: path,
        "the folder is not empty, and Triggerfish did not write it: it holds \(list(contents.sorted()))",
        hint: "choose another folder, or remove this one")
    }
    let difference = manifest.difference(to: folder)
    guard difference.added.isEmpty else {
      throw Failure(
        .cannotCreate, file: path,
        "the folder holds files that Triggerfish did not write: \(list(difference.added))",
        hint: "move them elsewhere, or choose another folder")
    }
    guard difference.changed.isEmpty || force else {
      throw Failure(
        .cannotCreate, file: path,
        "files were changed since Triggerfish wrote them: \(list(difference.changed))",
        hint: "choose another folder, or replace them with --force")
    }
  }

  private static func homeOfUser(_ id: uid_t) -> String? {
    getpwuid(id).map { String(cString: $0.pointee.pw_dir) }
  }

  // MARK: Steps

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
      Unfinished.add(parent: prefix)
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
    try append(bytes, toFile: "\(folder)/\(file)", of: "\(path)/\(file)")
  }

  /// Puts a new folder in the place of an old one.
  ///
  /// Where the file system can exchange two folders in one step there is one of them at any time. Elsewhere the old one is
  /// moved away first: a process killed before the new one is in its place leaves it there, and `putBack` finds it.
  private static func replace(
    _ target: String, with new: Temporary, _ path: String, force: Bool, _ exchange: (String, String) -> Int32
  ) throws(Failure) {
    // Locked, so that no other process takes it for abandoned under its temporary name.
    let lock = open(target, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { if lock >= 0 { close(lock) } }
    if lock >= 0 { _ = flock(lock, LOCK_EX | LOCK_NB) }
    var refusal: Failure?
    /// Looks once more, at what nobody can add to by the target's name any more.
    func isStillOurs(_ old: String) -> Bool {
      do throws(Failure) {
        try checkContents(old, path, force: force)
        return true
      } catch {
        refusal = error
        return false
      }
    }
    var old: String?
    let code = Unfinished.commit {
      // This alone does it where there is nothing, or an empty folder.
      if rename(new.path, target) == 0 { return 0 }
      guard errno == ENOTEMPTY || errno == EEXIST else { return errno }
      if exchange(new.path, target) == 0 {
        if isStillOurs(new.path) { return 0 }
        return exchange(new.path, target) == 0 ? EEXIST : errno
      }
      guard [EINVAL, ENOSYS, ENOTSUP].contains(errno) else { return errno }
      let away = new.placeForOld()
      guard rename(target, away) == 0 else { return errno }
      old = away
      let code = !isStillOurs(away) ? EEXIST : rename(new.path, target) == 0 ? 0 : errno
      if code != 0, rename(away, target) == 0 { old = nil }
      return code
    }
    if code != 0 {
      if let old {
        throw Failure(
          .cannotCreate, file: path, "cannot be created: \(String(cString: strerror(code)))",
          hint:
            "what was in the folder is in \(old), and is put back when triggerfish next reads or writes \(path)"
        )
      }
      throw refusal ?? cannotCreate(path, code)
    }
    if let old { try? FileManager.default.removeItem(atPath: old) }
  }
}

extension String {
  fileprivate var trimmingTrailingSlashes: String {
    var text = self[...]
    while text.count > 1, text.hasSuffix("/") { text.removeLast() }
    return String(text)
  }
}
