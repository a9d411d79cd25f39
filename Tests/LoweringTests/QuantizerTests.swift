import Foundation
import Model
import Testing

@testable import Lowering

/// Every quantizer against QKeras itself: Fixtures/quantizers.txt is made by Fixtures/make_quantizers.py.
@Suite struct QuantizerTests {
  @Test func weightsAndScalesEqualQKerasBitForBit() throws {
    let fixture = try QuantizerFixture()
    #expect(fixture.cases.count > 400)
    for item in fixture.cases {
      let input = try #require(fixture.tensors[item.input])
      let quantization = try item.quantizer.quantization(of: input)
      let got = quantization.values.values.map { Float($0) }
      let wrong = got.indices.filter { got[$0] != item.result[$0] }
      #expect(
        wrong.isEmpty,
        "\(item.text): \(wrong.count) of \(got.count) differ, first at \(wrong.first.map { "\($0): \(got[$0]) for \(item.result[$0])" } ?? "")"
      )
      if item.kind != "hswish" {
        let scale = quantization.scale.map { Float($0) }
        for (index, expected) in item.scale.enumerated() {
          #expect(scale[index % scale.count] == expected, "\(item.text): scale \(index)")
        }
      }
    }
  }

  /// The form used for activations, one number at a time.
  @Test func activationsEqualQKerasBitForBit() throws {
    let fixture = try QuantizerFixture()
    let cases = fixture.cases.filter { $0.input == "activations" }
    #expect(cases.count > 100)
    let x = try #require(fixture.tensors["activations"]).values.map { Float($0) }
    for item in cases {
      let wrong = x.indices.filter { item.quantizer.value(x[$0]) != item.result[$0] }
      #expect(wrong.isEmpty, "\(item.text): at \(wrong)")
    }
  }

  @Test func functionsEqualTheFrameworkBitForBit() throws {
    let fixture = try QuantizerFixture()
    let functions: [String: (Float) -> Float] = [
      "log": FrameworkFloat.log, "tanh": FrameworkFloat.tanh, "sigmoid": FrameworkFloat.sigmoid,
    ]
    #expect(fixture.functions.count == 3)
    for item in fixture.functions {
      let function = try #require(functions[item.name])
      let input = try #require(fixture.tensors[item.input]).values.prefix(item.result.count)
      #expect(input.map { function(Float($0)) } == item.result, "\(item.name)")
    }
  }

  @Test func alphaThatDoesNotMatchIsAnError() {
    let quantizer = QKerasQuantizer(
      kind: .bits(bits: 4, integer: 0, symmetric: false, keepNegative: true), scale: .constant([1, 2, 3]),
      className: .quantizedBits)
    #expect {
      try quantizer.quantized(Weights(shape: [2, 2], values: [0, 1, 2, 3]))
    } throws: {
      "\($0)" == "error: quantized_bits has 3 values of alpha where 1 or 2 are needed"
    }
  }
}

/// The parsed fixture.
private struct QuantizerFixture {
  struct Case {
    let text: String
    let kind: String
    let quantizer: QKerasQuantizer
    let input: String
    let scale: [Float]
    let result: [Float]
  }
  var tensors: [String: Weights] = [:]
  var cases: [Case] = []
  var functions: [(name: String, input: String, result: [Float])] = []

  init() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/quantizers.txt")
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      switch words[0] {
      case "tensor":
        let shape = words[2].split(separator: ",").compactMap { Int($0) }
        tensors[words[1]] = Weights(shape: shape, values: Self.floats(words[3]).map(Double.init))
      case "function": functions.append((words[1], words[2], Self.floats(words[3])))
      default:
        let parts = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        cases.append(
          Case(
            text: parts[0] + " on " + parts[1], kind: words[1],
            quantizer: try #require(Self.quantizer(parts[0].split(separator: " ").map(String.init))),
            input: parts[1], scale: Self.floats(parts[2]), result: Self.floats(parts[3])))
      }
    }
  }

  private static func floats(_ hex: String) -> [Float] {
    let digits = Array(hex.utf8)
    return stride(from: 0, to: digits.count, by: 8).map { start in
      let bytes = (0..<4).map { byte -> UInt32 in
        let text = String(decoding: digits[(start + 2 * byte)..<(start + 2 * byte + 2)], as: UTF8.self)
        return UInt32(text, radix: 16) ?? 0
      }
      return Float(bitPattern: bytes[0] | bytes[1] << 8 | bytes[2] << 16 | bytes[3] << 24)
    }
  }

  private static func quantizer(_ words: [String]) -> QKerasQuantizer? {
    var fields: [String: String] = [:]
    for word in words.dropFirst(2) {
      let pair = word.split(separator: "=").map(String.init)
      fields[pair[0]] = pair[1]
    }
    func number(_ key: String) -> Double? { fields[key].flatMap { Double($0) } }
    func int(_ key: String) -> Int { Int(number(key) ?? 0) }
    func flag(_ key: String) -> Bool { int(key) != 0 }
    let scale: QKerasQuantizer.Scale
    switch fields["alpha"] {
    case nil, "1", "none": scale = fields["alpha"] == "1" ? .constant([1]) : .one
    case "auto": scale = .auto
    case "auto_po2": scale = .autoPowerOfTwo
    case .some(let text): scale = .constant(text.split(separator: ",").compactMap { Double($0) })
    }
    let kind: QKerasQuantizer.Kind
    switch words[1] {
    case "bits":
      kind = .bits(
        bits: int("bits"), integer: int("integer"), symmetric: flag("symmetric"), keepNegative: flag("keep"))
    case "relu":
      kind = .relu(
        bits: int("bits"), integer: int("integer"), useSigmoid: flag("sigmoid"),
        negativeSlope: number("slope") ?? 0, upperBound: number("bound"), isQuantizedClip: flag("clip"))
    case "tanh": kind = .tanh(bits: int("bits"), symmetric: flag("symmetric"), useRealTanh: flag("real"))
    case "sigmoid":
      kind = .sigmoid(bits: int("bits"), symmetric: flag("symmetric"), useRealSigmoid: flag("real"))
    case "binary": kind = .binary(useZeroOne: flag("use_01"))
    case "stochastic_binary": kind = .binary(useZeroOne: false)
    case "ternary", "stochastic_ternary":
      kind = .ternary(threshold: number("threshold"), iterations: Int(number("unrolls") ?? 5))
    case "binary_tanh": kind = .binaryTanh
    case "po2":
      kind = .powerOfTwo(
        bits: int("bits"), maximum: number("max"), quadraticApproximation: flag("quadratic"))
    case "relu_po2":
      kind = .reluPowerOfTwo(
        bits: int("bits"), maximum: number("max"), negativeSlope: number("slope") ?? 0,
        quadraticApproximation: flag("quadratic"))
    case "hswish":
      kind = .hardSwish(
        bits: int("bits"), integer: int("integer"), symmetric: flag("symmetric"),
        relu6Shift: number("shift") ?? 3, reluUpperBound: number("bound") ?? 6)
    default: return nil
    }
    return QKerasQuantizer(kind: kind, scale: scale, className: .quantizedBits)
  }
}
