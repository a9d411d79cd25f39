import Diagnostics
import Glibc

/// The numbers of some events where they lie in a file, mapped into memory for as long as this lives. Only the part
/// asked for is mapped, so that memory stays flat however large the file is.
///
/// A file that another process shortens meanwhile ends the process, as with any mapped file.
public final class LentEvents {
  /// The type of the numbers, as this machine stores them.
  public enum Element: Sendable {
    case float32, float64
  }

  /// The numbers, row major, events first.
  public let bytes: UnsafeRawBufferPointer
  /// Their type.
  public let element: Element
  private let mapping: UnsafeMutableRawPointer
  private let length: Int

  /// Maps a part of a file.
  init(_ file: OpenFile, _ range: Range<Int>, _ element: Element) throws(Failure) {
    let page = sysconf(Int32(_SC_PAGESIZE))
    let start = range.lowerBound / page * page
    length = max(1, range.upperBound - start)
    (mapping, bytes) = try file.map(start, length, skipping: range.lowerBound - start)
    self.element = element
  }

  deinit { munmap(mapping, length) }

  /// Whether there is neither NaN nor infinity among them.
  var isFinite: Bool {
    switch element {
    // The exponent is all ones: adding one to it carries into the sign.
    case .float32: !hasSign(UInt32.self) { ($0 & 0x7f80_0000) &+ 0x0080_0000 }
    case .float64: !hasSign(UInt64.self) { ($0 & 0x7ff0_0000_0000_0000) &+ 0x0010_0000_0000_0000 }
    }
  }

  /// Unsafe for speed: these loops see every byte of the input, and vectorize this way.
  @inline(__always)
  private func hasSign<Word: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ type: Word.Type, _ transform: (Word) -> Word
  ) -> Bool {
    var all: Word = 0
    for word in bytes.bindMemory(to: Word.self) { all |= transform(word) }
    return all >> Word(Word.bitWidth - 1) != 0
  }
}

/// Events that lie in a file as this machine stores numbers, one after the other, so that they can be lent.
struct LendableEvents: Sendable {
  private let file: OpenFile
  private let start: Int
  /// Bytes of an event.
  private let width: Int
  private let element: LentEvents.Element

  /// Events at a place in a file; nil if it is not all within the file, which is not trusted to say so, or if numbers
  /// would not be aligned, or in memory.
  ///
  /// - Parameters:
  ///   - start: where the first event is, in bytes.
  ///   - width: bytes of an event.
  ///   - events: how many there are.
  init?(_ source: ByteSource, start: Int, width: Int, events: Int, _ element: LentEvents.Element) {
    guard case .file(let file) = source, start >= 0, start % (element == .float32 ? 4 : 8) == 0,
      let size = elementCount([width, events]), size <= file.count, start <= file.count - size
    else { return nil }
    self.file = file
    self.start = start
    self.width = width
    self.element = element
  }

  /// Lends some events.
  ///
  /// - Throws: `inputOutput`.
  func lend(_ events: Range<Int>) throws(Failure) -> LentEvents {
    try LentEvents(
      file, (start + events.lowerBound * width)..<(start + events.upperBound * width), element)
  }
}

extension OpenFile {
  /// Maps bytes of the file.
  ///
  /// - Returns: the mapping, and the bytes after the first `skipping`.
  func map(
    _ start: Int, _ length: Int, skipping: Int
  ) throws(Failure) -> (UnsafeMutableRawPointer, UnsafeRawBufferPointer) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, Int(status.st_size) >= start + length else {
      throw Failure(.inputOutput, file: path, "the file became shorter while it was read")
    }
    guard let mapping = mmap(nil, length, PROT_READ, MAP_PRIVATE, descriptor, off_t(start)),
      mapping != MAP_FAILED
    else { throw Failure(.inputOutput, file: path, "reading failed: \(systemMessage(errno))") }
    madvise(mapping, length, MADV_SEQUENTIAL)
    return (mapping, UnsafeRawBufferPointer(start: mapping + skipping, count: length - skipping))
  }
}
