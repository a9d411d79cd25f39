import Diagnostics
import Glibc
import Storage

/// A file that appears whole or not at all: written beside its place under another name, then renamed.
///
/// What is there before stays until `commit`. If it is given up, or writing fails, nothing is left behind. A place that is
/// no regular file (a pipe, /dev/stdout) is written to directly.
public final class AtomicFile {
  private let place: OutputPlace
  private let temporary: Temporary?
  private let descriptor: Int32

  /// The file, as the user named it.
  public var path: String { place.path }

  /// Starts to write a file.
  ///
  /// - Throws: `cannotCreate` if there can be no such file.
  public init(_ path: String) throws(Failure) {
    place = try OutputPlace(path)
    if place.isDevice {
      temporary = nil
      descriptor = open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw cannotCreate(path, errno) }
    } else {
      let made = try place.temporary(.file)
      (temporary, descriptor) = (made, made.descriptor)
    }
  }

  deinit {
    if temporary == nil { close(descriptor) }
  }

  /// Appends bytes.
  ///
  /// - Throws: `inputOutput` if they cannot be written (a full disk).
  public func write(_ bytes: [UInt8]) throws(Failure) { try append(bytes, to: descriptor, of: path) }

  /// Appends text in UTF-8; see `write(_ bytes:)`.
  public func write(_ text: String) throws(Failure) { try write(Array(text.utf8)) }

  /// Puts the file in its place. Nothing is to be written afterwards.
  ///
  /// - Throws: `inputOutput` if what was written cannot be kept.
  public func commit() throws(Failure) { try DataFiles.commit([try complete()].compactMap { $0 }) }
}

extension AtomicFile: EventDestination {
  func write<Word: BitwiseCopyable>(memoryOf words: [Word]) throws(Failure) {
    try append(words, to: descriptor, of: path)
  }

  /// Ends writing; the file, which `commit` puts in its place together with others. Nil for a pipe or device.
  ///
  /// - Throws: `inputOutput` if what was written cannot be kept.
  public func complete() throws(Failure) -> FinishedFile? {
    // Some file systems tell only here that there was no room. The descriptor itself stays open: it holds the lock.
    let copy = dup(descriptor)
    guard copy >= 0, close(copy) == 0 else { throw writingFailed(path, errno) }
    return temporary.map { FinishedFile(written: $0.path, place: place, keeper: $0) }
  }
}

/// Writes a file whole or not at all; see `AtomicFile`.
public func writeAtomically(_ bytes: [UInt8], to path: String) throws(Failure) {
  let file = try AtomicFile(path)
  try file.write(bytes)
  try file.commit()
}

/// Writes text in UTF-8 whole or not at all; see `AtomicFile`.
public func writeAtomically(_ text: String, to path: String) throws(Failure) {
  try writeAtomically(Array(text.utf8), to: path)
}

// MARK: Places

/// Where a file is to appear.
struct OutputPlace {
  /// The file, as the user named it.
  let path: String
  /// The same, links followed, so that a link still leads to the file afterwards.
  let target: String
  /// Whether this is a pipe or device, which is written to directly.
  let isDevice: Bool

  /// - Throws: `cannotCreate` for a folder.
  init(_ path: String) throws(Failure) {
    self.path = path
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists, status.st_mode & S_IFMT == S_IFDIR {
      throw Failure(.cannotCreate, file: path, "this is a folder, not a file")
    }
    isDevice = exists && status.st_mode & S_IFMT != S_IFREG
    target = realPath(path) ?? path
  }

  /// Something beside the place.
  func temporary(_ kind: Temporary.Kind) throws(Failure) -> Temporary {
    do throws(SystemError) {
      return try Temporary(beside: target, kind)
    } catch {
      throw cannotCreate(path, error.code)
    }
  }
}

/// A file that is whole, and still has to be put in its place.
public struct FinishedFile {
  let written: String
  let place: OutputPlace
  /// What removes the file when it is given up: not before this is.
  let keeper: Temporary
}

/// Puts files in their places, which an interruption does not stop half way.
///
/// - Throws: `inputOutput` if one cannot be renamed; those before it are in their places then.
public func commit(_ files: [FinishedFile]) throws(Failure) {
  var failed: FinishedFile?
  let code = Unfinished.commit {
    for file in files where rename(file.written, file.place.target) != 0 {
      failed = file
      return errno
    }
    return 0
  }
  if let failed { throw writingFailed(failed.place.path, code) }
}

