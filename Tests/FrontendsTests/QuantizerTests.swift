import Diagnostics
import Foundation
import Model
import Storage
import Testing

@testable import Frontends

/// Quantizers in every spelling, against the attributes QKeras 0.9's own objects have (Fixtures/make.py).
@Suite struct QuantizerTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let node: JSONNode
    var testDescription: String { node["spelling"]?.string ?? "\(node.path) \(node["class"]?.string ?? "")" }
  }

  static let cases: [Case] =
    (try? JSONNode(contentsOf: fixture("keras2/quantizers.json")).elements)??.map { Case(node: $0) } ?? []

  @Test func casesAreThere() { #expect(QuantizerTests.cases.count == 60) }

  @Test(arguments: cases) func attributes(_ test: Case) throws {
    let quantizer = try parseQuantizer(try #require(test.node["spelling"]))
    #expect(quantizer.className.rawValue == test.node["class"]?.string)
    var mine = described(quantizer)
    let theirs = try #require(test.node["attributes"])
    switch theirs["alpha"]?.value {
    case nil, .null: #expect(quantizer.scale == .one)
    case .string("auto"): #expect(quantizer.scale == .auto)
    case .string("auto_po2"): #expect(quantizer.scale == .autoPowerOfTwo)
    default:
      let alpha = try #require(theirs["alpha"]?.number)
      #expect(quantizer.scale == (alpha == 1 ? .one : .constant([alpha])))
    }
    for (key, node) in theirs.members ?? [] where key != "alpha" {
      // What the class fixes or inference does not use, and an unset threshold, whose default is a number.
      if mine[key] == nil || (key == "threshold" && node.isNull) { continue }
      let expected = node.isNull ? nil : node.number ?? (node.bool == true ? 1 : 0)
      #expect(mine.removeValue(forKey: key) == .some(expected), "\(key)")
    }
    mine["threshold"] = nil
    #expect(mine.isEmpty, "QKeras has no \(mine.keys)")
  }

  /// A quantizer's parameters by QKeras's names; booleans are 0 and 1.
  private func described(_ quantizer: QKerasQuantizer) -> [String: Double?] {
    func flag(_ value: Bool) -> Double { value ? 1 : 0 }
    switch quantizer.kind {
    case .bits(let bits, let integer, let symmetric, let keepNegative):
      return [
        "bits": Double(bits), "integer": Double(integer), "symmetric": flag(symmetric),
        "keep_negative": flag(keepNegative),
      ]
    case .relu(let bits, let integer, let useSigmoid, let slope, let bound, let isClip):
      return [
        "bits": Double(bits), "integer": Double(integer), "use_sigmoid": flag(useSigmoid),
        "negative_slope": slope,
        "relu_upper_bound": bound, "is_quantized_clip": flag(isClip),
      ]
    case .tanh(let bits, let symmetric, let real):
      return ["bits": Double(bits), "symmetric": flag(symmetric), "use_real_tanh": flag(real)]
    case .sigmoid(let bits, let symmetric, let real):
      return ["bits": Double(bits), "symmetric": flag(symmetric), "use_real_sigmoid": flag(real)]
    case .binary(let useZeroOne): return ["use_01": flag(useZeroOne)]
    case .binaryTanh, .ternaryTanh, .bernoulli: return [:]
    case .ternary(let threshold, let iterations):
      return ["threshold": threshold, "number_of_unrolls": Double(iterations)]
    case .powerOfTwo(let bits, let maximum, let quadratic):
      return ["bits": Double(bits), "max_value": maximum, "quadratic_approximation": flag(quadratic)]
    case .reluPowerOfTwo(let bits, let maximum, let slope, let quadratic):
      return [
        "bits": Double(bits), "max_value": maximum, "negative_slope": slope,
        "quadratic_approximation": flag(quadratic),
      ]
    case .hardSwish(let bits, let integer, let symmetric, let shift, let bound):
      return [
        "bits": Double(bits), "integer": Double(integer), "symmetric": flag(symmetric), "relu_shift": shift,
        "relu_upper_bound": bound,
      ]
    }
  }

  private func parse(_ json: String, isTrainable: Bool = false) throws -> QKerasQuantizer {
    try parseQuantizer(JSONNode(parsing: Array(json.utf8), file: "m.json"), isTrainable: isTrainable)
  }

  @Test func alphaAsTensor() throws {
    let list = try parse(#"{"class_name": "quantized_bits", "config": {"bits": 4, "alpha": [[0.5, 2.0]]}}"#)
    #expect(list.scale == .constant([0.5, 2]))
    let tensor = try parse(
      #"""
      {"class_name": "qkeras>binary", "config":
        {"alpha": {"class_name": "__tensor__", "config": {"value": [0.25], "dtype": "float32"}}}}
      """#)
    #expect(tensor.scale == .constant([0.25]))
    #expect(try parse(#"{"class_name": "binary", "config": {"alpha": [1, 1]}}"#).scale == .one)
  }

  /// QDense and its like make an unset alpha of the kernel's quantizer automatic.
  @Test func unsetAlphaOfKernels() throws {
    let kernel = try parse("\"quantized_bits(4,0)\"", isTrainable: true)
    #expect(kernel.scale == .autoPowerOfTwo)
    #expect(kernel.kind == .bits(bits: 4, integer: 0, symmetric: true, keepNegative: true))
    #expect(try parse("\"ternary()\"", isTrainable: true).kind == .ternary(threshold: nil, iterations: 5))
    #expect(try parse("\"quantized_po2(4)\"", isTrainable: true).scale == .one)
  }

  @Test(arguments: [
    (
      #""quantized_bit(4)""#,
      "error: the quantizer quantized_bit(4) is not supported\nhint: did you mean quantized_bits?"
    ),
    (#""quantized_ulaw(4)""#, "error: the quantizer quantized_ulaw(4) is not supported"),
    (
      #""quantized_bits(4""#,
      "error: \"quantized_bits(4\" is not spelled like a quantizer\nhint: an example: quantized_bits(6,0,alpha=1)"
    ),
    (
      #""quantized_bits(4,,1)""#,
      "error: \"quantized_bits(4,,1)\" is not spelled like a quantizer\nhint: an example: quantized_bits(6,0,alpha=1)"
    ),
    (#""quantized_bits(0)""#, "error: bits of quantized_bits is 0; whole numbers from 1 to 64 are supported"),
    (
      #""quantized_bits(4,bits=4)""#,
      "error: \"quantized_bits(4,bits=4)\" is not spelled like a quantizer\nhint: an example: quantized_bits(6,0,alpha=1)"
    ),
    (
      #""quantized_bits(4,sclae_axis=1)""#,
      "error: quantized_bits has no parameter sclae_axis\nhint: did you mean scale_axis?"
    ),
    (
      #""quantized_bits(4,alpha='best')""#,
      "error: alpha of quantized_bits is \"best\"; supported: numbers, \"auto\", \"auto_po2\""
    ),
    (
      #""quantized_relu(4,0,0,0.3)""#,
      "error: negative_slope of quantized_relu is 0.3; QKeras needs 0 or a power of two"
    ),
    (
      #""quantized_po2(4,log2_rounding='floor')""#,
      "error: quantized_po2 with log2_rounding \"floor\" is not supported; \"rnd\" is"
    ),
    (
      #""quantized_relu(4,qnoise_factor=0.5)""#,
      "error: quantized_relu with qnoise_factor 0.5 is not supported; 1 is"
    ),
    (
      #"{"class_name": "quantized_bits", "config": {"bits": 4.5}}"#,
      "config.bits: error: bits of quantized_bits is 4.5; whole numbers from 1 to 64 are supported"
    ),
    (
      #"{"class_name": "quantized_bits", "config": {"alpha": [NaN]}}"#,
      "config.alpha: error: alpha of quantized_bits is a list of 1; supported: numbers, \"auto\", \"auto_po2\""
    ),
    (#"3"#, "error: the quantizer is 3, neither a name nor a class"),
  ])
  func refused(_ json: String, _ message: String) {
    let text = complaint { _ = try parse(json) }
    // Places inside a spelled call are the call's.
    #expect(text.replacingOccurrences(of: "m.json:", with: "m.json: ").hasPrefix("65 m.json: "), "\(text)")
    #expect(text.hasSuffix(message), "\(text)")
  }
}
