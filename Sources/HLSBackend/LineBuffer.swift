import Backends
import Program
import Scheduling

/// The memory of a sliding window: the last rows of the padded input, and the part of them a window spans.
/// Written as C++ around the body of a window process.
struct LineBuffer {
  /// Words of a token.
  let channels: Int
  private let window: Window
  private let shape: [Int]
  private let rank: Int
  /// Per spatial axis, how many places a window spans.
  private let spans: [Int]
  /// Per spatial axis, the length with padding.
  private let lengths: [Int]
  private let spots: [Int]
  private let counters: StepCounters

  init(_ window: Window, _ shape: [Int]) {
    self.window = window
    self.shape = shape
    rank = window.kernel.count
    channels = shape[rank]
    spans = (0..<rank).map { (window.kernel[$0] - 1) * window.dilation[$0] + 1 }
    lengths = (0..<rank).map { window.before[$0] + shape[$0] + window.after[$0] }
    spots = window.positions(shape)
    var counters = StepCounters(rank: rank)
    for axis in 0..<rank { counters.add(axis, first: spans[axis] - 1, step: window.strides[axis]) }
    self.counters = counters
  }

  /// Whether the buffers reach back over several rows.
  private var hasRows: Bool { rank > 1 && spans.dropLast().contains { $0 > 1 } }
  private var last: Int { rank - 1 }

  /// From this length on, a word of a row is written long before the next pass reads it, a row later: passes are
  /// independent.
  private static let shortestRow = 8

  /// The tokens between a window's newest and oldest place.
  private var reach: Int {
    var reach = 0
    for axis in 0..<rank { reach = reach * lengths[axis] + spans[axis] - 1 }
    return reach
  }

  /// Rows kept besides the newest: one for every place a window spans on the axes before the last.
  private var rows: Int { rank == 2 ? spans[0] : 1 }

  /// Declares the buffers; `memory` is what one of the rows before the newest is built from.
  func declare(_ type: String, _ memory: Memory?, _ code: inout CodeWriter) {
    counters.declare(&code)
    if rank > 2 {
      // Rare: a shift register over all the tokens a window reaches back.
      code.line("\(type) past[\(reach + 1)][\(channels)];")
      code.directive("#pragma HLS ARRAY_PARTITION variable=past type=complete dim=0")
      return
    }
    if rows > 1 {
      code.line("\(type) lines[\(rows - 1)][\(lengths[last])][\(channels)];")
      code.directive("#pragma HLS ARRAY_PARTITION variable=lines type=complete dim=1")
      code.directive("#pragma HLS ARRAY_RESHAPE variable=lines type=complete dim=3")
      if lengths[last] >= Self.shortestRow {
        code.directive("#pragma HLS DEPENDENCE variable=lines type=inter dependent=false")
      }
      if let memory {
        let kind = memory.kind == .srl ? "lutram" : memory.kind.rawValue
        code.directive("#pragma HLS BIND_STORAGE variable=lines type=ram_s2p impl=\(kind)")
      }
    }
    code.line("\(type) view[\(rows)][\(spans[last])][\(channels)];")
    code.directive("#pragma HLS ARRAY_PARTITION variable=view type=complete dim=0")
  }

  /// The loops over the padded input.
  func walk(_ code: inout CodeWriter, _ style: LoopStyle, _ body: (inout CodeWriter) -> Void) {
    func level(_ axis: Int, _ code: inout CodeWriter) {
      if axis == rank {
        counters.advance(&code)
        return body(&code)
      }
      code.loop("p\(axis)", lengths[axis], axis == last ? style : .plain) { level(axis + 1, &$0) }
    }
    level(0, &code)
  }

  /// Whether the place walked is inside the input; nil if always.
  var insideTest: String? {
    var tests: [String] = []
    for axis in 0..<rank {
      if window.before[axis] > 0 { tests.append("p\(axis) >= \(window.before[axis])") }
      if window.after[axis] > 0 { tests.append("p\(axis) < \(window.before[axis] + shape[axis])") }
    }
    return tests.isEmpty ? nil : tests.joined(separator: " && ")
  }

