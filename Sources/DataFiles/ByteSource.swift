import Diagnostics
import Glibc
import Storage

/// Bytes that can be read from any place: a file, or memory.
enum ByteSource: Sendable {
  case file(OpenFile)
  case memory([UInt8])

  /// Opens a file. A pipe, which cannot be read from any place, is read into memory.
  init(path: String) throws(Failure) {
    let file = try OpenFile(path: path)
    self = file.isSeekable ? .file(file) : .memory(try readFile(path, limit: 1 << 34))
  }

  /// The number of bytes.
  var count: Int {
    switch self {
    case .file(let file): file.count
    case .memory(let bytes): bytes.count
    }
  }

  /// Reads bytes; fewer than asked for if they end before.
  func read(_ range: Range<Int>) throws(Failure) -> ArraySlice<UInt8> {
    switch self {
    case .file(let file): try file.read(range)[...]
    case .memory(let bytes): bytes[range.clamped(to: 0..<bytes.count)]
    }
  }
}

/// A file open for reading. Several threads may read at once.
final class OpenFile: Sendable {
  let path: String
  let count: Int
  let isSeekable: Bool
  let descriptor: Int32

  init(path: String) throws(Failure) {
    descriptor = try openedToRead(path)
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw Failure(.missingInput, file: path, "the file cannot be opened: \(systemMessage(errno))")
    }
    self.path = path
    count = Int(status.st_size)
    isSeekable = status.st_mode & S_IFMT == S_IFREG
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw Failure(.badInput, file: path, "this is a folder, not a file")
    }
  }

  deinit { close(descriptor) }

  func read(_ range: Range<Int>) throws(Failure) -> [UInt8] {
    var problem: Int32 = 0
    // The bytes go straight from the system into the array.
    let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, done in
      while done < range.count {
        let got = pread(
          descriptor, buffer.baseAddress.map { $0 + done }, range.count - done, off_t(range.lowerBound + done)
        )
        if got < 0 {
          if errno == EINTR { continue }
          problem = errno
        }
        if got <= 0 { return }
        done += got
      }
    }
    guard problem == 0 else {
      throw Failure(.inputOutput, file: path, "reading failed: \(systemMessage(problem))")
    }
    return bytes
  }
}

/// The operating system's own words for an error number.
func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }
