import Configuration
import Lowering
import Model
import Program

/// Networks made by hand, layer by layer: images [size, size, channels] and what may be done to them.
struct SmallNetwork {
  private(set) var layers: [Layer] = []

  init(_ shape: [Int]) { add(.input(integerType: nil), "InputLayer", shape, inputs: []) }

  var model: Model {
    Model(name: "small", layers: layers, inputs: [0], outputs: [LayerResult(layers.count - 1)])
  }
  var shape: [Int] { layers[layers.count - 1].outputShape }
  private var rank: Int { shape.count - 1 }

  mutating func add(_ kind: LayerKind, _ className: String, _ shape: [Int], inputs: [Int]? = nil) {
    let number = layers.count
    layers.append(
      Layer(
        name: "layer\(number)", kind: kind, source: SourceNames(className, activationName: "linear"),
        inputs: (inputs ?? [number - 1]).map { LayerResult($0) }, outputShape: shape,
        origin: Origin(file: "small.json", path: "layers[\(number)]")))
  }

  private func weights(_ shape: [Int]) -> Weights {
    Weights(shape: shape, values: (0..<shape.reduce(1, *)).map { Double($0 * 7 % 11 - 5) / 16 })
  }

  private func convolution(_ kind: Convolution.Kind, _ kernel: [Int], strides: Int = 1) -> Convolution {
    let channels: Int
    switch kind {
    case .standard: channels = kernel[kernel.count - 1]
    case .depthwise: channels = kernel[kernel.count - 2]
    case .transposed: channels = kernel[kernel.count - 2]
    }
    return Convolution(
      kind: kind, kernel: weights(kernel), bias: weights([channels]),
      strides: Array(repeating: strides, count: kernel.count - 2),
      dilation: kernel.dropLast(2).map { _ in 1 },
      padding: .same, activation: .linear)
  }

  /// Everything that may stand behind a tensor of positions × channels, by name.
  static let kinds = [
    "conv", "depthwise", "separable", "transposed", "dense", "relu", "normalization", "softmax", "maximum",
    "average", "padding", "cropping", "upsampling", "add", "channels", "rows", "global", "flatten", "permute",
  ]

  /// Adds a layer of a kind; a convolution gives so many channels.
  mutating func add(_ kind: String, channels filters: Int = 2) {
    let (shape, channels, dimensions) = (shape, shape[rank], "\(rank)D")
    let spatial = Array(shape.dropLast())
    let kernel = spatial.map { _ in 3 }
    switch kind {
    case "conv":
      add(
        .convolution(convolution(.standard(groups: 1), kernel + [channels, filters])), "Conv\(dimensions)",
        spatial + [filters])
    case "depthwise":
      add(.convolution(convolution(.depthwise, kernel + [channels, 1])), "DepthwiseConv\(dimensions)", shape)
    case "separable":
      var depthwise = convolution(.depthwise, kernel + [channels, 1])
      depthwise.bias = nil
      add(
        .separableConvolution(
          depthwise: depthwise,
          pointwise: convolution(.standard(groups: 1), spatial.map { _ in 1 } + [channels, 2])),
        "SeparableConv\(dimensions)", spatial + [2])
    case "transposed":
      add(
        .convolution(convolution(.transposed, kernel + [2, channels], strides: 2)),
        "Conv\(dimensions)Transpose", spatial.map { $0 * 2 } + [2])
    case "dense":
      add(
        .dense(Dense(kernel: weights([channels, 2]), bias: weights([2]), activation: .linear)), "Dense",
        spatial + [2])
    case "relu": add(.activation(.relu(maximum: nil, negativeSlope: 0, threshold: 0)), "ReLU", shape)
    case "normalization":
      let ones = Weights(shape: [channels], values: Array(repeating: 1, count: channels))
      add(
        .batchNormalization(
          BatchNormalization(
            gamma: ones, beta: weights([channels]), mean: weights([channels]), variance: ones, epsilon: 0.5,
            axis: rank)), "BatchNormalization", shape)
    case "softmax": add(.activation(.softmax(axis: rank)), "Softmax", shape)
    case "maximum", "average":
      let two = spatial.map { _ in 2 }
      add(
        .pooling(
          Pooling(kind: kind == "maximum" ? .maximum : .average, size: two, strides: two, padding: .valid)),
        "\(kind == "maximum" ? "Max" : "Average")Pooling\(dimensions)", spatial.map { $0 / 2 } + [channels])
    case "padding":
      add(
        .zeroPadding(spatial.map { _ in Span(before: 1, after: 2) }), "ZeroPadding\(dimensions)",
        spatial.map { $0 + 3 } + [channels])
    case "cropping":
      add(
        .cropping(spatial.map { _ in Span(before: 1, after: 1) }), "Cropping\(dimensions)",
        spatial.map { $0 - 2 } + [channels])
    case "upsampling":
      add(
        .upsampling(factors: spatial.map { _ in 2 }), "UpSampling\(dimensions)",
        spatial.map { $0 * 2 } + [channels])
    case "add", "channels", "rows":
      let last = layers.count - 1
      add("normalization")
      let joined = [last, layers.count - 1]
      if kind == "add" {
        add(.merge(.add), "Add", shape, inputs: joined)
      } else {
        let axis = kind == "rows" ? 0 : rank
        var whole = shape
        whole[axis] *= 2
        add(.concatenate(axis: axis), "Concatenate", whole, inputs: joined)
      }
    case "global":
      add(
        .globalPooling(.average, keepDimensions: false, averageQuantizer: nil),
        "GlobalAveragePooling\(dimensions)", [channels])
    case "flatten":
      // An activation between Flatten and Dense, too.
      let count = shape.reduce(1, *)
      add(.reshape, "Flatten", [count])
      add(.activation(.relu(maximum: nil, negativeSlope: 0, threshold: 0)), "ReLU", [count])
      add(.dense(Dense(kernel: weights([count, 3]), bias: weights([3]), activation: .linear)), "Dense", [3])
    default:
      add(
        .permute(order: Array(0..<rank).reversed() + [rank]), "Permute",
        spatial.reversed() + [channels])
    }
  }

  /// The program under a policy; nil where the policy refuses the model.
  func program(hls4ml: Bool, stream: Bool) throws -> Program {
    if !hls4ml { return try lowerExactly(model).program }
    var configuration = Configuration()
    configuration.ioType = stream ? .stream : .parallel
    return try lowerAsHLS4ML(model, configuration).program
  }
}
