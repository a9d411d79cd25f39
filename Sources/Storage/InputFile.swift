import Diagnostics
import Glibc

/// Reads a whole file of the user's into memory.
///
/// - Parameters:
///   - path: the file, as the user named it; it is named so in messages.
///   - limit: the most bytes accepted.
/// - Throws: `missingInput` if the file does not exist or may not be read, `badInput` if it is a folder or
///   larger than `limit`, `inputOutput` if reading fails part way.
public func readFile(_ path: String, limit: Int = 1 << 30) throws(Failure) -> [UInt8] {
  let descriptor = try openedToRead(path)
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { throw missing(path, errno) }
  guard status.st_mode & S_IFMT != S_IFDIR else {
    throw Failure(.badInput, file: path, "this is a folder, not a file")
  }
  let tooLarge = Failure(
    .badInput, file: path, "the file is larger than \(limit) bytes, the most accepted here")
  guard status.st_size <= limit else { throw tooLarge }

  // The size is only a first guess: a pipe has none, and a file may grow.
  var bytes: [UInt8] = []
  bytes.reserveCapacity(Int(status.st_size) + 1)
  let block = 1 << 20
  while true {
    var problem: Int32 = 0
    let chunk = [UInt8](unsafeUninitializedCapacity: min(block, max(4096, Int(status.st_size)))) {
      buffer, count in
      let result = read(descriptor, buffer.baseAddress, buffer.count)
      if result < 0 { problem = errno }
      count = max(0, result)
    }
    if problem == EINTR { continue }
    guard problem == 0 else {
      throw Failure(.inputOutput, file: path, "reading failed: \(systemMessage(problem))")
    }
    if chunk.isEmpty { return bytes }
    bytes += chunk
    guard bytes.count <= limit else { throw tooLarge }
  }
}

/// Whether there is a file or folder at the path (links followed).
public func fileExists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// Whether a path leads to a folder.
public func isFolder(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// The failure of a file that cannot be opened.
func missing(_ path: String, _ code: Int32) -> Failure {
  code == ENOENT
    ? Failure(.missingInput, file: path, "there is no such file")
    : Failure(.missingInput, file: path, "the file cannot be opened: \(systemMessage(code))")
}

/// The operating system's own words for an error number.
func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }

/// Opens a file, or a pipe that something is written to.
///
/// - Returns: its descriptor, which is the caller's to close.
/// - Throws: as `missing`; `badInput` for a pipe to which nothing is written for ten seconds, as a named one without a writer.
public func openedToRead(_ path: String) throws(Failure) -> Int32 {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard descriptor >= 0 else { throw missing(path, errno) }
  var status = stat()
  if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFIFO {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&entry, 1, 10_000) > 0 else {
      close(descriptor)
      throw Failure(.badInput, file: path, "this is a pipe, and nothing is written to it")
    }
  }
  _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
  return descriptor
}

/// The first bytes of a file of the user's, by which its format is told.
///
/// - Throws: as `readFile`.
public func readStart(_ path: String, count: Int = 16) throws(Failure) -> [UInt8] {
  let descriptor = try openedToRead(path)
  defer { close(descriptor) }
  var problem: Int32 = 0
  let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
    let result = read(descriptor, buffer.baseAddress, count)
    if result < 0 { problem = errno }
    filled = max(0, result)
  }
  if problem == EISDIR { throw Failure(.badInput, file: path, "this is a folder, not a file") }
  guard problem == 0 else {
    throw Failure(.inputOutput, file: path, "reading failed: \(systemMessage(problem))")
  }
  return bytes
}
