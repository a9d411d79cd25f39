import DataFiles
import Diagnostics
import Emulator
import Foundation
import Frontends
import Lowering
import Model
import Testing

/// The cases hgq2_* of the golden vectors beside the package: models of HGQ2, published ones among them, with Keras's
/// answers in float64 and every quantizer's bits as HGQ2 reports them.
@Suite(
  .enabled(
    if: Example.secondGoldenFolder != nil, "no ../shared/golden2 (or $TRIGGERFISH_SHARED/golden2) here"))
struct HGQGoldenTests {

  static let cases: [String] =
    (Example.secondGoldenFolder.flatMap {
      try? FileManager.default.contentsOfDirectory(atPath: $0.path).sorted()
    } ?? []).filter {
      $0.hasPrefix("hgq2_")
    }

  struct Description {
    let folder: URL
    let fields: [String: Any]

    init(_ name: String) throws {
      folder = try #require(Example.secondGoldenFolder).appendingPathComponent(name)
      let data = try Data(contentsOf: folder.appendingPathComponent("case.json"))
      fields = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    var model: String { folder.appendingPathComponent("model.keras").path }

    func arrays(_ key: String) throws -> [[Double]] {
      try (fields[key] as? [String] ?? []).map {
        try EventReader(folder.appendingPathComponent($0).path).readAll().reals
      }
    }
  }

  /// Every word of every event, ordinary and stress, on every instruction set.
  @Test(arguments: cases) func equalsKeras(_ name: String) throws {
    let description = try Description(name)
    let program = try lowerExactly(try loadModel(path: description.model).model).program
    for set in ["", "stress_"] {
      let inputs = try description.arrays("\(set)inputs")
      let expected = try description.arrays("\(set)outputs")
      for instructions in InstructionSet.available where !expected.isEmpty {
        let got = try Emulator(program, options: EmulatorOptions(instructionSet: instructions)).values(
          inputs.map { .float64($0) })
        #expect(got == expected, "\(set)events with \(instructions.rawValue)")
      }
    }
  }

  /// Bits of every quantizer, and the weights as HGQ2 has quantized them, whatever their order of axes in our layers.
  /// A recurrent layer's are in its cells, which only their words are compared of.
  @Test(arguments: cases.filter { !["hgq2_gru", "hgq2_simplernn"].contains($0) }) func quantizersAndWeights(
    _ name: String
  ) throws {
    let description = try Description(name)
    let model = try loadModel(path: description.model).model
    let file = description.folder.appendingPathComponent("quantizers.npz").path
    var bits: [[Int]] = []
    var weights: [[Double]] = []
    func add(_ quantizer: Quantizer?) {
      guard case .fixed(let fixed)? = quantizer, let shape = fixed.shape,
        let k = fixed.isSigned.broadcast(to: shape), let i = fixed.integerBits.broadcast(to: shape),
        let f = fixed.fractionBits.broadcast(to: shape)
      else { return }
      bits.append(
        k.values.indices.map { Self.code(k.values[$0] ? 1 : 0, i.values[$0], f.values[$0]) }.sorted())
    }
    func add(_ values: Weights?, _ quantizer: Quantizer?) throws {
      guard let values, let quantizer else { return }
      add(quantizer)
      weights.append(try quantizer.quantized(values).values.sorted())
    }
    for layer in model.layers {
      switch layer.kind {
      case .activation(.quantizer(let quantizer)): add(quantizer)
      case .activation(.sequence(let functions)):
        if case .quantizer(let quantizer)? = functions.last { add(quantizer) }
      case .dense(let dense):
        try add(dense.kernel, dense.kernelQuantizer)
        try add(dense.bias, dense.biasQuantizer)
      case .convolution(let convolution):
        try add(convolution.kernel, convolution.kernelQuantizer)
        try add(convolution.bias, convolution.biasQuantizer)
      case .batchNormalization(let normalization):
        add(normalization.quantizers[.scale])
        add(normalization.quantizers[.offset])
      default: break
      }
    }
    let listed = try Data(contentsOf: description.folder.appendingPathComponent("quantizers.json"))
    let quantizers = try #require(try JSONSerialization.jsonObject(with: listed) as? [[String: Any]])
    for quantizer in quantizers {
      let path = try #require(quantizer["quantizer"] as? String)
      let kif = try EventReader("\(file):\(path.replacingOccurrences(of: "/", with: "."))|kif").readAll()
        .reals
      let count = kif.count / 3
      let expected = (0..<count).map {
        Self.code(Int(kif[$0]), Int(kif[count + $0]), Int(kif[2 * count + $0]))
      }.sorted()
      #expect(bits.contains { Self.isSame($0, expected) }, "\(path)")
    }
    for layer in Set(quantizers.compactMap { $0["layer"] as? String }) {
      for part in ["qkernel", "qbias"] {
        guard let array = try? EventReader("\(file):\(layer)|\(part)").readAll() else { continue }
        let expected = array.reals.sorted()
        #expect(weights.contains { Self.isSame($0, expected) }, "\(layer) \(part)")
      }
    }
  }

  /// k, i and f as one number.
  private static func code(_ k: Int, _ i: Int, _ f: Int) -> Int { (k * 4096 + i + 2048) * 4096 + f + 2048 }

  /// Whether sorted values are the same, equal values repeated or not: one format may stand for a whole axis.
  private static func isSame<Value: Hashable>(_ a: [Value], _ b: [Value]) -> Bool {
    a == b || Set(a) == Set(b) && (a.count % b.count == 0 || b.count % a.count == 0)
  }
}
