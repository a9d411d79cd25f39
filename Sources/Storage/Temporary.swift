import Foundation

/// A call of the operating system that failed, with its error number.
public struct SystemError: Error, Sendable {
  /// errno.
  public let code: Int32

  /// Takes an error number.
  public init(_ code: Int32) { self.code = code }
}

/// A file or folder under a temporary name, hidden beside the place it is meant for: `.NAME.RANDOM.triggerfish`.
///
/// It is removed when this is given up or the process interrupted; whoever keeps it renames it first. A process that
/// is killed cannot remove it: so it is locked as long as its maker lives (the system ends the lock with the process),
/// and the next one that makes something in the same folder removes what is no longer locked.
public final class Temporary {
  /// What is made.
  public enum Kind: Sendable {
    /// An empty file.
    case file
    /// An empty folder.
    case folder
    /// An empty folder that nobody else may look into.
    case privateFolder
  }

  /// Where it is.
  public let path: String
  /// The file, open for writing; or the folder. Closed with this.
  public let descriptor: Int32
  private let isFile: Bool

  /// Makes something with a new name.
  ///
  /// - Parameter target: the path it will have in the end.
  /// - Throws: why there can be none.
  public init(beside target: String, _ kind: Kind) throws(SystemError) {
    let (folder, name) = split(target)
    Self.removeAbandoned(in: folder)
    isFile = kind == .file
    // Again if the name is taken, or if another process took for abandoned what was not locked yet.
    for _ in 0..<100 {
      let path = "\(folder).\(tag(name)).\(randomPart())\(Self.ending)"
      Unfinished.add(path)
      do throws(SystemError) {
        if let descriptor = try Self.make(path, kind) {
          (self.path, self.descriptor) = (path, descriptor)
          return
        }
        Unfinished.forget(path)
      } catch {
        Unfinished.forget(path)
        throw error
      }
    }
    throw SystemError(EEXIST)
  }

  deinit {
    if isFile { unlink(path) } else { try? FileManager.default.removeItem(atPath: path) }
    Unfinished.forget(path)
    close(descriptor)
  }

  private static let ending = ".triggerfish"

  /// Makes and locks; nil if it is to be tried again.
  private static func make(_ path: String, _ kind: Kind) throws(SystemError) -> Int32? {
    let descriptor: Int32
    if kind == .file {
      descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor < 0 {
        if errno == EEXIST { return nil }
        throw SystemError(errno)
      }
    } else {
      guard mkdir(path, kind == .privateFolder ? 0o700 : 0o777) == 0 else {
        if errno == EEXIST { return nil }
        throw SystemError(errno)
      }
      descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      if descriptor < 0 {
        let code = errno
        if code == ENOENT { return nil }
        rmdir(path)
        throw SystemError(code)
      }
    }
    // Where a file system has no locks, nothing is ever taken for abandoned.
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK || !isAt(path, descriptor) {
      close(descriptor)
      return nil
    }
    if isAt(path, descriptor) { return descriptor }
    close(descriptor)
    return nil
  }

  // MARK: What killed processes left

  /// Removes what lies in a folder under a temporary name and has no owner any more.
  ///
  /// - Parameter folder: with a final slash; empty for the working folder.
  static func removeAbandoned(in folder: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
    for name in names {
      guard let (target, isMovedAway) = parts(ofTemporary: name) else { continue }
      // What was moved away is the user's only copy, unless there is something in its place.
      if isMovedAway && (target.contains("~") || !fileExists(folder + target)) { continue }
      whileAbandoned(folder + name) { try? FileManager.default.removeItem(atPath: folder + name) }
    }
  }

  /// Where a folder is put while another takes its place, on file systems that cannot exchange two folders.
  public func placeForOld() -> String { "\(path)\(Self.oldEnding)" }

  /// Puts a folder back that a killed process had moved away and not replaced.
  ///
  /// - Returns: whether there was one.
  public static func putBack(_ target: String) -> Bool {
    if fileExists(target) { return false }
    let (folder, wanted) = split(target)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
    for name in names.sorted() {
      guard case (let found, true)? = parts(ofTemporary: name), found == tag(wanted) else { continue }
      var isBack = false
      whileAbandoned(folder + name) { isBack = rename(folder + name, target) == 0 }
      if isBack { return true }
    }
    return false
  }

  private static let oldEnding = "-old"

  /// What a temporary name was made of; nil for any other name.
  private static func parts(ofTemporary name: String) -> (tag: String, isMovedAway: Bool)? {
    var text = name[...]
    let isMovedAway = text.hasSuffix(oldEnding)
    if isMovedAway { text = text.dropLast(oldEnding.count) }
    guard text.hasPrefix("."), text.hasSuffix(ending) else { return nil }
    text = text.dropFirst().dropLast(ending.count)
    guard let dot = text.lastIndex(of: "."), dot > text.startIndex else { return nil }
    let random = text[text.index(after: dot)...]
    guard random.utf8.count == randomLength,
      random.allSatisfy({ ("0"..."9").contains($0) || ("a"..."z").contains($0) })
    else { return nil }
    return (String(text[..<dot]), isMovedAway)
  }

  /// Does something to a file or folder of this user if nobody has it locked.
  private static func whileAbandoned(_ path: String, _ body: () -> Void) {
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_uid == geteuid() else { return }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, isAt(path, descriptor) else { return }
    body()
  }

  /// Whether a path leads to what is open, and not to something else of that name.
  private static func isAt(_ path: String, _ descriptor: Int32) -> Bool {
    var (there, here) = (stat(), stat())
    return lstat(path, &there) == 0 && fstat(descriptor, &here) == 0 && there.st_ino == here.st_ino
      && there.st_dev == here.st_dev
  }
}

private let randomLength = 13

private func randomPart() -> String {
  let digits = String(UInt64.random(in: 0 ... .max), radix: 36)
  return String(repeating: "0", count: randomLength - digits.count) + digits
}

/// The folder of a path, with its slash, and the name in it.
private func split(_ path: String) -> (folder: String, name: String) {
  let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
  return (String(path[..<slash]), String(path[slash...]))
}

/// A name as a part of longer names, which a file system limits to 255 bytes: of a long one the start and a sum.
private func tag(_ name: String) -> String {
  if name.utf8.count <= 128 { return name }
  var start = ""
  for character in name where start.utf8.count + String(character).utf8.count <= 100 {
    start.append(character)
  }
  return "\(start)~\(String(Checksum(Array(name.utf8)).value, radix: 36))"
}
