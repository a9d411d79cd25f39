import Diagnostics

/// Counts what a protocol buffer will make of messages and strings before it is decoded: an empty message of two bytes takes
/// a hundred times as much memory as it has bytes.
///
/// Walks the wire format only as deep as onnx.proto nests; what is not well formed is left to the decoder.
struct ONNXBudget {
  /// The most messages and strings of one model. Networks of the largest kind have some ten thousand.
  static let limit = 1 << 19
  /// The deepest nesting of graphs inside attributes and of anything else.
  static let depthLimit = 48

  private(set) var count = 0
  private(set) var depth = 0

  /// The messages of onnx.proto that hold others, by field.
  private enum Message {
    case model, graph, node, attribute, tensor, sparseTensor, valueInfo, type, tensorType, shape, function
    case training, other

    /// What a length-delimited field holds; nil for bytes, strings and packed numbers.
    func inside(_ field: UInt64) -> Message? {
      switch (self, field) {
      case (.model, 7): .graph
      case (.model, 20): .training
      case (.model, 25): .function
      case (.model, 8), (.model, 14), (.tensor, 13), (.tensor, 16), (.node, 9), (.graph, 14), (.graph, 16):
        .other
      case (.training, 1), (.training, 2): .graph
      case (.graph, 1), (.function, 7): .node
      case (.function, 11): .attribute
      case (.graph, 5): .tensor
      case (.graph, 15): .sparseTensor
      case (.graph, 11), (.graph, 12), (.graph, 13), (.function, 12): .valueInfo
      case (.node, 5): .attribute
      case (.attribute, 5), (.attribute, 10): .tensor
      case (.attribute, 6), (.attribute, 11): .graph
      case (.attribute, 14), (.attribute, 15): .type
      case (.attribute, 22), (.attribute, 23): .sparseTensor
      case (.sparseTensor, 1), (.sparseTensor, 2): .tensor
      case (.valueInfo, 2): .type
      case (.type, 1), (.type, 8): .tensorType
      case (.type, 4), (.type, 5), (.type, 9): .type
      case (.tensorType, 2): .shape
      case (.tensorType, 1): .type
      case (.shape, 1): .other
      default: nil
      }
    }
  }

  init(_ bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { scan($0[...], .model, depth: 1) }
  }

  private mutating func scan(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, _ message: Message, depth: Int) {
    self.depth = max(self.depth, depth)
    guard depth <= Self.depthLimit else { return }
    var place = bytes.startIndex
    func varint() -> UInt64? {
      var value: UInt64 = 0
      for shift in stride(from: UInt64(0), to: 64, by: 7) {
        guard place < bytes.endIndex else { return nil }
        let byte = bytes[place]
        place += 1
        value |= UInt64(byte & 0x7f) << shift
        if byte < 0x80 { return value }
      }
      return nil
    }
    while place < bytes.endIndex, count <= Self.limit {
      guard let tag = varint() else { return }
      switch tag & 7 {
      case 0: guard varint() != nil else { return }
      case 1: place = min(bytes.endIndex, place + 8)
      case 5: place = min(bytes.endIndex, place + 4)
      case 2:
        guard let length = varint(), length <= UInt64(bytes.endIndex - place) else { return }
        let end = place + Int(length)
        count += 1
        if let inner = message.inside(tag >> 3) { scan(bytes[place..<end], inner, depth: depth + 1) }
        place = end
      default: return
      }
    }
  }

  /// Refuses what is over the limits.
  func check(file: String) throws(Failure) {
    guard count <= Self.limit else {
      throw Failure(
        .badInput, file: file,
        "the model has more than \(Self.limit) messages and texts, the most accepted here")
    }
    guard depth <= Self.depthLimit else {
      throw Failure(
        .badInput, file: file, "the model nests deeper than \(Self.depthLimit) levels, the most accepted here"
      )
    }
  }
}
