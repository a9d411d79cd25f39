import DataFiles
import Diagnostics
import Emulator
import FixedPoint
import Foundation
import Frontends
import Lowering
import Testing

/// The exact policy against what Keras and QKeras answer: Fixtures/exact, made by Fixtures/make_exact.py.
@Suite struct ExactFrameworkTests {
  /// Every number of every output, on every event.
  @Test(arguments: [
    "q_dense", "q_no_input_quantizer", "q_signs", "q_curves", "q_norm", "q_conv", "q_conv1d", "q_folded",
    "q_folded_depthwise",
    "q_average", "q_merge", "q_recurrent", "q_masked", "q_distributed", "q_interaction",
  ])
  func quantizedModelsEqualQKeras(_ name: String) throws {
    let example = try Example(fixture: name)
    let got = try example.run(try lowerExactly(example.model).program)
    try #require(got.count == example.outputs.count)
    for (output, expected) in example.outputs.enumerated() {
      let wrong = zip(got[output], expected).count { $0 != $1 }
      #expect(wrong == 0, "output \(output): \(wrong) of \(expected.count) numbers differ")
    }
  }

  /// Keras 2 stores a projection's matrix with the weights: of other settings it is another one.
  @Test func aProjectionIsTheOneThatIsStored() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/exact").path
    let text = try String(contentsOfFile: "\(folder)/q_interaction.json", encoding: .utf8)
    let path = NSTemporaryDirectory() + "\(UUID().uuidString).json"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try text.replacing("\"receiving\": false", with: "\"receiving\": true")
      .write(toFile: path, atomically: true, encoding: .utf8)
    let failure = #expect(throws: Failure.self) {
      try loadModel(path: path, weights: "\(folder)/q_interaction_weights.h5")
    }
    #expect(
      failure?.diagnostics.map(\.message)
        == ["the matrix that is stored for \"senders\" is not that of its settings"])
  }

  /// A least-squares scale is no dyadic number with few bits: QKeras's own sums are rounded here, ours are not.
  @Test func automaticScalesAgreeUpToFloat32() throws {
    let example = try Example(fixture: "q_auto")
    let got = try example.run(try lowerExactly(example.model).program)
    #expect(Agreement(got[0], example.outputs[0], events: example.events).largestError < 1e-6)
  }

  /// Behind an automatic scale float32 makes of a sum of 0 whatever the rounding of its products leaves, and signs follow that. Every sign
  /// that differs is that of a sum which is 0; all others are QKeras's.
  @Test func automaticScalesDifferAtTiesAlone() throws {
    let example = try Example(fixture: "q_auto_ties")
    let got = try example.run(try lowerExactly(example.model).program)
    let (sums, signs, float) = (got[0], got[1], example.outputs[1])
    let wrong = signs.indices.filter { signs[$0] != float[$0] }
    #expect(!wrong.isEmpty && wrong.allSatisfy { sums[$0] == 0 })
    #expect(
      sums.indices.filter { sums[$0] == 0 }.allSatisfy {
        signs[$0] == 1 && abs(example.outputs[0][$0]) < 1e-6
      })
  }

  /// 16 bits: within a few steps of the widest layer. 24 bits: the structure is right, to float32's accuracy.
  @Test(arguments: [
    ("f_rectifiers", 1e-3), ("f_softmax_axis", 2e-5), ("f_norms", 1.5e-3), ("f_conv1d", 1e-3),
    ("f_conv2d", 1e-3), ("f_pool", 2e-4), ("f_shapes", 0), ("f_merge", 2e-3),
    ("f_recurrent", 8e-3), ("f_bidirectional", 1e-3), ("f_mask", 8e-3), ("f_local", 3e-3),
    ("f_masked", 8e-3), ("f_distributed", 8e-3),
  ])
  func floatModelsAgreeWithKeras(_ name: String, bound: Double) throws {
    let example = try Example(fixture: name)
    for (wordLength, bound) in [(16, bound), (24, bound / 16)] {
      let options = ExactOptions(wordLength: wordLength, calibration: example.inputs)
      let got = try example.run(try lowerExactly(example.model, options).program)
      try #require(got.count == example.outputs.count)
      for (output, expected) in example.outputs.enumerated() {
        let agreement = Agreement(got[output], expected, events: example.events)
        #expect(
          agreement.largestError <= bound, "\(wordLength) bits, output \(output): \(agreement.largestError)")
      }
    }
  }

  /// Recurrent layers as Keras 3 saves them, in either kind of file: Fixtures/exact/k3_recurrent, made by make_keras3.py.
  @Test(arguments: ["keras", "h5"])
  func keras3RecurrentLayersAgree(_ ending: String) throws {
    let base = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/exact/k3_recurrent").path
    let example = try Example(
      name: "k3_recurrent", model: loadModel(path: "\(base).\(ending)").model, vectors: base + ".npz")
    let options = ExactOptions(calibration: example.inputs)
    let got = try example.run(try lowerExactly(example.model, options).program)
    try #require(got.count == 7 && example.outputs.count == 7)
    for (output, expected) in example.outputs.enumerated() {
      let agreement = Agreement(got[output], expected, events: example.events)
      #expect(agreement.largestError <= 1e-3, "output \(output): \(agreement.largestError)")
    }
  }

  /// Comparisons, signs and choices of keras.ops are exact on words, equal numbers among them; behind them a masked mean and layers that
  /// prepare inputs, to float32's accuracy.
  @Test func keras3MasksAgree() throws {
    let base = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/exact/k3_masks").path
    let example = try Example(
      name: "k3_masks", model: loadModel(path: base + ".keras").model, vectors: base + ".npz")
    let float = try frameworkOutputs(example.model, example.inputs)
    let options = ExactOptions(calibration: example.inputs, inputFormats: [FixedFormat(6, 4)])
    let got = try example.run(try lowerExactly(example.model, options).program)
    try #require(got.count == 22 && example.outputs.count == 22)
    for (output, expected) in example.outputs.enumerated() {
      let tolerance = output < 18 ? 0 : 1e-3
      #expect(Agreement(got[output], expected, events: example.events).largestError <= tolerance, "\(output)")
      #expect(Agreement(float[output], expected, events: example.events).largestError < 1e-6, "\(output)")
    }
  }

  /// The curves, relative to the largest result (the exponential reaches a thousand).
  @Test func curvesAgreeWithKeras() throws {
    let example = try Example(fixture: "f_curves")
    let options = ExactOptions(calibration: example.inputs)
    let got = try example.run(try lowerExactly(example.model, options).program)
    for (output, expected) in example.outputs.enumerated() {
      let error = Agreement(got[output], expected, events: example.events).largestError
      #expect(error <= 5e-4 * (expected.map { abs($0) }.max() ?? 0), "output \(output): \(error)")
    }
  }

  /// The double-precision model that ranges and agreement come from is the framework's.
  @Test(arguments: [
    "q_dense", "q_signs", "q_curves", "q_norm", "q_conv", "q_conv1d", "q_folded", "q_folded_depthwise",
    "q_average", "q_merge",
    "q_auto", "f_rectifiers", "f_curves", "f_softmax_axis", "f_norms", "f_conv1d", "f_conv2d", "f_pool",
    "f_shapes", "f_merge", "q_recurrent", "q_masked", "f_recurrent", "f_bidirectional", "f_local", "f_masked",
    "q_distributed", "f_distributed",
  ])
  func frameworkOutputsEqualTheFramework(_ name: String) throws {
    let example = try Example(fixture: name)
    let got = try frameworkOutputs(example.model, example.inputs)
    try #require(got.count == example.outputs.count)
    for (output, expected) in example.outputs.enumerated() {
      let error = Agreement(got[output], expected, events: example.events).largestError
      #expect(error <= 2e-6 * max(1, expected.map { abs($0) }.max() ?? 0), "output \(output): \(error)")
    }
  }
}

