import CHDF5
import CHDF5Support
import Diagnostics

/// Runs `body` holding HDF5's process-wide lock: serial builds are not thread safe. The lock is
/// recursive, so that handles may be closed inside.
func withHDF5<Result: ~Copyable, Problem: Error>(
  _ body: () throws(Problem) -> Result
) throws(Problem) -> Result {
  hdf5_support_lock()
  defer { hdf5_support_unlock() }
  return try body()
}

/// An HDF5 identifier of any kind, closed when it goes out of use.
struct HDF5Handle: ~Copyable {
  let id: hid_t

  /// Takes over an identifier; nil if it is the negative number with which HDF5 reports failure.
  init?(_ id: hid_t) {
    guard id >= 0 else { return nil }
    self.id = id
  }

  deinit {
    withHDF5 { _ = H5Idec_ref(id) }
  }
}

/// A number type that datasets can be read as. HDF5 converts from whatever the file holds.
public protocol HDF5Number: BitwiseCopyable, Sendable {
  /// HDF5's identifier of this type in memory.
  static var hdf5Type: Int64 { get }
}

extension Double: HDF5Number {
  /// H5T_NATIVE_DOUBLE.
  public static var hdf5Type: Int64 { withHDF5 { hdf5_support_double() } }
}

extension Float: HDF5Number {
  /// H5T_NATIVE_FLOAT.
  public static var hdf5Type: Int64 { withHDF5 { hdf5_support_float() } }
}

extension Int64: HDF5Number {
  /// H5T_NATIVE_INT64.
  public static var hdf5Type: Int64 { withHDF5 { hdf5_support_int64() } }
}

/// What a dataset holds.
public struct HDF5DatasetInfo: Hashable, Sendable {
  /// The type of the elements in the file.
  public enum Element: Hashable, Sendable {
    /// A floating-point number of so many bits (16, 32, 64, …).
    case float(bits: Int)
    case integer(bits: Int, isSigned: Bool)
    /// An enumeration, h5py's form of a boolean.
    case boolean
    /// Anything else: strings, records, …
    case other
  }
  /// The length of each axis; empty for a scalar.
  public var shape: [Int]
  /// The type of the elements in the file.
  public var element: Element
}
