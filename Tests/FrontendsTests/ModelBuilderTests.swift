import Diagnostics
import Foundation
import Model
import Testing

@testable import Frontends

/// What every frontend builds its model with.
@Suite struct ModelBuilderTests {
  private let origin = Origin(file: "m", path: "graph")

  @Test func namesAreMadeUnique() throws {
    let builder = ModelBuilder()
    let x = builder.input("x", shape: [4], origin: origin)
    var y = x
    for path in [["block"], ["block"], ["block"], []] {
      y = builder.add(.reshape, "x", within: path, reading: [y], shape: [4], origin: origin)
    }
    let model = try builder.model("m", inputs: [x], outputs: [y])
    #expect(model.layers.map(\.name) == ["x", "block_x", "block_x_1", "block_x_2", "x_1"])
  }

  /// A tensor is permuted once to channels last and once back; an output is as its source has it.
  @Test func channelsFirstIsMovedAndBack() throws {
    let builder = ModelBuilder()
    let x = builder.input("x", shape: [3, 8, 8], origin: origin)
    let moved = builder.moved(x)
    #expect(moved.storedShape == [8, 8, 3])
    #expect(builder.moved(x).value == moved.value)
    #expect(builder.plain(moved).value == x.value)
    let y = builder.add(
      .cropping([Span(before: 1, after: 1), Span(before: 0, after: 0)]), "crop", reading: [moved],
      shape: [6, 8, 3], isMoved: true, origin: origin)
    #expect(y.shape == [3, 6, 8])
    #expect(y.storedAxis(0) == 2)
    let model = try builder.model("m", inputs: [x], outputs: [y])
    #expect(model.layers.map(\.name) == ["x", "x_channels_last", "crop", "crop_channels_first"])
    #expect(model.outputs.map(model.shape) == [[3, 6, 8]])
  }

  /// Layers without an effect go, unused inputs stay, and results keep their numbers.
  @Test func whatNoOutputNeedsIsDropped() throws {
    let builder = ModelBuilder()
    let x = builder.input("x", shape: [6], origin: origin)
    let unused = builder.input("unused", shape: [2], origin: origin)
    _ = builder.add(.reshape, "dead", reading: [x], shape: [6], origin: origin)
    let parts = builder.add(
      .split(axis: 0, lengths: [2, 4]), "split", reading: [x], shapes: [[2], [4]], origin: origin)
    let model = try builder.model("m", inputs: [x, unused], outputs: [parts[1]])
    #expect(model.layers.map(\.name) == ["x", "unused", "split"])
    #expect(model.outputs == [LayerResult(2, 1)])
    let single = model.withSingleResults()
    #expect(single.layers.map(\.name) == ["x", "unused", "split_1", "split_2"])
    #expect(single.outputs == [3])
    guard case .gather(let indices) = single.layers[3].kind else {
      Issue.record("a part picks its elements")
      return
    }
    #expect(indices == [[2, 3, 4, 5]])
  }

  @Test func problemsStopTheModel() {
    let builder = ModelBuilder()
    let x = builder.input("x", shape: [6], origin: origin)
    builder.problems.add(Diagnostic(file: "b", "one"))
    builder.problems.add(Diagnostic(file: "a", "two"))
    // Behind a problem the shape may be known: such a tensor is as good as any until the end.
    let y = builder.moved(.unknown(storedShape: [2, 3]))
    _ = builder.add(.concatenate(axis: 0), "c", reading: [x, y], shape: [8], origin: origin)
    #expect(
      complaint { _ = try builder.model("m", inputs: [x], outputs: [x]) } == "65 a: error: two\nb: error: one"
    )
  }
}

/// Places where a word of the file decides numbers: a word that is not known is refused.
@Suite struct SilentWordTests {
  private static func complaint(dtype: String = "float32", version: String = "2.15.0") -> String {
    Tests.complaint(
      """
      {"class_name": "Sequential", "keras_version": "\(version)", "config": {"name": "m", "layers": [{"class_name":
      "InputLayer", "config": {"name": "x", "batch_input_shape": [null, 4], "dtype": "\(dtype)"}}, {"class_name":
      "Activation", "config": {"name": "a", "activation": "hard_sigmoid"}}]}}
      """)
  }

  private enum Tests {
    static func complaint(_ text: String) -> String {
      FrontendsTests.complaint {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("word-\(UUID()).json")
        try Data(text.utf8).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        _ = try loadModel(path: path.path, weights: fixture("broken/good.h5"))
      }
    }
  }

  /// hard_sigmoid is another function in Keras 3 than before; what it is in Keras 4 nobody knows.
  @Test func versionsOfKeras() {
    for version in ["1.2.2", "2.15.0", "3.9.1", "3.0.0.dev"] {
      #expect(Self.complaint(version: version) == "no failure")
    }
    for version in ["30.1", "4.0.0", "unknown"] {
      let text = Self.complaint(version: version)
      #expect(
        text.hasPrefix("65 word-")
          && text.hasSuffix(
            "error: the model was written by Keras \(version); Keras 1 to 3 are read"),
        "\(text)")
    }
  }

  /// Any type with "float" in its name was taken for numbers: a quantized policy is not.
  @Test func typesOfInputs() {
    for type in ["float32", "bfloat16", "mixed_float16", "bool", "uint8", "int64"] {
      #expect(Self.complaint(dtype: type) == "no failure")
    }
    for type in ["int8_from_float32", "float33", "int7", "complex64"] {
      let text = Self.complaint(dtype: type)
      #expect(
        text.hasPrefix("65 word-")
          && text.hasSuffix(
            "error: inputs of type \"\(type)\" are not supported"),
        "\(text)")
    }
  }
}
