/// A sum over the numbers of events that tells whether two runs saw the same ones: 64 bits, against accidents, not against
/// somebody who means to hide a change.
///
/// The number at position p (row major, over all events) adds mix(bits + p · 0x9e3779b97f4a7c15) modulo 2^64, where bits are those
/// of the number as float64 (-0 as 0), or of the integer, and mix is SplitMix64's finalizer. So it is the same for float32
/// and float64, .npy and CSV; and the digests of parts add up to the digest of the whole, in any order.
public struct EventDigest: Hashable, Sendable {
  /// The sum.
  public private(set) var value: UInt64

  /// The digest of no numbers.
  public init() { value = 0 }

  /// Reads `text` back; nil where it is not 16 hexadecimal digits.
  public init?(_ text: String) {
    guard text.utf8.count == 16, let value = UInt64(text, radix: 16) else { return nil }
    self.value = value
  }

  /// 16 hexadecimal digits.
  public var text: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Adds the digest of other positions.
  public mutating func add(_ other: EventDigest) { value &+= other.value }

  /// Adds integers that begin at a position.
  public mutating func add(_ words: [Int64], from position: Int) {
    words.withUnsafeBytes { add(words: $0, from: position) }
  }

  /// Adds integers of 64 bits lent as they lie in memory.
  public mutating func add(words bytes: UnsafeRawBufferPointer, from position: Int) {
    add(from: position, count: bytes.count / 8) {
      bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self)
    }
  }

  /// Adds float32 numbers lent as they lie in memory.
  public mutating func add(floats bytes: UnsafeRawBufferPointer, from position: Int) {
    add(from: position, count: bytes.count / 4) {
      (Double(bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self)) + 0).bitPattern
    }
  }

  /// Adds float64 numbers lent as they lie in memory.
  public mutating func add(doubles bytes: UnsafeRawBufferPointer, from position: Int) {
    add(from: position, count: bytes.count / 8) {
      (bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) + 0).bitPattern
    }
  }

  @inline(__always)
  private mutating func add(from position: Int, count: Int, _ bits: (Int) -> UInt64) {
    let step: UInt64 = 0x9e37_79b9_7f4a_7c15
    var place = UInt64(position) &* step
    var sum = value
    for index in 0..<count {
      var word = bits(index) &+ place
      place &+= step
      word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
      word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
      sum &+= word ^ word >> 31
    }
    value = sum
  }
}
