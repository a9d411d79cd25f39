import CZip
import Diagnostics
import Glibc

/// A zip archive opened for reading (.keras, .npz).
public struct ZipArchive: ~Copyable {
  /// The file, as the user named it.
  public let path: String
  private let handle: OpaquePointer

  /// Opens an archive.
  ///
  /// - Throws: `missingInput` if there is no such file, `badInput` if it is no zip archive.
  public init(path: String) throws(Failure) {
    var code: Int32 = 0
    guard let handle = zip_open(path, ZIP_RDONLY, &code) else {
      var error = zip_error_t()
      zip_error_init_with_code(&error, code)
      defer { zip_error_fini(&error) }
      let text = String(cString: zip_error_strerror(&error))
      switch code {
      // libzip says so of some damaged files, too.
      case ZIP_ER_NOENT where !fileExists(path):
        throw Failure(.missingInput, file: path, "there is no such file")
      case ZIP_ER_OPEN: throw Failure(.missingInput, file: path, "the file cannot be opened: \(text)")
      default:
        guard let start = try? readStart(path), ZipArchive.isZip(start) else {
          throw Failure(.badInput, file: path, "this is no zip archive")
        }
        throw Failure(
          .badInput, file: path,
          "the zip archive is damaged or cut off: the list of its entries, at its end, cannot be read",
          hint: "write, copy or download the file again")
      }
    }
    self.path = path
    self.handle = handle
  }

  deinit { zip_discard(handle) }

  /// Whether a file starts with the signature of a zip archive.
  public static func isZip(_ bytes: some Collection<UInt8>) -> Bool {
    bytes.starts(with: [0x50, 0x4b, 0x03, 0x04]) || bytes.starts(with: [0x50, 0x4b, 0x05, 0x06])
  }

  /// The names of the entries in the order of the archive. Untrusted: never paths to write to.
  public var entryNames: [String] {
    (0..<max(0, zip_get_num_entries(handle, 0))).compactMap { index in
      zip_get_name(handle, zip_uint64_t(index), 0).map { String(cString: $0) }
    }
  }

  /// Whether there is an entry of this name.
  public func contains(_ name: String) -> Bool { zip_name_locate(handle, name, 0) >= 0 }

  /// Reads an entry whole.
  ///
  /// - Parameters:
  ///   - name: the entry's exact name.
  ///   - limit: the most bytes accepted, whatever the archive's directory claims.
  ///   - signature: the bytes it has to start with: an entry that does not is not unpacked any further.
  /// - Throws: `badInput` if there is no such entry, it is larger than `limit`, of another kind, encrypted or damaged.
  public func read(
    _ name: String, limit: Int = 1 << 30, signature: [UInt8] = []
  ) throws(Failure) -> [UInt8] {
    let index = zip_name_locate(handle, name, 0)
    guard index >= 0 else {
      throw Failure(.badInput, file: path, place: name, "the archive has no such entry")
    }
    var status = zip_stat_t()
    zip_stat_init(&status)
    guard zip_stat_index(handle, zip_uint64_t(index), 0, &status) == 0 else { throw failure(name) }
    guard status.size <= UInt64(limit) else {
      throw Failure(
        .badInput, file: path, place: name,
        "the entry unpacks to \(status.size) bytes; at most \(limit) are accepted here")
    }
    // Deflate cannot do better than 1032 to 1: a larger claim is a lie, or another entry's data reused.
    guard status.size / 1100 <= status.comp_size else {
      throw Failure(.badInput, file: path, place: name, "the entry's size is damaged")
    }
    guard let entry = zip_fopen_index(handle, zip_uint64_t(index), 0) else { throw failure(name) }
    defer { zip_fclose(entry) }
    var start = [UInt8](repeating: 0, count: min(signature.count, Int(status.size)))
    guard start.isEmpty || zip_fread(entry, &start, zip_uint64_t(start.count)) == start.count,
      start == signature
    else {
      throw Failure(.badInput, file: path, place: name, "the entry is not what its name says, or damaged")
    }
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(status.size)) { buffer, count in
      for (index, byte) in start.enumerated() { buffer.initializeElement(at: index, to: byte) }
      count = start.count
      while count < buffer.count {
        let got = zip_fread(entry, buffer.baseAddress.map { $0 + count }, zip_uint64_t(buffer.count - count))
        if got <= 0 { break }
        count += Int(got)
      }
    }
    // Reading on to the end makes libzip check the sum.
    var rest: UInt8 = 0
    guard bytes.count == Int(status.size), zip_fread(entry, &rest, 1) == 0 else {
      let error = zip_file_get_error(entry).map { String(cString: zip_error_strerror($0)) }
      throw Failure(.badInput, file: path, place: name, "the entry is damaged: \(error ?? "wrong size")")
    }
    return bytes
  }

  private func failure(_ name: String) -> Failure {
    let text = zip_get_error(handle).map { String(cString: zip_error_strerror($0)) } ?? "unknown error"
    return Failure(.badInput, file: path, place: name, "the entry cannot be read: \(text)")
  }

  /// Writes a new archive, replacing what is at the path: entries stored without compression, times or permissions of
  /// their own, so that equal contents give equal bytes (numpy reads it as .npz).
  ///
  /// - Parameters:
  ///   - entries: name and contents of each: the whole of a file, which is read a little at a time.
  ///   - path: the archive. While it is written there is another file beside it, of libzip's.
  /// - Throws: `cannotCreate` if the archive cannot be written.
  public static func write(_ entries: [(name: String, file: String)], to path: String) throws(Failure) {
    var code: Int32 = 0
    guard let archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code) else {
      throw Failure(.cannotCreate, file: path, "the archive cannot be created")
    }
    func failed() -> Failure {
      let text = zip_get_error(archive).map { String(cString: zip_error_strerror($0)) } ?? "unknown error"
      return Failure(.cannotCreate, file: path, "the archive cannot be written: \(text)")
    }
    for (name, file) in entries {
      // Opened and read by zip_close; -1: to its end.
      guard let source = zip_source_file(archive, file, 0, -1) else {
        let failure = failed()
        zip_discard(archive)
        throw failure
      }
      let index = zip_file_add(archive, name, source, ZIP_FL_ENC_UTF_8 | ZIP_FL_OVERWRITE)
      guard index >= 0 else {
        let failure = failed()
        zip_source_free(source)
        zip_discard(archive)
        throw failure
      }
      zip_set_file_compression(archive, zip_uint64_t(index), ZIP_CM_STORE, 0)
      // 1980-01-01, the zero of zip's clock; a plain file that its owner may write and all may read. (The modes of the
      // file would differ from user to user.)
      zip_file_set_dostime(archive, zip_uint64_t(index), 0, 0x21, 0)
      zip_file_set_external_attributes(
        archive, zip_uint64_t(index), 0, zip_uint8_t(ZIP_OPSYS_UNIX), 0o100644 << 16)
    }
    guard zip_close(archive) == 0 else {
      let failure = failed()
      zip_discard(archive)
      throw failure
    }
  }
}
