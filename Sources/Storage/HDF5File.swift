import CHDF5
import CHDF5Support
import Diagnostics
import Glibc

/// An HDF5 file opened for reading.
///
/// Object paths are written with slashes (`dense/kernel:0`). The file is untrusted: it cannot make other
/// files be read, and claims about sizes are checked before memory is taken. Damage that the HDF5 library
/// itself does not survive is found out in a child process first
/// (Sources/CHDF5Support/probe.c).
public struct HDF5File: ~Copyable, Sendable {
  /// The file, as the user named it: what messages say.
  public let path: String
  private let handle: HDF5Handle

  /// Opens a file.
  ///
  /// - Throws: `missingInput` if there is no such file, `badInput` if it is not HDF5 or damaged.
  public init(path: String) throws(Failure) {
    close(try openedToRead(path))
    handle = try HDF5File.opened(
      path, isHDF5: { (try? readStart(path)).map { HDF5File.isHDF5($0) } ?? false },
      probe: { hdf5_support_probe(path, nil, 0) }
    ) {
      hdf5_support_open(path)
    }
    self.path = path
  }

  /// Opens a file that is in memory.
  ///
  /// - Parameters:
  ///   - image: the bytes of the file.
  ///   - name: what messages call it.
  /// - Throws: `badInput` if it is not HDF5 or damaged.
  public init(image: [UInt8], name: String) throws(Failure) {
    guard HDF5File.isHDF5(image) else {
      throw Failure(.badInput, file: name, "this is no HDF5 file")
    }
    func withBytes<Result>(_ body: (UnsafeRawPointer?, Int) -> Result) -> Result {
      image.withUnsafeBytes { body($0.baseAddress, $0.count) }
    }
    handle = try HDF5File.opened(name, probe: { withBytes { hdf5_support_probe(nil, $0, $1) } }) {
      withBytes { hdf5_support_open_image($0, $1) }
    }
    path = name
  }

  /// Makes a crash of the HDF5 library, which damaged files can cause, end the process as bad input.
  public static func exitOnCrash() { hdf5_support_exit_on_crash(Failure.Kind.badInput.rawValue) }

  private static func opened(
    _ path: String, isHDF5: () -> Bool = { true }, probe: () -> Int32, _ open: () -> hid_t
  ) throws(Failure) -> HDF5Handle {
    var outcome = UInt32(0)
    let id = withHDF5 { () -> hid_t in
      hdf5_support_name_file(path)
      outcome = UInt32(bitPattern: probe())
      return outcome == hdf5_support_sound.rawValue ? open() : -1
    }
    guard outcome != hdf5_support_takes_too_much_memory.rawValue else {
      throw Failure(
        .badInput, file: path,
        "a damaged HDF5 file: reading it would take more than \(memoryLimit >> 20) MiB of memory")
    }
    guard let handle = HDF5Handle(id) else {
      guard isHDF5() else { throw Failure(.badInput, file: path, "this is no HDF5 file") }
      throw Failure(
        .badInput, file: path, "this HDF5 file is damaged or cut off",
        hint: "write, copy or download it again")
    }
    return handle
  }

  /// What reading the strings and weights of a file may take, and what one chunk of a dataset may unpack to, in bytes.
  static let memoryLimit = Int(HDF5_SUPPORT_BYTES)

  /// What every file starts with that has no block of the user's own before it.
  public static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

  /// Whether bytes start with HDF5's signature.
  public static func isHDF5(_ bytes: some Collection<UInt8>) -> Bool { bytes.starts(with: signature) }

  // MARK: Objects

  /// Whether there is a group or dataset at an object path.
  public func exists(_ object: String) -> Bool {
    withHDF5 {
      var prefix = ""
      for part in object.split(separator: "/") where part != "." {
        prefix += prefix.isEmpty ? "\(part)" : "/\(part)"
        // H5Lexists fails, rather than says no, when an earlier part is missing.
        guard hdf5_support_exists(handle.id, prefix) > 0 else { return false }
      }
      return true
    }
  }

  /// Whether there is a group at an object path.
  public func isGroup(_ object: String) -> Bool {
    withHDF5 { isKind(object) { hdf5_support_is_group($0) != 0 } }
  }

  /// Whether there is a dataset at an object path.
  public func isDataset(_ object: String) -> Bool {
    withHDF5 { isKind(object) { hdf5_support_is_dataset($0) != 0 } }
  }

  private func isKind(_ object: String, _ test: (hid_t) -> Bool) -> Bool {
    guard exists(object) else { return false }
    guard let found = HDF5Handle(hdf5_support_open_object(handle.id, root(object))) else { return false }
    return test(found.id)
  }

