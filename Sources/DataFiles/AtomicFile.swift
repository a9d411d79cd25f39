import Diagnostics
import Glibc
import Storage

/// A file that appears whole or not at all: written beside its place under another name, then renamed.
///
/// What is there before stays until `commit`. If it is given up, or writing fails, nothing is left behind. A place that is
/// no regular file (a pipe, /dev/stdout) is written to directly.
public final class AtomicFile {
  /// The file, as the user named it.
  public let path: String
  /// Where it will be, links followed.
  let target: String
  private var temporary: String?
  private var descriptor: Int32

  /// Starts to write a file.
  ///
  /// - Throws: `cannotCreate` if there can be no such file.
  public init(_ path: String) throws(Failure) {
    self.path = path
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists, status.st_mode & S_IFMT == S_IFDIR {
      throw Failure(.cannotCreate, file: path, "this is a folder, not a file")
    }
    if exists, status.st_mode & S_IFMT != S_IFREG {
      target = path
      descriptor = open(path, O_WRONLY | O_CLOEXEC)
    } else {
      // Through a link, so that it still leads to the file afterwards.
      target = realPath(path) ?? path
      (descriptor, temporary) = createSibling(of: target) {
        open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      }
    }
    guard descriptor >= 0 else { throw cannotCreate(path, errno) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    if let temporary {
      unlink(temporary)
      Unfinished.forget(temporary)
    }
  }

  /// Appends bytes.
  ///
  /// - Throws: `inputOutput` if they cannot be written (a full disk).
  public func write(_ bytes: [UInt8]) throws(Failure) { try write(memoryOf: bytes) }

  /// Appends the memory of words.
  func write<Word: BitwiseCopyable>(memoryOf words: [Word]) throws(Failure) {
    let size = words.count * MemoryLayout<Word>.stride
    var done = 0
    while done < size {
      let count = words.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress.map { $0 + done }, size - done)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw writingFailed(path, errno) }
      done += count
    }
  }

  /// Appends text in UTF-8; see `write(_ bytes:)`.
  public func write(_ text: String) throws(Failure) { try write(Array(text.utf8)) }

  /// Whether this is written beside its place; false for a pipe or device.
  var isBeside: Bool { temporary != nil }

  /// Makes another file of the same disk all there is in this one: that file is moved. Only where `isBeside`.
  func replaceContents(with other: String) throws(Failure) {
    guard let temporary else { throw Failure(.bug, file: path, "a pipe or device cannot be replaced") }
    guard rename(other, temporary) == 0 else { throw writingFailed(path, errno) }
  }

  /// Puts the file in its place. Nothing can be written afterwards.
  ///
  /// - Throws: `inputOutput` if what was written cannot be kept.
  public func commit() throws(Failure) {
    let open = descriptor
    descriptor = -1
    guard close(open) == 0 else { throw writingFailed(path, errno) }
    guard let temporary else { return }
    guard rename(temporary, target) == 0 else { throw writingFailed(path, errno) }
    Unfinished.forget(temporary)
    self.temporary = nil
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

// MARK: Shared with folders

/// Makes something beside a path under a name nobody else has: hidden, so that it shows up in no listing.
/// It is `Unfinished` until the caller says otherwise.
///
/// - Parameter make: what `open` or `mkdir` does; gives a negative number and sets errno if it fails.
/// - Returns: what `make` gave, and the name it was made under; nil if it failed.
func createSibling(of path: String, _ make: (String) -> Int32) -> (result: Int32, path: String?) {
  let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
  let name = path[slash...].prefix(100)
  while true {
    let sibling = "\(path[..<slash]).\(name).\(String(UInt64.random(in: 0 ... .max), radix: 36))"
    Unfinished.add(sibling)
    let result = make(sibling)
    if result >= 0 { return (result, sibling) }
    Unfinished.forget(sibling)
    if errno != EEXIST { return (result, nil) }
  }
}

/// The path without links; nil if there is nothing at it.
func realPath(_ path: String) -> String? {
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
