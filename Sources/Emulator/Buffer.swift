import CKernels
import FixedPoint
import Program

/// Where one word of a tensor is: an element of a buffer, or a constant.
///
/// Wiring (reshapes, windows, concatenations, broadcasts) never moves a word: it is a list of these.
struct Reference: Hashable, Sendable {
  /// The buffer, or −1 for constant number `element`.
  var buffer: Int32
  var element: Int32

  static func constant(_ index: Int) -> Reference { Reference(buffer: -1, element: Int32(index)) }
  var isConstant: Bool { buffer < 0 }
}

/// word = (stored << shift) + offset.
struct Scale: Hashable, Sendable {
  var shift: UInt8 = 0
  var offset: Int32 = 0
}

/// A tensor that is stored: a run of rows in the arena, each word in the narrowest storage that holds it.
struct Buffer: Sendable {
  /// The number of elements.
  var count: Int
  /// The storage, and how its integers give words. `lane` is 0 until the arena is laid out.
  var row: tf_row
  /// How each element's integers give its words, where they differ: offsets and shifts. Dot products alone read those by lanes.
  var scales: [Scale] = []
  /// The first and last step that touch it.
  var lifetime: ClosedRange<Int>
  /// Where it starts in the arena, in lanes.
  var lane = 0
  /// Of words of 32 bits in rows: so many of them, the first ones of their pairs, are followed by as many second ones.
  var run: Int?
  /// The buffer whose room it is part of: that of all steps of a loop. Its lanes are then counted from there until the
  /// arena is laid out.
  var parent: Int?
  /// The buffer whose place it has: no word of that is read once there is one of its own.
  var twin: Int?

  /// - Parameter interval: what its words can be.
  init(count: Int, interval: Interval, bytes: Bool, step: Int) {
    self.init(count: count, row: Self.storage(interval, bytes: bytes), step: step)
  }

  init(count: Int, row: tf_row, step: Int) {
    self.count = count
    self.row = row
    lifetime = step...step
  }

  /// The narrowest storage. A byte holds 0...255 and a half −32768...32767 after an offset is taken off.
  static func storage(_ interval: Interval, bytes: Bool) -> tf_row {
    func row(_ storage: Int, offset: Raw = 0) -> tf_row {
      tf_row(lane: 0, offset: Int32(offset), storage: UInt8(storage), position: 0, shift: 0)
    }
    let (low, high) = (interval.low, interval.high)
    let size = WordSize(interval)
    if size == .bits32 && bytes {
      if low >= 0 && high <= 255 { return row(TF_U8) }
      if low >= -128 && high <= 127 { return row(TF_U8, offset: -128) }
      // An even offset leaves rounding to even as it is.
      if high - (low & ~1) <= 255 && abs(low) < 1 << 16 { return row(TF_U8, offset: low & ~1) }
    }
    if low >= -32768 && high <= 32767 { return row(TF_S16) }
    if size == .bits32 && high - (low & ~1) <= 65535 && abs(low) < 1 << 24 {
      return row(TF_S16, offset: (low & ~1) + 32768)
    }
    switch size {
    case .bits32: return row(TF_S32)
    case .bits64: return row(TF_S64)
    case .bits128: return row(TF_S128)
    }
  }

  /// Elements in one 32-bit lane.
  var packing: Int {
    switch Int(row.storage) {
    case TF_U8: TileLayout.lane
    case TF_S16: 2
    default: 1
    }
  }

  /// Its room in the arena, in lanes.
  var lanes: Int {
    switch Int(row.storage) {
    case TF_S64: count * 2
    case TF_S128: count * 4
    // Dot products store four results at a time.
    default: (count + 3) / 4 * 4 / packing
    }
  }

  /// What an element's word has in addition as it is stored, in the steps it is stored in.
  func offset(_ element: Int) -> Raw {
    scales.isEmpty
      ? Raw(row.offset >> Int32(row.shift)) : Raw(scales[element].offset >> Int32(scales[element].shift))
  }

  /// The row of an element, once the buffer has its place.
  func row(_ element: Int) -> tf_row {
    var result = row
    if !scales.isEmpty { (result.offset, result.shift) = (scales[element].offset, scales[element].shift) }
    result.position = UInt8(element % packing)
    let lanesPerRow = Int(row.storage) == TF_S64 ? 2 : Int(row.storage) == TF_S128 ? 4 : 1
    result.lane = UInt32(lane + element / packing * lanesPerRow)
    return result
  }
}

extension tf_row {
  /// Bytes as they are.
  static var bytes: tf_row { tf_row(lane: 0, offset: 0, storage: UInt8(TF_U8), position: 0, shift: 0) }

  /// Words of 32 bits as they are.
  static var words: tf_row { tf_row(lane: 0, offset: 0, storage: UInt8(TF_S32), position: 0, shift: 0) }
}

/// Gives every buffer its place in the arena: buffers that live at different times share room.
///
/// - Returns: the arena's size in lanes.
func layOut(_ buffers: inout [Buffer]) -> Int {
  var size = 0
  var placed: [Int] = []
  let own = buffers.indices.filter { buffers[$0].parent == nil && buffers[$0].twin == nil }
  for index in own.sorted(by: {
    buffers[$0].lifetime.lowerBound < buffers[$1].lifetime.lowerBound
  }) {
    placed.removeAll { buffers[$0].lifetime.upperBound < buffers[index].lifetime.lowerBound }
    // First fit among the buffers alive now, which are kept in order of their place.
    var start = 0
    var position = 0
    for (offset, other) in placed.enumerated() {
      if start + buffers[index].lanes <= buffers[other].lane { break }
      start = max(start, buffers[other].lane + buffers[other].lanes)
      position = offset + 1
    }
    buffers[index].lane = start
    placed.insert(index, at: position)
    size = max(size, start + buffers[index].lanes)
  }
  for index in buffers.indices {
    if let twin = buffers[index].twin { buffers[index].lane = buffers[twin].lane }
    if let parent = buffers[index].parent { buffers[index].lane += buffers[parent].lane }
  }
  return size
}
