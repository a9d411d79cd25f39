import Diagnostics
import Foundation
import Storage

/// Writes named arrays to an .npz archive part by part, so that they may be larger than memory. Equal arrays give equal
/// bytes.
///
/// Parts of all arrays come in turns, and an archive holds one array after the other: so each is gathered in a file
/// of its own, in a hidden folder beside the archive's place, and `finish` joins them. Until then the disk holds the arrays
/// once, at the end of `finish` twice. The archive appears whole when `finish` is called, or not at all.
///
/// A name becomes one that is safe as a file's (`String.fileName`, and `:` and `>` stay); of equal names the later ones get
/// `_2`, `_3`, ….
public final class ArchiveWriter {
  private let place: OutputPlace
  private let folder: Temporary
  private let names: [String]
  private let members: [EventWriter]

  /// Starts an archive.
  ///
  /// - Parameter arrays: in order, the name of each, its shape (of all that will be written, events first), and whether it
  ///   holds integers, not values.
  /// - Throws: `cannotCreate`, also for a pipe or device; `inputOutput`.
  public init(_ path: String, arrays: [(name: String, shape: [Int], words: Bool)]) throws(Failure) {
    place = try OutputPlace(path)
    guard !place.isDevice else {
      throw Failure(.cannotCreate, file: path, "an archive cannot be written to a pipe or device")
    }
    folder = try place.temporary(.folder)
    var taken: Set<String> = []
    names = arrays.map { "\(taken.insertUnique($0.name.fileName(allowing: ":>"))).npy" }
    var members: [EventWriter] = []
    for (index, array) in arrays.enumerated() {
      let member = ArchiveMember(file: "\(folder.path)/\(index).npy", path: path)
      members.append(try EventWriter(to: member, isText: false, shape: array.shape, words: array.words))
    }
    self.members = members
  }

  /// Appends events to every array.
  ///
  /// - Parameter parts: one per array, in order.
  /// - Throws: `inputOutput`.
  public func append(_ parts: [EventArray]) throws(Failure) {
    guard parts.count == members.count else {
      throw Failure(.bug, file: place.path, "\(parts.count) parts of \(members.count) arrays")
    }
    for (member, part) in zip(members, parts) { try member.append(part) }
  }

  /// Joins the arrays: the archive is whole, and appears when it is committed.
  ///
  /// - Throws: `inputOutput`.
  public func complete() throws(Failure) -> FinishedFile {
    for member in members { _ = try member.complete() }
    // libzip writes beside the name it is given: in the folder, which is removed with all that is in it.
    let archive = "\(folder.path)/archive"
    do throws(Failure) {
      try ZipArchive.write(
        names.enumerated().map { (name: $0.element, file: "\(folder.path)/\($0.offset).npy") }, to: archive)
    } catch {
      throw Failure(
        .inputOutput, file: place.path, "writing failed: \(error.diagnostics.first?.message ?? "")")
    }
    return FinishedFile(written: archive, place: place, keeper: folder)
  }

  /// Puts the archive in its place; see `complete`.
  public func finish() throws(Failure) { try commit([try complete()]) }
}

/// Writes whole arrays to an .npz archive; see `ArchiveWriter`.
public func writeArchive(_ arrays: [(name: String, array: EventArray)], to path: String) throws(Failure) {
  let writer = try ArchiveWriter(
    path, arrays: arrays.map { (name: $0.name, shape: $0.array.shape, words: $0.array.isWords) })
  try writer.append(arrays.map(\.array))
  try writer.finish()
}

/// An array on its way into an archive: a file that is open only while it is added to, as a model may have more layers
/// than a process may have files open.
private struct ArchiveMember: EventDestination {
  let file: String
  /// The archive: the file's own name says nothing to the user.
  let path: String

  func write<Word: BitwiseCopyable>(memoryOf words: [Word]) throws(Failure) {
    try DataFiles.append(words, toFile: file, of: path)
  }

  func complete() throws(Failure) -> FinishedFile? { nil }
}
