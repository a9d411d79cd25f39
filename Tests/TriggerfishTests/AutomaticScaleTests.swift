import Configuration
import FixedPoint
import Model
import Reports
import Testing

@testable import Triggerfish

/// Kernels quantized with alpha "auto" and "auto_po2", which hls4ml takes apart into words and a factor.
struct AutomaticScaleTests {
  private static func network(_ bits: Int, _ integer: Int, _ scale: QKerasQuantizer.Scale, _ kernel: [Double])
    -> SmallNetwork
  {
    var network = SmallNetwork(kernel.count)
    network.dense(
      "q", 1, kernel: kernel, bias: [0],
      quantizer: QKerasQuantizer(
        kind: .bits(bits: bits, integer: integer, symmetric: true, keepNegative: true), scale: scale,
        className: .quantizedBits))
    return network
  }

  /// What is said is what happens: for every kernel the program's numbers are the model's, or a note says they are not.
  @Test(arguments: 2...8, 0...2)
  func nothingIsLostWithoutAWord(_ bits: Int, _ integer: Int) throws {
    var random = SmallNetwork(1, seed: UInt64(bits * 10 + integer))
    for size in [0.01, 0.2, 1, 3, 20] {
      for scale in [QKerasQuantizer.Scale.auto, .autoPowerOfTwo] {
        var kernel: [Double] = []
        for _ in 0..<12 { kernel.append(Double(Float(random.random() * size))) }
        let compilation = try Compilation(
          Self.network(bits, integer, scale, kernel), .flat(FixedFormat(40, 16)))
        let events = (0..<12).map { event in (0..<12).map { $0 == event ? 1.0 : 0 } }.flatMap { $0 }
        let comparison = try ModelComparison(compilation, events: [events])
        let isLost = comparison.output.largestError > 1e-4 * size
        let isSaid = compilation.notes.contains { $0.contains("numbers of its") }
        #expect(isLost == isSaid, "size \(size), \(scale): \(comparison.output), \(compilation.notes)")
      }
    }
  }
}