  /// The names of a group's members, alphabetically.
  ///
  /// - Throws: `badInput` if there is no such group, or it is damaged.
  public func children(of group: String = "/") throws(Failure) -> [String] {
    try withHDF5 { () throws(Failure) in
      let found = try object(group)
      var information = H5G_info_t()
      guard hdf5_support_is_group(found.id) != 0, H5Gget_info(found.id, &information) >= 0 else {
        throw failure(group, "this is not a group")
      }
      guard information.nlinks <= 1_000_000 else {
        throw failure(group, "the group claims \(information.nlinks) members")
      }
      var names: [String] = []
      for index in 0..<Int(information.nlinks) {
        let length = hdf5_support_child_name(found.id, index, nil, 0)
        guard (0...65536).contains(length) else { throw failure(group, "the group is damaged") }
        let bytes = [CChar](unsafeUninitializedCapacity: length + 1) { buffer, count in
          count = max(0, hdf5_support_child_name(found.id, index, buffer.baseAddress, length + 1))
        }
        names.append(String(decoding: bytes.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self))
      }
      return names
    }
  }

  // MARK: Datasets

  /// The shape and element type of a dataset, without reading it.
  ///
  /// - Throws: `badInput` if there is no such dataset, or it is damaged.
  public func info(_ dataset: String) throws(Failure) -> HDF5DatasetInfo {
    try withHDF5 { () throws(Failure) in
      let found = try openDataset(dataset)
      return try info(of: found.id, dataset)
    }
  }

  /// Reads a dataset of numbers, row major.
  ///
  /// - Parameters:
  ///   - dataset: its object path.
  ///   - type: the type of the result; the file's float16, 32, 64, integers and booleans are converted
  ///     (to Int64, fractions are cut off and large numbers clamped).
  ///   - rows: the part of the first axis to read; all of it when nil.
  ///   - limit: the most elements accepted.
  /// - Throws: `badInput` if there is no such dataset, it does not hold numbers, claims more elements than
  ///   `limit` or than the file has data for, keeps its data in another file, or is damaged.
  public func read<Element: HDF5Number>(
    _ dataset: String, as type: Element.Type = Double.self, rows: Range<Int>? = nil, limit: Int = 1 << 28
  ) throws(Failure) -> (shape: [Int], values: [Element]) {
    try withHDF5 { () throws(Failure) in
      let found = try openDataset(dataset)
      let info = try info(of: found.id, dataset)
      guard info.element != .other else { throw failure(dataset, "the dataset does not hold numbers") }
      guard hdf5_support_is_self_contained(found.id) != 0 else {
        throw failure(dataset, "the dataset keeps its data in another file")
      }
      let claimed = try checkedCount(info.shape, dataset)
      var shape = info.shape
      if let rows {
        guard let length = shape.first, rows.lowerBound >= 0, rows.upperBound <= length else {
          throw failure(
            dataset, "the dataset of shape \(shape) has no rows \(rows.lowerBound)..<\(rows.upperBound)")
        }
        shape[0] = rows.count
      }
      let count = shape.reduce(1, *)
      guard count <= limit else {
        throw failure(
          dataset, "the dataset of shape \(info.shape) is too large: at most \(limit) elements are accepted")
      }
      try checkStorage(found.id, claimed, info, dataset)
      let values = try read(found.id, shape, firstRow: rows?.lowerBound, count: count, Element.self, dataset)
      return (shape, values)
    }
  }

  /// Where in the file the numbers of a dataset begin, if they lie there as this machine stores floats or doubles, row
  /// major, one after the other; nil for all other datasets.
  ///
  /// - Throws: `badInput` if there is no such dataset, or it is damaged: its place is not within the file.
  public func nativeOffset(_ dataset: String) throws(Failure) -> Int? {
    try withHDF5 { () throws(Failure) in
      let found = try openDataset(dataset)
      let offset = hdf5_support_offset(found.id)
      guard offset >= 0, hdf5_support_is_native(found.id) != 0 else { return nil }
      let info = try info(of: found.id, dataset)
      try checkStorage(found.id, try checkedCount(info.shape, dataset), info, dataset)
      return Int(offset)
    }
  }

