import Configuration
import Diagnostics
import FixedPoint
import Model
import Program
import Testing

@testable import Lowering

/// What the exact policy decides, seen in small models made by hand.
@Suite struct ExactPolicyTests {
  private static let origin = Origin(file: "net.json", path: "config.layers[1]")

  private static func layer(
    _ name: String, _ className: String, _ kind: LayerKind, _ inputs: [Int], _ shape: [Int],
    activation: String? = nil
  ) -> Layer {
    Layer(
      name: name, kind: kind, source: SourceNames(className, activationName: activation),
      inputs: inputs.map { LayerResult($0) }, outputShape: shape, origin: origin)
  }

  private static func input(_ shape: [Int], integer: IntegerType? = nil) -> Layer {
    layer("x", "InputLayer", .input(integerType: integer), [], shape)
  }

  private static func model(_ layers: [Layer]) -> Model {
    Model(
      name: "net", layers: layers, inputs: [0], outputs: [LayerResult(layers.count - 1)],
      isQuantized: layers.contains { layer in
        if case .activation(.quantizer) = layer.kind { true } else { layer.className == "QDense" }
      })
  }

  private static func bits(_ bits: Int, _ integer: Int, _ scale: QKerasQuantizer.Scale = .one) -> Quantizer {
    .qkeras(
      QKerasQuantizer(
        kind: .bits(bits: bits, integer: integer, symmetric: false, keepNegative: true), scale: scale,
        className: .quantizedBits))
  }

  private static func dense(_ activation: Activation, bias: Bool = true) -> Dense {
    Dense(
      kernel: Weights(shape: [2, 2], values: [0.5, -1.25, 0.3, 2]),
      bias: bias ? Weights(shape: [2], values: [0.125, -0.1]) : nil, activation: activation)
  }

  // MARK: Programs

