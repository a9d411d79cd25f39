/// The type of the elements in an .npy file.
struct NpyElement: Equatable {
  enum Kind: UInt8 {
    case bool = 0x62
    case float = 0x66
    case signed = 0x69
    case unsigned = 0x75
  }

  let kind: Kind
  /// Bytes of an element: 1, 2, 4 or 8.
  let size: Int
  let isBigEndian: Bool

  /// Reads numpy's description, such as `<f4`; nil if it is not a number of a size known here.
  init?(_ description: String) {
    let bytes = Array(description.utf8)
    guard bytes.count == 3, let order = bytes.first, "<>|=".utf8.contains(order),
      let kind = Kind(rawValue: bytes[1])
    else { return nil }
    let size = Int(bytes[2]) - 48
    switch kind {
    case .bool: guard size == 1 else { return nil }
    case .float: guard [2, 4, 8].contains(size) else { return nil }
    case .signed, .unsigned: guard [1, 2, 4, 8].contains(size) else { return nil }
    }
    self.kind = kind
    self.size = size
    isBigEndian = order == UInt8(ascii: ">")
  }

  /// The type of numbers that are stored as this machine stores them; nil for all others.
  var native: LentEvents.Element? {
    guard kind == .float, isBigEndian == (1.bigEndian == 1) else { return nil }
    return size == 4 ? .float32 : size == 8 ? .float64 : nil
  }

  /// Decodes elements that lie one after the other; nil if a number does not fit 64 bits signed.
  func decode(_ bytes: ArraySlice<UInt8>) -> EventArray.Values? {
    switch (kind, size) {
    case (.bool, _): return .words(bytes.map { $0 == 0 ? 0 : 1 })
    case (.float, 2): return .reals(map(bytes, UInt16.self) { Double(Float16(bitPattern: $0)) })
    case (.float, 4): return .reals(map(bytes, UInt32.self) { Double(Float(bitPattern: $0)) })
    case (.float, _): return .reals(map(bytes, UInt64.self) { Double(bitPattern: $0) })
    case (.signed, 1): return .words(bytes.map { Int64(Int8(bitPattern: $0)) })
    case (.signed, 2): return .words(map(bytes, UInt16.self) { Int64(Int16(bitPattern: $0)) })
    case (.signed, 4): return .words(map(bytes, UInt32.self) { Int64(Int32(bitPattern: $0)) })
    case (.signed, _): return .words(map(bytes, UInt64.self) { Int64(bitPattern: $0) })
    case (.unsigned, 1): return .words(bytes.map(Int64.init))
    case (.unsigned, 2): return .words(map(bytes, UInt16.self) { Int64($0) })
    case (.unsigned, 4): return .words(map(bytes, UInt32.self) { Int64($0) })
    case (.unsigned, _):
      let words = map(bytes, UInt64.self) { Int64(bitPattern: $0) }
      return words.contains { $0 < 0 } ? nil : .words(words)
    }
  }

  /// Unsafe for speed, as this is where reading spends its time (ten times as long with a checked `map`). Every load and
  /// store is within its buffer because `count` is derived from the bytes.
  @inline(__always)
  private func map<Word: FixedWidthInteger & BitwiseCopyable, Result: BitwiseCopyable>(
    _ bytes: ArraySlice<UInt8>, _ type: Word.Type, _ transform: (Word) -> Result
  ) -> [Result] {
    let count = bytes.count / MemoryLayout<Word>.size
    return bytes.withUnsafeBytes { buffer in
      [Result](unsafeUninitializedCapacity: count) { results, initialized in
        for index in 0..<count {
          let word = buffer.loadUnaligned(fromByteOffset: index * MemoryLayout<Word>.size, as: Word.self)
          results.initializeElement(
            at: index, to: transform(isBigEndian ? Word(bigEndian: word) : Word(littleEndian: word)))
        }
        initialized = count
      }
    }
  }
}
