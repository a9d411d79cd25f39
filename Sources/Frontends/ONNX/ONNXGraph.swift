import Diagnostics
import Model

/// An ONNX graph as this reader uses it: protocol buffers left behind, every constant decoded.
struct ONNXGraph {
  /// The graph's own name.
  var name: String
  /// What wrote the file ("pytorch 2.4"), for messages; may be empty.
  var producer: String
  /// The version of the default operator set; 0 where the file names none.
  var opset: Int
  /// The versions of the other operator sets, by domain.
  var domains: [String: Int]
  /// The inputs that are no initializers.
  var inputs: [ONNXValue]
  /// The names of the outputs, in order.
  var outputs: [(name: String, place: ONNXPlace)]
  /// In the file's order, which need not be the order of the data.
  var nodes: [ONNXNode]
  /// The constants, by name.
  var initializers: [String: ONNXTensor]
  /// Shapes of results that the file states, and a reader has counted on: what is computed has to have them. nil for an axis
  /// of unknown length.
  var statedShapes: [String: [Int?]] = [:]
  var file: String
}

/// A place in an ONNX file.
struct ONNXPlace: Hashable {
  var file: String
  /// `graph.node[3]`.
  var path: String

  func diagnostic(_ message: String, hint: String? = nil) -> Diagnostic {
    Diagnostic(file: file, place: path, message, hint: hint)
  }
}

/// An input with its declared type.
struct ONNXValue {
  var name: String
  var type: ONNXType
  /// nil for an axis of unknown length.
  var shape: [Int?]
  var place: ONNXPlace
}

/// One node.
struct ONNXNode {
  /// Unique only where the writer took care; may be empty.
  var name: String
  /// The operation, whatever its domain.
  var operation: String
  var domain: String
  /// An omitted optional input has an empty name.
  var inputs: [String]
  var outputs: [String]
  var attributes: [String: ONNXAttribute]
  /// What the file calls the operation, where that is not ONNX's name: for messages.
  var source: String?
  var place: ONNXPlace

  /// For messages: the node's name, or its first output's.
  var label: String { name.isEmpty ? outputs.first ?? "" : name }
  /// For messages: the operation as the file has it.
  var title: String { source ?? operation }
}

/// An attribute's value.
enum ONNXAttribute {
  case integer(Int)
  case real(Double)
  case text(String)
  case integers([Int])
  case reals([Double])
  case texts([String])
  case tensor(ONNXTensor)
  /// A graph, a sparse tensor, or a reference: which.
  case other(String)
}

/// Types of elements. The raw values are TensorProto.DataType's.
enum ONNXType: Int, Hashable {
  case float32 = 1, uint8, int8, uint16, int16, int32, int64, text, bool, float16, float64, uint32, uint64
  case bfloat16 = 16
  case uint4 = 21, int4

  var isFloat: Bool {
    switch self {
    case .float32, .float16, .float64, .bfloat16: true
    default: false
    }
  }

  /// Width and sign of an integer type; nil for others.
  var integer: (width: Int, isSigned: Bool)? {
    switch self {
    case .uint8: (8, false)
    case .int8: (8, true)
    case .uint16: (16, false)
    case .int16: (16, true)
    case .int32: (32, true)
    case .int64: (64, true)
    case .uint32: (32, false)
    case .uint64: (64, false)
    case .uint4: (4, false)
    case .int4: (4, true)
    case .bool: (1, false)
    default: nil
    }
  }

  /// The smallest and largest number of an integer type of at most 32 bits.
  var range: ClosedRange<Double>? {
    guard let integer, integer.width <= 32 else { return nil }
    let span = Double(sign: .plus, exponent: integer.width - (integer.isSigned ? 1 : 0), significand: 1)
    return (integer.isSigned ? -span : 0)...(span - 1)
  }
}

/// A constant tensor, row major.
struct ONNXTensor {
  var type: ONNXType
  var shape: [Int]
  /// The numbers, exactly; integers beyond 2^53, which occur only as "to the end" of slices, to the nearest double.
  var values: [Double]
  /// Set where the numbers are integers times a scale, as quantized weights are.
  var grid: ONNXGrid?

  init(_ type: ONNXType, _ shape: [Int], _ values: [Double], grid: ONNXGrid? = nil) {
    self.type = type
    self.shape = shape
    self.values = values
    self.grid = grid
  }

  /// As indices or lengths.
  var integers: [Int] { values.map { Int(clamping: $0) } }
}

/// Integers and the scale that makes them a quantized tensor's numbers: value = integer · scale, rounded to float32.
struct ONNXGrid: Hashable {
  /// Zero points subtracted. One per value.
  var integers: [Double]
  /// One per value: equal along the axes it does not vary along.
  var scales: [Double]
  /// The integers there may be, zero points subtracted.
  var levels: UniformQuantizer.Levels
  /// The quantizer's place.
  var place: ONNXPlace
}

extension Int {
  /// A number as an Int: the nearest there is.
  init(clamping value: Double) {
    self = value >= 0x1p63 ? .max : value <= -0x1p63 ? .min : value.isNaN ? 0 : Int(value)
  }
}

extension ONNXGraph {
  /// The nodes that the outputs depend on.
  func neededNodes() -> Set<Int> {
    let producers = producers
    var needed: Set<Int> = []
    var waiting = outputs.compactMap { producers[$0.name] }
    while let index = waiting.popLast() {
      guard needed.insert(index).inserted else { continue }
      waiting += nodes[index].inputs.compactMap { producers[$0] }
    }
    return needed
  }

  private var producers: [String: Int] {
    var producers: [String: Int] = [:]
    for (index, node) in nodes.enumerated() {
      for output in node.outputs where !output.isEmpty && producers[output] == nil {
        producers[output] = index
      }
    }
    return producers
  }

  /// Nodes in the order of the data: the file's own wherever it is one.
  ///
  /// - Throws: `badInput` naming a node of every cycle.
  func ordered(_ needed: Set<Int>) throws(Failure) -> [Int] {
    let producers = producers
    let isInOrder = needed.allSatisfy { index in
      nodes[index].inputs.allSatisfy { (producers[$0] ?? -1) < index }
    }
    if isInOrder { return needed.sorted() }
    var missing: [Int: Int] = [:]
    var readers: [Int: [Int]] = [:]
    for index in needed {
      let sources = Set(nodes[index].inputs.compactMap { producers[$0] })
      missing[index] = sources.count
      for source in sources { readers[source, default: []].append(index) }
    }
    var order: [Int] = []
    var ready = needed.filter { missing[$0] == 0 }.sorted()
    var place = 0
    while place < ready.count {
      let index = ready[place]
      place += 1
      order.append(index)
      for reader in (readers[index] ?? []).sorted() {
        missing[reader, default: 0] -= 1
        if missing[reader] == 0 { ready.append(reader) }
      }
    }
    guard order.count == needed.count else {
      let left = needed.subtracting(order).sorted()
      throw Failure(
        nodes[left[0]].place.diagnostic(
          "node '\(nodes[left[0]].label)' and \(left.count - 1) others depend on themselves: the graph has a cycle"
        ))
    }
    return order
  }
}
