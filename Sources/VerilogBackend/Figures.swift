import Circuit
import Program
import Scheduling

extension CircuitModules {
  /// What the modules are made of, as the circuit counts it.
  var figures: CountedFigures {
    var total = Resources()
    var layers: [Int: CountedFigures.Layer] = [:]
    for (node, counts) in zip(circuit.nodes, circuit.countsByNode) {
      let own = Resources(lut: counts.lut, ff: counts.ff)
      total = total + own
      guard let layer = node.layer, own != Resources() else { continue }
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
