import Backends

extension CodeWriter {
  /// Adds a loop over 0..<count.
  mutating func loop(_ variable: String, _ count: Int, _ style: LoopStyle, _ body: (inout CodeWriter) -> Void)
  {
    if style == .unrolled { line("TF_UNROLL_NEXT") }
    block("for (int \(variable) = 0; \(variable) < \(count); \(variable)++)") {
      switch style {
      case .unrolled: $0.line("TF_UNROLL")
      case .pipelined(every: 1): $0.line("TF_PIPELINE")
      case .pipelined(let interval):
        $0.directive("#ifndef __BAMBU__")
        $0.directive("#pragma HLS PIPELINE II=\(interval)")
        $0.directive("#endif")
      case .rewinding(let interval):
        $0.directive("#ifndef __BAMBU__")
        $0.directive("#pragma HLS PIPELINE II=\(interval) rewind")
        $0.directive("#endif")
      case .flowing(every: 1): $0.line("TF_FLOW")
      case .flowing(let interval):
        $0.directive("#ifndef __BAMBU__")
        $0.directive("#pragma HLS PIPELINE II=\(interval) style=flp")
        $0.directive("#endif")
      case .plain: break
      }
      body(&$0)
    }
  }
}

/// What becomes of a loop in hardware.
enum LoopStyle: Equatable {
  /// All passes side by side.
  case unrolled
  /// One pass every so many cycles.
  case pipelined(every: Int)
  /// The same of a loop that is all there is: the first pass of the next event follows the last one of this.
  case rewinding(every: Int)
  /// The same over tokens of streams: passes that have begun end even where the next one waits for a token.
  case flowing(every: Int)
  /// A loop around another one.
  case plain
}