/// Refuses outputs that would replace one another, or what they are made from.
///
/// - Parameter inputs: files that are read (with an array, as `events.npz:x`).
/// - Throws: `usage` with every such output.
public func checkDistinct(outputs: [String], inputs: [String]) throws(Failure) {
  func isSame(_ one: String, _ other: String) -> Bool {
    var (first, second) = (stat(), stat())
    guard stat(one, &first) == 0, stat(other, &second) == 0 else { return resolved(one) == resolved(other) }
    return first.st_dev == second.st_dev && first.st_ino == second.st_ino && first.st_mode & S_IFMT == S_IFREG
  }
  // Of a file that is not there yet.
  func resolved(_ path: String) -> String {
    let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    let folder = slash == path.startIndex ? "." : String(path[..<slash])
    return "\(realPath(folder) ?? folder)/\(path[slash...])"
  }
  var problems: [Diagnostic] = []
  for (index, output) in outputs.enumerated() {
    if outputs[..<index].contains(where: { isSame($0, output) }) {
      problems.append(Diagnostic(file: output, "named for two outputs", hint: "give each a file of its own"))
    }
    if inputs.contains(where: { isSame(DataReference($0).path, output) }) {
      problems.append(
        Diagnostic(file: output, "an output that would replace an input", hint: "choose another file"))
    }
  }
  if !problems.isEmpty { throw Failure(.usage, problems) }
}

/// Refuses files of events that are not there, all at once: to be called before a model is read, which takes longer.
///
/// - Throws: `missingInput`; what is in the files, their readers see.
public func checkPresent(_ references: [String]) throws(Failure) {
  let missing = references.map { DataReference($0).path }.filter { !fileExists($0) }
  if !missing.isEmpty {
    throw Failure(.missingInput, missing.map { Diagnostic(file: $0, "there is no such file") })
  }
}

/// Refuses places where no file can be made: a folder, or one in a folder that is not there. To be called before the
/// work is done whose results go there.
///
/// - Throws: `cannotCreate`.
public func checkPlaces(_ outputs: [String]) throws(Failure) {
  for output in outputs {
    let place = try OutputPlace(output)
    if place.isDevice { continue }
    let target = place.target
    let folder = target.lastIndex(of: "/").map { String(target[..<$0]) } ?? "."
    guard folder.isEmpty || isFolder(folder) else { throw cannotCreate(output, ENOENT) }
  }
}

// MARK: Shared with folders

/// Writes the memory of words to an open file.
///
/// - Parameter path: the file, as messages name it.
/// - Throws: `inputOutput`.
func append<Word: BitwiseCopyable>(
  _ words: [Word], to descriptor: Int32, of path: String
) throws(Failure) {
  let size = words.count * MemoryLayout<Word>.stride
  var done = 0
  while done < size {
    let count = words.withUnsafeBytes { buffer in
      write(descriptor, buffer.baseAddress.map { $0 + done }, size - done)
    }
    if count < 0, errno == EINTR { continue }
    guard count >= 0 else { throw writingFailed(path, errno) }
    done += count
  }
}

/// Opens a file for one addition to it, which may be the first: so that any number of files is written to by turns.
///
/// - Parameter path: the file, as messages name it.
/// - Throws: `inputOutput`.
func append<Word: BitwiseCopyable>(
  _ words: [Word], toFile file: String, of path: String
) throws(Failure) {
  let descriptor = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
  guard descriptor >= 0 else { throw writingFailed(path, errno) }
  do throws(Failure) {
    try append(words, to: descriptor, of: path)
  } catch {
    close(descriptor)
    throw error
  }
  guard close(descriptor) == 0 else { throw writingFailed(path, errno) }
}

/// The path without links; nil if there is nothing at it.
package func realPath(_ path: String) -> String? {
  guard let resolved = realpath(path, nil) else { return nil }
  defer { free(resolved) }
  return String(cString: resolved)
}

func cannotCreate(_ path: String, _ code: Int32) -> Failure {
  Failure(.cannotCreate, file: path, "cannot be created: \(systemMessage(code))")
}

func writingFailed(_ path: String, _ code: Int32) -> Failure {
  Failure(.inputOutput, file: path, "writing failed: \(systemMessage(code))")
}
