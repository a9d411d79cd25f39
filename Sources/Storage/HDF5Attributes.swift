import CHDF5
import CHDF5Support
import Diagnostics

extension HDF5File {
  /// The string in an attribute of a group or dataset (`/` is the file itself); nil if there is no such
  /// attribute.
  ///
  /// - Throws: `badInput` if there is no such object, or the attribute is not a single string or damaged.
  public func string(_ attribute: String, of object: String = "/") throws(Failure) -> String? {
    guard let strings = try strings(attribute, of: object) else { return nil }
    guard strings.count == 1 else {
      throw failure(object, "the attribute \(attribute) holds \(strings.count) strings; one is expected")
    }
    return strings[0]
  }

  /// The strings in an attribute of a group or dataset (`/` is the file itself), of fixed or variable
  /// length; nil if there is no such attribute.
  ///
  /// - Throws: `badInput` if there is no such object, or the attribute does not hold strings or is damaged.
  public func strings(_ attribute: String, of object: String = "/") throws(Failure) -> [String]? {
    try withHDF5 { () throws(Failure) in
      let owner = try self.object(object)
      guard H5Aexists(owner.id, attribute) > 0 else { return nil }
      guard let found = HDF5Handle(H5Aopen(owner.id, attribute, 0)),
        let type = HDF5Handle(H5Aget_type(found.id)), let space = HDF5Handle(H5Aget_space(found.id))
      else { throw failure(object, "the attribute \(attribute) is damaged") }
      if H5Tget_class(type.id) != H5T_STRING {
        // h5py writes an empty list as an array of no floats.
        guard H5Sget_simple_extent_npoints(space.id) == 0 else {
          throw failure(object, "the attribute \(attribute) does not hold strings")
        }
        return []
      }
      let count = Int(H5Sget_simple_extent_npoints(space.id))
      let size = H5Tis_variable_str(type.id) > 0 ? 0 : Int(clamping: H5Tget_size(type.id))
      guard (0...1_000_000).contains(count), size <= 1 << 28, count * size <= 1 << 28 else {
        throw failure(object, "the attribute \(attribute) claims \(count) strings of \(size) bytes")
      }
      guard count > 0 else { return [] }
      guard
        let result = size == 0
          ? variable(found.id, type.id, space.id, count) : fixed(found.id, type.id, count, size)
      else { throw failure(object, "the attribute \(attribute) is damaged") }
      return result
    }
  }

  /// Strings of variable length: an array of pointers which HDF5 allocates and frees.
  private func variable(_ attribute: hid_t, _ type: hid_t, _ space: hid_t, _ count: Int) -> [String]? {
    var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
    guard H5Aread(attribute, type, &pointers) >= 0 else { return nil }
    defer { hdf5_support_reclaim(type, space, &pointers) }
    return pointers.map { $0.map { String(cString: $0) } ?? "" }
  }

  /// Strings of `size` bytes each, padded with zeros (or ended by one).
  private func fixed(_ attribute: hid_t, _ type: hid_t, _ count: Int, _ size: Int) -> [String]? {
    var bytes = [UInt8](repeating: 0, count: count * size)
    guard H5Aread(attribute, type, &bytes) >= 0 else { return nil }
    return (0..<count).map { index in
      String(decoding: bytes[(index * size)..<((index + 1) * size)].prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
