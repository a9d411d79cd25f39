/// The 64-bit FNV-1a sum of bytes: tells whether a file was changed, by somebody who does not mean to hide it.
///
/// Source: http://www.isthe.com/chongo/tech/comp/fnv/.
public struct Checksum: Hashable, Sendable {
  /// The sum.
  public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  /// Sums bytes: an array, as a generic sequence costs a call for each byte across modules.
  public init(_ bytes: [UInt8]) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
  }
}