  /// Whether a window is complete at the place walked.
  var completeTest: String {
    var tests: [String] = []
    for axis in 0..<rank {
      let first = spans[axis] - 1
      if first > 0 { tests.append("p\(axis) >= \(first)") }
      let end = first + (spots[axis] - 1) * window.strides[axis]
      if end < lengths[axis] - 1 { tests.append("p\(axis) <= \(end)") }
      if window.strides[axis] > 1 {
        tests.append(counters.isWhole(axis))
      }
    }
    return tests.isEmpty ? "true" : tests.joined(separator: " && ")
  }

  /// Moves the newest token, in array `name`, into the buffers.
  func shift(_ name: String, _ code: inout CodeWriter) {
    if rank > 2 {
      code.loop("c", channels, .unrolled) { code in
        code.line("TF_UNROLL_NEXT")
        code.block("for (int k = \(reach); k > 0; k--)") {
          $0.line("TF_UNROLL")
          $0.line("past[k][c] = past[k - 1][c];")
        }
        code.line("past[0][c] = \(name)[c];")
      }
      return
    }
    let column = "p\(last)"
    code.loop("c", channels, .unrolled) { code in
      if spans[last] > 1 {
        code.loop("r", rows, .unrolled) { code in
          code.loop("k", spans[last] - 1, .unrolled) { $0.line("view[r][k][c] = view[r][k + 1][c];") }
        }
      }
      let newest = spans[last] - 1
      if rows > 1 {
        // Above the newest token stands the same column of the rows before.
        code.loop("r", rows - 1, .unrolled) { $0.line("view[r][\(newest)][c] = lines[r][\(column)][c];") }
        code.line("view[\(rows - 1)][\(newest)][c] = \(name)[c];")
        code.loop("r", rows - 1, .unrolled) { $0.line("lines[r][\(column)][c] = view[r + 1][\(newest)][c];") }
      } else {
        code.line("view[0][\(newest)][c] = \(name)[c];")
      }
    }
  }

  /// Copies the window's taps into array `name`, in the order of `Window`.
  func take(_ name: String, _ code: inout CodeWriter) {
    let groups = max(window.groups, 1)
    let perGroup = channels / groups
    let taps = window.kernel.reduce(1, *)
    var loops: [(String, Int)] = [("g", groups)]
    for axis in 0..<rank { loops.append(("t\(axis)", window.kernel[axis])) }
    loops.append(("c", perGroup))
    let active = loops.filter { $0.1 > 1 }
    func variable(_ name: String) -> String { active.contains { $0.0 == name } ? name : "0" }
    func tap(_ axis: Int) -> String {
      window.dilation[axis] > 1 ? "\(variable("t\(axis)")) * \(window.dilation[axis])" : variable("t\(axis)")
    }
    var place = variable("t0")
    for axis in 1..<max(rank, 1) { place = "(\(place)) * \(window.kernel[axis]) + \(variable("t\(axis)"))" }
    let channel = groups > 1 ? "\(variable("g")) * \(perGroup) + \(variable("c"))" : variable("c")
    let target = "(\(variable("g")) * \(taps) + \(place)) * \(perGroup) + \(variable("c"))"
    let source: String
    if rank > 2 {
      var back = ""
      for axis in 0..<rank {
        let distance = "\(spans[axis] - 1) - \(tap(axis))"
        back = back.isEmpty ? "(\(distance))" : "(\(back)) * \(lengths[axis]) + (\(distance))"
      }
      source = "past[\(back)][\(channel)]"
    } else {
      source = "view[\(rank == 2 ? tap(0) : "0")][\(tap(last))][\(channel)]"
    }
    func level(_ depth: Int, _ code: inout CodeWriter) {
      if depth == active.count { return code.line("\(name)[\(target)] = \(source);") }
      code.loop(active[depth].0, active[depth].1, .unrolled) { level(depth + 1, &$0) }
    }
    level(0, &code)
  }
}
