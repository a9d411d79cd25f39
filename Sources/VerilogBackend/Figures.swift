import Circuit
import Program
import Scheduling

extension CircuitModules {
  /// What the modules are made of: registers as written, lookup tables by what each statement maps to.
  var figures: CountedFigures {
    var total = Resources()
    var layers: [Int: CountedFigures.Layer] = [:]
    for (index, node) in circuit.nodes.enumerated()
    where nodes.home[index] != nil && !nodes.used[index].isEmpty {
      let own = nodes.resources(NodeID(index))
      total = total + own
      guard let layer = node.layer else { continue }
      let before = layers[layer] ?? .init(start: node.cycle, latency: 0, resources: Resources())
      let (start, end) = (
        min(before.start, node.cycle), max(before.start + before.latency, node.cycle)
      )
      layers[layer] = .init(start: start, latency: end - start, resources: before.resources + own)
    }
    // The chain of valid_in.
    total.ff += circuit.latency
    return CountedFigures(
      latency: circuit.latency, interval: 1, resources: total, layers: layers,
      // Tools merge what this counts apart, by how much nobody has measured yet.
      uncertainty: Uncertainty(lut: Uncertainty.uncalibrated.lut))
  }
}

extension NodeWriter {
  /// What the statements of a node take.
  func resources(_ id: NodeID) -> Resources {
    let node = circuit[id]
    let width = used[id.index].end - lowest[id.index]
    switch node.operation {
    case .input, .constant, .slice, .concatenate: return Resources()
    case .register: return Resources(ff: width)
    case .sum(let sum):
      return Resources(lut: sum.isGate ? rowBits[id.index] : width * max(1, sum.terms.count))
    case .compare(let comparison, let a, let b):
      if comparison.outcome(circuit[a].interval, circuit[b].interval) != nil { return Resources() }
      let bits = max(circuit[a].width, circuit[b].width)
      let isConstant = circuit[a].constant != nil || circuit[b].constant != nil
      if isConstant && (bits == 1 || (circuit[b].constant == 0 && comparison != .equal)) {
        return Resources()
      }
      // Six inputs a table; two words in pairs of bits along a carry chain.
      return Resources(lut: isConstant ? (bits + 4) / 5 : (bits + 1) / 2)
    case .mux: return Resources(lut: width)
    case .table(_, let index):
      let bits = circuit[index].width
      return Resources(lut: bits <= 6 ? width : width << min(20, bits - 6))
    case .multiply(let a, let b):
      return Resources(lut: circuit[a].width * circuit[b].width)
    }
  }
}