/// The exact policy on the golden vectors beside the package.
@Suite(.enabled(if: Example.goldenFolder != nil, "no ../shared/golden (or $TRIGGERFISH_SHARED/golden) here"))
struct ExactGoldenTests {
  /// Models with several outputs per event, all without quantizers. (Their `__stream` and numeric variants are
  /// the same models.)
  static let cases = [
    "KERAS_3layer", "KERAS_3layer_70pruned_retrained", "KERAS_3layer_batch_norm",
    "KERAS_3layer_binarydense_relu_max", "KERAS_dense_16x200x200x200x200x200x5", "act_elu_flat16_6",
    "act_elu_layer_alpha_flat16_6", "act_hard_sigmoid_auto", "act_linear_flat16_6", "act_prelu_flat16_6",
    "act_relu6_flat16_6", "act_selu_auto", "act_sigmoid_auto", "act_softmax_flat16_6", "act_softplus_auto",
    "act_softsign_flat16_6", "act_tanh_flat16_6", "s_add", "s_average", "s_bn_after_relu",
    "s_bn_fused_dense", "s_bn_standalone_auto", "s_concat2d_ax2", "s_dense_sigmoid_reuse2_stream__stream",
    "s_flatten_dense", "s_maximum", "s_minimum", "s_multi_in_out", "s_residual_clone", "s_subtract",
    "s_timedistributed_dense", "KERAS_conv1d_small", "KERAS_conv2d_model", "s_avgpool2d_k3",
    "s_avgpool2d_same_k3s2", "s_bn_2d_standalone", "s_bn_conv2d_fused", "s_conv1d_same_s2", "s_conv1d_valid",
    "s_conv2d_1x1", "s_conv2d_same", "s_conv2d_same_s2", "s_conv2d_valid", "s_conv2d_valid_s2x1_k2x3",
    "s_cropping2d", "s_globalavg1d", "s_globalavg2d", "s_maxpool1d", "s_separable1d", "s_upsampling1d",
    "s_zeropad1d", "s_zeropad2d", "s_lstm", "s_lstm_seq", "s_gru",
  ]

