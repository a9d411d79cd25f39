import FixedPoint
import HLSBackend
import HLSTestSupport
import Program
import Scheduling
import TestSupport
import Testing

/// In io_stream a layer is built for one position, whatever layer stands before it: area does not grow with images.
@Suite struct StreamAreaTests {
  private static let target = Target(part: "xcvu9p-flga2104-2-e", clockPeriod: 5, clockUncertainty: 0.125)

  private func design(
    _ kinds: [String], size: Int, hls4ml: Bool, _ strategy: Strategy, io: IOType = .stream
  ) throws -> Design {
    var network = SmallNetwork([size, size + 2, 2])
    for kind in kinds { network.add(kind) }
    return try schedule(
      network.program(hls4ml: hls4ml, stream: io == .stream),
      ScheduleRequest(
        target: Self.target, ioType: io,
        defaults: ScheduleRequest.Layer(
          strategy: strategy, reuseFactor: 1, parallelizationFactor: io == .parallel ? 1 : nil)))
  }

  /// What each layer takes but for FIFOs, line buffers and other memories.
  private func logic(_ design: Design) throws -> [String: Resources] {
    var layers: [String: Resources] = [:]
    func name(_ index: Int) -> String {
      design.program.instructions[index].layer.map { design.program.layers[$0].name } ?? ""
    }
    for (index, step) in design.steps.enumerated() {
      layers[name(index)] = (layers[name(index)] ?? Resources()) + step.estimate.resources
    }
    func take(_ memory: Memory, _ index: Int) {
      layers[name(index)]?.lut -= memory.resources.lut
      layers[name(index)]?.ff -= memory.resources.ff
    }
    guard let flow = design.dataflow else { return layers }
    for channel in flow.channels {
      if let memory = flow.memory(channel) { take(memory, channel.value.index) }
    }
    for process in flow.processes {
      if let memory = flow.wireMemory(process) { take(memory, process.instructions[0]) }
      if case .window(let index) = process.kind { flow.lineBuffers(index).forEach { take($0, index) } }
    }
    return layers
  }

  /// Networks of the field's sizes: LeNet's, SVHN's, MNIST's. Image, then the filters of convolutions with a ReLU and a
  /// pooling each.
  @Test(arguments: [([28, 28, 1], [6, 16]), ([32, 32, 3], [16, 16, 24]), ([28, 28, 1], [16, 16, 16])])
  func knownNetworks(image: [Int], filters: [Int]) throws {
    var network = SmallNetwork(image)
    var (products, channels) = (0, image[2])
    for filter in filters {
      network.add("conv", channels: filter)
      network.add("relu")
      network.add("maximum")
      products += 9 * channels * filter
      channels = filter
    }
    network.add("flatten")
    products += channels * 3
    for hls4ml in [false, true] {
      let program = try network.program(hls4ml: hls4ml, stream: true)
      let request = ScheduleRequest(target: Self.target, ioType: .stream)
      let design = try schedule(program, request)
      // A product is one DSP; beside it an adder, and less than two more for poolings and activations.
      #expect(design.resources.dsp <= products, "\(design.resources)")
      #expect(design.resources.lut <= products * 72 + 20000, "\(design.resources), \(products) products")
      let limits = SearchLimits(latency: SearchLimits.cycles(in: 200_000, clockPeriod: 5))
      guard case .found(let found) = try search(program, request, limits: limits) else {
        Issue.record("nothing fits")
        continue
      }
      #expect(found.share <= 1)
    }
  }

  /// In io_parallel what follows a layer position by position is in its loop.
  @Test(arguments: ["conv", "depthwise", "maximum", "average"]) func loopsHoldWhatFollows(_ kind: String)
    throws
  {
    for next in ["relu", "normalization", "dense"] {
      for hls4ml in [false, true] {
        let areas = try [8, 16].map { size in
          let design = try design([kind, next], size: size, hls4ml: hls4ml, .latency, io: .parallel)
          return try logic(design).filter { $0.key.hasPrefix("layer2") }.values.reduce(0) {
            $0 + $1.lut + $1.dsp
          }
        }
        #expect(areas[1] <= areas[0] * 5 / 4 + 20, "\(kind), \(next), \(hls4ml): \(areas)")
      }
    }
  }

  @Test(arguments: SmallNetwork.kinds) func areaDoesNotGrow(behind kind: String) throws {
    if ["global", "flatten"].contains(kind) { return }
    for next in SmallNetwork.kinds {
      for (hls4ml, strategy) in [
        (false, Strategy.latency), (true, .latency), (false, .resource), (true, .resource),
      ] {
        let label = "\(kind), \(next), \(hls4ml ? "hls4ml" : "exact"), \(strategy)"
        let designs = try [8, 16].map { try design([kind, next], size: $0, hls4ml: hls4ml, strategy) }
        let (small, large) = (try logic(designs[0]), try logic(designs[1]))
        for (layer, area) in large {
          let other = small[layer] ?? Resources()
          // Formats follow ranges, which may differ by a bit or need one rounding more; counters are longer. The mean of more positions has a wider
          // sum, and its division grows with the square of that.
          if next == "global", layer == "layer2" { continue }
          #expect(area.dsp <= other.dsp, "\(label), \(layer): \(other.dsp) and \(area.dsp) DSP")
          #expect(area.lut <= other.lut * 5 / 4 + 100, "\(label), \(layer): \(other.lut) and \(area.lut) LUT")
          #expect(area.ff <= other.ff * 5 / 4 + 100, "\(label), \(layer): \(other.ff) and \(area.ff) FF")
        }
        // Only another order needs a whole tensor.
        let gathered = designs[1].dataflow?.gathered ?? []
        let reordered = [kind, next].contains("permute")
        #expect(gathered.isEmpty != reordered, "\(label): \(designs[1].warnings)")
      }
    }
  }
}
