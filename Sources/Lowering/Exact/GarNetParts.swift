import Model

/// A GarNet as layers that exist: what the exact policy and double precision compute of it.
struct GarNetParts {
  /// What a part reads.
  enum Source: Hashable {
    /// The vertices [V, F].
    case vertices
    /// Their number, [1].
    case count
    /// The result of an earlier part.
    case part(Int)
  }

  /// One layer.
  struct Part {
    var name: String
    var kind: LayerKind
    var inputs: [Source]
    var shape: [Int]
  }

  /// In order; the last one is the GarNet's result.
  private(set) var parts: [Part] = []

  private let places: Int
  private var prefix = ""

  /// - Parameters:
  ///   - shape: of the vertices.
  ///   - net: the layer.
  init(_ net: GarNet, shape: [Int]) {
    places = shape[0]
    // Which vertices exist, and one over their number, by that number: tables with a row for every count.
    let counts = 0...places
    let exists = add(
      "exists",
      .embedding(
        Embedding(
          rows: Weights(
            shape: [places + 1, places],
            values: counts.flatMap { count in (0..<places).map { $0 < count ? 1.0 : 0 } }))), [.count],
      [1, places])
    let mask = add("mask", .reshape, [exists], [places, 1])
    var share: Source?
    if net.meansByCount {
      // Means over all places, times the places over the number of vertices.
      let ratios = counts.map { $0 == 0 ? 0 : Double(places) / Double($0) }
      share = add(
        "share", .embedding(Embedding(rows: Weights(shape: [places + 1, 1], values: ratios))), [.count],
        [1, 1])
    }
    var data = Source.vertices
    for (index, pass) in net.passes.enumerated() {
      prefix = net.passes.count == 1 ? "" : "pass\(index + 1)_"
      let weights = edgeWeights(pass, data, mask)
      let base = base(pass, data, weights, share)
      let isLast = index == net.passes.count - 1
      if isLast, net.collapse == .mean || net.collapse == .sum {
        collapse(
          pass, weights, base, mask, share: net.collapse == .sum ? nil : share, isSum: net.collapse == .sum)
        return
      }
      let outputs = pass.outputs.kernel.shape[1]
      var value = add("gathered", .matrixProduct, [weights, base], [places, outputs])
      if let bias = pass.outputs.bias {
        let constant = add(
          "bias", .constant(Constant(Weights(shape: [1, outputs], values: bias.values))), [], [1, outputs])
        value = add("biased", .merge(.add), [value, constant], [places, outputs])
      }
      data = add("output", .merge(.multiply), [value, mask], [places, outputs])
      if isLast, net.collapse == .max {
        _ = add(
          "largest", .globalPooling(.maximum, keepDimensions: false, averageQuantizer: nil), [data], [outputs]
        )
      }
    }
  }

  private mutating func add(_ name: String, _ kind: LayerKind, _ inputs: [Source], _ shape: [Int]) -> Source {
    parts.append(Part(name: prefix + name, kind: kind, inputs: inputs, shape: shape))
    return .part(parts.count - 1)
  }

  /// x · factor.
  private mutating func scaled(_ x: Source, _ factor: Double, _ name: String, _ shape: [Int]) -> Source {
    if factor == 1 { return x }
    let channels = shape[shape.count - 1]
    func filled(_ value: Double) -> Weights {
      Weights(shape: [channels], values: Array(repeating: value, count: channels))
    }
    return add(
      name,
      .batchNormalization(
        BatchNormalization(
          gamma: filled(factor), beta: nil, mean: filled(0), variance: filled(1), epsilon: 0,
          axis: shape.count - 1)), [x], shape)
  }