  /// 16-bit words agree with Keras's choice on 99.5% of the events, with and without sample events.
  @Test(arguments: cases, [true, false])
  func floatModelsAgree(_ name: String, calibrated: Bool) throws {
    let example = try Example(golden: name)
    let options = ExactOptions(calibration: calibrated ? example.inputs : nil)
    let got = try example.run(try lowerExactly(example.model, options).program)
    for (output, expected) in example.outputs.enumerated() {
      let agreement = Agreement(got[output], expected, events: example.events)
      #expect(agreement.argmax >= 0.995, "output \(output): \(agreement)")
    }
  }

  /// Single outputs have no largest one.
  @Test(arguments: [("KERAS_1layer", 2e-3), ("s_dot", 4e-3)])
  func singleOutputsAreClose(_ name: String, bound: Double) throws {
    let example = try Example(golden: name)
    for calibration in [nil, example.inputs] {
      let got = try example.run(
        try lowerExactly(example.model, ExactOptions(calibration: calibration)).program)
      let agreement = Agreement(got[0], example.outputs[0], events: example.events)
      #expect(agreement.largestError < bound)
    }
  }

  /// The last layer before the softmax exactly as QKeras has it (Fixtures/make_logits.py).
  @Test(arguments: [("qkeras_3layer", 1024.0), ("qkeras_mnist_dense", nil as Double?)])
  func logitsEqualQKeras(_ name: String, grid: Double?) throws {
    let example = try Example(golden: name)
    var model = example.model
    let softmax = try #require(model.outputs.first)
    model.outputs = model.layers[softmax.layer].inputs
    let inputs = example.inputs.map {
      $0.map { value in grid.map { (value * $0).rounded(.toNearestOrEven) / $0 } ?? value }
    }
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/logits/\(name).npz").path
    let expected = try EventReader("\(file):logits").readAll().reals
    let got = try Emulator(try lowerExactly(model).program).values(inputs.map { .float64($0) })
    #expect(got[0].count == expected.count)
    #expect(zip(got[0], expected).count { $0 != $1 } == 0)
  }

  /// After the softmax within two steps of its 16 bits; QKeras's own float32 sums cross a rounding threshold on
  /// one of a thousand events.
  @Test(arguments: ["qkeras_3layer", "qkeras_mnist_dense"])
  func quantizedModelsAgree(_ name: String) throws {
    let example = try Example(golden: name)
    let got = try example.run(try lowerExactly(example.model).program)
    let agreement = Agreement(got[0], example.outputs[0], events: example.events)
    #expect(agreement.argmax == 1)
    let far = zip(got[0], example.outputs[0]).count { abs($0 - $1) > 2 * 0x1p-16 }
    #expect(far <= got[0].count / 500, "\(far) numbers further off than two steps")
  }

  /// HGQ's proxy models, whose float32 sums are exact: every number is the model's own.
  @Test(arguments: ["hgq_jet_classifier", "hgq_mnist_heterogeneous"])
  func formatsPerElementEqualHGQ(_ name: String) throws {
    let example = try Example(golden: name)
    let got = try example.run(try lowerExactly(example.model).program)
    #expect(got[0].count == example.outputs[0].count)
    #expect(zip(got[0], example.outputs[0]).count { $0 != $1 } == 0)
  }

  /// No conversion wraps, whatever comes in.
  @Test(arguments: [
    "KERAS_3layer", "KERAS_3layer_batch_norm", "act_softplus_auto", "qkeras_3layer", "s_conv2d_same",
  ])
  func nothingWraps(_ name: String) throws {
    let example = try Example(golden: name)
    let program = try lowerExactly(example.model).program
    let emulator = try Emulator(program, options: EmulatorOptions(countsOverflows: true))
    for factor in [1.0, 7, 1000] {
      let inputs = example.inputs.map { $0.map { $0 * factor } }
      for count in try emulator.overflows(inputs.map { .float64($0) }) {
        let instruction = program[count.value]
        #expect(
          instruction.type.format.overflow == .sat, "\(instruction.name) overflows \(count.words) times")
      }
    }
  }

  @Test func shortestWordLength() throws {
    let example = try Example(golden: "KERAS_3layer")
    let options = ExactOptions(calibration: example.inputs)
    func reached(_ share: Double) throws -> Int? {
      try wordLength(
        reaching: share, of: example.model, options, in: 6...18, expected: example.outputs,
        events: example.events
      ) { program throws(Failure) in try Emulator(program).values(example.inputs.map { .float64($0) }) }
    }
    let (most, nearlyAll) = (try #require(try reached(0.9)), try #require(try reached(0.999)))
    #expect(most < nearlyAll && nearlyAll <= 16, "\(most) and \(nearlyAll) bits")
  }
}
