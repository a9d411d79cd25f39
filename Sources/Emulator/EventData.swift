import CKernels
import FixedPoint

/// The numbers of one tensor for many events: row major, the batch axis first.
public enum EventData: Sendable {
  /// Values, as float32.
  case float32([Float])
  /// Values, as float64.
  case float64([Double])
  /// Raw words: value · 2^fractionBits. For inputs, words of the input's format.
  case raw([Int64])
  /// Raw words of any width.
  case wide([Raw])
  /// Numbers that someone else keeps until the call is over.
  case borrowed(BorrowedEvents)

  /// How many numbers there are.
  public var count: Int {
    switch self {
    case .float32(let values): values.count
    case .float64(let values): values.count
    case .raw(let words): words.count
    case .wide(let words): words.count
    case .borrowed(let numbers): numbers.count
    }
  }

  /// Lends the numbers without copying them.
  public func withBorrowed<Result>(_ body: (BorrowedEvents) throws -> Result) rethrows -> Result {
    switch self {
    case .float32(let values): try values.withUnsafeBytes { try body(BorrowedEvents($0, .float32)) }
    case .float64(let values): try values.withUnsafeBytes { try body(BorrowedEvents($0, .float64)) }
    case .raw(let words): try words.withUnsafeBytes { try body(BorrowedEvents($0, .raw)) }
    case .wide(let words): try words.withUnsafeBytes { try body(BorrowedEvents($0, .wide)) }
    case .borrowed(let numbers): try body(numbers)
    }
  }
}

/// Numbers of one tensor that someone else owns, for as long as a call lasts: an array, a mapped file.
public struct BorrowedEvents: @unchecked Sendable {
  /// The type of the numbers.
  public enum Element: Int, Sendable {
    /// float32 values.
    case float32 = 4
    /// float64 values.
    case float64 = 8
    /// int64 raw words.
    case raw = -8
    /// int128 raw words.
    case wide = 16

    /// Bytes of one number.
    public var bytes: Int { abs(rawValue) }
  }

  /// The memory; unaligned is fine.
  public let bytes: UnsafeRawBufferPointer
  /// The type of the numbers.
  public let element: Element

  /// Lends memory holding numbers of a type, row major, the batch axis first.
  public init(_ bytes: UnsafeRawBufferPointer, _ element: Element) {
    self.bytes = bytes
    self.element = element
  }

  /// How many numbers there are.
  public var count: Int { bytes.count / element.bytes }

  /// Whether there is neither NaN nor infinity among them.
  public var isFinite: Bool {
    func all<Number: BinaryFloatingPoint & BitwiseCopyable>(_ type: Number.Type) -> Bool {
      // A sum with a NaN or an infinity in it stays one when it is multiplied by zero.
      var sum: Number = 0
      for index in 0..<count {
        sum += bytes.loadUnaligned(fromByteOffset: index * element.bytes, as: type) * 0
      }
      return sum == 0
    }
    switch element {
    case .float32: return all(Float.self)
    case .float64: return all(Double.self)
    case .raw, .wide: return true
    }
  }

  /// Whether there is no infinity among them, but perhaps NaN.
  public var isFiniteOrMissing: Bool {
    func none<Number: BinaryFloatingPoint & BitwiseCopyable>(_ type: Number.Type) -> Bool {
      (0..<count).allSatisfy {
        !bytes.loadUnaligned(fromByteOffset: $0 * element.bytes, as: type).isInfinite
      }
    }
    switch element {
    case .float32: return none(Float.self)
    case .float64: return none(Double.self)
    case .raw, .wide: return true
    }
  }

  /// A run of numbers.
  func slice(_ range: Range<Int>) -> BorrowedEvents {
    BorrowedEvents(
      UnsafeRawBufferPointer(
        rebasing: bytes[range.lowerBound * element.bytes..<range.upperBound * element.bytes]), element)
  }
}

/// Room for the numbers of one result, lent for a call: row major, the batch axis first.
public struct ResultBuffer: @unchecked Sendable {
  let base: UnsafeMutableRawPointer
  let element: BorrowedEvents.Element
  /// How many numbers there is room for.
  let count: Int

  /// Lends memory for numbers of a type; nil where there is none.
  public init?(_ bytes: UnsafeMutableRawBufferPointer, _ element: BorrowedEvents.Element) {
    guard let base = bytes.baseAddress else { return nil }
    self.base = base
    self.element = element
    count = bytes.count / element.bytes
  }
}