  /// exp(−(x·S + b)²), 0 for vertices that do not exist: [V, aggregators].
  private mutating func edgeWeights(_ pass: GarNet.Pass, _ data: Source, _ mask: Source) -> Source {
    let shape = [places, pass.distances.kernel.shape[1]]
    let distance = add("distance", .dense(pass.distances), [data], shape)
    let square = add("square", .merge(.multiply), [distance, distance], shape)
    let power = add(
      "weight", .activation(.exponential), [scaled(square, -1, "exponent", shape)], shape)
    return add("edges", .merge(.multiply), [power, mask], shape)
  }

  /// What every aggregator gives to every output, [outputs, aggregators]: the means of the propagated features through Fout.
  private mutating func base(_ pass: GarNet.Pass, _ data: Source, _ weights: Source, _ share: Source?)
    -> Source
  {
    let (propagated, aggregators) = (pass.features.kernel.shape[1], pass.distances.kernel.shape[1])
    let outputs = pass.outputs.kernel.shape[1]
    let features = add("features", .dense(pass.features), [data], [places, propagated])
    let rows = add("features_rows", .permute(order: [1, 0]), [features], [propagated, places])
    let edges = add("edges_rows", .permute(order: [1, 0]), [weights], [aggregators, places])
    let sums = add("sums", .matrixProduct, [edges, rows], [aggregators, propagated])
    var means = scaled(sums, 1 / Double(places), "means", [aggregators, propagated])
    if let share { means = add("shared", .merge(.multiply), [means, share], [aggregators, propagated]) }
    // A group of channels for every aggregator.
    let flat = add("flat", .reshape, [means], [1, aggregators * propagated])
    let kernel = (0..<propagated).flatMap { p in
      (0..<aggregators).flatMap { s in
        (0..<outputs).map { pass.outputs.kernel.values[(s * propagated + p) * outputs + $0] }
      }
    }
    let given = add(
      "given",
      .convolution(
        Convolution(
          kind: .standard(groups: aggregators),
          kernel: Weights(shape: [1, propagated, aggregators * outputs], values: kernel), bias: nil,
          strides: [1],
          dilation: [1], padding: .valid, activation: .linear, kernelQuantizer: pass.outputs.kernelQuantizer)),
      [flat], [1, aggregators * outputs])
    let matrix = add("given_matrix", .reshape, [given], [aggregators, outputs])
    return add("given_rows", .permute(order: [1, 0]), [matrix], [outputs, aggregators])
  }

  /// The mean or the sum over the vertices: the sum of the weights through what the aggregators give, and the bias of every
  /// vertex that exists.
  private mutating func collapse(
    _ pass: GarNet.Pass, _ weights: Source, _ base: Source, _ mask: Source, share: Source?, isSum: Bool
  ) {
    let (outputs, aggregators) = (pass.outputs.kernel.shape[1], pass.distances.kernel.shape[1])
    let pool = LayerKind.globalPooling(.average, keepDimensions: false, averageQuantizer: nil)
    func whole(_ x: Source, _ name: String, _ shape: [Int], _ parts: inout GarNetParts) -> Source {
      var x = x
      if let share { x = parts.add("\(name)_share", .merge(.multiply), [x, share], shape) }
      return isSum ? parts.scaled(x, Double(parts.places), "\(name)_sum", shape) : x
    }
    let mean = add(
      "weights_row", .reshape, [add("weights_mean", pool, [weights], [aggregators])], [1, aggregators])
    let row = whole(mean, "weights", [1, aggregators], &self)
    var value = add("collapsed", .matrixProduct, [row, base], [1, outputs])
    if let bias = pass.outputs.bias {
      let existing = add("existing_row", .reshape, [add("existing", pool, [mask], [1])], [1, 1])
      let factor = whole(existing, "existing", [1, 1], &self)
      let constant = add(
        "bias", .constant(Constant(Weights(shape: [1, outputs], values: bias.values))), [], [1, outputs])
      let offset = add("offset", .merge(.multiply), [constant, factor], [1, outputs])
      value = add("biased", .merge(.add), [value, offset], [1, outputs])
    }
    _ = add("output", .reshape, [value], [outputs])
  }
}
