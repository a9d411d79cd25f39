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
/// A name becomes one that is safe as a file's: letters, digits, `_`, `-`, `.`, `:` and `>` stay, anything else becomes `_`, and
/// so does a leading dot; of equal names the later ones get `_2`, `_3`, ….
public final class ArchiveWriter {
  private let file: AtomicFile
  private let folder: SiblingFolder
  private let names: [String]
  private let members: [EventWriter]

  /// Starts an archive.
  ///
  /// - Parameter arrays: in order, the name of each, its shape (of all that will be written, events first), and whether it
  ///   holds integers, not values.
  /// - Throws: `cannotCreate`, also for a pipe or device; `inputOutput`.
  public init(_ path: String, arrays: [(name: String, shape: [Int], words: Bool)]) throws(Failure) {
    file = try AtomicFile(path)
    guard file.isBeside else {
      throw Failure(.cannotCreate, file: path, "an archive cannot be written to a pipe or device")
    }
    let folder = try SiblingFolder(of: file)
    var taken: Set<String> = []
    names = arrays.map { "\(uniqueName($0.name, &taken)).npy" }
    var members: [EventWriter] = []
    for (index, array) in arrays.enumerated() {
      try naming(path) { () throws(Failure) in
        members.append(try EventWriter(folder.member(index), shape: array.shape, words: array.words))
      }
    }
    self.folder = folder
    self.members = members
  }

  /// Appends events to every array.
  ///
  /// - Parameter parts: one per array, in order.
  /// - Throws: `inputOutput`.
  public func append(_ parts: [EventArray]) throws(Failure) {
    guard parts.count == members.count else {
      throw Failure(.bug, file: file.path, "\(parts.count) parts of \(members.count) arrays")
    }
    for (member, part) in zip(members, parts) {
      try naming(file.path) { () throws(Failure) in try member.append(part) }
    }
  }

  /// Joins the arrays, and puts the archive in its place.
  ///
  /// - Throws: `inputOutput`.
  public func finish() throws(Failure) {
    for member in members { try naming(file.path) { () throws(Failure) in try member.finish() } }
    // libzip writes beside the name it is given: in the folder, which is removed with all that is in it.
    let archive = "\(folder.path)/archive"
    do throws(Failure) {
      try ZipArchive.write(
        names.enumerated().map { (name: $0.element, file: folder.member($0.offset)) }, to: archive)
    } catch {
      throw Failure(
        .inputOutput, file: file.path, "writing failed: \(error.diagnostics.first?.message ?? "")")
    }
    try file.replaceContents(with: archive)
    try file.commit()
  }
}

/// Writes whole arrays to an .npz archive; see `ArchiveWriter`.
public func writeArchive(_ arrays: [(name: String, array: EventArray)], to path: String) throws(Failure) {
  let writer = try ArchiveWriter(
    path, arrays: arrays.map { (name: $0.name, shape: $0.array.shape, words: $0.array.isWords) })
  try writer.append(arrays.map(\.array))
  try writer.finish()
}

/// Gives failures the archive's name: those of its members say nothing to the user.
private func naming(_ path: String, _ body: () throws(Failure) -> Void) throws(Failure) {
  do throws(Failure) {
    try body()
  } catch {
    throw Failure(error.kind, file: path, error.diagnostics.first?.message ?? "writing failed")
  }
}

/// A hidden folder beside a file, there as long as this lives.
private final class SiblingFolder {
  let path: String

  init(of file: AtomicFile) throws(Failure) {
    let (result, made) = createSibling(of: file.target) { mkdir($0, 0o777) }
    guard result == 0, let made else { throw cannotCreate(file.path, errno) }
    path = made
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
    Unfinished.forget(path)
  }

  /// The file of an array.
  func member(_ index: Int) -> String { "\(path)/\(index).npy" }
}

private func uniqueName(_ name: String, _ names: inout Set<String>) -> String {
  var safe = String(
    name.prefix(200).map { $0.isASCII && ($0.isLetter || $0.isNumber || "_-.:>".contains($0)) ? $0 : "_" })
  if safe.isEmpty || safe.hasPrefix(".") { safe = "_" + safe.dropFirst() }
  var result = safe
  var number = 2
  while !names.insert(result).inserted {
    result = "\(safe)_\(number)"
    number += 1
  }
  return result
}
