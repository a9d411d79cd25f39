import Diagnostics

/// An .npy array, read in parts from a file or from memory.
struct NpyArray: Sendable {
  let shape: [Int]
  private let source: ByteSource
  private let element: NpyElement
  private let isFortranOrder: Bool
  private let dataOffset: Int
  private let file: String
  private let place: String?

  init(_ source: ByteSource, file: String, place: String? = nil) throws(Failure) {
    let header = try NpyHeader(source, file: file, place: place)
    guard !header.shape.isEmpty else {
      throw Failure(
        .badInput, file: file, place: place, "the array is a single number, without an axis for events")
    }
    shape = header.shape
    element = header.element
    // With one axis, or one event, both orders are the same.
    isFortranOrder = header.isFortranOrder && header.shape.count > 1
    dataOffset = header.dataOffset
    self.source = source
    self.file = file
    self.place = place
  }

  /// Reads some events.
  func read(_ events: Range<Int>) throws(Failure) -> EventArray {
    let lengths = Array(shape.dropFirst())
    let width = lengths.reduce(1, *)
    let part = [events.count] + lengths
    guard isFortranOrder else {
      return EventArray(
        shape: part, values: try decode(from: events.lowerBound * width, count: events.count * width))
    }
    // The events of one position lie together; the positions follow each other, first index fastest.
    var columns: [EventArray.Values] = []
    for position in 0..<width {
      columns.append(try decode(from: position * shape[0] + events.lowerBound, count: events.count))
    }
    let order = (0..<width).map { Self.fortranPosition($0, lengths) }
    if case .reals? = columns.first {
      return EventArray(shape: part, reals: transpose(columns.map { $0.reals }, order, events.count))
    }
    return EventArray(shape: part, words: transpose(columns.map { $0.words }, order, events.count))
  }

  /// The events as they lie in the file; nil where they have to be decoded.
  var lendable: LendableEvents? {
    guard !isFortranOrder, let native = element.native else { return nil }
    let width = shape.dropFirst().reduce(element.size, *)
    return LendableEvents(source, start: dataOffset, width: width, events: shape[0], native)
  }

  private func transpose<Element>(_ columns: [[Element]], _ order: [Int], _ events: Int) -> [Element] {
    var result: [Element] = []
    result.reserveCapacity(events * order.count)
    for event in 0..<events {
      for position in order { result.append(columns[position][event]) }
    }
    return result
  }

  /// Where the element at a row-major position lies in Fortran order.
  private static func fortranPosition(_ position: Int, _ lengths: [Int]) -> Int {
    var rest = position
    var result = 0
    for length in lengths.reversed() {
      result = result * length + rest % length
      rest /= length
    }
    return result
  }

  private func decode(from first: Int, count: Int) throws(Failure) -> EventArray.Values {
    let start = dataOffset + first * element.size
    let bytes = try source.read(start..<(start + count * element.size))
    guard bytes.count == count * element.size else {
      throw Failure(.inputOutput, file: file, place: place, "the file became shorter while it was read")
    }
    guard let values = element.decode(bytes) else {
      throw Failure(.badInput, file: file, place: place, "the array holds integers above 2^63")
    }
    return values
  }
}

extension EventArray.Values {
  fileprivate var reals: [Double] {
    if case .reals(let reals) = self { reals } else { [] }
  }

  fileprivate var words: [Int64] {
    if case .words(let words) = self { words } else { [] }
  }
}
