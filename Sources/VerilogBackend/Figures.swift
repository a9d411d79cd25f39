import Circuit
import Program
import Scheduling

extension CircuitModules {
  /// What the modules are made of, as the circuit counts it.
  func figures(_ family: DeviceFamily) -> CountedFigures {
    var total = Resources()
    var carry = 0
    var layers: [Int: CountedFigures.Layer] = [:]
    for (node, counts) in zip(circuit.nodes, circuit.countsByNode) {
      let own = Resources(dsp: counts.dsp, lut: counts.lut, ff: counts.ff, bram: counts.ram)
      carry += counts.carry
      total = total + own
      guard let layer = node.layer, own != Resources() else { continue }
      let before = layers[layer] ?? .init(start: node.cycle, latency: 0, resources: Resources())
      let (start, end) = (
        min(before.start, node.cycle), max(before.start + before.latency, node.cycle)
      )
      layers[layer] = .init(start: start, latency: end - start, resources: before.resources + own)
    }
    // The chain of valid_in, and what counts the steps of loops.
    total.ff += circuit.controlBits
    var uncertainty = family.uncertainty
    // Two taggers' flip-flops were counted 6.5% above and 0.2% below what Yosys makes (docs/verilog.md).
    if !circuit.loops.isEmpty { uncertainty.ff = max(uncertainty.ff, 1.05) }
    let path = circuit.longestPath(family.delays)
    return CountedFigures(
      latency: circuit.latency, interval: circuit.interval, resources: total, layers: layers,
      uncertainty: uncertainty,
      timing: .init(
        carry: carry, levels: path.levels, slowestPath: path.period, delays: family.delays.name))
  }
}
