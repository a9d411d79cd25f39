import Program
import Scheduling

/// What the function being written sees of the design.
struct FunctionScope {
  /// The program: without the leading axes it computes one position of at a time.
  let program: Program
  /// How many leading axes of the design's program `program` is without.
  let axes: Int
  /// Whether there is a variable `position`, the number of the position being computed.
  let countsPositions: Bool
  /// The layer whose file constants go to, where they have none of their own.
  let layer: Int?

  /// The whole tensors.
  init(_ program: Program, layer: Int?) {
    (self.program, self.layer) = (program, layer)
    (axes, countsPositions) = (0, false)
  }

  /// One position at a time of the first `axes` axes.
  init(_ program: Program, onePositionOf axes: Int, layer: Int?) {
    (self.program, self.axes, self.layer) = (program.dropping(axes: axes), axes, layer)
    countsPositions = true
  }
}

/// What a function's head must say for its body, collected while that is written.
struct FunctionHead {
  /// Pragmas, each once, in the order they came up.
  private(set) var pragmas: [Pragma] = []
  /// Whether the body reads `position`.
  var readsPosition = false

  /// Adds a pragma, unless it is there.
  mutating func add(_ pragma: Pragma) {
    if !pragmas.contains(pragma) { pragmas.append(pragma) }
  }

  /// Adds those of a function that is inlined into this one.
  mutating func add(_ other: FunctionHead) { other.pragmas.forEach { add($0) } }
}

/// A pragma of Vitis HLS at the head of a function.
enum Pragma: Hashable {
  /// The function dissolves in its caller, or stays by itself.
  case inline(Bool)
  /// The function is a pipeline; a flushable one ends what it has begun while it waits for tokens.
  case pipeline(interval: Int, isFlushable: Bool)
  /// An array is split into registers: along one axis, along all (0), or along its only one (nil).
  case partition(String, dimension: Int?)
  /// The words along an axis of an array become one word.
  case reshape(String, dimension: Int)
  /// An array is a memory that is only read.
  case readOnlyMemory(String)
  /// The most multipliers in the function.
  case multipliers(Int)

  /// The line.
  var text: String {
    switch self {
    case .inline(true): "#pragma HLS INLINE"
    case .inline(false): "#pragma HLS INLINE off"
    case .pipeline(let interval, let isFlushable):
      "#pragma HLS PIPELINE II=\(interval)\(isFlushable ? " style=flp" : "")"
    case .partition(let name, let dimension):
      "#pragma HLS ARRAY_PARTITION variable=\(name) type=complete" + (dimension.map { " dim=\($0)" } ?? "")
    case .reshape(let name, let dimension):
      "#pragma HLS ARRAY_RESHAPE variable=\(name) type=complete dim=\(dimension)"
    case .readOnlyMemory(let name): "#pragma HLS BIND_STORAGE variable=\(name) type=rom_1p impl=auto"
    case .multipliers(let count): "#pragma HLS ALLOCATION operation instances=mul limit=\(count)"
    }
  }
}