  /// The whole program of a dense layer with relu: exact sums, one rounding.
  @Test func denseLayerReads() throws {
    let model = Self.model([
      Self.input([2]),
      Self.layer(
        "fc", "Dense", .dense(Self.dense(.relu(maximum: nil, negativeSlope: 0, threshold: 0))), [0], [2],
        activation: "relu"),
    ])
    let lowered = try lowerExactly(model, ExactOptions(wordLength: 8, inputFormats: [FixedFormat(8, 3)]))
    #expect(
      lowered.program.description == """
        format 1
        program "net"
        layer "x" "InputLayer" -> %0
        layer "fc" "Dense" -> %3
        layer "fc_relu" "Activation" -> %6
        %0 "x" @0 = input : [2] fixed<8,3,TRN,WRAP,0>
        %1 "fc.weight" @1 = constant [32, -80, 19, 127] : [2, 2] fixed<8,2,RND,SAT,0>
        %2 "fc.bias" @1 = constant [256, -205] : [2] fixed<10,-1,TRN,WRAP,0>
        %3 "fc.sum" @1 = affine accumulator=fixed<16,5,TRN,WRAP,0> %0 %1 %2 : [2] fixed<16,5,TRN,WRAP,0>
        %4 "fc_relu.minimum" @2 = constant [0] : [1] ufixed<1,1,TRN,WRAP,0>
        %5 "fc_relu" @2 = maximum %3 %4 : [2] fixed<16,5,TRN,WRAP,0>
        %6 "fc_relu.2" @2 = requantize ufixed<8,4,RND,SAT,0> %5 : [2] ufixed<8,4,RND,SAT,0>
        inputs %0
        outputs %6

        """)
  }

  /// A quantizer straight after the input is the input's format, and costs nothing.
  @Test func inputTakesItsQuantizersFormat() throws {
    let model = Self.model([
      Self.input([2]), Self.layer("q", "QActivation", .activation(.quantizer(Self.bits(6, 1))), [0], [2]),
    ])
    let program = try lowerExactly(model).program
    #expect(program[program.inputs[0]].type.format == FixedFormat(6, 2, .rndConv, .sat))
    #expect(program.instructions.count == 1)
    // Also past layers that only move words; not where someone reads the unquantized input too.
    var layers = [
      Self.input([1, 2]), Self.layer("flat", "Flatten", .reshape, [0], [2]),
      Self.layer("q", "QActivation", .activation(.quantizer(Self.bits(6, 1))), [1], [2]),
    ]
    let flat = try lowerExactly(Self.model(layers)).program
    #expect(flat[flat.inputs[0]].type.format == FixedFormat(6, 2, .rndConv, .sat))
    layers.append(Self.layer("d", "QDense", .dense(Self.dense(.linear)), [1], [2]))
    let shared = try lowerExactly(Self.model(layers)).program
    #expect(shared[shared.inputs[0]].type.format == FixedFormat(32, 8, .rnd, .sat))
  }

  @Test func inputFormats() throws {
    let float = Self.model([Self.input([2]), Self.layer("d", "Dense", .dense(Self.dense(.linear)), [0], [2])])
    let quantized = Self.model([
      Self.input([2]), Self.layer("d", "QDense", .dense(Self.dense(.linear)), [0], [2]),
    ])
    let integers = Self.model([
      Self.input([2], integer: IntegerType(width: 8, isSigned: false)), float.layers[1],
    ])
    func format(_ model: Model, _ options: ExactOptions = ExactOptions()) throws -> FixedFormat {
      let program = try lowerExactly(model, options).program
      return program[program.inputs[0]].type.format
    }
    #expect(try format(float) == FixedFormat(16, 5, .rnd, .sat))
    #expect(try format(float, ExactOptions(wordLength: 8)) == FixedFormat(8, 3, .rnd, .sat))
    #expect(try format(quantized) == FixedFormat(32, 8, .rnd, .sat))
    #expect(try format(integers) == .integer(8, signed: false))
    // Sample events: the range decides; numbers that few bits hold decide it all.
    #expect(
      try format(float, ExactOptions(calibration: [[0.1, 0.7]]))
        == FixedFormat(16, 0, signed: false, .rnd, .sat))
    #expect(try format(float, ExactOptions(calibration: [[0.1, -3.7]])) == FixedFormat(16, 3, .rnd, .sat))
    #expect(try format(quantized, ExactOptions(calibration: [[7, -0.25]])) == FixedFormat(6, 4, .rnd, .sat))
    // The caller's word is final.
    #expect(try format(quantized, ExactOptions(inputFormats: [FixedFormat(10, 2)])) == FixedFormat(10, 2))
  }

  /// A range that was only seen saturates and is reported; one that is proven is neither.
  @Test func estimatedRangesAreReported() throws {
    let model = Self.model([Self.input([2]), Self.layer("d", "Dense", .dense(Self.dense(.linear)), [0], [2])])
    let estimated = try lowerExactly(
      model, ExactOptions(calibration: [[0.01, 0.02]], inputFormats: [FixedFormat(16, 6)]))
    #expect(estimated.warnings.map(\.message).filter { $0.contains("saturates") }.count == 1)
    let proven = try lowerExactly(
      model, ExactOptions(calibration: [[31, -31, -31, 31]], inputFormats: [FixedFormat(16, 6)]))
    #expect(proven.warnings == [])
    for lowered in [estimated, proven] {
      let result = lowered.program[lowered.program.outputs[0]]
      #expect(result.type.format.width == 16 && result.type.format.overflow == .sat)
    }
  }

  /// A least-squares scale is applied to the sums; the weights stay as narrow as the quantizer made them.
  @Test func automaticScaleFollowsTheSum() throws {
    var dense = Self.dense(.linear)
    dense.kernelQuantizer = Self.bits(4, 0, .auto)
    let model = Self.model([Self.input([2]), Self.layer("d", "QDense", .dense(dense), [0], [2])])
    let lowered = try lowerExactly(model)
    let weight = try #require(lowered.layers[1].formats.first { $0.tensor == "weight" })
    #expect(weight.format == FixedFormat(4, 1))
    #expect(lowered.program.instructions.contains { $0.operation == .elementwise(.multiply) })
    // One power of two per channel: shifted weights, no multiplication.
    dense.kernelQuantizer = Self.bits(4, 0, .autoPowerOfTwo)
    let shifted = try lowerExactly(
      Self.model([Self.input([2]), Self.layer("d", "QDense", .dense(dense), [0], [2])]))
    #expect(!shifted.program.instructions.contains { $0.operation == .elementwise(.multiply) })
  }

  /// A layer of several results, and a constant: x [6] is cut in three, the middle part added to a constant.
  @Test func splitsAndConstants() throws {
    let x = Self.input([6])
    let split = Layer(
      name: "s", kind: .split(axis: 0, lengths: [1, 2, 3]), inputs: [0], outputShapes: [[1], [2], [3]],
      origin: Self.origin)
    let constant = Layer(
      name: "c", kind: .constant(Constant(Weights(shape: [2], values: [0.5, -3]))), inputs: [],
      outputShape: [2], origin: Self.origin)
    let add = Layer(
      name: "a", kind: .merge(.add), inputs: [LayerResult(1, 1), 2], outputShape: [2], origin: Self.origin)
    let model = Model(
      name: "net", layers: [x, split, constant, add], inputs: [0], outputs: [3, LayerResult(1, 2)])
    let lowered = try lowerExactly(model, ExactOptions(inputFormats: [.integer(8)]))
    let program = lowered.program
    let values = program.evaluate([[1, 2, 3, 4, 5, 6]])
    func numbers(_ output: Int) -> [Double] {
      let id = program.outputs[output]
      return values[id.index].map { program[id].type.format.value(of: $0) }
    }
    #expect(numbers(0) == [2.5, 0])
    #expect(numbers(1) == [4, 5, 6])
    #expect(try FloatModel(model).evaluate([[1, 2, 3, 4, 5, 6]]).suffix(1) == [[2.5, 0]])
    #expect(throws: Failure.self) { try lowerAsHLS4ML(model, Configuration()) }
  }

  // MARK: Passes

  @Test func activationsBecomeLayers() {
    let model = Self.model([
      Self.input([2]),
      Self.layer("a_relu", "Dense", .dense(Self.dense(.linear)), [0], [2], activation: "linear"),
      Self.layer("a", "Dense", .dense(Self.dense(.tanh)), [1], [2], activation: "relu"),
      Self.layer("b", "Dense", .dense(Self.dense(.sigmoid)), [2], [2], activation: nil),
    ])
    let split = model.splitActivations()
    #expect(split.layers.map(\.name) == ["x", "a_relu", "a", "a_relu_2", "b", "b_activation"])
    #expect(split.layers.map(\.inputs) == [[], [0], [1], [2], [3], [4]])
    #expect(split.outputs == [5])
    #expect(model.splitActivations().splitActivations().layers.map(\.name) == split.layers.map(\.name))
  }

  private static let normalization = BatchNormalization(
    gamma: Weights(shape: [2], values: [2, 1]), beta: Weights(shape: [2], values: [0, 1]),
    mean: Weights(shape: [2], values: [1, 0]), variance: Weights(shape: [2], values: [3, 0.25]), epsilon: 1,
    axis: 0)

  @Test func normalizationsAreFolded() throws {
    let layers = [
      Self.input([2]), Self.layer("d", "Dense", .dense(Self.dense(.linear)), [0], [2]),
      Self.layer("bn", "BatchNormalization", .batchNormalization(Self.normalization), [1], [2]),
    ]
    let folded = Self.model(layers).foldNormalizations()
    #expect(folded.model.layers.map(\.name) == ["x", "d"])
    #expect(folded.model.outputs == [1])
    guard case .dense(let dense) = folded.model.layers[1].kind else {
      Issue.record("not a dense layer")
      return
    }
    // scale 2/√4 = 1 and 1/√1.25; shift −1 and 1.
    let root = 1 / 1.25.squareRoot()
    #expect(dense.kernel.values == [0.5, -1.25 * root, 0.3, 2 * root])
    #expect(dense.bias?.values == [0.125 - 1, -0.1 * root + 1])
    #expect(
      folded.notes.map(\.description) == [
        "net.json:config.layers[1]: error: layer 'bn': folded into the weights of 'd'"
      ])
    // Read by someone else too, or an output: not folded.
    var shared = Self.model(layers + [Self.layer("r", "Reshape", .reshape, [1], [2])])
    #expect(shared.foldNormalizations().model.layers.count == 4)
    shared = Self.model(layers)
    shared.outputs = [1, 2]
    #expect(shared.foldNormalizations().model.layers.count == 3)
  }

  // MARK: Errors

  private func message(_ model: Model, _ options: ExactOptions = ExactOptions()) -> String {
    do {
      _ = try lowerExactly(model, options)
      return ""
    } catch { return "\(error.kind.rawValue) \(error)" }
  }

  @Test func badInput() {
    let dense = Self.layer("d", "Dense", .dense(Self.dense(.linear)), [0], [2])
    let model = Self.model([Self.input([2]), dense])
    let place = "65 net.json:config.layers[1]: error: layer"
    #expect(
      message(model, ExactOptions(wordLength: 3)) == "64 error: a word length of 3; 4...32 are supported")
    #expect(
      message(model, ExactOptions(calibration: [])) == "65 error: 0 arrays of events for the 1 inputs of net")
    #expect(
      message(model, ExactOptions(calibration: [[1, 2, 3]]))
        == "65 error: the events do not fill the inputs of net, [2] numbers each")
    #expect(
      message(model, ExactOptions(calibration: [[1, .nan]]))
        == "65 error: the events hold numbers that are not finite")
    #expect(
      message(model, ExactOptions(inputFormats: [FixedFormat(70, 7)]))
        == "\(place) 'x': an input of 70 bits; at most 64 are supported")
    let scaled = Self.model([
      Self.input([2]), dense,
      Self.layer("q", "QActivation", .activation(.quantizer(Self.bits(4, 0, .auto))), [1], [2]),
      Self.layer(
        "p", "QActivation", .activation(.quantizer(Self.bits(4, 0, .constant([1, 2, 3])))), [1], [2]),
    ])
    #expect(
      message(scaled) == """
        \(place) 'q': quantized_bits computes its alpha from the data
        hint: an activation's quantizer needs a constant alpha
        net.json:config.layers[1]: error: layer 'p': quantized_bits has 3 values of alpha for 2 channels
        """)
    var infinite = Self.dense(.linear)
    infinite.kernel.values[1] = .infinity
    #expect(
      message(Self.model([Self.input([2]), Self.layer("d", "Dense", .dense(infinite), [0], [2])]))
        == "\(place) 'd': weights beyond 10⁹ or not a number")
  }
}
