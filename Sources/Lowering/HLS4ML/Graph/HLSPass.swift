import Diagnostics

/// One rewriting of the graph, named as hls4ml names its own.
struct HLSPass: Sendable {
  /// hls4ml's name of the pass.
  let name: String
  /// Rewrites the first place that matches and says whether there was one.
  let apply: @Sendable (inout HLSGraph) throws(Failure) -> Bool

  /// A pass that looks at the whole graph.
  init(
    graph name: String, apply: @escaping @Sendable (inout HLSGraph) throws(Failure) -> Bool
  ) {
    self.name = name
    self.apply = apply
  }

  /// A pass that looks at every layer in order and stops at the first it rewrites.
  init(_ name: String, _ rewrite: @escaping @Sendable (inout HLSGraph, Int) throws(Failure) -> Bool) {
    self.name = name
    apply = { (graph) throws(Failure) in
      for place in graph.layers.indices where try rewrite(&graph, place) { return true }
      return false
    }
  }
}

/// A list of passes that is applied until none of them has anything left to do.
struct HLSFlow: Sendable {
  /// hls4ml's name of the flow.
  let name: String
  let passes: [HLSPass]

  /// Starts again from the first pass after every rewriting, as hls4ml's optimizer does.
  func run(_ graph: inout HLSGraph, observe: (String, HLSGraph) -> Void) throws(Failure) {
    var changed = true
    while changed {
      changed = false
      for pass in passes where try pass.apply(&graph) {
        observe("\(name): \(pass.name)", graph)
        changed = true
        break
      }
    }
  }
}
