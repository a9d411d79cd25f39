import Diagnostics
import Storage

/// Where the bytes of events go: a file that appears whole, or a part of an archive to be.
protocol EventDestination {
  /// The file, as messages name it.
  var path: String { get }
  /// Appends the memory of words.
  ///
  /// - Throws: `inputOutput`.
  func write<Word: BitwiseCopyable>(memoryOf words: [Word]) throws(Failure)
  /// Ends writing; what still has to be put in its place, if anything.
  ///
  /// - Throws: `inputOutput`.
  func complete() throws(Failure) -> FinishedFile?
}

/// Writes events to a file part by part: .npy (float64 or int64, as numpy writes it) or .csv, by the path's extension.
///
/// The file appears whole when `finish` is called, or not at all.
public final class EventWriter {
  private let destination: any EventDestination
  private let isText: Bool
  private let shape: [Int]
  private let isWords: Bool
  private var written = 0

  /// Starts a file.
  ///
  /// - Parameters:
  ///   - shape: of all that will be written, events first.
  ///   - words: whether integers are written, not values.
  /// - Throws: `usage` if the extension is not one of those; `cannotCreate`; `inputOutput`.
  public convenience init(_ path: String, shape: [Int], words: Bool) throws(Failure) {
    try Self.checkName(path)
    try self.init(
      to: try AtomicFile(path), isText: path.lowercased().hasSuffix(".csv"), shape: shape, words: words)
  }

  /// Refuses a name that tells no format.
  ///
  /// - Throws: `usage`.
  public static func checkName(_ path: String) throws(Failure) {
    guard [".csv", ".npy"].contains(where: path.lowercased().hasSuffix) else {
      throw Failure(.usage, file: path, "an output's name must end in .npy or .csv")
    }
  }

  init(to destination: any EventDestination, isText: Bool, shape: [Int], words: Bool) throws(Failure) {
    self.destination = destination
    self.isText = isText
    self.shape = shape
    isWords = words
    if !isText { try destination.write(memoryOf: npyHeader(shape: shape, words: words)) }
  }

  /// Appends events.
  public func append(_ array: EventArray) throws(Failure) {
    guard array.shape.dropFirst() == shape.dropFirst(), array.isWords == isWords else {
      throw Failure(
        .bug, file: destination.path, "events of shape \(array.shape) appended to an array of shape \(shape)")
    }
    written += array.events
    if isText { return try destination.write(memoryOf: CSVFile.format(array)) }
    // 8 bytes a number, low byte first, as the machines this runs on have them.
    switch array.values {
    case .reals(let reals): try destination.write(memoryOf: reals)
    case .words(let words): try destination.write(memoryOf: words)
    }
  }

  /// Ends writing: the file is whole, and appears when it is committed.
  public func complete() throws(Failure) -> FinishedFile? {
    guard written == shape[0] else {
      throw Failure(.bug, file: destination.path, "\(written) events written, of \(shape[0])")
    }
    return try destination.complete()
  }

  /// Puts the file in its place.
  public func finish() throws(Failure) { try commit([try complete()].compactMap { $0 }) }
}

/// Writes an array to an .npy or .csv file, whole or not at all; see `EventWriter`.
public func writeEvents(_ array: EventArray, to path: String) throws(Failure) {
  let writer = try EventWriter(path, shape: array.shape, words: array.isWords)
  try writer.append(array)
  try writer.finish()
}

/// The header of an .npy file of format version 1.0, byte for byte as numpy writes it: room for the first length to grow, then
/// padding to a multiple of 64.
private func npyHeader(shape: [Int], words: Bool) -> [UInt8] {
  let lengths = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
  var text = "{'descr': '\(words ? "<i8" : "<f8")', 'fortran_order': False, 'shape': (\(lengths)), }"
  text += String(repeating: " ", count: max(0, 21 - "\(shape[0])".count))
  text += String(repeating: " ", count: 64 - (10 + text.utf8.count + 1) % 64) + "\n"
  let length = text.utf8.count
  return NpyHeader.magic + [1, 0, UInt8(length & 255), UInt8(length >> 8)] + Array(text.utf8)
}

extension EventArray {
  /// Whether the numbers are integers.
  public var isWords: Bool {
    if case .words = values { true } else { false }
  }
}