  private func read<Element: HDF5Number>(
    _ id: hid_t, _ shape: [Int], firstRow: Int?, count: Int, _ type: Element.Type, _ name: String
  ) throws(Failure) -> [Element] {
    guard count > 0 else { return [] }
    var lengths = shape.map { hsize_t($0) }
    guard let file = HDF5Handle(H5Dget_space(id)),
      let memory = HDF5Handle(H5Screate_simple(Int32(shape.count), &lengths, nil))
    else { throw failure(name, "the dataset is damaged") }
    if let firstRow {
      var start = [hsize_t](repeating: 0, count: shape.count)
      start[0] = hsize_t(firstRow)
      guard H5Sselect_hyperslab(file.id, H5S_SELECT_SET, &start, nil, &lengths, nil) >= 0 else {
        throw failure(name, "the dataset is damaged")
      }
    }
    var status: herr_t = 0
    let values = [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      status = hdf5_support_read(id, Element.hdf5Type, memory.id, file.id, buffer.baseAddress)
      initialized = status >= 0 ? count : 0
    }
    guard status >= 0 else { throw failure(name, "the dataset's data cannot be read: the file is damaged") }
    return values
  }

  /// Refuses a dataset that claims many more elements than the file has bytes for. Chunks may be missing
  /// or compressed, so only a gross mismatch is refused then (deflate reaches 1032 to 1 at most). What lies in one piece
  /// has to be within the file: where it is not, HDF5 1.10 does not notice and gives what it finds in its memory.
  private func checkStorage(
    _ id: hid_t, _ count: Int, _ info: HDF5DatasetInfo, _ name: String
  ) throws(Failure) {
    guard let type = HDF5Handle(H5Dget_type(id)) else { throw failure(name, "the dataset is damaged") }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: Int(clamping: H5Tget_size(type.id)))
    let stored = Int(clamping: H5Dget_storage_size(id))
    guard bytes == 0 || stored > 0 else { throw failure(name, "the dataset was never written") }
    guard !overflow, bytes / 1100 <= stored else {
      throw failure(
        name,
        "the dataset claims \(count) elements (shape \(info.shape)), but the file holds \(stored) bytes of it"
      )
    }
    let chunk = hdf5_support_chunk(id)
    guard chunk <= HDF5File.memoryLimit else {
      throw failure(
        name, "the dataset is in chunks of \(chunk) bytes; at most \(HDF5File.memoryLimit) are accepted")
    }
    let offset = Int(hdf5_support_offset(id))
    guard offset >= 0 else { return }
    var size: hsize_t = 0
    guard H5Fget_filesize(handle.id, &size) >= 0, bytes == stored, offset <= Int(clamping: size),
      bytes <= Int(clamping: size) - offset
    else { throw failure(name, "the dataset's data are not all within the file: it is damaged") }
  }

  private func checkedCount(_ shape: [Int], _ name: String) throws(Failure) -> Int {
    var count = 1
    for length in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      guard !overflow else { throw failure(name, "the dataset's shape \(shape) is too large") }
      count = product
    }
    return count
  }

  private func openDataset(_ name: String) throws(Failure) -> HDF5Handle {
    let found = try object(name)
    guard hdf5_support_is_dataset(found.id) != 0 else { throw failure(name, "this is not a dataset") }
    return found
  }

  private func info(of id: hid_t, _ name: String) throws(Failure) -> HDF5DatasetInfo {
    guard let space = HDF5Handle(H5Dget_space(id)), let type = HDF5Handle(H5Dget_type(id)) else {
      throw failure(name, "the dataset is damaged")
    }
    let rank = H5Sget_simple_extent_ndims(space.id)
    var lengths = [hsize_t](repeating: 0, count: 32)
    guard (0...32).contains(rank), H5Sget_simple_extent_dims(space.id, &lengths, nil) >= 0 else {
      throw failure(name, "the dataset is damaged")
    }
    let bits = Int(clamping: H5Tget_size(type.id)).multipliedReportingOverflow(by: 8).partialValue
    let element: HDF5DatasetInfo.Element =
      switch H5Tget_class(type.id) {
      case H5T_FLOAT: .float(bits: bits)
      case H5T_INTEGER: .integer(bits: bits, isSigned: H5Tget_sign(type.id) == H5T_SGN_2)
      case H5T_ENUM: .boolean
      default: .other
      }
    return HDF5DatasetInfo(shape: lengths.prefix(Int(rank)).map { Int(clamping: $0) }, element: element)
  }

  // MARK: Shared with the attributes

  /// Opens a group or dataset. To be called with the lock held.
  func object(_ name: String) throws(Failure) -> HDF5Handle {
    guard exists(name) else { throw failure(name, "there is no such group or dataset") }
    guard let found = HDF5Handle(hdf5_support_open_object(handle.id, root(name))) else {
      throw failure(name, "this part of the file is damaged")
    }
    return found
  }

  func failure(_ place: String, _ message: String) -> Failure {
    Failure(.badInput, file: path, place: place, message)
  }

  private func root(_ name: String) -> String { name.isEmpty ? "/" : name }
}
